"""The audit trail: who did what, when. Rows are added and never changed."""

from typing import Any

from sqlalchemy import Connection, insert

from feewatch.kernel.clock import timestamp
from feewatch.store.tables.operations import audit


def record(
    tx: Connection,
    actor: str,
    action: str,
    object: str,  # noqa: A002 - the column's name
    detail: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Put one act on record, in the transaction of the act itself.

    Detail and further facts hold no secrets and no personal data.
    """
    tx.execute(
        insert(audit).values(
            at=timestamp(),
            actor=actor,
            action=action,
            object=object,
            detail=(detail or {}) | facts,
        )
    )
