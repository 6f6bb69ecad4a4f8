"""Whether published files are what the office signed. Needs the files and a trusted key, no more.

Keys that lie beside the data are never looked at. A manifest is believed only after its
signature, and a file only after the manifest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.publication.edition import FORMAT
from feewatch.publication.folder import (
    LATEST,
    MANIFEST_FILE,
    MANIFEST_FORMAT,
    TIMESTAMP_FILE,
    TIMESTAMP_FORMAT,
)
from feewatch.publication.rendering import EDITION_FILE
from feewatch.publication.signing import PublicKeys, read_signed, sha256


class EditionSource(Protocol):
    """Where published files lie; paths are relative to the folder of one edition."""

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""

    def names(self, path: str) -> Iterable[str]:
        """The files that are seen in a folder; nothing where folders cannot be listed."""


class Folder:
    """Published files on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        file = self._path / path
        return file.read_bytes() if file.is_file() else None

    def names(self, path: str) -> Iterable[str]:
        """Everything that lies in a folder."""
        return sorted(each.name for each in (self._path / path).iterdir())


@dataclass
class Report:
    """What verification found: faults by file, and what was and was not looked at."""

    faults: list[tuple[str, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    checked: int = 0
    district: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def fault(self, file: str, zh: str, en: str) -> None:
        """Add a fault of a file."""
        self.faults.append((file, Text(zh, en)))

    def note(self, zh: str, en: str) -> None:
        """Add a remark."""
        self.notes.append(Text(zh, en))


def verify_file(path: Path, keys: PublicKeys) -> Report:
    """The report on one file alone: hash and signature, neither chain nor freshness."""
    report, name, content = Report(), path.name, path.read_bytes()
    report.note(
        "仅核验单个文件的哈希与签名，未核验其他文件、版次链与时效",
        "a single file: hash and signature only; other files, chain and freshness were not checked",
    )
    if name.endswith(".json"):
        _signed(report, name, content, keys)
    else:
        manifest = path.with_name(MANIFEST_FILE)
        if not manifest.is_file():
            report.fault(
                name, "旁边没有清单，无法核验", "has no manifest beside it: it cannot be verified"
            )
            return report
        document = _signed(report, MANIFEST_FILE, manifest.read_bytes(), keys, MANIFEST_FORMAT)
        if document is not None:
            _hash(report, document, name, name, content)
    report.note(f"SHA-256 {sha256(content)}", f"SHA-256 {sha256(content)}")
    return report


def open_folder(path: Path) -> Folder:
    """The edition of a folder; of a district's folder, its latest edition."""
    folder = path.resolve()
    if not (folder / MANIFEST_FILE).exists() and (folder / LATEST).exists():
        folder = (folder / LATEST).resolve()
    return Folder(folder)


def verify_edition(source: EditionSource, keys: PublicKeys, as_of: Day | None) -> Report:
    """The report on an edition, the editions before it as far as they are there, and freshness."""
    report = Report()
    newest = _edition(report, source, "", keys)
    if newest is None:
        return report
    report.district = str(newest["district"])
    _chain(report, source, newest, keys)
    _freshness(report, source, newest, keys, as_of)
    return report


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
            edition = _signed(report, at + name, file_content, keys, FORMAT)
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
        report.note("未核验时效（用 --as-of）", "freshness was not checked (give --as-of)")
        return
    if content is None:
        report.fault(name, "缺少时间戳，无法核验时效", "is missing: freshness cannot be checked")
    if timestamp is None:
        return
    if timestamp["district"] != newest["district"]:
        report.fault(name, "属于其他地区", "belongs to another district")
    elif timestamp["number"] != newest["number"]:
        report.fault(
            name,
            f"最新一期是第 {timestamp['number']} 期，不是第 {newest['number']} 期",
            f"names edition {timestamp['number']} as the latest, not {newest['number']}",
        )
    elif timestamp["edition_sha256"] != newest["sha256"]:
        report.fault(name, "指向内容不同的版次", "names an edition of other content")
    elif format_day(as_of) > timestamp["expires_on"]:
        report.fault(
            name,
            f"时效已于 {timestamp['expires_on']} 届满",
            f"vouched for this edition until {timestamp['expires_on']} only",
        )
    else:
        report.note(
            f"截至 {format_day(as_of)} 为最新一期", f"is the latest edition on {format_day(as_of)}"
        )


def _signed(
    report: Report, name: str, content: bytes, keys: PublicKeys, expected: str | None = None
) -> dict[str, Any] | None:
    document, fault = read_signed(content, keys)
    report.checked += 1
    if fault is not None:
        report.fault(name, *fault)
        return None
    if document is not None and expected not in (None, document.get("format")):
        report.fault(name, f"不是 {expected} 文件", f"is no {expected} document")
        return None
    return document


def _hash(report: Report, manifest: dict[str, Any], name: str, shown: str, content: bytes) -> bool:
    report.checked += 1
    if manifest["files"].get(name) == sha256(content):
        return True
    report.fault(shown, "内容与签名清单不符", "does not agree with the signed manifest")
    return False
