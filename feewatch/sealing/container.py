"""The container of an encrypted file: a head that names suite and key, then chunks with tags.

Each chunk is bound to the head, to the name of the whole (of a raw file its hash), to its number
and to whether it is the last, so that a chunk that is cut, moved, doubled or taken from another
file does not open. Nothing is ever handed out that did not open. Chunks are worked on one at a
time: a long file is never in memory whole.
"""

import hashlib
import io
import os
import secrets
import struct
from pathlib import Path
from typing import IO, Literal, NamedTuple

from cryptography.exceptions import InvalidTag

from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.text import Text
from feewatch.sealing.keyring import FileKey, KeyRing
from feewatch.sealing.suites import TAG_BYTES, FileCipher, suite_of

MAGIC = b"FEEWATCH SEALED 1\n"
CHUNK_BYTES = 1 << 18
_HEAD = struct.Struct(">20s16s16s")  # suite, key id, salt
_HEAD_BYTES = len(MAGIC) + _HEAD.size


class TamperedError(UnavailableError):
    """The bytes are not those that were encrypted under this name."""


class SealHead(NamedTuple):
    """What the beginning of a container says."""

    suite: str
    key_id: str
    salt: bytes
    raw: bytes


def seal(source: IO[bytes], target: IO[bytes], key: FileKey, name: str) -> str:
    """Encrypt all bytes that a source gives; their SHA-256.

    ``name``: what the file must be asked for by when it is opened again.
    """
    suite, salt = suite_of(key.suite), secrets.token_bytes(16)
    head = MAGIC + _HEAD.pack(suite.name.encode(), key.id.encode(), salt)
    target.write(head)
    cipher, digest = suite.cipher(key.secret, salt), hashlib.sha256()
    number, chunk, is_last = 0, _read_full(source), False
    while not is_last:
        following = _read_full(source) if len(chunk) == CHUNK_BYTES else b""
        is_last = not following
        digest.update(chunk)
        nonce = _nonce(number, is_last=is_last)
        target.write(cipher.encrypt(nonce, chunk, _bound(head, name)))
        number, chunk = number + 1, following
    return digest.hexdigest()


class SealedFile:
    """An encrypted file on disk, read as if it were clear.

    It may be encrypted anew meanwhile: each opening goes by the head that stands there then.
    Raises: UnavailableError for a suite or key that is not there, TamperedError where it is no
    container.
    """

    def __init__(self, path: Path, ring: KeyRing, name: str) -> None:
        self._path, self._ring, self._name = path, ring, name
        with self._path.open("rb") as file:
            self.head = read_head(file)
            self._cipher = self._cipher_of(self.head)
            self.size = _Clear(file, self.head, self._cipher, name).size

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """The clear bytes as a stream that can be placed; each chunk is opened as it is read.

        Raises: TamperedError, also while reading.
        """
        file = self._path.open(mode)
        try:
            head = read_head(file)
            cipher = self._cipher if head == self.head else self._cipher_of(head)
            clear = _Clear(file, head, cipher, self._name)
        except BaseException:
            file.close()
            raise
        return io.BufferedReader(clear, CHUNK_BYTES)

    def read_bytes(self) -> bytes:
        """All clear bytes.

        Raises: TamperedError.
        """
        with self.open() as file:
            return file.read()

    def _cipher_of(self, head: SealHead) -> FileCipher:
        suite, key = suite_of(head.suite), self._ring.by_id.get(head.key_id)
        if key is None:
            raise UnavailableError(
                "KEY-MISSING",
                f"文件由密钥 {head.key_id} 加密，该密钥不在 files.key 中，请恢复原密钥文件",
                f"the file is encrypted by key {head.key_id}, which files.key does not hold: "
                "bring the former key file back",
            )
        return suite.cipher(key.secret, head.salt)


def read_head(file: IO[bytes]) -> SealHead:
    """What the beginning of a container says.

    Raises: TamperedError where the file is no container.
    """
    raw = file.read(_HEAD_BYTES)
    if len(raw) != _HEAD_BYTES or not raw.startswith(MAGIC):
        raise tampered()
    suite, key_id, salt = _HEAD.unpack_from(raw, len(MAGIC))
    return SealHead(
        suite.rstrip(b"\0").decode("ascii", "replace"), key_id.decode("latin-1"), salt, raw
    )


def tampered() -> TamperedError:
    """The refusal of bytes that do not open."""
    text = Text(
        "加密文件已被改动、截断或调换，不予读取；请从备份恢复",
        "the encrypted file was altered, cut or exchanged and is not read: restore it from a "
        "backup",
    )
    return TamperedError("SEAL-TAMPERED", *text)


class _Clear(io.RawIOBase):
    """The clear bytes of a container, one chunk of them in memory."""

    def __init__(self, file: IO[bytes], head: SealHead, cipher: FileCipher, name: str) -> None:
        self._file, self._cipher, self._bound = file, cipher, _bound(head.raw, name)
        sealed_bytes = file.seek(0, os.SEEK_END) - _HEAD_BYTES
        self._chunks = max(-(-sealed_bytes // (CHUNK_BYTES + TAG_BYTES)), 1)
        self.size = max(sealed_bytes - TAG_BYTES * self._chunks, 0)
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place of the clear bytes."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the first byte")  # as every file has it
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """The place in the clear bytes."""
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from the chunk at the present place."""
        number, start = divmod(self._place, CHUNK_BYTES)
        if self._place >= self.size and self.size:
            self._chunk(self._chunks - 1)  # who reads to the end has seen the last chunk open
            return 0
        part = self._chunk(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(_HEAD_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
            nonce = _nonce(number, is_last=number == self._chunks - 1)
            sealed = self._file.read(CHUNK_BYTES + TAG_BYTES)
            try:
                self._held = number, self._cipher.decrypt(nonce, sealed, self._bound)
            except InvalidTag:
                raise tampered() from None
        return self._held[1]


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">QI", number, is_last)


def _bound(head: bytes, name: str) -> bytes:
    return head + name.encode()


def _read_full(source: IO[bytes]) -> bytes:
    """The next whole chunk, shorter only at the end: a pipe gives its bytes in pieces."""
    parts, missing = [], CHUNK_BYTES
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
