"""Files in, outcomes out: what is accepted, kept back, refused, and what an officer may do."""

import csv
import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from offices import initialise
from sqlalchemy import event, func, insert, select, text

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    QuotaError,
)
from feewatch.services.intake import (
    matching,
    quarantine,
    rawfiles,
    receiving,
    recording,
    reexamination,
)
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.store.database import Transaction
from feewatch.store.intake.ledger import list_renumbered
from feewatch.store.kept import table_written
from feewatch.store.people import users
from feewatch.store.state import list_to_match, mark_changed
from feewatch.store.tables.ledger import (
    account_coverage,
    entry,
    source_file,
    statement,
    statement_link,
)
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import account, institution, institution_fact

WORLD = Path(__file__).parents[2] / "data" / "example-world"
FEE_ACCOUNT, STRANGER = "91673975968758554", "64623448123007454"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = initialise(Config(folder=tmp_path))
    register(app, 1, "52370702651728628K", FEE_ACCOUNT)
    with app.database.transaction() as tx:
        for name, role in [("lin", "officer"), ("gao", "officer"), ("viewer", "viewer")]:
            users.add(tx, name, role, "370702", None, "-")
    yield app
    app.database.dispose()


def register(app: App, key: int, uscc: str, *accounts: str) -> None:
    with app.database.transaction() as tx:
        if tx.scalar(select(institution.c.id).where(institution.c.id == key)) is None:
            tx.execute(insert(institution).values(id=key, uscc=uscc))
            tx.execute(
                insert(institution_fact).values(
                    institution_id=key,
                    valid_from=0,
                    valid_to=99_999,
                    name="甲",
                    subject="arts",
                    district="370702",
                    nature="non_profit",
                    custody="bank_custody",
                )
            )
        for number in accounts:
            values = {"account_no": number, "institution_id": key, "bank": "农商行"}
            tx.execute(insert(account).values(kind="fee", imported_on=20_000, **values))


def generic(*rows: str, number: str = FEE_ACCOUNT, opening: str = "0.00", closing: str) -> bytes:
    """A `generic` export; rows are 日期,时间,借,贷,余额,对方户名,对方账号,摘要,流水号."""
    lines = [f"期初余额,{opening}", HEAD, *(f"{number},甲,CNY,{row}" for row in rows)]
    return "\n".join([*lines, f"期末余额,{closing}", ""]).encode()


ONE = "2026-01-05,09:00:00,,100.00,100.00,张伟,,学费,R1"
TWO = "2026-01-09,10:00:00,30.00,,70.00,,,手续费,R2"
GOOD = generic(ONE, TWO, closing="70.00")
BROKEN = generic(ONE, TWO.replace("70.00", "75.00"), closing="75.00")
UNKNOWN = generic(ONE, number=STRANGER, closing="100.00")


def take(app: App, content: bytes, name: str = "a.csv") -> FileOutcome:
    return recording.ingest_content(app, content, name, actor="cli", channel="cli")


def count(app: App, table: Any) -> int:
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def commits_of(app: App, content: bytes, name: str) -> int:
    """How many transactions that write a file takes."""
    commits: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        commits.extend([statement] * (statement == "COMMIT"))

    event.listen(app.database.engine, "before_cursor_execute", note)
    take(app, content, name)
    event.remove(app.database.engine, "before_cursor_execute", note)
    return len(commits)


def test_a_file_of_an_institution_with_few_rows_is_booked_and_matched_by_one_commit(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commits_of(app, GOOD, "first.csv") == 1
    later = generic(TWO.replace("01-09", "02-09"), opening="100.00", closing="70.00")
    assert commits_of(app, later, "later.csv") == 1
    monkeypatch.setattr(matching, "LIGHT_LOAD", 2)
    many = generic(TWO.replace("01-09", "03-09"), opening="100.00", closing="70.00")
    assert commits_of(app, many, "many.csv") == 2
    with app.database.reading() as tx:
        assert list_to_match(tx) == []
        kinds = tx.scalars(select(entry.c.kind).order_by(entry.c.id)).all()
    assert kinds == ["receipt", "charge", "charge", "charge"]


def test_a_file_that_comes_again_matches_what_an_ended_process_left(app: App) -> None:
    take(app, GOOD)
    with app.database.transaction() as tx:
        mark_changed(tx, [1])
    take(app, GOOD)
    with app.database.reading() as tx:
        assert list_to_match(tx) == []


def test_what_is_written_beside_a_file_is_written_with_it_or_neither(app: App) -> None:
    def refuse(tx: Transaction) -> None:
        users.add(tx, "beside", "viewer", "370702", None, "-")
        raise QuotaError("QUOTA-FILES", "0", "0", seconds=1)

    with pytest.raises(QuotaError):
        recording.ingest_content(app, GOOD, "a.csv", actor="cli", channel="cli", beside=refuse)
    assert [count(app, table) for table in (source_file, statement, entry)] == [0, 0, 0]
    with app.database.reading() as tx:
        assert users.find_by_name(tx, "beside") is None


def test_what_files_of_one_sender_wait_for_comes_after_all_that_is_booked_and_matched(
    app: App,
) -> None:
    """Ten programs of a bank share one quota, whose row is held to the end of the transaction."""
    since: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        since.append(statement)

    take(app, GOOD)
    event.listen(app.database.engine, "before_cursor_execute", note)
    later = generic(TWO.replace("01-09", "02-09"), opening="100.00", closing="70.00")
    recording.ingest_content(
        app, later, "b.csv", actor="cli", channel="cli", beside=lambda _tx: since.clear()
    )
    event.remove(app.database.engine, "before_cursor_execute", note)
    written = {table for each in since if (table := table_written(each))}
    assert written == {"audit", "audit_head", "change_mark"}


def test_references_of_an_account_are_added_up_once_not_for_each_of_its_rows(
    postgres_app: App,
) -> None:
    """Left to itself PostgreSQL, which expects one row, takes time with the square of them."""
    register(postgres_app, 1, "52370702651728628K", FEE_ACCOUNT)
    rows = [f"2026-01-05,,,1.00,{n}.00,张伟,,学费,R{n}" for n in range(1, 4001)]
    assert take(postgres_app, generic(*rows, closing="4000.00")).as_json()["entries"] == 4000
    with postgres_app.database.reading() as tx:
        tx.execute(text("SET LOCAL statement_timeout = '2s'"))
        key = tx.scalar(select(account.c.id))
        assert key is not None
        assert list_renumbered(tx, key) == set()


def test_an_accepted_file_has_the_facts_of_its_statement(app: App) -> None:
    outcome = take(app, GOOD).as_json()
    facts = {
        "account": FEE_ACCOUNT,
        "entries": 2,
        "new_entries": 2,
        "opening_fen": 0,
        "closing_fen": 7000,
        "period": ["2026-01-05", "2026-01-09"],
    }
    assert {key: outcome[key] for key in facts} == facts
    assert outcome["statements"] == [{"n": 1, "status": "accepted", "reason": None, **facts}]
    assert (outcome["status"], outcome["dialect"], outcome["problems"]) == (
        "accepted",
        "generic",
        [],
    )
    assert list(outcome) == [
        "file", "sha256", "status", "dialect", "account", "entries", "new_entries",
        "opening_fen", "closing_fen", "period", "statements", "problems", "provenance",
    ]  # fmt: skip


def test_the_raw_bytes_are_kept_under_their_hash(app: App) -> None:
    outcome = take(app, GOOD)
    assert outcome.sha256
    assert rawfiles.load(app, outcome.sha256) == GOOD


def test_the_same_bytes_again_are_a_duplicate_with_the_facts_of_the_first(app: App) -> None:
    first, again = take(app, GOOD, "a.csv"), take(app, GOOD, "b.csv")
    assert again.as_json() == first.as_json() | {
        "file": "b.csv",
        "status": "duplicate",
        "new_entries": 0,
        "statements": [first.as_json()["statements"][0] | {"new_entries": 0}],
    }
    assert count(app, statement) == 1
    assert again.is_taken


def test_a_file_that_overlaps_brings_only_what_is_new(app: App) -> None:
    take(app, GOOD)
    more = "2026-01-20,10:00:00,,5.00,75.00,,,利息,R3"
    assert (
        take(app, generic(TWO, more, opening="100.00", closing="75.00")).as_json()["new_entries"]
        == 1
    )
    with app.database.reading() as tx:
        days = tx.execute(select(account_coverage.c.from_day, account_coverage.c.to_day)).all()
    assert [tuple(each) for each in days] == [(20458, 20473)]


def test_an_empty_file_is_rejected_and_recorded(app: App) -> None:
    outcome = take(app, b"")
    assert (outcome.status, outcome.statements) == ("rejected", ())
    assert outcome.problems
    assert not outcome.is_taken
    assert count(app, source_file) == 1
    assert take(app, b"").status == "duplicate"


def test_a_layout_that_does_not_exist_is_refused_and_nothing_recorded(app: App) -> None:
    with pytest.raises(InvalidInputError, match="no layout abacus"):
        recording.ingest_content(app, GOOD, "a.csv", actor="cli", channel="cli", dialect="abacus")
    assert count(app, source_file) == 0


def test_a_file_whose_layout_was_unknown_may_come_again_once_it_is_known(app: App) -> None:
    refused = recording.ingest_content(
        app, GOOD, "a.csv", actor="cli", channel="cli", dialect="camt.053"
    )
    assert refused.status == "rejected"
    assert take(app, GOOD).status == "accepted"
    assert count(app, source_file) == 1


def test_broken_arithmetic_is_quarantined_and_nothing_of_it_is_in_the_ledger(app: App) -> None:
    outcome = take(app, BROKEN)
    assert outcome.status == "quarantined"
    assert outcome.statements[0].reason == "arithmetic"
    assert outcome.statements[0].new_entries == 0
    assert (count(app, entry), count(app, account_coverage)) == (0, 0)


def test_an_unregistered_account_comes_before_its_arithmetic(app: App) -> None:
    outcome = take(app, BROKEN.replace(FEE_ACCOUNT.encode(), STRANGER.encode()))
    assert outcome.statements[0].reason == "unregistered"
    with app.database.reading() as tx:
        assert tx.execute(select(statement.c.institution_id)).scalar_one() is None


def test_importing_an_account_re_examines_its_statements(app: App) -> None:
    outcome = take(app, UNKNOWN)
    register(app, 1, "52370702651728628K", STRANGER)
    assert reexamination.re_examine(app, ["another"], actor="lin") == 0
    assert reexamination.re_examine(app, [STRANGER], actor="lin") == 1
    assert reexamination.re_examine(app, [STRANGER], actor="lin") == 0
    again = take(app, UNKNOWN)
    assert (again.status, again.statements[0].status) == ("duplicate", "accepted")
    assert again.statements[0].entries == outcome.statements[0].entries == count(app, entry)


def test_re_examination_keeps_what_has_another_fault(app: App) -> None:
    take(app, BROKEN.replace(FEE_ACCOUNT.encode(), STRANGER.encode()))
    register(app, 1, "52370702651728628K", STRANGER)
    assert reexamination.re_examine(app, [STRANGER], actor="lin") == 0
    (row,) = quarantine.list_quarantined(app)
    assert (row["reason"], row["institution_id"]) == ("arithmetic", 1)


def test_the_break_is_marked_at_the_row_that_does_not_follow(app: App) -> None:
    sha256 = take(app, BROKEN).sha256
    assert sha256
    found = quarantine.show(app, *quarantine.find_statement(app, sha256[:12]))
    assert [row.is_break for row in found.rows] == [False, True]
    assert found.rows[1].expected_fen == 7000
    assert found.expected_closing_fen == 7000


def test_a_second_officer_releases_what_the_first_proposed(app: App) -> None:
    sha256 = take(app, BROKEN).sha256 or ""
    assert quarantine.release(app, sha256, 1, actor="lin", reason="银行已书面说明") == "proposed"
    assert count(app, entry) == 0
    with pytest.raises(ConflictError, match="另一名"):
        quarantine.release(app, sha256, 1, actor="lin", reason="再次")
    assert quarantine.release(app, sha256, 1, actor="gao", reason="核实无误") == "released"
    assert count(app, entry) == 2
    assert take(app, BROKEN).statements[0].status == "accepted"
    with app.database.reading() as tx:
        steps = tx.execute(select(audit.c.actor, audit.c.action).order_by(audit.c.id)).all()
    assert [tuple(step) for step in steps if step.action != "file.receive"] == [
        ("lin", "quarantine.release.proposed"),
        ("gao", "quarantine.release"),
    ]


def test_a_second_officer_of_another_mind_proposes_anew(app: App) -> None:
    sha256 = take(app, BROKEN).sha256 or ""
    quarantine.release(app, sha256, 1, actor="lin", reason="可放行")
    assert quarantine.reject(app, sha256, 1, actor="gao", reason="伪造") == "proposed"
    assert quarantine.reject(app, sha256, 1, actor="lin", reason="同意") == "rejected"
    again = take(app, BROKEN)
    assert (again.status, again.statements[0].status) == ("duplicate", "rejected")
    with pytest.raises(ConflictError):
        quarantine.release(app, sha256, 1, actor="lin", reason="反悔")


def test_an_unregistered_account_cannot_be_released(app: App) -> None:
    sha256 = take(app, UNKNOWN).sha256 or ""
    with pytest.raises(ConflictError):
        quarantine.release(app, sha256, 1, actor="lin", reason="放行")


def test_a_file_cut_short_of_an_unregistered_account_cannot_be_released_either(app: App) -> None:
    cut = GOOD[: GOOD.index("70.00,,,手续费".encode())].replace(
        FEE_ACCOUNT.encode(), STRANGER.encode()
    )
    outcome = take(app, cut)
    assert outcome.statements[0].reason == "truncated"
    with pytest.raises(ConflictError, match="import the account first"):
        quarantine.release(app, outcome.sha256 or "", 1, actor="lin", reason="放行")


def test_a_statement_whose_account_was_registered_by_a_process_that_died_is_woken(app: App) -> None:
    take(app, UNKNOWN)
    assert reexamination.wake_registered(app, "scheduler") == 0
    register(app, 1, "52370702651728628K", STRANGER)
    assert reexamination.wake_registered(app, "scheduler") == 1
    assert count(app, entry) == 1


def test_only_deciders_with_a_reason_decide_on_what_exists(app: App) -> None:
    sha256 = take(app, BROKEN).sha256 or ""
    with pytest.raises(ForbiddenError):
        quarantine.release(app, sha256, 1, actor="viewer", reason="放行")
    with pytest.raises(InvalidInputError):
        quarantine.release(app, sha256, 1, actor="lin", reason=" ")
    with pytest.raises(NotFoundError):
        quarantine.release(app, sha256, 2, actor="lin", reason="放行")
    with pytest.raises(NotFoundError):
        quarantine.find_statement(app, "0" * 64)


def test_a_fall_in_the_middle_leaves_nothing_and_the_next_try_works(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("feewatch.services.intake.booking.account_days.put_links", fall)
        with pytest.raises(KeyboardInterrupt):
            take(app, GOOD)
    assert [count(app, table) for table in (source_file, statement, entry)] == [0, 0, 0]
    assert take(app, GOOD).status == "accepted"


def test_many_at_once_with_the_same_bytes_make_one_statement(app: App) -> None:
    statuses: list[str] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(take(app, GOOD).status)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == ["accepted"] + ["duplicate"] * 11
    assert (count(app, statement), count(app, entry)) == (1, 2)


def test_folders_are_walked_in_byte_order_of_relative_paths(app: App, tmp_path: Path) -> None:
    box = tmp_path / "box"
    for name in ["b/1.csv", "b.csv", "B.csv", "a/z.csv", ".hidden/x", "a/.litter", "张.csv"]:
        (box / name).parent.mkdir(parents=True, exist_ok=True)
        (box / name).write_bytes(GOOD)
    names = [name for _, name in receiving.list_files([box, box / "B.csv"])]
    assert names == ["B.csv", "a/z.csv", "b.csv", "b/1.csv", "张.csv", "B.csv"]


def test_a_folder_that_may_not_be_entered_and_a_dead_link_are_told_by_path(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = tmp_path / "box"
    (box / "closed").mkdir(parents=True)
    (box / "b.csv").write_bytes(GOOD)
    (box / "dead.csv").symlink_to(box / "nowhere.csv")
    scan = os.scandir

    def refuse(path: object) -> Any:  # root may enter everything
        if Path(str(path)).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    outcomes = {each.file: each for each in recording.ingest(app, [box], actor="cli")}
    assert {name: each.status for name, each in outcomes.items()} == {
        "b.csv": "accepted", "closed": "rejected", "dead.csv": "rejected",
    }  # fmt: skip
    assert "Permission denied" in outcomes["closed"].problems[0]["message"]
    assert "No such file" in outcomes["dead.csv"].problems[0]["message"]
    assert [name for _, name in receiving.list_files([box])] == ["b.csv"]


@pytest.mark.parametrize("others", [0, 2])
def test_what_fails_at_one_file_refuses_that_file_alone(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "b.csv").write_bytes(GOOD)
    for n in range(others):
        (box / f"{'ac'[n]}.csv").write_bytes(generic(ONE.replace("R1", f"X{n}"), closing="100.00"))
    book = recording.book

    def fail(app: App, tx: Any, accepted: Any) -> Any:
        if any(len(each.rows) == 2 for rows in accepted.values() for _, each in rows):
            raise ValueError("a fault of the program")
        return book(app, tx, accepted)

    monkeypatch.setattr(recording, "book", fail)
    outcomes = [each.as_json() for each in recording.ingest(app, [box], actor="cli")]
    refused = [each for each in outcomes if each["status"] == "rejected"]
    assert [(each["file"], each["problems"][0]["code"]) for each in refused] == [
        ("b.csv", "FILE-UNRECORDED")
    ]
    assert [each["status"] for each in outcomes].count("accepted") == others
    assert count(app, statement) == others
    monkeypatch.undo()
    assert take(app, GOOD).status == "accepted", "it may come again once the program is mended"


def test_a_fault_of_the_machine_ends_the_run(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recording, "book", full)
    with pytest.raises(OSError, match="No space left"):
        take(app, GOOD)
    assert count(app, source_file) == 0


def test_every_file_of_the_example_world_comes_to_what_is_expected(tmp_path: Path) -> None:
    app = initialise(Config(folder=tmp_path))
    with (WORLD / "registers" / "accounts.csv").open(encoding="gb18030") as file:
        for key, row in enumerate(csv.DictReader(file), 1):
            register(app, key, f"{key:018}", row["account_no"])
    expected = json.loads((WORLD / "expected.json").read_text(encoding="utf-8"))["files"]
    outcomes = [
        each.as_json() for each in recording.ingest(app, [WORLD / "statements"], actor="cli")
    ]
    assert [{key: each[key] for key in expected[0]} for each in outcomes] == expected
    with app.database.reading() as tx:
        joints = tx.execute(select(statement_link.c.missing_days, statement_link.c.difference_fen))
        assert {tuple(each) for each in joints} == {(0, 0)}
    app.database.dispose()


@pytest.mark.parametrize("size", [1, 4_000_001])
def test_that_bytes_cannot_be_kept_is_not_told_of_the_file(app: App, tmp_path: Path, size: int):
    (tmp_path / "a.csv").write_bytes(b"x" * size)
    app.files.write_bytes(b"")  # no folder, as on a full or broken disk
    with pytest.raises(OSError, match="files"):
        list(recording.ingest(app, [tmp_path / "a.csv"], actor="cli"))
    assert count(app, source_file) == 0


def test_unreadable_files_are_told_in_their_place(app: App, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    paths = [tmp_path / "a.csv", tmp_path / "gone.csv", tmp_path / "a.csv"]
    outcomes = list(recording.ingest(app, paths, actor="cli"))
    assert [each.status for each in outcomes] == ["accepted", "rejected", "duplicate"]
    assert outcomes[1].problems[0]["code"] == "FILE-UNREADABLE"
