"""Takes in bank files: each file is kept, read, judged statement by statement, and booked or not.

A file is in whole or not at all; small ones of a folder share a transaction. Nothing quarantined
or rejected reaches the ledger.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import LAST_DAY, Day, parse_day
from feewatch.kernel.errors import InvalidInputError, Refusal
from feewatch.kernel.garbage import no_collection
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, printable
from feewatch.services.intake.acceptance import JudgedStatement, judge
from feewatch.services.intake.booking import book
from feewatch.services.intake.matching import match_changed, match_light
from feewatch.services.intake.outcomes import FileOutcome, outcome_of, worst
from feewatch.services.intake.provenance import raise_words, teller_of, word_of_sender
from feewatch.services.intake.receiving import Admission, ReceivedFile, Receiver, list_entries
from feewatch.services.intake.telling import tell_of_quarantine
from feewatch.statements import reading as readers
from feewatch.statements.dialects import Dialect, load_dialects
from feewatch.statements.formats import NAMES as FORMATS
from feewatch.statements.model import FileReading, Statement
from feewatch.store import audit
from feewatch.store.database import Transaction, is_of_machine
from feewatch.store.holdings import list_linked
from feewatch.store.intake import bankfiles
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.state import Touched, hold_still, mark_changed

#: The operator finds what failed where the readers tell it.
_log = logging.getLogger(f"{readers.__name__}.recording")
_UNRECORDED = Problem(
    "FILE-UNRECORDED",
    Text(
        "文件已读取但无法入账，程序出错；详情已记入运行日志，请联系管理员",
        "the file was read and could not be booked, by a fault of the program: the log has the "
        "details, tell the administrator",
    ),
)


#: What is written in the transaction that takes a file in; it raises where nothing may be.
Beside = Callable[[Transaction], None]
_Finish = Callable[[Transaction, Collection[int]], None]


class Sender(NamedTuple):
    """Who hands a file in, and how; ``provenance`` where these do not say whose word it is."""

    actor: str
    channel: str
    provenance: str | None = None

    def names(self) -> dict[str, str]:
        """The columns of a file that name the sender."""
        return {"actor": self.actor, "channel": self.channel}


def ingest(
    app: App,
    paths: Sequence[Path],
    *,
    dialect: str | None = None,
    actor: str,
    channel: str = "cli",
    provenance: str | None = None,
    admit: Admission | None = None,
) -> Iterator[FileOutcome]:
    """The outcome of each file, as it happens; matching follows at the end.

    ``provenance``: whose word they are, where the sender does not say it. ``admit``: why a file
    may not be handed in by this sender, by its name and what it holds; then nothing of it is kept.
    Raises: InvalidInputError for a layout that does not exist.
    """
    receiver = Receiver(app, _choose_dialects(app, dialect), dialect, admit)
    sender = Sender(actor, channel, provenance)
    for group in receiver.receive(list_entries(paths)):
        if isinstance(group, FileOutcome):
            yield group
        else:
            yield from _take_all(app, group, sender)
    match_changed(app)


def ingest_kept(
    app: App, hashes: Sequence[str], *, dialect: str | None, actor: str, provenance: str
) -> None:
    """Take in files that are kept under these hashes already, by the layout recognised then.

    Raises: UnavailableError where one is gone or changed.
    """
    receiver = Receiver(app, _choose_dialects(app, dialect), dialect)
    for group in receiver.receive_kept(hashes):
        for _ in _take_all(app, group, Sender(actor, "cli", provenance)):
            pass
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
    beside: Beside | None = None,
) -> FileOutcome:
    """The outcome of one file whose bytes came by another way than a folder.

    One of an institution with few rows is matched in the transaction that books it.

    ``reading``: what they hold, where they were read already. ``beside``: what else is written
    with it.
    Raises: InvalidInputError for a layout that does not exist, and as ``beside``.
    """
    receiver = Receiver(app, _choose_dialects(app, dialect), dialect)
    [file] = receiver.take([(name, content)], reading)
    alone = _Alone(app, beside)
    outcome = _take_one(app, file, Sender(actor, channel), alone.finish)
    if alone.is_matched:
        app.database.take_stock(by_the_way=True)
    else:
        match_changed(app)
    return outcome


class _Alone:
    """A file that is taken in by itself: what follows from it in the same transaction."""

    def __init__(self, app: App, beside: Beside | None) -> None:
        self._app, self._beside = app, beside
        self.is_matched = False

    def finish(self, tx: Transaction, institutions: Collection[int]) -> None:
        """The rest of the transaction that has booked the file for these institutions."""
        # one that came again may have been booked by a process that was ended before it matched
        self.is_matched = bool(institutions) and match_light(self._app, tx, institutions)
        if self._beside is not None:
            self._beside(tx)  # last: files of one sender wait for each other from here on


def day_received(received_at: str) -> Day:
    """The day of the moment at which a file was received, as it is stored."""
    day = parse_day(received_at[:10])
    assert day is not None
    return day


def load_dialects_of(app: App) -> list[Dialect]:
    """The bank layouts shipped and those of the configured folders."""
    return load_dialects([app.config.resolve(each) for each in app.config.dialects.folders])


def _choose_dialects(app: App, dialect: str | None) -> list[Dialect]:
    dialects = load_dialects_of(app)
    known = sorted({*FORMATS, *(each.id for each in dialects)})
    if dialect is not None and dialect not in known:
        raise InvalidInputError(
            "DIALECT-UNKNOWN",
            f"没有版式 {dialect}，可用：{', '.join(known)}",
            f"no layout {dialect}; known: {', '.join(known)}",
        )
    return dialects


def _take_all(app: App, received: Sequence[ReceivedFile], sender: Sender) -> Iterator[FileOutcome]:
    """The outcomes of files that share a commit; where that fails, each has its own."""
    try:
        outcomes = _record_all(app, received, sender) if len(received) > 1 else []
    except Exception as fault:
        # nothing is stored; alone, the file that it comes from is refused
        if _ends_the_run(fault):
            raise
        outcomes = []
    yield from outcomes or (_take_one(app, file, sender) for file in received)


def _take_one(
    app: App, file: ReceivedFile, sender: Sender, finish: _Finish | None = None
) -> FileOutcome:
    """The outcome of a file with a commit of its own; whatever it fails at, no other one does."""
    try:
        [outcome] = _record_all(app, [file], sender, finish)
    except Exception as fault:
        if _ends_the_run(fault):
            raise
        _log.exception("recording failed at %s", file.sha256)
        dialect = file.reading.dialect if file.reading else None
        refused = file._replace(reading=FileReading(dialect, (), (_UNRECORDED,)))
        [outcome] = _record_all(app, [refused], sender, finish)
    return outcome


def _ends_the_run(fault: Exception) -> bool:
    """Whether the next file would fail alike: a full disk, no database, a faulty configuration."""
    return isinstance(fault, Refusal) or is_of_machine(fault)


def _record_all(
    app: App,
    received: Sequence[ReceivedFile],
    sender: Sender,
    finish: _Finish | None = None,
) -> list[FileOutcome]:
    """``finish``: what is done last, given whose data changed."""
    received_at = timestamp()
    today = day_received(received_at)
    with app.database.transaction() as tx:
        word = sender.provenance or word_of_sender(tx, sender.channel, sender.actor)
        teller = teller_of(tx, word, sender.actor)
        head = {"received_at": received_at, "provenance": word} | sender.names()
        statements = [statement for file in received for statement in file.statements]
        account_nos = {each.account_no for each in statements}
        if came_again := [file.sha256 for file in received if file.reading is None]:
            account_nos |= bankfiles.list_account_nos(tx, came_again)
        accounts = bankfiles.lock_accounts(tx, account_nos)
        recorded: list[tuple[int, JudgedStatement]] = []
        claimed = []
        for file in received:
            judged = [
                judge(statement, accounts.get(statement.account_no), today, teller)
                for statement in file.statements
            ]
            claimed.append(_claim(tx, file, judged, head))
            if claimed[-1]:
                recorded += _record(tx, file.sha256, judged)
        again = {file.sha256 for file, is_new in zip(received, claimed, strict=True) if not is_new}
        if again and recorded:  # marked in two steps, and held in the order of all others
            hold_still(tx, list_linked(tx, {each.institution_id for each in accounts.values()}))
        new = settle(app, tx, recorded)
        # last: its row is written again where the act ends, and of a long file SQLite would have
        # to go through all that was written in between a second time
        _put_on_record(tx, received, claimed, sender)
        if again:
            raise_words(tx, again, word, sender.actor)
        outcomes = _outcomes(tx, received, claimed, new)
        if finish is not None:
            finish(tx, {each.account.institution_id for _, each in recorded if each.account})
        return outcomes


def _put_on_record(
    tx: Transaction, received: Sequence[ReceivedFile], claimed: Sequence[bool], sender: Sender
) -> None:
    new = [file.sha256 for file, is_new in zip(received, claimed, strict=True) if is_new]
    if new:
        audit.record(tx, sender.actor, "file.receive", sender.channel, files=new)


def _claim(
    tx: Transaction,
    received: ReceivedFile,
    judged: Sequence[JudgedStatement],
    head: Mapping[str, str],
) -> bool:
    """``head``: whose word it is, who sent it when and how."""
    reading = received.reading
    return reading is not None and bankfiles.claim_file(
        tx,
        received.sha256,
        name=printable(received.name)[-500:] or "?",
        size=received.size,
        **head,
        status=worst([each.status for each in judged]),
        dialect=reading.dialect,
        problems=[problem.as_json() for problem in reading.problems],
    )


def _outcomes(
    tx: Transaction, received: Sequence[ReceivedFile], claimed: Sequence[bool], new: Counter[int]
) -> list[FileOutcome]:
    hashes = {file.sha256 for file in received}
    stored = bankfiles.find_files(tx, hashes)
    statements = bankfiles.list_statements_of(tx, hashes)
    return [
        outcome_of(
            file.name, stored[file.sha256], statements[file.sha256], new, is_duplicate=not is_new
        )
        for file, is_new in zip(received, claimed, strict=True)
    ]


def _record(
    tx: Transaction, sha256: str, judged: Sequence[JudgedStatement]
) -> list[tuple[int, JudgedStatement]]:
    for judgement in judged:
        tell_of_quarantine(tx, sha256, judgement)
    keys = [
        bankfiles.add_statement(tx, file_sha256=sha256, **_facts(judgement), **judgement.values())
        for judgement in judged
    ]
    return list(zip(keys, judged, strict=True))


def _facts(judged: JudgedStatement) -> dict[str, Any]:
    """The columns that the bank decides."""
    statement = judged.statement
    from_day, to_day = judged.covered
    return {
        "n": statement.n,
        "account_no": statement.account_no[:40],
        "currency": statement.currency[:3],
        "from_day": from_day,
        "to_day": to_day,
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
    for key, judgement in judged:
        if judgement.account and judgement.reason is None:
            statements_of = accepted[judgement.account.institution_id]
            statements_of.setdefault(judgement.account, []).append((key, judgement.statement))
    concerned = {judgement.account.institution_id for _, judgement in judged if judgement.account}
    aside = concerned - accepted.keys()
    if aside and accepted:  # they are marked in two steps, and held in the order of all others
        hold_still(tx, list_linked(tx, concerned))
    # before booking: whoever changes the registers meanwhile waits here and marks them anew
    mark_changed(tx, accepted, touched=Touched.STATEMENTS, since=LAST_DAY)  # booking tells it
    if aside:
        mark_changed(tx, aside, entries=False, touched=Touched.STATEMENTS)
    with no_collection():
        for statements in accepted.values():
            new.update(book(app, tx, statements))
    return new
