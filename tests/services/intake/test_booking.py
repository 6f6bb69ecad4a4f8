"""Statements of one random account, cut and ordered every way, come to the same ledger."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from offices import initialise
from sqlalchemy import insert, select

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.services.intake.booking import book
from feewatch.statements.columns import StatedRow
from feewatch.statements.model import Statement
from feewatch.store.intake import bankfiles
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.tables.ledger import account_coverage, account_day, entry, statement
from feewatch.store.tables.ledger import statement_link as link
from feewatch.store.tables.registers import account, institution

FIRST = 20_000


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
    yield app
    app.database.dispose()


def open_account(app: App, number: str) -> AccountOnFile:
    with app.database.transaction() as tx:
        values = {"account_no": number, "institution_id": 1, "bank": "农商行", "kind": "fee"}
        tx.execute(insert(account).values(imported_on=FIRST, **values))
        return bankfiles.lock_accounts(tx, [number])[number]


def row(day: int, fen: int, balance: int | None = None, **told: object) -> StatedRow:
    plain = StatedRow(1, FIRST + day, None, None, fen, balance, None, None, None, None, False)
    return plain._replace(**told)


def state(first: int, last: int, opening: int, *rows: StatedRow) -> Statement:
    closing = opening + sum(each.amount_fen for each in rows)
    ends = FIRST + first, FIRST + last
    return Statement(1, "6225", None, "CNY", *ends, opening, closing, list(rows))


def take(app: App, of: AccountOnFile, name: str, *stated: Statement) -> int:
    """Book accepted statements as if from one file of this name; the entries new by them."""
    with app.database.transaction() as tx:
        keys = [
            bankfiles.add_statement(
                tx,
                file_sha256=f"{name}/{of.account_no}",
                n=n,
                account_no=of.account_no,
                account_id=of.id,
                institution_id=1,
                currency="CNY",
                from_day=each.from_day,
                to_day=each.to_day,
                opening_fen=each.opening_fen,
                closing_fen=each.closing_fen,
                entries=len(each.rows),
                status="accepted",
                problems=[],
            )
            for n, each in enumerate(stated, 1)
        ]
        return book(app, tx, {of: list(zip(keys, stated, strict=True))}).total()


def picture(
    app: App, of: AccountOnFile, *, numbers: bool = True
) -> dict[str, list[tuple[object, ...]]]:
    """All that is known of an account, without keys that depend on the order of arrival."""
    shown = ["booked_on", "amount_fen", "balance_fen", "counterparty", "memo", "reference"]
    columns = [entry.c[name] for name in [*shown, "filled", "seq", *(["n"] if numbers else [])]]
    with app.database.reading() as tx:
        keyed = select(statement.c.id, statement.c.file_sha256)
        names = {key: sha for key, sha in tx.execute(keyed)}  # noqa: C416

        def named(key: int) -> str:
            return names[key].partition("/")[0]

        ledger = select(entry.c.statement_id, *columns).where(
            entry.c.account_id == of.id, entry.c.merged_into.is_(None)
        )
        days = select(
            account_day.c.statement_id,
            *(account_day.c[name] for name in ("day", "closing_fen", "entries")),
        ).where(account_day.c.account_id == of.id)
        covered = select(account_coverage.c.from_day, account_coverage.c.to_day).where(
            account_coverage.c.account_id == of.id
        )
        joints = select(
            link.c.statement_id, link.c.previous_id, link.c.on_day, link.c.missing_days,
            link.c.difference_fen,
        ).where(link.c.account_id == of.id)  # fmt: skip
        return {
            "ledger": sorted(((named(key), *rest) for key, *rest in tx.execute(ledger)), key=str),
            "days": sorted((named(key), *rest) for key, *rest in tx.execute(days)),
            "coverage": sorted(tuple(each) for each in tx.execute(covered)),
            "joints": sorted(
                (named(key), named(before), *rest) for key, before, *rest in tx.execute(joints)
            ),
        }


# --- a random account, told in pieces ---------------------------------------------------------

CARRIERS = [
    {"balance_fen", "counterparty", "memo", "reference"},
    {"balance_fen"},
    {"counterparty", "memo"},
    {"memo", "reference"},
    set[str](),
]


def random_truth(dice: random.Random) -> list[StatedRow]:
    """A month of payments, many of equal amount on one day."""
    days = sorted(dice.randrange(30) for _ in range(60))
    balance, rows = 10_000, []
    for i, day in enumerate(days):
        fen = dice.choice([100, 100, 100, 3200, -50, -50, -100])
        balance += fen
        names = {"counterparty": dice.choice("张王李"), "memo": dice.choice(["学费", "手续费"])}
        rows.append(row(day, fen, balance, reference=f"R{i}", **names))
    return rows


def random_pieces(dice: random.Random, truth: Sequence[StatedRow]) -> dict[str, Statement]:
    """Statements with complete first days and sometimes half a last day, of several formats."""
    pieces = {}
    for i in range(dice.randrange(5, 9)):
        first = dice.randrange(28)
        last = dice.randrange(first, 30)
        inside = [each for each in truth if FIRST + first <= each.booked_on <= FIRST + last]
        if dice.random() < 0.4:
            on_last = sum(each.booked_on == FIRST + last for each in inside)
            inside = inside[: len(inside) - dice.randrange(on_last + 1)]
        opening = 10_000 + sum(each.amount_fen for each in truth if each.booked_on < FIRST + first)
        missing = CARRIERS[0] - dice.choice(CARRIERS)
        told = [each._replace(**dict.fromkeys(missing)) for each in inside]
        pieces[f"file{i}"] = state(first, last, opening, *told)
    pieces["whole"] = state(0, 29, 10_000, *truth)
    return pieces


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_arrival_gives_the_same_ledger_days_and_joints(app: App, seed: int) -> None:
    dice = random.Random(seed)
    truth = random_truth(dice)
    pieces = random_pieces(dice, truth)
    orders = [list(pieces), list(pieces)[::-1], dice.sample(list(pieces), len(pieces))]
    pictures = []
    for i, order in enumerate(orders):
        of = open_account(app, f"6225{i}")
        new = [take(app, of, name, pieces[name]) for name in order]
        assert sum(new) == len(truth)
        pictures.append(picture(app, of, numbers=False))
        numbered = [line[1:3] + line[-1:] for line in picture(app, of)["ledger"]]
        assert len(set(numbered)) == len(numbered)
    assert pictures[1] == pictures[0]
    assert pictures[2] == pictures[0]
    assert sorted(line[1:4] for line in pictures[0]["ledger"]) == sorted(
        (each.booked_on, each.amount_fen, each.balance_fen) for each in truth
    )
    assert {line[-1] for line in pictures[0]["joints"]} == {0}
    closing = {each.booked_on: each.balance_fen for each in truth}
    assert {day: fen for _, day, fen, _ in pictures[0]["days"] if day in closing} == closing


# --- single properties -------------------------------------------------------------------------


def test_half_a_day_and_then_the_whole_day_is_one_day(app: App) -> None:
    of = open_account(app, "6225")
    assert take(app, of, "a", state(0, 5, 0, row(5, 100))) == 1
    assert take(app, of, "b", state(5, 9, 0, row(5, 100), row(5, 100), row(7, -30))) == 2
    seen = picture(app, of)
    assert len(seen["ledger"]) == 3
    assert [line[1:] for line in seen["days"]] == [
        (FIRST + 0, 0, 0), (FIRST + 5, 200, 2), (FIRST + 7, 170, 1), (FIRST + 9, 170, 0),
    ]  # fmt: skip


def test_two_equal_payments_of_a_day_both_survive_and_keep_their_numbers(app: App) -> None:
    of = open_account(app, "6225")
    both = state(3, 3, 0, row(3, 100), row(3, 100))
    assert take(app, of, "a", both) == 2
    assert take(app, of, "b", state(0, 9, 0, row(3, 100), row(3, 100))) == 0
    assert [line[-1] for line in picture(app, of)["ledger"]] == [1, 2]


def test_what_only_a_later_file_tells_is_filled_in(app: App) -> None:
    of = open_account(app, "6225")
    take(app, of, "a", state(0, 5, 0, row(3, 100, counterparty="张伟")))
    take(app, of, "b", state(1, 6, 0, row(3, 100, 100)))
    ((_, _, _, balance, name, *_),) = picture(app, of)["ledger"]
    assert (balance, name) == (100, "张伟")


def test_references_that_restart_with_each_file_keep_nothing_apart(app: App) -> None:
    of = open_account(app, "6225")
    days = [row(day, 100) for day in range(1, 5)]
    # "a" and "b" tell the same days and share no number; "c" numbers other rows by the same ones
    first = [each._replace(reference=f"{i}") for i, each in enumerate(days, 1)]
    second = [each._replace(reference=f"{i}") for i, each in enumerate(days[2:], 7)]
    take(app, of, "a", state(1, 4, 0, *first))
    take(app, of, "b", state(3, 4, 200, *second))
    assert len(picture(app, of)["ledger"]) == 4
    others = [row(10 + i, 5, reference=f"{i}") for i in range(1, 9)]
    take(app, of, "c", state(4, 20, 300, days[3]._replace(reference="9"), *others))
    assert len([line for line in picture(app, of)["ledger"] if line[2] == 100]) == 4


def test_a_row_may_leave_its_entry_when_an_earlier_statement_fits_better(app: App) -> None:
    of = open_account(app, "6225")
    take(app, of, "b", state(2, 5, 0, row(3, 100)))
    take(app, of, "c", state(3, 5, 0, row(3, 100, memo="学费")))
    assert len(picture(app, of)["ledger"]) == 1
    two = [row(3, 100, memo="学费"), row(3, 100, memo="资料费")]
    take(app, of, "a", state(1, 5, 0, *two))
    ledger = picture(app, of)["ledger"]
    assert [(line[0], line[5], line[7]) for line in ledger] == [
        ("a", "学费", 0),
        ("a", "资料费", 0),
    ]


def test_a_gap_closes_when_the_missing_statement_comes(app: App) -> None:
    of = open_account(app, "6225")
    take(app, of, "a", state(0, 5, 0))
    take(app, of, "c", state(9, 12, 50))
    assert picture(app, of)["joints"] == [("c", "a", FIRST + 6, 3, 0)]
    take(app, of, "b", state(6, 8, 0, row(7, 50)))
    seen = picture(app, of)
    assert seen["joints"] == [("b", "a", FIRST + 6, 0, 0), ("c", "b", FIRST + 9, 0, 0)]
    assert seen["coverage"] == [(FIRST, FIRST + 12)]


def test_statements_of_one_file_merge_with_each_other_and_with_those_before(app: App) -> None:
    of = open_account(app, "6225")
    three = [row(day, 100) for day in (2, 4, 6)]
    take(app, of, "a", state(0, 3, 0, *three[:1]))
    assert take(app, of, "b", state(2, 5, 0, *three[:2]), state(4, 7, 100, *three[1:])) == 2
    assert len(picture(app, of)["ledger"]) == 3


# --- the first rows of an institution ---------------------------------------------------------


def test_equal_rows_of_a_long_statement_are_numbered_in_their_order(app: App) -> None:
    of = open_account(app, "6225")
    rows = [row(day, 100, memo=f"{day} {n}") for day in range(3) for n in range(3_000)]
    assert take(app, of, "a", state(0, 2, 0, *rows)) == 9_000
    with app.database.reading() as tx:
        stored = tx.execute(select(entry.c.memo, entry.c.n, entry.c.seq).order_by(entry.c.id)).all()
    assert [tuple(each) for each in stored] == [
        (each.memo, n % 3_000 + 1, n) for n, each in enumerate(rows)
    ]


def test_a_statement_beside_an_empty_one_is_the_first_of_its_institution(app: App) -> None:
    of = open_account(app, "6225")
    take(app, of, "a", state(0, 1, 500))
    assert take(app, of, "b", state(2, 3, 500, row(2, 100), row(3, -100, memo="手续费"))) == 2
    with app.database.reading() as tx:
        kinds = tx.scalars(select(entry.c.kind).order_by(entry.c.id)).all()
    assert kinds == ["receipt", "charge"]


def list_kinds(app: App) -> list[str | None]:
    with app.database.reading() as tx:
        return list(tx.scalars(select(entry.c.kind).order_by(entry.c.id)))


def test_parts_of_a_day_are_matched_as_they_are_written_where_no_row_is_told_twice(
    app: App,
) -> None:
    of = open_account(app, "6225")
    names = ("1 morning", "2 noon", "3 evening")
    told = [row(3, 100, memo=name, reference=name) for name in names]
    parts = [state(1, 3, 0, told[0]), state(3, 3, 100, told[1]), state(3, 9, 200, told[2])]
    assert take(app, of, "a", *parts) == 3
    assert list_kinds(app) == ["receipt"] * 3
    assert [line[-1] for line in picture(app, of)["ledger"]] == [1, 2, 3]


def test_of_statements_that_tell_a_row_twice_nothing_is_matched_before_they_are_merged(
    app: App,
) -> None:
    of = open_account(app, "6225")
    twice = row(3, 100, memo="学费")
    assert take(app, of, "a", state(1, 3, 0, twice), state(3, 9, 0, twice, row(4, 7))) == 2
    assert list_kinds(app) == [None, None, "receipt"]  # of a day that is told once


@pytest.mark.parametrize("seed", range(12))
def test_parts_of_days_count_alike_as_the_first_rows_and_after_others(app: App, seed: int) -> None:
    dice = random.Random(seed)
    truth = random_truth(dice)
    cuts = [0, *sorted(dice.sample(range(1, len(truth)), 6)), len(truth)]
    parts = []
    for start, end in pairwise(cuts):
        missing = CARRIERS[0] - dice.choice(CARRIERS[:1] * 3 + CARRIERS)
        told = [each._replace(**dict.fromkeys(missing)) for each in truth[start:end]]
        opening = 10_000 + sum(each.amount_fen for each in truth[:start])
        first, last = (each.booked_on - FIRST for each in (told[0], told[-1]))
        parts.append(state(first, last, opening, *told))
    dice.shuffle(parts)
    pictures = []
    for number in ("first", "later"):
        of = open_account(app, number)
        take(app, of, "parts", *parts)
        pictures.append(picture(app, of))
    assert pictures[0] == pictures[1]
    assert len(pictures[0]["ledger"]) <= len(truth)


def test_a_reversal_may_stand_before_what_it_reverses(app: App) -> None:
    of = open_account(app, "6225")
    rows = [row(3, -100, memo="冲正"), row(1, 100, memo="学费"), row(2, 50, memo="学费")]
    take(app, of, "a", state(1, 3, 0, *rows))
    with app.database.reading() as tx:
        stored = tx.execute(
            select(entry.c.id, entry.c.kind, entry.c.reverses).order_by(entry.c.seq)
        ).all()
    (_, kind, reverses), original, other = stored
    assert (kind, reverses) == ("reversal", original.id)
    assert (original.kind, other.kind) == ("reversal", "receipt")


def test_an_empty_statement_may_be_the_first(app: App) -> None:
    of = open_account(app, "6225")
    assert take(app, of, "a", state(0, 1, 500), state(2, 3, 500)) == 0
