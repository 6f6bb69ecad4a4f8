"""Days that have not come: refused but for an administrator's word, and a wrong one taken back.

A check of a day to come ends alerts that stand and lets no true day change anything any more; a
clock that ran ahead once does the same.
"""

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import SYSTEM
from feewatch.kernel.text import Text
from feewatch.services.check.checking import CheckReport
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import undoing
from feewatch.store.check import checks

_TAKEN_BACK = Text(
    "撤回截止日晚于当日的检查：{reason}", "a check of a day to come was taken back: {reason}"
)


def require_past(app: App, as_of: Day, *, act: str, forced_by: str | None) -> None:
    """Nothing for a day that has come, or where an administrator wants another one, on record.

    Raises: InvalidInputError; ForbiddenError where who wants it is no administrator.
    """
    if as_of <= today():
        return
    if forced_by is None:
        day, now = format_day(as_of), format_day(today())
        raise InvalidInputError(
            "AS-OF-FUTURE",
            f"截止日 {day} 晚于今天 {now}；确有必要时由管理员以 --as 和 --force 办理",
            f"{day} is after today, {now}; an administrator may insist with --as and --force",
        )
    with app.database.transaction() as tx:
        get_acting(tx, forced_by, SYSTEM)
        audit.record(tx, forced_by, f"{act}.force", format_day(as_of))


def take_back(app: App, *, actor: str, reason: str) -> CheckReport:
    """Let the checks of days to come count no more, and check every institution as of today.

    Their alerts end, those that they ended and that stand today are back.

    Raises: ForbiddenError, InvalidInputError; ConflictError where there is no such check.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, SYSTEM)
        days = checks.take_back_after(tx, today(), timestamp())
        if not days:
            raise ConflictError(
                "CHECK-FUTURE-NONE",
                "没有截止日晚于今天的检查",
                "no check of a day after today is on file",
            )
        word = _TAKEN_BACK.fill(reason=reason).both()
        undoing.undo_after(tx, today(), actor=actor, at=timestamp(), reason=word)
        shown = [format_day(day) for day in days]
        audit.record(tx, actor, "check.take_back", shown[-1], days=shown, reason=reason)
    return check_and_keep(app, today(), full=True)
