"""A check works group by group: nobody waits for it; a kill, or a change meanwhile, harms none."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.synchronize import Event

import duckdb
import pyarrow
import pytest
from offices import initialise
from sqlalchemy import select, text
from worlds import builder
from worlds.builder import School, build

from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.bootstrap import open_app
from feewatch.config import Checking, Config
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import UnavailableError
from feewatch.services.check import checking, grouping, writing
from feewatch.services.check.checking import Check, run_check
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.recording import ingest
from feewatch.store import bulk
from feewatch.store.check import checks
from feewatch.store.check.allowance import OutOfTimeError, allowed
from feewatch.store.check.columnar import Columnar
from feewatch.store.check.turn import only_one_check
from feewatch.store.state import mark_changed
from feewatch.store.tables.casework import alert, alert_event, matter
from feewatch.store.tables.checks import check_result, check_run, institution_state

AS_OF = parse_day(builder.AS_OF)
SCHOOLS = 4
FORK = get_context("fork")


def schools():
    """Each has a fee that never arrived and one that did."""
    made = []
    for number in range(1, SCHOOLS + 1):
        school = School(number)
        school.contract(arrives="")
        school.contract(fee="500.00")
        made.append(school)
    return made


@pytest.fixture
def office(any_app, tmp_path):
    build(any_app, schools(), tmp_path / "world")
    return any_app


@pytest.fixture
def calm(tmp_path):
    """The same world, checked by nobody yet and by nobody disturbed."""
    app = initialise(Config(tmp_path / "calm", Config(tmp_path).office))
    build(app, schools(), tmp_path / "calm-world")
    yield app
    app.database.dispose()


def told(app):
    """What stands of alerts, histories, matters, results and marks, without keys and times."""
    columns = {
        alert: ("id", "status", "severity", "opened_as_of", "recovered_on", "present", "uscc"),
        alert_event: ("alert_id", "as_of", "change", "reason"),
        matter: ("uscc", "rule", "cause", "status", "alerts", "sum_fen", "first_day", "last_day"),
        check_result: ("institution_id", "rule", "as_of", "evaluated", "breaches", "undetermined"),
        institution_state: ("institution_id", "to_check", "to_match", "checked_as_of", "due_on"),
    }
    with app.database.reading() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(select(*(table.c[name] for name in names)))))
            for table, names in columns.items()
        }


def one_by_one(app, **how):
    """A check in which each institution is a group of its own."""
    return Check(app, AS_OF, group_load=0, **how)


def pay(app, school, folder):
    """The fee that never arrived arrives after all, taken in over another connection."""
    other = open_app(app.config)
    late = School(school.number, opening="200500.00", period=("2026-08-01", "2026-08-02"))
    number = f"HT{school.number:04d}000"
    late.entries.append(("2026-08-01", "1000.00", "王女士", f"学费 {number}"))
    path = folder / f"late-{school.number}.csv"
    builder._statement(late, path)
    (taken,) = ingest(other, [path], actor="test")
    assert taken.is_taken, taken.as_json()
    other.database.dispose()


def test_groups_find_what_one_group_finds(office, calm):
    check = one_by_one(office, full=True)
    judged = [step.institutions for step in check.steps() if step.done == "judged"]
    assert len(judged) == SCHOOLS + 1  # and the office itself
    whole = run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm)
    ours, theirs = check.report.as_json(), whole.as_json()
    assert {**ours, "seconds": 0} == {**theirs, "seconds": 0}
    assert ours["opened"] == SCHOOLS


def test_a_full_check_judges_below_the_priority_at_which_it_writes(office, monkeypatch):
    seen = {"judge": set(), "write": set()}

    def noting(name, work):
        def noted(*given, **more):
            seen[name].add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return work(*given, **more)

        return noted

    monkeypatch.setattr(checking, "judge", noting("judge", checking.judge))
    monkeypatch.setattr(writing, "write", noting("write", writing.write))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    run_check(office, AS_OF, full=True)
    assert seen == {"judge": {min(own + 10, 19)}, "write": {own}}
    seen["judge"].clear()
    plain = replace(office, config=replace(office.config, check=Checking(nice=0)))
    run_check(plain, AS_OF, full=True)
    assert seen["judge"] == {own}


def on_duckdb(app, **how):
    """The office where it judges its full checks on a copy."""
    return replace(app, config=replace(app.config, check=Checking(engine="duckdb", **how)))


def test_a_full_check_on_duckdb_writes_what_one_in_the_database_writes(office, calm, tmp_path):
    """Group by group, what changes meanwhile included, and once more on a later day."""
    check = one_by_one(on_duckdb(office), full=True)
    changed = False
    for step in check.steps():
        if not changed and step.done == "judged" and len(step.institutions) == 1:
            changed = bool(step.institutions - {checks.OFFICE})
            if changed:
                pay(office, School(min(step.institutions)), tmp_path)
    assert changed
    pay(calm, School(1), tmp_path)
    whole = run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm)
    assert check.report.evaluated == whole.evaluated
    assert run_check(on_duckdb(office), AS_OF).institutions == 0  # nothing is left to do
    for app in (on_duckdb(office), calm):
        run_check(app, AS_OF + 2, full=True)  # what was paid has come by then
    later = told(office)
    assert later == told(calm)
    assert "recovered" in str(later["alert_event"])


def test_what_takes_too_long_on_duckdb_is_left_out_too(office, monkeypatch):
    monkeypatch.setattr(checks, "list_loads", lambda *_: {1: grouping.HEAVY_LOAD})
    report = run_check(on_duckdb(office, longest_seconds=0), AS_OF, full=True)
    assert (report.institutions, len(report.left_out)) == (SCHOOLS - 1, 1)


def test_a_statement_on_duckdb_is_interrupted(any_app):
    with (
        closing(Columnar(duckdb, pyarrow, threads=1)) as columnar,
        pytest.raises(OutOfTimeError),
        any_app.database.reading() as tx,
        allowed(tx, 0.2, columnar.interrupt),
    ):
        columnar.rows("SELECT SUM(a.range + b.range) FROM range(10000000) a, range(10000000) b")


def test_an_office_without_the_extra_is_told_so_before_anything_is_done(office, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    before = told(office)
    with pytest.raises(UnavailableError, match=r"feewatch\[scale\]") as refused:
        run_check(on_duckdb(office), AS_OF, full=True)
    assert refused.value.code == "EXTRA-MISSING"
    assert told(office) == before
    assert run_check(on_duckdb(office), AS_OF).opened == SCHOOLS  # the nightly check needs none


def test_whoever_changes_between_judging_and_writing_is_judged_again(office, calm, tmp_path):
    for app in (office, calm):
        run_check(app, AS_OF, full=True)
    check = Check(office, AS_OF, full=True)
    for step in check.steps():
        if step.done == "judged" and len(step.institutions) > 1:
            pay(office, School(2), tmp_path)
    pay(calm, School(2), tmp_path)
    whole = run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm)
    assert check.report.institutions == whole.institutions == SCHOOLS
    assert check.report.evaluated == whole.evaluated


def test_whoever_changes_all_the_time_is_judged_while_held_still(office, monkeypatch):
    with office.database.reading() as tx:
        restless = checks.find_institution(tx, School(3).uscc)
    other = open_app(office.config)
    steps, moved, write = [], [], checking.write

    def writing_meanwhile(*given):
        moved.append(other.database.try_now(lambda tx: mark_changed(tx, [restless])))
        return write(*given)

    monkeypatch.setattr(checking, "write", writing_meanwhile)
    check = one_by_one(office, full=True)
    for step in check.steps():
        steps.append(step)
        if step.done == "judged" and restless in step.institutions:
            with other.database.transaction() as tx:
                mark_changed(tx, [restless], entries=False)
    other.database.dispose()
    assert moved == [False]
    judged = [step for step in steps if step.done == "judged" and restless in step.institutions]
    assert len(judged) == 2
    assert steps[-1].institutions == {restless}
    assert (check.report.institutions, check.report.opened) == (SCHOOLS, SCHOOLS)


@pytest.mark.parametrize("steps", [2, 5])
def test_what_a_broken_off_check_left_the_next_one_finishes(office, calm, steps):
    begun = one_by_one(office, full=True).steps()
    for _ in range(steps):
        next(begun)
    begun.close()
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.is_unfinished)).all() == [True]
    report = run_check(office, AS_OF)
    assert 0 < report.institutions < SCHOOLS or steps == 2
    run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm)
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.is_unfinished)).all() == [True, False]
    assert run_check(office, AS_OF).institutions == 0


def test_a_full_check_that_was_killed_leaves_its_rest_to_the_next_though_nothing_changed(
    office, calm
):
    """All were checked before: without a mark an ordinary check would look at none of them."""
    for app in (office, calm):
        run_check(app, AS_OF, full=True)

    def work():
        own = open_app(office.config)
        for number, _ in enumerate(one_by_one(own, full=True).steps()):
            if number == 4:
                os.kill(os.getpid(), signal.SIGKILL)

    office.database.dispose()  # no connection may be shared with the child
    process = FORK.Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    report = run_check(office, AS_OF)  # at once: whoever was killed has no turn any more
    assert 0 < report.institutions < SCHOOLS
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
    assert told(office) == told(calm)


def test_of_two_checks_one_works_and_the_other_is_refused_or_waits(office):
    begun = one_by_one(office, full=True).steps()
    next(begun)
    other = open_app(office.config)
    with (
        pytest.raises(UnavailableError) as refusal,
        only_one_check(other.database, patience_seconds=0.2),
    ):
        pytest.fail("two checks at once")
    assert refusal.value.code == "CHECK-RUNNING"

    waiting = subprocess.Popen(
        [sys.executable, "-m", "feewatch", "--config", str(_written(office)), "check",
         "--as-of", builder.AS_OF, "--json"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    for _ in begun:
        pass
    answer, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0, answer
    with other.database.reading() as tx:
        opened = tx.scalars(select(alert_event.c.change)).all()
    assert opened == ["opened"] * SCHOOLS
    other.database.dispose()


def _written(app):
    path = app.config.folder / "feewatch.toml"
    path.write_text(
        f'[office]\ndistrict = "{app.config.office.district}"\n'
        f'[database]\nurl = "{app.config.database.url}"\n',
        encoding="utf-8",
    )
    return path


def test_a_check_of_an_earlier_day_than_a_broken_off_one_changes_no_alert(office):
    begun = one_by_one(office, full=True).steps()
    for _ in range(5):
        next(begun)
    begun.close()
    before = told(office)
    assert run_check(office, AS_OF - 1, full=True).opened == 0
    assert told(office) == before


def test_one_that_takes_too_long_is_left_out_named_and_holds_up_nobody(office, monkeypatch):
    """Two of four are heavy and may take no time at all."""
    with office.database.reading() as tx:
        ids = {school.uscc: checks.find_institution(tx, school.uscc) for school in schools()}
    heavy = {School(1).uscc, School(4).uscc}
    loads = {ids[uscc]: grouping.HEAVY_LOAD for uscc in heavy}
    hurried = replace(office, config=replace(office.config, check=Checking(longest_seconds=0)))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(checks, "list_loads", lambda *_: loads)
        report = run_check(hurried, AS_OF, full=True)
    assert (report.institutions, report.opened) == (2, 2)
    assert {*report.left_out} == {*report.as_json()["left_out"]} == heavy
    with office.database.reading() as tx:
        assert {*tx.scalars(select(check_run.c.left_out)).one()} == heavy
        assert {*checks.list_due(tx, AS_OF, rule_book(office).version)} == {
            ids[uscc] for uscc in heavy
        }
    again = run_check(office, AS_OF)
    assert (again.institutions, again.opened, again.left_out) == (2, 2, ())
    assert "left_out" not in again.as_json()


def test_a_statement_that_takes_longer_than_allowed_is_interrupted(any_app):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
    with (
        pytest.raises(OutOfTimeError),
        any_app.database.reading() as tx,
        allowed(tx, 0.2),
    ):
        tx.execute(text(endless))
    with any_app.database.reading() as tx:  # the connection is as good as before
        assert tx.scalar(text("SELECT 1")) == 1


def keep_writing(config: Config, stop: Event, waits) -> None:
    """Write a small row again and again; the longest wait of all, in seconds."""
    app = open_app(config)
    longest, count = 0.0, 0
    while not stop.is_set():
        begun = time.perf_counter()
        with app.database.transaction() as tx:
            mark_changed(tx, [1_000_001])
        longest, count = max(longest, time.perf_counter() - begun), count + 1
        time.sleep(0.01)
    waits.put((longest, count))


def test_whoever_writes_waits_for_a_fraction_of_a_check(any_app):
    size = Size.of_entries(12_000, 24)
    with any_app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(size, AS_OF - 1))
    any_app.database.dispose()
    stop, waits = FORK.Event(), FORK.Queue()
    writer = FORK.Process(target=keep_writing, args=(any_app.config, stop, waits))
    writer.start()
    begun = time.perf_counter()
    report = run_check(any_app, AS_OF, full=True)
    length = time.perf_counter() - begun
    stop.set()
    longest, count = waits.get(timeout=60)
    writer.join()
    assert writer.exitcode == 0
    assert report.institutions == 24
    assert report.opened > 100
    assert count > 10
    assert longest < length / 5, (longest, length)
