"""One edition of a source: read whole into memory, verified there, and then laid on disk whole.

Nothing of it is on disk under a name before every byte of it was verified.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.gateways.districts import DistrictSite
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.text import Text
from feewatch.publication.chain import CHAIN_FILE
from feewatch.publication.folder import (
    MANIFEST_FILE,
    MANIFEST_FORMAT,
    sync_folder,
    write_through,
)
from feewatch.publication.public_content import find_content_fault
from feewatch.publication.rendering import EDITION_FILE
from feewatch.publication.signing import PublicKeys, read_signed, sha256
from feewatch.publication.verification import verify_edition
from feewatch.store.lists.gathered import RefusedThing

#: An edition has a page, a workbook, a feed and a file a list.
_MOST_FILES = 30
#: Of an edition in all.
_MOST_BYTES = 200 * 1024 * 1024
_NAME = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,99}")


class RefusedSourceError(Exception):
    """Something of a source is refused; ``thing`` says what and why."""

    def __init__(self, thing: RefusedThing) -> None:
        super().__init__(thing.code)
        self.thing = thing


class EditionParcel(NamedTuple):
    """A verified edition in memory."""

    document: Mapping[str, Any]
    cut_off: Day
    sha256: str
    key_ids: list[str]
    files: Mapping[str, bytes]  # its manifest among them


class HeldFiles:
    """Files in memory as verification reads them: of one edition, and what lies beside it."""

    def __init__(
        self, district: str, number: int, files: Mapping[str, bytes], beside: Mapping[str, bytes]
    ) -> None:
        self.place = (str(number), district)
        self._files = files
        self._all = {**files, **{f"../{name}": content for name, content in beside.items()}}

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none: of editions before there is none."""
        return self._all.get(path)

    def names(self, path: str) -> Iterable[str]:
        """The files of the edition."""
        return () if path else sorted(self._files)


def refuse(
    code: str, file: str, zh: str, en: str, number: int | None = None, content: bytes | None = None
) -> RefusedSourceError:
    """That something of a source is refused."""
    hashed = None if content is None else sha256(content)
    return RefusedSourceError(RefusedThing(code, file, Text(zh, en), number, hashed))


def as_refused(refusal: Refusal) -> RefusedThing:
    """The same of what could not be read at all."""
    return RefusedThing(refusal.code, "", refusal.text)


def fetch_edition(
    site: DistrictSite, district: str, number: int, keys: PublicKeys, chain: bytes
) -> EditionParcel:
    """An edition of a source, verified: signatures, hashes, its place in the chain, its content.

    Raises: RefusedSourceError, UnavailableError.
    """
    files = _fetch_files(site, district, number, keys)
    report = verify_edition(HeldFiles(district, number, files, {CHAIN_FILE: chain}), keys, None)
    for fault in report.faults:
        content = files.get(fault.file)
        raise refuse(fault.code, fault.file, *fault.text, number, content)
    document = json.loads(files[EDITION_FILE])
    content_fault = find_content_fault(document)
    if content_fault is not None:
        raise refuse("GATHER-CONTENT", EDITION_FILE, *content_fault, number, files[EDITION_FILE])
    cut_off = parse_day(document["cut_off"])
    if cut_off is None:
        raise refuse("GATHER-CONTENT", EDITION_FILE, "没有截止日", "has no cut-off", number)
    return EditionParcel(document, cut_off, report.sha256, report.key_ids, files)


def _fetch_files(
    site: DistrictSite, district: str, number: int, keys: PublicKeys
) -> dict[str, bytes]:
    """The manifest and what it names, which is believed to be so much and not to be whole yet."""
    place = ("editions", district, str(number))
    manifest = site.read(*place, MANIFEST_FILE)
    if manifest is None:
        raise refuse(
            "GATHER-GAP", MANIFEST_FILE, f"透明记录有第 {number} 期，站点上没有",
            f"the transparency file names edition {number}, the site has none", number,
        )  # fmt: skip
    signed, fault = read_signed(manifest, keys)
    if signed is None or signed.get("format") != MANIFEST_FORMAT:
        words = fault or Text(f"不是 {MANIFEST_FORMAT}", f"is no {MANIFEST_FORMAT}")
        raise refuse("VERIFY-FAILED", MANIFEST_FILE, *words, number, manifest)
    files, size = {MANIFEST_FILE: manifest}, len(manifest)
    for name in _names(signed, number, manifest):
        content = site.read(*place, name)
        if content is not None:  # what is missing verification names
            files[name], size = content, size + len(content)
        if size > _MOST_BYTES:
            raise refuse("GATHER-SIZE", name, "一期的文件过大", "the edition is too large", number)
    return files


def _names(signed: Mapping[str, Any], number: int, manifest: bytes) -> list[str]:
    named = signed.get("files")
    is_fit = isinstance(named, dict) and EDITION_FILE in named and len(named) <= _MOST_FILES
    if not is_fit or not all(_NAME.fullmatch(name) for name in named or ()):
        raise refuse(
            "GATHER-CONTENT", MANIFEST_FILE, "清单所列文件不是版次的文件",
            "it names files that no edition has", number, manifest,
        )  # fmt: skip
    return sorted(named or ())


def lay_edition(place: Path, number: int, files: Mapping[str, bytes]) -> None:
    """Let an edition lie in a folder with all its files; one that nobody recorded gives way."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = place / str(number)
    building = Path(tempfile.mkdtemp(prefix=f".{number}.", dir=place))
    try:
        for name, content in files.items():
            write_through(building / name, content)
        if target.exists():  # a process was killed before it could put this one on record
            shutil.rmtree(target)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    sync_folder(place)


def lay_file(path: Path, content: bytes) -> None:
    """Let a file lie there whole, in place of what lay there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.new")
    write_through(building, content)
    building.replace(path)
