"""A check works group by group: nobody waits for it; a change meanwhile harms none."""

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pyarrow
import pytest
from sqlalchemy import select, text
from worlds import builder
from worlds.builder import School

from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.bootstrap import open_app
from feewatch.config import Checking, Config
from feewatch.kernel.errors import UnavailableError
from feewatch.services.cases.held_case import hold
from feewatch.services.check import checking, grouping, writing
from feewatch.services.check.checking import Check, run_check
from feewatch.services.check.rulebook import rule_book
from feewatch.services.desk.bulk import act_on_many
from feewatch.services.intake import matching
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.services.people.users import add_user, get_user
from feewatch.store import bulk
from feewatch.store.check import checks
from feewatch.store.check.allowance import OutOfTimeError, allowed
from feewatch.store.check.columnar import Columnar
from feewatch.store.check.turn import only_one_check
from feewatch.store.intake import bankfiles
from feewatch.store.registers import proposals
from feewatch.store.resting import rested_seconds
from feewatch.store.state import hold_still, mark_changed
from feewatch.store.tables.casework import alert_event, case_file, matter
from feewatch.store.tables.checks import check_run
from feewatch.store.waiting_room import WaitingRoom
from tests.services.check.conftest import AS_OF, SCHOOLS, one_by_one, schools, told

FORK = get_context("fork")


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


def restless_check(office, restless, **how):
    """The steps of a full check, and the check, in which one changes each time it is judged."""
    steps = []
    check = one_by_one(office, full=True)
    for step in check.steps():
        steps.append(step)
        if step.done == "judged" and restless in step.institutions:
            with office.database.transaction() as tx:
                mark_changed(tx, [restless], **how)
    return [step.done for step in steps if restless in step.institutions], check


@pytest.mark.parametrize("entries", [True, False])
def test_one_of_many_rows_that_changes_all_the_time_is_left_out_named_and_keeps_its_mark(
    office, monkeypatch, entries
):
    """Matched and judged while held still it would hold up all who write, for many seconds."""
    with office.database.reading() as tx:
        restless = checks.find_institution(tx, School(3).uscc)
        assert checks.list_loads(tx, [restless]) == {restless: 1}
    monkeypatch.setattr(grouping, "LIGHT_LOAD", 0)
    done, check = restless_check(office, restless, entries=entries)
    assert done == ["judged"] * 4 + ["left out"]
    report = check.report
    assert (report.institutions, report.left_out) == (SCHOOLS - 1, (School(3).uscc,))
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.left_out)).one() == [School(3).uscc]
        assert checks.list_due(tx, AS_OF, rule_book(office).version) == [restless]
    again = run_check(office, AS_OF)
    assert (again.institutions, again.opened, again.left_out) == (1, 1, ())


def test_one_of_many_rows_that_cannot_be_matched_in_time_is_left_out_and_named(office, monkeypatch):
    """It waited for matching whenever it was to be judged, and nobody said so."""
    with office.database.reading() as tx:
        restless = checks.find_institution(tx, School(3).uscc)

    def match_and_change(app, **how):
        match_changed(app, **how)
        with app.database.transaction() as tx:
            mark_changed(tx, [restless])

    monkeypatch.setattr(grouping, "LIGHT_LOAD", 0)
    monkeypatch.setattr(checking, "match_changed", match_and_change)
    report = run_check(office, AS_OF, full=True)
    assert (report.institutions, report.left_out) == (SCHOOLS - 1, (School(3).uscc,))


def test_one_that_has_grown_when_it_is_held_still_is_judged_on_a_snapshot_after_all(
    office, monkeypatch
):
    with office.database.reading() as tx:
        restless = checks.find_institution(tx, School(3).uscc)
    grown = []

    def match_unless_grown(*given):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(matching, "LIGHT_LOAD", 0)
            grown.append(matching.match_light(*given))
        return grown[-1]

    def match_and_change_twice(app, **how):
        match_changed(app, **how)
        if not grown:
            with app.database.transaction() as tx:
                mark_changed(tx, [restless])

    monkeypatch.setattr(checking, "match_light", match_unless_grown)
    monkeypatch.setattr(checking, "match_changed", match_and_change_twice)
    report = run_check(office, AS_OF, full=True)
    assert grown == [False]
    assert (report.institutions, report.opened, report.left_out) == (SCHOOLS, SCHOOLS, ())


def is_waited_for(database):
    """Whether somebody waits for a lock of writers at this moment."""
    if database.is_sqlite:
        return not WaitingRoom(Path(database.url.database)).is_empty()
    with database.reading() as tx:
        return tx.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


def test_between_two_who_change_all_the_time_it_rests_and_holds_nothing(office, monkeypatch):
    """Who writes meanwhile, to both of them, comes in between; on a server the check rests then."""
    with office.database.reading() as tx:
        restless = {checks.find_institution(tx, School(number).uscc) for number in (2, 3)}
    other = open_app(office.config)
    seen, rested, write = [], [], checking.write
    writers = []

    def write_to_both():
        with other.database.transaction() as tx:
            mark_changed(tx, restless)
        seen.append("another")

    def writing_meanwhile(tx, run, judgement, institutions):
        seen.append("held")
        rested.append(rested_seconds(tx))
        if not writers:
            writers.append(threading.Thread(target=write_to_both))
            writers[0].start()
            while writers[0].is_alive() and not is_waited_for(other.database):
                time.sleep(0.01)
        return write(tx, run, judgement, institutions)

    monkeypatch.setattr(checking, "write", writing_meanwhile)
    short = replace(office, config=replace(office.config, check=Checking(rest=0.5)))
    for step in Check(short, AS_OF, full=True).steps():
        if step.done == "judged" and restless & step.institutions:
            with other.database.transaction() as tx:
                mark_changed(tx, restless, entries=False)
    writers[0].join()
    other.database.dispose()
    assert seen == ["held", "another", "held"]
    assert office.database.is_sqlite or rested[1] > rested[0]


def test_who_acts_on_a_case_while_its_institution_is_written_waits_and_breaks_nothing_off(
    office, monkeypatch
):
    """The check held the matters and wanted the institution, the officer the other way round."""
    run_check(office, AS_OF, full=True)
    add_user(office, "li", "officer", password="correct horse", actor="cli")
    person = get_user(office, "li")
    with office.database.reading() as tx:
        own, key = tx.execute(select(matter.c.id, matter.c.institution_id)).first()
    act_on_many(office, [own], "open", actor="li", reason="核实")
    with office.database.reading() as tx:
        number = tx.scalar(select(case_file.c.number))
    other = open_app(office.config)
    held, officers, link = [], [], proposals.link_in_force

    def act():
        with other.database.transaction() as tx:
            held.append(hold(tx, person, number).case["institution_id"])

    def act_meanwhile(tx, institutions):
        if key in institutions and not officers:
            officers.append(threading.Thread(target=act))
            officers[0].start()
            while officers[0].is_alive() and not is_waited_for(other.database):
                time.sleep(0.01)
        link(tx, institutions)

    monkeypatch.setattr(proposals, "link_in_force", act_meanwhile)
    report = run_check(office, AS_OF, full=True)
    officers[0].join()
    other.database.dispose()
    assert held == [key]
    assert report.institutions == SCHOOLS


def together(office, paths, schools, actor="test"):
    """What files of two institutions come to, taken in as another holds one and wants the other."""
    other, outcomes = open_app(office.config), []
    with office.database.reading() as tx:
        first, second = (checks.find_institution(tx, each.uscc) for each in schools)
    assert first < second
    bank = threading.Thread(target=lambda: outcomes.extend(ingest(other, paths, actor=actor)))
    with office.database.transaction() as tx:
        hold_still(tx, [first])
        bank.start()
        while bank.is_alive() and not is_waited_for(other.database):
            time.sleep(0.01)
        hold_still(tx, [second])
    bank.join()
    other.database.dispose()
    return [each.status for each in outcomes]


def test_files_set_aside_and_taken_in_together_mark_all_institutions_in_one_order(office, tmp_path):
    """They met in the middle with whoever holds the first and wants the second, as a check does."""
    period = "2026-08-01", "2026-08-02"
    early, taken = School(1, period=period), School(2, opening="200500.00", period=period)
    early.entries.append(("2099-08-01", "1000.00", "王女士", "学费"))
    taken.entries.append(("2026-08-01", "1000.00", "王女士", "学费"))
    paths = [tmp_path / "early.csv", tmp_path / "taken.csv"]
    for school, path in zip((early, taken), paths, strict=True):
        builder._statement(school, path)
    assert together(office, paths, (early, taken)) == ["quarantined", "accepted"]


def test_a_file_that_comes_again_by_a_better_word_beside_a_new_one_marks_all_in_one_order(
    office, tmp_path
):
    """The better word was the second step: it met in the middle alike."""
    period = "2026-08-01", "2026-08-02"
    again, new = (School(n, opening="200500.00", period=period) for n in (1, 2))
    paths = [tmp_path / "again.csv", tmp_path / "new.csv"]
    for school, path in zip((again, new), paths, strict=True):
        school.entries.append(("2026-08-01", "1000.00", "王女士", "学费"))
        builder._statement(school, path)
    given = {"password": "of a school of its own 26", "actor": "cli"}
    add_user(office, "school1", "institution", uscc=again.uscc, **given)
    [first] = ingest(office, paths[:1], actor="school1")
    assert (first.status, first.provenance) == ("accepted", "institution")
    assert together(office, paths, (again, new)) == ["duplicate", "accepted"]
    with office.database.reading() as tx:
        assert bankfiles.find_files(tx, [first.sha256])[first.sha256]["provenance"] == "office"


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
