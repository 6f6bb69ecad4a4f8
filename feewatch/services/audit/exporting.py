"""Gives the audit trail out: JSON lines, or syslog after RFC 5424 for a collector of logs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.days import Day, format_day
from feewatch.store import audit, trail

FORMATS = ("jsonl", "syslog")
#: Facility 13 (log audit), by severity: 4 for what was refused or failed, 5 for the rest.
_WARNING, _NOTICE = 13 * 8 + 4, 13 * 8 + 5
_COLUMNS = (
    "number", "at", "actor", "action", "object", "way", "origin", "detail", "covers", "previous",
    "hash",
)  # fmt: skip
#: No number of an enterprise is registered for feewatch: this one is set aside for examples.
_DATA = "feewatch@32473"


def wanted_days(first: Day | None, last: Day | None) -> trail.WantedActs:
    """The rows of these days, both included; None: from the begin, to the end."""
    return trail.WantedActs(
        first="" if first is None else format_day(first),
        last="" if last is None else format_day(last),
    )


def export(app: App, wanted: trail.WantedActs, form: str, *, actor: str) -> Iterator[str]:
    """The lines of the trail, oldest first; that it was given out is on record before."""
    asked = {name: value for name, value in wanted._asdict().items() if value}
    with app.database.transaction() as tx:
        audit.record(tx, actor, "audit.export", form, asked)
    write = syslog_line if form == "syslog" else json_line
    with app.database.reading() as tx:
        for row in trail.stream_rows(tx, wanted):
            yield write({**row})


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON, in which all stands that its hash is made of."""
    return json.dumps({name: row[name] for name in _COLUMNS}, ensure_ascii=False)


def syslog_line(row: Mapping[str, Any]) -> str:
    """A row as one message of RFC 5424; its detail is the text, as JSON."""
    is_refusal = row["action"].endswith((".failed", ".refused"))
    named = {
        "number": row["number"], "actor": row["actor"], "object": row["object"],
        "way": row["way"], "origin": row["origin"], "hash": row["hash"],
    }  # fmt: skip
    data = " ".join(f'{key}="{_escaped(value)}"' for key, value in named.items() if value)
    text = json.dumps(row["detail"], ensure_ascii=False)
    priority = _WARNING if is_refusal else _NOTICE
    return (
        f"<{priority}>1 {row['at']} - feewatch - {row['action'][:32]} [{_DATA} {data}] \ufeff{text}"
    )


def _escaped(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    return "".join(letter if letter.isprintable() else " " for letter in text)
