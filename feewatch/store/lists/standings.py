"""What is on file about institutions at a cut-off, gathered for the assessment of lists."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from feewatch.casework.cases import OVER
from feewatch.credit.eligibility import (
    CLAIMED,
    COVER_RULES,
    AccountFacts,
    Range,
    WhiteListStanding,
)
from feewatch.kernel.days import Day, date_of
from feewatch.store.intake.words import is_confirmed, word_of_statement
from feewatch.store.registers.coverage import INSTITUTION, OFFICE
from feewatch.store.scope import of_institutions
from feewatch.store.tables.casework import alert, case_event, case_file
from feewatch.store.tables.ledger import entry, source_file, statement, told_days
from feewatch.store.tables.registers import account, coverage, institution, institution_fact

#: Institutions whose rows are in memory at once; a single district may have more.
READ_TOGETHER = 5_000
#: Days of receipts against which the unexplained ones are held.
YEAR_DAYS = 365


def iterate_districts(
    tx: Connection, cut_off: Day, institutions: Collection[int] | None = None
) -> Iterator[tuple[str, list[WhiteListStanding]]]:
    """Each district with the standings of its institutions by credit code.

    Every table is read once for as many districts as memory is meant for, in an office once for
    all; standings are made a district at a time. ``institutions``: these alone.
    """
    fact = institution_fact.c
    chosen = [_in_force(cut_off), of_institutions(fact.institution_id, institutions)]
    sizes = select(fact.district, func.count()).where(*chosen).group_by(fact.district)
    counted = [(place, size) for place, size in tx.execute(sizes.order_by(fact.district))]
    for first, last in _spans(counted):
        yield from _iterate_span(tx, cut_off, [*chosen, fact.district.between(first, last)])


def _spans(sizes: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """The first and last of districts, in order, that are read together."""
    first, last, together = "", "", 0
    for district, size in sizes:
        if first and together + size > READ_TOGETHER:
            yield first, last
            first, together = "", 0
        first, last, together = first or district, district, together + size
    if first:
        yield first, last


def _iterate_span(
    tx: Connection, cut_off: Day, chosen: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[str, list[WhiteListStanding]]]:
    fact = institution_fact.c
    rows = tx.execute(
        select(
            fact.institution_id,
            institution.c.uscc,
            *(fact[name] for name in ("name", "district", "subject", "custody")),
            fact.licence_until,
            fact.renewal_applied_on,
        )
        .join(institution)
        .where(*chosen)
        .order_by(fact.district, institution.c.uscc)
    ).all()
    among_them = select(fact.institution_id).where(*chosen)
    accounts = _accounts(tx, among_them, cut_off)
    registers = _registers(tx, among_them)
    money = _money(tx, among_them, cut_off)
    served = _served_cases(tx, among_them, cut_off)
    since = _short_since(tx, among_them)
    for place, rows_of_place in groupby(rows, key=lambda row: str(row.district)):
        yield (
            place,
            [
                WhiteListStanding(
                    **row._mapping,
                    accounts=tuple(accounts.get(row.institution_id, ())),
                    registers=registers.get(row.institution_id, {}),
                    unexplained_fen=money.get(row.institution_id, _NONE).unexplained_fen,
                    receipts_fen=money.get(row.institution_id, _NONE).receipts_fen,
                    served_cases=tuple(served.get(row.institution_id, ())),
                    short_since=since.get(row.institution_id, {}),
                )
                for row in rows_of_place
            ],
        )


def find_within(tx: Connection, uscc: str, keys: Collection[int]) -> int | None:
    """The institution of a credit code, where it is one of some."""
    query = select(institution.c.id).where(institution.c.uscc == uscc)
    return tx.scalar(query.where(of_institutions(institution.c.id, keys)))


class _Money(NamedTuple):
    """Receipts of an institution that no contract explains, and those of a year."""

    unexplained_fen: int
    receipts_fen: int


_NONE = _Money(0, 0)


def _money(tx: Connection, among_them: Select[Any], cut_off: Day) -> Mapping[int, _Money]:
    """By institution, as claims count it: unmatched receipts less unmatched refunds, at least 0.

    Receipts that the institution alone tells may be unexplained; they explain nothing.
    """
    is_receipt = entry.c.kind == "receipt"
    claimed = (
        select(statement.c.id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(word_of_statement() == INSTITUTION)
    )
    is_proven = or_(
        entry.c.statement_id.not_in(claimed),
        is_confirmed(entry.c.statement_id, entry.c.booked_on),
    )
    left = case(
        (is_receipt, entry.c.amount_fen - entry.c.matched_fen),
        (is_proven, entry.c.amount_fen + entry.c.matched_fen),
        else_=0,
    )
    recent = is_receipt & is_proven & (entry.c.booked_on > cut_off - YEAR_DAYS)
    rows = tx.execute(
        select(
            entry.c.institution_id,
            func.sum(left),
            func.sum(case((recent, entry.c.amount_fen), else_=0)),
        )
        .where(
            entry.c.institution_id.in_(among_them),
            entry.c.kind.in_(("receipt", "refund")),
            entry.c.merged_into.is_(None),
            entry.c.booked_on <= cut_off,
        )
        .group_by(entry.c.institution_id)
    )
    return {key: _Money(max(int(left), 0), int(year)) for key, left, year in rows}


def _in_force(cut_off: Day) -> ColumnElement[bool]:
    fact = institution_fact.c
    return (fact.valid_from <= cut_off) & (fact.valid_to >= cut_off)


def _accounts(
    tx: Connection, among_them: Select[Any], cut_off: Day
) -> Mapping[int, list[AccountFacts]]:
    told_by: defaultdict[int, list[tuple[str, Range]]] = defaultdict(list)
    days = told_days.c
    for account_id, word, *told in tx.execute(
        select(days.account_id, days.word, days.from_day, days.to_day)
        .where(days.institution_id.in_(among_them))
        .order_by(days.from_day)
    ):
        told_by[account_id].append((word, Range(*told)))
    facts: defaultdict[int, list[AccountFacts]] = defaultdict(list)
    column = account.c
    for row in tx.execute(
        select(column.institution_id, column.id, column.account_no, column.kind, column.opened_on)
        .where(
            column.institution_id.in_(among_them),
            column.kind.in_(("fee", "deposit")),
            or_(column.opened_on.is_(None), column.opened_on <= cut_off),
            or_(column.closed_on.is_(None), column.closed_on > cut_off),
        )
        .order_by(column.account_no)
    ):
        facts[row.institution_id].append(
            AccountFacts(
                row.account_no,
                row.kind,
                row.opened_on,
                covered=tuple(days for word, days in told_by[row.id] if word != INSTITUTION),
                claimed=tuple(days for word, days in told_by[row.id] if word == INSTITUTION),
                told=tuple(told_by[row.id]),
            )
        )
    return facts


def _registers(
    tx: Connection, among_them: Select[Any]
) -> Mapping[int, Mapping[str, tuple[Range, ...]]]:
    """The ranges of each register by the office's word, and under ``told/…`` by the other one."""
    by_institution: defaultdict[int, dict[str, tuple[Range, ...]]] = defaultdict(dict)
    column = coverage.c
    for institution_id, register, told_by, *days in tx.execute(
        select(
            column.institution_id, column.register, column.told_by, column.from_day, column.to_day
        )
        .where(column.institution_id.in_(among_them))
        .order_by(column.from_day, column.to_day)
    ):
        name = register if told_by == OFFICE else CLAIMED + register
        ranges = by_institution[institution_id]
        ranges[name] = (*ranges.get(name, ()), Range(*days))
    return by_institution


def _short_since(tx: Connection, among_them: Select[Any]) -> Mapping[int, dict[str, Day]]:
    """By institution and cover rule the first day of the breach that stands. To be shown alone."""
    since: defaultdict[int, dict[str, Day]] = defaultdict(dict)
    column = alert.c
    for row in tx.execute(
        select(column.institution_id, column.rule, column.on_day)
        .where(
            column.institution_id.in_(among_them),
            column.rule.in_(COVER_RULES),
            column.status.in_(("open", "in_case")),
            column.recovered_on.is_(None),
        )
        .order_by(column.on_day.desc())
    ):
        since[row.institution_id][row.rule] = row.on_day
    return since


def _served_cases(tx: Connection, among_them: Select[Any], cut_off: Day) -> Mapping[int, list[str]]:
    """Cases whose 督办单 was served by the cut-off and which were not closed by then.

    A hint (all matters rest on office indicators) claims no violation and bars nobody.
    """
    end = f"{date_of(cut_off).isoformat()}T24"  # sorts after every moment of the day
    states: dict[int, str] = {}
    ordered: set[int] = set()
    cases: dict[int, tuple[int, str]] = {}
    for row in tx.execute(
        select(
            case_file.c.id,
            case_file.c.institution_id,
            case_file.c.number,
            case_event.c.to_state,
            case_event.c.document,
        )
        .join(case_event)
        .where(case_file.c.institution_id.in_(among_them), case_event.c.at < end)
        .order_by(case_event.c.id)
    ):
        states[row.id] = row.to_state
        cases[row.id] = (row.institution_id, row.number)
        if row.to_state == "notified" and row.document != "hint":
            ordered.add(row.id)
    numbers: defaultdict[int, list[str]] = defaultdict(list)
    for case_id in sorted(ordered):
        if states[case_id] not in OVER:  # handed over or looked at anew elsewhere, it still stands
            institution_id, number = cases[case_id]
            numbers[institution_id].append(number)
    return numbers
