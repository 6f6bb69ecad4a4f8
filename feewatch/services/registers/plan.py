"""What an import of a register will write: new rows, changes with their history, cancellations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Institution, Lesson, Record, Succession
from feewatch.registry.twins import TwinNames, twin_fault
from feewatch.services.registers.dated_facts import tell_changes
from feewatch.store.database import Transaction
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located, RecordChange, RecordOnFile

#: The days for which a file is complete.
Covers = tuple[Day, Day] | None
_MOVED = CellFault("MOVED", Text("已由另一机构转入", "moved here from another institution"))


class PlannedChange(NamedTuple):
    """A row on file of which a file says otherwise, or that it cancels."""

    old: RecordOnFile
    row: Located
    cancels: bool
    institution_id: int | None  # whose row it will be
    entry: RecordChange  # of the history


class WaitingRow(NamedTuple):
    """A row of a file that waits for a second officer, and what is on file under its key."""

    old: RecordOnFile | None
    row: Located


@dataclass
class Plan:
    """What an import will write, and what it counts: rows, not keys."""

    institutions: dict[str, int]  # ids by uscc
    word: str = "office"  # whose it is: office or institution
    rows: list[Located] = field(default_factory=list)  # all that it tells of
    new: list[Located] = field(default_factory=list)
    changes: list[PlannedChange] = field(default_factory=list)
    held: list[PlannedChange] = field(default_factory=list)  # an officer decides on these
    waiting: list[WaitingRow] = field(default_factory=list)  # a second officer confirms these
    touched: set[int] = field(default_factory=set)
    new_rows: int = 0
    unchanged_rows: int = 0

    @property
    def changed(self) -> list[tuple[int, Located]]:
        """Rows to be rewritten, by the key of the row on file."""
        return [(change.old.id, change.row) for change in self.changes if not change.cancels]

    @property
    def cancelled(self) -> list[int]:
        """Keys of the rows on file that go."""
        return [change.old.id for change in self.changes if change.cancels]

    @property
    def history(self) -> list[RecordChange]:
        """What the history keeps of the changes."""
        return [change.entry for change in self.changes]

    @property
    def moved(self) -> list[tuple[int, int]]:
        """Key of a row on file, and the institution it now belongs to."""
        return [
            (change.old.id, change.institution_id)
            for change in self.changes
            if change.institution_id not in (None, change.old.institution_id)
        ]

    @property
    def has_rows(self) -> bool:
        """Whether any row of the file was good."""
        return bool(self.new or self.changes or self.held or self.waiting or self.unchanged_rows)

    @property
    def changed_rows(self) -> int:
        """How many rows of the file change or cancel something."""
        return sum(change.row.rows for change in self.changes)

    @property
    def held_rows(self) -> int:
        """How many rows of the file wait for an officer."""
        rows = [*(change.row for change in self.held), *(each.row for each in self.waiting)]
        return sum(row.rows for row in rows)

    def of_new(self) -> "Plan":
        """The part of it that only adds."""
        return Plan(self.institutions, self.word, new=self.new, touched={*self.touched})

    def of_changes(self, changes: Iterable[PlannedChange]) -> "Plan":
        """The part of it that makes some of the changes."""
        return Plan(self.institutions, self.word, changes=[*changes], touched={*self.touched})


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


def plan_import(
    tx: Transaction, reading: RegisterReading, located: Iterable[Located], word: str
) -> Plan:
    """What the located rows mean for what is on file; moved records are warned of."""
    kind = reading.kind
    rows = _merged(kind, located)
    usccs = {uscc for row in rows for uscc in usccs_of(row.record)}
    told_by = "institution" if word == "institution" else "office"
    plan = Plan(registers.institution_ids(tx, usccs), told_by, rows)
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
    _tell_twins(tx, reading, [change.row for change in plan.changes] + plan.new)
    return plan


def _tell_twins(tx: Transaction, reading: RegisterReading, rows: Iterable[Located]) -> None:
    """Warn of institutions whose name looks like another's, on file or in the same file."""
    told = [(row.line, row.record) for row in rows if isinstance(row.record, Institution)]
    if not told:
        return
    on_file = registers.list_names(tx)
    twins = TwinNames([*on_file, *((record.uscc, record.name) for _, record in told)])
    for line, record in told:
        others = twins.others(record.uscc, record.name)
        if others:
            reading.warnings.append(reading.problem(line, "name", twin_fault(others)))


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
    institution_id = plan.institutions.get(row.record.uscc or "")
    change = describe_change(kind, old, row, institution_id)
    plan.changes.append(change)
    plan.touched |= {plan.institutions[uscc] for uscc in usccs_of(row.record)}
    if old.institution_id is not None:
        plan.touched.add(old.institution_id)


def describe_change(
    kind: Kind, old: RecordOnFile, row: Located, institution_id: int | None
) -> PlannedChange:
    """A change of a row on file with what the history keeps of it."""
    before, after, cancels = old.record, row.record, _is_cancelled(row.record)
    differing = [name for name in before._fields if getattr(before, name) != getattr(after, name)]
    said = {name: kind.kept(before, name) for name in differing}
    if cancels:  # the row goes: the history alone can tell what stood there
        said = kind.keep(before) | {"recorded_on": iso_or_none(old.recorded_on)}
    now = {name: kind.kept(after, name) for name in differing}
    entry = RecordChange(institution_id, history_key(kind, before), said, now)
    return PlannedChange(old, row, cancels, institution_id, entry)


def usccs_of(record: Record) -> list[str]:
    """The institutions that a record is of: a succession is of two, a clue perhaps of none."""
    usccs = [record.uscc, record.to_uscc if isinstance(record, Succession) else None]
    return [uscc for uscc in usccs if uscc]


def history_key(kind: Kind, record: Record) -> str:
    """What names a record in the history."""
    return "/".join(str(kind.kept(record, name)) for name in kind.key)
