"""Escrow balance against the claims on it of one institution, day by day, for its chart.

Liability is that of the fact ``contract_position``, as seen from the last of the days; signed
opening statements aside.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
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


def list_points(
    tx: Connection, institution_id: int, days: Sequence[Day], *, is_tied: bool = True
) -> list[Point]:
    """The points of the days asked for, in their order; ``is_tied``: successions may tie it."""
    if not days:
        return []
    asked, of_it = tuple(days), {"institution": institution_id}
    rows = tx.execute(_balances(asked), of_it)
    balances = {day: int(balance) for day, balance in rows if balance is not None}
    rows = tx.execute(_unexplained(asked), of_it)
    unexplained = _sum_up(asked, {place: int(fen) for place, fen in rows})
    tenures = _tenures(tx, institution_id) if is_tied else ()
    rows = tx.execute(_liabilities(asked, tenures), of_it)
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
    """By place among the days: unmatched receipts less refunds since the day before it.

    One pass over the entries, whatever the number of days.
    """
    ordered = sorted(days)
    place = case(*((entry.c.booked_on <= day, place) for place, day in enumerate(ordered)))
    matched = case((entry.c.kind == "receipt", -entry.c.matched_fen), else_=entry.c.matched_fen)
    return (
        select(place.label("place"), func.sum(entry.c.amount_fen + matched))
        .where(
            entry.c.institution_id == _OWN,
            entry.c.kind.in_(("receipt", "refund")),
            entry.c.merged_into.is_(None),
            entry.c.booked_on <= ordered[-1],
        )
        .group_by("place")  # by its name: written out, its parameters would be others
    )


def _sum_up(days: tuple[Day, ...], changes: dict[int, int]) -> dict[Day, int]:
    """What is unexplained on each day, as claims count it: at least 0."""
    ordered = sorted(days)
    sums = accumulate(changes.get(place, 0) for place in range(len(ordered)))
    return {day: max(total, 0) for day, total in zip(ordered, sums, strict=True)}


@lru_cache(maxsize=64)
def _liabilities(days: tuple[Day, ...], tenures: tuple[Tenure, ...]) -> Select[Any]:
    """What is owed on each day: worked out in layers, so that no look-up is made twice."""
    left = _left(_used(_paid_ahead(_table(days), _contracts(max(days), tenures), tenures)))
    return select(
        left.c.day,
        func.sum(case((left.c.left > 0, left.c.left), else_=0)),
        func.sum(left.c.is_unknown),
    ).group_by(left.c.day)


def _layer(query: Select[Any], name: str) -> CTE:
    """A query whose rows are worked out once: a database would write it into the next one."""
    return query.cte(name).prefix_with("MATERIALIZED")


def _contracts(last: Day, tenures: Sequence[Tenure]) -> CTE:
    """Contracts of the registers asked for, with what of them is the same on all days."""
    of_contract = match.c.contract_id == contract.c.id
    received_on = select(func.min(match.c.booked_on)).where(of_contract, match.c.kind == "receipt")
    begun_on = select(func.min(lesson.c.held_on)).where(lesson.c.contract_id == contract.c.id)
    has_lessons = select(lesson.c.id).where(
        lesson.c.contract_id == contract.c.id, lesson.c.held_on <= last
    )
    registers = {each.institution_id for each in tenures}
    own = contract.c.institution_id.in_(registers) if tenures else contract.c.institution_id == _OWN
    return _layer(
        select(
            *(contract.c[name] for name in _TERMS),
            received_on.correlate(contract).scalar_subquery().label("received_on"),
            begun_on.correlate(contract).scalar_subquery().label("begun_on"),
            case((has_lessons.correlate(contract).exists(), 1), else_=0).label("has_lessons"),
        ).where(own),
        "terms",
    )


_TERMS = (
    "id", "institution_id", "fee_fen", "total_lessons", "basis", "starts_on", "ends_on", "payment",
    "paid_on", "settlement", "ended_on",
)  # fmt: skip


def _paid_ahead(asked: CTE, terms: CTE, tenures: Sequence[Tenure]) -> CTE:
    """Contracts by day on which they are the institution's and go on, with what was paid ahead."""
    goes_on = or_(
        terms.c.settlement.is_(None),
        terms.c.ended_on.is_(None),
        terms.c.ended_on > asked.c.day,
    )
    counted = and_(_is_held(terms, tenures, asked.c.day), goes_on)
    return _layer(
        select(asked.c.day, terms, _paid(terms, asked.c.day).label("paid")).select_from(
            asked.join(terms, counted)
        ),
        "paid_ahead",
    )


def _used(paid: CTE) -> CTE:
    """Those paid ahead, with the lessons held and the money refunded by the day."""
    held = select(func.sum(lesson.c.lessons)).where(
        lesson.c.contract_id == paid.c.id, lesson.c.held_on <= paid.c.day
    )
    refunded = select(func.sum(match.c.amount_fen)).where(
        match.c.contract_id == paid.c.id,
        match.c.kind == "refund",
        match.c.booked_on <= paid.c.day,
    )
    lessons = func.coalesce(held.correlate(paid).scalar_subquery(), 0)
    return _layer(
        select(
            paid,
            cast(lessons, BigInteger).label("held"),
            func.coalesce(refunded.correlate(paid).scalar_subquery(), 0).label("refunded"),
        ).where(paid.c.paid > 0),
        "used",
    )


def _left(used: CTE) -> CTE:
    """What of the money paid is left, and whether the register does not say what was consumed."""
    consumed = _consumed(used)
    return _layer(
        select(
            used.c.day,
            (cast(used.c.paid, BigInteger) - func.coalesce(consumed, 0) - used.c.refunded).label(
                "left"
            ),
            case((consumed.is_(None), 1), else_=0).label("is_unknown"),
        ),
        "left_over",
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


def _is_held(terms: CTE, tenures: Sequence[Tenure], day: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a contract is the institution's on a day: its own, or one that moved to it."""
    registers = terms.c.institution_id
    if not tenures:
        return registers == _OWN
    return or_(*(and_(registers == each.institution_id, day.between(each.from_day, each.to_day))
                 for each in tenures))  # fmt: skip


def _paid(terms: CTE, day: ColumnElement[int]) -> ColumnElement[int]:
    """What of a contract was paid ahead by a day.

    A pay-after contract is paid ahead from a receipt before its first lesson on.
    """
    received_on = terms.c.received_on
    early_on = case((func.coalesce(terms.c.begun_on, received_on + 1) > received_on, received_on))
    is_prepaid = terms.c.payment == "prepaid"
    first_on = case((charge.c.turn == 1, early_on))
    charged_on = case(
        (is_prepaid, charge.c.paid_on),
        (early_on.is_not(None), func.coalesce(charge.c.paid_on, first_on)),
    )
    of_charges = (
        select(func.sum(case((charged_on <= day, charge.c.amount_fen), else_=0)))
        .where(charge.c.contract_id == terms.c.id)
        .correlate(terms, day.table)
        .scalar_subquery()
    )
    paid_on = case((is_prepaid, terms.c.paid_on), else_=early_on)
    return func.coalesce(of_charges, case((paid_on <= day, terms.c.fee_fen), else_=0))


def _consumed(used: CTE) -> ColumnElement[int | None]:
    """Fee x part taught, half up, at most the fee; NULL where the register does not say.

    Without lessons a contract by period is consumed by its days, and any other one not at all.
    """
    day, held = used.c.day, used.c.held
    elapsed = day - used.c.starts_on + 1
    whole = used.c.ends_on - used.c.starts_on + 1
    by_days = and_(used.c.basis == "period", used.c.has_lessons == 0)
    return case(
        (and_(by_days, elapsed <= 0), 0),
        (and_(by_days, day >= used.c.ends_on), used.c.fee_fen),
        (by_days, _part(used.c.fee_fen, elapsed, whole)),
        (held == 0, 0),
        else_=_part(used.c.fee_fen, held, used.c.total_lessons),
    )


def _part(
    fee: ColumnElement[int], done: ColumnElement[int], whole: ColumnElement[int]
) -> ColumnElement[int | None]:
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
