"""What the machine does to an installation: a clock that jumps, a file taken away, litter of kills.

Said by the doctor, the check and the scheduler; nothing here changes what is on record.
"""

import datetime as dt
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, shown
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.text import Text
from feewatch.publication.folder import sweep_unfinished
from feewatch.store.jobs import find_latest_moment
from feewatch.store.opened import list_holders_of_deleted

#: So far ahead a moment on record may lie: clocks of two machines are never quite the same.
_SLACK = dt.timedelta(minutes=5)
#: An unfinished file that nobody wrote to for so long has no writer any more.
_DEAD_AFTER = dt.timedelta(hours=1)


def find_clock_complaint(app: App) -> Complaint | None:
    """That what is on record lies in the future, by which the clock ran ahead or is behind now."""
    moment = now()
    with app.database.reading() as tx:
        latest = find_latest_moment(tx)
    if latest is None or latest <= moment + _SLACK:
        return None
    ahead, present = shown(latest), shown(moment)
    text = Text(
        f"记录中最晚的时刻 {ahead} 晚于现在 {present}：时钟曾经走快，或现在走慢",
        f"the latest moment on record, {ahead}, lies after now, {present}: the clock ran ahead "
        "once, or is behind now",
    )
    cure = Text(
        "校准时钟（NTP）；此间误做的检查用 feewatch check --take-back 撤回",
        "set the clock (NTP); checks of days to come are undone by feewatch check --take-back",
    )
    return Complaint("clock", text, cure)


def list_machine_complaints(app: App) -> list[Complaint]:
    """What is wrong with the clock, and processes that hold a database that was deleted."""
    clock = find_clock_complaint(app)
    complaints = [] if clock is None else [clock]
    if app.database.is_sqlite:
        holders = list_holders_of_deleted(Path(app.database.place).resolve())
        complaints += [_of_holder(app, number) for number in holders]
    return complaints


def sweep_litter(app: App) -> int:
    """How many unfinished files of processes that are no more were taken away."""
    oldest = (now() - _DEAD_AFTER).timestamp()
    swept = sum(sweep_unfinished(place) for place in _districts(app))
    for path in app.files.glob(".*") if app.files.is_dir() else ():
        try:
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < oldest:
                path.unlink()
                swept += 1
        except FileNotFoundError:  # its writer lives and has just finished it
            continue
    return swept


def _districts(app: App) -> list[Path]:
    root = app.editions
    return [root, *(each for each in root.iterdir() if each.is_dir())] if root.is_dir() else []


def _of_holder(app: App, number: int) -> Complaint:
    place = app.database.place
    return Complaint(
        "database",
        Text(
            f"进程 {number} 打开的 {place} 已被删除或替换，它写不进现在的数据库",
            f"process {number} opened a {place} that was deleted or replaced since",
        ),
        Text("重启该进程", "restart that process"),
    )
