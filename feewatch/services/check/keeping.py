"""Keeps with a check where each institution stands, so that no page works it out by itself."""

from collections.abc import Callable, Collection
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
from feewatch.services.check.writing import Run
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
    app: App, run: Run, looked_at: Collection[int], aside: Aside, *, at_once: int = AT_ONCE
) -> Callable[[Transaction], object]:
    """Write where institutions stand now, for nobody yet; what lets it be read from then on.

    Worked out are those that the check looked at; all, where the check before was one of another
    day, by another rule book, or was broken off. Group by group, some written at a time, so that
    nobody waits for all; a standing that is what it was is not written.
    """
    with app.database.transaction() as tx:
        before = standings_kept.begin(tx, run.key)
    with app.database.reading() as tx:
        everybody = {*list_within(tx, Scope(), run.as_of)}
        known = standings_kept.list_known(tx)
        afresh = everybody
        if before and (before.as_of, before.rule_book) == (run.as_of, run.book.version):
            afresh = everybody & {*looked_at} | everybody - known
        groups = group_institutions(tx, afresh, usual_load(app.database))
    changed: list[int] = []
    for group in app.database.unhurried(groups):
        rows = aside.do(partial(_differing, app, group.institutions, run.as_of))
        for start in range(0, len(rows), at_once):
            with app.database.transaction() as tx:
                standings_kept.put(tx, run.key, rows[start : start + at_once])
        changed += (row["institution_id"] for row in rows)
    return lambda tx: standings_kept.end(tx, run.key, changed, known - everybody)


def _differing(app: App, institutions: Collection[int], as_of: Day) -> list[dict[str, Any]]:
    """The standings of these that are not what is kept of them."""
    with app.database.reading() as tx:
        kept = {_standing(row.standing) for row in standings_kept.list_of(tx, institutions)}
    standings = early_warning.read_standings(app, institutions, as_of)
    return [_row(standing) for standing in standings if standing not in kept]


def _row(standing: CoverStanding) -> dict[str, Any]:
    return {
        "institution_id": standing.institution_id,
        "uscc": standing.uscc,
        "district": standing.district,
        "standing": asdict(standing),
    }


def read_kept(app: App, scope: Scope) -> EarlyWarning | None:
    """The early warning as the last check kept it; None where it kept nothing."""
    with app.database.reading() as tx:
        kept = standings_kept.read_kept(tx, scope)
    if kept is None:
        return None
    standings = [_standing(row.standing) for row in kept.rows]
    return early_warning.arrange(kept.as_of, early_warning.WINDOW_DAYS, standings)


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
