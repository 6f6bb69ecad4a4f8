"""Undoes what checks of days to come did to alerts; the events stay, and say what was undone."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, insert, select, update

from feewatch.casework.states import WITHDRAWN, may
from feewatch.kernel.days import Day
from feewatch.store.cases import matters
from feewatch.store.tables.casework import alert, alert_event


def undo_after(tx: Connection, day: Day, *, actor: str, at: str, reason: str) -> int:
    """Alerts as they were after the last check up to a day; how many were changed.

    One that opened later is withdrawn, one that ended later stands again, a severity that rose
    later is what it was. A check of the day itself says what holds now.
    """
    later: defaultdict[str, list[Any]] = defaultdict(list)
    events = select(alert_event).where(alert_event.c.as_of > day).order_by(alert_event.c.id)
    for event in tx.execute(events):
        later[event.alert_id].append(event)
    changed = select(alert_event.c.alert_id).where(alert_event.c.as_of > day)
    known = {row.id: row for row in tx.execute(select(alert).where(alert.c.id.in_(changed)))}
    touched = set()
    for identifier, row in known.items():
        values = _undone(row, later[identifier], day, reason)
        change = "withdrawn" if values.get("status") == WITHDRAWN else "taken_back"
        tx.execute(update(alert).where(alert.c.id == identifier).values(**values))
        tx.execute(
            insert(alert_event).values(
                alert_id=identifier, at=at, as_of=day, actor=actor, change=change, reason=reason,
                detail={"undone": [each.change for each in later[identifier]]},
            )
        )  # fmt: skip
        touched.add(row.matter_id)
    matters.refresh(tx, touched)
    return len(known)


def _undone(row: Any, events: list[Any], day: Day, reason: str) -> dict[str, Any]:
    values: dict[str, Any] = {"held_on": None}
    if row.recovered_on is not None and row.recovered_on > day:
        values["recovered_on"] = None
    raised = [each for each in events if "was" in each.detail]
    if raised:
        values["severity"] = raised[0].detail["was"]
    if row.opened_as_of > day and may("withdraw", row.status):
        values |= {"status": WITHDRAWN, "withdrawn_reason": reason}
    return values
