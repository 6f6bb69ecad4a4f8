"""The evidence of an alert with what stands there, the same for the command line and the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from feewatch.kernel.days import iso_or_none
from feewatch.store.cases import evidence
from feewatch.store.database import Record, Transaction

_DAYS = ("_on", "_day", "_until", "_from", "deadline")


def read_evidence(
    tx: Transaction, alert: Record, sources: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each source with ``rows`` of a bank file (else its statements) or ``row`` of a register.

    Days are ISO, money fen, accounts unmasked; ``row`` is None where the register no longer has it.
    """
    whose = evidence.Whose(alert["institution_id"], alert["on_day"])
    entries = evidence.find_entries(tx, whose, sources)
    at = {(each["file_sha256"], each.get("line", 0)) for each in sources if "file_sha256" in each}
    statements = evidence.find_statements(tx, whose, {sha for sha, _ in at - {*entries}})
    records = evidence.find_records(tx, whose, sources)

    def read(source: Mapping[str, Any]) -> dict[str, Any]:
        if "file_sha256" in source:
            sha256 = source["file_sha256"]
            rows = entries.get((sha256, source.get("line", 0))) or statements.get(sha256, [])
            return {**source, "rows": [_told(each) for each in rows]}
        row = records.get((source["record"], str(source["id"])))
        return {**source, "row": None if row is None else _told(row)}

    return [read(each) for each in sources]


def _told(row: Record) -> dict[str, Any]:
    """A row under its names; where it stands and by which key is said by its source."""
    return {
        name: iso_or_none(value) if name.endswith(_DAYS) else value
        for name, value in row.items()
        if name not in ("key", "file_sha256", "line")
    }
