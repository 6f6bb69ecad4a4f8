"""Cases as scripts read them: lists and one case with its matters, standing and history."""

from collections.abc import Sequence
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.people import Scope
from feewatch.services.people.users import scope_of
from feewatch.store.cases import cases, undertakings
from feewatch.store.cases.standings import read_standing
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.pages import cases as pages


def list_cases(
    app: App, person: str | None, *, state: str = "", overdue: bool = False, mine: bool = False
) -> list[dict[str, Any]]:
    """Cases within a person's scope, the nearest deadline first; all of them to the operator.

    Raises: ForbiddenError.
    """
    scope, day = scope_of(app, person), today()
    with app.database.reading() as tx:
        rows = pages.list_cases(tx, scope, day, state=state, limit=None)
        chosen = [
            row
            for row in rows
            if (not mine or row.owner == person) and (not overdue or _is_overdue(row, day))
        ]
        return [_head(row, day) for row in chosen]


def describe_case(app: App, person: str | None, number: str) -> dict[str, Any]:
    """One case with its matters, what the latest check says of each, and its history.

    Raises: NotFoundError, also outside the scope; ForbiddenError.
    """
    scope, day = scope_of(app, person), today()
    with app.database.reading() as tx:
        row = _find(tx, scope, number, day)
        standing = read_standing(tx, row.id)
        return _head(row, day) | {
            "opened_at": row.opened_at,
            "notified_by": row.notified_by,
            "escalated": row.escalated,
            "standing": standing.as_json(day),
            "matters": [
                {
                    "matter": f"M{each.id}",
                    "rule": each.rule,
                    "severity": each.severity,
                    "authority": each.authority,
                    "alerts": each.alerts,
                    "sum_fen": each.sum_fen,
                    "standing": standing.by_matter[each.id],
                }
                for each in pages.list_matters(tx, row.id)
            ],
            "undertakings": _undertakings(tx, row.id),
            "attachments": [
                {
                    "id": each.id,
                    "name": each.name,
                    "sha256": each.sha256,
                    "size": each.size,
                    "by_institution": each.by_institution,
                }
                for each in pages.list_attachments(tx, row.id, only_told=False)
            ],
            "history": [_event(each) for each in pages.list_events(tx, row.id)],
        }


def _find(tx: Transaction, scope: Scope, number: str, day: Day) -> PageRow:
    row = pages.find_case(tx, scope, number, day)
    if row is None:
        raise cases.unknown_case(number)
    return row


def _head(row: PageRow, day: Day) -> dict[str, Any]:
    return {
        "case": row.number,
        "state": row.state,
        "severity": row.severity,
        "uscc": row.uscc,
        "institution": row.name or row.uscc,
        "district": row.district,
        "owner": row.owner,
        "department": row.department,
        "deadline": iso_or_none(row.deadline),
        "deadline_provisional": row.deadline_provisional,
        "overdue": _is_overdue(row, day),
        "closed_on": iso_or_none(row.closed_on),
        "recheck_on": iso_or_none(row.recheck_on),
        "recurred_on": iso_or_none(row.recurred_on),
    }


def _is_overdue(row: PageRow, day: Day) -> bool:
    return row.state not in SETTLED and row.deadline is not None and row.deadline < day


def _undertakings(tx: Transaction, case_id: int) -> Sequence[dict[str, Any]]:
    rows = undertakings.list_of_case(tx, case_id)
    items = undertakings.list_items(tx, [row.id for row in rows])
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "text": row.text,
            "due_on": iso_or_none(row.due_on),
            "done_on": iso_or_none(row.done_on),
            "done_by": row.done_by,
            "of": len(items[row.id]) if row.id in items else 0,
            "done": sum(1 for item in items.get(row.id, ()) if item.done_on is not None),
        }
        for row in rows
    ]


def _event(row: PageRow) -> dict[str, Any]:
    names = ("at", "actor", "step", "from_state", "to_state", "reason", "standing", "detail")
    return {name: getattr(row, name) for name in names} | {"deadline": iso_or_none(row.deadline)}
