"""What was read once, kept in a process until the database changes: answers that cost much.

Every transaction that writes anything a page may rest on leaves a new mark, and one of each table
that it writes. Marks are read in the same view of the data as the answer, so that an answer is
never older or newer than its marks, with however many processes: who sees other marks asks again.

What a long work writes, such as a full check, has marks of its own beside them (``_marks_of``):
some answers may be a few seconds behind those, and are old at once when anybody else writes.
"""

import re
import secrets
import threading
import time
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
#: So long an answer may be behind a long work at its writing, where a page allows it.
BEHIND_SECONDS = 5.0
#: Marks by their keys, as a view of the data has them; one that nobody left yet is None.
Marks = Mapping[int, Hashable]
#: Under these names a connection knows which marks its transaction has made old, and whether a
#: long work ends with it.
_CHANGED, _ENDS = "feewatch.changed", "feewatch.ends"
#: And under this one the marks of a view, once they were read.
_READ = "feewatch.marks"

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


class Known(NamedTuple):
    """An answer, the marks that it rests on, and the second at which it was asked for."""

    marks: Marks
    answer: Any
    asked_at: float

    def holds(self, marks: Marks, behind: float) -> bool:
        """Whether it is that of data with these marks, or so few seconds behind a long work."""
        others = [of for of, mark in self.marks.items() if marks.get(of) != mark]
        if not others:
            return True
        is_of_long_work = all(of < 0 for of in others)
        return is_of_long_work and time.monotonic() - self.asked_at < behind


class KeptAnswers:
    """The answers of one database that this process knows."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Known] = OrderedDict()
        self._lock = Lock()

    def within(self, tx: Connection) -> "View":
        """What is known of one view of the data; any change at all makes it old.

        Only for ``reading``: what a transaction has written itself has no mark yet.
        """
        return View(self, {_ANYTHING: _read_marks(tx).get(_ANYTHING)})

    def by_table(self, tx: Connection, *, behind: float = 0.0) -> "View":
        """The same, where an answer is old once a table changes that was read for it.

        What ``ask`` is given of the data must stand in its key, or be ``KnownBefore``. ``behind``:
        so many seconds an answer may be behind a long work; for lists, not for what is signed.
        """
        return View(self, _read_marks(tx), by_table=True, behind=behind)

    def of_span(self, key: Hashable, span: str, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` said first in a span of time, for answers that may be so much older."""
        return View(self, {_ANYTHING: span}).answer(("span", key), ask)

    def find(self, key: Hashable, mark: str | None) -> tuple[Any] | None:
        """The answer to a question under a mark, in a tuple of one."""
        known = self.find_under(key, {_ANYTHING: mark})
        return known and (known.answer,)

    def put(self, key: Hashable, mark: str | None, answer: object) -> None:
        """Keep the answer to a question under a mark."""
        self.put_under(key, Known({_ANYTHING: mark}, answer, time.monotonic()))

    def find_under(self, key: Hashable, marks: Marks, behind: float = 0.0) -> Known | None:
        """The answer to a question, where it holds under these marks."""
        with self._lock:
            known = self._answers.get(key)
            if known is None or not known.holds(marks, behind):
                return None
            self._answers.move_to_end(key)
            return known

    def put_under(self, key: Hashable, known: Known) -> None:
        """Keep the answer to a question."""
        with self._lock:
            self._answers[key] = known
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)


class View:
    """The answers that hold in one view of the data."""

    def __init__(
        self, kept: KeptAnswers, marks: Marks, *, by_table: bool = False, behind: float = 0.0
    ) -> None:
        self._kept, self._marks, self._is_by_table = kept, marks, by_table
        self._behind = behind

    def answer(
        self, key: Hashable, ask: Callable[[], Answer], before: KnownBefore | None = None
    ) -> Answer:
        """What ``ask`` says of the data in view; nobody may change what it gives.

        ``key`` names all that the answer depends on beside the data. ``before``: what ``ask`` has
        been given of them.
        """
        marks = self._marks if before is None else {**self._marks, _BEFORE: before.value}
        known = self._kept.find_under(key, marks, self._behind)
        if known is None:
            known = self._ask(ask, marks, before)
            self._kept.put_under(key, known)
        _note_known(known, marks)
        if before is not None:
            _note_read(_marks_of(before.tables))
        answer: Answer = known.answer
        return answer

    def _ask(self, ask: Callable[[], Answer], marks: Marks, before: KnownBefore | None) -> Known:
        if not self._is_by_table:
            return Known(marks, ask(), time.monotonic())
        with _noting() as noted:
            answer = ask()
        rests_on = noted.read | {_UNCLEAR}
        if before is not None:
            rests_on = rests_on - _marks_of(before.tables) | {_BEFORE}
        known = {of: noted.older.get(of, marks.get(of)) for of in rests_on}
        return Known(known, answer, noted.asked_at)


class _Noted:
    """What an answer that is being asked for rests on so far."""

    def __init__(self) -> None:
        self.read: set[int] = set()  # the marks of the tables that were read for it
        self.older: dict[int, Hashable] = {}  # marks of answers in it that are behind a long work
        self.asked_at = time.monotonic()


#: What each thread asks for at the moment.
_asking = threading.local()


def _noted() -> _Noted | None:
    noted: _Noted | None = getattr(_asking, "noted", None)
    return noted


@contextmanager
def _noting() -> Iterator[_Noted]:
    """What is read in the block."""
    before = _noted()
    _asking.noted = noted = _Noted()
    try:
        yield noted
    finally:
        _asking.noted = before


def _note_read(marks: Iterable[int]) -> None:
    if noted := _noted():
        noted.read.update(marks)


def _note_known(known: Known, marks: Marks) -> None:
    """An answer is given that may be part of another, which is then as old."""
    if noted := _noted():
        noted.read |= known.marks.keys() - {_BEFORE}
        noted.older |= {of: mark for of, mark in known.marks.items() if marks.get(of) != mark}
        noted.asked_at = min(noted.asked_at, known.asked_at)


@cache
def _mark_of(table: str) -> int:
    """The key of a table's mark, the same in every version; two tables may share one."""
    return (crc32(table.encode()) & 0x7FFFFFFF) | 4  # none of the two above


def _marks_of(tables: Iterable[str]) -> frozenset[int]:
    """The keys of the marks of tables: of each another one that long works leave, below zero."""
    marks = frozenset(map(_mark_of, tables))
    return marks | {-of for of in marks}


def read_mark(tx: Connection) -> str | None:
    """The mark of the data in view: with other data it is another."""
    mark: str | None = tx.scalar(_MARK)
    return mark


@contextmanager
def viewing(tx: Connection) -> Iterator[None]:
    """A view in which no marks change: they are read once."""
    info = tx.info  # of this connection, also once the server has closed it
    info[_READ] = None
    try:
        yield
    finally:
        info.pop(_READ, None)


def _read_marks(tx: Connection) -> Marks:
    known: Marks | None = tx.info.get(_READ)
    if known is None:
        known = {row.id: row.mark for row in tx.execute(_MARKS)}
        if _READ in tx.info:
            tx.info[_READ] = known
    return known


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
    return _marks_of(named - UNMARKED)


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
    tx.info[_CHANGED], tx.info[_ENDS] = _NONE, False


def note(tx: Connection, statement: str) -> None:
    """A statement goes to the database."""
    tx.info[_CHANGED] = tx.info.get(_CHANGED, _NONE) | _changes(statement)
    if _noted() is not None:
        _note_read(_tables_read(statement))


def is_changed(tx: Connection) -> bool:
    """Whether the transaction wrote what pages rest on, or ends a long work."""
    return bool(tx.info.get(_CHANGED) or tx.info.get(_ENDS))


def leave_mark(tx: Connection, *, is_long_work: bool = False) -> None:
    """Let every answer that rests on the data of before be asked for again; the last act."""
    changed: Iterable[int] = tx.info[_CHANGED]
    marks = {-of if is_long_work and of > _UNCLEAR else of for of in changed}
    if tx.info[_ENDS]:
        left = tx.scalars(select(change_mark.c.id).where(change_mark.c.id < 0))
        marks |= {-of for of in {*left, *marks} if of < 0}
    _leave(tx, marks)


def end_long_work(tx: Connection) -> None:
    """Let no answer be behind any more what long works have written, once the transaction ends.

    Those marks are left with all others: left before, they would be locked in another order than
    that in which everybody else locks them.
    """
    tx.info[_ENDS] = True


def _leave(tx: Connection, marks: Iterable[int]) -> None:
    """New ones; by chance rather than by number: what was put back has others than those known."""
    mark, changed = secrets.token_hex(16), sorted(marks)
    if not changed:
        return
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
