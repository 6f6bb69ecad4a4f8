"""Escrow balance against the claims on it of one institution, day by day, for its chart.

Liability is that of the fact ``contract_position``, as seen from the last of the days; signed
opening statements aside.
"""

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

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day
from feewatch.store.holdings import Tenure, list_tenures
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
    asked, last = _table(days), max(days)
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
        .where(lesson.c.contract_id == contract.c.id, lesson.c.held_on <= last)
        .correlate(contract)
        .exists()
    )
    paid = _paid(asked.c.day)
    counted = and_(
        _is_held(tx, institution_id, asked.c.day),
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


def _is_held(tx: Connection, institution_id: int, day: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a contract is the institution's on a day: its own, or one that moved to it."""
    tied = list_tenures(tx, [institution_id])
    tenures = [tenure for tenure in tied if tenure.holder_id == institution_id]
    if all(tenure.institution_id != institution_id for tenure in tied):
        tenures.append(Tenure(institution_id, institution_id, FIRST_DAY, LAST_DAY))
    registers = contract.c.institution_id
    return or_(*(and_(registers == each.institution_id, day.between(each.from_day, each.to_day))
                 for each in tenures))  # fmt: skip


def _paid(day: ColumnElement[int]) -> ColumnElement[int]:
    """What of a contract was paid ahead by a day.

    A pay-after contract is paid ahead from a receipt before its first lesson on.
    """
    of_contract = match.c.contract_id == contract.c.id
    received_on = (
        select(func.min(match.c.booked_on))
        .where(of_contract, match.c.kind == "receipt")
        .correlate(contract)
        .scalar_subquery()
    )
    begun_on = (
        select(func.min(lesson.c.held_on))
        .where(lesson.c.contract_id == contract.c.id)
        .correlate(contract)
        .scalar_subquery()
    )
    early_on = case((func.coalesce(begun_on, received_on + 1) > received_on, received_on))
    is_prepaid = contract.c.payment == "prepaid"
    first_on = case((charge.c.turn == 1, early_on))
    charged_on = case(
        (is_prepaid, charge.c.paid_on),
        (early_on.is_not(None), func.coalesce(charge.c.paid_on, first_on)),
    )
    of_charges = (
        select(func.sum(case((charged_on <= day, charge.c.amount_fen), else_=0)))
        .where(charge.c.contract_id == contract.c.id)
        .correlate(contract, day.table)
        .scalar_subquery()
    )
    paid_on = case((is_prepaid, contract.c.paid_on), else_=early_on)
    return func.coalesce(of_charges, case((paid_on <= day, contract.c.fee_fen), else_=0))


def _consumed(
    day: ColumnElement[int], held: ColumnElement[int], has_lessons: ColumnElement[bool]
) -> ColumnElement[int | None]:
    """Fee x part taught, half up, at most the fee; NULL where the register does not say.

    Without lessons a contract by period is consumed by its days, and any other one not at all.
    """
    elapsed = day - contract.c.starts_on + 1
    whole = contract.c.ends_on - contract.c.starts_on + 1
    by_days = and_(contract.c.basis == "period", ~has_lessons)
    return case(
        (and_(by_days, elapsed <= 0), 0),
        (and_(by_days, day >= contract.c.ends_on), contract.c.fee_fen),
        (by_days, _part(elapsed, whole)),
        (held == 0, 0),
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
