"""Keeps an import within what its person may touch: an institution's own, or an officer's places.

Rows outside become faults; nothing is written here.
"""

from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.kernel.places import NATION, covers
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.reader import GoodRow, RegisterReading
from feewatch.registry.records import Institution, Record
from feewatch.store.database import Transaction
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located

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
    usccs = {row.record.uscc for row in located if row.record.uscc}
    keys = registers.institution_ids(tx, usccs)
    holders = {each.institution_id for each in stored.values()}
    places = registers.places_of(tx, {*keys.values(), *holders}, today())

    def is_within(institution_id: int) -> bool:
        if scope.institution_id is not None:
            return institution_id == scope.institution_id
        return covers(scope.district, places.get(institution_id, NATION))

    def fault_of(record: Record) -> tuple[str, CellFault] | None:
        if isinstance(record, Institution) and not covers(scope.district, record.district):
            return "district", _DISTRICT
        institution_id = keys.get(record.uscc or "")
        if institution_id is not None and not is_within(institution_id):
            return "uscc", _OUTSIDE
        holder = stored.get(kind.key_of(record))
        if holder is not None and not is_within(holder.institution_id):
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
