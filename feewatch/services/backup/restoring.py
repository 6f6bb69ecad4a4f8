"""Puts a safety copy back into an empty place, and only one that is what it says.

Until all is in its place and was looked at, a mark in the var folder keeps every other command out:
a restore that was killed is begun again, or its folder removed. What stood there before, where
``force`` lets it be replaced, is moved aside and not deleted.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from feewatch.bootstrap import RESTORING, App, close_to_others, has_sealed_files
from feewatch.config import Config
from feewatch.kernel.clock import now, today
from feewatch.kernel.errors import ConflictError, InvalidInputError, UnavailableError
from feewatch.publication.folder import hash_on_disk
from feewatch.publication.signing import PublicKeys
from feewatch.publication.verification import open_folder, verify_edition
from feewatch.services.audit.verifying import RecordProof, verify
from feewatch.services.backup.container import (
    VAR,
    Manifest,
    check_bytes,
    open_copy,
    read_member,
    sync,
)
from feewatch.services.lists.keys import find_own_keys, get_signing_key
from feewatch.services.lists.shelving import finish_publication, put_on_disk
from feewatch.services.retention import outside
from feewatch.services.retention.erasing import run_again
from feewatch.store import audit, snapshots
from feewatch.store.database import Database
from feewatch.store.lists import editions
from feewatch.store.migrations import is_known, newest
from feewatch.store.migrations.applying import upgrade

#: Room beyond the bytes of the copy that a restore asks for: migrations and indexes.
_SPARE = 64 * 1024 * 1024
#: Where in the var folder lies what another restore replaced.
_ASIDE = "replaced"
#: The mark of a restore while it is written; whoever was killed then has begun nothing.
_NEW_MARK = f"{RESTORING}.new"

#: The database of SQLite and its files beside it, by what follows the name.
_BESIDE = ("", "-wal", "-shm", "-journal")


class Restored(NamedTuple):
    """What came back."""

    manifest: Manifest
    counts: dict[str, int]
    good: int  # editions whose bytes are those on record
    signed: int  # latest editions whose signature a known key verifies
    absent: list[str]  # editions on record that lie not on disk and that no key here can sign for
    missing: list[str]  # keys that the installation had and that are not here
    aside: str | None  # where that lies which stood here before
    migrated: bool
    proof: RecordProof  # of the record of acts and what it vouches for
    erased_again: list[str]  # erasures that were done after the copy was taken

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        return {
            "made_at": self.manifest.made_at,
            "rows": sum(self.counts.values()),
            "members": len(self.manifest.members),
            "editions": self.good,
            "latest_verified": self.signed,
            "editions_absent": self.absent,
            "keys_missing": self.missing,
            "replaced": self.aside,
            "migrated": self.migrated,
            "erased_again": self.erased_again,
            "audit": {"rows": self.proof.rows, "faults": len(self.proof.faults)},
        }


def restore(
    config: Config,
    path: Path,
    *,
    actor: str,
    force: bool = False,
    erasures: Path | None = None,
) -> Restored:
    """Put a safety copy into an empty installation, verified before it is opened.

    ``force``: what stands there is moved aside first. ``erasures``: the file of what was erased,
    kept elsewhere; what stood here before is asked for it too. What was erased after the copy was
    taken comes back with it and is erased again.

    Raises: InvalidInputError where the copy is not what it says, or of a later version;
    ConflictError where something stands there; UnavailableError where it does not come out whole.
    """
    database = Database(config.database_url, may_create=False)
    try:
        with open_copy(path) as (archive, manifest):
            check_bytes(archive, manifest, path)
            _refuse_unfit(database, manifest, path)
            mark = _Mark(config.var)
            if not force:
                _refuse_occupied(config, database, manifest, mark, path)
            _refuse_no_room(config, manifest)
            stamp = mark.begin()
            aside = _clear_the_place(config, database, manifest, mark, stamp)
            _lay(config, archive, manifest, path)
            _lay_database(config, database, archive, manifest, path)
        app = App(config, database)
        told = [*_read_erasures(config), *(outside.read(erasures) if erasures else [])]
        restored = _look(app, manifest, aside, lambda: run_again(app, told, actor=actor))
        with database.transaction() as tx:
            audit.record(tx, actor, "restore", path.name, made_at=manifest.made_at, replaced=aside)
        mark.remove()
        return restored
    finally:
        database.dispose()


class _Mark:
    """The mark in a var folder that is being restored, and how far that went."""

    def __init__(self, var: Path) -> None:
        self._path = var / RESTORING

    @property
    def stands(self) -> bool:
        """Whether a restore was begun here and not ended."""
        return self._path.exists()

    def begin(self) -> str:
        """The name under which things are put aside; a restore that was killed keeps its own."""
        if self.stands:
            return str(self._read()["stamp"])
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = f"{now():%Y%m%d_%H%M%S}"
        self._write({"stamp": stamp, "cleared": False})
        return stamp

    @property
    def is_cleared(self) -> bool:
        """Whether what stood here before is out of the way."""
        return bool(self._read()["cleared"])

    def note_cleared(self) -> None:
        """From now on, what lies here is this restore's own."""
        self._write({**self._read(), "cleared": True})

    def remove(self) -> None:
        """Let the installation be opened."""
        self._path.unlink()
        sync(self._path.parent)

    def _read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._path.read_bytes())
        return content

    def _write(self, content: dict[str, Any]) -> None:
        building = self._path.with_name(_NEW_MARK)
        with building.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        building.replace(self._path)
        sync(self._path.parent)


def _refuse_unfit(database: Database, manifest: Manifest, path: Path) -> None:
    """Refuse a copy of the other kind of database, or of a version that is not known here."""
    kind = "sqlite" if database.is_sqlite else "postgres"
    if manifest.kind != kind:
        raise InvalidInputError(
            "RESTORE-KIND",
            f"{path} 是 {manifest.kind} 的备份，配置的数据库是 {kind}：请先改 [database] url",
            f"{path} is of {manifest.kind}, the configuration names {kind}: "
            "change [database] url first",
        )
    if not is_known(manifest.revision):
        raise InvalidInputError(
            "RESTORE-NEWER",
            f"{path} 由更新的版本 {manifest.feewatch} 写成（数据库版本 {manifest.revision}）："
            "请先升级 feewatch",
            f"{path} was written by a later version, {manifest.feewatch} "
            f"(database {manifest.revision}): upgrade feewatch first",
        )


def _refuse_occupied(
    config: Config, database: Database, manifest: Manifest, mark: _Mark, path: Path
) -> None:
    """Refuse to touch a place where something stands; one left half restored is no such place."""
    standing = [] if mark.stands else [*_list_standing(config, database, manifest)]
    if standing:
        shown = "；".join(standing)
        raise ConflictError(
            "RESTORE-OCCUPIED",
            f"这里已有数据，{path} 未恢复。加 --force 将移开：{shown}",
            f"something stands here and {path} was not restored. --force moves aside: {shown}",
        )


def _list_standing(config: Config, database: Database, manifest: Manifest) -> Iterator[str]:
    """What a restore would move aside."""
    tables = snapshots.list_tables(database)
    if tables:
        with database.reading() as tx:
            rows = sum(snapshots.look(database, tx).counts.values())
        yield f"{database.place} ({len(tables)} tables, {rows} rows)"
    own = _files_of(database)
    for child in _children(config, manifest):
        if child not in own and (child.is_file() or any(child.iterdir())):
            yield str(child)


def _refuse_no_room(config: Config, manifest: Manifest) -> None:
    folder = config.var
    while not folder.is_dir():
        folder = folder.parent
    needed, free = manifest.size + _SPARE, shutil.disk_usage(folder).free
    if free < needed:
        raise UnavailableError(
            "RESTORE-ROOM",
            f"{folder} 所在磁盘只剩 {free // 2**20} MB，恢复需要 {needed // 2**20} MB",
            f"the disk of {folder} has {free // 2**20} MB left, "
            f"the restore takes {needed // 2**20} MB",
        )


def _clear_the_place(
    config: Config, database: Database, manifest: Manifest, mark: _Mark, stamp: str
) -> str | None:
    """Move aside what stood here, or take away what a killed restore laid down; where it went."""
    place = config.var / _ASIDE / stamp
    own = _files_of(database)
    database.dispose()
    if mark.is_cleared:  # all that lies here a killed restore of ours laid down
        for child in _children(config, manifest):
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        for file in own:
            file.unlink(missing_ok=True)
        if not database.is_sqlite and snapshots.list_tables(database):
            snapshots.clear(database)
        return str(place) if place.is_dir() else None
    standing = [*_children(config, manifest), *(file for file in own if file.parent != config.var)]
    for child in standing:
        if child.exists() or child.is_symlink():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            child.replace(place / child.name)
    if not database.is_sqlite and snapshots.list_tables(database):
        snapshots.set_aside(database, stamp)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.note_cleared()
    return str(place) if place.is_dir() else None


def _keeps_keys(config: Config, manifest: Manifest) -> bool:
    """Whether the keys that lie here are those of the copy, which has none of its own."""
    if manifest.with_keys or not (config.var / "keys").is_dir():
        return False
    return manifest.signing_key in (None, *(find_own_keys(config) or {}))


def _children(config: Config, manifest: Manifest) -> list[Path]:
    """What lies in the var folder and is neither kept there nor this restore's own mark."""
    if not config.var.is_dir():
        return []
    kept = {_ASIDE, "log", RESTORING, _NEW_MARK}
    if _keeps_keys(config, manifest):
        kept.add("keys")
    return [child for child in sorted(config.var.iterdir()) if child.name not in kept]


def _files_of(database: Database) -> list[Path]:
    name = database.url.database
    return [Path(name + end) for end in _BESIDE] if database.is_sqlite and name else []


def _lay(config: Config, archive: ZipFile, manifest: Manifest, path: Path) -> None:
    """Lay the files of a copy in their places, each whole on disk before the next."""
    folders = set()
    for name in sorted(manifest.members):
        if name.startswith(VAR):
            target = config.var / name.removeprefix(VAR)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(archive, manifest, name, path, target)
            folders.add(target.parent)
    for name, number in manifest.links.items():
        link = config.var / name
        link.unlink(missing_ok=True)
        link.symlink_to(number)
    for folder in folders:
        sync(folder)
    for target in config.var.rglob("*"):
        close_to_others(target)


def _write(archive: ZipFile, manifest: Manifest, name: str, path: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in read_member(archive, manifest, name, path):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _lay_database(
    config: Config, database: Database, archive: ZipFile, manifest: Manifest, path: Path
) -> None:
    """The database as it was, each row counted; then as this version has it."""
    building = config.var / f"{RESTORING}.database"
    _write(archive, manifest, manifest.database, path, building)
    if database.is_sqlite:
        wrong = snapshots.check_pages(building)
        if wrong:
            raise _fails("；".join(wrong))
        target = Path(database.url.database or "")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(building, target)
        sync(target.parent)
    else:
        snapshots.put_back(database, building)
        building.unlink()
    with database.reading() as tx:
        present = snapshots.look(database, tx)
    said = snapshots.Snapshot(
        manifest.kind, present.program, manifest.revision, manifest.counts, manifest.editions,
        manifest.audit_head,
    )  # fmt: skip
    if present != said:
        names = sorted(
            name
            for name in {*present.counts, *manifest.counts}
            if present.counts.get(name) != manifest.counts.get(name)
        )
        raise _fails(f"rows: {', '.join(names) or 'version, editions, record of acts'}")


def _read_erasures(config: Config) -> list[outside.ToldErasure]:
    """What was erased by the word of what stood here, each erasure once."""
    aside = sorted((config.var / _ASIDE).glob(f"*/audit/{outside.FILE}"))
    told = [each for path in aside for each in outside.read(path)]
    return list({each.mark: each for each in told}.values())


def _look(
    app: App, manifest: Manifest, aside: str | None, erase_again: Callable[[], list[str]]
) -> Restored:
    """Bring the database to this version and hold what came back against the record."""
    with app.database.reading() as tx:
        counts = snapshots.look(app.database, tx).counts
    is_older = manifest.revision != newest()
    upgrade(app.database)
    again = erase_again()
    with app.database.reading() as tx:
        heads = editions.list_heads(tx)
    root = app.editions
    present = {head: hash_on_disk(root, head.district, head.number) for head in heads}
    other = [
        f"{head.district}/{head.number}"
        for head, sha256 in present.items()
        if sha256 not in (None, head.sha256)
    ]
    if other:
        raise _fails(f"editions: {', '.join(other[:10])}")
    keys = find_own_keys(app.config)
    absent = [head for head, sha256 in present.items() if sha256 is None]
    if keys is not None:
        key = get_signing_key(app)
        for district in sorted({head.district for head in heads}):
            put_on_disk(app, district, today(), key)
        if heads:
            finish_publication(app)
        absent = []
    return Restored(
        manifest,
        counts,
        good=len(heads) - len(absent),
        signed=sum(_verifies(root / place, keys) for place in {h.district for h in heads}),
        absent=[f"{head.district}/{head.number}" for head in absent],
        missing=_list_missing(app, manifest),
        aside=aside,
        migrated=is_older,
        proof=verify(app),
        erased_again=again,
    )


def _list_missing(app: App, manifest: Manifest) -> list[str]:
    """The keys that the installation had, and the one of its files, as far as they are not here."""
    missing = [name for name in manifest.keys if not (app.keys / name).exists()]
    path = app.config.files_key
    if has_sealed_files(app.files) and not path.exists() and path.name not in missing:
        missing.append(str(path))
    return missing


def _verifies(place: Path, keys: PublicKeys | None) -> bool:
    """Whether the latest edition of a district is good by the keys here; none is no fault.

    Raises: UnavailableError where it is not.
    """
    if keys is None:
        return False
    faults = [
        fault
        for fault in verify_edition(open_folder(place), keys, None).faults
        if fault.code != "VERIFY-STALE"
    ]
    if faults:
        raise _fails(f"{place.name}/{faults[0].file}: {faults[0].text.both()}")
    return True


def _fails(what: str) -> UnavailableError:
    return UnavailableError(
        "RESTORE-FAILS",
        f"恢复出的内容与备份所称不符，未予启用：{what}",
        f"what came back is not what the copy says, and stays closed: {what}",
    )
