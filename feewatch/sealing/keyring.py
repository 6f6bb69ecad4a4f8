"""The keys by which files are encrypted: one a line, the one in use first, earlier ones behind it.

A line is ``SUITE KEY-ID SECRET`` with 32 secret bytes in hexadecimal digits.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from feewatch.kernel.errors import UnavailableError
from feewatch.sealing.suites import AES_SUITE, suite_of

_SECRET_BYTES = 32
_LINE = re.compile(r"([a-z0-9-]{1,20}) ([0-9a-f]{16}) ([0-9a-f]{64})")


class FileKey(NamedTuple):
    """A key of the office for files, and the suite by which it encrypts."""

    suite: str
    secret: bytes

    @property
    def id(self) -> str:
        """The name of the key, from which the secret cannot be told."""
        return hashlib.sha256(b"feewatch file key" + self.secret).hexdigest()[:16]


class KeyRing(NamedTuple):
    """The key in use and those of earlier days, by id."""

    current: FileKey
    by_id: Mapping[str, FileKey]


def new_key(suite: str = AES_SUITE) -> FileKey:
    """A fresh key.

    Raises: UnavailableError where the suite cannot be used here.
    """
    return FileKey(suite_of(suite).name, secrets.token_bytes(_SECRET_BYTES))


def write_ring(keys: Sequence[FileKey]) -> bytes:
    """The keys as a file, the one in use first."""
    return "".join(f"{key.suite} {key.id} {key.secret.hex()}\n" for key in keys).encode()


def read_ring(content: bytes) -> KeyRing:
    """The keys of a file.

    Raises: UnavailableError where it is no such file; the refusal tells nothing of what it holds.
    """
    keys = []
    for line in content.decode("ascii", "replace").splitlines():
        parts = _LINE.fullmatch(line)
        key = parts and FileKey(parts[1], bytes.fromhex(parts[3]))
        if not parts or not key or key.id != parts[2]:
            raise _damaged()
        keys.append(key)
    if not keys:
        raise _damaged()
    return KeyRing(keys[0], {key.id: key for key in keys})


def _damaged() -> UnavailableError:
    return UnavailableError(
        "KEY-DAMAGED",
        "文件密钥（files.key）已损坏，请从另存的副本恢复",
        "the file key (files.key) is damaged: bring it back from where its copy is kept",
    )
