"""The scheduler: due moments, one run each, one process at work. Real processes, real SQLite."""

import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from offices import initialise
from sqlalchemy import select, text, update

from feewatch.config import Config, DatabaseConfig, Scheduler
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.schedule import Schedule
from feewatch.scheduler import Worker
from feewatch.services.jobs import JOBS, run_due
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.people.users import add_user
from feewatch.store import jobs
from feewatch.store.tables.operations import audit, job_run, lease, scheduled_job
from feewatch.store.tables.papers import message
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
    ("line", "zh", "en"),
    [
        ("0 9 1 * *", "每月 1 日 09:00", "day 1 of every month at 09:00"),
        ("15 * * * *", "每小时 15 分", "15 minutes past every hour"),
        ("*/5 * * * *", "每 5 分钟", "every 5 minutes"),
        ("* * * * *", "每分钟", "every minute"),
        ("30  2 * * *", "每天 02:30", "daily at 02:30"),
        ("0 8 * * 1", "每周一 08:00", "Mondays at 08:00"),
        ("0 8 * * 7", "每周日 08:00", "Sundays at 08:00"),
        ("0 0 1 1 *", "每年 1 月 1 日 00:00", "every year on 01-01 at 00:00"),
        # what has no plain words stands as it is written
        ("0 9,15 * * *", "0 9,15 * * *", "0 9,15 * * *"),
        ("0 0 9 1 * *", "0 0 9 1 * *", "0 0 9 1 * *"),
    ],
)
def test_a_schedule_says_when_in_words(line, zh, en):
    assert Schedule("check", line).when == (zh, en)


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
    assert Schedule("check", line).next(at(after)) == at(due)


@pytest.mark.parametrize("line", ["", "x * * * *", "* * * *", "61 * * * *", "* * * * * * *"])
def test_a_line_that_is_no_cron_line_is_refused_by_its_key(line):
    with pytest.raises(InvalidInputError, match=r"scheduler\.check"):
        Schedule("check", line)


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
    assert Schedule("check", line).latest(at("2026-07-31T12:00:00")) == at(due)


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
    app = build(outbox="0 7 * * *", misfire_grace_seconds=3600)
    worker = lead(app, at("2026-07-31T06:30:00"))
    tick(worker, "outbox", at("2026-07-31T08:00:01"))
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


#: The command's own work; where wanted it says when the signal is listened to.
PROCESS = """
import signal, sys
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.scheduler import run
app = open_app(load_config(Path(sys.argv[1])))
listen = signal.signal

def say(number, handler):
    listen(number, handler)
    print(number, flush=True)

if "ready" in sys.argv:
    signal.signal = say
run(app)
"""


def start_process(tmp_path, *, ready=False):
    file = tmp_path / "feewatch.toml"
    file.write_text(CONFIG)
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(file), *(["ready"] if ready else [])],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.PIPE if ready else subprocess.DEVNULL,
        env=os.environ,
    )


def wait_for(condition, seconds=60):
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


@pytest.mark.parametrize(
    ("line", "way", "after", "due"),
    [
        # the last day of each month, short and long ones and the 29th of February
        ("0 9 last * *", "run", "2026-02-01T00:00:00", "2026-02-28T09:00:00"),
        ("0 9 last * *", "run", "2028-02-01T00:00:00", "2028-02-29T09:00:00"),
        ("0 9 last * *", "run", "2026-04-30T09:00:00", "2026-05-31T09:00:00"),
        # the 31st is no day of a short month: cron passes over it
        ("0 9 31 * *", "run", "2026-01-31T09:00:00", "2026-03-31T09:00:00"),
        # 2026-10-01 to 07 are off; the 10th, a Saturday, is worked for them
        ("0 9 1 * *", "run", "2026-09-15T00:00:00", "2026-10-01T09:00:00"),
        ("0 9 1 * *", "before", "2026-09-15T00:00:00", "2026-09-30T09:00:00"),
        ("0 9 1 * *", "after", "2026-09-15T00:00:00", "2026-10-08T09:00:00"),
        ("0 9 1 * *", "after", "2026-10-05T00:00:00", "2026-10-08T09:00:00"),
        ("0 9 1 * *", "after", "2026-10-08T09:00:00", "2026-11-02T09:00:00"),
        ("0 9 10 * *", "after", "2026-10-09T00:00:00", "2026-10-10T09:00:00"),
        ("0 9 * * *", "after", "2026-10-01T00:00:00", "2026-10-08T09:00:00"),
        ("0 9 * * *", "before", "2026-09-30T09:00:00", "2026-10-08T09:00:00"),
    ],
)
def test_month_ends_and_holidays_move_a_publication_as_the_office_says(line, way, after, due):
    schedule = Schedule("publication", line, way)
    assert schedule.next(at(after)) == at(due)
    assert schedule.latest(at(due)) == at(due)


def test_each_day_of_an_outage_has_its_moment_and_those_moved_together_are_one():
    every_day = Schedule("publication", "0 9,15 * * *", "after")
    days = every_day.by_day(at("2026-09-29T12:00:00"), at("2026-10-09T10:00:00"))
    assert [f"{due:%m-%d %H}" for due in days] == ["09-29 15", "09-30 15", "10-08 15", "10-09 09"]


@pytest.mark.parametrize("way", ["run", "before", "after"])
def test_a_schedule_that_was_asked_before_says_what_a_fresh_one_says(way):
    dice, asked = random.Random(5), Schedule("publication", "0 9 1,15,30 * *", way)
    for _ in range(60):
        moment = at("2026-09-20T12:00:00") + dt.timedelta(hours=dice.randrange(24 * 40))
        assert asked.next(moment) == Schedule("publication", asked.line, way).next(moment)


def test_another_way_with_holidays_is_refused(build):
    with pytest.raises(InvalidInputError, match="on_holiday"):
        Worker(build(on_holiday="skip"))


def cut_offs(app):
    with app.database.reading() as tx:
        return [format_day(day) for day in tx.scalars(select(edition.c.cut_off).order_by("number"))]


def test_publications_missed_for_days_are_made_up_in_order_each_with_its_own_day(build):
    app = build(publication="0 9 * * *")
    add_user(app, "pub", "publisher", password="fit for a test", actor="test")
    worker = lead(app, at("2026-07-28T06:00:00"))
    tick(worker, "publication", at("2026-07-28T09:00:00"))
    tick(worker, "publication", at("2026-07-31T11:10:00"))
    assert cut_offs(app) == ["2026-07-28", "2026-07-29", "2026-07-30", "2026-07-31"]
    assert runs(app) == [(f"2026-07-{day}T09:00:00", "done") for day in (28, 29, 30, 31)]
    with app.database.reading() as tx:
        told = list(tx.scalars(select(message.c.object).order_by(message.c.id)))
    assert told == ["2026-07-29", "2026-07-30"]  # the 31st was late by hours, not by days


def test_a_month_down_costs_the_monthly_edition_no_day(build):
    app = build(publication="0 9 1 * *")
    worker = lead(app, at("2026-07-28T06:00:00"))
    tick(worker, "publication", at("2026-10-11T11:10:00"))
    assert cut_offs(app) == ["2026-08-01", "2026-09-01", "2026-10-01"]


def test_corrections_after_an_outage_wait_for_the_editions_that_are_made_up(build):
    app = build(publication="0 9 * * *", corrections="15 * * * *")
    worker = lead(app, at("2026-07-28T06:00:00"))
    tick(worker, "corrections", at("2026-07-30T11:20:00"))
    with app.database.reading() as tx:
        ended = [(run.job, run.due_at[:16]) for run in reversed(jobs.list_runs(tx))]
        order = list(tx.scalars(select(job_run.c.job).order_by(job_run.c.id)))
    assert [each for each in ended if each[0] == "publication"] == [
        ("publication", f"2026-07-{day}T09:00") for day in (28, 29, 30)
    ]
    assert order == ["publication"] * 3 + ["corrections"] * 2  # those missed and the latest


def test_a_line_that_is_new_owes_nothing_of_before(build):
    app = build(publication="0 9 1 * *")
    lead(app, at("2026-07-28T06:00:00"))
    app = build(publication="0 9 * * *")
    worker = lead(app, at("2026-08-20T12:00:00"))
    tick(worker, "publication", at("2026-08-21T09:00:00"))
    assert cut_offs(app) == ["2026-08-21"]


def test_a_publication_that_the_machine_did_not_let_happen_is_tried_again_before_later_ones(build):
    app = build(publication="0 9 * * *", corrections="15 * * * *")
    worker = lead(app, at("2026-07-28T06:00:00"))
    key = app.keys / "signing.pem"
    aside = key.rename(key.with_suffix(".aside"))
    tick(worker, "publication", at("2026-07-28T09:00:00"))
    tick(worker, "corrections", at("2026-07-29T09:15:00"))
    assert runs(app, "publication") == [("2026-07-28T09:00:00", "interrupted")]
    aside.rename(key)
    tick(worker, "corrections", at("2026-07-29T10:15:00"))
    assert cut_offs(app) == ["2026-07-28", "2026-07-29"]


def test_a_clock_that_ran_ahead_once_stops_nothing(build):
    app = build(deadlines="0 7 * * *")
    ahead = lead(app, at("2027-07-31T06:00:00"))
    tick(ahead, "deadlines", at("2027-07-31T07:00:00"))
    worker = lead(app, at("2026-07-31T06:00:00"))
    assert worker._held is not None
    tick(worker, "deadlines", at("2026-07-31T07:00:00"))
    assert runs(app)[0] == ("2026-07-31T07:00:00", "done")


def test_a_job_first_known_to_a_clock_that_ran_ahead_is_due_again(build):
    app = build(deadlines="0 7 * * *")
    lead(app, at("2027-07-31T06:00:00"))
    worker = lead(app, at("2026-07-31T06:00:00"))
    with app.database.transaction() as tx:  # noted once more, by one that lost its lease since
        tx.execute(update(scheduled_job).values(known_since="2027-07-31T06:00:00+08:00"))
    tick(worker, "deadlines", at("2026-07-31T06:30:00"))
    tick(worker, "deadlines", at("2026-07-31T07:00:00"))
    assert runs(app) == [("2026-07-31T07:00:00", "done")]


#: A job of two writings, told by files when to go on: between them its process stands still.
SLOW = """
import logging, sys, time
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.scheduler import run
from feewatch.services import jobs
from feewatch.store import audit
folder = Path(sys.argv[1]).parent
logging.basicConfig(filename=folder / f"log-{sys.argv[2]}")

def work(app, day):
    with app.database.transaction() as tx:
        audit.record(tx, sys.argv[2], "test.first", "x")
    try:
        with app.database.transaction() as tx:
            audit.record(tx, sys.argv[2], "test.in-the-middle", "x")
            if sys.argv[2] == "first" and not app.database.is_sqlite:
                (folder / "writing").touch()
                time.sleep(1)  # SIGSTOP comes here: PostgreSQL lets others go on
    finally:
        (folder / f"wrote-{sys.argv[2]}").touch()
    while sys.argv[2] == "first" and not (folder / "go").exists():
        time.sleep(0.02)
    with app.database.transaction() as tx:
        audit.record(tx, sys.argv[2], "test.second", "x")
    return "both"

jobs.JOBS["deadlines"] = work
run(open_app(load_config(Path(sys.argv[1]))))
"""


def start_slow(file, name):
    return subprocess.Popen([sys.executable, "-c", SLOW, str(file), name])


def audited(app):
    with app.database.reading() as tx:
        query = select(audit.c.actor, audit.c.action).where(audit.c.action.startswith("test."))
        return [f"{row.actor} {row.action[5:]}" for row in tx.execute(query.order_by(audit.c.id))]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_scheduler_that_stood_still_past_its_lease_writes_nothing_more(
    request, tmp_path, database
):
    """Two real processes: one is stopped within a job, the other takes over, the first goes on."""
    url = "" if database == "sqlite" else request.getfixturevalue("postgres_url")
    app = initialise(Config(tmp_path, database=DatabaseConfig(url)))
    file = tmp_path / "feewatch.toml"
    lines = "".join(f'{name} = "{NEVER}"\n' for name in JOBS if name != "deadlines")
    file.write_text(
        f'[database]\nurl = "{url}"\n[scheduler]\n{lines}deadlines = "*/4 * * * * *"\n'
        "lease_seconds = 2\n"
    )
    first = start_slow(file, "first")
    mark = "wrote-first" if database == "sqlite" else "writing"
    others = []
    try:
        wait_for((tmp_path / mark).exists)
        first.send_signal(signal.SIGSTOP)
        others.append(start_slow(file, "other"))
        wait_for(lambda: "other second" in audited(app))
        before = audited(app)
        assert before[0] == "first first"
        (tmp_path / "go").touch()
        first.send_signal(signal.SIGCONT)
        wait_for(lambda: "taken over" in (tmp_path / "log-first").read_text())
        first.kill()  # before it may lead again
        others[0].send_signal(signal.SIGTERM)
        others[0].wait(20)
    finally:
        for process in (first, *others):
            process.kill()
            process.wait()
    mine = [line for line in audited(app) if line.startswith("first")]
    assert mine == ["first first"] + ["first in-the-middle"] * (database == "sqlite")
    with app.database.reading() as tx:
        assert {run.status for run in jobs.list_runs(tx, "deadlines")} <= {
            "done", "interrupted", "missed",
        }  # fmt: skip
        assert "running" not in {run.status for run in jobs.list_runs(tx, "deadlines")[1:]}
    app.database.dispose()


def test_a_scheduler_told_to_end_while_it_waits_for_its_lease_ends(build, tmp_path):
    """APScheduler would join its threads with its lock held, and the one that renews wants it."""
    build()
    for wait_seconds in (0.0, 0.2, 1.0):
        writer = sqlite3.connect(tmp_path / "var" / "feewatch.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        process = start_process(tmp_path, ready=True)
        try:
            process.stdout.readline()
            time.sleep(wait_seconds)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            writer.execute("ROLLBACK")
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            writer.close()


def end_at_random_moments(tmp_path, count):
    """Tell schedulers to end at moments of their first seconds, some while others write."""
    moments = random.Random(5)
    for _ in range(count):
        process = start_process(tmp_path, ready=True)
        try:
            process.stdout.readline()
            time.sleep(moments.choice([moments.uniform(0, 0.1), moments.uniform(0, 3)]))
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def test_a_scheduler_ends_at_whatever_moment_it_is_told(build, tmp_path):
    build()
    end_at_random_moments(tmp_path, 4)


@pytest.mark.long
def test_a_scheduler_ends_at_any_of_two_hundred_moments(build, tmp_path):
    build()
    end_at_random_moments(tmp_path, 200)


def test_failures_are_forgotten_after_four_hundred_days_and_a_detail_has_an_end(build):
    app = build()

    def fail(_app, _day):
        raise ConflictError("NO", "文件甲" * 5_000, "no")

    with fixed(at("2026-01-01T01:00:00")):
        run_due(app, "inbox", at("2026-01-01T01:00:00"), fail)
        [run] = list_runs_of(app)
    assert len(run.detail) < 4_100
    with fixed(at("2027-03-01T01:00:00")):
        run_due(app, "inbox", at("2027-03-01T01:00:00"), lambda _app, _day: "done")
    assert runs(app, "inbox") == [("2027-03-01T01:00:00", "done")]


def test_no_payer_phone_or_account_gets_from_a_fault_into_the_record_of_the_run(build, caplog):
    """A driver quotes the row, a reader the cell."""
    app = build()
    secrets = ("王小明", "13800138000", "6222020200012345678")

    def breaks_in_the_database(app, _day):
        with app.database.transaction() as tx:
            query = "INSERT INTO no_such_table VALUES (:payer, :phone, :account)"
            tx.execute(text(query), dict(zip(("payer", "phone", "account"), secrets, strict=True)))

    def breaks_in_a_reader(_app, _day):
        raise ValueError("cannot read '{}', \"{}\" or {}\nDETAIL: {}".format(*secrets, secrets[0]))

    for hour, work in enumerate((breaks_in_the_database, breaks_in_a_reader)):
        moment = at(f"2026-01-01T0{hour}:00:00")
        with fixed(moment):
            assert run_due(app, "inbox", moment, work)
    details = [run.detail for run in list_runs_of(app)]
    assert {detail.partition(":")[0] for detail in details} == {"OperationalError", "ValueError"}
    assert [secret for secret in secrets if secret in "".join(details)] == []
    [of_the_database] = [
        each for each in caplog.records if "OperationalError" in str(each.exc_info)
    ]
    assert [secret for secret in secrets if secret in str(of_the_database.exc_info[1])] == []


def list_runs_of(app):
    """The runs of the inbox."""
    with app.database.reading() as tx:
        return jobs.list_runs(tx, "inbox")
