"""Steps of a case: who may, from where, and what each leaves behind."""

import datetime as dt

import pytest
from sqlalchemy import select

from feewatch.casework.cases import STATES, STEPS
from feewatch.kernel import clock
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.services.cases import steps
from feewatch.store.cases import alerts, cases
from feewatch.store.tables.operations import audit

#: How a case comes to stand in each state.
WAYS = {
    "open": "",
    "triaged": "triage",
    "notified": "triage notify",
    "rectifying": "triage notify start",
    "submitted": "triage notify submit",
    "returned": "triage notify submit return",
    "accepted": "triage notify submit accept",
    "closed": "triage notify submit close",
    "rechecked": "triage notify submit close recheck",
    "reopened": "triage notify submit close recheck reopen",
    "dismissed": "dismiss",
}


def test_a_case_is_handed_over_by_no_step():
    assert STATES.keys() - WAYS.keys() == {"transferred"}  # see services/transfers


@pytest.mark.parametrize("state", WAYS)
def test_each_state_allows_the_steps_of_the_table_and_no_other(desk, state):
    number = desk.open_one()
    desk.walk(number, WAYS[state])
    assert desk.get_case(number)["state"] == state
    for name, step in STEPS.items():
        if state not in step.from_states:
            with pytest.raises(ConflictError, match=number):
                steps.step(desk.app, number, name, actor="li", reason="理由")
    assert desk.get_case(number)["state"] == state


@pytest.mark.parametrize(
    ("state", "name"),
    [(state, name) for name, step in STEPS.items() for state in step.from_states],
)
def test_each_step_of_the_table_can_be_taken_and_is_on_record(desk, state, name):
    number = desk.open_one()
    desk.walk(number, WAYS[state])
    taken = desk.take(number, name, actor="wang", reason="有理由")
    assert taken.state == (STEPS[name].to_state or state)
    with desk.app.database.reading() as tx:
        case = cases.get_case(tx, number)
        event = cases.list_case_events(tx, case["id"])[-1]
        trail = tx.execute(select(audit).order_by(audit.c.id.desc())).mappings().first()
    assert case["state"] == taken.state
    assert (event["step"], event["from_state"], event["to_state"]) == (name, state, taken.state)
    assert (event["actor"], event["reason"]) == ("wang", "有理由")
    assert (trail["actor"], trail["action"], trail["object"]) == ("wang", f"case.{name}", number)
    change = trail["detail"]["before"], trail["detail"]["after"]
    assert change == ({"state": state}, {"state": taken.state})


def test_closing_closes_the_alerts_and_reopening_takes_them_up_again(desk):
    number = desk.open_one()
    desk.walk(number, "triage notify submit close")
    assert desk.statuses() == ({"closed"}, {"closed"})
    desk.walk(number, "recheck")
    assert desk.statuses() == ({"closed"}, {"closed"})
    desk.walk(number, "reopen")
    assert desk.statuses() == ({"in_case"}, {"in_case"})


def test_a_case_that_is_opened_again_is_not_escalated_from_before(desk):
    number = desk.open_one()
    desk.walk(number, "triage notify escalate submit close recheck")
    assert desk.get_case(number)["escalated"]
    desk.walk(number, "reopen")
    assert not desk.get_case(number)["escalated"]


def test_dismissing_dismisses_the_alerts(desk):
    desk.walk(desk.open_one(), "triage dismiss")
    assert desk.statuses() == ({"dismissed"}, {"dismissed"})


def test_a_withdrawn_member_is_not_closed_with_its_case(desk):
    found = desk.check(desk.breach("HT-1", cause="A"), desk.breach("HT-2", cause="A"))
    number = steps.open_case(desk.app, found.values(), actor="li", reason="立案")
    desk.check(desk.breach("HT-2", cause="A"))
    desk.walk(number, "triage notify submit close")
    with desk.app.database.reading() as tx:
        rows = alerts.list_alerts(tx)
    assert [row["status"] for row in rows] == ["withdrawn", "closed"]


@pytest.mark.parametrize("severity", ["orange", "red"])
@pytest.mark.parametrize("closer", ["li", "wang", "zhao"])
def test_a_red_case_is_closed_by_another_than_issued_it(desk, severity, closer):
    number = desk.open_one(severity=severity)
    desk.walk(number, "triage notify submit", actor="li")
    if severity == "red" and closer == "li":
        with pytest.raises(ForbiddenError, match="下发督办或立案者以外"):
            desk.walk(number, "close", actor=closer)
        assert desk.get_case(number)["state"] == "submitted"
    else:
        desk.walk(number, "close", actor=closer)
        assert desk.get_case(number)["state"] == "closed"


def test_a_case_that_turns_red_while_it_runs_is_a_red_case(desk):
    number = desk.open_one()
    desk.walk(number, "triage notify submit")
    desk.check(desk.breach("HT-1", severity="red"))
    assert desk.get_case(number)["severity"] == "red"
    with pytest.raises(ForbiddenError):
        desk.walk(number, "close", actor="li")


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [("viewer", ForbiddenError), ("other", NotFoundError), ("far", NotFoundError)],
)
def test_only_the_institution_itself_or_the_office_answers(desk, actor, refusal):
    number = desk.open_one()
    desk.walk(number, "triage notify")
    with pytest.raises(refusal):
        desk.walk(number, "submit", actor=actor)
    desk.walk(number, "start submit", actor="school")
    assert desk.get_case(number)["state"] == "submitted"


@pytest.mark.parametrize("name", ["triage", "dismiss", "escalate"])
def test_an_institution_takes_no_step_of_the_office(desk, name):
    with pytest.raises(ForbiddenError):
        desk.walk(desk.open_one(), name, actor="school")


@pytest.mark.parametrize("reason", ["", "  "])
def test_every_step_gives_its_reason(desk, reason):
    number = desk.open_one()
    with pytest.raises(InvalidInputError, match="理由"):
        steps.step(desk.app, number, "triage", actor="li", reason=reason)


def test_an_unknown_case_or_step_is_named(desk):
    with pytest.raises(NotFoundError, match="370702-2026-0007"):
        desk.walk("370702-2026-0007", "triage")
    with pytest.raises(InvalidInputError, match="jump"):
        desk.walk(desk.open_one(), "jump")


def test_escalating_flags_the_case_and_moves_nothing(desk):
    number = desk.open_one()
    desk.walk(number, "triage escalate")
    case = desk.get_case(number)
    assert (case["state"], case["escalated"]) == ("triaged", True)


def test_notifying_sets_a_deadline_of_fifteen_working_days(desk):
    number = desk.open_one()
    desk.walk(number, "triage notify")
    case = desk.get_case(number)
    assert format_day(case["deadline"]) == "2026-10-19"
    assert (case["deadline_provisional"], case["notified_by"]) == (False, "li")


def test_a_deadline_in_a_year_not_yet_announced_is_provisional(desk):
    number = desk.open_one()
    desk.walk(number, "triage")
    with clock.fixed(dt.datetime(2026, 12, 21, 9, 0, tzinfo=clock.SHANGHAI)):
        taken = steps.step(desk.app, number, "notify", actor="li", reason="督办")
    assert taken.deadline_provisional
    assert desk.get_case(number)["deadline_provisional"]


@pytest.mark.parametrize(("given", "allowed"), [("2026-09-20", False), ("2026-09-21", True)])
def test_a_deadline_given_is_not_past(desk, given, allowed):
    number = desk.open_one()
    desk.walk(number, "triage")
    day = parse_day(given)
    if allowed:
        taken = steps.step(desk.app, number, "notify", actor="li", reason="督办", deadline=day)
        assert taken.deadline == day
    else:
        with pytest.raises(InvalidInputError, match="已过"):
            steps.step(desk.app, number, "notify", actor="li", reason="督办", deadline=day)


def test_a_step_without_a_deadline_takes_none(desk):
    with pytest.raises(InvalidInputError, match="不设期限"):
        steps.step(desk.app, desk.open_one(), "triage", actor="li", reason="研判", deadline=30_000)


def test_historic_matters_carry_no_deadline(desk):
    number = desk.open_one(historic=True)
    desk.walk(number, "triage")
    with pytest.raises(InvalidInputError, match="历史事项"):
        steps.step(desk.app, number, "notify", actor="li", reason="督办", deadline=30_000)
    desk.walk(number, "notify")
    assert desk.get_case(number)["deadline"] is None


@pytest.mark.parametrize(("authority", "kind"), [("preset", "hint"), ("local", "order")])
def test_a_case_of_presets_is_notified_as_a_monitoring_hint(desk, authority, kind):
    number = desk.open_one(authority=authority)
    desk.walk(number, "triage")
    taken = steps.step(desk.app, number, "notify", actor="li", reason="督办")
    assert taken.document == kind
    with desk.app.database.reading() as tx:
        event = cases.list_case_events(tx, cases.get_case(tx, number)["id"])[-1]
    assert event["document"] == kind
