"""Whether published files are what the office signed. Needs the files and a trusted key, no more.

Keys that lie beside the data are never looked at. A manifest is believed only after its
signature, and a file only after the manifest.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.text import Text
from feewatch.publication.chain import CHAIN_FILE, EditionName, read_chain
from feewatch.publication.edition import FORMAT, FORMATS
from feewatch.publication.folder import (
    LATEST,
    MANIFEST_FILE,
    MANIFEST_FORMAT,
    TIMESTAMP_FILE,
    TIMESTAMP_FORMAT,
)
from feewatch.publication.rendering import EDITION_FILE
from feewatch.publication.signing import PublicKeys, read_signed, sha256

_DISTRICT = re.compile(r"\d{6}", re.ASCII)
#: More than the lists of a whole province come to; a stranger's file must not fill the memory.
MOST_BYTES = 256 * 1024 * 1024
#: It may be whole, and yet it is not known to be the latest.
_STALE = "VERIFY-STALE"


class EditionSource(Protocol):
    """Where published files lie; paths are relative to the folder of one edition."""

    #: The names under which it lies there: of the edition, of the district; empty where unknown.
    place: tuple[str, str]

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""

    def names(self, path: str) -> Iterable[str]:
        """The files that are seen in a folder; nothing where folders cannot be listed."""


class Folder:
    """Published files on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = (path.name, path.parent.name)

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        return read_published(self._path / path)

    def names(self, path: str) -> Iterable[str]:
        """Everything that lies in a folder."""
        return sorted(each.name for each in (self._path / path).iterdir())


class VerifyFault(NamedTuple):
    """What is wrong with a published file."""

    file: str
    text: Text
    code: str = "VERIFY-FAILED"


@dataclass
class Report:
    """What verification found: which edition it is, faults by file, what was not looked at."""

    faults: list[VerifyFault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    checked: int = 0
    office: str = ""
    district: str = ""
    number: int = 0
    kind: str = ""
    cut_off: Day | None = None
    sha256: str = ""
    as_of: Day | None = None  # the day on which freshness was judged
    key_ids: list[str] = field(default_factory=list)  # trusted keys that signed it

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def age_days(self) -> int | None:
        """How many days the cut-off lies back on the day of judging."""
        if self.cut_off is None or self.as_of is None:
            return None
        return self.as_of - self.cut_off

    def fault(self, file: str, zh: str, en: str, code: str = "VERIFY-FAILED") -> None:
        """Add a fault of a file."""
        self.faults.append(VerifyFault(file, Text(zh, en), code))

    def note(self, zh: str, en: str) -> None:
        """Add a remark."""
        self.notes.append(Text(zh, en))

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        return {
            "good": self.is_good,
            "office": self.office,
            "district": self.district,
            "number": self.number,
            "kind": self.kind,
            "cut_off": None if self.cut_off is None else format_day(self.cut_off),
            "as_of": None if self.as_of is None else format_day(self.as_of),
            "age_days": self.age_days,
            "sha256": self.sha256,
            "key_ids": self.key_ids,
            "checked": self.checked,
            "faults": [
                {"code": fault.code, "file": fault.file, "message": fault.text._asdict()}
                for fault in self.faults
            ],
            "notes": [note._asdict() for note in self.notes],
        }


def verify_file(path: Path, keys: PublicKeys) -> Report:
    """The report on one file alone: hash and signature, neither chain nor freshness."""
    report, name, content = Report(), path.name, read_published(path) or b""
    report.note(
        "仅核验单个文件的哈希与签名，未核验其他文件、版次链与时效",
        "a single file: hash and signature only; other files, chain and freshness were not checked",
    )
    if name.endswith(".json"):
        _signed(report, name, content, keys)
    else:
        beside = read_published(path.with_name(MANIFEST_FILE))
        if beside is None:
            report.fault(
                name, "旁边没有清单，无法核验", "has no manifest beside it: it cannot be verified"
            )
            return report
        document = _signed(report, MANIFEST_FILE, beside, keys, MANIFEST_FORMAT)
        if document is not None:
            _hash(report, document, name, name, content)
    report.note(f"SHA-256 {sha256(content)}", f"SHA-256 {sha256(content)}")
    return report


def read_published(path: Path) -> bytes | None:
    """The content of a regular file, or None where there is none: a device or pipe may never end.

    Raises: InvalidInputError for one larger than any published file.
    """
    if not path.is_file():
        return None
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInputError(
            "VERIFY-SIZE",
            f"{path} 过大，不可能是公示文件",
            f"{path} is larger than any published file",
        )
    return path.read_bytes()


def open_folder(path: Path) -> Folder:
    """The edition of a folder; of a district's folder, its latest edition."""
    folder = path.resolve()
    if not (folder / MANIFEST_FILE).exists() and (folder / LATEST).exists():
        folder = (folder / LATEST).resolve()
    return Folder(folder)


class ReadOnce:
    """A source of which each manifest is read once: what chose the key is what is verified."""

    def __init__(self, source: EditionSource) -> None:
        self._source = source
        self._manifests: dict[str, bytes | None] = {}
        self.place = source.place

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        if not path.endswith(MANIFEST_FILE):
            return self._source.read(path)
        if path not in self._manifests:
            self._manifests[path] = self._source.read(path)
        return self._manifests[path]

    def names(self, path: str) -> Iterable[str]:
        """The files that are seen in a folder."""
        return self._source.names(path)


def verify_edition(source: EditionSource, keys: PublicKeys, as_of: Day | None) -> Report:
    """The report on an edition, the editions before it as far as they are there, and freshness."""
    report = Report(as_of=as_of)
    newest = _edition(report, source, "", keys)
    if newest is None:
        return report
    report.office, report.district = newest["office"], newest["district"]
    report.number, report.kind = newest["number"], newest["kind"]
    report.cut_off, report.sha256 = parse_day(newest["cut_off"]), newest["sha256"]
    report.key_ids = [each["key_id"] for each in newest["signatures"] if each.get("key_id") in keys]
    _place(report, source, newest)
    _chain(report, source, newest, keys)
    _transparency(report, source, newest, keys)
    _freshness(report, source, newest, keys, as_of)
    return report


def _place(report: Report, source: EditionSource, newest: dict[str, Any]) -> None:
    """An edition under a name that is not its own was laid there by someone else."""
    number, district = source.place
    if _DISTRICT.fullmatch(district) and district != newest["district"]:
        report.fault(
            MANIFEST_FILE,
            f"放在 {district} 名下，内容却是 {newest['district']} 的",
            f"lies under {district} and is of {newest['district']}",
        )
    if number.isascii() and number.isdecimal() and read_whole(number) != newest["number"]:
        report.fault(
            MANIFEST_FILE,
            f"放在第 {number} 期名下，内容却是第 {newest['number']} 期",
            f"lies under edition {number} and is edition {newest['number']}",
        )


def _edition(
    report: Report, source: EditionSource, at: str, keys: PublicKeys
) -> dict[str, Any] | None:
    """The edition at a place once all its files agree with the signed manifest, else None."""
    content = source.read(at + MANIFEST_FILE)
    if content is None:
        report.fault(at + MANIFEST_FILE, "缺少清单", "the manifest is missing")
        return None
    manifest = _signed(report, at + MANIFEST_FILE, content, keys, MANIFEST_FORMAT)
    if manifest is None:
        return None
    for name in source.names(at):
        if name != MANIFEST_FILE and name not in manifest["files"]:
            report.fault(at + name, "不在签名清单中", "is not in the signed manifest")
    edition: dict[str, Any] | None = None
    for name in sorted(manifest["files"]):
        file_content = source.read(at + name)
        if file_content is None:
            report.fault(at + name, "文件缺失", "the file is missing")
        elif _hash(report, manifest, name, at + name, file_content) and name == EDITION_FILE:
            edition = _signed(report, at + name, file_content, keys, *FORMATS)
    if edition is None:
        return None
    if any(edition[key] != manifest[key] for key in ("district", "number", "cut_off")):
        report.fault(at + MANIFEST_FILE, "清单与版次不符", "belongs to another edition")
        return None
    return edition | {"sha256": manifest["files"][EDITION_FILE]}


def _chain(report: Report, source: EditionSource, newest: dict[str, Any], keys: PublicKeys) -> None:
    edition = newest
    while edition["previous_sha256"] is not None:
        at = f"../{edition['number'] - 1}/"
        if source.read(at + MANIFEST_FILE) is None and source.read(at + EDITION_FILE) is None:
            report.note(
                f"第 {edition['number'] - 1} 期不在此处，版次链核验到第 {edition['number']} 期为止",
                f"edition {edition['number'] - 1} is not here: "
                f"the chain was checked back to edition {edition['number']}",
            )
            return
        earlier = _edition(report, source, at, keys)
        if earlier is None:
            return
        same_place = earlier["district"] == edition["district"]
        if earlier["sha256"] != edition["previous_sha256"] or not same_place:
            report.fault(
                at + EDITION_FILE,
                f"不是第 {edition['number']} 期所记的上一期",
                f"is not the edition that edition {edition['number']} names as its previous one",
            )
            return
        edition = earlier
    report.note("版次链完整，直至第 1 期", "the chain is whole, back to edition 1")


def _transparency(
    report: Report, source: EditionSource, newest: dict[str, Any], keys: PublicKeys
) -> None:
    """Whether the transparency file names this very edition."""
    name = f"../{CHAIN_FILE}"
    content = source.read(name)
    if content is None:
        if newest["format"] == FORMAT:
            report.fault(name, "缺少透明记录", "the transparency file is missing")
        else:
            report.note(
                "旧格式，没有透明记录", "of the first format: there is no transparency file"
            )
        return
    copy = read_chain(content, keys)
    report.checked += len(copy.editions)
    for fault in copy.faults:
        report.fault(name, *fault)
    stated = copy.editions.get(EditionName(newest["district"], newest["number"]))
    if stated is None and not copy.faults:
        report.fault(name, "没有记这一期", "does not name this edition")
    elif stated is not None and stated != newest["sha256"]:
        report.fault(
            name, "所记的同一期是另一版", "names another edition of this number", "VERIFY-FORK"
        )


def known_editions(
    source: EditionSource, district: str, keys: PublicKeys
) -> dict[EditionName, str]:
    """The hash of every edition of a district that a copy vouches for with a trusted signature.

    A copy of before the transparency file tells of its edition and the one before.
    """
    content = source.read(f"../{CHAIN_FILE}")
    known = {} if content is None else read_chain(content, keys).editions
    signed = source.read(EDITION_FILE) or b""
    document, _ = read_signed(signed, keys)
    if document is not None and document.get("format") in FORMATS:
        number = document["number"]
        known[EditionName(document["district"], number)] = sha256(signed)
        if document["previous_sha256"] is not None:
            known.setdefault(
                EditionName(document["district"], number - 1), document["previous_sha256"]
            )
    return {name: hashed for name, hashed in known.items() if name.district == district}


def verify_freshness(
    source: EditionSource, newest: dict[str, Any], keys: PublicKeys, as_of: Day
) -> Report:
    """The report on the timestamp of a district alone: does it vouch for this edition on a day?

    ``newest``: ``district``, ``number``, ``sha256`` and ``previous_sha256`` of an edition that was
    verified before.
    """
    report = Report(as_of=as_of)
    _freshness(report, source, newest, keys, as_of)
    return report


def _freshness(
    report: Report,
    source: EditionSource,
    newest: dict[str, Any],
    keys: PublicKeys,
    as_of: Day | None,
) -> None:
    name = f"../{TIMESTAMP_FILE}"
    content = source.read(name)
    timestamp = None
    if content is not None:
        timestamp = _signed(report, name, content, keys, TIMESTAMP_FORMAT)
    if as_of is None:
        report.note("未核验时效", "freshness was not checked")
        return
    if content is None:
        report.fault(
            name, "缺少时间戳，无法核验时效", "is missing: freshness cannot be checked", _STALE
        )
    if timestamp is None:
        return
    if timestamp["district"] != newest["district"]:
        report.fault(name, "属于其他地区", "belongs to another district")
    elif _is_next(timestamp, newest):
        report.note(
            f"比时间戳所记的第 {timestamp['number']} 期新一期",
            f"is the one after edition {timestamp['number']}, which the timestamp names",
        )
    elif timestamp["number"] != newest["number"]:
        report.fault(
            name,
            f"最新一期是第 {timestamp['number']} 期，不是第 {newest['number']} 期",
            f"names edition {timestamp['number']} as the latest, not {newest['number']}",
            _STALE,
        )
    elif timestamp["edition_sha256"] != newest["sha256"]:
        report.fault(name, "指向内容不同的版次", "names an edition of other content")
    elif format_day(as_of) > timestamp["expires_on"]:
        report.fault(
            name,
            f"时效已于 {timestamp['expires_on']} 届满",
            f"vouched for this edition until {timestamp['expires_on']} only",
            _STALE,
        )
    else:
        report.note(
            f"截至 {format_day(as_of)} 为最新一期", f"is the latest edition on {format_day(as_of)}"
        )


def _is_next(timestamp: dict[str, Any], newest: dict[str, Any]) -> bool:
    """Whether an edition follows the one vouched for: it is published, its timestamp is to come."""
    return bool(timestamp["edition_sha256"] == newest["previous_sha256"])


def _signed(
    report: Report, name: str, content: bytes, keys: PublicKeys, *expected: str
) -> dict[str, Any] | None:
    document, fault = read_signed(content, keys)
    report.checked += 1
    if fault is not None:
        report.fault(name, *fault)
        return None
    if document is not None and expected and document.get("format") not in expected:
        wanted = "、".join(sorted(expected))
        report.fault(name, f"不是 {wanted} 文件", f"is no {wanted} document")
        return None
    return document


def _hash(report: Report, manifest: dict[str, Any], name: str, shown: str, content: bytes) -> bool:
    report.checked += 1
    if manifest["files"].get(name) == sha256(content):
        return True
    report.fault(shown, "内容与签名清单不符", "does not agree with the signed manifest")
    return False
