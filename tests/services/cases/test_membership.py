"""Many matters in one case: added, given up, handed over; two officers at once."""

import pytest
from services.cases.test_races import race

from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.services.cases import steps
from feewatch.services.cases.membership import (
    add_matters,
    drop_matter,
    hand_over_case,
    hand_over_matter,
)
from feewatch.services.messages import list_messages
from feewatch.store.cases import cases, matters
from feewatch.store.people import users


@pytest.fixture
def desk(any_desk):
    """The office on each database in turn."""
    return any_desk


@pytest.fixture
def found(desk):
    """Matters HT-1, HT-2 (red) and HT-3 of one institution, HT-9 of another."""
    return desk.check(
        desk.breach("HT-1"), desk.breach("HT-2", severity="red"), desk.breach("HT-3"),
        desk.breach("HT-9", institution_id=2),
    )  # fmt: skip


def members(desk, number):
    with desk.app.database.reading() as tx:
        return {row["cause"] for row in cases.list_case_matters(tx, desk.get_case(number)["id"])}


def events(desk, number):
    with desk.app.database.reading() as tx:
        return cases.list_case_events(tx, desk.get_case(number)["id"])


def status_of(desk, cause):
    with desk.app.database.reading() as tx:
        return next(row["status"] for row in matters.list_matters(tx) if row["cause"] == cause)


def owner_of(desk, key):
    with desk.app.database.transaction() as tx:
        return cases.lock_matters(tx, [key])[0]["owner"]


def test_a_case_opens_over_many_matters_and_who_opens_owns_them(desk, found):
    keys = [found["HT-1"], found["HT-3"]]
    number = steps.open_case(desk.app, keys, actor="li", reason="立案")
    assert members(desk, number) == {"HT-1", "HT-3"}
    assert desk.get_case(number)["owner"] == owner_of(desk, found["HT-3"]) == "li"


def test_matters_of_two_institutions_make_no_case(desk, found):
    keys = [found["HT-1"], found["HT-9"]]
    with pytest.raises(InvalidInputError) as refusal:
        steps.open_case(desk.app, keys, actor="li", reason="立案")
    assert refusal.value.code == "CASE-ONE-INSTITUTION"
    assert status_of(desk, "HT-1") == "open"


def test_a_matter_joins_a_case_that_runs_and_makes_it_as_grave(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    desk.walk(number, "triage notify submit")
    add_matters(desk.app, number, [found["HT-2"]], actor="wang", reason="同一检查发现")
    assert members(desk, number) == {"HT-1", "HT-2"}
    assert (desk.get_case(number)["severity"], status_of(desk, "HT-2")) == ("red", "in_case")
    event = events(desk, number)[-1]
    assert (event["step"], event["from_state"], event["to_state"]) == (
        "add", "submitted", "submitted",
    )  # fmt: skip
    assert event["detail"] == {"matters": [found["HT-2"]]}


def test_a_matter_given_up_is_open_again_and_the_case_no_graver_than_the_rest(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"], found["HT-2"]], actor="li", reason="立案")
    drop_matter(desk.app, number, found["HT-2"], actor="li", reason="另案处理")
    assert members(desk, number) == {"HT-1"}
    assert (desk.get_case(number)["severity"], status_of(desk, "HT-2")) == ("yellow", "open")
    assert events(desk, number)[-1]["step"] == "drop"
    again = steps.open_case(desk.app, [found["HT-2"]], actor="li", reason="另案")
    assert members(desk, again) == {"HT-2"}


def test_the_last_matter_stays(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    with pytest.raises(ConflictError) as refusal:
        drop_matter(desk.app, number, found["HT-1"], actor="li", reason="不要")
    assert refusal.value.code == "CASE-LAST-MATTER"


@pytest.mark.parametrize("way", ["triage notify submit close", "dismiss"])
def test_the_matters_of_a_settled_case_stay(desk, found, way):
    number = steps.open_case(desk.app, [found["HT-1"], found["HT-3"]], actor="li", reason="立案")
    desk.walk(number, way)
    with pytest.raises(ConflictError):
        add_matters(desk.app, number, [found["HT-2"]], actor="li", reason="并入")
    with pytest.raises(ConflictError):
        drop_matter(desk.app, number, found["HT-3"], actor="li", reason="移出")
    assert members(desk, number) == {"HT-1", "HT-3"}


def test_matters_of_another_institution_or_case_do_not_join(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    with pytest.raises(InvalidInputError):
        add_matters(desk.app, number, [found["HT-9"]], actor="li", reason="并入")
    steps.open_case(desk.app, [found["HT-3"]], actor="li", reason="立案")
    with pytest.raises(ConflictError) as refusal:
        add_matters(desk.app, number, [found["HT-3"], found["HT-2"]], actor="li", reason="并入")
    assert refusal.value.code == "MATTER-TAKEN"
    assert status_of(desk, "HT-2") == "open"  # all or none


def test_one_matter_joins_one_of_two_cases_at_once(desk, found):
    first = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    second = steps.open_case(desk.app, [found["HT-3"]], actor="li", reason="立案")
    results = race(
        lambda: add_matters(desk.app, first, [found["HT-2"]], actor="li", reason="并入"),
        lambda: add_matters(desk.app, second, [found["HT-2"]], actor="wang", reason="并入"),
    )
    assert sorted(results, key=str) == ["MATTER-TAKEN", None]


def test_of_two_matters_given_up_at_once_one_stays(desk, found):
    keys = [found["HT-1"], found["HT-3"]]
    number = steps.open_case(desk.app, keys, actor="li", reason="立案")
    results = race(
        *(
            lambda key=key: drop_matter(desk.app, number, key, actor="li", reason="移出")
            for key in keys
        )
    )
    assert sorted(results, key=str) == ["CASE-LAST-MATTER", None]
    assert len(members(desk, number)) == 1


def test_a_case_is_handed_over_with_its_matters_and_the_heir_is_told(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    hand_over_case(desk.app, number, "wang", actor="li", reason="休假")
    assert desk.get_case(number)["owner"] == owner_of(desk, found["HT-1"]) == "wang"
    event = events(desk, number)[-1]
    assert (event["step"], event["detail"]) == ("hand_over", {"from": "li", "to": "wang"})
    with desk.app.database.reading() as tx:
        heir = users.find_by_name(tx, "wang")
    assert number in list_messages(desk.app, heir, 1).rows[0].text["zh"]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("far", "OWNER-SCOPE"),
        ("viewer", "OWNER-SCOPE"),
        ("school", "OWNER-SCOPE"),
        ("gone", "OWNER-UNKNOWN"),
        ("nobody", "OWNER-UNKNOWN"),
    ],
)
def test_it_goes_to_nobody_who_could_not_work_on_it(desk, found, to, code):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    with pytest.raises(InvalidInputError) as refusal:
        hand_over_case(desk.app, number, to, actor="li", reason="移交")
    assert refusal.value.code == code
    with pytest.raises(InvalidInputError):
        hand_over_matter(desk.app, found["HT-1"], to, actor="li", reason="移交")
    assert desk.get_case(number)["owner"] == "li"


def test_outside_the_scope_nothing_is_handed_over(desk, found):
    number = steps.open_case(desk.app, [found["HT-1"]], actor="li", reason="立案")
    with pytest.raises(NotFoundError):
        hand_over_case(desk.app, number, "far", actor="far", reason="移交")
    hand_over_matter(desk.app, found["HT-2"], "zhao", actor="li", reason="复核")
    assert owner_of(desk, found["HT-2"]) == "zhao"
