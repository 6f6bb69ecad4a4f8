"""Whose institutions are: assigned, handed on, released; what is missing is listed."""

import pytest

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.rounds.inspectors import list_missing, read_desk, release
from tests.services.rounds.conftest import NOW, U1, U2, U3

JULY, AUGUST = parse_day("2026-07-01"), parse_day("2026-08-01")


def refusal_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refused:
        act(*arguments, **named)
    return refused.value.code


def missing(rounds, first, last):
    return [
        (each.owed.inspector, each.uscc)
        for each in list_missing(rounds.app, NATIONWIDE, first, last)
    ]


def test_the_month_in_which_an_inspector_misses_a_visit_is_listed(any_rounds):
    any_rounds.assign("anna", U1, U2, first=JULY)
    with clock.fixed(NOW.replace(month=7, day=20)):
        any_rounds.visit(U1, "2026-07-20")
        any_rounds.visit(U2, "2026-07-20")
    with clock.fixed(NOW.replace(month=8, day=31)):
        any_rounds.visit(U1, "2026-08-31")
    assert missing(any_rounds, JULY, AUGUST - 1) == []
    assert missing(any_rounds, AUGUST, parse_day("2026-08-31")) == [("anna", U2)]
    desk = read_desk(any_rounds.app, NATIONWIDE)
    assert [(miss.uscc, miss.is_running) for miss in desk.missing] == [
        (U2, False), (U1, True), (U2, True),
    ]  # fmt: skip
    assert [row.uscc for row in desk.unassigned] == [U3]


def test_a_visit_of_another_person_counts_for_the_institution(rounds):
    rounds.assign("anna", U1, first=parse_day("2026-09-01"))
    rounds.visit(actor="li")
    assert missing(rounds, parse_day("2026-09-01"), parse_day("2026-09-30")) == []


def test_an_institution_has_one_inspector_and_who_comes_ends_the_time_of_who_was_there(rounds):
    rounds.assign("anna", U1, first=JULY)
    rounds.assign("boris", U1)
    desk = read_desk(rounds.app, NATIONWIDE)
    assert [(row.inspector, row.from_day) for row in desk.assignments] == [("boris", clock.today())]
    assert refusal_of(rounds.assign, "boris", U1) == "ASSIGNED-ALREADY"
    rounds.assign("anna", U2, first=clock.today() + 30)
    assert refusal_of(rounds.assign, "boris", U2) == "ASSIGNED-LATER"
    release(rounds.app, "boris", U1, actor="li", reason="调整")
    assert U1 not in [row.uscc for row in read_desk(rounds.app, NATIONWIDE).assignments]
    again = (rounds.app, "boris", U1)
    assert refusal_of(release, *again, actor="li", reason="调整") == "ASSIGNMENT-UNKNOWN"


def test_only_inspectors_of_the_place_are_assigned_by_officers_of_it(rounds):
    assert refusal_of(rounds.assign, "li", U1) == "INSPECTOR-ROLE"
    assert refusal_of(rounds.assign, "nobody", U1) == "INSPECTOR-UNKNOWN"
    assert refusal_of(rounds.assign, "anna", U3) == "INSTITUTION-UNKNOWN"
    assert refusal_of(rounds.assign, "anna", U1, is_substitute=True) == "SUBSTITUTE-DAYS"
    assert refusal_of(rounds.assign, "anna", U1, last=JULY) == "DAYS"
