"""What was read once, kept in a process until the database changes: answers that cost much.

Every transaction that writes anything a page may rest on leaves a new mark, and one of each table
that it writes. Marks are read in the same view of the data as the answer, so that an answer is
never older or newer than its marks, with however many processes: who sees other marks asks again.
"""

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

from sqlalchemy import Connection, Integer, String, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from feewatch.store.tables import metadata
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
#: The keys of two marks: of any change at all, and of what is unclear, which may be of any table.
_ANYTHING, _UNCLEAR = 1, 2
#: The key under which an answer holds what was known of the data before it was asked for.
_BEFORE = 0
#: Marks by their keys, as a view of the data has them; one that nobody left yet is None.
Marks = Mapping[int, Hashable]
#: Under this name a connection knows which marks its transaction has made old.
_CHANGED = "feewatch.changed"

_NONE: frozenset[int] = frozenset()
_WRITES = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"']?(\w+)", re.I
)
_READS = re.compile(
    r"\s*(?:SELECT|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET|LOCK|EXPLAIN)\b", re.I
)
_WORD = re.compile(r"\w+")
#: Answers that a process holds, the least lately asked for making room.
_MOST = 256
#: Texts of statements of which a process remembers what they read and write, and the longest.
_MOST_TEXTS, _LONG = 4096, 10_000
_MARK = select(change_mark.c.mark).where(change_mark.c.id == _ANYTHING)
_MARKS = select(change_mark.c.id, change_mark.c.mark)


class KnownBefore(NamedTuple):
    """What is known of the data before a question, and tells when its answer is old."""

    value: Hashable
    tables: Collection[str] = ()  # of whose changes it tells all that the answer rests on


class KeptAnswers:
    """The answers of one database that this process knows."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[Marks, Any]] = OrderedDict()
        self._lock = Lock()

    def within(self, tx: Connection) -> "View":
        """What is known of one view of the data; any change at all makes it old.

        Only for ``reading``: what a transaction has written itself has no mark yet.
        """
        return View(self, {_ANYTHING: read_mark(tx)})

    def by_table(self, tx: Connection) -> "View":
        """The same, where an answer is old once a table changes that was read for it.

        What ``ask`` is given of the data must stand in its key, or be ``KnownBefore``.
        """
        return View(self, {row.id: row.mark for row in tx.execute(_MARKS)}, by_table=True)

    def of_span(self, key: Hashable, span: str, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` said first in a span of time, for answers that may be so much older."""
        return View(self, {_ANYTHING: span}).answer(("span", key), ask)

    def find(self, key: Hashable, mark: str | None) -> tuple[Any] | None:
        """The answer to a question under a mark, in a tuple of one."""
        known = self.find_under(key, {_ANYTHING: mark})
        return known and (known[1],)

    def put(self, key: Hashable, mark: str | None, answer: object) -> None:
        """Keep the answer to a question under a mark."""
        self.put_under(key, {_ANYTHING: mark}, answer)

    def find_under(self, key: Hashable, marks: Marks) -> tuple[Marks, Any] | None:
        """The answer to a question, with the marks that it rests on, where they are these."""
        with self._lock:
            known = self._answers.get(key)
            if known is None or any(marks.get(of) != mark for of, mark in known[0].items()):
                return None
            self._answers.move_to_end(key)
            return known

    def put_under(self, key: Hashable, marks: Marks, answer: object) -> None:
        """Keep the answer to a question, which rests on these marks."""
        with self._lock:
            self._answers[key] = (marks, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)


class View:
    """The answers that hold in one view of the data."""

    def __init__(self, kept: KeptAnswers, marks: Marks, *, by_table: bool = False) -> None:
        self._kept, self._marks, self._is_by_table = kept, marks, by_table

    def answer(
        self, key: Hashable, ask: Callable[[], Answer], before: KnownBefore | None = None
    ) -> Answer:
        """What ``ask`` says of the data in view; nobody may change what it gives.

        ``key`` names all that the answer depends on beside the data. ``before``: what ``ask`` has
        been given of them.
        """
        marks = self._marks if before is None else {**self._marks, _BEFORE: before.value}
        known = self._kept.find_under(key, marks)
        if known is None:
            known = self._ask(ask, marks, before)
            self._kept.put_under(key, *known)
        _note_read(known[0].keys() - {_BEFORE})
        if before is not None:
            _note_read(map(_mark_of, before.tables))
        answer: Answer = known[1]
        return answer

    def _ask(
        self, ask: Callable[[], Answer], marks: Marks, before: KnownBefore | None
    ) -> tuple[Marks, Answer]:
        if not self._is_by_table:
            return marks, ask()
        with _noting() as read:
            answer = ask()
        rests_on = read | {_UNCLEAR}
        if before is not None:
            rests_on = rests_on - {_mark_of(table) for table in before.tables} | {_BEFORE}
        return {of: marks.get(of) for of in rests_on}, answer


#: What each thread asks for at the moment: the marks of the tables that were read for it.
_asking = threading.local()


@contextmanager
def _noting() -> Iterator[set[int]]:
    """The marks of the tables that are read in the block."""
    before: set[int] | None = getattr(_asking, "read", None)
    _asking.read = read = set[int]()
    try:
        yield read
    finally:
        _asking.read = before


def _note_read(marks: Iterable[int]) -> None:
    read: set[int] | None = getattr(_asking, "read", None)
    if read is not None:
        read.update(marks)


@cache
def _mark_of(table: str) -> int:
    """The key of a table's mark, the same in every version; two tables may share one."""
    return (crc32(table.encode()) & 0x7FFFFFFF) | 4  # none of the two above


def read_mark(tx: Connection) -> str | None:
    """The mark of the data in view: with other data it is another."""
    mark: str | None = tx.scalar(_MARK)
    return mark


def _of_text(read: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """What is read of the text of a statement, kept for texts that may well come again.

    A longer one has the keys of thousands of rows written out in it: it comes once.
    """
    kept = lru_cache(maxsize=_MOST_TEXTS)(read)

    def known(statement: str) -> Answer:
        return (kept if len(statement) <= _LONG else read)(statement)

    return wraps(read)(known)


@_of_text
def table_written(statement: str) -> str | None:
    """The table to which a statement writes; None where it writes to none, or to one unknown."""
    if _READS.match(statement):
        return None
    table = _WRITES.search(statement)
    return table and table[1].lower()


@_of_text
def _tables_read(statement: str) -> frozenset[int]:
    """The marks of all tables that a statement names, be it as a column of another."""
    named = {word.lower() for word in _WORD.findall(statement)} & metadata.tables.keys()
    return frozenset(map(_mark_of, named - UNMARKED))


@_of_text
def _changes(statement: str) -> frozenset[int]:
    """The marks that a statement makes old."""
    if _READS.match(statement):
        return _NONE
    table = _WRITES.search(statement)
    if table is None:
        is_read = statement.lstrip()[:4].upper() == "WITH"
        return _NONE if is_read else frozenset({_ANYTHING, _UNCLEAR})
    name = table[1].lower()
    if name in UNMARKED:
        return _NONE
    # a table that is not ours is of this connection alone
    return frozenset({_ANYTHING, _mark_of(name)} if name in metadata.tables else {_ANYTHING})


def begin(tx: Connection) -> None:
    """A transaction begins, which has written nothing."""
    tx.info[_CHANGED] = _NONE


def note(tx: Connection, statement: str) -> None:
    """A statement goes to the database."""
    tx.info[_CHANGED] = tx.info.get(_CHANGED, _NONE) | _changes(statement)
    if getattr(_asking, "read", None) is not None:
        _note_read(_tables_read(statement))


def is_changed(tx: Connection) -> bool:
    """Whether the transaction wrote what pages rest on."""
    return bool(tx.info.get(_CHANGED))


def leave_mark(tx: Connection) -> None:
    """Let every answer that rests on the data of before be asked for again; the last act.

    By chance rather than by number: a database that was put back has other marks than those known.
    """
    mark, changed = secrets.token_hex(16), sorted(tx.info[_CHANGED])
    if tx.dialect.name == "sqlite":
        tx.execute(_LEAVE_EACH, [{"of": of, "mark": mark} for of in changed])
    else:  # in one statement: all other writers wait from here to the end of the transaction
        tx.execute(_LEAVE_ALL, {"of": changed, "mark": mark})


def _or_changed(added: Any) -> Any:
    return added.on_conflict_do_update(
        index_elements=[change_mark.c.id], set_={"mark": added.excluded.mark}
    )


_LEAVE_EACH = _or_changed(
    sqlite.insert(change_mark).values(id=bindparam("of"), mark=bindparam("mark"))
)
#: In the order of the keys, in which everybody locks them.
_LEAVE_ALL = _or_changed(
    postgresql.insert(change_mark).from_select(
        ["id", "mark"],
        select(
            func.unnest(bindparam("of", type_=postgresql.ARRAY(Integer))),
            bindparam("mark", type_=String),
        ),
    )
)
