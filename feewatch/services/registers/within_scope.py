"""Keeps an import within what its person may touch: an institution's own, or an officer's places.

Of a contract that moved rows are within from the day on on which who holds it is. Rows outside
become faults; nothing is written here.
"""

from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.kernel.places import NATION, covers
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.reader import GoodRow, RegisterReading
from feewatch.registry.records import (
    Charge,
    Clue,
    Institution,
    Lesson,
    Premises,
    Record,
    Refund,
    Site,
)
from feewatch.services.registers.placing import day_of
from feewatch.services.registers.plan import usccs_of
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_tenures
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located, RecordOnFile

#: Records that lie in a district of their own, whatever institution they are of.
_PLACED = (Institution, Site, Premises, Clue)
_FOREIGN = CellFault(
    "INSTITUTION-FOREIGN", Text("不是本机构的代码", "not the code of your institution")
)
_OUTSIDE = CellFault(
    "INSTITUTION-OUTSIDE", Text("机构不在您的辖区", "the institution is not of your district")
)
_TAKEN = CellFault(
    "KEY-FOREIGN", Text("此编号已属其他机构", "this number belongs to another institution")
)
_DISTRICT = CellFault("DISTRICT-OUTSIDE", Text("不在您的辖区", "not within your district"))


def own_rows(tx: Transaction, reading: RegisterReading, scope: Scope) -> None:
    """Let an institution's rows be its own: where no code stands, its own; another is a fault."""
    if scope.institution_id is None:
        return
    own = registers.get_uscc(tx, scope.institution_id)
    rows = reading.rows[:]
    reading.rows.clear()
    for line, record in rows:
        if record.uscc in (None, own):
            reading.rows.append(GoodRow(line, record._replace(uscc=own)))
        else:
            reading.faults.append(reading.problem(line, "uscc", _FOREIGN, record.uscc))


def keep_within(
    tx: Transaction, reading: RegisterReading, scope: Scope, located: list[Located]
) -> list[Located]:
    """The located rows that lie within the scope and take no number from without."""
    if scope == Scope(NATION):
        return located
    kind = reading.kind
    stored = {kind.key_of(s.record): s for s in registers.find_stored(tx, kind.name, located)}
    usccs = {uscc for row in located for uscc in usccs_of(row.record)}
    keys = registers.institution_ids(tx, usccs)
    holders = {record.institution_id for record in stored.values() if record.institution_id}
    tenures = list_tenures(tx, {*keys.values(), *holders})
    successors = {tenure.holder_id for tenure in tenures}
    places = registers.places_of(tx, {*keys.values(), *holders, *successors}, today())

    def is_within(institution_id: int) -> bool:
        if scope.institution_id is not None:
            return institution_id == scope.institution_id
        return covers(scope.district, places.get(institution_id, NATION))

    def is_row_within(record: Record, institution_id: int) -> bool:
        if is_within(institution_id) or not isinstance(record, Lesson | Refund | Charge):
            return is_within(institution_id)
        day = day_of(record)
        return any(
            is_within(tenure.holder_id)
            for tenure in tenures
            if tenure.institution_id == institution_id and tenure.from_day <= day <= tenure.to_day
        )

    def is_held_within(holder: RecordOnFile) -> bool:
        if isinstance(holder.record, Premises | Clue):
            return covers(scope.district, holder.record.district)
        return holder.institution_id is not None and is_row_within(
            holder.record, holder.institution_id
        )

    def fault_of(record: Record) -> tuple[str, CellFault] | None:
        if isinstance(record, _PLACED) and not covers(scope.district, record.district):
            return "district", _DISTRICT
        institution_id = keys.get(record.uscc or "")
        if institution_id is not None and not is_row_within(record, institution_id):
            return kind.column_of("uscc").name, _OUTSIDE
        holder = stored.get(kind.key_of(record))
        if holder is not None and not is_held_within(holder):
            return kind.column_of(kind.key[-1]).name, _TAKEN
        return None

    kept = []
    for row in located:
        fault = fault_of(row.record)
        if fault is None:
            kept.append(row)
        else:
            reading.faults.append(reading.problem(row.line, *fault))
    return kept
