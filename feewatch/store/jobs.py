"""Runs of scheduled jobs, one row a due moment, and the lease by which one scheduler works."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, or_, select, update

from feewatch.kernel.clock import now, timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import job_run, lease


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
    taken = tx.execute(
        update(job_run)
        .where(job_run.c.job == job, job_run.c.due_at == due_at, job_run.c.status == "interrupted")
        .values(status="running", started_at=timestamp(), finished_at=None)
    )
    return taken.rowcount == 1


#: Runs that went well are kept so long: some jobs run every minute.
_KEPT = dt.timedelta(days=90)


def finish(tx: Connection, job: str, due_at: str, status: str, detail: str) -> None:
    """How a run ended; the job's runs that went well long ago are forgotten, failures never."""
    tx.execute(
        update(job_run)
        .where(job_run.c.job == job, job_run.c.due_at == due_at)
        .values(status=status, detail=detail, finished_at=timestamp())
    )
    long_ago = (now() - _KEPT).isoformat(timespec="seconds")
    tx.execute(
        delete(job_run).where(
            job_run.c.job == job, job_run.c.status == "done", job_run.c.finished_at < long_ago
        )
    )


def record_missed(tx: Connection, job: str, due_at: str, detail: str) -> None:
    """Note that nobody ran a job when it was due."""
    moment = timestamp()
    row = {"started_at": moment, "finished_at": moment, "status": "missed", "detail": detail}
    insert_once(tx, job_run, {"job": job, "due_at": due_at, **row})


def interrupt_running(tx: Connection, job: str) -> None:
    """Note that runs of a job still marked as running have lost their process."""
    tx.execute(
        update(job_run)
        .where(job_run.c.job == job, job_run.c.status == "running")
        .values(status="interrupted")
    )


def find_last_due(tx: Connection, job: str) -> str | None:
    """The latest due moment of a job that is settled; an interrupted one is not."""
    due_at: str | None = tx.scalar(
        select(func.max(job_run.c.due_at)).where(
            job_run.c.job == job, job_run.c.status != "interrupted"
        )
    )
    return due_at


def list_runs(tx: Connection, job: str | None = None, limit: int = 100) -> list[JobRun]:
    """Runs, the latest due first."""
    query = select(*(job_run.c[name] for name in JobRun._fields))
    if job is not None:
        query = query.where(job_run.c.job == job)
    return [
        JobRun(*row) for row in tx.execute(query.order_by(job_run.c.due_at.desc()).limit(limit))
    ]


def hold_lease(tx: Connection, name: str, holder: str, now: str, until: str) -> bool:
    """Whether the lease is this holder's until then: its own, free, or run out."""
    if insert_once(tx, lease, {"name": name, "holder": holder, "held_until": until}):
        return True
    held = tx.execute(
        update(lease)
        .where(lease.c.name == name, or_(lease.c.holder == holder, lease.c.held_until < now))
        .values(holder=holder, held_until=until)
    )
    return held.rowcount == 1


def release_lease(tx: Connection, name: str, holder: str, now: str) -> None:
    """Let others have the lease at once."""
    tx.execute(
        update(lease).where(lease.c.name == name, lease.c.holder == holder).values(held_until=now)
    )
