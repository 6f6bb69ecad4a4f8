"""Files kept under the hash of their clear bytes and never changed; on disk they are encrypted.

Raw bank files, vouchers, attachments, papers and rejected rows all come through here. What an
earlier release kept in clear stays readable until ``feewatch files seal`` has encrypted it.
"""

import hashlib
import io
import os
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.sealing.container import SealedFile, TamperedError, seal
from feewatch.services.intake.file_keys import get_ring
from feewatch.statements.long_tables import LongFile
from feewatch.store import kept_files

#: Files up to this size are held in memory while they are read.
SHORT_BYTES = 4_000_000
#: What stands behind the hash in the name of an encrypted file.
SEALED = ".sealed"
_FAN = 2
_CHUNK = 1 << 20


class KeptLongFile(NamedTuple):
    """A file that was just kept, to be read where it lies."""

    sha256: str
    file: SealedFile


def path_of(app: App, sha256: str) -> Path:
    """Where the bytes of this hash lie, or will lie."""
    sealed = sealed_path(app, sha256)
    clear = sealed.with_name(sha256)
    return clear if not sealed.exists() and clear.exists() else sealed


def sealed_path(app: App, sha256: str) -> Path:
    """Where the encrypted bytes of this hash lie."""
    return app.files / sha256[:_FAN] / f"{sha256}{SEALED}"


def paths_of(app: App, sha256: str) -> list[Path]:
    """Where bytes of this hash lie, encrypted or in clear; nowhere where they are gone."""
    sealed = sealed_path(app, sha256)
    return [path for path in (sealed, sealed.with_name(sha256)) if path.exists()]


def keep(app: App, sha256: str, content: bytes) -> None:
    """Keep the bytes of this hash; a reader sees all of them or no file, even after a power cut.

    Raises: UnavailableError without the key of files.
    """
    if not path_of(app, sha256).exists():
        write(app, io.BytesIO(content), sha256)


class KeptBeside:
    """Keeps files in a thread beside a transaction, which waits for them before it ends.

    Until the disk has a file the transaction goes on.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="files")
        self._begun: list[Future[None]] = []

    def keep(self, app: App, sha256: str, content: bytes) -> None:
        """Begin to keep the bytes of this hash."""
        self._begun.append(self._pool.submit(keep, app, sha256, content))

    def wait(self) -> None:
        """Nothing once all that was begun is kept.

        Raises: as ``keep`` the function, and OSError where the disk takes it not.
        """
        begun, self._begun = self._begun, []
        wait(begun)
        for file in begun:
            file.result()

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown()


def keep_file(app: App, path: Path, sha256: str) -> KeptLongFile:
    """Keep the bytes of a file, which had this hash a moment ago, as they are read now.

    Raises: UnavailableError without the key of files.
    """
    with path.open("rb") as source:
        sha256 = write(app, source, sha256)
    return KeptLongFile(sha256, SealedFile(sealed_path(app, sha256), get_ring(app), sha256))


def write(app: App, source: IO[bytes], sha256: str) -> str:
    """Encrypt what a source gives, which should have this hash; the hash that it has.

    Of a file that somebody still writes, what was read once is what counts.
    """
    ring = get_ring(app)
    app.files.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=app.files, prefix=".", delete=False) as file:
        written = Path(file.name)
        try:
            present = seal(source, file, ring.current, sha256)
            file.flush()
            os.fsync(file.fileno())
            if present == sha256:
                path = sealed_path(app, sha256)
                path.parent.mkdir(exist_ok=True)
                written.replace(path)
            else:
                with SealedFile(written, ring, sha256).open() as read_once:
                    write(app, read_once, present)
        finally:
            written.unlink(missing_ok=True)
    return present


def load(app: App, sha256: str) -> bytes | LongFile:
    """The bytes of a file kept earlier, of a long one where they can be read; they have this hash.

    Raises: UnavailableError where they are gone, or are others by now, or their key is.
    """
    path = path_of(app, sha256)
    ring = get_ring(app) if path.suffix == SEALED else None
    try:
        kept = SealedFile(path, ring, sha256) if ring else path
        content: bytes | LongFile = kept
        if size_of(kept) <= SHORT_BYTES:
            content = kept.read_bytes()
            present = hashlib.sha256(content).hexdigest()
        else:
            present = hash_of(kept)
    except FileNotFoundError:
        if path.suffix != SEALED and sealed_path(app, sha256).exists():
            return load(app, sha256)  # it was encrypted a moment ago
        raise _missing(app, sha256) from None
    except TamperedError:
        raise _changed(sha256) from None
    except UnavailableError:
        if ring is not None and get_ring(app).by_id.keys() != ring.by_id.keys():
            return load(app, sha256)  # it was encrypted by a key that came a moment ago
        raise
    if present != sha256:
        raise _changed(sha256)
    return content


def load_bytes(app: App, sha256: str) -> bytes:
    """All bytes of a file kept earlier, which have this hash.

    Raises: UnavailableError where they are gone, or are others by now, or their key is.
    """
    kept = load(app, sha256)
    try:
        return kept if isinstance(kept, bytes) else kept.read_bytes()
    except (FileNotFoundError, UnavailableError):  # it was encrypted a moment ago, or anew
        again = load(app, sha256)
        return again if isinstance(again, bytes) else again.read_bytes()


def size_of(kept: "bytes | LongFile") -> int:
    """How many clear bytes a kept file has."""
    if isinstance(kept, bytes):
        return len(kept)
    if isinstance(kept, SealedFile):
        return kept.size
    with kept.open("rb") as file:
        return file.seek(0, os.SEEK_END)


def hash_of(file: LongFile) -> str:
    """The SHA-256 of a file's clear bytes, in hexadecimal digits."""
    with file.open("rb") as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _missing(app: App, sha256: str) -> UnavailableError:
    with app.database.reading() as tx:
        mark = kept_files.list_gone(tx).get(sha256)
    if mark is not None:
        return UnavailableError(
            "RAW-FILE-ERASED",
            f"原始文件 {sha256} 已到期或应请求清除（{mark}），仅存哈希",
            f"the raw file {sha256} was let go at its term or on request ({mark}): its hash stays",
        )
    return UnavailableError(
        "RAW-FILE-MISSING",
        f"原始文件 {sha256} 不在 files 文件夹中，请从备份恢复",
        f"the raw file {sha256} is not in the files folder: restore it from a backup",
    )


def _changed(sha256: str) -> UnavailableError:
    return UnavailableError(
        "RAW-FILE-CHANGED",
        f"原始文件 {sha256} 的内容已被改动，与收到时不同，不予采用；请从备份恢复",
        f"the raw file {sha256} is no longer what was received and is not used: "
        "restore it from a backup",
    )
