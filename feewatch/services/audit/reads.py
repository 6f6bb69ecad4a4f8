"""Puts on record what was read, given out or refused: after the answer, never in its way.

It waits a moment for other writers and no longer. What the database did not take lies in
``var/audit/waiting.jsonl`` until the next such act carries it over; nothing of it is lost.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.store import audit
from feewatch.store.database import Transaction, is_of_machine

#: How long a reader waits for a writer before the act is laid aside.
PATIENCE_SECONDS = 0.05
_WAITING = "waiting.jsonl"
_log = logging.getLogger(__name__)


class ReadAct(NamedTuple):
    """One act of a reader: no words of what was read, only which."""

    actor: str
    action: str  # personal.read, file.given, api.read, request.refused
    object: str
    detail: dict[str, Any]


def note(app: App, act: ReadAct, way: str, place: str) -> None:
    """Put an act on record, and what lay aside; where the database is busy it is laid aside too."""
    row = {"at": timestamp(), "way": way, "place": place, **act._asdict()}
    try:
        with _aside(app) as file:
            waiting = [json.loads(line) for line in file]
            with app.database.transaction(patience_seconds=PATIENCE_SECONDS) as tx:
                for late in waiting:
                    _record(tx, late, {"happened_at": late["at"]})
                _record(tx, row, {})
            file.truncate(0)
    except Exception as fault:
        if not is_of_machine(fault):
            raise
        _lay_aside(app, row)
        _log.warning("an act of a reader waits to be put on record: %s", type(fault).__name__)


def count_waiting(app: App) -> int:
    """How many acts lie aside."""
    path = app.config.var / "audit" / _WAITING
    return len(path.read_bytes().splitlines()) if path.is_file() else 0


def _record(tx: Transaction, row: dict[str, Any], more: dict[str, Any]) -> None:
    with audit.coming_from(row["way"], row["place"]):
        audit.record(tx, row["actor"], row["action"], row["object"][:200], row["detail"] | more)


def _lay_aside(app: App, row: dict[str, Any]) -> None:
    with _aside(app) as file:
        file.seek(0, os.SEEK_END)
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


@contextmanager
def _aside(app: App) -> Iterator[IO[str]]:
    """The file of what lies aside, for one process at a time."""
    folder = app.config.var / "audit"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / _WAITING, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
