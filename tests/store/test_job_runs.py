"""Looks of every few minutes that found the same are kept for a day, what was news for longer."""

import datetime as dt

import pytest
from sqlalchemy import select

from feewatch.kernel.clock import SHANGHAI, now
from feewatch.store import jobs
from feewatch.store.tables.operations import job_run

HOURS = 24


def run(tx, due, job="serving", status="done", detail="served 0", *, is_often=True):
    at = due.isoformat(timespec="seconds")
    assert jobs.begin(tx, job, at)
    jobs.finish(tx, job, at, status, detail, is_often=is_often)


@pytest.fixture
def midnight():
    return now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def kept(tx, job="serving"):
    return list(
        tx.execute(
            select(job_run.c.status, job_run.c.detail)
            .where(job_run.c.job == job)
            .order_by(job_run.c.due_at)
        )
    )


def test_a_day_of_looks_that_found_nothing_is_kept(any_app, midnight):
    with any_app.database.transaction() as tx:
        for hour in range(3 * HOURS):
            run(tx, midnight - dt.timedelta(hours=3 * HOURS - hour))
        assert len(kept(tx)) == HOURS + 1


def test_what_was_found_and_what_failed_stays(any_app, midnight):
    def before(hours):
        return midnight - dt.timedelta(hours=hours)

    with any_app.database.transaction() as tx:
        run(tx, before(60), detail="served 7")
        run(tx, before(50), status="failed", detail="served 0")
        run(tx, before(40))
        run(tx, before(1))
        assert kept(tx) == [("done", "served 7"), ("failed", "served 0"), ("done", "served 0")]


def test_runs_of_a_job_of_once_a_night_stay(any_app, midnight):
    with any_app.database.transaction() as tx:
        for days in (3, 2, 1):
            run(tx, midnight - dt.timedelta(days=days), job="check", is_often=False)
        assert len(kept(tx, "check")) == 3
