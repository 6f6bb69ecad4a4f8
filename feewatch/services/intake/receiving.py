"""Reads and keeps the bytes of bank files before anything of them is recorded.

Long files are never held in memory whole; small ones come in groups that may share a commit.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import Refusal
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.services.intake import rawfiles
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.statements.dialects import Dialect
from feewatch.statements.long_tables import LongFile
from feewatch.statements.model import FileReading, Statement
from feewatch.statements.reading import read
from feewatch.store.intake import bankfiles

#: Files of a folder that share a commit, and the bytes with which it is due.
_MOST_FILES, _MOST_BYTES = 100, rawfiles.SHORT_BYTES
#: Writes that wait for the disk at the same time.
_WRITERS = 4
#: Why a file of a name that holds this may not be handed in; None where it may.
Admission = Callable[[str, FileReading], Refusal | None]


class ReceivedFile(NamedTuple):
    """A file whose bytes are kept; ``reading`` is None where they were settled before."""

    name: str
    sha256: str
    size: int
    reading: FileReading | None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What there is to judge."""
        return self.reading.statements if self.reading else ()


class Receiver:
    """Takes the bytes of files and says what they hold, by the layouts that an office knows."""

    def __init__(
        self,
        app: App,
        dialects: Sequence[Dialect],
        dialect: str | None,
        admit: Admission | None = None,
    ) -> None:
        """``dialect``: the layout, where the officer knows better than recognition.

        ``admit``: asked of each file before anything of it is kept.
        """
        self._admit = admit
        self._app = app
        self._dialects = dialects
        self._dialect = dialect

    def receive(
        self, files: Iterable[tuple[Path, str]]
    ) -> Iterator[list[ReceivedFile] | FileOutcome]:
        """The files of these (path, name), in order and in groups that may share a commit.

        A file whose bytes cannot be had is rejected and not recorded.
        """
        waiting: list[tuple[str, bytes]] = []
        for path, name in files:
            content = _read_bytes(path)
            refusal = self._refusal(path, name, content)
            if refusal is not None:
                yield self.take(waiting)
                waiting = []
                yield refusal
                continue
            if waiting and (not isinstance(content, bytes) or _is_due(waiting)):
                yield self.take(waiting)
                waiting = []
            if isinstance(content, bytes):
                waiting.append((name, content))
            elif isinstance(content, str):
                yield [self._take_long(path, name, content)]
            else:
                yield _unreadable(name, content)
        if waiting:
            yield self.take(waiting)

    def _refusal(self, path: Path, name: str, content: bytes | str | OSError) -> FileOutcome | None:
        """What a file comes to that its sender may not hand in."""
        if self._admit is None or isinstance(content, OSError):
            return None
        refusal = self._admit(
            name, self._read(content if isinstance(content, bytes) else path, name)
        )
        if refusal is None:
            return None
        problem = Problem(refusal.code, refusal.text)
        return FileOutcome(name, None, "rejected", None, (), (problem.as_json(),))

    def take(
        self, contents: Sequence[tuple[str, bytes]], known: FileReading | None = None
    ) -> list[ReceivedFile]:
        """Files given as (name, bytes); of those that are settled already nothing is read again.

        ``known``: what the only one of them was found to hold just before.
        """
        hashes = [hashlib.sha256(content).hexdigest() for _, content in contents]
        settled = self._list_settled(hashes)
        received: list[ReceivedFile] = []
        with ThreadPoolExecutor(_WRITERS) as writers:
            written = []
            for (name, content), sha256 in zip(contents, hashes, strict=True):
                reading = None
                if sha256 not in settled:
                    written.append(writers.submit(rawfiles.keep, self._app, sha256, content))
                    reading = known or self._read(content, name)
                received.append(ReceivedFile(name, sha256, len(content), reading))
        for write in written:
            write.result()
        return received

    def _take_long(self, path: Path, name: str, sha256: str) -> ReceivedFile:
        if self._list_settled([sha256]):
            return ReceivedFile(name, sha256, path.stat().st_size, None)
        # of a file that somebody still writes, what was kept is what counts
        sha256, kept = rawfiles.keep_file(self._app, path, sha256)
        return ReceivedFile(name, sha256, kept.size, self._read(kept, name))

    def receive_kept(self, hashes: Iterable[str]) -> Iterator[list[ReceivedFile]]:
        """Files that are kept already, in order and in groups that may share a commit.

        Raises: UnavailableError where one is gone or changed.
        """
        waiting: list[tuple[str, bytes]] = []
        for sha256 in hashes:
            content = rawfiles.load(self._app, sha256)
            if waiting and (not isinstance(content, bytes) or _is_due(waiting)):
                yield self.take(waiting)
                waiting = []
            if isinstance(content, bytes):
                waiting.append((sha256, content))
            else:
                size = rawfiles.size_of(content)
                yield [ReceivedFile(sha256, sha256, size, self._read(content, sha256))]
        if waiting:
            yield self.take(waiting)

    def _read(self, content: bytes | LongFile, name: str) -> FileReading:
        return read(content, name, self._dialects, self._dialect)

    def _list_settled(self, hashes: Collection[str]) -> set[str]:
        with self._app.database.reading() as tx:
            return bankfiles.list_settled(tx, hashes)


def list_files(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Files with their names relative to the paths; a folder's in byte order of these names.

    Hidden files, which desktops leave in folders, are passed over.
    """
    return [each for each in list_entries(paths) if each[0].is_file()]


def list_entries(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """The files of ``list_files`` with what should lead to some and does not.

    That is folders that may not be entered, and links to nothing.
    """
    entries: list[tuple[Path, str]] = []
    for path in paths:
        if not path.is_dir():
            entries.append((path, path.name))
            continue
        within = [each for each in _walk(path) if not any(part[0] == "." for part in each.parts)]
        entries += [
            (path / each, _printable(each) if each.parts else path.name)
            for each in sorted(within, key=os.fsencode)
        ]
    return entries


def _walk(folder: Path) -> Iterator[Path]:
    """The files, dead links and closed folders below a folder, relative to it."""
    closed: list[Path] = []

    def note(fault: OSError) -> None:
        closed.append(Path(fault.filename))

    for place, _, names in os.walk(folder, onerror=note):
        for name in names:
            path = Path(place, name)
            if path.is_file() or (path.is_symlink() and not path.exists()):
                yield path.relative_to(folder)
    yield from (path.relative_to(folder) for path in closed)


def _read_bytes(path: Path) -> bytes | str | OSError:
    """The bytes of a file, of a long one their hash alone, or why they cannot be had.

    That they cannot be kept is no fault of the file, and is raised where it happens.
    """
    try:
        if path.is_dir():
            os.scandir(path).close()  # says why it may not be entered
        if path.stat().st_size <= rawfiles.SHORT_BYTES:
            return path.read_bytes()
        return rawfiles.hash_of(path)
    except OSError as fault:
        return fault


def _printable(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _is_due(waiting: Sequence[tuple[str, bytes]]) -> bool:
    return len(waiting) >= _MOST_FILES or sum(len(each) for _, each in waiting) >= _MOST_BYTES


def _unreadable(name: str, fault: OSError) -> FileOutcome:
    message = Text(f"文件无法打开：{fault.strerror}", f"cannot open the file: {fault.strerror}")
    problem = Problem("FILE-UNREADABLE", message)
    return FileOutcome(name, None, "rejected", None, (), (problem.as_json(),))
