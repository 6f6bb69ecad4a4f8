"""Importing register files: one transaction a file, all or nothing unless bad rows are skipped."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.problems import Problem
from feewatch.registry.kinds import KINDS
from feewatch.registry.profile import Profile
from feewatch.registry.profile_file import load_profiles
from feewatch.registry.reader import RegisterReading, read_register
from feewatch.registry.records import BankAccount
from feewatch.services.foreseeing import do_foreseen
from feewatch.services.intake.provenance import word_of
from feewatch.services.intake.reexamination import re_examine, wake_registered
from feewatch.services.people import countersigning
from feewatch.services.registers.approvals_by_two import ask_for_approvals, hold_approvals
from feewatch.services.registers.charges import refuse_other_sums, warn_of_other_fees
from feewatch.services.registers.dated_facts import refuse_lessons_ahead, refuse_undated_moves
from feewatch.services.registers.placing import locate
from feewatch.services.registers.plan import Covers, Plan, plan_import
from feewatch.services.registers.rejecting import (
    KeepRejects,
    Rejects,
    keep_rejects,
    rejects_of,
    write_rejects,
)
from feewatch.services.registers.within_scope import keep_within, own_rows
from feewatch.services.registers.writing import (
    NO_MATTER_TO_ENTRIES,
    cover_days,
    write_records,
)
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_linked
from feewatch.store.overlay import narrow
from feewatch.store.people import users
from feewatch.store.registers import coverage, registers
from feewatch.store.registers.registers import Located
from feewatch.store.state import Touched, mark_changed


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
    proposed: int = 0  # rows that wait for an officer; neither new nor changed
    reject_file: Path | None = None
    refused: bool = False
    profile: Profile | None = None
    rejects: Rejects | None = None  # where bad rows were to be skipped

    def as_json(self) -> dict[str, Any]:
        """The contract's line for one file."""
        return {
            "file": self.file,
            "kind": self.kind,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "proposed": self.proposed,
            "bad": self.bad,
            "problems": [{"file": each.file} | each.as_json() for each in self.problems],
            "reject_file": str(self.reject_file) if self.reject_file else None,
        }


class Holding(Protocol):
    """Takes out of a plan the changes that an institution cannot make by its own word."""

    def weigh(self, tx: Transaction, reading: RegisterReading, plan: Plan, covers: Covers) -> None:
        """Work out which those are, in a look: it takes long."""

    def split(self, tx: Transaction, reading: RegisterReading, plan: Plan, covers: Covers) -> None:
        """Move such changes from ``plan.changes`` to ``plan.held``; faults join the reading's.

        Raises: MovedError where what was weighed is old.
        """

    def keep(
        self, tx: Transaction, reading: RegisterReading, plan: Plan, actor: str, sha256: str
    ) -> None:
        """Put what is held on record."""


def import_registers(
    app: App,
    kind: str,
    path: Path,
    *,
    actor: str,
    covers: Covers = None,
    skip_bad: bool = False,
    rejects: Path | None = None,
    as_of: Day | None = None,
    reason: str = "",
) -> ImportReport:
    """Import one register file and report on every row.

    ``covers``: the days for which the file is complete. ``as_of``: the day of import, by default
    today, after which no lesson was held. ``skip_bad`` imports the good rows and
    writes the others to a file in ``rejects``, by default the current directory.

    Raises: InvalidInputError where the kind has no coverage or the file cannot be opened.
    """
    return import_content(
        app,
        kind,
        str(path),
        bytes_of(path),
        actor=actor,
        covers=covers,
        skip_bad=skip_bad,
        keep=partial(write_rejects, rejects or Path.cwd()),
        as_of=as_of,
        reason=reason,
    )


def import_content(
    app: App,
    kind: str,
    name: str,
    data: bytes,
    *,
    actor: str,
    covers: Covers = None,
    skip_bad: bool = False,
    scope: Scope | None = None,
    only_try: bool = False,
    keep: KeepRejects = lambda _: None,
    as_of: Day | None = None,
    hold: Holding | None = None,
    reason: str = "",
) -> ImportReport:
    """Import one register file whose bytes are at hand; ``name`` is its name in the problems.

    ``scope``: rows outside it are bad. ``only_try``: nothing is kept, and no writer waits.
    ``hold``: takes out the changes that wait for an officer, where the file is an institution's.
    ``reason``: what a second officer reads who has to confirm it.

    Raises: InvalidInputError where the kind has no coverage; TryLaterError where what ``hold``
    goes by changed again and again, and nothing was imported.
    """
    if covers and kind not in coverage.REGISTERS:
        raise InvalidInputError(
            "COVERS-KIND",
            "只有合同与消课有覆盖期",
            "only contracts and lessons cover days",
            field="covers_from",
        )
    reading = read_register(KINDS[kind], data, name, load_profiles_of(app))
    refuse_lessons_ahead(reading, today() if as_of is None else as_of)
    if reading.refused:
        return _report(reading, len(reading.sheet.rows) if reading.sheet else 0, refused=True)
    work = _Import(
        app, kind, name, data, actor, covers, skip_bad, scope, only_try, keep, hold, reason
    )
    if hold is None or only_try:
        return work.do(reading)
    return do_foreseen(partial(work.foresee, reading), partial(work.do, reading))


@dataclass(frozen=True)
class _Import:
    """A file to be imported, as ``import_content`` was asked; it may be begun anew."""

    app: App
    kind: str
    name: str
    data: bytes
    actor: str
    covers: Covers
    skip_bad: bool
    scope: Scope | None
    only_try: bool
    keep: KeepRejects
    hold: Holding | None
    reason: str

    def foresee(self, read: RegisterReading) -> None:
        """Let what is to be held be worked out, while nobody waits to write."""
        assert self.hold is not None
        reading = read.begun_anew()
        with self.app.database.trying() as tx:
            self.hold.weigh(tx, reading, self._plan(tx, reading), self.covers)

    def do(self, read: RegisterReading) -> ImportReport:
        """Import it, or only try.

        Raises: MovedError where what is to be held was worked out on what stands no more.
        """
        app, reading, sha256 = self.app, read.begun_anew(), hashlib.sha256(self.data).hexdigest()
        kind, actor, covers, hold = self.kind, self.actor, self.covers, self.hold
        with app.database.trying() if self.only_try else app.database.transaction() as tx:
            if not self.only_try:
                registers.lock(tx)
            plan = self._plan(tx, reading)
            if hold:
                if self.only_try:
                    hold.weigh(tx, reading, plan, covers)
                hold.split(tx, reading, plan, covers)
            elif kind == "approvals" and countersigning.is_wanted(app, tx):
                hold_approvals(reading, plan)
            bad = len({fault.line for fault in reading.faults})
            rejects = rejects_of(reading, self.data) if bad and self.skip_bad else None
            refused = bool(bad) and not (self.skip_bad and plan.has_rows)
            if refused:
                plan = Plan({})
            elif self.only_try:
                narrow(tx, list_linked(tx, {*plan.institutions.values()}))
                write_records(tx, reading.kind, plan)
                cover_days(tx, reading.kind, covers, plan)
            else:
                write_records(tx, reading.kind, plan)
                registers.record_changes(
                    tx, kind, plan.history, actor=actor, file_sha256=sha256, word=plan.word
                )
                if hold:
                    hold.keep(tx, reading, plan, actor, sha256)
                if plan.waiting:
                    ask_for_approvals(
                        tx, Path(self.name).name[-255:], plan, actor=actor, sha256=sha256,
                        reason=self.reason.strip(),
                    )  # fmt: skip
                cover_days(tx, reading.kind, covers, plan)
                for batch in registers.batches(plan.touched):
                    mark_changed(
                        tx,
                        batch,
                        entries=kind not in NO_MATTER_TO_ENTRIES,
                        touched=Touched.LESSONS if kind == "lessons" else Touched.EVERYTHING,
                    )
                kept = keep_rejects(app, rejects) if rejects else None
                name = Path(self.name).name
                _record(tx, kind, name, plan, bad, covers, actor, sha256, kept, reading.profile)
            where = self.keep(rejects) if rejects else None
        if kind == "accounts" and not self.only_try:
            re_examine(app, _account_nos(plan), actor)
            wake_registered(app, actor)
        report = _report(reading, bad, refused=refused)
        return replace(
            report,
            new=plan.new_rows,
            changed=plan.changed_rows,
            unchanged=plan.unchanged_rows,
            proposed=plan.held_rows,
            reject_file=where,
            rejects=rejects,
        )

    def _plan(self, tx: Transaction, reading: RegisterReading) -> Plan:
        """What the file means for what is on file; nothing where none of it is imported."""
        located = locate_within(tx, reading, self.scope)
        if not located or (reading.faults and not self.skip_bad):
            return Plan({})
        if reading.kind.name == "institutions":
            usccs = list(dict.fromkeys(row.record.uscc for row in located if row.record.uscc))
            known = registers.institution_ids(tx, usccs)
            registers.add_institutions(tx, [uscc for uscc in usccs if uscc not in known])
        return plan_import(tx, reading, located, word_of(users.find_by_name(tx, self.actor)))


def load_profiles_of(app: App) -> list[Profile]:
    """The column profiles that an installation reads by."""
    return list_profiles(app.config)


def list_profiles(config: Config) -> list[Profile]:
    """The column profiles shipped and those of the configured folders.

    Raises: InvalidInputError listing every fault of every file.
    """
    return load_profiles([config.resolve(each) for each in config.registers.folders])


def locate_within(tx: Transaction, reading: RegisterReading, scope: Scope | None) -> list[Located]:
    """The rows that belong somewhere within a scope; faults of the others join the reading's."""
    if scope is None:
        located = locate(tx, reading)
    else:
        own_rows(tx, reading, scope)
        located = keep_within(tx, reading, scope, locate(tx, reading))
    match reading.kind.name:
        case "institutions":
            on_file = registers.find_stored(tx, "institutions", located)
            return refuse_undated_moves(reading, located, on_file)
        case "contracts":
            warn_of_other_fees(tx, reading, located)
        case "charges":
            return refuse_other_sums(tx, reading, located)
    return located


def bytes_of(path: Path) -> bytes:
    """The bytes of a file.

    Raises: InvalidInputError where it cannot be opened.
    """
    try:
        return path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "FILE-UNREADABLE", f"无法打开文件 {path}", f"cannot open {path}: {fault.strerror}"
        ) from None


def _report(reading: RegisterReading, bad: int, *, refused: bool) -> ImportReport:
    return ImportReport(
        reading.file,
        reading.kind.name,
        _problems(reading),
        bad,
        refused=refused,
        profile=reading.profile,
    )


def _problems(reading: RegisterReading) -> tuple[Problem, ...]:
    problems = [*reading.refused, *reading.faults, *reading.warnings]
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _record(
    tx: Transaction,
    kind: str,
    name: str,
    plan: Plan,
    bad: int,
    covers: Covers,
    actor: str,
    sha256: str,
    rejects: dict[str, str] | None,
    profile: Profile | None,
) -> None:
    counts = {
        "new": plan.new_rows,
        "changed": plan.changed_rows,
        "unchanged": plan.unchanged_rows,
        "proposed": plan.held_rows,
        "bad": bad,
        "profile": profile.id if profile else None,
        "unproven": bool(profile and not profile.proven),
        "covers": [format_day(day) for day in covers] if covers else None,
        "rejects": rejects,
    }
    registers.record_import(tx, kind, name, actor=actor, file_sha256=sha256, counts=counts)
    audit.record(
        tx, actor=actor, action=f"import.{kind}", object=name[:200], sha256=sha256, counts=counts
    )


def _account_nos(plan: Plan) -> list[str]:
    rows = [*plan.new, *(row for _, row in plan.changed)]
    return [row.record.account_no for row in rows if isinstance(row.record, BankAccount)]
