"""Keeps with a check where each institution stands, so that no page works it out by itself."""

from dataclasses import asdict

from feewatch.bootstrap import App
from feewatch.kernel.aside import giving_way
from feewatch.kernel.days import Day
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.kernel.text import Text
from feewatch.services.check import early_warning
from feewatch.services.check.checking import CheckReport, patient, run_check, steps_of
from feewatch.services.check.early_warning import CoverStanding, EarlyWarning
from feewatch.store.check import standings_kept

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

    Raises: as ``run_check``.
    """
    report = run_check(app, as_of, uscc=uscc, full=full, within=within)
    keep_standings(app, full=full)
    return report


def keep_standings(app: App, *, at_once: int = AT_ONCE, full: bool = False) -> None:
    """Keep where every institution stands as of the last check.

    Written some at a time, so that no other writer waits for all; read once all are there.
    ``full``: after a full check, which gives way to people.
    """
    app = patient(app, full=full)
    with giving_way(steps_of(app, full=full)) as aside:
        warning = aside.do(lambda: early_warning.read_early_warning(app, Scope()))
    with app.database.transaction() as tx:
        run = standings_kept.latest_run(tx)
        if run is None:
            return
        standings_kept.begin(tx, run)
    for start in range(0, len(warning.institutions), at_once):
        group = warning.institutions[start : start + at_once]
        rows = [_row(standing, warning.as_of) for standing in group]
        with app.database.transaction() as tx:
            standings_kept.put(tx, run, rows)
    with app.database.transaction() as tx:
        standings_kept.end(tx, run, [each.institution_id for each in warning.institutions])


def _row(standing: CoverStanding, as_of: Day) -> dict[str, object]:
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
