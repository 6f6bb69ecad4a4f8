"""The scheduler reminds, says what is overdue and escalates: each once, whatever runs again."""

import datetime as dt

import pytest
from services.cases.test_races import race

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.services.cases import steps
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.deadlines import watch_deadlines
from feewatch.store.cases import cases
from feewatch.store.tables.papers import message


@pytest.fixture
def desk(any_desk):
    """The office on each database in turn."""
    return any_desk


@pytest.fixture
def number(desk):
    """A case with a deadline on Friday 2026-10-16, after the days of National Day."""
    number = desk.open_one()
    desk.walk(number, "triage")
    steps.step(
        desk.app, number, "notify", actor="li", reason="督办", deadline=parse_day("2026-10-16")
    )
    return number


def watch(desk, day):
    return watch_deadlines(desk.app, parse_day(day))


def history(desk, number):
    with desk.app.database.reading() as tx:
        rows = cases.list_case_events(tx, cases.get_case(tx, number)["id"])
    return [row["step"] for row in rows if row["actor"] == "scheduler"]


@pytest.mark.parametrize(("day", "is_near"), [("2026-10-12", False), ("2026-10-13", True)])
def test_three_working_days_before_it_is_reminded_of(desk, number, day, is_near):
    assert watch(desk, day).reminded == ([number] if is_near else [])
    assert history(desk, number) == (["remind"] if is_near else [])


def test_a_reminder_is_given_once_and_goes_to_both_sides(desk, number):
    for day in ("2026-10-13", "2026-10-13", "2026-10-14", "2026-10-16"):
        watch(desk, day)
    assert history(desk, number) == ["remind"]
    with desk.app.database.reading() as tx:
        kinds = [row.kind for row in tx.execute(message.select()) if "deadline" in row.kind]
    assert sorted(kinds) == ["deadline_due", "deadline_near"]


def test_the_day_after_it_is_overdue_and_said_so_once(desk, number):
    watch(desk, "2026-10-16")
    for _ in range(2):
        assert watch(desk, "2026-10-17").overdue == [number]
    assert history(desk, number) == ["remind", "overdue"]


def test_a_scheduler_that_was_away_makes_up_for_it(desk, number):
    assert watch(desk, "2026-10-30").escalated == [number]
    assert history(desk, number) == ["overdue", "escalate"]


@pytest.mark.parametrize(("day", "is_long"), [("2026-10-22", False), ("2026-10-23", True)])
def test_five_working_days_overdue_is_escalated_once(desk, number, day, is_long):
    watch(desk, day)
    watch(desk, day)
    assert desk.get_case(number)["escalated"] == is_long
    assert history(desk, number).count("escalate") == is_long


def test_an_answer_ends_it(desk, number):
    desk.walk(number, "submit")
    watched = watch(desk, "2026-10-30")
    assert (watched.overdue, watched.reminded, history(desk, number)) == ([], [], [])


def test_a_new_deadline_is_reminded_of_anew(desk, number):
    watch(desk, "2026-10-13")
    desk.walk(number, "submit")
    steps.step(
        desk.app, number, "return", actor="li", reason="不全", deadline=parse_day("2026-10-30")
    )
    assert watch(desk, "2026-10-28").reminded == [number]
    assert history(desk, number) == ["remind", "remind"]


def test_of_two_schedulers_at_once_one_speaks(desk, number):
    race(*[lambda: watch(desk, "2026-10-30")] * 3)
    assert history(desk, number) == ["overdue", "escalate"]


def test_a_recheck_comes_due_on_its_day_and_is_said_once(desk, number):
    desk.walk(number, "submit")
    day = parse_day("2026-11-02")
    given = StepGiven(recheck_on=day, against_data="书面核实")
    steps.step(desk.app, number, "close", actor="wang", reason="销号", given=given)
    assert watch(desk, "2026-11-01").to_recheck == []
    assert watch(desk, "2026-11-02").to_recheck == [number]
    assert watch(desk, "2026-11-03").to_recheck == []
    assert history(desk, number) == ["recheck_due"]


def test_nobody_looks_again_on_the_day_of_closing_nor_early_without_a_reason(desk, number):
    desk.walk(number, "submit")
    closing = StepGiven(recheck_on=parse_day("2026-10-20"), against_data="书面核实")
    steps.step(desk.app, number, "close", actor="wang", reason="销号", given=closing)
    early = StepGiven(early="群众反映")
    with pytest.raises(ConflictError) as refusal:
        steps.step(desk.app, number, "recheck", actor="li", reason="看", given=early)
    assert refusal.value.code == "RECHECK-SAME-DAY"
    with clock.fixed(dt.datetime(2026, 10, 19, 9, tzinfo=clock.SHANGHAI)):
        with pytest.raises(ConflictError) as refusal:
            steps.step(desk.app, number, "recheck", actor="li", reason="看")
        assert refusal.value.code == "RECHECK-EARLY"
        taken = steps.step(desk.app, number, "recheck", actor="li", reason="看", given=early)
    assert taken.state == "rechecked"


@pytest.mark.parametrize("day", ["2026-09-20", "2026-09-21"])
def test_the_day_of_the_recheck_is_never_that_of_the_closing(desk, number, day):
    desk.walk(number, "submit")
    given = StepGiven(recheck_on=parse_day(day), against_data="书面核实")
    with pytest.raises(InvalidInputError) as refusal:
        steps.step(desk.app, number, "close", actor="wang", reason="销号", given=given)
    assert refusal.value.code == "RECHECK-DAY"
