"""Encrypts what lies in clear from an earlier release, and what an earlier key encrypted.

File by file: the encrypted file stands whole before the clear one goes, so that the work may be
killed at any moment and begun again. Bytes that no longer have their hash are left for the office
to look at and are counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.sealing.container import SealedFile
from feewatch.sealing.keyring import KeyRing
from feewatch.services.intake import rawfiles
from feewatch.services.intake.file_keys import get_ring
from feewatch.statements.long_tables import LongFile
from feewatch.store import audit

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a run came to: files encrypted, those still to be, and hashes that no longer hold."""

    done: int
    left: int
    spoilt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptState:
    """How the kept files lie: by key of the ring, in clear, and of keys that are not there."""

    by_key: dict[str, int]
    clear: int
    unknown: int


def read_state(app: App) -> KeptState:
    """How many files each key encrypts, and how many lie in clear."""
    ring = get_ring(app)
    by_key, clear, unknown = dict.fromkeys(ring.by_id, 0), 0, 0
    for path in _list_kept(app):
        if path.suffix != rawfiles.SEALED:
            clear += not path.with_suffix(rawfiles.SEALED).exists()
            continue
        key = _key_of(path, ring)
        if key in by_key:
            by_key[key] += 1
        else:
            unknown += 1
    return KeptState(by_key, clear, unknown)


def has_clear_files(app: App) -> bool:
    """Whether any file is kept in clear."""
    return any(path.suffix != rawfiles.SEALED for path in _list_kept(app))


def seal_kept(app: App, *, actor: str, limit: int | None = None) -> Sealing:
    """Encrypt files by the key in use, at most so many.

    Raises: UnavailableError without the key of files.
    """
    ring, done, left, spoilt = get_ring(app), 0, 0, []
    for path in _list_kept(app):
        if path.suffix == rawfiles.SEALED and _key_of(path, ring) == ring.current.id:
            continue
        if limit is not None and done >= limit:
            left += 1
        elif _seal(app, path, ring):
            done += 1
        else:
            spoilt.append(path.stem)
    if done or spoilt:
        with app.database.transaction() as tx:
            audit.record(tx, actor, "files.seal", ring.current.id, done=done, spoilt=len(spoilt))
    return Sealing(done, left, tuple(spoilt))


def _seal(app: App, path: Path, ring: KeyRing) -> bool:
    """Whether a file is encrypted by the key in use now; not where it is not what was kept."""
    sha256, is_clear = path.stem, path.suffix != rawfiles.SEALED
    try:
        kept: LongFile = path if is_clear else SealedFile(path, ring, sha256)
        if rawfiles.hash_of(kept) != sha256:
            return False
        if not (is_clear and rawfiles.sealed_path(app, sha256).exists()):
            with kept.open("rb") as source:
                if rawfiles.write(app, source, sha256) != sha256:
                    return False
        rawfiles.load(app, sha256)  # before the clear bytes go
    except UnavailableError:
        return False
    if is_clear:
        path.unlink(missing_ok=True)
    return True


def _key_of(path: Path, ring: KeyRing) -> str | None:
    try:
        return SealedFile(path, ring, path.stem).head.key_id
    except UnavailableError:
        return None


def _list_kept(app: App) -> Iterator[Path]:
    """The kept files in the order of their hashes; unfinished ones of a killed process are none."""
    for folder in sorted(app.files.glob("??")):
        for path in sorted(folder.iterdir()):
            if _HASH.fullmatch(path.stem) and path.suffix in ("", rawfiles.SEALED):
                yield path
