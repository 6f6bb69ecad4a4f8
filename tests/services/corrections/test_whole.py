"""A proposal is on record whole or not at all, and two who decide at once decide once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from feewatch.kernel.errors import ConflictError
from feewatch.services.corrections import deciding


class Killed(BaseException):
    """Stands for kill -9: nothing in the product may catch it."""


def smaller(school):
    return {**school.contracts[0], "lessons": "60"}


def die(*_, **__):
    raise Killed


@pytest.mark.parametrize(
    "moment", ["store.registers.proposals.add_event", "store.registers.registers.record_import"]
)
def test_killed_while_it_is_handed_in_nothing_is_left_and_the_next_try_is_whole(
    office, long_course, monkeypatch, moment
):
    office.settle(long_course)
    new = {**long_course.contracts[1], "contract_no": "NEU"}
    with monkeypatch.context() as patch:
        patch.setattr(f"feewatch.{moment}", die)
        with pytest.raises(Killed):
            office.hand_in("contracts", smaller(long_course), new)
    assert office.proposals() == []
    report = office.hand_in("contracts", smaller(long_course), new)
    assert (report.new, report.proposed) == (1, 1)


@pytest.mark.parametrize(
    "moment", ["store.registers.proposals.move", "store.audit.record", "store.state.mark_changed"]
)
def test_killed_while_it_is_accepted_facts_and_proposal_stand_as_they_were(
    office, long_course, monkeypatch, moment
):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    with monkeypatch.context() as patch:
        patch.setattr(f"feewatch.{moment}", die)
        if moment.endswith("mark_changed"):
            patch.setattr(deciding, "mark_changed", die)
        with pytest.raises(Killed):
            office.decide("accept", 1)
    assert office.proposals()[0]["state"] == "open"
    assert not office.proposals()[0]["outdated"]
    office.decide("accept", 1)
    assert office.check().withdrawn == 1


def test_of_two_officers_one_decides(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))

    def decide(step_and_person):
        step, person = step_and_person
        try:
            office.decide(step, 1, by=person)
        except ConflictError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(decide, [("accept", "li"), ("refuse", "wang")]))
    assert told == ["PROPOSAL-DECIDED", "done"]
    decisions = [each["change"] for each in office.proposals()[0]["history"]]
    assert len(decisions) == 2


def test_looking_at_the_effect_of_a_proposal_writes_nothing(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    office.check()
    before = office.alerts()
    for _ in range(2):
        assert office.effect(1)["ended"]
    assert office.alerts() == before
    assert office.check().institutions == 0
