"""暂缓: white places whose proof fails, as officers see them and decide."""

from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.holds import OUTCOMES
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.services.people import countersigning
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.check import checks
from feewatch.store.database import Record
from feewatch.store.lists import holds


def list_holds(app: App, scope: Scope) -> list[Record]:
    """The holds that run in scope, those that are due first."""
    if scope.institution_id is not None:
        return []
    with app.database.reading() as tx:
        return holds.list_holds(tx, scope)


class Decided(NamedTuple):
    """A hold on which an officer decided, or has asked another to confirm it."""

    row: Record
    waits: int | None  # the number under which it waits


def decide_hold(app: App, uscc: str, outcome: str, *, actor: str, reason: str) -> Decided:
    """Keep an institution on the white list though its proof fails, or let it leave.

    The next edition does as was said; keeping may want a second officer, leaving never does.

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
        institution = checks.find_institution(tx, uscc)
        if outcome == "keep" and institution is not None and countersigning.is_wanted(app, tx):
            if row["outcome"] is not None:
                raise holds.decided_before()
            content = {"hold": row["id"], "lines": row["lines"], "due": format_day(row["due"])}
            number = countersigning.ask(
                tx, "hold", uscc, institution, content, actor=actor, reason=reason
            )
            return Decided(row, number)
        holds.decide(tx, row["id"], outcome, reason, actor)
        detail = {"reason": reason, "since": format_day(row["since"])}
        audit.record(tx, actor=actor, action=f"hold.{outcome}", object=uscc, detail=detail)
    return Decided(row, None)


def hold_json(row: Record) -> dict[str, Any]:
    """A hold under stable keys."""
    return {
        **{name: row[name] for name in ("uscc", "name", "district", "lines", "outcome", "reason")},
        "since": format_day(row["since"]),
        "due": format_day(row["due"]),
    }
