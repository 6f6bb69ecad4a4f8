"""The JSON forms of casework, as the contract names their keys."""

from collections.abc import Mapping
from typing import Any

from feewatch.casework.proposals import mark_json
from feewatch.engine.findings import Breach
from feewatch.kernel.days import iso_or_none


def frozen(breach: Breach) -> dict[str, Any]:
    """The words, law and evidence of a breach as an alert keeps them for ever."""
    return {
        "title": breach.title._asdict(),
        "calculation": breach.calculation._asdict(),
        "basis": [citation.as_json() for citation in breach.basis],
        "evidence": list(breach.evidence),
        "cure": breach.cure._asdict(),
        "jurisdiction": breach.jurisdiction,
        "values": list(breach.values),
        "reading": breach.reading._asdict(),
        "would_apply": [citation.as_json() for citation in breach.would_apply],
    }


def numbers(breach: Breach) -> dict[str, Any]:
    """The numbers of a breach, as an event that adds to an alert records them."""
    return {
        "rule_version": breach.rule_version,
        "measured": breach.measured,
        "limit": breach.limit,
        "unit": breach.unit,
        "severity": breach.severity,
        "calculation": breach.calculation._asdict(),
        "evidence": list(breach.evidence),
    }


def alert_json(row: Mapping[Any, Any], waiting: Mapping[str, list[int]]) -> dict[str, Any]:
    """An alert, from a row of the alert table, under the contract's keys.

    ``waiting``: the open proposals with which alerts wait, by alert.
    """
    words = row["frozen"]
    return {
        "id": row["id"],
        "rule": row["rule"],
        "rule_version": row["rule_version"],
        "authority": row["authority"],
        "uscc": row["uscc"],
        "institution": row["institution_name"],
        "district": row["district"],
        "department": row["department"],
        "subject": {"kind": row["subject_kind"], "id": row["subject_id"]},
        "on": iso_or_none(row["on_day"]),
        "outcome": "breach",
        "measured": row["measured"],
        "limit": row["limit_value"],
        "unit": row["unit"],
        "severity": row["severity"],
        "calculation": words["calculation"],
        "basis": words["basis"],
        "would_apply": words.get("would_apply", []),
        "evidence": words["evidence"],
        "cure": words["cure"],
        "status": row["status"],
        "historic": row["historic"],
        "opened_at": row["opened_at"],
        "recovered_on": iso_or_none(row["recovered_on"]),
        "held_on": iso_or_none(row["held_on"]),
        "withdrawn_reason": row["withdrawn_reason"],
        "correction": mark_json(waiting.get(row["id"], [])),
    }
