"""What an import of a register will write: new rows, changes with their history, cancellations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Institution, Lesson, Record, Succession
from feewatch.services.registers.dated_facts import tell_changes
from feewatch.store.database import Transaction
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located, RecordChange, RecordOnFile

_MOVED = CellFault("MOVED", Text("已由另一机构转入", "moved here from another institution"))


@dataclass
class Plan:
    """What an import will write, and what it counts: rows, not keys."""

    institutions: dict[str, int]  # ids by uscc
    new: list[Located] = field(default_factory=list)
    changed: list[tuple[int, Located]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    history: list[RecordChange] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)  # row id, its new institution
    touched: set[int] = field(default_factory=set)
    new_rows: int = 0
    changed_rows: int = 0
    unchanged_rows: int = 0


def _merged(kind: Kind, located: Iterable[Located]) -> list[Located]:
    """One item a key: equal rows once, lessons of one contract and day added up."""
    merged: dict[Any, Located] = {}
    for row in located:
        key = kind.key_of(row.record)
        before = merged.setdefault(key, row)
        if before is not row:
            together = _added(before.record, row.record)
            merged[key] = before._replace(record=together, rows=before.rows + 1)
    return list(merged.values())


def _added(one: Record, other: Record) -> Record:
    if not (isinstance(one, Lesson) and isinstance(other, Lesson)):
        return one
    # a day counts as confirmed when its last row is, in the way that row was
    last = max(one, other, key=_confirmation)
    unconfirmed = one.confirmed_on is None or other.confirmed_on is None
    return last._replace(
        lessons=one.lessons + other.lessons,
        confirmed_on=None if unconfirmed else last.confirmed_on,
    )


def _confirmation(lesson: Lesson) -> tuple[Day, str]:
    return lesson.confirmed_on or 0, lesson.confirmed_by or ""


def plan_import(tx: Transaction, reading: RegisterReading, located: Iterable[Located]) -> Plan:
    """What the located rows mean for what is on file; moved records are warned of."""
    kind = reading.kind
    rows = _merged(kind, located)
    usccs = {uscc for row in rows for uscc in usccs_of(row.record)}
    plan = Plan(registers.institution_ids(tx, usccs))
    stored = {kind.key_of(s.record): s for s in registers.find_stored(tx, kind.name, rows)}
    earlier = _by_institution(stored.values())
    untold = {column.fills for column in kind.columns} - reading.fields_told - {"uscc"}
    for row in rows:
        old = stored.get(kind.key_of(row.record))
        if old is None:
            _plan_new(plan, row)
            _tell_new_facts(reading, kind, row, earlier)
            continue
        if untold:  # a column that is absent says nothing of what is on file
            kept = {name: getattr(old.record, name) for name in untold}
            row = row._replace(record=row.record._replace(**kept))
        if row.record == old.record:
            plan.unchanged_rows += row.rows
            continue
        _plan_change(plan, kind, old, row)
        if isinstance(old.record, Institution) and isinstance(row.record, Institution):
            tell_changes(reading, kind, row.line, old.record, row.record)
        if row.record.uscc != old.record.uscc:
            reading.warnings.append(reading.problem(row.line, "uscc", _MOVED))
    return plan


def _by_institution(stored: Iterable[RecordOnFile]) -> dict[str, list[Institution]]:
    """The dated facts on file of each institution, the latest first."""
    found: dict[str, list[Institution]] = {}
    for each in stored:
        if isinstance(each.record, Institution):
            found.setdefault(each.record.uscc, []).append(each.record)
    for facts in found.values():
        facts.sort(key=lambda each: -each.valid_from)
    return found


def _tell_new_facts(
    reading: RegisterReading, kind: Kind, row: Located, on_file: dict[str, list[Institution]]
) -> None:
    """Tell what a new dated row of an institution changes of the one in force before it."""
    new = row.record
    if isinstance(new, Institution):
        for before in on_file.get(new.uscc, ()):
            if before.valid_from < new.valid_from:
                tell_changes(reading, kind, row.line, before, new)
                break


def _is_cancelled(record: Record) -> bool:
    return isinstance(record, Lesson) and record.lessons == 0


def _plan_new(plan: Plan, row: Located) -> None:
    if _is_cancelled(row.record):
        plan.unchanged_rows += row.rows
        return
    plan.new.append(row)
    plan.new_rows += row.rows
    plan.touched |= {plan.institutions[uscc] for uscc in usccs_of(row.record)}


def _plan_change(plan: Plan, kind: Kind, old: RecordOnFile, row: Located) -> None:
    if _is_cancelled(row.record):
        plan.cancelled.append(old.id)
    else:
        plan.changed.append((old.id, row))
    institution_id = plan.institutions.get(row.record.uscc or "")
    if institution_id is not None and old.institution_id != institution_id:
        plan.moved.append((old.id, institution_id))
    before, after = old.record, row.record
    differing = [name for name in before._fields if getattr(before, name) != getattr(after, name)]
    said = {name: _shown(kind, before, name) for name in differing}
    if _is_cancelled(after):  # the row goes: the history alone can tell what stood there
        said = {name: _shown(kind, before, name) for name in before._fields}
        said["recorded_on"] = iso_or_none(old.recorded_on)
    plan.history.append(
        RecordChange(
            institution_id,
            history_key(kind, before),
            said,
            {name: _shown(kind, after, name) for name in differing},
        )
    )
    plan.changed_rows += row.rows
    plan.touched |= {plan.institutions[uscc] for uscc in usccs_of(after)}
    if old.institution_id is not None:
        plan.touched.add(old.institution_id)


def usccs_of(record: Record) -> list[str]:
    """The institutions that a record is of: a succession is of two, a clue perhaps of none."""
    usccs = [record.uscc, record.to_uscc if isinstance(record, Succession) else None]
    return [uscc for uscc in usccs if uscc]


def history_key(kind: Kind, record: Record) -> str:
    """What names a record in the history."""
    return "/".join(str(_shown(kind, record, name)) for name in kind.key)


def _shown(kind: Kind, record: Record, name: str) -> Any:
    value = getattr(record, name)
    return iso_or_none(value) if name in kind.day_fields else value
