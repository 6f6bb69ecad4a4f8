"""Opens a bank's table that is too long to be held in memory, line by line as it lies on the disk.

Only what a bank's export should be is opened so; where anything is out of the ordinary the file is
read whole, and the readers of whole texts say what is wrong.
"""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Literal, Protocol

_CHUNK = 1 << 18
#: Strictly tried in this order; a byte-order mark of UTF-8 is no part of the text.
ENCODINGS = ("utf-8-sig", "gb18030")


class LongFile(Protocol):
    """Bytes that may be too many to hold, as often as they are wanted: a path, or what acts so."""

    def open(self, mode: Literal["rb"], /) -> IO[bytes]:
        """The bytes as a stream that can be placed."""

    def read_bytes(self) -> bytes:
        """All of them."""


class UnusualBytes(Exception):
    """The bytes are no plain text in this encoding."""


class _WithoutNul(io.RawIOBase):
    """The bytes of a file, none of which is NUL."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as there are bytes."""
        chunk = self._file.read(len(buffer))
        if b"\0" in chunk:
            raise UnusualBytes
        buffer[: len(chunk)] = chunk
        return len(chunk)


def read_top(file: LongFile, size: int, encoding: str) -> str | None:
    """The beginning of a file as text; None where it is no plain text in this encoding."""
    with file.open("rb") as stream:
        top = stream.read(size)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(top)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or text.startswith("\ufeff") else text


@contextmanager
def open_lines(file: LongFile, encoding: str) -> Iterator[IO[str]]:
    """The lines of a text with their ends.

    Raises: Unusual, also from within the block, where the bytes are not all of this encoding.
    """
    with file.open("rb") as stream:
        buffered = io.BufferedReader(_WithoutNul(stream), _CHUNK)
        try:
            yield io.TextIOWrapper(buffered, encoding, "strict", newline="")
        except UnicodeDecodeError as fault:
            raise UnusualBytes from fault


def is_cut(file: LongFile) -> bool:
    """Whether the last line of a text has no end."""
    with file.open("rb") as stream:
        stream.seek(-1, io.SEEK_END)
        return stream.read() not in (b"\n", b"\r")
