"""Raw bank files, kept for ever under their hash and never changed."""

import hashlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError

#: Files up to this size are held in memory while they are read.
SHORT_BYTES = 4_000_000
_CHUNK = 1 << 20


def path_of(app: App, sha256: str) -> Path:
    """Where the bytes of this hash lie."""
    return app.files / sha256[:2] / sha256


def keep(app: App, sha256: str, content: bytes) -> None:
    """Keep the bytes of this hash; a reader sees all of them or no file, even after a power cut."""
    if not path_of(app, sha256).exists():
        _write(app, io.BytesIO(content))


def keep_file(app: App, path: Path) -> str:
    """Keep the bytes of a file as they are read now; their hash."""
    with path.open("rb") as source:
        return _write(app, source)


def _write(app: App, source: IO[bytes]) -> str:
    app.files.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=app.files, prefix=".", delete=False) as file:
        try:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            path = path_of(app, sha256)
            path.parent.mkdir(exist_ok=True)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return sha256


def load(app: App, sha256: str) -> bytes | Path:
    """The bytes of a file received earlier, of a long one the path; they still have their hash.

    Raises: UnavailableError where they are gone from the folder, or are others by now.
    """
    path = path_of(app, sha256)
    if not path.is_file():
        raise UnavailableError(
            "RAW-FILE-MISSING",
            f"原始文件 {sha256} 不在 files 文件夹中，请从备份恢复",
            f"the raw file {sha256} is not in the files folder: restore it from a backup",
        )
    content: bytes | Path = path
    if path.stat().st_size <= SHORT_BYTES:
        content = path.read_bytes()
        present = hashlib.sha256(content).hexdigest()
    else:
        present = hash_of(path)
    if present != sha256:
        raise UnavailableError(
            "RAW-FILE-CHANGED",
            f"原始文件 {sha256} 的内容已被改动，与收到时不同，不予采用；请从备份恢复",
            f"the raw file {sha256} is no longer what was received and is not used: "
            "restore it from a backup",
        )
    return content


def hash_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
