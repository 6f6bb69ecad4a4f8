"""The scheduler: due moments, one run each, one process at work. Real processes, real SQLite."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config, Scheduler
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.scheduler import Worker, latest_due, next_due, read_cron
from feewatch.services.jobs import JOBS, run_due
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.store import jobs
from feewatch.store.tables.operations import lease
from feewatch.store.tables.publication import edition

NEVER = "0 0 1 1 *"
QUIET = dict.fromkeys(JOBS, NEVER)


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def build(tmp_path):
    """A way to an installation with given cron lines; all others are yearly."""
    made = []

    def make(**settings):
        app = initialise(Config(folder=tmp_path, scheduler=Scheduler(**(QUIET | settings))))
        ensure_signing_key(app)
        made.append(app)
        return app

    yield make
    for app in made:
        app.database.dispose()


def runs(app, job=None):
    with app.database.reading() as tx:
        return [(run.due_at[:19], run.status) for run in reversed(jobs.list_runs(tx, job))]


@pytest.mark.parametrize(
    ("line", "after", "due"),
    [
        ("30 1 * * *", "2026-07-31T01:30:00", "2026-08-01T01:30:00"),
        ("30 1 * * *", "2026-07-31T01:29:59", "2026-07-31T01:30:00"),
        ("0 9 1 * *", "2026-07-31T12:00:00", "2026-08-01T09:00:00"),
        ("0 9 * * 1", "2026-07-31T12:00:00", "2026-08-03T09:00:00"),
        ("0 9 * * 0", "2026-07-31T12:00:00", "2026-08-02T09:00:00"),
        ("0 9 * * 1-5", "2026-07-31T12:00:00", "2026-08-03T09:00:00"),
        ("*/10 * * * * *", "2026-07-31T12:00:00", "2026-07-31T12:00:10"),
    ],
)
def test_a_cron_line_is_read_as_cron_does_with_seconds_before_it(line, after, due):
    assert next_due(read_cron("check", line), at(after)) == at(due)


@pytest.mark.parametrize("line", ["", "x * * * *", "* * * *", "61 * * * *", "* * * * * * *"])
def test_a_line_that_is_no_cron_line_is_refused_by_its_key(line):
    with pytest.raises(InvalidInputError, match=r"scheduler\.check"):
        read_cron("check", line)


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("* * * * * *", "2026-07-31T12:00:00"),
        ("1 12 * * *", "2026-07-30T12:01:00"),
        ("0 9 1 * *", "2026-07-01T09:00:00"),
        ("0 0 1 1 *", "2026-01-01T00:00:00"),
    ],
)
def test_the_latest_due_moment_is_found_for_rare_and_for_frequent_lines(line, due):
    assert latest_due(read_cron("check", line), at("2026-07-31T12:00:00")) == at(due)


def test_a_due_moment_is_served_once(build):
    app, done = build(), []
    due = at("2026-07-31T01:30:00")
    for _ in range(2):
        run_due(app, "check", due, lambda _, day: done.append(day) or "ok")
    assert len(done) == 1
    assert runs(app) == [("2026-07-31T01:30:00", "done")]


def refuse(*_):
    raise ConflictError("GATE", "闸门", "gate")


def break_down(*_):
    raise ZeroDivisionError("a fault of the program")


@pytest.mark.parametrize(
    ("work", "detail"), [(refuse, "GATE: 闸门 / gate"), (break_down, "ZeroDivisionError")]
)
def test_a_run_that_fails_is_on_record_as_failed_with_its_reason(build, work, detail):
    app = build()
    assert run_due(app, "check", at("2026-07-31T01:30:00"), work)
    with app.database.reading() as tx:
        (run,) = jobs.list_runs(tx)
    assert run.status == "failed"
    assert run.finished_at is not None
    assert run.detail.startswith(detail)


def test_every_job_runs_on_an_empty_installation(build):
    app = build()
    for name in JOBS:
        assert run_due(app, name, at("2026-07-31T09:00:00"))
    assert {status for _, status in runs(app)} == {"done"}


PUBLISH = """
import datetime as dt, sys, time
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import Config
from feewatch.services.jobs import run_due
from feewatch.store import jobs
app = open_app(Config(folder=Path(sys.argv[1])))

def is_done():
    with app.database.reading() as tx:
        return all(run.finished_at for run in jobs.list_runs(tx))

for day in (1, 2, 3):
    run_due(app, "publication", dt.datetime.fromisoformat(f"2026-08-0{day}T09:00:00+08:00"))
    while not is_done():  # due moments lie further apart than a run takes
        time.sleep(0.01)
"""


def test_two_processes_over_three_due_moments_publish_three_editions_and_no_more(build, tmp_path):
    app = build()
    both = [subprocess.Popen([sys.executable, "-c", PUBLISH, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert runs(app, "publication") == [(f"2026-08-0{day}T09:00:00", "done") for day in (1, 2, 3)]
    with app.database.reading() as tx:
        numbers = list(tx.scalars(select(edition.c.number).order_by(edition.c.number)))
    assert numbers == [1, 2, 3]


def lead(app, moment):
    """A worker that holds the lease from a moment on; its own threads are not started."""
    with fixed(moment):
        worker = Worker(app)
        worker.renew()
    return worker


def tick(worker, job, moment):
    with fixed(moment):
        worker.renew()
        worker.tick(job)


def test_a_run_that_is_late_but_within_grace_is_made_up_and_those_before_it_are_missed(build):
    app = build(deadlines="0 * * * *")
    worker = lead(app, at("2026-07-31T06:30:00"))
    tick(worker, "deadlines", at("2026-07-31T07:00:00"))
    tick(worker, "deadlines", at("2026-07-31T11:10:00"))
    assert runs(app) == [
        ("2026-07-31T07:00:00", "done"),
        ("2026-07-31T08:00:00", "missed"),
        ("2026-07-31T11:00:00", "done"),
    ]


def test_a_run_that_is_too_late_is_missed_and_not_made_up(build):
    app = build(deadlines="0 7 * * *", misfire_grace_seconds=3600)
    worker = lead(app, at("2026-07-31T06:30:00"))
    tick(worker, "deadlines", at("2026-07-31T08:00:01"))
    assert runs(app) == [("2026-07-31T07:00:00", "missed")]


def test_nothing_is_missed_before_the_first_start(build):
    app = build(deadlines="0 7 * * *")
    worker = lead(app, at("2026-07-31T07:30:00"))
    tick(worker, "deadlines", at("2026-07-31T07:31:00"))
    assert runs(app) == []


def test_a_run_whose_process_died_is_done_again_within_grace(build):
    app = build(deadlines="0 7 * * *")
    with app.database.transaction() as tx:
        jobs.begin(tx, "deadlines", "2026-07-31T07:00:00+08:00")
    worker = lead(app, at("2026-07-31T06:00:00"))
    tick(worker, "deadlines", at("2026-07-31T07:10:00"))
    assert runs(app) == [("2026-07-31T07:00:00", "done")]


def test_one_of_two_holds_the_lease_until_it_stops_renewing(build):
    app = build(lease_seconds=60)
    start = at("2026-07-31T07:00:00")
    first, second = lead(app, start), lead(app, start)
    with fixed(start + dt.timedelta(seconds=60)):
        second.renew()
        assert not second.is_leading
    with fixed(start + dt.timedelta(seconds=61)):
        second.renew()
        first.renew()
        assert second.is_leading
        assert not first.is_leading


def test_a_worker_without_the_lease_does_nothing(build):
    app = build(deadlines="0 7 * * *")
    start = at("2026-07-31T06:59:30")
    lead(app, start)
    standby = lead(app, start)
    tick(standby, "deadlines", at("2026-07-31T07:00:00"))
    assert runs(app) == []


CONFIG = """
[scheduler]
check = "0 0 1 1 *"
publication = "0 0 1 1 *"
corrections = "0 0 1 1 *"
outbox = "0 0 1 1 *"
deadlines = "* * * * * *"
lease_seconds = 2
"""


def start_process(tmp_path):
    file = tmp_path / "feewatch.toml"
    file.write_text(CONFIG)
    code = (
        "import sys; from pathlib import Path; from feewatch.bootstrap import open_app;"
        "from feewatch.config import load_config; from feewatch.scheduler import run;"
        "run(open_app(load_config(Path(sys.argv[1]))))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stderr=subprocess.DEVNULL, env=os.environ
    )


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_two_real_processes_share_the_work_survive_a_kill_and_stop_on_sigterm(build, tmp_path):
    app = build()
    processes = [start_process(tmp_path) for _ in range(2)]
    try:
        wait_for(lambda: len(runs(app, "deadlines")) >= 2)
        with app.database.reading() as tx:
            holder = tx.scalar(select(lease.c.holder))
        leader = next(each for each in processes if f":{each.pid}:" in holder)
        (standby,) = (each for each in processes if each is not leader)
        leader.kill()
        leader.wait(10)
        before = len(runs(app, "deadlines"))
        wait_for(lambda: len(runs(app, "deadlines")) >= before + 2)
        standby.send_signal(signal.SIGTERM)
        assert standby.wait(15) == 0
    finally:
        for each in processes:
            if each.poll() is None:
                each.kill()
                each.wait()
    moments = [moment for moment, _ in runs(app, "deadlines")]
    assert len(moments) == len(set(moments))


def test_a_database_that_does_not_answer_for_longer_than_the_lease_is_taken_up_again(
    build, tmp_path
):
    app = build()
    process = start_process(tmp_path)
    try:
        wait_for(lambda: runs(app, "deadlines"))
        with app.database.transaction():
            time.sleep(3)
        before = len(runs(app, "deadlines"))
        wait_for(lambda: len(runs(app, "deadlines")) >= before + 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_runs_that_went_well_long_ago_are_forgotten_and_failures_are_not(build):
    app = build()

    def fail(_app, _day):
        raise ConflictError("NO", "不行", "no")

    old, older, recent = at("2026-01-02T01:00:00"), at("2026-01-01T01:00:00"), "2026-07-31T01:00:00"
    with fixed(old):
        run_due(app, "inbox", older, fail)
        run_due(app, "inbox", old, lambda _app, _day: "done")
    with fixed(at(recent)):
        run_due(app, "inbox", at(recent), lambda _app, _day: "done")
    assert runs(app, "inbox") == [("2026-01-01T01:00:00", "failed"), (recent, "done")]
