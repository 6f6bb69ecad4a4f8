"""A step of a case is told to whom it concerns, and to nobody else."""

import pytest

from feewatch.services import messages
from feewatch.services.people.acting import find_person
from feewatch.store.cases import cases


def told(desk, name):
    """Kinds and addresses of what a person was told, the first first."""
    rows = messages.list_messages(desk.app, find_person(desk.app, name), 1).rows
    return [(row.kind, row.address) for row in reversed(rows)]


@pytest.fixture
def served(desk):
    """A case of the first institution that li has served."""
    number = desk.open_one()
    desk.walk(number, "triage", "li")
    desk.walk(number, "notify", "li")
    return number


def test_the_institution_is_told_from_the_service_on(desk, served):
    (kind, address), *rest = told(desk, "school")
    assert (kind, rest) == ("case_notified", [])
    assert address.startswith(f"/own/cases/{served}#e")
    assert told(desk, "other") == told(desk, "wang") == []


def test_who_issued_the_case_is_told_of_the_answer(desk, served):
    desk.walk(served, "submit", "school")
    assert [kind for kind, _ in told(desk, "li")] == ["answer_in"]
    assert told(desk, "wang") == []


def test_every_return_of_a_day_is_told(desk, served):
    for _ in range(2):
        desk.walk(served, "submit", "school")
        desk.walk(served, "return", "li")
    kinds = [kind for kind, _ in told(desk, "school")]
    assert kinds == ["case_notified", "answer_returned", "answer_returned"]


def test_what_the_office_deliberates_is_told_to_nobody(desk):
    number = desk.open_one()
    desk.walk(number, "escalate", "li")
    desk.walk(number, "dismiss", "li")
    assert told(desk, "school") == []


def test_the_place_in_a_message_is_the_line_of_the_history(desk, served):
    with desk.app.database.reading() as tx:
        case = cases.get_case(tx, served)
        last = cases.last_event(tx, case["id"])
    assert told(desk, "school")[-1][1].endswith(f"#e{last}")
