"""What was read once, kept in a process until the database changes: answers that cost much.

Every transaction that writes anything a page may rest on leaves a new mark. A mark is read in the
same view of the data as the answer, so that an answer is never older or newer than its mark, with
however many processes: who sees another mark asks again.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from enum import IntEnum
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from feewatch.store.tables.operations import change_mark

Answer = TypeVar("Answer")

#: Tables whose rows change with every look, log-in or beat, and on which no kept answer rests.
UNMARKED = frozenset(
    {
        "app_user", "api_token", "audit", "audit_head", "change_mark", "desk_visit", "feed_cursor",
        "job_run", "lease", "log_in_attempt", "log_in_session", "message", "outside_identity",
        "quota_use", "recovery_code", "saved_view", "scheduled_job", "second_factor", "submission",
        "unmasking",
    }
)  # fmt: skip
#: Tables that files and checks write all day long, and that no page of matters reads.
BESIDE_MATTERS = frozenset(
    {
        "account_coverage", "account_day", "check_result", "check_run", "cover_standing", "entry",
        "institution_state", "match", "proven_coverage", "proven_link", "source_file", "statement",
        "statement_link", "told_days",
    }
)  # fmt: skip
#: Under this name a connection knows which marks its transaction has made old.
_CHANGED = "feewatch.changed"


class Mark(IntEnum):
    """What a mark tells to have changed, by the key of its row."""

    ANYTHING = 1
    MATTERS = 2  # all but ``BESIDE_MATTERS``


_NONE: frozenset[Mark] = frozenset()
_WRITES = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"']?(\w+)", re.I
)
_READS = re.compile(
    r"\s*(?:SELECT|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET|LOCK|EXPLAIN)\b", re.I
)
#: Answers that a process holds, the least lately asked for making room.
_MOST = 256
_MARK = select(change_mark.c.mark).where(change_mark.c.id == bindparam("of"))


class KeptAnswers:
    """The answers of one database that this process knows."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[str | None, Any]] = OrderedDict()
        self._lock = Lock()

    def within(self, tx: Connection, of: Mark = Mark.ANYTHING) -> "View":
        """What is known of one view of the data.

        Only for ``reading``: what a transaction has written itself has no mark yet. ``of``: what
        the answers rest on; all answers to a question under the same.
        """
        return View(self, read_mark(tx, of))

    def of_span(self, key: Hashable, span: str, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` said first in a span of time, for answers that may be so much older."""
        return View(self, span).answer(("span", key), ask)

    def find(self, key: Hashable, mark: str | None) -> tuple[Any] | None:
        """The answer to a question under a mark, in a tuple of one."""
        with self._lock:
            known = self._answers.get(key)
            if known is None or known[0] != mark:
                return None
            self._answers.move_to_end(key)
            return (known[1],)

    def put(self, key: Hashable, mark: str | None, answer: object) -> None:
        """Keep the answer to a question under a mark."""
        with self._lock:
            self._answers[key] = (mark, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)


class View:
    """The answers that hold in one view of the data."""

    def __init__(self, kept: KeptAnswers, mark: str | None) -> None:
        self._kept, self._mark = kept, mark

    def answer(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` says of the data in view; nobody may change what it gives.

        ``key`` names all that the answer depends on beside the data.
        """
        known = self._kept.find(key, self._mark)
        if known is None:
            known = (ask(),)
            self._kept.put(key, self._mark, known[0])
        answer: Answer = known[0]
        return answer


def read_mark(tx: Connection, of: Mark = Mark.ANYTHING) -> str | None:
    """The mark of the data in view: with other data it is another."""
    mark: str | None = tx.scalar(_MARK, {"of": int(of)})
    return mark


@lru_cache(maxsize=4096)
def table_written(statement: str) -> str | None:
    """The table to which a statement writes; None where it writes to none, or to one unknown."""
    if _READS.match(statement):
        return None
    table = _WRITES.search(statement)
    return table and table[1].lower()


@lru_cache(maxsize=4096)
def _changes(statement: str) -> frozenset[Mark]:
    """The marks that a statement makes old; of what is unclear all."""
    if _READS.match(statement):
        return _NONE
    table = _WRITES.search(statement)
    if table is None:
        return _NONE if statement.lstrip()[:4].upper() == "WITH" else frozenset(Mark)
    name = table[1].lower()
    if name in UNMARKED:
        return _NONE
    return frozenset({Mark.ANYTHING}) if name in BESIDE_MATTERS else frozenset(Mark)


def begin(tx: Connection) -> None:
    """A transaction begins, which has written nothing."""
    tx.info[_CHANGED] = _NONE


def note(tx: Connection, statement: str) -> None:
    """A statement goes to the database."""
    changed = tx.info.get(_CHANGED, _NONE)
    if len(changed) < len(Mark):
        tx.info[_CHANGED] = changed | _changes(statement)


def is_changed(tx: Connection) -> bool:
    """Whether the transaction wrote what pages rest on."""
    return bool(tx.info.get(_CHANGED))


def leave_mark(tx: Connection) -> None:
    """Let every answer that rests on the data of before be asked for again; the last act.

    By chance rather than by number: a database that was put back has other marks than those known.
    """
    for mark in sorted(tx.info[_CHANGED]):
        tx.execute(_LEAVE[tx.dialect.name], {"of": int(mark), "mark": secrets.token_hex(16)})


def _leave(insert: Any) -> Any:
    added = insert(change_mark).values(id=bindparam("of"), mark=bindparam("mark"))
    return added.on_conflict_do_update(
        index_elements=[change_mark.c.id], set_={"mark": added.excluded.mark}
    )


_LEAVE = {"sqlite": _leave(sqlite.insert), "postgresql": _leave(postgresql.insert)}
