"""Importing register files: one transaction a file, all or nothing unless bad rows are skipped."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.registry.cells import Fault
from feewatch.registry.kinds import KINDS, Kind
from feewatch.registry.reader import Reading, read_register, rejected_csv
from feewatch.registry.records import Account, Lesson, Record
from feewatch.services.intake import re_examine
from feewatch.services.placing import locate
from feewatch.store import audit, coverage, registers
from feewatch.store.database import Transaction
from feewatch.store.registers import Change, Located, Stored
from feewatch.store.state import mark_changed

#: Kinds on which neither classification nor matching of entries depends.
_NO_MATTER_TO_ENTRIES = ("lessons", "courses")
_MOVED = Fault("MOVED", Text("已由另一机构转入", "moved here from another institution"))


@dataclass(frozen=True)
class ImportReport:
    """What came of one file. ``refused``: nothing of it was imported."""

    file: str
    kind: str
    problems: tuple[Problem, ...]
    bad: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    reject_file: Path | None = None
    refused: bool = False

    def as_json(self) -> dict[str, Any]:
        """The contract's line for one file."""
        return {
            "file": self.file,
            "kind": self.kind,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "bad": self.bad,
            "problems": [{"file": each.file} | each.as_json() for each in self.problems],
            "reject_file": str(self.reject_file) if self.reject_file else None,
        }


@dataclass
class Plan:
    """What an import will write, and what it counts: rows, not keys."""

    institutions: dict[str, int]  # ids by uscc
    new: list[Located] = field(default_factory=list)
    changed: list[tuple[int, Located]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)  # row id, its new institution
    touched: set[int] = field(default_factory=set)
    new_rows: int = 0
    changed_rows: int = 0
    unchanged_rows: int = 0


def import_registers(
    app: App,
    kind: str,
    path: Path,
    *,
    actor: str,
    covers: tuple[Day, Day] | None = None,
    skip_bad: bool = False,
    rejects: Path | None = None,
) -> ImportReport:
    """Import one register file and report on every row.

    ``covers``: the days for which the file is complete. ``skip_bad`` imports the good rows and
    writes the others to a file in ``rejects``, by default the current directory.

    Raises: InvalidInputError where the kind has no coverage or the file cannot be opened.
    """
    if covers and kind not in coverage.REGISTERS:
        raise InvalidInputError(
            "COVERS-KIND", "只有合同与消课有覆盖期", "only contracts and lessons cover days"
        )
    data = _bytes_of(path)
    reading = read_register(KINDS[kind], data, str(path))
    if reading.refused:
        return _refusal(reading, bad=len(reading.sheet.rows) if reading.sheet else 0)
    with app.database.transaction() as tx:
        registers.lock(tx)
        located = locate(tx, reading)
        bad = len({fault.line for fault in reading.faults})
        if bad and not (skip_bad and located):
            reject_file = _write_rejected(reading, path, rejects) if skip_bad else None
            return _refusal(reading, bad, reject_file)
        sha256 = hashlib.sha256(data).hexdigest()
        plan = _write(tx, reading, located, actor, sha256)
        _cover(tx, kind, covers, plan)
        for batch in registers.batches(plan.touched):
            mark_changed(tx, batch, entries=kind not in _NO_MATTER_TO_ENTRIES)
        _record(tx, kind, path.name, plan, bad, covers, actor, sha256)
        reject_file = _write_rejected(reading, path, rejects) if bad else None
    if kind == "accounts" and (plan.new or plan.changed):
        re_examine(app, _account_nos(plan), actor)
    return ImportReport(
        reading.file,
        kind,
        _problems(reading),
        bad,
        plan.new_rows,
        plan.changed_rows,
        plan.unchanged_rows,
        reject_file,
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "FILE-UNREADABLE", f"无法打开文件 {path}", f"cannot open {path}: {fault.strerror}"
        ) from None


def _refusal(reading: Reading, bad: int, reject_file: Path | None = None) -> ImportReport:
    return ImportReport(
        reading.file,
        reading.kind.name,
        _problems(reading),
        bad,
        reject_file=reject_file,
        refused=True,
    )


def _problems(reading: Reading) -> tuple[Problem, ...]:
    found = [*reading.refused, *reading.faults, *reading.warnings]
    return tuple(sorted(found, key=lambda problem: problem.line or 0))


def _write_rejected(reading: Reading, path: Path, rejects: Path | None) -> Path:
    target = (rejects or Path.cwd()) / f"{path.stem}.rejected.csv"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(rejected_csv(reading, reading.faults))
    except OSError as fault:
        raise UnavailableError(
            "REJECTS-UNWRITABLE", f"无法写入 {target}", f"cannot write {target}: {fault.strerror}"
        ) from None
    return target


def _write(
    tx: Transaction, reading: Reading, located: list[Located], actor: str, sha256: str
) -> Plan:
    kind = reading.kind
    if kind.name == "institutions":
        usccs = list(dict.fromkeys(row.record.uscc for row in located if row.record.uscc))
        known = registers.institution_ids(tx, usccs)
        registers.add_institutions(tx, [uscc for uscc in usccs if uscc not in known])
    plan = _planned(tx, reading, _merged(kind, located))
    registers.insert_records(tx, kind.name, plan.new, plan.institutions)
    registers.update_records(tx, kind.name, plan.changed, plan.institutions)
    registers.delete_records(tx, kind.name, plan.cancelled)
    registers.record_changes(tx, kind.name, plan.history, actor=actor, file_sha256=sha256)
    if kind.name == "institutions":
        registers.join_facts(tx, plan.touched)
    if kind.name == "accounts":
        for account_id, institution_id in plan.moved:
            registers.move_account(tx, account_id, institution_id)
    return plan


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


def _planned(tx: Transaction, reading: Reading, rows: list[Located]) -> Plan:
    kind = reading.kind
    usccs = {row.record.uscc for row in rows if row.record.uscc}
    plan = Plan(registers.institution_ids(tx, usccs))
    stored = {kind.key_of(s.record): s for s in registers.find_stored(tx, kind.name, rows)}
    untold = {column.fills for column in kind.columns} - reading.fields_told - {"uscc"}
    for row in rows:
        old = stored.get(kind.key_of(row.record))
        if old is None:
            _plan_new(plan, row)
            continue
        if untold:  # a column that is absent says nothing of what is on file
            kept = {name: getattr(old.record, name) for name in untold}
            row = row._replace(record=row.record._replace(**kept))
        if row.record == old.record:
            plan.unchanged_rows += row.rows
            continue
        _plan_change(plan, kind, old, row)
        if row.record.uscc != old.record.uscc:
            reading.warnings.append(reading.problem(row.line, "uscc", _MOVED))
    return plan


def _is_cancelled(record: Record) -> bool:
    return isinstance(record, Lesson) and record.lessons == 0


def _plan_new(plan: Plan, row: Located) -> None:
    if _is_cancelled(row.record):
        plan.unchanged_rows += row.rows
        return
    plan.new.append(row)
    plan.new_rows += row.rows
    plan.touched.add(plan.institutions[row.record.uscc or ""])


def _plan_change(plan: Plan, kind: Kind, old: Stored, row: Located) -> None:
    if _is_cancelled(row.record):
        plan.cancelled.append(old.id)
    else:
        plan.changed.append((old.id, row))
    institution_id = plan.institutions[row.record.uscc or ""]
    if old.institution_id != institution_id:
        plan.moved.append((old.id, institution_id))
    before, after = old.record, row.record
    differing = [name for name in before._fields if getattr(before, name) != getattr(after, name)]
    plan.history.append(
        Change(
            institution_id,
            "/".join(str(_shown(kind, before, name)) for name in kind.key),
            {name: _shown(kind, before, name) for name in differing},
            {name: _shown(kind, after, name) for name in differing},
        )
    )
    plan.changed_rows += row.rows
    plan.touched |= {old.institution_id, institution_id}


def _shown(kind: Kind, record: Record, name: str) -> Any:
    value = getattr(record, name)
    return iso_or_none(value) if name in kind.day_fields else value


def _cover(tx: Transaction, kind: str, covers: tuple[Day, Day] | None, plan: Plan) -> None:
    if kind not in coverage.REGISTERS:
        return
    institutions = set(plan.institutions.values())
    if covers:
        plan.touched |= coverage.declare(tx, kind, institutions, covers)
    plan.touched |= coverage.imply(tx, kind, institutions, begin=covers is None)


def _record(
    tx: Transaction,
    kind: str,
    name: str,
    plan: Plan,
    bad: int,
    covers: tuple[Day, Day] | None,
    actor: str,
    sha256: str,
) -> None:
    counts = {
        "new": plan.new_rows,
        "changed": plan.changed_rows,
        "unchanged": plan.unchanged_rows,
        "bad": bad,
        "covers": [format_day(day) for day in covers] if covers else None,
    }
    registers.record_import(tx, kind, name, actor=actor, file_sha256=sha256, counts=counts)
    audit.record(
        tx, actor=actor, action=f"import.{kind}", object=name[:200], sha256=sha256, counts=counts
    )


def _account_nos(plan: Plan) -> list[str]:
    rows = [*plan.new, *(row for _, row in plan.changed)]
    return [row.record.account_no for row in rows if isinstance(row.record, Account)]
