"""The data as known then: an installation rebuilt in a folder from what had arrived by a day.

Register rows are taken back to what they said at the end of the day; bank files received by then
are read again from their raw bytes, with the layouts on file now. Decisions on quarantined
statements and on matches count as far as they were taken. Cases are not rebuilt. The live
installation is read and never written.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from feewatch.bootstrap import App
from feewatch.config import DatabaseConfig, Paths
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import Day, parse_day
from feewatch.ledger.books import Given
from feewatch.registry.columns import Kind
from feewatch.registry.kinds import KINDS
from feewatch.registry.records import BankAccount, Charge, Lesson, Record, Refund
from feewatch.services.intake.acceptance import let_stand
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest_kept, settle
from feewatch.services.intake.reexamination import read_again
from feewatch.services.registers.plan import history_key, usccs_of
from feewatch.store import holdings
from feewatch.store.check.checks import list_institutions
from feewatch.store.database import Database, Transaction
from feewatch.store.intake import bankfiles, manual_matches
from feewatch.store.migrations.applying import upgrade
from feewatch.store.registers import charges, coverage, hindsight, openings, registers
from feewatch.store.registers.registers import Located
from feewatch.store.state import mark_changed

_ACTOR = "hindsight"


@contextmanager
def known_by(app: App, day: Day) -> Iterator[App]:
    """An installation that knows what was known at the end of a day, gone after the block.

    Raises: UnavailableError where a raw file is missing or changed.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = Paths(name, str(app.config.files_key))
        config = replace(app.config, paths=paths, database=DatabaseConfig())
        then = App(config, Database(config.database_url))
        try:
            upgrade(then.database)
            if app.files.is_dir():
                # raw files are kept under their hash and never change: one copy serves both
                (folder / "files").symlink_to(app.files, target_is_directory=True)
            with app.database.reading() as live:
                _rebuild(then, live, day)
            yield then
        finally:
            then.database.dispose()


def _rebuild(then: App, live: Transaction, day: Day) -> None:
    with then.database.transaction() as tx:
        for kind in KINDS.values():
            _write(tx, kind, _records(live, kind, day))
        _cover(tx, live, day)
    _ingest(then, hindsight.list_files(live, day))
    for row in hindsight.list_decided(live, day):
        _decide(then, row.action, *row.object.split("#"))
    with then.database.transaction() as tx:
        for row in hindsight.list_matches(live, day):
            _match(tx, row)
        for row in openings.list_signed_by(live, day):
            _open(tx, live, row)
        mark_changed(tx, set(list_institutions(tx)))
    match_changed(then)


def _ingest(then: App, files: Sequence[Any]) -> None:
    """Take files in, each as on the day on which it was received."""
    for (dialect, day, word), group in groupby(
        files, lambda row: (row.dialect, row.received_at[:10], row.provenance)
    ):
        hashes = [row.sha256 for row in group]
        with fixed(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), SHANGHAI)):
            ingest_kept(then, hashes, dialect=dialect, actor=_ACTOR, provenance=word)


def _records(live: Transaction, kind: Kind, day: Day) -> list[tuple[Record, Day | None]]:
    """The records of a register at the end of a day, with the day each came, if known."""
    known = {
        history_key(kind, each.record): (each.record, each.recorded_on)
        for each in registers.list_stored(live, kind)
    }
    for change in hindsight.list_changes_since(live, kind.name, day):
        key, before = change.key, change.before
        said = {name: kind.read_kept(name, value) for name, value in before.items()}
        if "recorded_on" in said:  # a record that was taken off: all of it stands in the history
            came = parse_day(before["recorded_on"]) if before["recorded_on"] else None
            del said["recorded_on"]
            known[key] = kind.make(said[column.fills] for column in kind.columns), came
        elif key in known:
            record, came = known[key]
            known[key] = record._replace(**said), came
    return [each for each in known.values() if each[1] is None or each[1] <= day]


def _write(tx: Transaction, kind: Kind, records: list[tuple[Record, Day | None]]) -> None:
    usccs = {uscc for record, _ in records for uscc in usccs_of(record)}
    if kind.name == "institutions":
        registers.add_institutions(tx, sorted(usccs))
    institutions = registers.institution_ids(tx, usccs)
    numbers = [
        each.contract_no for each, _ in records if isinstance(each, Lesson | Refund | Charge)
    ]
    contracts = {
        (contract_key.uscc, number): contract_key.id
        for number, all_found in registers.find_contracts(tx, numbers).items()
        for contract_key in all_found
    }
    rows = []
    for record, _ in records:
        contract = None
        if isinstance(record, Lesson | Refund | Charge):
            contract = contracts.get((record.uscc or "", record.contract_no))
        names_contract = isinstance(record, Lesson | Refund | Charge)
        is_known = all(uscc in institutions for uscc in usccs_of(record))
        if is_known and (contract is not None or not names_contract):
            rows.append(Located(0, record, contract))
    registers.insert_records(tx, kind.name, rows, institutions)
    if kind.name == "institutions":
        registers.join_facts(tx, institutions.values())
    if kind.name == "charges":
        charges.measure(tx, institutions.values())
    if kind.name == "successions":
        holdings.measure(tx)
    for record, came in records:
        if isinstance(record, BankAccount):
            hindsight.set_imported(tx, record.account_no, came)


def _cover(tx: Transaction, live: Transaction, day: Day) -> None:
    rows = hindsight.list_coverage(live, day)
    institutions = registers.institution_ids(tx, {row.uscc for row in rows})
    for row in rows:
        key = institutions.get(row.uscc)
        if key is None:
            continue
        if row.declared:
            days = row.from_day, row.to_day
            coverage.declare(tx, row.register, {key}, days, row.told_by)
        else:
            coverage.imply(tx, row.register, {key}, begin=True, told_by=row.told_by)


def _decide(then: App, action: str, sha256: str, n: str) -> None:
    """Let a statement stand as two officers decided, where it was set aside then."""
    readings = {each.n: each for each in read_again(then, sha256).statements}
    with then.database.transaction() as tx:
        for stored in bankfiles.list_statements(tx, sha256):
            if stored["n"] != int(n) or stored["status"] != "quarantined":
                continue
            if action == hindsight.REJECT:
                bankfiles.set_statement(tx, stored["id"], status="rejected")
                continue
            account = bankfiles.lock_accounts(tx, [stored["account_no"]]).get(stored["account_no"])
            if account is not None and int(n) in readings:
                bankfiles.set_statement(
                    tx, stored["id"], status="accepted", reason=None, difference_fen=None
                )
                settle(then, tx, [(stored["id"], let_stand(readings[int(n)], account))])


def _open(tx: Transaction, live: Transaction, signed: Any) -> None:
    """Let a signed opening statement count, as far as its contracts were on file."""
    institution_id = registers.institution_ids(tx, [signed.uscc]).get(signed.uscc)
    if institution_id is not None:
        contracts = openings.contracts_paid_before(tx, institution_id, signed.day)
        rows = [
            (None, contracts[row.contract_no][0], row.amount_fen)
            for row in openings.list_rows(live, signed.id)
            if row.contract_no in contracts
        ]
        key = openings.add(
            tx, institution_id, signed.day, rows, file_sha256=signed.file_sha256, actor=_ACTOR
        )
        openings.sign(tx, key, actor=_ACTOR, reason=_ACTOR)


def _match(tx: Transaction, row: Any) -> None:
    entry = hindsight.find_row(tx, row.file_sha256, row.n, row.seq)
    contract = entry and manual_matches.find_contract(tx, entry.institution_id, row.contract_no)
    if entry and contract:
        given = Given(entry.id, contract.id, row.amount_fen)
        manual_matches.add(tx, entry.institution_id, given, actor=_ACTOR, reason=_ACTOR)
