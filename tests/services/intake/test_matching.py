import json
import random

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import delete, insert, select, update

from feewatch.bootstrap import open_app
from feewatch.cli.matching import match as match_command
from feewatch.cli.session import Session
from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake import matching
from feewatch.services.intake.matching import list_unmatched, match_changed, read_desk
from feewatch.store import holdings
from feewatch.store.counting import counted
from feewatch.store.state import Touched, list_to_derive, list_to_match, mark_changed
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.ledger import entry, match, statement
from feewatch.store.tables.places import succession
from feewatch.store.tables.registers import (
    account,
    contract,
    institution,
    institution_fact,
    refund_request,
)

USCC = "52370702651728628K"
OTHER = "523201041982410526"
#: institution, day, fen, memo: the second institution uses the same contract numbers
ROWS = [
    (1, "2026-03-01", 100000, "学费HT1"),
    (1, "2026-03-02", 50000, "学费"),
    (1, "2026-03-03", 70000, "往来"),
    (1, "2026-03-04", 100000, "学费HT1"),
    (1, "2026-03-05", -100000, "冲正"),
    (1, "2026-03-06", -20000, "退费TF1"),
    (1, "2026-03-07", -90000, "划拨"),
    (2, "2026-03-01", 60000, "学费HT1"),
    (2, "2026-03-02", -10000, "退费"),
]


@pytest.fixture
def app(tmp_path):
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        for key, uscc in ((1, USCC), (2, OTHER)):
            register(tx, key, uscc)
        tx.execute(insert(refund_request).values(
            id=1, institution_id=1, contract_id=11, refund_no="TF1", amount_fen=20000,
            requested_on=parse_day("2026-03-05"),
        ))  # fmt: skip
    yield app
    app.database.dispose()


def register(tx, key, uscc):
    """An institution with an account and two contracts."""
    tx.execute(insert(institution).values(id=key, uscc=uscc))
    tx.execute(insert(institution_fact).values(
        institution_id=key, valid_from=0, valid_to=99999, name=f"机构{key}",
        district="370702", subject="arts", nature="non_profit", custody="bank_custody",
    ))  # fmt: skip
    tx.execute(insert(account).values(
        id=key, account_no=f"62170000{key}", institution_id=key, bank="行", kind="fee",
        imported_on=0,
    ))  # fmt: skip
    for place, (number, fee) in enumerate((("HT1", 100000), ("HT2", 50000))):
        tx.execute(insert(contract).values(
            id=10 * key + place, institution_id=key, contract_no=number, course_id="K",
            student="S", basis="hours", lessons=10, fee_fen=fee, payment="prepaid",
            paid_on=parse_day("2026-03-01"),
        ))  # fmt: skip


def book(app, rows, order=None, first=0):
    """Each row a statement of its own, arriving in the order given; ``first``: its number."""
    with app.database.transaction() as tx:
        for place in order or range(len(rows)):
            key, day, fen, memo = rows[place]
            stated = tx.execute(insert(statement).values(
                file_sha256=f"{first + place:064x}", n=1, account_id=key,
                account_no=f"62170000{key}",
                institution_id=key, currency="CNY", from_day=parse_day(day), to_day=parse_day(day),
                entries=1, status="accepted", problems=[], recorded_at="2026-04-01",
            )).inserted_primary_key[0]  # fmt: skip
            tx.execute(insert(entry).values(
                account_id=key, institution_id=key, statement_id=stated, line=5, seq=0, n=1,
                booked_on=parse_day(day), amount_fen=fen, memo=memo, reversal_mark=False, filled=0,
                matched_fen=0,
            ))  # fmt: skip
        mark_changed(tx, sorted({row[0] for row in rows}))


def derived(app):
    """What stands in the database, told without surrogate keys."""
    with app.database.reading() as tx:
        memo = {row.id: (row.institution_id, row.booked_on) for row in tx.execute(select(entry))}
        entries = {
            (memo[row.id], row.kind, memo.get(row.reverses), row.matched_fen)
            for row in tx.execute(select(entry))
        }
        matches = {
            (memo[row.entry_id], row.contract_id, row.refund_request_id, row.kind, row.amount_fen,
             row.how)
            for row in tx.execute(select(match))
        }  # fmt: skip
        return entries, matches


def test_each_institution_is_matched_by_its_own_registers(app):
    book(app, ROWS)
    assert match_changed(app) == 2
    with app.database.reading() as tx:
        rows = tx.execute(
            select(match.c.institution_id, match.c.contract_id, match.c.amount_fen, match.c.how)
        ).all()
        kinds = tx.scalars(
            select(entry.c.kind).order_by(entry.c.institution_id, entry.c.booked_on)
        ).all()
        assert list_to_match(tx) == []
    assert set(rows) == {
        (1, 10, 100000, "contract_no"),
        (1, 11, 50000, "amount"),
        (1, 11, 20000, "refund_no"),
        (2, 20, 60000, "contract_no"),
    }
    assert kinds == ["receipt", "receipt", "receipt", "reversal", "reversal", "refund", "release",
                     "receipt", "refund"]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_changes_nothing(tmp_path, app, seed):
    book(app, ROWS, random.Random(seed).sample(range(len(ROWS)), len(ROWS)))
    match_changed(app)
    shuffled = derived(app)
    with app.database.transaction() as tx:
        tx.execute(match.delete())
        tx.execute(entry.delete())
        tx.execute(statement.delete())
    book(app, ROWS)
    match_changed(app)
    assert derived(app) == shuffled


def test_matching_again_changes_no_row(app):
    book(app, ROWS)
    match_changed(app)
    assert match_changed(app) == 0
    with app.database.transaction() as tx:
        before = tx.execute(select(match)).all(), tx.execute(select(entry)).all()
        mark_changed(tx, [1, 2])
    assert match_changed(app) == 2
    with app.database.reading() as tx:
        assert (tx.execute(select(match)).all(), tx.execute(select(entry)).all()) == before


def test_a_changed_register_rewrites_only_what_differs(app):
    book(app, ROWS)
    match_changed(app)
    with app.database.transaction() as tx:
        kept = set(tx.scalars(select(match.c.id).where(match.c.contract_id == 11)))
        tx.execute(update(contract).where(contract.c.id == 10).values(fee_fen=150000))
        tx.execute(update(contract).where(contract.c.id == 20).values(contract_no="HT9"))
        mark_changed(tx, [1, 2])
    match_changed(app)
    with app.database.reading() as tx:
        assert set(tx.scalars(select(match.c.id).where(match.c.contract_id == 11))) == kept
        assert tx.scalars(select(match.c.id).where(match.c.institution_id == 2)).all() == []
        assert set(tx.scalars(select(entry.c.matched_fen).where(entry.c.institution_id == 2))) == {
            0
        }


def test_a_row_that_merged_into_another_keeps_nothing_derived(app):
    book(app, ROWS)
    match_changed(app)
    with app.database.transaction() as tx:
        first, second = tx.scalars(select(entry.c.id).order_by(entry.c.id).limit(2))
        tx.execute(update(entry).where(entry.c.id == second).values(merged_into=first, n=0))
        mark_changed(tx, [1])
    match_changed(app)
    with app.database.reading() as tx:
        row = tx.execute(select(entry).where(entry.c.id == second)).one()
        assert (row.kind, row.matched_fen) == (None, 0)
        assert tx.scalars(select(match.c.id).where(match.c.entry_id == second)).all() == []


def test_a_failed_run_leaves_the_marks(app):
    book(app, ROWS)
    with app.database.transaction() as tx:
        tx.execute(update(account).where(account.c.id == 2).values(institution_id=1))
    with pytest.raises(KeyError):  # an entry in an account that is not the institution's
        match_changed(app)
    with app.database.reading() as tx:
        assert list_to_match(tx) == [1, 2]


def test_unmatched_money_is_listed_with_the_reason(app):
    book(app, ROWS)
    before_matching = list(list_unmatched(app))
    match_changed(app)
    listed = list(list_unmatched(app))
    assert listed == before_matching
    assert [
        (each.uscc, each.entry.amount_fen, each.unmatched_fen, each.code) for each in listed
    ] == [
        (OTHER, -10000, 10000, "no_request"),
        (USCC, 70000, 70000, "no_contract"),
    ]
    assert [each.uscc for each in list_unmatched(app, OTHER)] == [OTHER]
    with pytest.raises(NotFoundError, match="52370702651728628X"):
        list(list_unmatched(app, "52370702651728628X"))


def test_the_command_lists_unmatched_money(app, tmp_path):
    book(app, ROWS)
    match_changed(app)
    (tmp_path / "feewatch.toml").touch()
    session = Session(tmp_path / "feewatch.toml", None)
    arguments = ["list", "--institution", USCC, "--json"]
    result = CliRunner().invoke(match_command, arguments, obj=session)
    assert json.loads(result.stdout) == {
        "uscc": USCC,
        "key": 3,
        "entry": "621700001/2026-03-03/70000/1",
        "kind": "receipt",
        "booked_on": "2026-03-03",
        "amount_fen": 70000,
        "matched_fen": 0,
        "unmatched_fen": 70000,
        "counterparty": None,
        "memo": "往来",
        "code": "no_contract",
        "reason": "未列合同编号，前后3日内也没有同额未付的合同 / "
        "names no contract, and no unpaid contract with this fee was paid within 3 days",
        "candidates": [
            {
                "kind": "contract",
                "name": number,
                "contract_no": number,
                "days": ["2026-03-01", "2026-03-01"],
                "amount_fen": fee,
                "fails": [
                    {"code": "paid", "message": f"已于 {day} 付足 / paid in full by {day}"},
                    {
                        "code": "amount",
                        "message": f"金额相差 {yuan} 元 / the amount differs by {yuan} yuan",
                    },
                ],
            }
            for number, fee, day, yuan in (
                ("HT2", 50000, "2026-03-02", "200.00"),
                ("HT1", 100000, "2026-03-01", "300.00"),
            )
        ],
        "evidence": {"file_sha256": f"{2:064x}", "line": 5},
    }
    plain = CliRunner().invoke(match_command, ["list"], obj=session)
    lines = [line for line in plain.stdout.splitlines() if not line.startswith("    ")]
    assert [line.split("  ")[4] for line in lines] == [
        "100.00 / 100.00",
        "700.00 / 700.00",
    ]
    session.app.database.dispose()


#: Asked beside where an institution of the page is tied to another by a succession, or several
#: statements tell of one day: requests, successions, names, accounts and entries of the other
#: side, moved contracts with their charges; spans and sums of the accounts.
_OF_TIES, _OF_DAYS = 7, 2


def asked_for(app, uscc):
    with counted(app.database) as asked:
        assert read_desk(app, Scope("370702"), uscc, 1).rows
    return asked.total


def add_institutions(app, keys):
    """Each with money that fits nothing, of a day of which two statements tell.

    The second was succeeded by the first, the fourth by the third.
    """
    rows = [(key, "2026-03-09", fen, "往来") for key in keys for fen in (70_000, 30_000)]
    with app.database.transaction() as tx:
        for key in keys:
            register(tx, key, f"523707026517{key:05}K")
        for new, old in zip(keys[::2], keys[1::2], strict=True):
            tx.execute(insert(succession).values(
                institution_id=old, to_institution_id=new, to_uscc=f"523707026517{new:05}K",
                on_day=parse_day("2026-03-05"),
            ))  # fmt: skip
        holdings.measure(tx)
    book(app, rows, first=100 * keys[0])
    match_changed(app)


def test_the_desk_asks_as_much_for_many_institutions_as_for_few(app):
    book(app, ROWS)
    match_changed(app)
    plain = asked_for(app, OTHER)
    assert plain <= 20
    assert asked_for(app, "") == plain  # of two institutions
    add_institutions(app, [3, 4])
    tied = asked_for(app, "")
    assert tied == plain + _OF_TIES + _OF_DAYS
    add_institutions(app, [*range(5, 9)])
    assert asked_for(app, "") == tied


def test_the_desk_shows_of_many_institutions_what_is_listed_of_each(app):
    book(app, ROWS)
    add_institutions(app, [*range(3, 9)])
    office = read_desk(app, Scope("370702"), "", 1)
    assert len(office.rows) == office.total == 2 + 2 * 6
    order = [(-row.entry.booked_on, row.entry.id) for _, row in office.rows]
    assert order == sorted(order)
    shown = {row.subject_id: row for _, row in office.rows}
    assert shown == {row.subject_id: row for row in list_unmatched(app)}
    for name, row in office.rows:
        (alone,) = [
            each
            for _, each in read_desk(app, Scope("370702"), row.uscc, 1).rows
            if each.entry == row.entry
        ]
        assert (name, alone) == (f"机构{row.entry.account_id}", row)


def test_no_more_books_are_held_at_once_than_a_part_of_matching_takes(app, monkeypatch):
    """A list of thousands of rows had the books of all institutions in memory."""
    add_institutions(app, [3, 4, 5, 6])
    whole = read_desk(app, Scope("370702"), "", 1)
    held, load = [], matching.load_books

    def load_and_note(app, tx, institutions):
        held.append(sorted(institutions))
        return load(app, tx, institutions)

    monkeypatch.setattr(matching, "load_books", load_and_note)
    assert read_desk(app, Scope("370702"), "", 1) == whole
    assert [len(each) for each in held] == [len(held[0])]
    everybody = held.pop()
    monkeypatch.setattr(matching, "PART_LOAD", 0)
    assert read_desk(app, Scope("370702"), "", 1) == whole
    assert [3, 4] in held
    assert [5, 6] in held
    assert sorted(key for each in held for key in each) == everybody


def changing(app, monkeypatch, times, **how):
    """One institution changes so many times just after it was looked at; who was, and where."""
    other, seen = open_app(app.config), []
    derive_part, match_light = matching._derive_part, matching.match_light

    def derive_and_change(own, institutions):
        seen.append(sorted(institutions))
        derived = derive_part(own, institutions)
        if 1 in institutions and len(seen) <= times:
            with other.database.transaction() as tx:
                mark_changed(tx, [1], entries=False)
        return derived

    def note_and_match(own, tx, institutions):
        is_matched = match_light(own, tx, institutions)
        seen.append("held" if is_matched else "left")
        return is_matched

    monkeypatch.setattr(matching, "_derive_part", derive_and_change)
    monkeypatch.setattr(matching, "match_light", note_and_match)
    match_changed(app, **how)
    other.database.dispose()
    with app.database.reading() as tx:
        return seen, list_to_match(tx)


def test_who_changes_while_matched_is_matched_on_another_snapshot(app, monkeypatch):
    book(app, ROWS)
    assert changing(app, monkeypatch, 1) == ([[1, 2], [1]], [])
    assert derived(app)[1]


def test_who_changes_all_the_time_is_matched_while_held_still(app, monkeypatch):
    book(app, ROWS)
    assert changing(app, monkeypatch, 9) == ([[1, 2], [1], [1], "held"], [])


def test_who_has_many_rows_and_changes_all_the_time_keeps_its_mark(app, monkeypatch):
    """Matched in a transaction that writes it held up all who write for as long as that took."""
    monkeypatch.setattr(matching, "LIGHT_LOAD", 1)
    book(app, ROWS)
    assert changing(app, monkeypatch, 9) == ([[1, 2], [1], [1], "left"], [1])
    monkeypatch.undo()
    assert match_changed(app) == 1


def test_what_is_to_be_matched_anew_and_could_not_be_is_marked_for_who_matches_next(
    app, monkeypatch
):
    book(app, ROWS)
    match_changed(app)
    before = derived(app)
    with app.database.transaction() as tx:
        tx.execute(delete(match))
    assert match_changed(app) == 0
    monkeypatch.setattr(matching, "LIGHT_LOAD", 1)
    assert changing(app, monkeypatch, 9, again=[1, 2])[1] == [1]
    monkeypatch.undo()
    assert match_changed(app) == 1
    assert derived(app) == before
    with app.database.reading() as tx:
        assert list_to_derive(tx) == list_to_match(tx) == []


def test_matches_that_change_though_no_data_did_are_looked_at_by_all_rules_that_read_them(app):
    """Rules that read refunds alone would have judged: every match is of statements as well."""
    book(app, ROWS)
    match_changed(app)
    with app.database.transaction() as tx:
        tx.execute(update(institution_state).values(touched=0, to_check=False))
        tx.execute(delete(match))
    match_changed(app, again=[1, 2])
    marks = select(institution_state.c.touched, institution_state.c.to_check)
    with app.database.reading() as tx:
        assert tx.execute(marks.order_by(institution_state.c.institution_id)).all() == [
            (Touched.STATEMENTS | Touched.REFUNDS, True),
            (Touched.STATEMENTS, True),
        ]
