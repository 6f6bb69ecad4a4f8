"""Each invariant can fail: the plan, a file or the product is altered, and the count is not 0."""

import dataclasses
import datetime as dt
import json

import pytest

from feewatch.scheduler import MADE_UP
from feewatch.services.lists import decisions
from feewatch.simulate.audit import audit
from feewatch.simulate.hearings import AFTER_PROPOSAL
from feewatch.simulate.invariants import INVARIANTS
from feewatch.simulate.plan import DISTRICTS, START, draw
from feewatch.simulate.run import run
from feewatch.store import leases


def published(ran, plan, wanted=lambda _: True):
    """A matter that stands in some edition."""
    told = {
        row["document"]
        for path in editions(ran)
        for rows in json.loads(path.read_bytes())["lists"].values()
        for row in rows
        if "document" in row
    }
    return next(each for each in plan.matters if each.document in told and wanted(each))


def editions(ran):
    return [
        path
        for place in DISTRICTS
        for path in sorted(
            (ran.app.editions / place).glob("[0-9]*/edition.json"),
            key=lambda file: int(file.parent.name),
        )
    ]


def is_plain(matter):
    return matter.decided_on < START + 60 and not (matter.corrected or matter.ended)


#: What, had the plan been so, would have made the same editions wrong.
OTHER_PLANS = {
    "past_term": lambda _: {"sanction": "warning", "necessary": True},  # three months
    "open_window": lambda matter: {"until": matter.until + 400},
    "ended": lambda matter: {"ended": matter.approved, "ending": "void"},
    "fewer_persons": lambda _: {"approved": None},
}


@pytest.mark.parametrize("name", OTHER_PLANS)
def test_an_edition_that_another_plan_forbids_is_counted(lived, name):
    ran, plan = lived
    matter = published(ran, plan, is_plain)
    changed = dataclasses.replace(matter, **OTHER_PLANS[name](matter))
    matters = [changed if each is matter else each for each in plan.matters]
    assert audit(ran, dataclasses.replace(plan, matters=matters)).broken[name] > 0


def of_black(document):
    return next(
        row for name in ("black", "credit_black") for row in document["lists"].get(name, ())
    )


def drop_document(document):
    of_black(document)["document"] = ""


def extend_term(document):
    of_black(document)["last_day"] = "2099-12-31"


def name_a_person(document):
    of_black(document)["name"] = "赵永胜"


def list_twice(document):
    row = of_black(document)
    document["lists"]["white"].append({"uscc": row["uscc"], "name": row["name"]})


def leave_out(document):
    document["lists"] |= {"black": [], "credit_black": []}


def take_off_white(document):
    document["lists"]["white"].pop()


def list_the_unproven(document):
    row = of_black(document)
    document["lists"]["white"] = [{"uscc": row["uscc"], "name": row["name"]}]


def remove_in_silence(document):
    document["delta"] = [row for row in document["delta"] if row["change"] != "removed"]


def break_the_chain(document):
    document["previous_sha256"] = "0" * 64


#: By invariant how a file on disk is spoilt.
SPOILT_FILES = {
    "without_document": drop_document, "wrong_content": extend_term,
    "natural_persons": name_a_person, "two_lists": list_twice, "entries_missing": leave_out,
    "white_lost": take_off_white, "white_unproven": list_the_unproven,
    "removals_unpublished": remove_in_silence, "chain_broken": break_the_chain,
    "not_verifying": extend_term,
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT_FILES)
def test_a_spoilt_edition_is_counted(lived, name):
    ran, plan = lived
    path = next(path for path in editions(ran) if is_fit(json.loads(path.read_bytes()), name))
    content = path.read_bytes()
    document = json.loads(content)
    SPOILT_FILES[name](document)
    try:
        path.write_text(json.dumps(document), encoding="utf-8")
        assert audit(ran, plan).broken[name] > 0
    finally:
        path.write_bytes(content)


def is_fit(document, name):
    """Whether an edition holds what is to be spoilt."""
    if name == "removals_unpublished":
        return any(row["change"] == "removed" for row in document["delta"])
    lists = document["lists"]
    return document["kind"] == "regular" and any(
        lists.get(black) for black in ("black", "credit_black")
    )


def test_a_name_that_leaves_late_is_counted(lived):
    """Had decisions fallen earlier, schedulers would have looked and left their names there."""
    ran, plan = lived
    late = 0
    for hours in (12, 24, 48, 72):
        matters = [
            dataclasses.replace(each, ended=each.ended - dt.timedelta(hours=hours))
            if each.ended is not None and each.ending != "repaired"
            else each
            for each in plan.matters
        ]
        late += audit(ran, dataclasses.replace(plan, matters=matters)).broken["late_removals"]
    assert late > 0


def test_a_defence_that_nobody_answered_is_counted(lived):
    ran, plan = lived
    heard = dict(ran.desk.parties.heard)
    try:
        ran.desk.parties.heard.clear()
        assert audit(ran, plan).broken["unheard"] > 0
    finally:
        ran.desk.parties.heard.update(heard)


def test_what_came_late_and_is_not_marked_so_is_counted(lived):
    ran, plan = lived
    key, said = next((key, said) for key, said in ran.desk.parties.said.items() if said.is_late)
    try:
        ran.desk.parties.said[key] = said._replace(is_late=False)
        assert audit(ran, plan).broken["lateness"] == 1
    finally:
        ran.desk.parties.said[key] = said


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


def ran_with(folder, wanted, **changes):
    """The counts of a short life of an office whose plan is as wanted."""
    seed = next(seed for seed in range(1, 200) if wanted(draw(seed, 0.12, 24)))
    plan = dataclasses.replace(draw(seed, 0.12, 24), **changes)
    ran = run(folder, plan)
    ran.app.database.dispose()
    return audit(ran, plan).broken


def test_a_scheduler_that_writes_without_its_lease_is_counted(tmp_path, monkeypatch):
    """The fence is open: who stood still past its lease goes on."""
    monkeypatch.setattr(leases, "fence", lambda *_: lambda *_: None)
    assert ran_with(tmp_path, lambda _: True)["stale_writes"] > 0


def test_publications_that_nobody_makes_up_are_counted(tmp_path, monkeypatch):
    monkeypatch.setitem(MADE_UP, "publication", "in grace")
    broken = ran_with(tmp_path, lambda _: True, outages=[(START + 10, START + 20)])
    assert broken["editions_missing"] > 0


def test_a_step_that_is_let_pass_over_an_unanswered_defence_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(decisions, "_refuse_unheard", lambda *_: None)

    def waits(plan):
        early = [each for each in plan.matters if each.proposed.date() < dt.date(2025, 12, 10)]
        return any(each.course.name in AFTER_PROPOSAL for each in early)

    assert ran_with(tmp_path, waits)["acts_astray"] > 0


def test_every_invariant_is_altered():
    """A new invariant needs a way in which it fails."""
    others = {
        "late_removals", "unheard", "lateness", "red_unearned", "red_lost", "forgeries",
        "stale_writes", "editions_missing", "acts_astray",
    }  # fmt: skip
    assert {*OTHER_PLANS, *SPOILT_FILES, *others} == INVARIANTS.keys()
