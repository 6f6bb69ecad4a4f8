"""Work that takes long, one piece at a time the office: asked for, watched, stopped, kept.

A piece lies in two files under var: what was asked and what came of it, encrypted, and how far it
has come, without a word of either. Every process of the office finds them there. Whoever computes
holds one place (``store.alone``), which a process that dies gives back: a piece that is said to run
while nobody has the place was broken off, and is told as that. The same question of the same person
on the same data is the same piece.
"""

import hashlib
import io
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import copy_context
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel import errors
from feewatch.kernel.clock import now, timestamp
from feewatch.kernel.errors import NotFoundError, Refusal, TryLaterError
from feewatch.kernel.people import User
from feewatch.sealing.container import SealedFile, seal
from feewatch.services.intake.file_keys import get_ring
from feewatch.store.alone import OccupiedError, alone
from feewatch.store.check.allowance import StoppedError, stoppable
from feewatch.store.database import Transaction
from feewatch.store.kept import read_mark

_log = logging.getLogger(__name__)

FOLDER = "computed"
LIFE = timedelta(days=1)
#: Results kept of a person; the oldest make room.
MOST_OF_ONE = 10
#: Who asks waits so long for the result before the page says how far it has come.
PATIENCE_SECONDS = 4.0
#: So many of a process wait that long; whoever comes beyond that sees the page at once.
_WAITING = BoundedSemaphore(2)
_LOOK_SECONDS = 0.1
_PLACE = "computing"
LIVE = ("waiting", "running")
#: A piece is named by its person and its question: nothing else is looked for on disk.
_NAME = re.compile(r"[0-9]+-[0-9a-f]{32}")


@dataclass(frozen=True)
class Piece:
    """How far a piece has come; moments as in every record."""

    name: str
    user_id: int
    kind: str
    address: str  # of the page that shows it
    state: str  # waiting, running, done, refused, stopped, unfinished
    asked_at: str
    begun_at: str = ""
    ended_at: str = ""
    done: int = 0
    steps: int = 0

    @property
    def is_live(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in LIVE


class OneAtATimeError(TryLaterError):
    """The person has asked for something else, which is not done yet."""


class Progress:
    """What a piece of work tells of itself; it raises where the piece was stopped."""

    def __init__(self, told: Callable[[int, int], None], is_stopped: Callable[[], bool]) -> None:
        self._told, self._is_stopped = told, is_stopped
        self._done = self._steps = 0

    def expect(self, steps: int) -> None:
        """So many more steps are to come."""
        self._steps += steps
        self._tell()

    def step(self) -> None:
        """One of them is done.

        Raises: StoppedError.
        """
        self._done += 1
        self._tell()

    def stoppable(self, tx: Transaction) -> AbstractContextManager[None]:
        """A block whose statements are interrupted where the piece is stopped."""
        return stoppable(tx, self._is_stopped)

    def _tell(self) -> None:
        if self._is_stopped():
            raise StoppedError
        self._told(self._done, self._steps)


#: For work that nobody watches or stops.
UNWATCHED = Progress(lambda *_: None, lambda: False)

#: What computes pieces of a kind: from what was asked, by whom, to what is kept as JSON.
Work = Callable[[App, User, Mapping[str, str], Progress], Any]
Find = Callable[[App, int], User]


class Computing:
    """The pieces of an office as this process sees them; ``kinds``: what can be computed.

    ``rests_on``: what results rest on beside the data; while it says the same they stay good.
    """

    def __init__(
        self, app: App, kinds: Mapping[str, Work], find_user: Find, rests_on: Callable[[App], str]
    ) -> None:
        self._app, self._kinds, self._find_user, self._rests_on = app, kinds, find_user, rests_on
        self._folder = app.config.var / FOLDER
        self._worker: Thread | None = None
        self._at_work = ""  # the name of the piece that this process computes
        self._lock = Lock()

    def ask(self, person: User, kind: str, asked: Mapping[str, str], address: str) -> Piece:
        """The piece of a question: begun, unless it is there already.

        Raises: OneAtATimeError where the person has asked for something else that is not done.
        """
        name = self._name(person, kind, asked)
        known = self._find(name)
        if known is None:
            self._sweep(person.id)
            live = next((each for each in self.list_of(person.id) if each.is_live), None)
            if live is not None:
                raise OneAtATimeError(
                    "COMPUTING-ONE",
                    "您有另一项计算尚未结束：每人同时只算一项，请等待其完成或先停止它",
                    "something else of yours is being computed: one at a time a person, wait "
                    "for it or stop it first",
                    seconds=5,
                )
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._keep(name, {"asked": dict(asked)})
            known = Piece(name, person.id, kind, address, "waiting", timestamp())
            self._tell(known)
        if known.is_live:
            self._begin()
        return known

    def wait(self, piece: Piece) -> Piece:
        """The piece as it is when it has ended, or a few seconds later."""
        if piece.is_live and _WAITING.acquire(blocking=False):
            self._app.database.look_anew()  # nothing is kept open meanwhile
            try:
                for _ in range(int(PATIENCE_SECONDS / _LOOK_SECONDS)):
                    Event().wait(_LOOK_SECONDS)
                    known = self._look(piece.name)  # whether it was broken off is asked once
                    if known is None or not known.is_live:
                        break
            finally:
                _WAITING.release()
        return self._find(piece.name) or replace(piece, state="unfinished")

    def result(self, piece: Piece) -> Any:
        """What was kept of a piece that is done.

        Raises: the refusal with which it ended.
        """
        kept = self._read(piece.name)
        if piece.state == "refused":
            raise _refusal_of(kept["refused"])
        return kept["result"]

    def list_of(self, user_id: int) -> list[Piece]:
        """What a person asked for lately, the latest first."""
        names = [path.stem for path in self._folder.glob(f"{user_id}-*.state")]
        known = [piece for name in names if (piece := self._find(name)) is not None]
        return sorted(known, key=lambda piece: piece.asked_at, reverse=True)

    def get(self, person: User, name: str) -> Piece:
        """A piece of the person.

        Raises: NotFoundError.
        """
        is_theirs = _NAME.fullmatch(name) is not None and name.startswith(f"{person.id}-")
        piece = self._find(name) if is_theirs else None
        if piece is None:
            raise NotFoundError(
                "COMPUTING-GONE", "该计算已不存在", "what was computed is there no longer"
            )
        return piece

    def stop(self, person: User, name: str) -> Piece:
        """Let a piece end before it is done.

        Raises: NotFoundError where the person has no such piece.
        """
        piece = self.get(person, name)
        if piece.is_live:
            (self._folder / f"{name}.stop").touch()
            if piece.state == "waiting":
                self._tell(replace(piece, state="stopped", ended_at=timestamp()))
        return piece

    def forget(self, person: User, name: str) -> Piece:
        """Take away a piece that has ended, so that it may be asked for again.

        Raises: NotFoundError.
        """
        piece = self.get(person, name)
        if not piece.is_live:
            self._remove(name)
        return piece

    def _name(self, person: User, kind: str, asked: Mapping[str, str]) -> str:
        with self._app.database.reading() as tx:
            mark = read_mark(tx)
        rights = [person.role, person.scope.district, person.scope.institution_id]
        rests_on = [mark, self._rests_on(self._app), rights]
        question = json.dumps([kind, sorted(asked.items()), rests_on], ensure_ascii=False)
        return f"{person.id}-{hashlib.sha256(question.encode()).hexdigest()[:32]}"

    def _find(self, name: str) -> Piece | None:
        piece = self._look(name)
        if piece is not None and piece.state == "running" and name != self._at_work:
            with suppress(OccupiedError), alone(self._app.database, _PLACE):
                piece = self._look(name)
                if piece is not None and piece.state == "running":
                    piece = replace(piece, state="unfinished", ended_at=timestamp())
                    self._tell(piece)
        return piece

    def _look(self, name: str) -> Piece | None:
        try:
            told = (self._folder / f"{name}.state").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return Piece(**json.loads(told))

    def _begin(self) -> None:
        """See that somebody of this process computes what waits."""
        with self._lock:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(
                    target=copy_context().run, args=(self._work,), name="computing", daemon=True
                )
                self._worker.start()

    def _work(self) -> None:
        while self._next() is not None:
            try:
                with alone(self._app.database, _PLACE, patience_seconds=1.0):
                    piece = self._next()
                    if piece is not None:
                        self._at_work = piece.name
                        self._compute(piece)
            except OccupiedError:
                continue
            finally:
                self._at_work = ""

    def _next(self) -> Piece | None:
        """The piece that has waited longest, whoever's process it was asked of."""
        known = (self._look(path.stem) for path in self._folder.glob("*.state"))
        waiting = [piece for piece in known if piece is not None and piece.state == "waiting"]
        return min(waiting, key=lambda piece: (piece.asked_at, piece.name), default=None)

    def _compute(self, piece: Piece) -> None:
        stop = self._folder / f"{piece.name}.stop"
        piece = replace(piece, state="running", begun_at=timestamp())
        self._tell(piece)

        def tell(done: int, steps: int) -> None:
            nonlocal piece
            piece = replace(piece, done=done, steps=steps)
            self._tell(piece)

        asked = self._read(piece.name)["asked"]
        try:
            person = self._find_user(self._app, piece.user_id)
            result = self._kinds[piece.kind](self._app, person, asked, Progress(tell, stop.exists))
            self._keep(piece.name, {"asked": asked, "result": result})
            state = "done"
        except StoppedError:
            state = "stopped"
        except Refusal as refusal:
            self._keep(piece.name, {"asked": asked, "refused": _packed(refusal)})
            state = "refused"
        except Exception:  # noqa: BLE001 - the outermost edge of a piece of work
            _log.exception("a piece of work was not finished: %s", piece.kind)
            state = "unfinished"
        self._tell(replace(piece, state=state, ended_at=timestamp()))

    def _tell(self, piece: Piece) -> None:
        content = json.dumps(asdict(piece)).encode()
        with self._written(f"{piece.name}.state") as file:
            file.write(content)

    def _keep(self, name: str, content: Mapping[str, Any]) -> None:
        packed = io.BytesIO(json.dumps(content, ensure_ascii=False).encode())
        with self._written(f"{name}.sealed") as file:
            seal(packed, file, get_ring(self._app).current, name)

    def _read(self, name: str) -> dict[str, Any]:
        path = self._folder / f"{name}.sealed"
        content: dict[str, Any] = json.loads(
            SealedFile(path, get_ring(self._app), name).read_bytes()
        )
        return content

    @contextmanager
    def _written(self, name: str) -> Iterator[Any]:
        """A file that is there whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
            written = Path(file.name)
            try:
                yield file
                file.flush()
                written.replace(self._folder / name)
            finally:
                written.unlink(missing_ok=True)

    def _sweep(self, user_id: int) -> None:
        """Take away what is a day old, and of a person's the oldest beyond so many."""
        oldest = (now() - LIFE).isoformat(timespec="seconds")
        for path in self._folder.glob("*.state"):
            piece = self._look(path.stem)
            if piece is not None and piece.asked_at < oldest and not piece.is_live:
                self._remove(piece.name)
        for piece in self.list_of(user_id)[MOST_OF_ONE - 1 :]:
            if not piece.is_live:
                self._remove(piece.name)

    def _remove(self, name: str) -> None:
        for end in ("state", "sealed", "stop"):
            (self._folder / f"{name}.{end}").unlink(missing_ok=True)


def _packed(refusal: Refusal) -> list[str]:
    text = refusal.text
    return [type(refusal).__name__, refusal.code, text.zh, text.en, refusal.field]


def _refusal_of(packed: list[str]) -> Refusal:
    family, code, zh, en, field = packed
    kind = getattr(errors, family, errors.UnavailableError)
    if issubclass(kind, TryLaterError):
        return TryLaterError(code, zh, en, seconds=30)
    refusal: Refusal = kind(code, zh, en, field=field)
    return refusal
