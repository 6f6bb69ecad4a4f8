"""The log: one JSON object a line, in a file that several processes share and turn, or on stderr.

A line says what happened and where in the code. What a fault was about stays out of it: the rows at
hand would bring payers and accounts into a file that is kept, copied and sent away.
"""

import datetime as dt
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging import Handler, LogRecord
from pathlib import Path
from types import TracebackType
from typing import Any

from concurrent_log_handler import ConcurrentRotatingFileHandler

from feewatch.config import Config
from feewatch.kernel.clock import SHANGHAI

#: Attribute of a record that holds further members of its line.
FACTS = "facts"
#: The folder of the configuration that stands for stderr, from which the system's journal reads.
STDERR = "-"
_OWN, _MB = "feewatch", 1024 * 1024
_UNWRITABLE = (
    "日志无法写入 {place}，仅在此提示 / nothing is logged in {place}, warnings stand here: {said}\n"
)


class JsonLine(logging.Formatter):
    """A record as one JSON object: when, how grave, who says it, what; facts beside it."""

    def format(self, record: LogRecord) -> str:
        """The line, without line breaks."""
        line = _members(record)
        if record.exc_info and record.exc_info[0] is not None:
            line |= _fault(*record.exc_info[::2])
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLine(logging.Formatter):
    """The same for the eyes of whoever started the process."""

    def format(self, record: LogRecord) -> str:
        """Time, level, name, message, facts; a fault by its kind and its places."""
        members = _members(record)
        head = [str(members.pop(name)) for name in ("at", "level", "logger", "message")]
        if record.exc_info and record.exc_info[0] is not None:
            members |= _fault(*record.exc_info[::2])
        return " ".join([*head, *(f"{name}={value}" for name, value in members.items())])


@contextmanager
def logging_to(config: Config, program: str) -> Iterator[None]:
    """Let what this process tells go where the configuration says, until the block ends.

    ``program``: the name of the file. Beside it stderr has what feewatch itself warns of, no line
    for each request: whoever starts a server and never reads its stderr would let it stand still.
    """
    root, own = logging.getLogger(), logging.getLogger(_OWN)
    # a child of a process that tells already has a file of its own open: two would share one lock
    outer = [each for each in root.handlers if each.name == _OWN]
    handlers, before = list(_handlers(config, program)), (root.level, own.level)
    for handler in handlers:
        handler.name = _OWN
    root.handlers = [*(each for each in root.handlers if each not in outer), *handlers]
    root.setLevel(logging.WARNING)
    own.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers = [*(each for each in root.handlers if each not in handlers), *outer]
        root.setLevel(before[0])
        own.setLevel(before[1])
        for handler in handlers:
            handler.close()


def _handlers(config: Config, program: str) -> Iterator[Handler]:
    stderr = logging.StreamHandler(sys.stderr)
    if config.log.folder == STDERR:
        stderr.setFormatter(JsonLine())
        yield stderr
        return
    stderr.setFormatter(PlainLine())
    stderr.setLevel(logging.WARNING)
    stderr.addFilter(logging.Filter(_OWN))
    yield stderr
    folder = config.resolve(config.log.folder) if config.log.folder else config.var / "log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _File(
            str(folder / f"{program}.log"), maxBytes=config.log.max_mb * _MB,
            backupCount=config.log.keep, encoding="utf-8", chmod=0o600,
        )  # fmt: skip
    except OSError as fault:  # what reads goes on on a disk where nothing may be written
        sys.stderr.write(_UNWRITABLE.format(place=folder, said=fault.strerror))
        return
    file.setFormatter(JsonLine())
    yield file


class _File(ConcurrentRotatingFileHandler):
    """A log whose disk may be full: that is said once a minute and stops nobody."""

    _told_at = -60.0

    def handleError(self, record: LogRecord) -> None:  # noqa: N802 - a name of logging
        """A line that is lost, in one line and without a trace."""
        del record
        if time.monotonic() - self._told_at >= 60:
            self._told_at = time.monotonic()
            fault = sys.exc_info()[1]
            said = getattr(fault, "strerror", None) or type(fault).__name__
            sys.stderr.write(_UNWRITABLE.format(place=self.baseFilename, said=said))


def _members(record: LogRecord) -> dict[str, Any]:
    moment = dt.datetime.fromtimestamp(record.created, SHANGHAI)
    return {
        "at": moment.isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
        "process": record.process,
    } | getattr(record, FACTS, {})


def _fault(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    """The kind of a fault and where it went through, not its words: they may hold a row."""
    places = [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]
    return {"fault": f"{kind.__module__}.{kind.__qualname__}", "trace": places}


class ReaderLog(logging.FileHandler):
    """Where the operator finds, with its trace, what the readers of bank files failed at.

    Only its owner can read the file, which does not exist before there is something to tell.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config.var / "log" / "readers.log", encoding="utf-8", delay=True)
        self.setFormatter(JsonLine())  # a fault by its kind and places: its words may be a row

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)
