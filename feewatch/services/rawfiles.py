"""Raw bank files, kept for ever under their hash and never changed."""

import os
import tempfile
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError


def path_of(app: App, sha256: str) -> Path:
    """Where the bytes of this hash lie."""
    return app.files / sha256[:2] / sha256


def keep(app: App, sha256: str, content: bytes) -> None:
    """Keep the bytes; a reader sees all of them or no file, even after a power cut."""
    path = path_of(app, sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def load(app: App, sha256: str) -> bytes:
    """The bytes of a file received earlier.

    Raises: UnavailableError where they are gone from the folder.
    """
    try:
        return path_of(app, sha256).read_bytes()
    except FileNotFoundError:
        raise UnavailableError(
            "RAW-FILE-MISSING",
            f"原始文件 {sha256} 不在 files 文件夹中,请从备份恢复",
            f"the raw file {sha256} is not in the files folder: restore it from a backup",
        ) from None
