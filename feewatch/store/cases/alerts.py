"""Alerts in the database: the lists people read, one alert with its history, moves with a case."""

from collections.abc import Collection

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    insert,
    select,
    update,
)

from feewatch.casework.states import MOVES
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import NotFoundError
from feewatch.store.cases.reconciliation import (
    Counts,
    existing_identities,
    list_ending,
    reconcile,
)
from feewatch.store.scope import among, listed, within
from feewatch.store.tables.casework import alert, alert_event, matter

__all__ = [
    "Counts",
    "existing_identities",
    "find_alert",
    "get_alert",
    "list_alerts",
    "list_ending",
    "list_events",
    "list_members",
    "move_alerts",
    "move_members",
    "reconcile",
]


def list_alerts(
    tx: Connection,
    *,
    status: str | None = None,
    rule: str | None = None,
    uscc: str | None = None,
    district: str | None = None,
    institution_id: int | None = None,
    department: str | None = None,
    matter_ids: Collection[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[RowMapping]:
    """Alerts in the order of their day, rule, institution and subject.

    ``district`` is a place with all below it.
    """
    conditions = _conditions(status, rule, uscc, district, institution_id, department, matter_ids)
    query = select(alert).where(*conditions).order_by(*_ORDER).limit(limit).offset(offset)
    return list(tx.execute(query).mappings())


_ORDER = alert.c.on_day, alert.c.rule, alert.c.uscc, alert.c.subject_id, alert.c.id
_MEMBERS = select(alert).where(listed(alert.c.matter_id)).order_by(*_ORDER)


def list_members(tx: Connection, matter_ids: Collection[int]) -> list[RowMapping]:
    """The alerts of matters, in the same order."""
    return list(tx.execute(_MEMBERS, {"keys": sorted(set(matter_ids))}).mappings())


def find_alert(tx: Connection, identifier: str) -> RowMapping | None:
    """One alert."""
    return tx.execute(select(alert).where(alert.c.id == identifier)).mappings().one_or_none()


def get_alert(tx: Connection, identifier: str) -> RowMapping:
    """One alert.

    Raises: NotFoundError.
    """
    alert_row = find_alert(tx, identifier)
    if alert_row is None:
        raise unknown_alert(identifier)
    return alert_row


def unknown_alert(identifier: str) -> NotFoundError:
    """That there is no such alert, as far as the person may know."""
    return NotFoundError("ALERT-UNKNOWN", f"没有预警 {identifier}", f"no alert {identifier}")


def list_events(tx: Connection, identifier: str) -> list[RowMapping]:
    """The history of an alert, oldest first."""
    query = select(alert_event).where(alert_event.c.alert_id == identifier)
    return list(tx.execute(query.order_by(alert_event.c.id)).mappings())


def move_members(
    tx: Connection, matter_ids: Collection[int], move: str, *, actor: str, reason: str, case: str
) -> None:
    """Let matters, and those of their alerts that can, make a move of ``casework.states``."""
    from_statuses, to_status = MOVES[move]
    tx.execute(
        update(matter)
        .where(among(matter.c.id, matter_ids), matter.c.status.in_(from_statuses))
        .values(status=to_status)
    )
    move_alerts(tx, matter_ids, move, actor=actor, reason=reason, case=case)


def move_alerts(
    tx: Connection, matter_ids: Collection[int], move: str, *, actor: str, reason: str, case: str
) -> None:
    """The same for the alerts alone of matters that were moved already."""
    from_statuses, to_status = MOVES[move]
    binds = {"keys": sorted(set(matter_ids)), "statuses": from_statuses, "to_status": to_status}
    moving = sorted(tx.scalars(_MOVE, binds))
    moment = timestamp()
    events = [
        {
            "alert_id": identifier,
            "at": moment,
            "as_of": None,
            "actor": actor,
            "change": "status",
            "reason": reason,
            "detail": {"status": to_status, "case": case},
        }
        for identifier in moving
    ]
    if events:
        tx.execute(_ADD_EVENTS, events)


_MOVE = (
    update(alert)
    .where(listed(alert.c.matter_id), alert.c.status.in_(bindparam("statuses", expanding=True)))
    .values(status=bindparam("to_status"))
    .returning(alert.c.id)
)
_ADD_EVENTS = insert(alert_event)


def _conditions(
    status: str | None,
    rule: str | None,
    uscc: str | None,
    district: str | None,
    institution_id: int | None,
    department: str | None,
    matter_ids: Collection[int] | None,
) -> list[ColumnElement[bool]]:
    equal = {
        alert.c.status: status,
        alert.c.rule: rule,
        alert.c.uscc: uscc,
        alert.c.institution_id: institution_id,
        alert.c.department: department,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if district is not None:
        conditions.append(within(alert.c.district, district))
    if matter_ids is not None:
        conditions.append(among(alert.c.matter_id, matter_ids))
    return conditions
