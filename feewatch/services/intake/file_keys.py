"""The office's keys of files: read from their file, outside the database; changed by rotation."""

import os
from functools import lru_cache
from pathlib import Path

from feewatch.bootstrap import App, has_sealed_files, no_files_key, write_secret
from feewatch.sealing.keyring import FileKey, KeyRing, new_key, read_ring, write_ring
from feewatch.sealing.suites import AES_SUITE
from feewatch.store import audit


def get_ring(app: App) -> KeyRing:
    """The keys of files.

    Raises: UnavailableError where the file of keys is absent or damaged, with what to do.
    """
    path = app.config.files_key
    try:
        state = path.stat()
        return _read(path, state.st_mtime_ns, state.st_ino, state.st_size)
    except FileNotFoundError:
        raise no_files_key(path, has_files=has_sealed_files(app.files)) from None


def rotate(app: App, *, actor: str, suite: str = AES_SUITE) -> str:
    """The id of a new key by which files are encrypted from now on; earlier ones stay readable.

    Raises: UnavailableError where the suite cannot be used here, or there is no key yet.
    """
    key = new_key(suite)
    ring = get_ring(app)
    _replace(app.config.files_key, [key, *ring.by_id.values()])
    with app.database.transaction() as tx:
        audit.record(tx, actor, "key.rotate", key.id, suite=suite, kind="files")
    return key.id


def _replace(path: Path, keys: list[FileKey]) -> None:
    """Let a file of keys hold these; it is the former or the new one, even after a power cut."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    write_secret(fresh, write_ring(keys))
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


@lru_cache(maxsize=16)
def _read(path: Path, modified: int, inode: int, size: int) -> KeyRing:
    """The keys of a file in the state that these tell."""
    del modified, inode, size
    return read_ring(path.read_bytes())
