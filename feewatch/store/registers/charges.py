"""What a contract charges at once: the measures that its contract and its turn decide."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select, update

from feewatch.kernel.days import Day, months_ahead, months_between
from feewatch.store.registers.registers import batches
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import contract

_MEASURES = ("turn", "begins_on", "span_months", "lead_months", "lead_months_up")


class Charged(NamedTuple):
    """The charges of a contract on file, amounts in fen by number, and the fee they make up."""

    contract_no: str
    fee_fen: int
    amounts: dict[str, int]


def list_charged(tx: Connection, contract_ids: Collection[int]) -> dict[int, Charged]:
    """The charges on file of these contracts, by contract."""
    charged: dict[int, Charged] = {}
    for batch in batches(contract_ids):
        query = (
            select(
                contract.c.id,
                contract.c.contract_no,
                contract.c.fee_fen,
                charge.c.charge_no,
                charge.c.amount_fen,
            )
            .join(charge, charge.c.contract_id == contract.c.id, isouter=True)
            .where(contract.c.id.in_(batch))
        )
        for key, number, fee, charge_no, amount in tx.execute(query):
            mine = charged.setdefault(key, Charged(number, fee, {}))
            if charge_no is not None:
                mine.amounts[charge_no] = amount
    return charged


def measure(tx: Connection, institutions: Iterable[int]) -> None:
    """Compute turn and calendar months of all charges of these institutions anew."""
    for batch in batches(institutions):
        query = (
            select(charge, contract.c.starts_on.label("contract_starts_on"))
            .join(contract, contract.c.id == charge.c.contract_id)
            .where(charge.c.institution_id.in_(batch))
            # numbers as text: 2 before 10
            .order_by(
                charge.c.contract_id,
                charge.c.due_on,
                func.length(charge.c.charge_no),
                charge.c.charge_no,
            )
        )
        rows = tx.execute(query).all()
        changed = [
            values | {"row": row.id}
            for _, charges in groupby(rows, key=lambda row: row.contract_id)
            for turn, row in enumerate(charges, 1)
            if (values := _measures(row, turn)) != {name: getattr(row, name) for name in _MEASURES}
        ]
        if changed:
            tx.execute(update(charge).where(charge.c.id == bindparam("row")), changed)


def _measures(row: Row[Any], turn: int) -> dict[str, int | None]:
    begins: Day | None = row.starts_on
    if begins is None and turn == 1:
        begins = row.contract_starts_on
    measures: dict[str, int | None] = {"turn": turn, "begins_on": begins}
    measures |= dict.fromkeys(_MEASURES[2:])
    if row.starts_on is not None and row.ends_on is not None:
        measures["span_months"] = months_between(row.starts_on, row.ends_on)
    if row.paid_on is not None and begins is not None:
        measures["lead_months"] = max(0, months_between(row.paid_on, begins))
        measures["lead_months_up"] = months_ahead(row.paid_on, begins)
    return measures
