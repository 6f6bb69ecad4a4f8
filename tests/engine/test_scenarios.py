"""Scenario files: layers of what is ordinary, faults by key, and what a rule may not lack."""

import dataclasses
import tomllib
from decimal import Decimal

import pytest

from feewatch.engine.loader import SHIPPED, load_rule_book, load_scenarios, read_scenario_folders
from feewatch.engine.scenario_lint import lint_scenarios
from feewatch.engine.scenarios import ORDINARY, read_scenarios
from feewatch.kernel.days import parse_day

BOOK = load_rule_book()
ORDINARY_FACTS = tomllib.loads((SHIPPED / ORDINARY).read_text("utf-8"), parse_float=Decimal)


def read(text, rule="FEE-CAP-5000"):
    """The scenarios of a file and the words of its faults."""
    faults = []
    values = tomllib.loads(text, parse_float=Decimal)
    files = {ORDINARY: ORDINARY_FACTS, f"scenarios/{rule}.toml": values}
    found = read_scenarios(files, faults)[rule]
    return found, "\n".join(f"{each.column}: {each.message.en}" for each in faults)


def test_a_scenario_stands_on_what_its_file_gives_and_what_is_ordinary():
    (scenario,), faults = read("""
        [given.institution]
        subject = "文化艺术类"
        [given.contract]
        fee = 4000.00
        [[scenarios]]
        title = "两份合同"
        contracts = [{}, { fee = 5000.01, paid_on = 2026-02-28 }]
        expect = "合规"
        """)
    assert faults == ""
    assert scenario.as_of == parse_day("2026-07-31")
    assert scenario.institution["subject"] == "文化艺术类"
    assert scenario.institution["custody"] == "银行托管"
    assert [row["contract_no"] for row in scenario.rows["contracts"]] == ["HT1", "HT2"]
    assert [row["fee"] for row in scenario.rows["contracts"]] == ["4000.00", "5000.01"]
    assert [row["paid_on"] for row in scenario.rows["contracts"]] == ["2026-07-01", "2026-02-28"]
    assert [row["kind"] for row in scenario.rows["accounts"]] == ["收费专用账户"]
    assert scenario.rows["lessons"] == ()


def test_one_row_in_the_singular_is_one_row():
    (scenario,), _ = read("""
        [[scenarios]]
        title = "一份合同"
        contract = { fee = 1.00 }
        expect = "compliant"
        """)
    assert [row["fee"] for row in scenario.rows["contracts"]] == ["1.00"]


def test_what_is_listed_as_empty_is_not_there():
    (scenario,), _ = read("""
        [[scenarios]]
        title = "没有账户"
        accounts = []
        statements = []
        expect = "不判定"
        """)
    assert scenario.rows["accounts"] == scenario.rows["statements"] == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('expect = "坏"', "scenarios[1].expect: must be one of breach 违反, compliant 合规"),
        ('expect = "合规"\ncontract = { fees = 1 }', "contracts have no column fees; allowed"),
        ('expect = "合规"\nentry = { amount = 1 }', "entries have no column amount; allowed"),
        ('expect = "合规"\ncontracts = 3', "scenarios[1].contracts: must be a list of tables"),
        ('expect = "合规"\nlimits = 3', "scenarios[1].limits: unknown key limits"),
        ('expect = "合规"\nas_of = "heute"', "scenarios[1].as_of: must be a date such as"),
        ('expect = "合规"\ncovers = { bank = [] }', "must be contracts or lessons = [first day"),
        ('expect = "违反"\nseverity = "red"', "scenarios[1].measured: measured is missing"),
        ('expect = "违反"\nmeasured = 1', "scenarios[1].severity: severity is missing"),
        ('expect = "违反"\nmeasured = 1\nseverity = "pink"', "one of notice, yellow, orange, red"),
        ('expect = "不能判定"', "scenarios[1].reason: reason is missing"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_what_is_allowed(line, words):
    assert words in read(f'[[scenarios]]\ntitle = "x"\n{line}')[1]


def test_the_shipped_rules_lack_no_scenario():
    scenarios, faults = read_scenario_folders([SHIPPED])
    assert faults == []
    assert list(lint_scenarios(BOOK, scenarios)) == []


def said(scenarios):
    return "\n".join(f"{each.file}: {each.message.en}" for each in lint_scenarios(BOOK, scenarios))


@pytest.mark.parametrize("outcome", ["breach", "compliant", "undetermined"])
def test_a_rule_without_one_of_its_sides_is_refused(outcome):
    scenarios = load_scenarios()
    scenarios["FEE-HOURS-60"] = tuple(
        each for each in scenarios["FEE-HOURS-60"] if each.outcome != outcome
    )
    assert f"scenarios/FEE-HOURS-60.toml: no scenario is {outcome}" in said(scenarios)


def test_a_rule_without_any_scenario_is_refused():
    scenarios = load_scenarios()
    del scenarios["BAL-MIN"]
    assert "scenarios/BAL-MIN.toml: no scenario is breach" in said(scenarios)


@pytest.mark.parametrize("day", ["2025-11-04", "2025-11-05"])
def test_a_day_of_change_needs_a_scenario_on_either_side(day):
    scenarios = load_scenarios()
    scenarios["FEE-CAP-5000"] = tuple(
        each for each in scenarios["FEE-CAP-5000"] if day not in each.days
    )
    assert said(scenarios) == (
        "scenarios/FEE-CAP-5000.toml: "
        f"in force in 370000 from 2025-11-05: no scenario there names {day}"
    )


@pytest.mark.parametrize("day", ["2022-01-31", "2022-02-01"])
def test_a_figure_of_law_that_begins_needs_a_scenario_of_its_place_on_either_side(day):
    """Wuhu's release schedule; the same day told of elsewhere does not help."""
    scenarios = load_scenarios()
    scenarios["REL-SYNC"] = tuple(
        dataclasses.replace(each, institution={**each.institution, "district": "370702"})
        if day in each.days and each.institution["district"] == "340202"
        else each
        for each in scenarios["REL-SYNC"]
    )
    assert said(scenarios) == (
        "scenarios/REL-SYNC.toml: "
        f"in force in 340200 from 2022-02-01: no scenario there names {day}"
    )


@pytest.mark.parametrize(
    ("start", "day"),
    [("2022-01-15", "2022-01-14"), ("2022-01-15", "2022-01-15"), ("2023-01-15", "2023-01-14"),
     ("2023-01-15", "2023-01-15")],
)  # fmt: skip
def test_a_price_that_begins_or_ends_needs_a_scenario_of_its_place_on_either_side(start, day):
    scenarios = load_scenarios()
    scenarios["PRICE-GUIDE"] = tuple(
        each for each in scenarios["PRICE-GUIDE"] if day not in each.days
    )
    assert said(scenarios) == (
        "scenarios/PRICE-GUIDE.toml: "
        f"in force in 422800 from {start}: no scenario there names {day}"
    )


def test_scenarios_of_a_rule_that_is_not_there_are_refused():
    scenarios = load_scenarios()
    scenarios["FEE-NOTHING"] = scenarios["FEE-CAP-5000"]
    assert said(scenarios) == "scenarios/FEE-NOTHING.toml: no rule FEE-NOTHING in the book"
