"""Escrow balance against the claims on it of one institution, day by day, for its chart.

Liability is that of the fact ``contract_position``, as seen from the last of the days; signed
opening statements aside.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day
from feewatch.store.holdings import Tenure, list_tenures
from feewatch.store.tables.ledger import account_day, entry, match
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import account, contract, lesson

#: The institution asked for: given with each execution, so that statements are built once.
_OWN: ColumnElement[int] = bindparam("institution", type_=Integer)


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
    asked, of_it = tuple(days), {"institution": institution_id}
    rows = tx.execute(_balances(asked), of_it)
    balances = {day: int(balance) for day, balance in rows if balance is not None}
    rows = tx.execute(_unexplained(asked), of_it)
    unexplained = {day: max(int(fen), 0) for day, fen in rows}
    rows = tx.execute(_liabilities(asked, _tenures(tx, institution_id)), of_it)
    liabilities = {day: (int(fen), int(unknown)) for day, fen, unknown in rows}
    return [
        Point(day, balances.get(day), *liabilities.get(day, (0, 0)), unexplained.get(day, 0))
        for day in days
    ]


@lru_cache(maxsize=16)
def _balances(days: tuple[Day, ...]) -> Select[Any]:
    asked = _table(days)
    latest = (
        select(account_day.c.closing_fen)
        .where(account_day.c.account_id == account.c.id, account_day.c.day <= asked.c.day)
        .order_by(account_day.c.day.desc())
        .limit(1)
        .correlate(account, asked)
        .scalar_subquery()
    )
    counted = and_(account.c.institution_id == _OWN, account.c.kind == "fee")
    held = case((account.c.closed_on <= asked.c.day, 0), else_=latest)
    return (
        select(asked.c.day, func.sum(held))
        .select_from(asked.join(account, counted))
        .group_by(asked.c.day)
    )


@lru_cache(maxsize=16)
def _unexplained(days: tuple[Day, ...]) -> Select[Any]:
    """As claims count it: unmatched receipts less unmatched refunds up to the day, at least 0."""
    asked = _table(days)
    counted = and_(
        entry.c.institution_id == _OWN,
        entry.c.kind.in_(("receipt", "refund")),
        entry.c.merged_into.is_(None),
        entry.c.booked_on <= asked.c.day,
    )
    matched = case((entry.c.kind == "receipt", -entry.c.matched_fen), else_=entry.c.matched_fen)
    return (
        select(asked.c.day, func.sum(entry.c.amount_fen + matched))
        .select_from(asked.join(entry, counted))
        .group_by(asked.c.day)
    )


@lru_cache(maxsize=64)
def _liabilities(days: tuple[Day, ...], tenures: tuple[Tenure, ...]) -> Select[Any]:
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
        _is_held(tenures, asked.c.day),
        paid > 0,
        or_(
            contract.c.settlement.is_(None),
            contract.c.ended_on.is_(None),
            contract.c.ended_on > asked.c.day,
        ),
    )
    consumed = _consumed(asked.c.day, cast(held, BigInteger), has_lessons)
    left = cast(paid, BigInteger) - func.coalesce(consumed, 0) - refunded
    return (
        select(
            asked.c.day,
            func.sum(case((left > 0, left), else_=0)),
            func.sum(case((consumed.is_(None), 1), else_=0)),
        )
        .select_from(asked.join(contract, counted))
        .group_by(asked.c.day)
    )


def _tenures(tx: Connection, institution_id: int) -> tuple[Tenure, ...]:
    """Whose contracts the institution holds, and when; none: its own, always."""
    tied = list_tenures(tx, [institution_id])
    if not tied:
        return ()
    tenures = [tenure for tenure in tied if tenure.holder_id == institution_id]
    if all(tenure.institution_id != institution_id for tenure in tied):
        tenures.append(Tenure(institution_id, institution_id, FIRST_DAY, LAST_DAY))
    return tuple(tenures)


def _is_held(tenures: Sequence[Tenure], day: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a contract is the institution's on a day: its own, or one that moved to it."""
    registers = contract.c.institution_id
    if not tenures:
        return registers == _OWN
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


@lru_cache(maxsize=64)
def _table(days: tuple[Day, ...]) -> CTE:
    """The days as a table; of selects, since statements over VALUES are translated each time."""
    first, *rest = (select(literal(day).label("day")) for day in days)
    return (first.union_all(*rest) if rest else first).cte("asked")
