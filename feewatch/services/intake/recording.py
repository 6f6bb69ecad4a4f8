"""Takes in bank files: each file is kept, read, judged statement by statement, and booked or not.

A file is in whole or not at all; small ones of a folder share a transaction. Nothing quarantined
or rejected reaches the ledger.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.garbage import no_collection
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.services.intake import rawfiles
from feewatch.services.intake.booking import book
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.outcomes import FileOutcome, outcome_of, worst
from feewatch.services.intake.receiving import ReceivedFile, Receiver, list_files
from feewatch.statements.dialects import Dialect, load_dialects
from feewatch.statements.formats import NAMES as FORMATS
from feewatch.statements.model import FAULT_ORDER, FaultKind, FileReading, Statement, StatementFault
from feewatch.statements.reading import read
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.state import mark_changed

_UNREGISTERED = StatementFault(
    "unregistered",
    Problem(
        "ACCOUNT-UNREGISTERED",
        Text(
            "该账户不在登记册中;导入账户登记后将自动重新检查",
            "this account is not on the register; it is examined again once it is imported",
        ),
    ),
)


class JudgedStatement(NamedTuple):
    """A statement, the registered account it belongs to, and why it is quarantined, if it is."""

    statement: Statement
    account: AccountOnFile | None
    reason: FaultKind | None

    @property
    def status(self) -> str:
        """Accepted where there is no reason against it; refused where it could not be read."""
        if self.reason == "unreadable":
            return "rejected"
        return "quarantined" if self.reason else "accepted"

    def values(self) -> dict[str, Any]:
        """The columns that the judgement decides."""
        faults = [*self.statement.faults, *([] if self.account else [_UNREGISTERED])]
        problems = [*(fault.problem for fault in faults), *self.statement.notes]
        return {
            "account_id": self.account and self.account.id,
            "institution_id": self.account and self.account.institution_id,
            "status": self.status,
            "reason": self.reason,
            "difference_fen": self.statement.difference_fen
            if self.reason == "arithmetic"
            else None,
            "problems": [problem.as_json() for problem in problems],
        }


def judge(statement: Statement, account: AccountOnFile | None) -> JudgedStatement:
    """The statement with its first reason for quarantine in the order of faults."""
    kinds = {fault.kind for fault in statement.faults}
    if account is None:
        kinds.add("unregistered")
    return JudgedStatement(statement, account, min(kinds, key=FAULT_ORDER.index, default=None))


def ingest(
    app: App,
    paths: Sequence[Path],
    *,
    dialect: str | None = None,
    actor: str,
    channel: str = "cli",
) -> Iterator[FileOutcome]:
    """The outcome of each file, as it happens; matching follows at the end.

    Raises: InvalidInputError for a layout that does not exist.
    """
    receiver = Receiver(app, _choose_dialects(app, dialect), dialect)
    for group in receiver.receive(list_files(paths)):
        if isinstance(group, FileOutcome):
            yield group
        else:
            yield from _take_all(app, group, actor, channel)
    match_changed(app)


def ingest_content(
    app: App,
    content: bytes,
    name: str,
    *,
    actor: str,
    channel: str,
    dialect: str | None = None,
    reading: FileReading | None = None,
) -> FileOutcome:
    """The outcome of one file whose bytes came by another way than a folder.

    ``reading``: what they hold, where they were read already.
    Raises: InvalidInputError for a layout that does not exist.
    """
    receiver = Receiver(app, _choose_dialects(app, dialect), dialect)
    [outcome] = _record_all(app, receiver.take([(name, content)], reading), actor, channel)
    match_changed(app)
    return outcome


def load_dialects_of(app: App) -> list[Dialect]:
    """The bank layouts shipped and those of the configured folders."""
    return load_dialects([app.config.resolve(each) for each in app.config.dialects.folders])


def _choose_dialects(app: App, dialect: str | None) -> list[Dialect]:
    dialects = load_dialects_of(app)
    known = sorted({*FORMATS, *(each.id for each in dialects)})
    if dialect is not None and dialect not in known:
        raise InvalidInputError(
            "DIALECT-UNKNOWN",
            f"没有版式 {dialect},可用:{', '.join(known)}",
            f"no layout {dialect}; known: {', '.join(known)}",
        )
    return dialects


def _take_all(
    app: App, received: Sequence[ReceivedFile], actor: str, channel: str
) -> Iterator[FileOutcome]:
    """The outcomes of files that share a commit; where that fails, each has its own."""
    try:
        outcomes = _record_all(app, received, actor, channel)
    except Exception:
        # whatever it was, nothing is stored; alone, the one file it comes from raises it again
        if len(received) == 1:
            raise
    else:
        yield from outcomes
        return
    for each in received:
        yield from _record_all(app, [each], actor, channel)


def _record_all(
    app: App, received: Sequence[ReceivedFile], actor: str, channel: str
) -> list[FileOutcome]:
    with app.database.transaction() as tx:
        statements = [statement for each in received for statement in each.statements]
        accounts = bankfiles.lock_accounts(tx, {each.account_no for each in statements})
        recorded: list[tuple[int, JudgedStatement]] = []
        claimed = []
        for each in received:
            judged = [judge(one, accounts.get(one.account_no)) for one in each.statements]
            claimed.append(_claim(tx, each, judged, actor, channel))
            if claimed[-1]:
                recorded += _record(tx, each.sha256, judged)
        new = settle(app, tx, recorded)
        return _outcomes(tx, received, claimed, new)


def _claim(
    tx: Transaction,
    received: ReceivedFile,
    judged: Sequence[JudgedStatement],
    actor: str,
    channel: str,
) -> bool:
    reading = received.reading
    return reading is not None and bankfiles.claim_file(
        tx,
        received.sha256,
        name=received.name[-500:],
        size=received.size,
        channel=channel,
        actor=actor,
        status=worst([each.status for each in judged]),
        dialect=reading.dialect,
        problems=[problem.as_json() for problem in reading.problems],
    )


def _outcomes(
    tx: Transaction, received: Sequence[ReceivedFile], claimed: Sequence[bool], new: Counter[int]
) -> list[FileOutcome]:
    hashes = {each.sha256 for each in received}
    stored = bankfiles.find_files(tx, hashes)
    statements = bankfiles.list_statements_of(tx, hashes)
    return [
        outcome_of(
            each.name, stored[each.sha256], statements[each.sha256], new, is_duplicate=not is_new
        )
        for each, is_new in zip(received, claimed, strict=True)
    ]


def _record(
    tx: Transaction, sha256: str, judged: Sequence[JudgedStatement]
) -> list[tuple[int, JudgedStatement]]:
    keys = [
        bankfiles.add_statement(tx, file_sha256=sha256, **_facts(each.statement), **each.values())
        for each in judged
    ]
    return list(zip(keys, judged, strict=True))


def _facts(statement: Statement) -> dict[str, Any]:
    """The columns that the bank decides; a row outside the stated period widens it."""
    booked = set(statement.rows.column("booked_on"))
    return {
        "n": statement.n,
        "account_no": statement.account_no[:40],
        "currency": statement.currency[:3],
        "from_day": min([statement.from_day, *booked]),
        "to_day": max([statement.to_day, *booked]),
        "opening_fen": statement.opening_fen,
        "closing_fen": statement.closing_fen,
        "entries": len(statement.rows),
    }


def settle(
    app: App, tx: Transaction, judged: Sequence[tuple[int, JudgedStatement]]
) -> Counter[int]:
    """Book what is accepted and mark whose data changed: key of statement -> new entries."""
    new: Counter[int] = Counter()
    accepted: defaultdict[int, dict[AccountOnFile, list[tuple[int, Statement]]]] = defaultdict(dict)
    for key, each in judged:
        if each.account and each.reason is None:
            of = accepted[each.account.institution_id]
            of.setdefault(each.account, []).append((key, each.statement))
    concerned = {each.account.institution_id for _, each in judged if each.account}
    # before booking: whoever changes the registers meanwhile waits here and marks them anew
    mark_changed(tx, accepted)
    mark_changed(tx, concerned - accepted.keys(), entries=False)
    with no_collection():
        for statements in accepted.values():
            new.update(book(app, tx, statements))
    return new


def re_examine(app: App, account_nos: Collection[str], actor: str) -> int:
    """Judge the quarantined statements of these accounts again; how many are now accepted."""
    with app.database.reading() as tx:
        files = bankfiles.list_quarantined_files(tx, account_nos)
    accepted = sum(_re_examine_file(app, sha256, set(account_nos), actor) for sha256 in files)
    match_changed(app)
    return accepted


def wake_registered(app: App, actor: str) -> int:
    """Judge again what still waits for an account that is on the register by now.

    An import re-examines at once; this is for one whose process died before it could, or that ran
    while the file came in.
    """
    with app.database.reading() as tx:
        waiting = bankfiles.list_waiting_accounts(tx)
    return re_examine(app, waiting, actor) if waiting else 0


def _re_examine_file(app: App, sha256: str, account_nos: Collection[str], actor: str) -> int:
    by_n = {each.n: each for each in read_again(app, sha256).statements}
    with app.database.transaction() as tx:
        accounts = bankfiles.lock_accounts(tx, account_nos)
        judged = [
            (row["id"], judge(by_n[row["n"]], accounts.get(row["account_no"])))
            for row in bankfiles.list_statements(tx, sha256)
            if row["status"] == "quarantined"
            and row["account_no"] in account_nos
            and row["n"] in by_n
        ]
        for key, each in judged:
            bankfiles.set_statement(tx, key, **each.values())
            if each.reason is None:
                bankfiles.drop_proposal(tx, key)
        settle(app, tx, judged)
        refresh_status(tx, sha256)
        accepted = [each.statement.n for _, each in judged if each.reason is None]
        audit.record(tx, actor, "quarantine.re-examine", sha256, accepted=accepted)
    return len(accepted)


def read_again(app: App, sha256: str) -> FileReading:
    """A file received earlier, read by the layout recognised then."""
    with app.database.reading() as tx:
        stored = bankfiles.find_file(tx, sha256)
    assert stored is not None
    path = rawfiles.find(app, sha256)
    return read(path, stored["name"], load_dialects_of(app), stored["dialect"])


def refresh_status(tx: Transaction, sha256: str) -> None:
    """Let a file's status be the worst of its statements."""
    statuses = [row["status"] for row in bankfiles.list_statements(tx, sha256)]
    bankfiles.set_file_status(tx, sha256, worst(statuses))
