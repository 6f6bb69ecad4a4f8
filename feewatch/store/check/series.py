"""Escrow balance against the claims on it of one institution, day by day, for its chart."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    cast,
    column,
    func,
    or_,
    select,
)
from sqlalchemy import values as sql_values

from feewatch.kernel.days import Day
from feewatch.store.tables.ledger import account_day, entry, match
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import account, contract, lesson


class Point(NamedTuple):
    """One day of the chart; balance is None while nothing is known of any fee account.

    An account closed by then holds nothing.
    """

    day: Day
    balance_fen: int | None
    liability_fen: int
    unknown: int  # contracts whose consumption cannot be computed, counted with their whole fee
    unexplained_fen: int = 0  # received for no contract, less refunds for none: presumed prepaid

    @property
    def claims_fen(self) -> int:
        """What the fee accounts should hold."""
        return self.liability_fen + self.unexplained_fen


def list_points(tx: Connection, institution_id: int, days: Sequence[Day]) -> list[Point]:
    """The points of the days asked for, in their order."""
    if not days:
        return []
    balances = _balances(tx, institution_id, days)
    liabilities = _liabilities(tx, institution_id, days)
    unexplained = _unexplained(tx, institution_id, days)
    return [
        Point(day, balances.get(day), *liabilities.get(day, (0, 0)), unexplained.get(day, 0))
        for day in days
    ]


def _balances(tx: Connection, institution_id: int, days: Sequence[Day]) -> dict[Day, int]:
    asked = _table(days)
    latest = (
        select(account_day.c.closing_fen)
        .where(account_day.c.account_id == account.c.id, account_day.c.day <= asked.c.day)
        .order_by(account_day.c.day.desc())
        .limit(1)
        .correlate(account, asked)
        .scalar_subquery()
    )
    counted = and_(account.c.institution_id == institution_id, account.c.kind == "fee")
    held = case((account.c.closed_on <= asked.c.day, 0), else_=latest)
    query = (
        select(asked.c.day, func.sum(held))
        .select_from(asked.join(account, counted))
        .group_by(asked.c.day)
    )
    return {day: int(balance) for day, balance in tx.execute(query) if balance is not None}


def _unexplained(tx: Connection, institution_id: int, days: Sequence[Day]) -> dict[Day, int]:
    """As claims count it: unmatched receipts less unmatched refunds up to the day, at least 0."""
    asked = _table(days)
    counted = and_(
        entry.c.institution_id == institution_id,
        entry.c.kind.in_(("receipt", "refund")),
        entry.c.merged_into.is_(None),
        entry.c.booked_on <= asked.c.day,
    )
    matched = case((entry.c.kind == "receipt", -entry.c.matched_fen), else_=entry.c.matched_fen)
    query = (
        select(asked.c.day, func.sum(entry.c.amount_fen + matched))
        .select_from(asked.join(entry, counted))
        .group_by(asked.c.day)
    )
    return {day: max(int(fen), 0) for day, fen in tx.execute(query)}


def _liabilities(
    tx: Connection, institution_id: int, days: Sequence[Day]
) -> dict[Day, tuple[int, int]]:
    asked = _table(days)
    held = func.coalesce(
        select(func.sum(lesson.c.lessons))
        .where(lesson.c.contract_id == contract.c.id, lesson.c.held_on <= asked.c.day)
        .correlate(contract, asked)
        .scalar_subquery(),
        0,
    )
    refunded = func.coalesce(
        select(func.sum(match.c.amount_fen))
        .where(
            match.c.contract_id == contract.c.id,
            match.c.kind == "refund",
            match.c.booked_on <= asked.c.day,
        )
        .correlate(contract, asked)
        .scalar_subquery(),
        0,
    )
    has_lessons = (
        select(lesson.c.id)
        .where(lesson.c.contract_id == contract.c.id)
        .correlate(contract)
        .exists()
    )
    of_charges = (
        select(func.sum(case((charge.c.paid_on <= asked.c.day, charge.c.amount_fen), else_=0)))
        .where(charge.c.contract_id == contract.c.id)
        .correlate(contract, asked)
        .scalar_subquery()
    )
    at_once = case((contract.c.paid_on <= asked.c.day, contract.c.fee_fen), else_=0)
    paid = func.coalesce(of_charges, at_once)
    counted = and_(
        contract.c.institution_id == institution_id,
        contract.c.payment == "prepaid",
        paid > 0,
        or_(
            contract.c.settlement.is_(None),
            contract.c.ended_on.is_(None),
            contract.c.ended_on > asked.c.day,
        ),
    )
    consumed = _consumed(asked.c.day, cast(held, BigInteger), has_lessons)
    left = cast(paid, BigInteger) - func.coalesce(consumed, 0) - refunded
    query = (
        select(
            asked.c.day,
            func.sum(case((left > 0, left), else_=0)),
            func.sum(case((consumed.is_(None), 1), else_=0)),
        )
        .select_from(asked.join(contract, counted))
        .group_by(asked.c.day)
    )
    return {day: (int(fen), int(unknown)) for day, fen, unknown in tx.execute(query)}


def _consumed(
    day: ColumnElement[int], held: ColumnElement[int], has_lessons: ColumnElement[bool]
) -> ColumnElement[int | None]:
    """Fee x part taught, half up, at most the fee; NULL where the register does not say."""
    elapsed = day - contract.c.starts_on + 1
    whole = contract.c.ends_on - contract.c.starts_on + 1
    by_days = and_(contract.c.basis == "period", ~has_lessons)
    return case(
        (and_(by_days, elapsed <= 0), 0),
        (by_days, _part(elapsed, whole)),
        else_=_part(held, contract.c.total_lessons),
    )


def _part(done: ColumnElement[int], whole: ColumnElement[int]) -> ColumnElement[int | None]:
    fee = contract.c.fee_fen
    return case(
        (whole <= 0, None),
        (done >= whole, fee),
        # integers above zero: the quotient of whole numbers is its floor in both databases
        else_=(2 * fee * done + whole) // (2 * whole),
    )


def _table(days: Sequence[Day]) -> CTE:
    asked = sql_values(column("day", Integer), name="asked")
    return asked.data([(day,) for day in days]).cte("asked")
