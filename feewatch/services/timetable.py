"""The scheduler as its people see it: what each job did and will do, whether it lives, pauses."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, shown
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import SYSTEM
from feewatch.kernel.text import Text
from feewatch.schedule import Schedule
from feewatch.services.jobs import JOB_TITLES, MADE_UP, SCHEDULER_LEASE, read_schedules, stamp
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit, jobs, leases
from feewatch.store.jobs import EVERY_JOB, JobRun
from feewatch.store.pages import PageRow, PageRows

#: Who may pause all jobs or any; whoever publishes may pause publication alone.
PAUSERS = frozenset({"publisher"}) | SYSTEM
_OF_PUBLISHER = "publication"
#: So long after its due moment a job that nobody served is late, beside the office's own grace.
_SLACK = dt.timedelta(minutes=5)
#: Troubles of so long are shown.
_SHOWN = dt.timedelta(days=30)
#: As many of the next due moments as are shown.
_NEXT = 3


#: What a publication due on a day off does.
HOLIDAY_WAYS: dict[str, Text] = {
    "run": Text("休息日照常", "on days off, too"),
    "before": Text("休息日提前到上一个工作日", "from days off to the working day before"),
    "after": Text("休息日顺延到下一个工作日", "from days off to the next working day"),
}


@dataclass(frozen=True, slots=True)
class JobState:
    """One job: its schedule, its latest run, the next ones, whether it is paused or late."""

    job: str
    line: str
    when: Text  # the same in words
    on_holiday: str
    latest: JobRun | None
    next: tuple[dt.datetime, ...]
    beat_at: str | None  # when a scheduler last looked after it
    pause: PageRow | None
    overdue: dt.datetime | None  # the due moment that nobody served though it is late


@dataclass(frozen=True, slots=True)
class Timetable:
    """The scheduler at a moment."""

    lease: leases.LeaseState | None
    is_alive: bool
    jobs: list[JobState]
    troubles: list[JobRun]
    pauses: PageRows  # that run
    past_pauses: PageRows


def read_timetable(app: App) -> Timetable:
    """What the scheduler did, does and will do."""
    schedules, moment = read_schedules(app), now()
    with app.database.reading() as tx:
        lease = leases.find_lease(tx, SCHEDULER_LEASE)
        running = jobs.list_pauses(tx, running=True)
        latest, known = jobs.list_latest(tx), {row.job: row for row in jobs.list_known(tx)}
        settled = jobs.list_last_due(tx, stamp(moment))
        troubles = jobs.list_troubles(tx, stamp(moment - _SHOWN))
        past = jobs.list_pauses(tx, running=False)
    pauses = {row.job: row for row in running}
    states = [
        JobState(
            job,
            schedule.line,
            schedule.when,
            schedule.on_holiday,
            latest.get(job),
            _upcoming(schedule, moment),
            known[job].beat_at if job in known else None,
            pauses.get(job) or pauses.get(EVERY_JOB),
            _overdue(schedule, known.get(job), settled.get(job), moment),
        )
        for job, schedule in schedules.items()
    ]
    is_alive = lease is not None and dt.datetime.fromisoformat(lease.held_until) >= moment
    return Timetable(lease, is_alive, states, troubles, running, past)


def _overdue(
    schedule: Schedule, known: PageRow | None, settled: str | None, moment: dt.datetime
) -> dt.datetime | None:
    """The first due moment of a job that nobody served in time; only of a job that is known."""
    if known is None or known.line != schedule.name:
        return None
    last = max(known.known_since, settled or known.known_since)
    due = schedule.next(dt.datetime.fromisoformat(last))
    return due if due is not None and due < moment - _SLACK else None


def _upcoming(schedule: Schedule, moment: dt.datetime) -> tuple[dt.datetime, ...]:
    upcoming: list[dt.datetime] = []
    while len(upcoming) < _NEXT:
        due = schedule.next(upcoming[-1] if upcoming else moment)
        if due is None:
            break
        upcoming.append(due)
    return tuple(upcoming)


def list_pausable(role: str) -> list[str]:
    """The jobs that a role may pause; an empty name stands for all at once."""
    if role in SYSTEM:
        return [EVERY_JOB, *JOB_TITLES]
    return [_OF_PUBLISHER] if role in PAUSERS else []


def pause(app: App, job: str, *, actor: str, reason: str) -> None:
    """Let a job, or with an empty name all, not be begun until it is resumed.

    Raises: ForbiddenError, InvalidInputError, ConflictError where it is paused already.
    """
    _change(app, job, "pause", actor, reason)


def resume(app: App, job: str, *, actor: str, reason: str) -> None:
    """Let a job, or with an empty name all, be begun again; what was due meanwhile is made up.

    Raises: ForbiddenError, InvalidInputError, ConflictError where it is not paused.
    """
    _change(app, job, "resume", actor, reason)


def _change(app: App, job: str, change: str, actor: str, reason: str) -> None:
    require_reason(reason)
    if job not in JOB_TITLES and job != EVERY_JOB:
        raise InvalidInputError("JOB-UNKNOWN", f"没有任务 {job}", f"no job {job}", field="job")
    roles = {role for role in PAUSERS if job in list_pausable(role)}
    turn = jobs.begin_pause if change == "pause" else jobs.end_pause
    with app.database.transaction() as tx:
        get_acting(tx, actor, roles, app.config.office.district)
        if not turn(tx, job, actor, reason):
            raise ConflictError(
                "JOB-PAUSED" if change == "pause" else "JOB-NOT-PAUSED",
                "已经暂停" if change == "pause" else "没有暂停",
                "it is paused already" if change == "pause" else "it is not paused",
            )
        audit.record(tx, actor, f"scheduler.{change}", job or "*", reason=reason)


def list_complaints(timetable: Timetable) -> list[Complaint]:
    """What is wrong with the scheduler now, with the way to mend it; pauses are told, too."""
    complaints = []
    if timetable.lease is None:
        text = Text("定时任务从未运行", "the scheduler never ran")
        complaints.append(Complaint("scheduler", text, _START))
    elif not timetable.is_alive:
        beat = shown(timetable.lease.beat_at or timetable.lease.held_until)
        text = Text(f"定时任务已停，最后一次 {beat}", f"the scheduler stopped, last seen {beat}")
        complaints.append(Complaint("scheduler", text, _START))
    for row in timetable.pauses:
        title = JOB_TITLES[row.job] if row.job else Text("全部任务", "all jobs")
        since = shown(row.begun_at)
        text = Text(
            f"{title.zh}已由 {row.begun_by} 自 {since} 起暂停：{row.reason}",
            f"{title.en}: paused by {row.begun_by} since {since}: {row.reason}",
        )
        complaints.append(Complaint(row.job or "scheduler", text, _RESUME))
    for state in timetable.jobs:
        complaints.extend(_of_job(state))
    return complaints


_START = Text("启动 feewatch scheduler", "start feewatch scheduler")
_RESUME = Text("feewatch scheduler resume", "feewatch scheduler resume")


def _of_job(state: JobState) -> list[Complaint]:
    title, complaints = JOB_TITLES[state.job], []
    if state.overdue is not None and state.pause is None:
        due = shown(state.overdue)
        text = Text(f"{title.zh}应于 {due} 运行，尚未运行", f"{title.en} was due {due}, not run")
        complaints.append(Complaint(state.job, text, _START))
    run = state.latest
    if run is not None and run.status in ("failed", "interrupted"):
        due = shown(run.due_at)
        text = Text(
            f"{title.zh}最近一次没有成功（{due}）：{run.detail}",
            f"the latest {title.en} did not succeed ({due}): {run.detail}",
        )
        complaints.append(Complaint(state.job, text, _cure(state.job)))
    return complaints


def _cure(job: str) -> Text:
    if MADE_UP.get(job) == "each day":
        return Text(
            "消除原因；机器故障每小时自动重试，其余用 feewatch publish",
            "remove the cause: a fault of the machine is tried again each hour, else publish",
        )
    return Text("消除原因，下一次自动运行", "remove the cause: it runs again at its next moment")


def timetable_json(timetable: Timetable) -> dict[str, Any]:
    """The scheduler under stable keys."""
    lease = timetable.lease
    return {
        "alive": timetable.is_alive,
        "holder": lease.holder if lease else None,
        "number": lease.number if lease else None,
        "held_since": lease.held_since if lease else None,
        "beat_at": lease.beat_at if lease else None,
        "jobs": [
            {
                "job": state.job,
                "line": state.line,
                "on_holiday": state.on_holiday,
                "last": state.latest._asdict() if state.latest else None,
                "next": [stamp(due) for due in state.next],
                "beat_at": state.beat_at,
                "paused": state.pause is not None,
                "overdue": stamp(state.overdue) if state.overdue else None,
            }
            for state in timetable.jobs
        ],
        "pauses": [
            {"job": row.job, "since": row.begun_at, "by": row.begun_by, "reason": row.reason}
            for row in timetable.pauses
        ],
        "problems": [
            {"about": each.about, "message": each.text.both(), "cure": each.cure.both()}
            for each in list_complaints(timetable)
        ],
    }
