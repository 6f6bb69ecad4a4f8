import pytest

from feewatch.casework.cases import SETTLED, STATES, STEPS, document_kind, steps_from
from feewatch.casework.deadlines import WORKING_DAYS
from feewatch.casework.states import MOVES, STATUSES, may


def test_every_step_names_known_states_and_moves():
    for step in STEPS.values():
        assert set(step.from_states) <= set(STATES)
        assert step.to_state is None or step.to_state in STATES
        assert step.alerts_move is None or step.alerts_move in MOVES


def test_every_state_but_the_first_and_that_of_a_transfer_is_reached_by_a_step():
    assert {step.to_state for step in STEPS.values()} - {None} == set(STATES) - {
        "open",
        "transferred",
    }


def test_every_move_names_known_statuses():
    for move in MOVES.values():
        assert {*move.from_statuses, move.to_status} <= set(STATUSES)


def test_steps_that_set_a_deadline_have_a_default():
    assert {name for name, step in STEPS.items() if step.sets_deadline} == set(WORKING_DAYS)


def test_the_way_of_the_contract_is_open():
    state = "open"
    way = "triage notify start submit return start submit accept close recheck reopen start"
    for name in way.split():
        assert state in STEPS[name].from_states
        state = STEPS[name].to_state
    assert state == "rectifying"


@pytest.mark.parametrize("state", STATES)
def test_a_case_is_dismissed_from_open_or_triaged_alone(state):
    assert ("dismiss" in steps_from(state, "officer")) == (state in ("open", "triaged"))


@pytest.mark.parametrize("state", STATES)
def test_an_institution_may_answer_and_nothing_else(state):
    expected = {
        "notified": ["start", "submit"],
        "returned": ["start", "submit"],
        "rectifying": ["submit"],
        "reopened": ["start"],
    }
    assert steps_from(state, "institution") == expected.get(state, [])


@pytest.mark.parametrize("role", ["viewer", "publisher", "rule_editor", "administrator", "api"])
def test_other_roles_may_take_no_step(role):
    assert [steps_from(state, role) for state in STATES] == [[]] * len(STATES)


def test_a_settled_case_is_not_escalated():
    assert not SETTLED & set(STEPS["escalate"].from_states)


def test_a_decided_alert_is_never_withdrawn():
    assert [status for status in STATUSES if may("withdraw", status)] == ["open", "in_case"]


@pytest.mark.parametrize(
    ("authorities", "kind"),
    [(["preset"], "hint"), (["preset", "local"], "order"), (["law"], "order")],
)
def test_a_case_of_presets_alone_carries_a_hint(authorities, kind):
    assert document_kind(authorities) == kind
