"""Which edition of a district was the newest that verified here: going back to an older shows."""

import json
from typing import Any, NamedTuple

from feewatch.config import Config
from feewatch.publication.signing import PublicKeys
from feewatch.publication.verification import Report

_FOLDER = "verified"


class SeenEdition(NamedTuple):
    """The newest edition that verified, and the keys by which its office is known."""

    number: int
    sha256: str
    key_ids: list[str]


def remember(config: Config, report: Report, keys: PublicKeys) -> None:
    """Hold an edition against the newest one seen of its office and district, and keep the newer.

    An office is known by its keys: one that shares none with what was seen is another office.
    """
    path = config.var / _FOLDER / f"{report.district}.json"
    seen = [SeenEdition(**row) for row in _read(path)]
    same = [known for known in seen if not keys.keys().isdisjoint(known.key_ids)]
    newest = max(same, default=None)
    if newest is not None:
        _judge(report, newest)
    if not report.is_good or (newest is not None and newest.number >= report.number):
        return
    latest = SeenEdition(report.number, report.sha256, sorted(keys))
    kept = [known for known in seen if known not in same]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}")
    building.write_text(json.dumps([row._asdict() for row in [*kept, latest]]), encoding="utf-8")
    building.replace(path)


def _judge(report: Report, newest: SeenEdition) -> None:
    if report.number == newest.number and report.sha256 != newest.sha256:
        report.fault(
            report.district,
            f"此前核验过的第 {newest.number} 期是另一版：同一期号签发了两版",
            f"edition {newest.number} verified here before was another: two under one number",
            "VERIFY-FORK",
        )
    elif report.number < newest.number:
        zh = f"此前已核验过第 {newest.number} 期，这是更早的第 {report.number} 期"
        en = f"edition {newest.number} was verified here before; this is {report.number}"
        if report.as_of is None:
            report.note(zh, en)
        else:
            report.fault(report.district, zh, en, "VERIFY-ROLLBACK")


def _read(path: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return rows
