"""What a check that was broken off or killed left is finished by the next one."""

import os
import signal
from multiprocessing import get_context

import pytest
from sqlalchemy import func, insert, select, update
from worlds.builder import School

from feewatch.bootstrap import open_app
from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import Scope
from feewatch.services.check import keeping
from feewatch.services.check.checking import run_check
from feewatch.services.check.early_warning import read_early_warning
from feewatch.services.check.keeping import check_and_keep, read_kept
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake import matching
from feewatch.store import holdings
from feewatch.store.check import checks, standings_kept
from feewatch.store.database import FencedOffError
from feewatch.store.state import list_to_derive, mark_changed
from feewatch.store.tables.checks import check_run, cover_standing
from feewatch.store.tables.ledger import match
from feewatch.store.tables.places import succession
from feewatch.store.tables.registers import institution_fact
from tests.services.check.conftest import AS_OF, SCHOOLS, one_by_one, told

FORK = get_context("fork")


def killed(app, work):
    """A process of its own works until it kills itself."""
    app.database.dispose()  # no connection may be shared with the child
    process = FORK.Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


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

    killed(office, work)
    report = run_check(office, AS_OF)  # at once: whoever was killed has no turn any more
    assert 0 < report.institutions < SCHOOLS
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
    assert told(office) == told(calm)


@pytest.fixture
def without_matches(office, calm, monkeypatch):
    """Both were matched by a way that knew no contracts, and checked."""
    derive = matching.derive_tied
    with monkeypatch.context() as before:
        before.setattr(
            matching, "derive_tied", lambda tied: derive([b._replace(contracts=[]) for b in tied])
        )
        for app in (office, calm):
            run_check(app, AS_OF, full=True)


def second_part_kills(monkeypatch):
    match_part, parts = matching._match_part, []

    def match_one_and_be_killed(*given):
        if parts:
            os.kill(os.getpid(), signal.SIGKILL)
        parts.append(match_part(*given))

    monkeypatch.setattr(matching, "PART_LOAD", 0)
    monkeypatch.setattr(matching, "_match_part", match_one_and_be_killed)


@pytest.mark.parametrize("past", [0, 30])
def test_a_full_check_that_was_killed_while_it_matched_leaves_matching_and_judging_to_the_next(
    office, calm, without_matches, monkeypatch, past
):
    """Nobody judged those whose matches it had changed, nobody matched the others."""
    before = told(office)

    def work():
        second_part_kills(monkeypatch)
        run_check(open_app(office.config), AS_OF - past, full=True)

    killed(office, work)
    with office.database.reading() as tx:
        assert len(checks.list_due(tx, AS_OF, rule_book(office).version)) == 1
        assert len(list_to_derive(tx)) == SCHOOLS - 1
    run_check(office, AS_OF)
    run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm) != before
    with office.database.reading() as tx:
        assert list_to_derive(tx) == []
    assert run_check(office, AS_OF).institutions == 0


def test_a_narrow_full_check_that_was_killed_while_it_matched_leaves_the_same_to_the_next(
    office, calm, without_matches, monkeypatch
):
    uscc = School(2).uscc

    def be_killed(*given):
        os.kill(os.getpid(), signal.SIGKILL)

    def work():
        monkeypatch.setattr(matching, "_match_part", be_killed)
        run_check(open_app(office.config), AS_OF, uscc=uscc, full=True)

    killed(office, work)
    other = run_check(office, AS_OF, uscc=School(1).uscc)
    assert (other.withdrawn, other.recovered) == (0, 0)
    with office.database.reading() as tx:
        assert list_to_derive(tx) == [checks.find_institution(tx, uscc)]
    run_check(office, AS_OF)
    run_check(calm, AS_OF, uscc=uscc, full=True)
    assert told(office) == told(calm)


def test_a_narrow_full_check_matches_nobody_else_anew(office, calm, without_matches):
    """It matched the whole office and judged its own: the others were judged by nobody."""
    with office.database.reading() as tx:
        others = {*checks.list_institutions(tx)} - {checks.find_institution(tx, School(2).uscc)}
        before = matches_of(tx, others)
    report = run_check(office, AS_OF, uscc=School(2).uscc, full=True)
    assert report.withdrawn + report.recovered > 0
    with office.database.reading() as tx:
        assert matches_of(tx, others) == before
    run_check(office, AS_OF, full=True)
    run_check(calm, AS_OF, full=True)
    assert told(office) == told(calm)


def test_a_narrow_full_check_leaves_whom_a_succession_ties_to_its_own_due(
    office, calm, without_matches
):
    """Those are matched together, and the one alone is judged."""
    for app in (office, calm):
        with app.database.transaction() as tx:
            old, new = (checks.find_institution(tx, School(n).uscc) for n in (1, 2))
            tx.execute(insert(succession).values(
                institution_id=old, to_institution_id=new, to_uscc=School(2).uscc,
                on_day=AS_OF - 1,
            ))  # fmt: skip
            holdings.measure(tx)
    run_check(office, AS_OF, uscc=School(2).uscc, full=True)
    with office.database.reading() as tx:
        assert checks.list_due(tx, AS_OF, rule_book(office).version) == [old]


def matches_of(tx, institutions):
    """The matches of some institutions."""
    return tx.execute(select(match).where(match.c.institution_id.in_(institutions))).all()


def test_a_check_of_an_earlier_day_than_a_broken_off_one_changes_no_alert(office):
    begun = one_by_one(office, full=True).steps()
    for _ in range(5):
        next(begun)
    begun.close()
    before = told(office)
    assert run_check(office, AS_OF - 1, full=True).opened == 0
    assert told(office) == before


def test_a_check_that_was_killed_between_two_groups_of_standings_leaves_those_of_the_one_before(
    office, monkeypatch
):
    check_and_keep(office, AS_OF - 1, full=True)
    before = read_kept(office, Scope())
    assert len(before.institutions) == SCHOOLS
    put, puts = standings_kept.put, []

    def put_one_and_be_killed(*given):
        if puts:
            os.kill(os.getpid(), signal.SIGKILL)
        puts.append(put(*given))

    def work():
        monkeypatch.setattr(keeping, "usual_load", lambda _: 0)  # each is a group of its own
        monkeypatch.setattr(standings_kept, "put", put_one_and_be_killed)
        check_and_keep(open_app(office.config), AS_OF, full=True)

    killed(office, work)
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.is_unfinished)).all() == [False, True]
        kept = tx.scalars(select(cover_standing.c.check_run_id)).all()
    assert [run < 0 for run in kept].count(True) == 1  # the second group is missing
    assert read_kept(office, Scope()) == before
    check_and_keep(office, AS_OF)
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.is_unfinished)).all() == [False, True, False]
        runs = tx.scalars(select(cover_standing.c.check_run_id)).all()
        assert runs == [tx.scalar(select(func.max(check_run.c.id)))] * SCHOOLS
    after = read_kept(office, Scope())
    assert after.as_of == AS_OF
    assert after == read_early_warning(office, Scope())


def test_whom_a_broken_off_check_judged_the_next_one_of_that_day_does_not_leave_as_they_stood(
    office,
):
    """They are looked at no more: their marks went with the outcomes that were written."""
    check_and_keep(office, AS_OF, full=True)
    with office.database.transaction() as tx:
        keys = checks.list_institutions(tx)
        tx.execute(update(institution_fact).values(name="新名"))
        mark_changed(tx, keys)
    begun = one_by_one(office, before_end=keeping.write_standings).steps()
    for _ in range(5):
        next(begun)
    begun.close()
    assert 0 < check_and_keep(office, AS_OF).institutions < SCHOOLS
    kept = read_kept(office, Scope())
    assert [each.institution for each in kept.institutions] == ["新名"] * SCHOOLS
    assert kept == read_early_warning(office, Scope())


def test_a_check_that_lost_its_turn_does_not_end_over_the_one_that_has_it(office):
    """It had written all and worked out where institutions stand: nothing of that is kept."""

    def keep_while_another_begins(app, run, looked_at, aside):
        end = keeping.write_standings(app, run, looked_at, aside)
        with office.database.transaction() as tx:
            checks.begin_run(tx, at=timestamp(), as_of=AS_OF + 1, full=True, rule_book="another")
        return end

    with pytest.raises(FencedOffError):
        run_check(office, AS_OF, full=True, before_end=keep_while_another_begins)
    with office.database.reading() as tx:
        assert tx.scalars(select(check_run.c.is_unfinished)).all() == [True, True]
    assert read_kept(office, Scope()) is None
