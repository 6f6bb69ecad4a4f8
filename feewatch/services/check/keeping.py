"""Keeps with a check where each institution stands, so that no page works it out by itself."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.aside import Aside
from feewatch.kernel.days import Day
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.kernel.text import Text
from feewatch.services.check import early_warning
from feewatch.services.check.checking import CheckReport, run_check
from feewatch.services.check.early_warning import CoverStanding, EarlyWarning
from feewatch.services.check.grouping import group_institutions, usual_load
from feewatch.store.check import standings_kept
from feewatch.store.database import Transaction
from feewatch.store.pages.scope import list_within

#: As many standings as are written in one transaction.
AT_ONCE = 500


def check_and_keep(
    app: App,
    as_of: Day,
    *,
    uscc: str | None = None,
    full: bool = False,
    within: Scope = NATIONWIDE,
) -> CheckReport:
    """A check, and with it the standing of every institution of the office.

    What the check before kept is read until this one ends.

    Raises: as ``run_check``.
    """
    return run_check(app, as_of, uscc=uscc, full=full, within=within, before_end=write_standings)


def write_standings(
    app: App, run: int, as_of: Day, aside: Aside, *, at_once: int = AT_ONCE
) -> Callable[[Transaction], object]:
    """Write where every institution stands, for nobody yet; what lets it be read from then on.

    Worked out group by group and written some at a time, so that nobody waits for all.
    """
    with app.database.transaction() as tx:
        standings_kept.begin(tx, run)
    with app.database.reading() as tx:
        everybody = list_within(tx, Scope(), as_of)
        groups = group_institutions(tx, everybody, usual_load(app.database))
    written: list[int] = []
    for group in app.database.unhurried(groups):
        read = partial(early_warning.read_standings, app, group.institutions, as_of)
        rows = [_row(standing, as_of) for standing in aside.do(read)]
        for start in range(0, len(rows), at_once):
            with app.database.transaction() as tx:
                standings_kept.put(tx, run, rows[start : start + at_once])
        written += (standing["institution_id"] for standing in rows)
    return lambda tx: standings_kept.end(tx, run, written)


def _row(standing: CoverStanding, as_of: Day) -> dict[str, Any]:
    return {
        "institution_id": standing.institution_id,
        "as_of": as_of,
        "uscc": standing.uscc,
        "district": standing.district,
        "standing": asdict(standing),
    }


def read_kept(app: App, scope: Scope) -> EarlyWarning | None:
    """The early warning as the last check kept it; None where it kept nothing."""
    with app.database.reading() as tx:
        rows = standings_kept.list_kept(tx, scope)
    if not rows:
        return None
    standings = [_standing(row.standing) for row in rows]
    return early_warning.arrange(rows[0].as_of, early_warning.WINDOW_DAYS, standings)


def read_warning(
    app: App, scope: Scope, as_of: Day | None = None, window_days: int | None = None
) -> EarlyWarning:
    """The early warning as kept; worked out anew only for another day or window, or without one.

    Raises: as ``early_warning.read_early_warning``.
    """
    window = early_warning.WINDOW_DAYS if window_days is None else window_days
    if window == early_warning.WINDOW_DAYS:
        kept = read_kept(app, scope)
        if kept is not None and as_of in (None, kept.as_of):
            return kept
    return early_warning.read_early_warning(app, scope, as_of, window)


def _standing(kept: dict[str, object]) -> CoverStanding:
    reason = kept["reason"]
    words = Text(*reason) if isinstance(reason, list) else None
    return CoverStanding(**(kept | {"reason": words}))  # type: ignore[arg-type]
