"""What goes into a case's bundle of evidence: read in the transaction that hands the case over."""

from collections.abc import Mapping, Sequence
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.forms import alert_json
from feewatch.casework.papers import PAPERS
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day, iso_or_none
from feewatch.publication import bundle
from feewatch.publication.links import LINKED
from feewatch.publication.signing import canonical
from feewatch.publication.templating import TEMPLATES
from feewatch.services.cases.evidence import read_evidence
from feewatch.services.cases.papers import get_document
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.keys import get_signing_key
from feewatch.store import trail
from feewatch.store.cases import alerts as stored_alerts
from feewatch.store.cases import cases, papers
from feewatch.store.database import Record, Transaction

_MATTER = (
    "id", "rule", "cause", "severity", "authority", "department", "alerts", "sum_fen", "opened_at",
)  # fmt: skip
_EVENT = ("at", "actor", "step", "from_state", "to_state", "reason")


def pack_evidence(
    app: App,
    tx: Transaction,
    case: Mapping[str, Any],
    matters: Sequence[Record],
    letter: Record,
    to: str | None,
) -> bytes:
    """The signed bundle of a case: the same record gives the same bytes.

    The trail's rows are those that were linked when it was made: the act itself is not among them.
    """
    members = [
        row
        for row in stored_alerts.list_members(tx, [each["id"] for each in matters])
        if row["status"] not in ("withdrawn", "dismissed")
    ]
    alerts = [alert_json(row, {}) | {"title": row["frozen"]["title"]} for row in members]
    evidence = [
        {"alert": row["id"], "source": source, **_rest(told, source)}
        for row in members
        for source, told in zip(
            row["frozen"]["evidence"],
            read_evidence(tx, row, row["frozen"]["evidence"]),
            strict=True,
        )
    ]
    made = papers.list_of_case(tx, case["id"])
    listed = [
        {
            "number": row["number"], "title": PAPERS[row["kind"]].title.zh, "kind": row["kind"],
            "sha256": row["sha256"], "file": f"papers/{n}.docx",
        }
        for n, row in enumerate(made, 1)
    ]  # fmt: skip
    numbers = [case["number"], *(row["number"] for row in made)]
    parts: dict[str, Any] = {
        bundle.CASE: _case(tx, case, matters),
        bundle.ALERTS: alerts,
        bundle.EVIDENCE: evidence,
        bundle.PAPERS: listed,
        bundle.TRAIL: [_link(row) for row in trail.list_about(tx, numbers)],
    }
    content = letter["content"]["fields"]
    head = {
        "office": app.config.office.name, "district": case["district"], "case": case["number"],
        "transfer": letter["number"], "issued_on": format_day(today()),
        "from": case["department"], "to": to or "", "unit": letter["content"]["recipient"],
        "uscc": case["uscc"], "institution": content["institution"],
        "rule_book": rule_book(app).version,
    }  # fmt: skip
    files = {name: canonical(part) for name, part in parts.items()}
    files |= {each["file"]: get_document(app, row) for each, row in zip(listed, made, strict=True)}
    files[bundle.PAGE] = (
        TEMPLATES.get_template("bundle.html")
        .render(head=head, alerts=alerts, evidence=evidence, papers=listed, case=parts[bundle.CASE])
        .encode()
    )
    return bundle.build_bundle(head, files, get_signing_key(app))


def _rest(told: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at a source, without the words by which it is found."""
    return {name: value for name, value in told.items() if name not in source}


def _case(tx: Transaction, case: Mapping[str, Any], matters: Sequence[Record]) -> dict[str, Any]:
    return {
        "number": case["number"], "uscc": case["uscc"], "district": case["district"],
        "department": case["department"], "state": case["state"], "severity": case["severity"],
        "opened_at": case["opened_at"], "deadline": iso_or_none(case["deadline"]),
        "matters": [
            {name: row[name] for name in _MATTER}
            | {"from": format_day(row["first_day"]), "to": format_day(row["last_day"])}
            for row in matters
        ],
        "events": [
            {name: row[name] for name in _EVENT}
            for row in cases.list_case_events(tx, case["id"])
        ],
    }  # fmt: skip


def _link(row: Record) -> dict[str, Any]:
    return {name: row[name] for name in (*LINKED, "number", "previous", "hash")}
