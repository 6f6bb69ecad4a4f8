"""Alerts as people and scripts read them: lists, and one alert explained down to bank rows."""

from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.forms import alert_json
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.masking import mask_account
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.services.cases.evidence import read_evidence
from feewatch.store.cases import alerts, matters
from feewatch.store.database import Record
from feewatch.store.registers import proposals


def list_alerts(
    app: App,
    *,
    status: str | None,
    rule: str | None,
    uscc: str | None,
    scope: Scope = NATIONWIDE,
) -> list[dict[str, Any]]:
    """Alerts of a scope under the contract's keys, in a stable order."""
    with app.database.reading() as tx:
        rows = alerts.list_alerts(
            tx, status=status, rule=rule, uscc=uscc,
            district=scope.district, institution_id=scope.institution_id,
            department=scope.department,
        )  # fmt: skip
        waiting = proposals.list_alerts_waiting(tx)
        return [alert_json(row, waiting) for row in rows]


def explain(app: App, identifier: str, scope: Scope = NATIONWIDE) -> dict[str, Any]:
    """One alert with its title, matter, case, history and the rows behind it, accounts masked.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        row = alerts.get_alert(tx, identifier)
        if not scope.sees_case(row):
            raise alerts.unknown_alert(identifier)
        matter = matters.find_matter(tx, row["matter_id"])
        shown = alert_json(row, proposals.list_alerts_waiting(tx))
        return {
            **shown,
            "title": row["frozen"]["title"],
            # alerts frozen before these were kept have none, and are given none of today's
            **{name: row["frozen"].get(name) for name in ("jurisdiction", "values", "reading")},
            "matter": f"M{row['matter_id']}",
            "case": matter["case_number"] if matter else None,
            "history": [_event(event) for event in alerts.list_events(tx, identifier)],
            "evidence_rows": [_masked(each) for each in read_evidence(tx, row, shown["evidence"])],
        }


def _event(row: Record) -> dict[str, Any]:
    names = ("at", "actor", "change", "reason", "detail")
    return {name: row[name] for name in names} | {"as_of": iso_or_none(row["as_of"])}


def _masked(source: dict[str, Any]) -> dict[str, Any]:
    """A source of evidence whose bank rows show no account number."""
    if "rows" not in source:
        return source
    return source | {
        "rows": [
            row
            | {
                name: mask_account(row[name])
                for name in ("account_no", "counterparty_account")
                if row.get(name)
            }
            for row in source["rows"]
        ]
    }
