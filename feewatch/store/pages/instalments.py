"""Instalments (charges) of the contracts that an institution holds: due, paid, late, to come."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select

from feewatch.kernel.days import Day
from feewatch.store.holdings import list_tenures
from feewatch.store.scope import among
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import contract

#: States of a charge, in the order in which somebody has to look at them.
STATES = ("late", "due", "upcoming", "dropped", "paid")


def list_registers(tx: Connection, institution_id: int, day: Day) -> set[int]:
    """Institutions in whose registers the contracts stand that an institution holds on a day."""
    tenures = list_tenures(tx, [institution_id])
    held = {
        tenure.institution_id
        for tenure in tenures
        if tenure.holder_id == institution_id and tenure.from_day <= day <= tenure.to_day
    }
    was_succeeded = any(tenure.institution_id == institution_id for tenure in tenures)
    return held if was_succeeded else held | {institution_id}


def list_instalments(
    tx: Connection, registers: set[int], day: Day, state: str = "", *, limit: int, offset: int = 0
) -> Sequence[Row[Any]]:
    """Charges with their state on a day: those to be seen to first, each state by day due."""
    rows = _instalments(registers, day, state).subquery()
    rank = case({name: n for n, name in enumerate(STATES)}, value=rows.c.state)
    order = rank, rows.c.due_on, rows.c.contract_no, rows.c.turn, rows.c.charge_id
    return tx.execute(select(rows).order_by(*order).limit(limit).offset(offset)).all()


def sum_instalments(tx: Connection, registers: set[int], day: Day) -> dict[str, tuple[int, int]]:
    """By state how many charges there are and their sum in fen; states without any are left out."""
    rows = _instalments(registers, day, "").subquery()
    query = select(rows.c.state, func.count(), func.sum(rows.c.amount_fen)).group_by(rows.c.state)
    sums = {state: (number, int(fen)) for state, number, fen in tx.execute(query)}
    return {state: sums[state] for state in STATES if state in sums}


def _instalments(registers: set[int], day: Day, state: str) -> Select[Any]:
    state_column = _state(day)
    query = (
        select(
            charge.c.id.label("charge_id"),
            contract.c.contract_no,
            charge.c.charge_no,
            charge.c.turn,
            charge.c.due_on,
            charge.c.amount_fen,
            charge.c.lessons,
            case((charge.c.paid_on <= day, charge.c.paid_on), else_=None).label("paid_on"),
            contract.c.ended_on,
            state_column.label("state"),
        )
        .join(contract, contract.c.id == charge.c.contract_id)
        .where(among(charge.c.institution_id, registers))
    )
    return query.where(state_column == state) if state else query


def _state(day: Day) -> ColumnElement[str]:
    """The state of a charge; what falls due after its contract ended is not asked for any more."""
    is_over = and_(contract.c.ended_on <= day, charge.c.due_on >= contract.c.ended_on)
    return case(
        (charge.c.paid_on <= day, "paid"),
        (is_over, "dropped"),
        (charge.c.due_on < day, "late"),
        (charge.c.due_on == day, "due"),
        else_="upcoming",
    )
