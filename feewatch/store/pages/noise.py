"""How many alerts and matters each rule makes in each place, and what became of them."""

from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import within
from feewatch.store.tables.casework import alert, matter


def count_noise(tx: Connection, scope: Scope) -> list[Row[Any]]:
    """Rule, district, alerts, withdrawn and recovered ones, matters by fate; historic left out."""
    alerts = (
        select(
            alert.c.rule,
            alert.c.district,
            func.count().label("alerts"),
            func.count(alert.c.institution_id.distinct()).label("institutions"),
            _times(alert.c.status == "withdrawn").label("withdrawn"),
            _times(alert.c.recovered_on.is_not(None)).label("recovered"),
        )
        .where(within(scope, alert.c.district, alert.c.institution_id), alert.c.historic.is_(False))
        .group_by(alert.c.rule, alert.c.district)
        .subquery()
    )
    matters = (
        select(
            matter.c.rule,
            matter.c.district,
            func.count().label("matters"),
            _times(matter.c.status == "open").label("waiting"),
            _times(matter.c.status == "dismissed").label("dismissed"),
            _times(matter.c.status.in_(("in_case", "closed"))).label("taken_up"),
        )
        .where(
            within(scope, matter.c.district, matter.c.institution_id), matter.c.historic.is_(False)
        )
        .group_by(matter.c.rule, matter.c.district)
        .subquery()
    )
    same = (alerts.c.rule == matters.c.rule) & (alerts.c.district == matters.c.district)
    counted = [*alerts.c, *(c for c in matters.c if c.name not in ("rule", "district"))]
    order = alerts.c.rule, alerts.c.district
    return list(tx.execute(select(*counted).join_from(alerts, matters, same).order_by(*order)))


def _times(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
