"""Editions on disk: DISTRICT/NUMBER/ complete or absent, DISTRICT/latest switched last.

A process that is killed leaves at most a folder or file whose name begins with a dot; the next one
sweeps it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feewatch.kernel.days import Day, format_day
from feewatch.publication.rendering import EDITION_FILE, render
from feewatch.publication.signing import SigningKey, read_public_keys, read_signed, sha256
from feewatch.publication.verify_page import VERIFY_PAGE, verify_page

MANIFEST_FILE = "manifest.json"
TIMESTAMP_FILE = "timestamp.json"
LATEST = "latest"
MANIFEST_FORMAT = "feewatch-manifest/1"
TIMESTAMP_FORMAT = "feewatch-timestamp/1"
#: For how many days a timestamp vouches that the edition it names is the latest.
FRESH_DAYS = 7


@contextmanager
def alone(root: Path, district: str) -> Iterator[None]:
    """Let one process at a time work on the folder of a district; the lock dies with it."""
    place = root / district
    place.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sweep(place)
        yield
    finally:
        os.close(descriptor)


def sweep_unfinished(place: Path) -> int:
    """How many unfinished things in the folder of a district were taken away.

    None where a living process is at work there, or the folder may not be written.
    """
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _sweep(place) if os.access(place, os.W_OK) else 0
    except BlockingIOError:
        return 0
    finally:
        os.close(descriptor)


def _sweep(place: Path) -> int:
    """Take away what a killed process left unfinished; the lock says that nobody is at it."""
    paths = list(place.glob(".*"))
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(paths)


def hash_on_disk(root: Path, district: str, number: int) -> str | None:
    """The hash of an edition's document as it lies on disk, None where it does not."""
    path = root / district / str(number) / EDITION_FILE
    return sha256(path.read_bytes()) if path.is_file() else None


def last_on_disk(root: Path, district: str) -> int:
    """The highest number of an edition of a district on disk, 0 for none."""
    place = root / district
    names = (path.name for path in place.iterdir()) if place.is_dir() else ()
    return max((int(name) for name in names if name.isascii() and name.isdecimal()), default=0)


def write_edition(root: Path, document: Mapping[str, Any], signed: bytes, key: SigningKey) -> None:
    """Let the folder of an edition exist with all its files; one that exists is left alone."""
    district = root / document["district"]
    target = district / str(document["number"])
    if target.exists():
        return
    district.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=district))
    try:
        for name, content in edition_files(document, signed, key).items():
            write_through(building / name, content)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    sync_folder(district)


def edition_files(document: Mapping[str, Any], signed: bytes, key: SigningKey) -> dict[str, bytes]:
    """Every file of an edition by name, the signed manifest over all the others included."""
    files = render(document, signed)
    manifest = {
        "format": MANIFEST_FORMAT,
        "district": document["district"],
        "number": document["number"],
        "cut_off": document["cut_off"],
        "files": {name: sha256(content) for name, content in files.items()},
    }
    return files | {MANIFEST_FILE: key.sign(manifest)}


def write_timestamp(
    root: Path, district: str, number: int, edition_sha256: str, issued_on: Day, key: SigningKey
) -> None:
    """Vouch for a few days that this edition is the latest of its district.

    A timestamp that vouches for it as long or longer stays.
    """
    timestamp = {
        "format": TIMESTAMP_FORMAT,
        "district": district,
        "number": number,
        "edition_sha256": edition_sha256,
        "issued_on": format_day(issued_on),
        "expires_on": format_day(issued_on + FRESH_DAYS),
    }
    path = root / district / TIMESTAMP_FILE
    known = _read_timestamp(path, key)
    if known and (known["number"], known["issued_on"]) >= (number, timestamp["issued_on"]):
        return
    building = path.with_name(f".{TIMESTAMP_FILE}.{os.getpid()}")
    write_through(building, key.sign(timestamp))
    building.replace(path)


def find_vouched(root: Path, district: str, key: SigningKey) -> int:
    """The number of the edition for which the timestamp of a district vouches, 0 for none."""
    known = _read_timestamp(root / district / TIMESTAMP_FILE, key)
    return int(known["number"]) if known else 0


def _read_timestamp(path: Path, key: SigningKey) -> dict[str, Any] | None:
    present = path.read_bytes() if path.exists() else b""
    known, _ = read_signed(present, read_public_keys(key.public_pem))
    return known


def find_latest(root: Path, district: str) -> int:
    """The number of the edition that ``latest`` names, 0 where there is no such link."""
    link = root / district / LATEST
    return int(link.readlink().name) if link.is_symlink() else 0


def write_verify_page(root: Path) -> None:
    """Let the page that verifies editions in a browser lie at the top, as this version has it."""
    page = verify_page()
    path = root / VERIFY_PAGE
    if not path.is_file() or path.read_bytes() != page:
        building = path.with_name(f".{VERIFY_PAGE}.{os.getpid()}")
        write_through(building, page)
        building.replace(path)


def switch_latest(root: Path, district: str, number: int) -> None:
    """Let ``latest`` point to this edition, unless it points to it or a later one already."""
    link = root / district / LATEST
    if find_latest(root, district) >= number:
        return
    building = link.with_name(f".{LATEST}.{os.getpid()}")
    building.unlink(missing_ok=True)
    building.symlink_to(str(number))
    building.replace(link)
    sync_folder(link.parent)


def write_through(path: Path, content: bytes) -> None:
    """Write a file that is on disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Let the names in a folder be on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
