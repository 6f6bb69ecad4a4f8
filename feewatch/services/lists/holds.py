"""暂缓: white places whose proof fails, as officers see them and decide."""

from typing import Any

from feewatch.bootstrap import App
from feewatch.credit.holds import OUTCOMES
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record
from feewatch.store.lists import holds


def list_holds(app: App, scope: Scope) -> list[Record]:
    """The holds that run in scope, those that are due first."""
    if scope.institution_id is not None:
        return []
    with app.database.reading() as tx:
        return holds.list_holds(tx, scope)


def decide_hold(app: App, uscc: str, outcome: str, *, actor: str, reason: str) -> Record:
    """Keep an institution on the white list though its proof fails, or let it leave.

    The next edition does as was said.

    Raises: InvalidInputError, NotFoundError, ConflictError, ForbiddenError.
    """
    require_reason(reason)
    if outcome not in OUTCOMES:
        raise InvalidInputError("HOLD-OUTCOME", "应为 keep 或 remove", "keep or remove is wanted")
    with app.database.transaction() as tx:
        row = holds.find_running(tx, uscc)
        if row is None:
            raise NotFoundError("HOLD-UNKNOWN", f"{uscc} 没有暂缓", f"{uscc} is not on hold")
        get_acting(tx, actor, CASEWORKERS, row["district"])
        holds.decide(tx, row["id"], outcome, reason, actor)
        detail = {"reason": reason, "since": format_day(row["since"])}
        audit.record(tx, actor=actor, action=f"hold.{outcome}", object=uscc, detail=detail)
    return row


def hold_json(row: Record) -> dict[str, Any]:
    """A hold under stable keys."""
    return {
        **{name: row[name] for name in ("uscc", "name", "district", "lines", "outcome", "reason")},
        "since": format_day(row["since"]),
        "due": format_day(row["due"]),
    }
