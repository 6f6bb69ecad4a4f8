"""Who may look into the audit trail, and what they are shown of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import AUDITORS
from feewatch.services.audit import last_proof
from feewatch.services.audit.last_proof import ChainState
from feewatch.services.audit.reads import count_waiting
from feewatch.services.paging import Page, slice_of
from feewatch.services.people.acting import get_acting
from feewatch.store import trail


class ValueChange(NamedTuple):
    """What an act changed of one thing, as it was and as it is."""

    name: str
    before: Any
    after: Any


class ShownAct(NamedTuple):
    """One row, with what it changed apart from the rest of what it says."""

    row: Mapping[str, Any]
    changes: list[ValueChange]
    rest: dict[str, Any]


def require_auditor(app: App, name: str | None) -> None:
    """Nothing for the operator, who names nobody, and for who may see the trail of the office.

    Raises: ForbiddenError.
    """
    if name is not None:
        with app.database.reading() as tx:
            get_acting(tx, name, AUDITORS, app.config.office.district)


def list_acts(app: App, name: str, wanted: trail.WantedActs, number: int) -> Page:
    """A page of what is wanted, newest first.

    Raises: ForbiddenError.
    """
    require_auditor(app, name)
    limit, offset = slice_of(number)
    with app.database.reading() as tx:
        rows = trail.list_rows(tx, wanted, offset, limit)
        return Page(rows, trail.count_rows(tx, wanted), number, limit)


def list_actions(app: App) -> list[str]:
    """The acts that are on record, by name."""
    with app.database.reading() as tx:
        return trail.list_actions(tx)


def read_state(app: App, name: str) -> ChainState:
    """When the chain was last proven, and whether what came since follows it.

    Raises: ForbiddenError.
    """
    require_auditor(app, name)
    return replace(last_proof.look(app), waiting=count_waiting(app))


def get_act(app: App, name: str, number: int) -> ShownAct:
    """One row by its number in the chain.

    Raises: ForbiddenError, NotFoundError.
    """
    require_auditor(app, name)
    with app.database.reading() as tx:
        row = trail.find_row(tx, number)
    if row is None:
        raise NotFoundError("AUDIT-UNKNOWN", f"没有审计第 {number} 行", f"no audit row {number}")
    detail = dict(row["detail"])
    before, after = detail.pop("before", None), detail.pop("after", None)
    return ShownAct({**row}, _changes(before, after), detail)


def _changes(before: Any, after: Any) -> list[ValueChange]:
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        names = [*old, *(name for name in new if name not in old)]
        return [ValueChange(name, old.get(name), new.get(name)) for name in names]
    return [] if before is None and after is None else [ValueChange("", before, after)]
