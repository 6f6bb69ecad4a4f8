"""Commands of the scheduler: its state, pauses by people who may, what is wrong."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import select

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.scheduler import Worker
from feewatch.services.jobs import JOBS
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.people.users import add_user
from feewatch.store.tables.operations import audit
from feewatch.store.tables.publication import edition

NEVER = "0 0 1 1 *"


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def office(tmp_path):
    lines = "".join(f'{name} = "{NEVER}"\n' for name in JOBS if name != "publication")
    (tmp_path / "feewatch.toml").write_text(f'[scheduler]\n{lines}publication = "0 9 * * *"\n')
    app = initialise(load_config(tmp_path / "feewatch.toml"))
    people = (("adam", "administrator"), ("paula", "publisher"), ("oskar", "officer"))
    with fixed(at("2026-07-27T08:00:00")):
        ensure_signing_key(app)
        for name, role in people:
            add_user(app, name, role, password="fit for a test", actor="test")
    yield app
    app.database.dispose()


def call(app, moment, *words):
    with fixed(at(moment)):
        return CliRunner().invoke(
            main, ["--config", str(app.config.folder / "feewatch.toml"), *words]
        )


def work(app, moment, worker=None, job="publication"):
    with fixed(at(moment)):
        worker = worker or Worker(app)
        worker.renew()
        worker.tick(job)
    return worker


def test_before_the_first_start_and_after_the_scheduler_died_the_doctor_says_so(office):
    answer = call(office, "2026-07-28T06:00:00", "doctor")
    assert answer.exit_code == 1
    assert "从未运行" in answer.output
    work(office, "2026-07-28T06:00:00")
    answer = call(office, "2026-07-28T06:00:30", "doctor")
    assert answer.exit_code == 0, answer.output
    answer = call(office, "2026-07-28T09:10:00", "doctor")
    assert answer.exit_code == 1
    assert "已停" in answer.output
    assert "发布应于 2026-07-28 09:00 运行" in answer.output


def test_the_state_names_last_and_next_runs_and_the_beat_of_each_job(office):
    worker = work(office, "2026-07-28T08:59:00")
    work(office, "2026-07-28T09:00:00", worker)
    answer = call(office, "2026-07-28T09:00:10", "scheduler", "status", "--json")
    state = json.loads(answer.output)
    publication = next(each for each in state["jobs"] if each["job"] == "publication")
    assert state["alive"] is True
    assert state["number"] == 1
    assert publication["last"]["due_at"] == "2026-07-28T09:00:00+08:00"
    assert publication["last"]["status"] == "done"
    assert publication["next"][0] == "2026-07-29T09:00:00+08:00"
    assert publication["beat_at"] == "2026-07-28T09:00:00+08:00"
    assert state["problems"] == []
    assert "publication" in call(office, "2026-07-28T09:00:10", "scheduler", "status").output


def cut_offs(app):
    with app.database.reading() as tx:
        return len(list(tx.scalars(select(edition.c.cut_off))))


def test_a_paused_job_is_not_begun_and_what_was_due_is_made_up_when_it_is_resumed(office):
    worker = work(office, "2026-07-28T06:00:00")
    words = ("scheduler", "pause", "publication", "--reason", "名单待核")
    assert call(office, "2026-07-28T06:10:00", "--as", "paula", *words).exit_code == 0
    work(office, "2026-07-28T09:00:00", worker)
    work(office, "2026-07-30T09:00:00", worker)
    assert cut_offs(office) == 0
    answer = call(office, "2026-07-30T09:00:30", "doctor")
    assert answer.exit_code == 1
    assert "paula" in answer.output
    assert "名单待核" in answer.output
    words = ("scheduler", "resume", "publication", "--reason", "已核")
    assert call(office, "2026-07-30T10:00:00", "--as", "paula", *words).exit_code == 0
    work(office, "2026-07-30T10:00:10", worker)
    assert cut_offs(office) == 3
    with office.database.reading() as tx:
        query = select(audit.c.actor, audit.c.action, audit.c.detail)
        acts = tx.execute(query.where(audit.c.action.startswith("scheduler."))).all()
    assert [(act.actor, act.action, act.detail["reason"]) for act in acts] == [
        ("paula", "scheduler.pause", "名单待核"),
        ("paula", "scheduler.resume", "已核"),
    ]


@pytest.mark.parametrize(
    ("person", "words", "code"),
    [
        ("oskar", ["pause", "publication", "--reason", "x"], "ROLE"),
        ("paula", ["pause", "--reason", "x"], "ROLE"),
        ("paula", ["pause", "check", "--reason", "x"], "ROLE"),
        ("adam", ["pause", "--reason", " "], "REASON-REQUIRED"),
        ("adam", ["resume", "--reason", "x"], "JOB-NOT-PAUSED"),
        ("nobody", ["pause", "--reason", "x"], "USER-UNKNOWN"),
        (None, ["pause", "--reason", "x"], "USER-REQUIRED"),
    ],
)
def test_who_may_not_or_says_no_reason_pauses_nothing(office, person, words, code):
    named = [] if person is None else ["--as", person]
    answer = call(office, "2026-07-28T06:00:00", *named, "scheduler", *words)
    assert answer.exit_code == 1
    assert answer.output.startswith(code) or answer.stderr.startswith(code)


def test_all_jobs_are_paused_at_once_and_not_twice(office):
    words = ("--as", "adam", "scheduler", "pause", "--reason", "搬家")
    assert call(office, "2026-07-28T06:00:00", *words).exit_code == 0
    assert "JOB-PAUSED" in call(office, "2026-07-28T06:00:00", *words).stderr
    worker = work(office, "2026-07-28T06:30:00")
    work(office, "2026-07-28T09:00:00", worker)
    assert cut_offs(office) == 0
