"""Runs of scheduled jobs, one row a due moment; what jobs a scheduler knows; pauses of jobs."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, or_, select, update

from feewatch.kernel.clock import now, timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import audit, job_run, scheduled_job, scheduler_pause


class JobRun(NamedTuple):
    """One run of a job."""

    job: str
    due_at: str
    started_at: str
    finished_at: str | None
    status: str  # running, done, failed, missed, interrupted
    detail: str


def begin(tx: Connection, job: str, due_at: str) -> bool:
    """Whether this process is the one to do the run: nobody has, or its process died."""
    fresh = {
        "job": job,
        "due_at": due_at,
        "started_at": timestamp(),
        "status": "running",
        "detail": "",
    }
    if insert_once(tx, job_run, fresh):
        return True
    # a run that began after now, a clock that ran ahead began: the moment itself was not served
    is_open = or_(job_run.c.status == "interrupted", job_run.c.started_at > _after(now()))
    taken = tx.execute(
        update(job_run)
        .where(job_run.c.job == job, job_run.c.due_at == due_at, is_open)
        .values(status="running", started_at=timestamp(), finished_at=None)
    )
    return taken.rowcount == 1


#: Runs are kept so long by how they ended: some jobs run, and fail in trouble, every minute.
_KEPT = {"done": dt.timedelta(days=90), "failed": dt.timedelta(days=400),
         "missed": dt.timedelta(days=400)}  # fmt: skip
#: Built once, as those below: some jobs are looked after every minute.
_FINISH = update(job_run).where(
    job_run.c.job == bindparam("of"), job_run.c.due_at == bindparam("due")
)
#: The last due moment that is settled stays: it tells what is to be made up.
_FORGET = delete(job_run).where(
    job_run.c.job == bindparam("of"),
    job_run.c.due_at < bindparam("due"),
    or_(*((job_run.c.status == kind) & (job_run.c.finished_at < bindparam(kind))
          for kind in _KEPT)),
)  # fmt: skip
#: What a job that looks every few minutes found time and again: a day of it is kept.
_FORGET_QUIET = delete(job_run).where(
    job_run.c.job == bindparam("of"),
    job_run.c.due_at < bindparam("before"),
    job_run.c.status == "done",
    job_run.c.detail == bindparam("said"),
)
_QUIET = dt.timedelta(days=1)
_INTERRUPT = (
    update(job_run)
    .where(job_run.c.job == bindparam("of"), job_run.c.status == "running")
    .values(status="interrupted")
)
_SETTLED = (
    job_run.c.status != "interrupted",
    job_run.c.due_at <= bindparam("until"),
    job_run.c.started_at <= bindparam("begun"),
)
_LAST_DUE = select(func.max(job_run.c.due_at)).where(job_run.c.job == bindparam("of"), *_SETTLED)
_LAST_DUE_OF_EACH = (
    select(job_run.c.job, func.max(job_run.c.due_at).label("due_at"))
    .where(*_SETTLED)
    .group_by(job_run.c.job)
)
_BEAT = (
    update(scheduled_job)
    .where(scheduled_job.c.job == bindparam("of"))
    .values(
        beat_at=bindparam("moment"),
        # a clock that ran ahead noted it: nothing would be due before that day comes
        known_since=case(
            (scheduled_job.c.known_since > bindparam("moment"), bindparam("moment")),
            else_=scheduled_job.c.known_since,
        ),
    )
    .returning(scheduled_job.c.known_since)
)
#: A list of all files of a folder is no detail.
_LONGEST_DETAIL = 4_000


def finish(
    tx: Connection, job: str, due_at: str, status: str, detail: str, *, is_often: bool = False
) -> None:
    """How a run ended; the job's runs of long ago are forgotten, failures later.

    ``is_often``: of a job of every few minutes those that found the same as this one go after a
    day.
    """
    row = {"status": status, "detail": _bounded(detail), "finished_at": timestamp()}
    tx.execute(_FINISH, {"of": job, "due": due_at, **row})
    before = {kind: (now() - span).isoformat(timespec="seconds") for kind, span in _KEPT.items()}
    tx.execute(_FORGET, {"of": job, "due": due_at, **before})
    if is_often and status == "done":
        day_before = (dt.datetime.fromisoformat(due_at) - _QUIET).isoformat(timespec="seconds")
        tx.execute(_FORGET_QUIET, {"of": job, "before": day_before, "said": row["detail"]})


def _bounded(detail: str) -> str:
    left = len(detail) - _LONGEST_DETAIL
    return detail if left <= 0 else f"{detail[:_LONGEST_DETAIL]} … (+{left})"


def record_missed(tx: Connection, job: str, due_at: str, detail: str) -> None:
    """Note that nobody ran a job when it was due."""
    moment = timestamp()
    row = {"started_at": moment, "finished_at": moment, "status": "missed", "detail": detail}
    insert_once(tx, job_run, {"job": job, "due_at": due_at, **row})


def interrupt_running(tx: Connection, job: str) -> None:
    """Note that runs of a job still marked as running have lost their process."""
    tx.execute(_INTERRUPT, {"of": job})


def find_last_due(tx: Connection, job: str, until: str) -> str | None:
    """The latest due moment of a job up to a moment that is settled; an interrupted one is not.

    What lies after that moment, or began after it, a clock did that ran ahead once.
    """
    known = {"of": job, "until": until, "begun": _after(now())}
    due_at: str | None = tx.scalar(_LAST_DUE, known)
    return due_at


def list_last_due(tx: Connection, until: str) -> dict[str, str]:
    """The same of every job that has one."""
    rows = tx.execute(_LAST_DUE_OF_EACH, {"until": until, "begun": _after(now())})
    return {row.job: row.due_at for row in rows}


#: As many acts on record are asked for a moment to come: all of them would take long.
_LOOKED_AT = 1000


def find_latest_moment(tx: Connection) -> dt.datetime | None:
    """The latest moment at which anything went on record; None where nothing did."""
    newest = select(audit.c.at).order_by(audit.c.id.desc()).limit(_LOOKED_AT).subquery()
    latest = (newest.c.at, job_run.c.started_at, scheduled_job.c.beat_at)
    moments = tx.execute(
        select(*(select(func.max(column)).scalar_subquery() for column in latest))
    ).one()
    known = [dt.datetime.fromisoformat(moment) for moment in moments if moment]
    return max(known, default=None)


def _after(moment: dt.datetime) -> str:
    """A little after a moment, as it is stored: clocks of two machines are never quite the same."""
    return (moment + dt.timedelta(minutes=5)).isoformat(timespec="seconds")


def note_jobs(tx: Connection, lines: Mapping[str, str], moment: str) -> list[str]:
    """Let the jobs with these cron lines be known; one with another line than before is new.

    So is one that a clock which ran ahead has noted: since when those were known.
    """
    rows = tx.execute(select(scheduled_job)).all()
    ahead = sorted(row.known_since for row in rows if row.known_since > moment)
    known = {row.job: row.line if row.known_since <= moment else None for row in rows}
    for job, line in lines.items():
        row = {"line": line, "known_since": moment, "beat_at": moment}
        if job not in known:
            insert_once(tx, scheduled_job, {"job": job, **row})
        elif known[job] != line:
            tx.execute(update(scheduled_job).where(scheduled_job.c.job == job).values(row))
    return ahead


def beat(tx: Connection, job: str, moment: str) -> str:
    """Note that a job was looked after; since when it is known."""
    known: str | None = tx.scalar(_BEAT, {"of": job, "moment": moment})
    return known or moment


def list_known(tx: Connection) -> Sequence[Row[Any]]:
    """The jobs that a scheduler knows, with their cron lines and last beats."""
    return tx.execute(select(scheduled_job)).all()


#: Stands for all jobs in a pause.
EVERY_JOB = ""
_PAUSES = select(scheduler_pause).order_by(scheduler_pause.c.id.desc())
_RUNNING = _PAUSES.where(scheduler_pause.c.ended_at.is_(None))
_ENDED = _PAUSES.where(scheduler_pause.c.ended_at.is_not(None))
_PAUSED = (
    select(scheduler_pause.c.id)
    .where(
        or_(scheduler_pause.c.job == bindparam("of"), scheduler_pause.c.job == EVERY_JOB),
        scheduler_pause.c.ended_at.is_(None),
    )
    .limit(1)
)


def begin_pause(tx: Connection, job: str, actor: str, reason: str) -> bool:
    """Whether a pause of a job began; False where it is paused already."""
    wanted = scheduler_pause.c.job == job, scheduler_pause.c.ended_at.is_(None)
    if tx.scalar(select(scheduler_pause.c.id).where(*wanted)) is not None:
        return False
    row = {"job": job, "begun_at": timestamp(), "begun_by": actor, "reason": reason}
    tx.execute(insert(scheduler_pause).values(row))
    return True


def end_pause(tx: Connection, job: str, actor: str, reason: str) -> bool:
    """Whether a pause of a job ended; False where there is none."""
    row = {"ended_at": timestamp(), "ended_by": actor, "end_reason": reason}
    wanted = scheduler_pause.c.job == job, scheduler_pause.c.ended_at.is_(None)
    return tx.execute(update(scheduler_pause).where(*wanted).values(row)).rowcount > 0


def list_pauses(tx: Connection, *, running: bool) -> Sequence[Row[Any]]:
    """Pauses that run, or those that ended, the latest first."""
    return tx.execute(_RUNNING if running else _ENDED).all()


def is_paused(tx: Connection, job: str) -> bool:
    """Whether a job is not to be begun for now."""
    return tx.scalar(_PAUSED, {"of": job}) is not None


def list_latest(tx: Connection) -> dict[str, JobRun]:
    """The run of each job that was due last."""
    newest = (
        select(job_run.c.job, func.max(job_run.c.due_at).label("due_at"))
        .group_by(job_run.c.job)
        .subquery()
    )
    query = select(*(job_run.c[name] for name in JobRun._fields)).join(
        newest, (newest.c.job == job_run.c.job) & (newest.c.due_at == job_run.c.due_at)
    )
    return {row.job: JobRun(*row) for row in tx.execute(query)}


def list_troubles(tx: Connection, since: str, limit: int = 50) -> list[JobRun]:
    """Runs since a moment that failed, were missed or broke off, the latest due first."""
    query = select(*(job_run.c[name] for name in JobRun._fields)).where(
        job_run.c.status.in_(("failed", "missed", "interrupted")), job_run.c.due_at > since
    )
    return [
        JobRun(*row) for row in tx.execute(query.order_by(job_run.c.due_at.desc()).limit(limit))
    ]


def list_runs(tx: Connection, job: str | None = None, limit: int = 100) -> list[JobRun]:
    """Runs, the latest due first."""
    query = select(*(job_run.c[name] for name in JobRun._fields))
    if job is not None:
        query = query.where(job_run.c.job == job)
    return [
        JobRun(*row) for row in tx.execute(query.order_by(job_run.c.due_at.desc()).limit(limit))
    ]
