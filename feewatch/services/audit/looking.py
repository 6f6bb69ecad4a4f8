"""Who may look into the audit trail, and what they are shown of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import AUDITORS
from feewatch.services.paging import Page, slice_of
from feewatch.services.people.acting import get_acting
from feewatch.store import trail


class Looked(NamedTuple):
    """One page of the trail, and the acts that can be asked for."""

    page: Page
    actions: list[str]


class Change(NamedTuple):
    """What an act changed of one thing, as it was and as it is."""

    name: str
    before: Any
    after: Any


class Act(NamedTuple):
    """One row, with what it changed apart from the rest of what it says."""

    row: Mapping[str, Any]
    changes: list[Change]
    rest: dict[str, Any]


def require_auditor(app: App, name: str | None) -> None:
    """Nothing for the operator, who names nobody, and for who may see the trail of the office.

    Raises: ForbiddenError.
    """
    if name is not None:
        with app.database.reading() as tx:
            get_acting(tx, name, AUDITORS, app.config.office.district)


def list_acts(app: App, name: str, wanted: trail.Wanted, number: int) -> Looked:
    """A page of what is wanted, newest first.

    Raises: ForbiddenError.
    """
    require_auditor(app, name)
    limit, offset = slice_of(number)
    with app.database.reading() as tx:
        rows = trail.list_rows(tx, wanted, offset, limit)
        total = trail.count_rows(tx, wanted)
        return Looked(Page(rows, total, number, limit), trail.list_actions(tx))


def get_act(app: App, name: str, number: int) -> Act:
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
    return Act({**row}, _changes(before, after), detail)


def _changes(before: Any, after: Any) -> list[Change]:
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        names = [*old, *(name for name in new if name not in old)]
        return [Change(name, old.get(name), new.get(name)) for name in names]
    return [] if before is None and after is None else [Change("", before, after)]
