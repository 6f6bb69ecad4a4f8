"""Writes what a plan says, in the transaction of whoever planned it; decides nothing."""

from typing import Any

from feewatch.registry.columns import Kind
from feewatch.registry.records import Contract, Lesson
from feewatch.services.registers.plan import Covers, Plan
from feewatch.store import holdings
from feewatch.store.database import Transaction
from feewatch.store.registers import charges, coverage, registers
from feewatch.store.registers.registers import Located

#: Kinds on which neither classification nor matching of entries depends.
NO_MATTER_TO_ENTRIES = ("lessons", "courses")


def write_records(tx: Transaction, kind: Kind, plan: Plan) -> None:
    """Put the rows of a plan on file, changed and cancelled ones too, without their history."""
    name = kind.name
    told_by = plan.word if plan.word == coverage.INSTITUTION else None
    registers.insert_records(tx, name, plan.new, plan.institutions, told_by)
    registers.update_records(tx, name, plan.changed, plan.institutions)
    registers.delete_records(tx, name, plan.cancelled)
    if name == "institutions":
        registers.join_facts(tx, plan.touched)
    if name in ("charges", "contracts"):
        charges.measure(tx, plan.touched)
    if name == "successions":
        holdings.measure(tx)
    if name == "accounts":
        for account_id, institution_id in plan.moved:
            registers.move_account(tx, account_id, institution_id)


def cover_days(tx: Transaction, kind: Kind, covers: Covers, plan: Plan) -> None:
    """Put on file which days the register of the plan's institutions is now complete for."""
    if kind.name not in coverage.REGISTERS:
        return
    institutions = set(plan.institutions.values())
    if plan.word == coverage.OFFICE:
        keys = {_key_of(row) for row in plan.rows}
        coverage.tell(tx, kind.name, institutions, keys)
    if covers:
        plan.touched |= coverage.declare(tx, kind.name, institutions, covers, plan.word)
    plan.touched |= coverage.imply(
        tx, kind.name, institutions, begin=covers is None, told_by=plan.word
    )


def _key_of(row: Located) -> tuple[Any, ...]:
    record = row.record
    if isinstance(record, Lesson):
        return row.contract_id, record.held_on
    return (record.contract_no,) if isinstance(record, Contract) else ()
