"""What an institution is shown of the matters of its case."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, select

from feewatch.casework.states import WITHDRAWN
from feewatch.engine.findings import SEVERITIES
from feewatch.store.scope import among
from feewatch.store.tables.casework import alert


def list_alerts_of(tx: Connection, matter_ids: Collection[int], most: int) -> Sequence[Row[Any]]:
    """The alerts of matters that were not withdrawn, the gravest and latest of each first."""
    rank = case({name: rank for rank, name in enumerate(SEVERITIES)}, value=alert.c.severity)
    query = (
        select(alert)
        .where(among(alert.c.matter_id, matter_ids), alert.c.status != WITHDRAWN)
        .order_by(alert.c.matter_id, rank.desc(), alert.c.on_day.desc(), alert.c.id)
        .limit(most)
    )
    return tx.execute(query).all()
