"""What one institution's contracts, lessons and accounts moved in a span of days.

Queries over facts of the rule book and over the ledger; writes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, or_, select

from feewatch.kernel.days import Day
from feewatch.store.scope import among
from feewatch.store.tables.ledger import account_coverage, account_day, entry, statement
from feewatch.store.tables.places import succession
from feewatch.store.tables.registers import account


def positions(fact: str, first: Day, last: Day, arrived_to: Day) -> str:
    """Per contract its position at as-of, what arrived for it, and the lessons of the days."""
    return f"""
        SELECT p.contract_id, p.institution_id, p.contract_no, p.paid_on, p.paid_fen,
               p.refunded_fen, p.consumed_fen, p.is_estimated, p.low_fen, p.high_fen,
               COALESCE(r.fen, 0) AS arrived_fen, COALESCE(h.lessons, 0) AS lessons
        FROM ({fact}) AS p
        LEFT JOIN (
            SELECT m.contract_id, CAST(SUM(m.amount_fen) AS BIGINT) AS fen
            FROM match AS m
            WHERE m.kind = 'receipt' AND m.booked_on <= {arrived_to}
            GROUP BY m.contract_id
        ) AS r ON r.contract_id = p.contract_id
        LEFT JOIN (
            SELECT l.contract_id, CAST(SUM(l.lessons) AS BIGINT) AS lessons
            FROM lesson AS l
            WHERE l.held_on BETWEEN {first} AND {last}
            GROUP BY l.contract_id
        ) AS h ON h.contract_id = p.contract_id
    """


def list_predecessors(tx: Connection, institution_id: int, until: Day) -> set[int]:
    """Institutions whose contracts may have come to this one by a day, itself among them."""
    known, new = {institution_id}, {institution_id}
    while new:
        rows = select(succession.c.institution_id).where(
            among(succession.c.to_institution_id, new), succession.c.on_day <= until
        )
        new = set(tx.scalars(rows)) - known
        known |= new
    return known


def list_accounts(tx: Connection, institution_id: int, first: Day, last: Day) -> Sequence[Row[Any]]:
    """Accounts that were open on one of the days, by kind and number."""
    column = account.c
    return tx.execute(
        select(column.id, column.account_no, column.bank, column.kind)
        .add_columns(column.opened_on, column.closed_on)
        .where(
            column.institution_id == institution_id,
            or_(column.opened_on.is_(None), column.opened_on <= last),
            or_(column.closed_on.is_(None), column.closed_on >= first),
        )
        .order_by(column.kind.desc(), column.account_no)
    ).all()


class Flow(NamedTuple):
    """What moved in one direction on an account for one kind of entry."""

    kind: str
    is_in: bool
    fen: int  # at least 0
    matched_fen: int
    entries: int


def list_flows(
    tx: Connection, accounts: Collection[int], first: Day, last: Day
) -> dict[int, list[Flow]]:
    """By account what moved on these days, by kind and direction."""
    is_in = entry.c.amount_fen > 0
    kind = func.coalesce(entry.c.kind, "other")
    rows = tx.execute(
        select(
            entry.c.account_id,
            kind,
            is_in,
            func.sum(func.abs(entry.c.amount_fen)),
            func.sum(entry.c.matched_fen),
            func.count(),
        )
        .where(
            among(entry.c.account_id, accounts),
            entry.c.merged_into.is_(None),
            entry.c.booked_on.between(first, last),
        )
        .group_by(entry.c.account_id, kind, is_in)
        .order_by(kind, is_in)
    )
    flows: dict[int, list[Flow]] = defaultdict(list)
    for key, name, inward, fen, matched, number in rows:
        flows[key].append(Flow(name, bool(inward), int(fen), int(matched), int(number)))
    return flows


def list_covered(tx: Connection, accounts: Collection[int]) -> dict[int, list[tuple[Day, Day]]]:
    """By account the days that accepted statements cover, as ranges in order."""
    column = account_coverage.c
    covered: dict[int, list[tuple[Day, Day]]] = defaultdict(list)
    for key, start, end in tx.execute(
        select(column.account_id, column.from_day, column.to_day)
        .where(among(column.account_id, accounts))
        .order_by(column.from_day)
    ):
        covered[key].append((start, end))
    return covered


def closings(tx: Connection, accounts: Collection[int], day: Day) -> dict[int, int]:
    """By account the last closing balance told up to a day."""
    column = account_day.c
    place = func.row_number().over(partition_by=column.account_id, order_by=column.day.desc())
    latest = (
        select(column.account_id, column.closing_fen, place.label("place"))
        .where(among(column.account_id, accounts), column.day <= day)
        .subquery()
    )
    rows = select(latest.c.account_id, latest.c.closing_fen).where(latest.c.place == 1)
    return {key: int(fen) for key, fen in tx.execute(rows)}


def openings(tx: Connection, accounts: Collection[int]) -> dict[tuple[int, Day], int]:
    """By account and first day the opening balance of the accepted statement that begins on it."""
    column = statement.c
    rows = tx.execute(
        select(column.account_id, column.from_day, column.opening_fen)
        .where(
            among(column.account_id, accounts),
            column.status == "accepted",
            column.opening_fen.is_not(None),
        )
        .order_by(column.file_sha256.desc(), column.n.desc())
    )
    return {(key, day): int(fen) for key, day, fen in rows}
