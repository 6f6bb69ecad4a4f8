"""The watched inbox: bank files dropped in a folder are taken in and moved to done or refused.

A file is moved only after what it came to is committed. A process that dies in between leaves the
file where it was; the next one finds the bytes known and moves it. No file is ever deleted.
"""

import hashlib
import stat
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.services.intake.advice import SENDER
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.services.intake.receiving import list_files
from feewatch.services.intake.recording import ingest
from feewatch.services.ways_in import moved
from feewatch.store.intake import bankfiles

ACTOR = "inbox"
#: The reasons beside a refused file; one that comes back with its file is no bank file.
NOTE = ".reasons.txt"
#: Names under which programs write what they have not finished.
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")


class Swept(NamedTuple):
    """What one sweep came to, in files."""

    done: int
    refused: int
    left: int  # still being written, or not to be opened


class _Look(NamedTuple):
    """What changes while a file is written."""

    size: int
    mtime_ns: int
    inode: int


class _Folders(NamedTuple):
    inbox: Path
    done: Path
    refused: Path


def sweep(app: App) -> Swept:
    """Take in the files of the inbox that are no longer being written.

    Accepted ones, and those here before as such, go to done; the others to refused, with a note.

    Raises: UnavailableError where the inbox is not there, or a file cannot be moved.
    """
    folders = _folders(app)
    _take_back(app, folders)
    first = _look(folders)
    if not first:
        return Swept(0, 0, 0)
    time.sleep(app.config.inbox.settle_seconds)
    looks = {path: look for path, look in _look(folders).items() if first.get(path) == look}
    most = app.config.inbox.max_mb * 1024 * 1024
    small = [path for path, look in looks.items() if look.size <= most]
    ends = [_put(app, folders, path, _too_large(app, path)) for path in looks if path not in small]
    outcomes = ingest(app, small, actor=ACTOR, channel="inbox")
    for path, outcome in zip(small, outcomes, strict=True):
        if outcome.sha256 is not None and _look_at(path) == looks[path]:
            ends.append(_put(app, folders, path, outcome))
    return _count(ends, len(first))


def _take_back(app: App, folders: _Folders) -> None:
    """Bring back what a slow writer went on with after half of it had been taken in and moved.

    A move is later than the last writing of a file, unless it was written on afterwards.
    """
    for path in moved.list_moved(app, folders[1:]):
        if not _was_written_on(path):
            continue
        folder = folders.done if path.is_relative_to(folders.done) else folders.refused
        target = folders.inbox / path.relative_to(folder)
        if path.name.endswith(NOTE) or target.exists() or _is_known(app, path):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        path.with_name(path.name + NOTE).unlink(missing_ok=True)


def _was_written_on(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:  # taken away since
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime_ns >= status.st_ctime_ns


def _is_known(app: App, path: Path) -> bool:
    with app.database.reading() as tx:
        return bankfiles.find_file(tx, _hash(path)) is not None


def _count(ends: Sequence[str], seen: int) -> Swept:
    stuck = [each for each in ends if each not in ("done", "refused")]
    if stuck:
        raise UnavailableError(
            "INBOX-MOVE",
            f"已处理但无法移出收件文件夹：{'; '.join(stuck)}",
            f"taken in but not to be moved out of the inbox: {'; '.join(stuck)}",
        )
    done = ends.count("done")
    return Swept(done, len(ends) - done, max(0, seen - len(ends)))


def _folders(app: App) -> _Folders:
    config = app.config.inbox
    inbox = app.config.resolve(config.folder)
    if not config.folder or not inbox.is_dir():
        raise UnavailableError(
            "INBOX-MISSING",
            f"收件文件夹不存在：{config.folder}",
            f"there is no inbox folder: {config.folder}",
        )
    done, refused = (
        app.config.resolve(named) if named else inbox.parent / name
        for named, name in ((config.done, "done"), (config.refused, "refused"))
    )
    return _Folders(inbox, done, refused)


def _look(folders: _Folders) -> dict[Path, _Look]:
    """The files of the inbox in byte order of their names; links are not followed."""
    looks = {}
    for path, _ in list_files([folders.inbox]):
        look = _look_at(path) if _is_wanted(folders, path) else None
        if look is not None:
            looks[path] = look
    return looks


def _is_wanted(folders: _Folders, path: Path) -> bool:
    if path.name.endswith((NOTE, *_UNFINISHED)) or path.name.startswith("~$"):
        return False
    is_own = path.resolve() == path  # neither a link nor under one
    return is_own and not any(path.is_relative_to(each) for each in folders[1:])


def _look_at(path: Path) -> _Look | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return _Look(status.st_size, status.st_mtime_ns, status.st_ino)


def _too_large(app: App, path: Path) -> FileOutcome:
    most = app.config.inbox.max_mb
    text = Text(
        f"文件超过 {most} MB，未读取", f"the file is larger than {most} MB and was not read"
    )
    problem = Problem("FILE-TOO-LARGE", text)
    return FileOutcome(path.name, None, "rejected", None, (), (problem.as_json(),))


def _put(app: App, folders: _Folders, path: Path, outcome: FileOutcome) -> str:
    """Move a file to where it belongs: ``done``, ``refused``, or why it cannot be moved."""
    end = "done" if outcome.present == "accepted" else "refused"
    try:
        target = _free(getattr(folders, end) / path.relative_to(folders.inbox), path)
        if end == "refused":
            _write(target.with_name(target.name + NOTE), _note(path.name, outcome))
        moved.note(app, target)
        path.replace(target)
    except OSError as fault:
        return f"{path.name} ({fault.strerror})"
    return end


def _free(target: Path, source: Path) -> Path:
    """The name to move to; another file of the same name keeps it and this one adds its hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        return target
    sha256 = _hash(source)
    if target.is_file() and _hash(target) == sha256:
        return target
    return target.with_name(f"{target.stem}.{sha256[:16]}{target.suffix}")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(name: str, outcome: FileOutcome) -> str:
    """The reasons in words; places first, then what to do."""
    lines = [f"{name}: {outcome.present}", ""]
    for problem in outcome.problems:
        line, column = problem["line"], problem["column"]
        place = "" if line is None else f"第 {line} 行 line {line}"
        place += "" if line is None or column is None else f", {column}"
        lines.append(f"- {place}{place and ': '}{problem['message']} [{problem['code']}]")
    reasons = {each.reason for each in outcome.statements if each.reason}
    steps = [SENDER[each] for each in sorted(reasons)] or [SENDER[outcome.present]]
    return "\n".join([*lines, "", *(step.both() for step in steps), ""])


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(text.encode())
    Path(file.name).replace(path)
