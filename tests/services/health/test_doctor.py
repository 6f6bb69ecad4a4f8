"""The doctor finds each thing that is wrong, and nothing in an office that is well."""

import datetime as dt
import os
from dataclasses import replace

import pytest
from sqlalchemy import insert

from feewatch.config import Health, WatchedFolder
from feewatch.kernel.clock import SHANGHAI, fixed, now
from feewatch.services.health.doctor import EXAMINATIONS, examine
from feewatch.services.health.figures import list_gauges
from feewatch.services.health.readiness import list_unready
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.store import audit
from feewatch.store.counting import counted
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.registers import institution

USCC = "52370702651728628K"
NOON = dt.datetime(2026, 7, 15, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(any_app):
    ensure_signing_key(any_app)
    return any_app


def complaints(app, name):
    return [each for part in examine(app) if part.name == name for each in part.complaints]


def test_a_fresh_office_lacks_nothing_but_its_scheduler(office):
    wrong = {part.name for part in examine(office) if not part.is_well}
    assert wrong == {"scheduler"}
    assert {part.name for part in examine(office)} == set(EXAMINATIONS)
    assert {part.name for part in examine(office, thoroughly=False)} < set(EXAMINATIONS)


def test_whole_tables_are_counted_once_a_minute(office):
    with fixed(NOON), counted(office.database) as asked:
        first = list(list_gauges(office))
        of_first = asked.total
        audit_rows = [each for each in first if each.labels.get("kind") == "audit"]
        with office.database.transaction() as tx:
            audit.record(tx, "test", "test", "1")
        before = asked.total
        again = list(list_gauges(office))
        assert [each for each in again if each.labels.get("kind") == "audit"] == audit_rows
        assert asked.since(before) <= of_first - 11
    with fixed(NOON + dt.timedelta(minutes=1)):
        (rows,) = [each for each in list_gauges(office) if each.labels.get("kind") == "audit"]
        assert rows.value == audit_rows[0].value + 1


def test_a_disk_without_room(office):
    tight = replace(office, config=replace(office.config, health=Health(disk_percent=101)))
    (complaint,) = complaints(tight, "disk")
    assert str(office.config.var) in complaint.text.en


def test_files_open_to_others(office):
    (office.keys / "session.key").chmod(0o644)
    (complaint,) = complaints(office, "rights")
    assert "session.key" in complaint.text.zh


@pytest.mark.parametrize("name", ["session.key", "token.key", "signing.pem"])
def test_a_key_that_is_missing_or_empty(office, name):
    (office.keys / name).write_bytes(b"")
    assert name in complaints(office, "keys")[0].text.en
    (office.keys / name).unlink()
    assert name in complaints(office, "keys")[0].text.en


def test_a_clock_behind_the_record(office):
    with fixed(now() + dt.timedelta(days=400)), office.database.transaction() as tx:
        audit.record(tx, "cli", "test", "x")
    (complaint,) = complaints(office, "machine")
    assert "--take-back" in complaint.cure.en


def test_an_inbox_that_is_not_there_and_one_in_which_files_lie(office, tmp_path):
    box = tmp_path / "inbox"
    watched = replace(office, config=replace(office.config, inbox=WatchedFolder(folder=str(box))))
    assert "no inbox" in complaints(watched, "inbox")[0].text.en
    box.mkdir()
    (box / "a.csv").write_text("x")
    assert complaints(watched, "inbox") == []
    past = (now() - dt.timedelta(hours=2)).timestamp()
    os.utime(box / "a.csv", (past, past))
    assert "1 files" in complaints(watched, "inbox")[0].text.en


def test_a_check_that_was_never_made(office):
    with office.database.transaction() as tx:
        tx.execute(insert(institution).values(uscc=USCC))
    assert "never" in complaints(office, "check")[0].text.en


def test_a_check_that_broke_off_and_one_that_left_somebody_out(office):
    values = {"as_of": 20_000, "full": True, "rule_book": "x", "counts": {}}
    past = (now() - dt.timedelta(hours=7)).isoformat()
    with office.database.transaction() as tx:
        tx.execute(insert(institution).values(uscc=USCC))
        tx.execute(
            insert(check_run).values(
                at=now().isoformat(), left_out=["52370702651728628K"], **values
            )
        )
    (complaint,) = complaints(office, "check")
    assert USCC in complaint.text.zh
    with office.database.transaction() as tx:
        tx.execute(insert(check_run).values(at=past, is_unfinished=True, **values))
    assert "did not end" in complaints(office, "check")[0].text.en


def test_a_process_is_ready_while_database_and_keys_are_there(office):
    assert list_unready(office) == []
    (office.keys / "session.key").unlink()
    assert list_unready(office) == ["keys"]


def test_figures_count_rows_and_tell_of_the_scheduler(office):
    with office.database.transaction() as tx:
        audit.record(tx, "cli", "test", "x")
    gauges = list(list_gauges(office))
    rows = {gauge.labels["kind"]: gauge.value for gauge in gauges if gauge.name == "rows"}
    assert rows["audit"] >= 1
    assert rows["institutions"] == 0
    assert next(each.value for each in gauges if each.name == "scheduler_alive") == 0
    assert any(each.name == "disk_free_bytes" and each.value > 0 for each in gauges)
