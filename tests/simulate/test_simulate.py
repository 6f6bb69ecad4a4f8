"""The simulated office: nothing is broken, one seed replays, and every count can fail."""

import dataclasses
import datetime as dt
import json
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


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """Some months of a small office, over the day on which Order 36 comes in force."""
    ran, plan = live(tmp_path_factory.mktemp("office"), 1, 0.55, 60)
    yield ran, plan
    ran.app.database.dispose()


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
    ran, plan = live(tmp_path, seed, 2, 300)
    result = audit(ran, plan)
    ran.app.database.dispose()
    assert result.examples == []
    assert not result.broken.total()


def published(ran, plan, wanted=lambda _: True):
    """A matter that stands in some edition."""
    told = {
        row["document"]
        for place in DISTRICTS
        for path in (ran.app.editions / place).glob("*/edition.json")
        for rows in json.loads(path.read_bytes())["lists"].values()
        for row in rows
        if "document" in row
    }
    return next(each for each in plan.matters if each.document in told and wanted(each))


#: What, had the plan been so, would have made the same editions wrong.
OTHERWISE = {
    "without_document": lambda _: {"number": 9_999},
    "past_term": lambda _: {"sanction": "warning", "necessary": True},  # three months
    "open_window": lambda matter: {"until": matter.until + 400},
    "ended": lambda matter: {"ended": matter.approved, "ending": "void"},
    "fewer_persons": lambda _: {"approved": None},
    "wrong_content": lambda matter: {"corrected": matter.approved, "ended": None},
    "natural_persons": lambda _: {},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_each_count_of_entries_can_fail(lived, name):
    ran, plan = lived
    matter = published(
        ran, plan, lambda each: each.decided_on < START + 60 and not (each.corrected or each.ended)
    )
    changed = dataclasses.replace(matter, **OTHERWISE[name](matter))
    matters = [changed if each is matter else each for each in plan.matters]
    other = dataclasses.replace(plan, matters=matters)
    if name == "natural_persons":
        school = matter.school._replace(name="另一家")
        other.by_uscc = dict(plan.by_uscc) | {school.uscc: school}
    assert audit(ran, other).broken[name] > 0


def test_a_matter_that_nobody_published_is_missed(lived):
    ran, plan = lived
    matter = published(ran, plan)
    silent = dataclasses.replace(matter, number=8_888, ended=None)
    other = dataclasses.replace(plan, matters=[*plan.matters, silent])
    assert audit(ran, other).broken["entries_missing"] > 0


def test_white_places_are_held_against_the_plan_in_both_directions(lived):
    ran, plan = lived
    school = next(each for each in plan.schools if each.word == "none" and each.proves(10**5))
    always = school._replace(licence=(0, 10**7))  # never proves: listed from the first edition on
    schools = [always if each is school else each for each in plan.schools]
    assert audit(ran, dataclasses.replace(plan, schools=schools)).broken["white_unproven"] > 0
    twin = school._replace(uscc="52370702000099999X")
    other = dataclasses.replace(plan, schools=[*plan.schools, twin])
    assert audit(ran, other).broken["white_lost"] > 0


def test_red_places_are_held_against_the_grades_that_people_set(lived):
    ran, plan = lived
    grades = dict(ran.desk.grades)
    try:
        ran.desk.grades.clear()
        assert audit(ran, plan).broken["red_unearned"] > 0
        ran.desk.grades.update({(each.uscc, 2025): "A" for each in plan.schools})
        everybody = plan.rounds[0]._replace(schools=tuple(plan.schools))
        other = dataclasses.replace(plan, rounds=[everybody])
        assert audit(ran, other).broken["red_lost"] > 0
    finally:
        ran.desk.grades.clear()
        ran.desk.grades.update(grades)


def test_a_forgery_is_seen_where_the_stolen_key_was_never_revoked(lived):
    ran, plan = lived
    assert ran.desk.done["revoke key"] == 1
    revoked = ran.app.keys / "revoked.json"
    content = revoked.read_bytes()
    try:
        revoked.unlink()
        assert audit(ran, plan).broken["forgeries"] > 0
    finally:
        revoked.write_bytes(content)


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


def test_an_edition_that_is_gone_and_one_that_was_altered_are_seen(lived, tmp_path):
    ran, plan = live(tmp_path, 2, 0.12, 24)
    place = ran.app.editions / DISTRICTS[0]
    file = place / "1" / "edition.json"
    document = json.loads(file.read_bytes())
    row = document["lists"]["white"].pop()
    document["lists"]["black"].append(row | {"document": "x"})
    file.write_text(json.dumps(document))
    result = audit(ran, plan)
    for name in ("not_verifying", "chain_broken", "white_lost", "without_document"):
        assert result.broken[name] > 0, name
    document["lists"]["white"].append(row)
    file.write_text(json.dumps(document))
    assert audit(ran, plan).broken["two_lists"] > 0
    longer = dataclasses.replace(plan, last_day=plan.last_day + 30)
    assert audit(ran, longer).broken["editions_missing"] > 0
    ran.app.database.dispose()


def test_a_name_that_left_without_a_word_or_too_late_is_seen(lived):
    ran, plan = lived
    matter = published(ran, plan, lambda each: each.ended is None)
    edition = max(
        (ran.app.editions / matter.school.district).glob("[0-9]*"), key=lambda path: int(path.name)
    )
    ended = dt.datetime.fromisoformat(f"{plan_end(edition)}T00:00:00+08:00") - dt.timedelta(days=9)
    other = dataclasses.replace(matter, ended=ended, ending="void")
    matters = [other if each is matter else each for each in plan.matters]
    broken = audit(ran, dataclasses.replace(plan, matters=matters)).broken
    assert broken["late_removals"] + broken["ended"] > 0


def plan_end(edition):
    return json.loads((edition / "edition.json").read_bytes())["cut_off"]


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
