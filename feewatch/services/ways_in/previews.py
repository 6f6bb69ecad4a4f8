"""Register files between preview and import: for half an hour, for the person who sent them.

They may hold names, so that they lie encrypted under var, where every process of the office finds
them; their name on disk tells until when, whose they are, and no more.
"""

import hashlib
import io
import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.days import Day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.numbers import read_whole
from feewatch.sealing.container import SealedFile, TamperedError, seal
from feewatch.services.intake.file_keys import get_ring

FOLDER = "previews"
LIFE = timedelta(minutes=30)
MOST_BYTES = 200_000_000
MOST_OF_ONE = 3


class Preview(NamedTuple):
    """One file of a person, and what was said of it."""

    kind: str
    name: str
    covers: tuple[Day, Day] | None
    data: bytes


def hold(app: App, user_id: int, preview: Preview) -> str:
    """The word by which the person finds the file again; the oldest make room for it.

    Raises: UnavailableError without the key of files.
    """
    folder = app.config.var / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    word = secrets.token_urlsafe(16)
    name = f"{_milliseconds(LIFE):015d}-{user_id}-{_hash(word)}"
    head = json.dumps([preview.kind, preview.name, preview.covers]).encode()
    content = io.BytesIO(head + b"\n" + preview.data)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
        written = Path(file.name)
        try:
            seal(content, file, get_ring(app).current, name)
            file.flush()
            written.replace(folder / name)
        finally:
            written.unlink(missing_ok=True)
    _make_room(folder, user_id)
    return word


def get(app: App, user_id: int, word: str) -> Preview:
    """The file of a word.

    Raises: NotFoundError where it is gone, or another's; UnavailableError without the key of files.
    """
    folder = app.config.var / FOLDER
    sweep(folder)
    wanted = f"-{user_id}-{_hash(word)}"
    for path in _files(folder):
        if path.name.endswith(wanted):
            with suppress(FileNotFoundError, TamperedError):
                content = SealedFile(path, get_ring(app), path.name).read_bytes()
                head, _, data = content.partition(b"\n")
                kind, name, covers = json.loads(head)
                return Preview(kind, name, covers and tuple(covers), data)
    raise NotFoundError(
        "UPLOAD-GONE",
        "上传的文件已过期，请重新选择文件",
        "the uploaded file has expired: choose it again",
    )


def sweep(folder: Path) -> None:
    """Remove what nobody can ask for any more, and what a process left half written."""
    moment = _milliseconds(timedelta())
    for path in _files(folder):
        until = read_whole(path.name.partition("-")[0])
        if until is None or until < moment:
            path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        for path in folder.glob(".*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime * 1000 < moment - _LIFE_MILLISECONDS:
                    path.unlink()


def _make_room(folder: Path, user_id: int) -> None:
    sweep(folder)
    own = [path for path in _files(folder) if path.name.split("-")[1] == str(user_id)]
    for path in own[:-MOST_OF_ONE]:
        path.unlink(missing_ok=True)
    sizes = list(_sizes(folder))
    total = sum(size for _, size in sizes)
    for path, size in sizes[:-1]:
        if total <= MOST_BYTES:
            break
        path.unlink(missing_ok=True)
        total -= size


def _sizes(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in _files(folder):
        with suppress(FileNotFoundError):  # another process has removed it
            yield path, path.stat().st_size


def _files(folder: Path) -> list[Path]:
    """The files that are held, the oldest first."""
    return sorted(path for path in folder.glob("*-*-*") if path.name[0] != ".")


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _milliseconds(later: timedelta) -> int:
    return int((now() + later).timestamp() * 1000)


_LIFE_MILLISECONDS = int(LIFE.total_seconds() * 1000)
