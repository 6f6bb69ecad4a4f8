"""Every scenario beside the rules comes out as it says, on both databases; a false one is told."""

import dataclasses
from decimal import Decimal

import pytest

from feewatch.engine.loader import load_scenarios
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.trials.scenario_world import place
from feewatch.services.trials.scenarios import run_scenarios, scratch_app

SCENARIOS = load_scenarios()
OTHERWISE = {
    "breach": "compliant", "compliant": "undetermined", "undetermined": "none", "none": "breach",
}  # fmt: skip


@pytest.fixture
def scratch():
    with scratch_app([]) as app:
        yield app


EVERYONE = [each for rule in SCENARIOS.values() for each in rule]


def few_days():
    """One scenario of each rule and outcome on as few days as have every rule.

    Each day is judged by the whole book.
    """
    chosen, missing = [], set(SCENARIOS)
    days = {day: [each for each in EVERYONE if each.as_of == day]
            for day in sorted({each.as_of for each in EVERYONE})}  # fmt: skip
    while missing:
        best = max(days, key=lambda day: len(missing & {each.rule for each in days[day]}))
        chosen += days[best]
        missing -= {each.rule for each in days.pop(best)}
    return list({(each.rule, each.outcome): each for each in chosen}.values())


def all_right(app, scenarios):
    results = run_scenarios(app, scenarios)
    assert len(results) == len(scenarios)
    wrong = [(each.scenario.rule, each.scenario.title, each.wrong) for each in results]
    assert [each for each in wrong if each[2]] == []


def test_every_scenario_comes_out_as_it_says(scratch):
    all_right(scratch, EVERYONE)


def test_postgresql_says_the_same_of_each_rule(postgres_app):
    scenarios = few_days()
    assert {each.rule for each in scenarios} == set(SCENARIOS)
    all_right(postgres_app, scenarios)


@pytest.mark.long
def test_postgresql_says_the_same_of_every_scenario(postgres_app):
    all_right(postgres_app, EVERYONE)


def test_a_scenario_that_says_otherwise_fails(scratch):
    """The other way round no scenario of a few rules passes: the run can tell."""
    rules = ("FEE-HOURS-60", "REL-SYNC", "ACC-UNREG", "DATA-GAP")
    turned = [
        dataclasses.replace(each, outcome=OTHERWISE[each.outcome], reason="")
        for rule in rules
        for each in SCENARIOS[rule]
    ]
    assert all(each.wrong for each in run_scenarios(scratch, turned))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measured": Decimal("5000.02")}, "measured should be 5000.02, is 5000.01"),
        ({"limit": Decimal(4999)}, "limit should be 4999, is 5000"),
        ({"severity": "red"}, "severity should be red, is orange"),
        ({"authority": "preset"}, "authority should be preset, is law"),
    ],
)
def test_each_figure_is_compared(scratch, change, words):
    breach = SCENARIOS["FEE-CAP-5000"][1]
    (result,) = run_scenarios(scratch, [dataclasses.replace(breach, **change)])
    (wrong,) = result.wrong
    assert wrong.en.startswith(words)


def test_the_reason_of_what_cannot_be_judged_is_compared(scratch):
    unknown = next(each for each in SCENARIOS["FEE-HOURS-60"] if each.outcome == "undetermined")
    (result,) = run_scenarios(scratch, [dataclasses.replace(unknown, reason="未填班额")])
    assert "the reason should hold '未填班额'" in result.wrong[0].en


def test_rows_that_a_register_refuses_are_told_by_scenario(scratch):
    broken = dataclasses.replace(
        SCENARIOS["FEE-CAP-5000"][0], institution={"name": "x", "district": "37"}
    )
    with pytest.raises(InvalidInputError, match=r"FEE-CAP-5000.toml: 恰 5000 元: institutions"):
        run_scenarios(scratch, [broken])


def test_an_entry_outside_every_statement_is_told(scratch):
    first = SCENARIOS["BAL-MIN"][0]
    stray = {**first.rows["entries"][0], "booked_on": "2026-08-01"}
    broken = dataclasses.replace(first, rows={**first.rows, "entries": (stray,)})
    with pytest.raises(InvalidInputError, match="no statement of 账户1 covers 2026-08-01"):
        run_scenarios(scratch, [broken])


def test_the_line_of_arithmetic_names_price_place_class_and_day(scratch):
    (over,) = [each for each in SCENARIOS["PRICE-GUIDE"] if each.title == "潍坊 9 人班超 1 分"]
    run_scenarios(scratch, [over])
    run_check(scratch, over.as_of, full=True)
    (alert,) = list_alerts(scratch, status=None, rule="PRICE-GUIDE", uscc=place([over])[0].uscc)
    assert alert["calculation"]["en"] == (
        "35.21 yuan ÷ 1 lessons × 45/45 min = 35.21 > 32.00 × 1.10 = 35.20, over by 0.01 "
        "(潍坊市, 文号未录/no number on file, class of 9, paid 2026-07-01)"
    )
    assert (alert["measured"], alert["limit"]) == ("3521.0000", "3520.0000")
    assert (alert["authority"], alert["severity"]) == ("local", "orange")
    assert [each["certainty"] for each in alert["basis"]] == ["V2", "V2"]


def test_an_alert_of_a_clue_rests_on_no_law_and_shows_what_would_apply(scratch):
    dividend = next(each for each in SCENARIOS["OUT-DIVIDEND"] if each.outcome == "breach")
    run_scenarios(scratch, [dividend])
    run_check(scratch, dividend.as_of, full=True)
    uscc = place([dividend])[0].uscc
    (alert,) = list_alerts(scratch, status=None, rule="OUT-DIVIDEND", uscc=uscc)
    assert alert["authority"] == "preset"
    assert [each["certainty"] for each in alert["basis"]] == ["preset"]
    assert [(each["article"], each["certainty"]) for each in alert["would_apply"]] == [
        ("收益分配（条次未录）", "V2"),
        ("第十九条", "V1"),
    ]
