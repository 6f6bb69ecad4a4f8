"""The file of a safety copy: a ZIP with a manifest that names each member with size and hash.

It is written under a hidden name and renamed when it is whole. Whoever reads one believes nothing
of it before names, sizes and hashes were held against the manifest; links and names that lead
outside are refused, and nothing is unpacked that would not fit.
"""

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from feewatch.kernel.errors import ConflictError, InvalidInputError, UnavailableError

FORMAT = "feewatch-backup/1"
MANIFEST = "manifest.json"
#: The member that holds the database, by kind.
DATABASE = {"sqlite": "database.sqlite", "postgres": "database.pgdump"}
#: Everything else lies below this, under its name in the var folder.
VAR = "var/"
_CHUNK = 1 << 20
_MOST_MANIFEST = 128 * 1024 * 1024
_WAYS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LATEST = re.compile(r"editions/\d{6}/latest")


class PackedFile(NamedTuple):
    """A file of the copy."""

    size: int
    sha256: str


class Manifest(NamedTuple):
    """What a copy says of itself."""

    feewatch: str
    made_at: str
    kind: str  # sqlite, postgres
    program: str
    revision: str
    counts: dict[str, int]  # rows by table
    editions: dict[str, int]  # the number of the last edition by district
    audit_head: str | None  # where the record of acts is a chain, its last link
    signing_key: str | None  # the id of the key that signs editions
    keys: list[str]  # names of the keys that the installation had
    with_keys: bool
    links: dict[str, str]  # editions/DISTRICT/latest: the number
    members: dict[str, PackedFile]

    @property
    def database(self) -> str:
        """The member that holds the database."""
        return DATABASE[self.kind]

    @property
    def size(self) -> int:
        """The bytes of all members, unpacked."""
        return sum(member.size for member in self.members.values())


class Writer:
    """A copy being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, PackedFile] = {}

    def add(self, name: str, source: IO[bytes], *, packed: bool = False) -> None:
        """Add a file as it is read now; ``packed``: one that takes no less room by packing."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        digest, size = hashlib.sha256(), 0
        with self._archive.open(info, "w", force_zip64=True) as member:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self.members[name] = PackedFile(size, digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, the last member."""
        content = {"format": FORMAT, **manifest._asdict()}
        content["members"] = {name: each._asdict() for name, each in self.members.items()}
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        self._archive.writestr(MANIFEST, text)


@contextmanager
def new_copy(target: Path) -> Iterator[Writer]:
    """A copy that has its name when the block ends well, and does not exist otherwise.

    Raises: ConflictError where something has that name; UnavailableError where its folder is not
    there.
    """
    if not target.parent.is_dir():
        raise UnavailableError(
            "BACKUP-FOLDER",
            f"文件夹 {target.parent} 不存在",
            f"there is no folder {target.parent}",
        )
    _refuse_taken(target)
    building = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(building, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", compresslevel=1, allowZip64=True) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        _name(building, target)
    finally:
        building.unlink(missing_ok=True)
    sync(target.parent)


def _name(building: Path, target: Path) -> None:
    """Give a whole copy its name, and take no other file's place, whoever was quicker."""
    try:
        os.link(building, target)
    except FileExistsError:
        _refuse_taken(target)
        raise
    except OSError:  # a disk without hard links
        _refuse_taken(target)
        building.rename(target)


def _refuse_taken(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise ConflictError(
            "BACKUP-EXISTS",
            f"{target} 已存在，备份不覆盖已有文件",
            f"{target} exists: a safety copy takes no other file's place",
        )


@contextmanager
def open_copy(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A copy whose names and sizes are as its manifest says; its bytes are not looked at yet.

    Raises: InvalidInputError where it is cut, no copy, or says what is not so.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_members(archive, path)
            manifest = _read_manifest(archive, path)
            _compare(archive, manifest, path)
            yield archive, manifest
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RecursionError) as fault:
        raise InvalidInputError(
            "BACKUP-CUT",
            f"{path} 不是完整的备份文件：{fault}",
            f"{path} is cut short, damaged, or no safety copy: {fault}",
        ) from None
    except (OverflowError, ValueError) as fault:
        raise _lie(path, str(fault)) from None


def check_bytes(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Nothing where every member has the bytes that the manifest names.

    Raises: InvalidInputError.
    """
    for name in manifest.members:
        for _ in read_member(archive, manifest, name, path):
            pass


def read_member(
    archive: zipfile.ZipFile, manifest: Manifest, name: str, path: Path
) -> Iterator[bytes]:
    """The bytes of a member in pieces; at their end they have the hash that the manifest names.

    Raises: InvalidInputError.
    """
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
                yield chunk
    except (zipfile.BadZipFile, EOFError, zlib.error) as fault:
        raise _changed(path, name, str(fault)) from None
    if digest.hexdigest() != manifest.members[name].sha256:
        raise _changed(path, name, "SHA-256")


def sync(folder: Path) -> None:
    """Let the names in a folder be on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_members(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse names that lead elsewhere, links, and members that lie over one another."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise _lie(path, "two members of one name")
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.is_dir():
            raise _lie(path, f"{info.filename[:200]!r} is no regular file")
        if not _is_plain(info.filename):
            raise _lie(path, f"{info.filename[:200]!r} leads outside")
        if info.flag_bits & 0x1 or info.compress_type not in _WAYS:
            raise _lie(path, f"{info.filename[:200]!r} is packed in a way that is not used here")
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise _lie(path, "members lie over one another")


def _is_plain(name: str) -> bool:
    """Whether a member's name can lie nowhere but in its place below the var folder."""
    if name == MANIFEST or name in DATABASE.values():
        return True
    parts = PurePosixPath(name).parts
    is_clean = "/".join(parts) == name and not re.search(r"[\x00-\x1f\\:]", name)
    return name.startswith(VAR) and is_clean and not any(part[0] == "." for part in parts)


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise _lie(path, f"no {MANIFEST}")
    if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise _lie(path, f"{MANIFEST} is too large")
    content = json.loads(archive.read(MANIFEST))
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise _lie(path, f"{MANIFEST} is not of {FORMAT}")
    return _manifest(content, path)


def _manifest(content: Mapping[str, Any], path: Path) -> Manifest:
    """A manifest whose values are of the kinds they have to be."""
    shapes: dict[str, type | tuple[type, ...]] = {
        "feewatch": str, "made_at": str, "kind": str, "program": str, "revision": str,
        "counts": dict, "editions": dict, "audit_head": (str, type(None)),
        "signing_key": (str, type(None)), "keys": list,
        "with_keys": bool, "links": dict, "members": dict,
    }  # fmt: skip
    if set(content) != set(shapes):
        raise _lie(path, f"{MANIFEST}: {', '.join(sorted(set(content) ^ set(shapes)))[:200]}")
    wrong = [name for name, shape in shapes.items() if not isinstance(content[name], shape)]
    if wrong or content["kind"] not in DATABASE:
        raise _lie(path, f"{MANIFEST}: {', '.join(wrong) or 'kind'}")
    numbers = [*content["counts"].values(), *content["editions"].values()]
    links = [(name, n) for name, n in content["links"].items()]
    if not all(type(number) is int and number >= 0 for number in numbers) or not all(
        _LATEST.fullmatch(name) and isinstance(n, str) and re.fullmatch(r"[1-9]\d{0,8}", n)
        for name, n in links
    ):
        raise _lie(path, f"{MANIFEST}: counts, editions, links")
    try:
        members = {name: PackedFile(**each) for name, each in content["members"].items()}
    except TypeError:
        raise _lie(path, f"{MANIFEST}: members") from None
    return Manifest(**{**content, "members": members})


def _compare(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Refuse members that the manifest does not name, or names otherwise."""
    sizes = {i.filename: i.file_size for i in archive.infolist() if i.filename != MANIFEST}
    if sizes != {name: member.size for name, member in manifest.members.items()}:
        raise _lie(path, f"the members are not those of {MANIFEST}")
    if set(sizes) & set(DATABASE.values()) != {manifest.database}:
        raise _lie(path, "no database, or one of another kind")


def _lie(path: Path, what: str) -> InvalidInputError:
    return InvalidInputError(
        "BACKUP-LIES",
        f"{path} 不可采信，不予恢复：{what}",
        f"{path} is not to be believed and is not restored: {what}",
    )


def _changed(path: Path, name: str, what: str) -> InvalidInputError:
    return InvalidInputError(
        "BACKUP-CHANGED",
        f"{path} 中的 {name} 已被改动或损坏（{what}）",
        f"{name} in {path} was changed or damaged ({what})",
    )
