"""Nobody hands in a statement of an account that is not theirs, by whatever way it comes."""

import hashlib
from dataclasses import replace

import pytest
from bankfiles import Payment, Piece, generic
from offices import initialise
from sqlalchemy import select
from worlds.builder import School, build

from feewatch.config import Config, Limits, Office
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ForbiddenError, InvalidInputError
from feewatch.services.intake.recording import ingest_content
from feewatch.services.people.acting import find_person
from feewatch.services.registers.importing import import_content
from feewatch.services.ways_in.counter import hand_in, hand_in_paths
from feewatch.services.ways_in.submissions import submit
from feewatch.store.people import users
from feewatch.store.tables.ledger import source_file, statement

OWN, OTHER = School(1), School(2)
NEW = "6222999900001111"


@pytest.fixture
def app(tmp_path):
    office = initialise(Config(tmp_path / "home", Office(district="370702")))
    build(office, [School(1), School(2)], tmp_path / "world")
    with office.database.transaction() as tx:
        users.add(tx, "school", "institution", None, 1, "-")
        users.add(tx, "school-api", "api", None, 1, "-")
        users.add(tx, "bank", "api", "370702", None, "-")
        users.add(tx, "far", "officer", "320104", None, "-")
        users.add(tx, "look", "viewer", "370702", None, "-")
    yield office
    office.database.dispose()


def content(account, closing=200_000_00, day="2026-08-01"):
    piece = Piece(parse_day(day), parse_day(day) + 9, closing, ())
    return generic(piece).decode().replace("6222000011112222", account).encode()


def kept(app):
    """What is on file: hashes, statements by (account, institution, status), raw files."""
    with app.database.reading() as tx:
        columns = statement.c.account_no, statement.c.institution_id, statement.c.status
        rows = sorted(map(tuple, tx.execute(select(*columns))), key=str)
        return (
            set(tx.scalars(select(source_file.c.sha256))),
            rows,
            {path.name for path in app.files.rglob("*") if path.is_file()},
        )


def by_command(app, name, data, folder):
    path = folder / "handed" / "other.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    [outcome] = hand_in_paths(app, find_person(app, name), [path.parent])
    assert outcome.status == "rejected"
    return outcome.problems[0]["code"]


def by_site(app, name, data, _):
    with pytest.raises(ForbiddenError) as refusal:
        hand_in(app, find_person(app, name), "other.csv", data)
    return refusal.value.code


def by_api(app, name, data, _):
    with pytest.raises(ForbiddenError) as refusal:
        submit(app, find_person(app, name), "other.csv", data, "key-1")
    return refusal.value.code


@pytest.mark.parametrize("way", [by_command, by_site, by_api])
@pytest.mark.parametrize("name", ["school", "school-api", "far"])
def test_a_statement_of_anothers_account_is_refused_and_nothing_of_it_kept(
    app, tmp_path, way, name
):
    before = kept(app)
    data = content(OTHER.account_no)
    assert way(app, name, data, tmp_path) == "ACCOUNT-FOREIGN"
    assert kept(app) == before
    # nor are bytes that are on file told of
    ingest_content(app, data, "bank.csv", actor="bank", channel="api")
    on_file = kept(app)
    assert way(app, name, data, tmp_path) == "ACCOUNT-FOREIGN"
    assert kept(app) == on_file


def test_of_a_folder_each_file_has_its_own_fate(app, tmp_path):
    folder = tmp_path / "handed"
    folder.mkdir()
    for name, account in (("a", OWN), ("b", OTHER), ("c", OWN)):
        day = {"a": "2026-08-01", "b": "2026-08-01", "c": "2026-08-11"}[name]
        (folder / f"{name}.csv").write_bytes(content(account.account_no, day=day))
    # two accounts in one file: the file is refused
    both = content(OWN.account_no, day="2026-09-01") + content(OTHER.account_no, day="2026-09-01")
    (folder / "d.csv").write_bytes(both)
    outcomes = list(hand_in_paths(app, find_person(app, "school"), [folder]))
    assert [outcome.status for outcome in outcomes] == [
        "accepted", "rejected", "accepted", "rejected"
    ]  # fmt: skip
    hashes, rows, files = kept(app)
    assert [row for row in rows if row[0] == OTHER.account_no] == [
        (OTHER.account_no, 2, "accepted")
    ]
    for data in (content(OTHER.account_no), both):
        assert hashlib.sha256(data).hexdigest() not in hashes | files


@pytest.mark.parametrize(("owner", "status"), [(OTHER, "quarantined"), (OWN, "accepted")])
def test_an_account_that_is_registered_later_is_anothers_or_not(app, owner, status):
    outcome = hand_in(app, find_person(app, "school"), "new.csv", content(NEW))
    assert outcome.status == "quarantined"
    row = f"uscc,account_no,bank,kind\n{owner.uscc},{NEW},示例银行,fee\n"
    report = import_content(app, "accounts", "a.csv", row.encode(), actor="cli")
    assert not report.bad, report.problems
    _, rows, _ = kept(app)
    mine = 1 if status == "accepted" else None
    assert [row for row in rows if row[0] == NEW] == [(NEW, mine, status)]
    if owner is OTHER:
        with app.database.reading() as tx:
            [problems] = tx.scalars(
                select(statement.c.problems).where(statement.c.account_no == NEW)
            )
        assert "ACCOUNT-FOREIGN" in {problem["code"] for problem in problems}
        # the bank tells the same: then it is taken
        ingest_content(app, content(NEW), "bank.csv", actor="bank", channel="api")
        report = import_content(app, "accounts", "a.csv", (row + "\n").encode(), actor="cli")
        _, rows, _ = kept(app)
        assert [row for row in rows if row[0] == NEW] == [(NEW, 2, "accepted")]


def test_what_arrives_past_the_counter_is_no_ones_either(app):
    """As if the account had been another's by the time the file is booked."""
    outcome = ingest_content(
        app, content(OTHER.account_no), "x.csv", actor="school", channel="upload"
    )
    assert outcome.status == "quarantined"
    _, rows, _ = kept(app)
    assert (OTHER.account_no, None, "quarantined") in rows


def test_who_hands_nothing_in_and_who_is_unknown(app, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(content(OWN.account_no))
    with pytest.raises(ForbiddenError) as refusal:
        list(hand_in_paths(app, find_person(app, "look"), [path]))
    assert refusal.value.code == "ROLE"
    with pytest.raises(ForbiddenError) as refusal:
        find_person(app, "ghost")
    assert refusal.value.code == "USER-UNKNOWN"


@pytest.mark.parametrize(("most", "is_taken"), [(2, True), (1, False)])
def test_a_file_of_more_entries_than_one_may_have_is_refused_unbooked(app, most, is_taken):
    first = parse_day("2026-08-01")
    payments = (
        Payment(first + 1, "09:00:00", 10_00, 200_010_00, "王芳", "学费", "A1"),
        Payment(first + 2, "09:00:00", 20_00, 200_030_00, "李强", "学费", "A2"),
    )
    piece = Piece(first, first + 9, 200_000_00, payments)
    data = generic(piece).decode().replace("6222000011112222", OWN.account_no).encode()
    small = replace(app, config=replace(app.config, limits=Limits(entries_a_file=most)))
    before = kept(app)
    school = find_person(app, "school")
    if is_taken:
        (booked,) = hand_in(small, school, "long.csv", data).statements
        assert (booked.status, booked.new_entries) == ("accepted", 2)
        return
    with pytest.raises(InvalidInputError) as refused:
        hand_in(small, school, "long.csv", data)
    assert refused.value.code == "FILE-ENTRIES"
    assert kept(app) == before
