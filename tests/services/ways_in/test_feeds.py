"""Feeds into the ledger on both databases: nothing lost, nothing doubled, whatever breaks."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from bank import TOKEN, Bank
from sqlalchemy import func, insert, select

from feewatch.bootstrap import App
from feewatch.config import Feed
from feewatch.kernel.clock import now
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.services.jobs import list_wanted, run_due
from feewatch.services.ways_in.bank_feeds import pull_feeds
from feewatch.store import jobs
from feewatch.store.intake import feeds
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, institution

ACCOUNT = "91673975968758554"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"


def export(day, closing="100.00"):
    row = f"{ACCOUNT},甲,CNY,2026-01-{day:02},09:00:00,,100.00,100.00,张伟,,学费,"
    return "\n".join(["期初余额,0.00", HEAD, row, f"期末余额,{closing}", ""]).encode()


@pytest.fixture
def bank():
    running = Bank()
    running.files = [export(day) for day in range(1, 6)]
    yield running
    running.stop()


@pytest.fixture
def app(any_app, bank):
    (any_app.config.folder / "bank.token").write_text(TOKEN + "\n")
    feed = Feed("rural", bank.url, "bank.token", max_attempts=2, wait_seconds=0.01)
    with any_app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
        values = {"account_no": ACCOUNT, "institution_id": 1, "bank": "农商行"}
        tx.execute(insert(account).values(kind="fee", imported_on=20_000, **values))
    return App(replace(any_app.config, feeds=[feed]), any_app.database)


def pull(app):
    (pulled,) = pull_feeds(app)
    return pulled


def count(app, table):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def test_all_pages_are_taken_in_and_the_next_pull_begins_behind_them(app, bank):
    first = pull(app)
    assert (first.files, first.position, first.refusal) == ({"accepted": 5}, "5", None)
    bank.files.append(export(6))
    bank.asked.clear()
    assert pull(app).files == {"accepted": 1}
    assert bank.asked[0][1]["after"] == "5"
    assert (count(app, source_file), count(app, entry)) == (6, 6)


def test_a_file_with_a_fault_waits_on_the_desk_and_holds_nothing_up(app, bank):
    bank.files[1:3] = [export(2, closing="90.00"), b"<html>"]
    assert pull(app).files == {"accepted": 3, "quarantined": 1, "rejected": 1}
    assert pull(app).files == {}


@pytest.mark.parametrize("fault", [500, "cut", "wrong", 404])
def test_a_feed_that_breaks_off_goes_on_where_it_stopped(app, bank, fault):
    bank.faults["/files/3"] = [fault] * 2
    broken = pull(app)
    assert (broken.files, broken.position) == ({"accepted": 2}, "2")
    assert broken.refusal.code == "FEED-FAILED"
    bank.faults.clear()
    assert (pull(app).files, count(app, statement)) == ({"accepted": 3}, 5)


FALL = """
import os, sys
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.services.ways_in import bank_feeds
from feewatch.store.intake.feeds import move
bank_feeds.feeds.move = lambda tx, feed, before, after: os._exit(9) if after == "3" else move(
    tx, feed, before, after
)
list(bank_feeds.pull_feeds(open_app(load_config(Path(sys.argv[1])))))
"""


def write_config(app, bank):
    path = app.config.folder / "feewatch.toml"
    feed = f'[[feeds]]\nname = "rural"\nurl = "{bank.url}"\nsecret_file = "bank.token"\n'
    patience = "max_attempts = 2\nwait_seconds = 0.01\n"
    path.write_text(f'{feed}{patience}[database]\nurl = "{app.config.database.url}"\n')
    return path


def test_a_process_killed_between_file_and_position_loses_and_doubles_nothing(app, bank):
    path = write_config(app, bank)
    fallen = subprocess.run([sys.executable, "-c", FALL, str(path)], check=False)
    assert fallen.returncode == 9
    assert count(app, statement) == 3
    with app.database.reading() as tx:
        assert feeds.find_position(tx, "rural") == "2"
    assert pull(app).files == {"duplicate": 1, "accepted": 2}
    assert (count(app, statement), count(app, entry)) == (5, 5)


def test_a_position_moved_by_another_process_ends_the_pull(app, bank):
    with app.database.transaction() as tx:
        assert feeds.move(tx, "rural", None, "2")
        assert not feeds.move(tx, "rural", None, "3")
        assert not feeds.move(tx, "rural", "1", "3")
        assert feeds.move(tx, "rural", "2", "3")
    assert pull(app).files == {"accepted": 2}


def test_a_feed_that_goes_round_in_a_circle_is_left(app, bank):
    item = {"position": "1", "name": "1.csv", "url": "/files/1"}
    item["sha256"] = hashlib.sha256(bank.files[0]).hexdigest()
    bank.document = json.dumps({"items": [item], "more": True}).encode()
    assert pull(app).refusal.code == "FEED-CIRCLE"


@pytest.mark.parametrize("content", [None, b"", b" \n", "键".encode()])
def test_a_secret_that_is_absent_or_empty_is_named_and_nothing_is_asked(app, bank, content):
    path = app.config.folder / "bank.token"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert pull(app).refusal.code == "FEED-SECRET"
    assert bank.asked == []


def test_a_feed_without_tls_is_refused_and_the_others_are_pulled(app, bank):
    plain = replace(app.config.feeds[0], name="plain", url="http://bank.example.cn/x")
    both = App(replace(app.config, feeds=[plain, *app.config.feeds]), app.database)
    first, second = pull_feeds(both)
    assert (first.refusal.code, second.files) == ("FEED-ADDRESS", {"accepted": 5})
    with pytest.raises(NotFoundError):
        list(pull_feeds(app, "nobody"))


def test_two_feeds_of_one_name_would_share_a_position_and_are_refused(app, bank):
    twice = App(replace(app.config, feeds=app.config.feeds * 2), app.database)
    with pytest.raises(InvalidInputError, match="a name of its own"):
        list(pull_feeds(twice))
    assert bank.asked == []


def run(*arguments):
    command = [sys.executable, "-m", "feewatch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_what_came_and_fails_where_a_feed_failed(app, bank):
    command = ["--config", str(write_config(app, bank)), "feed", "pull"]
    assert json.loads(run(*command, "rural", "--json").stdout) == {
        "feed": "rural", "accepted": 5, "duplicate": 0, "quarantined": 0, "rejected": 0,
        "position": "5", "error": None,
    }  # fmt: skip
    bank.faults["/statements"] = [403]
    failed = run(*command)
    assert "nothing new" in failed.stdout
    assert failed.returncode == 1
    assert "FEED-FAILED" in failed.stderr


def test_the_job_is_recorded_as_failed_where_a_feed_failed(app, bank):
    bank.faults["/statements"] = [403]
    assert "feeds" in list_wanted(app.config)
    run_due(app, "feeds", now())
    with app.database.reading() as tx:
        (run,) = jobs.list_runs(tx, "feeds")
    assert run.status == "failed"
    assert "HTTP 403" in run.detail
