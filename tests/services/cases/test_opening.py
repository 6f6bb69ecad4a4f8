"""Opening a case over matters: who may, over which, under which number."""

import pytest

from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    Refusal,
)
from feewatch.services.cases import steps
from feewatch.store.cases import matters
from feewatch.store.tables.casework import case_file


def test_a_case_takes_its_number_from_district_and_year(desk):
    found = desk.check(desk.breach("HT-1"), desk.breach("HT-2"), desk.breach("HT-3", 2))
    numbers = [
        steps.open_case(desk.app, [each], actor="li", reason="立案") for each in found.values()
    ]
    assert numbers == ["370702-2026-0001", "370702-2026-0002", "370702-2026-0003"]


def test_numbers_go_on_past_four_digits(desk):
    number = desk.open_one()
    with desk.app.database.transaction() as tx:
        tx.execute(
            case_file.update().where(case_file.c.number == number).values(number="370702-2026-9999")
        )
    found = desk.check(desk.breach("HT-1"), desk.breach("HT-2"), desk.breach("HT-3"))
    for subject, expected in [("HT-2", "10000"), ("HT-3", "10001")]:
        number = steps.open_case(desk.app, [found[subject]], actor="li", reason="立案")
        assert number == f"370702-2026-{expected}"


def test_opening_a_case_takes_its_matters_and_alerts(desk):
    number = desk.open_one(severity="orange")
    assert desk.statuses() == ({"in_case"}, {"in_case"})
    case = desk.get_case(number)
    assert (case["state"], case["severity"], case["uscc"]) == ("open", "orange", "U1")


def test_a_matter_is_in_one_case_only(desk):
    found = desk.check(desk.breach("HT-1"), desk.breach("HT-2"))
    steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    with pytest.raises(ConflictError, match="立案"):
        steps.open_case(desk.app, found.values(), actor="wang", reason="立案")
    with desk.app.database.reading() as tx:
        assert matters.find_matter(tx, found["HT-2"])["status"] == "open"


def test_a_case_holds_matters_of_one_institution(desk):
    found = desk.check(desk.breach("HT-1"), desk.breach("HT-2", 2))
    with pytest.raises(InvalidInputError, match="同一机构"):
        steps.open_case(desk.app, found.values(), actor="li", reason="立案")


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        ("viewer", ForbiddenError),
        ("school", ForbiddenError),
        ("gone", ForbiddenError),
        ("nobody", ForbiddenError),
        ("far", NotFoundError),
    ],
)
def test_a_case_is_opened_by_an_officer_of_the_place(desk, actor, refusal):
    found = desk.check(desk.breach("HT-1"))
    with pytest.raises(refusal):
        steps.open_case(desk.app, found.values(), actor=actor, reason="立案")
    assert desk.statuses() == ({"open"}, {"open"})


@pytest.mark.parametrize("matter_ids", [[], [99]])
def test_a_case_needs_matters_that_exist(desk, matter_ids):
    with pytest.raises(Refusal, match="事项"):
        steps.open_case(desk.app, matter_ids, actor="li", reason="立案")


@pytest.mark.parametrize(("then", "state"), [("triage", "triaged"), ("dismiss", "dismissed")])
def test_a_matter_can_be_triaged_or_dismissed_in_one_act(desk, then, state):
    found = desk.check(desk.breach("HT-1"))
    number = steps.open_case(desk.app, found.values(), actor="li", reason="研判", then=then)
    assert desk.get_case(number)["state"] == state


def test_a_matter_cannot_be_notified_before_it_is_triaged(desk):
    found = desk.check(desk.breach("HT-1"))
    with pytest.raises(InvalidInputError, match="立案"):
        steps.open_case(desk.app, found.values(), actor="li", reason="督办", then="notify")
    assert desk.statuses() == ({"open"}, {"open"})
