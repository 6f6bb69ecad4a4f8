"""What gives or takes a place on the white list, and what the public is told."""

import datetime as dt
import json
import random
import shutil

import pytest
from sqlalchemy import select, update

from feewatch.casework.workdays import is_working_day
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import Scope
from feewatch.services.lists.decisions import refuse
from feewatch.services.lists.holds import decide_hold, list_holds
from feewatch.services.lists.publication import publish
from feewatch.services.lists.verification import verify
from feewatch.store.tables import papers, registers

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def test_who_proves_everything_stands_on_the_white_list(town):
    (found,) = town.publish()
    assert found.document["counts"] == {"white": 3, "black": 0, "notice": 0}
    assert (found.document["number"], found.document["previous_sha256"]) == (1, None)
    assert verify(
        town.app.config, str(town.app.editions / DISTRICT), key_file=None, as_of=JULY
    ).is_good


def test_an_unreviewed_alert_changes_no_byte_of_any_list(town, tmp_path, build_town):
    town.publish()
    town.add_alert(1)
    other = build_town(tmp_path / "other")
    for number in range(3):
        other.add(number)
    shutil.copy(town.app.keys / "signing.pem", other.app.keys / "signing.pem")
    other.publish()
    assert town.publish()[0].is_new is False
    town.publish(AUGUST)
    other.publish(AUGUST)
    assert town.files(2) == other.files(2)


OPENED = ("open", "open", "2026-07-01", None)
TRIAGED = ("triage", "triaged", "2026-07-02", None)


NOTIFIED = ("notify", "notified", "2026-07-05", "order")


@pytest.mark.parametrize(
    ("steps", "is_white"),
    [
        ([OPENED], True),
        ([OPENED, TRIAGED], True),
        ([OPENED, ("dismiss", "dismissed", "2026-07-05", None)], True),
        ([OPENED, ("notify", "notified", "2026-07-31", "order")], False),
        ([OPENED, ("notify", "notified", "2026-08-01", "order")], True),
        ([OPENED, ("notify", "notified", "2026-07-05", "hint")], True),
        ([OPENED, NOTIFIED, ("submit", "submitted", "2026-07-06", None)], False),
        ([OPENED, NOTIFIED, ("close", "closed", "2026-07-31", None)], True),
        ([OPENED, NOTIFIED, ("close", "closed", "2026-08-01", None)], False),
        ([OPENED, NOTIFIED, ("transfer", "transferred", "2026-07-06", None)], False),
        ([OPENED, ("transfer", "transferred", "2026-07-06", None)], True),
        (
            [
                OPENED,
                NOTIFIED,
                ("transfer", "transferred", "2026-07-06", None),
                ("receive", "triaged", "2026-07-07", None),
            ],
            False,
        ),
    ],
)
def test_a_confirmed_finding_excludes_once_its_order_is_served_until_the_case_is_closed(
    town, steps, is_white
):
    town.add_case(1, steps)
    assert ("机构0" in town.names(town.publish())) is is_white


def test_what_is_not_known_gives_no_place_but_a_public_state(town):
    town.add(7, covered=False)
    (found,) = town.publish()
    assert found.document["unrated"] == [{"uscc": town.uscc(7), "name": "机构7"}]
    assert "机构7" not in town.names([found])


SEPTEMBER = parse_day("2026-09-30")


def fail(town, how):
    """Let the proof of an institution fail in one of the ways in which it can."""
    if how == "cover":
        town.outcomes[1] = {"BAL-COVER": "breach"}
    elif how == "unknown":
        town.outcomes[1] = {"BAL-COVER": "undetermined"}
    else:
        fact = registers.institution_fact
        with town.app.database.transaction() as tx:
            tx.execute(update(fact).where(fact.c.institution_id == 1).values(licence_until=JULY))


@pytest.mark.parametrize("how", ["cover", "unknown", "licence"])
def test_a_proof_that_fails_holds_the_place_and_moves_nothing(town, how):
    """F8: no computation takes a name off a list, and nothing is told in public."""
    (before,) = town.publish()
    fail(town, how)
    (after,) = town.publish(AUGUST)
    assert after.document["lists"] == before.document["lists"]
    assert (after.document["delta"], after.document["unrated"]) == ([], [])
    (held,) = list_holds(town.app, Scope())
    assert (held["name"], held["since"], held["due"]) == ("机构0", AUGUST, parse_day("2026-09-14"))
    assert [line["zh"] for line in held["lines"]]
    with town.app.database.reading() as tx:
        told = tx.execute(select(papers.message.c.institution_id)).scalars().all()
    assert 1 in told


def test_a_hold_that_nobody_decided_in_time_ends_neutrally(town):
    town.publish()
    fail(town, "cover")
    town.publish(AUGUST)
    assert "机构0" in town.names(town.publish(parse_day("2026-09-14")))
    found = town.publish(parse_day("2026-09-15"))
    assert town.why(found) == {("removed", "white", "机构0"): "资料待核，暂未评定"}
    word = {"uscc": town.uscc(0), "name": "机构0", "state": "pending"}
    assert found[0].document["unrated"] == [word]
    assert "资料待核，暂未评定" in town.files(4)["index.html"].decode()
    content = json.dumps(dict(found[0].document), ensure_ascii=False)
    assert "BAL-COVER" not in content
    assert "赵永胜" not in content
    assert list_holds(town.app, Scope()) == []


def test_one_that_left_so_is_told_in_the_same_word_until_it_is_proven_or_decided(town):
    town.publish()
    fail(town, "cover")
    town.publish(AUGUST)
    town.publish(parse_day("2026-09-15"))
    (later,) = town.publish(SEPTEMBER)
    assert [entry["state"] for entry in later.document["unrated"]] == ["pending"]
    town.outcomes[1] = {"BAL-COVER": "undetermined"}
    (unknown,) = town.publish(SEPTEMBER + 1)
    assert unknown.document["unrated"] == [{"uscc": town.uscc(0), "name": "机构0"}]
    town.outcomes[1] = {"BAL-COVER": "compliant"}
    (proven,) = town.publish(SEPTEMBER + 2)
    assert proven.document["unrated"] == []
    assert "机构0" in town.names([proven])


def test_one_that_was_never_listed_is_told_nothing_of_by_a_computation(town):
    fail(town, "cover")
    (found,) = town.publish()
    assert found.document["unrated"] == []


def test_a_hold_of_ten_working_days_steps_over_the_national_holidays(town):
    """2026-09-24 is a Thursday: the 25th to 27th and October 1st to 7th are off, 09-20 is past."""
    town.publish()
    fail(town, "cover")
    begin = parse_day("2026-09-24")
    town.publish(begin)
    (held,) = list_holds(town.app, Scope())
    days = [day for day in range(begin + 1, held["due"] + 1) if is_working_day(day)]
    assert len(days) == 10
    assert days[-1] == held["due"]
    assert held["due"] - begin > 14, "weekends alone would make it fourteen"
    assert "机构0" in town.names(town.publish(held["due"]))
    assert "机构0" not in town.names(town.publish(held["due"] + 1))


@pytest.mark.parametrize(
    ("balance", "needed", "is_held"),
    [
        (9_900_00, 10_000_00, False),
        (9_899_99, 10_000_00, True),
        (99_500_00, 100_000_00, False),
        (99_499_99, 100_000_00, True),
    ],
)
def test_a_slight_shortfall_holds_nothing(town, balance, needed, is_held):
    town.publish()
    town.outcomes[1] = {"BAL-COVER": (balance, needed)}
    assert "机构0" in town.names(town.publish(AUGUST))
    assert bool(list_holds(town.app, Scope())) is is_held


def test_the_office_sets_how_long_a_hold_runs_and_for_which_place(tmp_path, build_town):
    rules = tmp_path / "own" / "parameters"
    rules.mkdir(parents=True)
    (rules / "lists.toml").write_text(
        """
[hold_days]
title = { zh = "期限", en = "days" }
unit = "working_days"
[[hold_days.values]]
from = 1900-01-01
value = 10
preset = true
checked = 2026-11-29
[[hold_days.values]]
jurisdiction = "370702"
from = 1900-01-01
value = 3
preset = true
checked = 2026-11-29
""",
        encoding="utf-8",
    )
    town = build_town(tmp_path, folders=[str(tmp_path / "own")])
    for number, district in ((1, "370702"), (2, "370703")):
        town.outcomes[town.add(number, district=district)] = {"BAL-COVER": "compliant"}
    town.publish()
    for key in town.outcomes:
        town.outcomes[key] = {"BAL-COVER": "breach"}
    town.publish(AUGUST)
    due = {row["district"]: format_day(row["due"]) for row in list_holds(town.app, Scope())}
    assert due == {"370702": "2026-09-03", "370703": "2026-09-14"}


def test_a_word_to_keep_covers_what_the_officer_knew_and_nothing_after(town):
    town.publish()
    fail(town, "cover")
    town.publish(AUGUST)
    decide_hold(town.app, town.uscc(0), "keep", actor="li", reason="银行回函在案")
    town.publish(AUGUST + 1)
    assert [row["outcome"] for row in list_holds(town.app, Scope())] == ["keep"]
    fail(town, "licence")
    assert "机构0" in town.names(town.publish(SEPTEMBER))
    (again,) = list_holds(town.app, Scope())
    assert (again["since"], again["outcome"]) == (SEPTEMBER, None)
    assert {line["code"] for line in again["lines"]} == {"LICENCE", "BAL-COVER"}
    assert "机构0" not in town.names(town.publish(again["due"] + 1))


def test_a_served_notice_changes_nothing_and_the_place_ends_the_day_the_entry_begins(town):
    """F7: the notice is of 05-11, the decision of 06-01, shown from then on."""
    before = town.publish(parse_day("2026-05-31"))
    decision = town.propose(1)
    assert town.publish(decision.publish_from)[0].document["delta"] == []
    refuse(town.app, decision.document, actor="zhao", reason="补正")
    town.decide(1)
    (found,) = town.publish(decision.publish_from + 1)
    changes = town.why([found])
    assert set(changes) == {("removed", "white", "机构1"), ("added", "black", "机构1")}
    assert "机构1" in town.names(before)


def test_where_gates_hold_the_entry_back_the_white_place_stays_with_it(tmp_path, build_town):
    town = build_town(tmp_path, max_added_share=0.0, max_added_floor=0)
    for number in range(3):
        town.add(number)
    town.publish(parse_day("2026-05-31"))
    town.decide(1)
    (found,) = town.publish()
    assert found.held
    assert found.document is None, "nothing leaves while the entry is not public"
    (latest,) = town.publish(dry_run=True)
    assert latest.held


def test_no_outcome_of_an_engine_moves_a_name_within_its_hold(town):
    """Whatever computations say, in either direction, the lists stay as they were."""
    (first,) = town.publish()
    dice = random.Random(11)
    day, end = JULY, JULY + 14  # ten working days
    for _ in range(40):
        for key in town.outcomes:
            money = dice.randrange(10_000_00), dice.randrange(1, 10_000_00)
            said = dice.choice(["compliant", "undetermined", "breach", money])
            town.outcomes[key] = {"BAL-COVER": said}
        day = min(end, day + dice.randrange(2))
        (found,) = town.publish(day)
        assert found.document["lists"] == first.document["lists"]
        assert found.document["number"] == 1 or found.document["delta"] == []


def test_an_officer_removes_or_keeps_what_is_on_hold(town):
    town.publish()
    fail(town, "cover")
    town.outcomes[2] = {"BAL-COVER": "breach"}
    town.publish(AUGUST)
    decide_hold(town.app, town.uscc(0), "remove", actor="li", reason="核实属实")
    decide_hold(town.app, town.uscc(1), "keep", actor="zhao", reason="次日已补足，银行回函在案")
    found = town.publish(SEPTEMBER)
    assert town.why(found) == {("removed", "white", "机构0"): "不再符合白名单条件"}
    assert "机构1" in town.names(found)
    with pytest.raises(ConflictError):
        decide_hold(town.app, town.uscc(1), "remove", actor="li", reason="另议")


def test_a_proof_that_is_back_ends_the_hold_without_a_word(town):
    town.publish()
    fail(town, "cover")
    town.publish(AUGUST)
    town.outcomes[1] = {"BAL-COVER": "compliant"}
    found = town.publish(SEPTEMBER)
    assert found[0].document["delta"] == []
    assert list_holds(town.app, Scope()) == []


def test_a_public_decision_needs_no_hold(town):
    town.publish(parse_day("2026-05-31"))
    town.decide(1)
    found = town.publish()
    assert town.why(found)[("removed", "white", "机构1")] == "另有生效决定"
    assert list_holds(town.app, Scope()) == []


def test_a_preview_puts_nothing_on_hold(town):
    town.publish()
    fail(town, "cover")
    (shown,) = town.publish(AUGUST, dry_run=True)
    assert shown.document["delta"] == []
    assert list_holds(town.app, Scope()) == []


@pytest.mark.parametrize(
    ("actor", "outcome", "refusal"),
    [
        ("wang", "keep", ForbiddenError),
        ("reader", "keep", ForbiddenError),
        ("li", "perhaps", InvalidInputError),
    ],
)
def test_who_may_decide_a_hold_and_what(town, actor, outcome, refusal):
    town.publish()
    fail(town, "cover")
    town.publish(AUGUST)
    with pytest.raises(refusal):
        decide_hold(town.app, town.uscc(0), outcome, actor=actor, reason="x")
    with pytest.raises(NotFoundError):
        decide_hold(town.app, town.uscc(1), "keep", actor="li", reason="x")


def test_who_was_never_listed_is_not_held(town):
    fail(town, "cover")
    assert "机构0" not in town.names(town.publish())
    assert list_holds(town.app, Scope()) == []


def test_one_on_the_notice_board_says_so_on_its_white_row(town):
    town.decide(1, list="notice", sanctions=["warning"], why_necessary="涉及众多家庭")
    (found,) = town.publish()
    rows = {entry["name"]: entry.get("see") for entry in found.document["lists"]["white"]}
    assert rows == {"机构0": None, "机构1": "notice", "机构2": None}
    assert "另见监管提示" in town.files(1)["白名单.csv"].decode("utf-8-sig")


def test_each_district_has_its_own_editions(town):
    town.add(8, district="370703")
    found = town.publish()
    assert [(each.district, each.document["counts"]["white"]) for each in found] == [
        (DISTRICT, 3),
        ("370703", 1),
    ]


def test_an_empty_register_gives_the_office_an_empty_edition(tmp_path, build_town):
    (found,) = build_town(tmp_path).publish()
    assert (found.district, found.document["counts"]) == (
        DISTRICT,
        {"white": 0, "black": 0, "notice": 0},
    )


def test_an_edition_that_is_made_up_gives_the_office_its_days_from_today_on(town):
    town.publish()
    fail(town, "cover")
    with fixed(dt.datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)):
        publish(
            town.app, AUGUST, actor="scheduler", findings=town.findings, rule_book=lambda _: "rb1"
        )
    (held,) = list_holds(town.app, Scope())
    assert (held["since"], held["due"]) == (AUGUST, parse_day("2026-10-26"))
