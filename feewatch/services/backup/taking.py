"""Takes a safety copy of a running installation; nobody has to stop for it.

Editions and the other small files come first, then the database, then raw files: what the
database names is kept before its row and published after its row, so that a copy in this order
never has an edition without its row or a row without its file.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from feewatch import __version__
from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.publication.folder import LATEST, alone
from feewatch.services.backup.container import (
    DATABASE,
    VAR,
    Manifest,
    Writer,
    check_bytes,
    new_copy,
    open_copy,
)
from feewatch.services.lists.keys import find_own_keys
from feewatch.store import audit, snapshots

#: What of the var folder is in no copy: what is made anew, and what another restore put aside.
_LEFT_OUT = frozenset({"demo", "log", "replaced", "keys", "files", "editions"})


class SafetyCopy(NamedTuple):
    """A safety copy that was written."""

    path: Path
    sha256: str
    size: int
    manifest: Manifest
    links_left_out: list[str]

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        manifest = self.manifest
        return {
            "file": str(self.path),
            "sha256": self.sha256,
            "bytes": self.size,
            "with_keys": manifest.with_keys,
            "revision": manifest.revision,
            "rows": sum(manifest.counts.values()),
            "members": len(manifest.members),
            "editions": manifest.editions,
            "left_out": self.links_left_out,
        }


def back_up(app: App, target: Path, *, actor: str, with_keys: bool = False) -> SafetyCopy:
    """One file of the whole installation, read again and held against itself.

    ``with_keys``: whoever has the file can then sign editions and read what is sealed.

    Raises: ConflictError where the file exists or would lie in the var folder; UnavailableError.
    """
    target = target.absolute()
    if target.resolve().is_relative_to(app.config.var.resolve()):
        raise ConflictError(
            "BACKUP-PLACE",
            "备份文件不应放在 var 文件夹内，否则会一同丢失",
            "a safety copy does not lie in the var folder: it would be lost with it",
        )
    links: dict[str, str] = {}
    left_out: list[str] = []
    with new_copy(target) as copy:
        with app.database.transaction() as tx:
            audit.record(tx, actor, "backup", target.name, with_keys=with_keys)
        _add_editions(app, copy, links)
        for path in _files_of(app, app.config.var, left_out):
            _add(app, copy, path)
        if with_keys:
            for path in _files_of(app, app.keys, left_out):
                _add(app, copy, path)
        snapshot = _add_database(app, copy, target.parent)
        for path in _files_of(app, app.files, left_out):
            _add(app, copy, path)
        manifest = Manifest(
            feewatch=__version__,
            made_at=timestamp(),
            kind=snapshot.kind,
            program=snapshot.program,
            revision=snapshot.revision,
            counts=snapshot.counts,
            editions=snapshot.editions,
            audit_head=snapshot.audit_head,
            signing_key=next(iter(find_own_keys(app.config) or ()), None),
            keys=_list_keys(app),
            with_keys=with_keys,
            links=links,
            members=copy.members,
        )
        copy.close(manifest)
    return SafetyCopy(target, _hash(target), target.stat().st_size, verify_copy(target), left_out)


def verify_copy(path: Path) -> Manifest:
    """What a copy holds, every byte of it held against its manifest.

    Raises: InvalidInputError where it is cut, changed, or says what is not so.
    """
    with open_copy(path) as (archive, manifest):
        check_bytes(archive, manifest, path)
    return manifest


def _add_editions(app: App, copy: Writer, links: dict[str, str]) -> None:
    """The editions of each district as they are between two publications."""
    root = app.editions
    if not root.is_dir():
        return
    for place in [root, *sorted(path for path in root.iterdir() if path.is_dir())]:
        name = "." if place == root else place.name
        with alone(root, name) if os.access(place, os.W_OK) else nullcontext():
            inside = sorted(place.iterdir()) if name == "." else sorted(place.rglob("*"))
            for path in inside:
                if path.is_symlink() and path.name == LATEST:
                    links[path.relative_to(app.config.var).as_posix()] = path.readlink().name
                elif path.is_file() and not path.is_symlink() and not _is_hidden(path, root):
                    _add(app, copy, path)


def _add_database(app: App, copy: Writer, folder: Path) -> snapshots.Snapshot:
    """The database as it is at one moment; its copy lies beside the file until it is packed."""
    with tempfile.TemporaryDirectory(prefix=".feewatch-backup.", dir=folder) as name:
        path = Path(name) / "database"
        snapshot = snapshots.take(app.database, path)
        with path.open("rb") as file:
            copy.add(DATABASE[snapshot.kind], file, packed=snapshot.kind == "postgres")
    return snapshot


def _files_of(app: App, folder: Path, left_out: list[str]) -> Iterator[Path]:
    """The regular files of a folder that belong into a copy, in byte order; links are told of."""
    var, own = app.config.var, _database_files(app)
    for place, folders, names in os.walk(folder):
        if Path(place) == var:
            folders[:] = [each for each in folders if each not in _LEFT_OUT]
        folders[:] = sorted(each for each in folders if each[0] != ".")
        for name in sorted(names):
            path = Path(place, name)
            if path in own or name.startswith("."):
                continue
            if path.is_symlink():
                left_out.append(path.relative_to(var).as_posix())
            elif path.is_file():
                yield path


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _database_files(app: App) -> set[Path]:
    """The file of SQLite, and all beside it that are of use only while it is open, locks too."""
    url = app.database.url
    if not app.database.is_sqlite or not url.database:
        return set()
    place = Path(url.database)
    beside = (each for each in place.parent.iterdir() if each.name.startswith(f"{place.name}-"))
    return {place, *beside}


def _add(app: App, copy: Writer, path: Path) -> None:
    name = path.relative_to(app.config.var).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            "BACKUP-NAME",
            f"文件名不是 UTF-8，无法备份：{name!r}",
            f"a file whose name is no UTF-8 cannot go into a copy: {name!r}",
        ) from None
    with path.open("rb") as file:
        copy.add(VAR + name, file)


def _list_keys(app: App) -> list[str]:
    if not app.keys.is_dir():
        return []
    return sorted(
        path.relative_to(app.keys).as_posix()
        for path in app.keys.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
