"""A case as a bundle of evidence (证据包): one file that whoever gets it can hold against a key.

Rows with the hash and the line of their bank file, law, arithmetic, papers, the audit trail's rows
of the case. Needs no database: what is in it is read, made once more, and compared.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from feewatch.casework.identity import alert_id
from feewatch.engine.findings import Identity
from feewatch.kernel.days import parse_day
from feewatch.publication.archive import pack_files, unpack_files
from feewatch.publication.links import link_hash
from feewatch.publication.signing import PublicKeys, SigningKey, canonical, read_signed, sha256
from feewatch.publication.verification import Report

FORMAT = "feewatch-evidence/1"
MANIFEST, CASE, ALERTS, EVIDENCE, PAPERS, TRAIL, PAGE = (
    "manifest.json", "case.json", "alerts.json", "evidence.json", "papers.json", "audit.json",
    "index.html",
)  # fmt: skip
_PARTS = (CASE, ALERTS, EVIDENCE, PAPERS, TRAIL, PAGE)
#: No bundle is larger, nor unpacks to more.
MOST_BYTES = 300 * 1024 * 1024
_MOST_FILES = 20_000


def build_bundle(head: Mapping[str, Any], files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """The bytes of a bundle: ``files`` by path, ``head`` and their hashes signed by the office.

    The same content and key give the same bytes.
    """
    manifest = {
        "format": FORMAT,
        **head,
        "files": {name: sha256(content) for name, content in files.items()},
    }
    return pack_files({MANIFEST: key.sign(manifest), **files})


def claimed_district(content: bytes) -> str:
    """The place that a bundle says it is of; it only chooses the key that must fit."""
    try:
        manifest = json.loads(unpack_files(content, MOST_BYTES, _MOST_FILES)[MANIFEST])
        return str(manifest["district"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def verify_bundle(content: bytes, keys: PublicKeys) -> Report:
    """The report on a bundle: container, signature, hashes, and whether its parts agree."""
    report = Report(kind="evidence", sha256=sha256(content))
    try:
        files = unpack_files(content, MOST_BYTES, _MOST_FILES)
    except ValueError as fault:
        report.fault(
            "zip", f"不是完整的证据包：{fault}", f"is no whole bundle: {fault}", "BUNDLE-FILE"
        )
        return report
    if pack_files(files) != content:
        report.fault(
            "zip", "压缩文件被改动、增补或重新打包",
            "the archive was changed, added to or packed anew", "BUNDLE-PACKED",
        )  # fmt: skip
    try:
        manifest = _read_manifest(report, files, keys)
        if manifest is None or not _hold_files(report, manifest, files):
            return report
        _agree(report, {name: json.loads(files[name]) for name in _PARTS if name != PAGE}, files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        report.fault(
            MANIFEST, f"内容无法读取：{fault!r}", f"cannot be read: {fault!r}", "BUNDLE-CONTENT"
        )
    return report


def _read_manifest(
    report: Report, files: Mapping[str, bytes], keys: PublicKeys
) -> dict[str, Any] | None:
    if MANIFEST not in files:
        report.fault(MANIFEST, "缺少清单", "the manifest is missing", "BUNDLE-FILE")
        return None
    manifest, fault = read_signed(files[MANIFEST], keys)
    if manifest is None or fault is not None:
        assert fault is not None
        report.fault(MANIFEST, fault.zh, fault.en, "BUNDLE-SIGNATURE")
        return None
    if manifest.get("format") != FORMAT:
        report.fault(MANIFEST, "不是证据包的清单", "is no manifest of a bundle", "BUNDLE-FORMAT")
        return None
    report.office, report.district = manifest["office"], manifest["district"]
    report.key_ids = [each["key_id"] for each in manifest["signatures"] if each["key_id"] in keys]
    report.note(
        f"案件 {manifest['case']}，移送函 {manifest['transfer']}，{manifest['issued_on']}",
        f"case {manifest['case']}, letter {manifest['transfer']}, {manifest['issued_on']}",
    )
    return manifest


def _hold_files(report: Report, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> bool:
    """Whether the files are those that were signed, all of them and no other."""
    listed: Mapping[str, str] = manifest["files"]
    for name in sorted({*listed, *_PARTS} - files.keys()):
        report.fault(name, "文件缺失", "the file is missing", "BUNDLE-FILE")
    for name in sorted(files.keys() - listed.keys() - {MANIFEST}):
        report.fault(name, "不在签名清单中", "is not in the signed manifest", "BUNDLE-FILE")
    for name in sorted(listed.keys() & files.keys()):
        report.checked += 1
        if sha256(files[name]) != listed[name]:
            report.fault(
                name, f"哈希应为 {listed[name]}", f"its hash should be {listed[name]}",
                "BUNDLE-HASH",
            )  # fmt: skip
    return report.is_good


def _agree(report: Report, parts: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Note where the parts of a bundle contradict each other."""
    for alert in parts[ALERTS]:
        if alert["id"] != _name_again(alert):
            report.fault(
                ALERTS, f"预警 {alert['id']} 与其内容不符",
                f"alert {alert['id']} is not its content", "BUNDLE-ALERT",
            )  # fmt: skip
    told = sorted((row["alert"], canonical(row["source"])) for row in parts[EVIDENCE])
    founded = sorted(
        (alert["id"], canonical(source)) for alert in parts[ALERTS] for source in alert["evidence"]
    )
    if told != founded:
        report.fault(
            EVIDENCE, "证据行与预警所据不一致", "the rows are not those that the alerts rest on",
            "BUNDLE-EVIDENCE",
        )  # fmt: skip
    for paper in parts[PAPERS]:
        if sha256(files.get(paper["file"], b"")) != paper["sha256"]:
            report.fault(
                paper["file"], f"不是文书 {paper['number']}", f"is not paper {paper['number']}",
                "BUNDLE-PAPER",
            )  # fmt: skip
    for place in _broken_links(parts[TRAIL]):
        report.fault(
            TRAIL, f"审计第 {place} 行与其哈希不符", f"audit row {place} is not what it hashes to",
            "BUNDLE-AUDIT",
        )  # fmt: skip


def _name_again(alert: Mapping[str, Any]) -> str:
    day = parse_day(alert["on"])
    assert day is not None
    subject = alert["subject"]
    return alert_id(Identity(alert["rule"], alert["uscc"], subject["kind"], subject["id"], day))


def _broken_links(rows: list[Mapping[str, Any]]) -> Iterator[int]:
    before: Mapping[str, Any] | None = None
    for row in rows:
        follows = before is not None and before["number"] + 1 == row["number"]
        is_bound = before is None or not follows or row["previous"] == before["hash"]
        if link_hash(row) != row["hash"] or not is_bound:
            yield row["number"]
        before = row
