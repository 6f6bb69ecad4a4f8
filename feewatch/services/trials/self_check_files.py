"""A file laid over the facts of one institution, inside a transaction of which nothing stays.

Register files are read and refused row by row as in an import, statements as at intake; neither
the file nor a word of it is kept.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import Scope
from feewatch.kernel.problems import Problem
from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register
from feewatch.registry.records import Charge, Contract, Course, Record
from feewatch.services.intake.acceptance import judge
from feewatch.services.intake.recording import load_dialects_of, settle
from feewatch.services.registers.importing import load_profiles_of, locate_within
from feewatch.services.registers.plan import Plan, plan_import
from feewatch.services.registers.writing import cover_days, write_records
from feewatch.statements.reading import read
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.registers.registers import Located

#: No plan is looked at further ahead: what a later row says is judged as of this many days.
MOST_AHEAD = 3 * 365


@dataclass(frozen=True)
class StatementFate:
    """What would become of one statement of a file."""

    n: int
    account_no: str
    status: str  # accepted, quarantined, rejected
    from_day: Day
    to_day: Day
    entries: int


@dataclass(frozen=True)
class LaidFile:
    """What a file holds, and where its rows are among the subjects of rules."""

    problems: tuple[Problem, ...]
    bad: int
    rows: int  # judged
    as_of: Day
    assumed: int = 0  # charges taken as paid on the day they are due
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # by contract or course
    sha256: str | None = None  # of a bank file, under which evidence names its lines
    statements: tuple[StatementFate, ...] = ()
    is_refused: bool = False
    is_known: bool = False  # these bytes are on file already


def lay_register(
    app: App, tx: Transaction, institution_id: int, kind: str, name: str, data: bytes
) -> LaidFile:
    """Put the good rows of a register file in force, as if the office had told of them."""
    reading = read_register(KINDS[kind], data, name, load_profiles_of(app))
    if reading.refused:
        return LaidFile(tuple(reading.refused), 0, 0, today(), is_refused=True)
    located = locate_within(tx, reading, Scope(institution_id=institution_id))
    rows, assumed = _as_paid(located)
    plan = plan_import(tx, reading, rows, "office") if rows else Plan({})
    write_records(tx, reading.kind, plan)
    cover_days(tx, reading.kind, None, plan)
    problems = sorted((*reading.faults, *reading.warnings), key=lambda each: each.line or 0)
    return LaidFile(
        tuple(problems),
        len({fault.line for fault in reading.faults}),
        len(rows),
        _as_of(row.record for row in rows),
        assumed,
        _lines(rows),
    )


def lay_statements(
    app: App, tx: Transaction, institution_id: int, word: str, name: str, data: bytes
) -> LaidFile:
    """Book the statements of a bank file as intake would.

    Raises: ForbiddenError where one is of an account of another institution.
    """
    reading = read(data, name, load_dialects_of(app))
    sha256 = hashlib.sha256(data).hexdigest()
    accounts = bankfiles.lock_accounts(tx, {each.account_no for each in reading.statements})
    if any(account.institution_id != institution_id for account in accounts.values()):
        raise ForbiddenError(
            "ACCOUNT-FOREIGN",
            f"{name} 含有其他机构账户的对账单，未检查",
            f"{name} holds statements of another institution's account, and was not looked at",
        )
    judged = [
        judge(statement, accounts.get(statement.account_no), today())
        for statement in reading.statements
    ]
    fates = tuple(
        StatementFate(
            each.statement.n, each.statement.account_no, each.status, *each.covered,
            len(each.statement.rows),
        )
        for each in judged
    )  # fmt: skip
    problems = (*reading.problems, *(problem for each in judged for problem in each.problems))
    is_new = bankfiles.claim_file(
        tx, sha256, name=name[-500:], size=len(data), received_at=timestamp(), provenance=word,
        actor="selfcheck", channel="upload", status="accepted", dialect=reading.dialect,
        problems=[],
    )  # fmt: skip
    if is_new:
        keys = [
            bankfiles.add_statement(
                tx, file_sha256=sha256, n=each.statement.n,
                account_no=each.statement.account_no[:40], currency=each.statement.currency[:3],
                from_day=each.covered[0], to_day=each.covered[1],
                opening_fen=each.statement.opening_fen, closing_fen=each.statement.closing_fen,
                entries=len(each.statement.rows), **each.values(),
            )
            for each in judged
        ]  # fmt: skip
        settle(app, tx, list(zip(keys, judged, strict=True)))
    return LaidFile(
        problems, sum(each.reason is not None for each in judged), len(judged), today(),
        sha256=sha256, statements=fates, is_refused=not judged, is_known=not is_new,
    )  # fmt: skip


def _as_paid(located: Sequence[Located]) -> tuple[list[Located], int]:
    """The rows, charges that nobody has paid yet as if each were paid on the day it is due."""
    rows, assumed = [], 0
    for row in located:
        if isinstance(row.record, Charge) and row.record.paid_on is None:
            row = row._replace(record=row.record._replace(paid_on=row.record.due_on))
            assumed += 1
        rows.append(row)
    return rows, assumed


def _as_of(records: Iterable[Record]) -> Day:
    """Today, or the day of the last payment planned, as far ahead as plans are looked at."""
    paid = (each.paid_on for each in records if isinstance(each, Contract | Charge))
    days = [day for day in paid if day is not None]
    return min(max([today(), *days]), today() + MOST_AHEAD)


def _lines(rows: Iterable[Located]) -> dict[str, tuple[int, ...]]:
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        match row.record:
            case Course():
                lines[row.record.course_id].append(row.line)
            case Contract():
                lines[row.record.contract_no].append(row.line)
            case Charge():
                lines[f"{row.record.contract_no}/{row.record.charge_no}"].append(row.line)
    return {key: tuple(numbers) for key, numbers in lines.items()}
