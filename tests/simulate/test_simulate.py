"""The simulated office: nothing is broken, one seed replays; alterations show that counts fail."""

from random import Random

import pytest

from feewatch.kernel.days import parse_day
from feewatch.simulate.audit import audit, digest
from feewatch.simulate.invariants import INVARIANTS
from feewatch.simulate.plan import DISTRICTS, ORDER_36, START, draw, months_later
from feewatch.simulate.run import run


def live(folder, seed, years, institutions):
    plan = draw(seed, years, institutions)
    return run(folder, plan), plan


def test_no_invariant_is_broken_and_each_was_looked_at(lived):
    ran, plan = lived
    result = audit(ran, plan)
    assert result.examples == []
    assert {name: result.broken[name] for name in INVARIANTS if result.broken[name]} == {}
    assert [name for name in INVARIANTS if not result.looked[name]] == []
    assert {matter.decided_on < ORDER_36 for matter in plan.matters} == {True, False}
    assert ran.desk.refused.total() > 10
    assert plan.outages


def test_one_seed_replays_to_the_same_bytes_and_another_does_not(tmp_path):
    hashes = []
    for place, seed in (("first", 3), ("again", 3), ("other", 4)):
        ran, _ = live(tmp_path / place, seed, 0.12, 24)
        hashes.append(digest(ran))
        ran.app.database.dispose()
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_two_years_of_each_of_twenty_seeds_hold(tmp_path, seed):
    ran, plan = live(tmp_path, seed, 2, 60)
    result = audit(ran, plan)
    ran.app.database.dispose()
    assert result.examples == []
    assert not result.broken.total()


def test_a_large_share_leaves_by_two_persons_word(tmp_path):
    """Two of four in a district lose their proof on one day, and an officer removes them."""
    plan = draw(8, 0.2, 12)
    lost = [each for each in plan.schools if each.district == DISTRICTS[0]][:2]
    plan.schools = [
        each._replace(licence=(START + 20, 10**7), word="remove", word_after=1)
        if each in lost else each
        for each in plan.schools
    ]  # fmt: skip
    plan.by_uscc = {each.uscc: each for each in plan.schools}
    plan.matters = []
    ran = run(tmp_path, plan)
    result = audit(ran, plan)
    assert result.examples == []
    assert ran.desk.done["second word"] == len(ran.desk.agreed) > 0
    agreed, ran.desk.agreed = ran.desk.agreed, []
    assert audit(ran, plan).broken["white_lost"] > 0
    ran.desk.agreed = agreed
    ran.app.database.dispose()


def test_the_terms_of_the_plan_are_those_that_the_orders_name():
    """Both sides of 2026-04-01, months with and without the same day."""
    days = [("2026-03-31", 36, "2029-03-31"), ("2026-04-01", 12, "2027-04-01"),
            ("2026-11-30", 3, "2027-02-28")]  # fmt: skip
    for first, months, last in days:
        assert months_later(parse_day(first), months) == parse_day(last)


def test_the_plan_names_what_it_draws():
    plan = draw(Random(5).randrange(100), 2, 400)
    assert {matter.sanction for matter in plan.matters} >= {"warning", "confiscation", "closed"}
    assert {matter.ending for matter in plan.matters} >= {"", "repaired", "revoked", "void"}
    assert any(school.untold for school in plan.schools)
    assert [each.year for each in plan.rounds] == [2025, 2026]
    assert plan.rotations
    courses = {matter.course.name for matter in plan.matters}
    assert courses == {"none", "silent", "rejected", "partly", "withdrawn", "late", "hearing",
                       "waits", "upheld"}  # fmt: skip
    objections = [matter.objection for matter in plan.matters if matter.objection]
    assert {each.is_late for each in objections} == {True, False}
    assert {bool(each.answers) for each in objections} == {True, False}
