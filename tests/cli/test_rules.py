"""``feewatch rules``: the book as a jurist reads it."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.config import Config
from feewatch.engine.loader import SHIPPED, load_rule_book


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, ["rules", *arguments])


def test_every_rule_is_listed_without_a_database(run):
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [each["rule"] for each in listed] == list(load_rule_book().rules)
    (release,) = [each for each in listed if each["rule"] == "REL-SYNC"]
    assert release["authorities"] == ["preset", "local"]
    assert {"jurisdiction": "410000", "from": "2022-04-02"} in release["in_force"]


def test_a_line_names_rule_authority_first_day_and_title(run):
    (line,) = [each for each in run("list").stdout.splitlines() if each.startswith("FEE-CAP-5000")]
    assert "law,local" in line
    assert "2022-12-29" in line
    assert "一次收费超过 5000 元 / More than 5,000 yuan charged at once" in line


@pytest.fixture
def world(tmp_path):
    """Two contracts of Weifang's primary pupils: within a float of 5 %, and between 5 and 10 %."""
    school = School(1, course={"stage": "primary", "class_size": "9", "price_per_lesson": "33.00"})
    school.contract(fee="33.60", lessons="1")
    school.contract(fee="33.61", lessons="1")
    app = initialise(Config(tmp_path))
    build(app, [school], tmp_path / "world")
    app.database.dispose()
    return school


JULY = ("--from", "2026-07-01", "--to", "2026-07-31")


def test_a_backtest_says_who_flips_how_many_contracts_and_fen(run, world):
    told = json.loads(
        run("backtest", "--set", "float_up=0.05", "--place", "370700", *JULY, "--json").stdout
    )
    assert told["simulation"] is True
    assert told["totals"]["contracts"] == 1
    assert told["totals"]["fen"] == 3361
    assert [each["uscc"] for each in told["institutions"]] == [world.uscc]
    (guide,) = [each for each in told["rules"] if each["rule"] == "PRICE-GUIDE"]
    assert guide["examples"][0]["subject"] == {"kind": "contract", "id": "HT0001001"}
    assert guide["counter_examples"][0]["subject"] == {"kind": "contract", "id": "HT0001000"}


def test_a_backtest_is_a_table_that_says_it_is_a_simulation(run, world):
    shown = run("backtest", "--set", "float_up=5%", "--place", "370700", *JULY).stdout
    assert "模拟，未写入任何数据 / a simulation: nothing was written" in shown
    assert f"{world.uscc} HT0001001 2026-07-01 compliant -> breach: 3361.0000" in shown


def test_a_backtest_of_nothing_or_of_an_unknown_parameter_is_refused(run, world):
    assert run("backtest", *JULY).exit_code == 2
    refused = run("backtest", "--set", "gold=1", *JULY)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("PARAMETER-UNKNOWN: ")


def test_a_rule_is_shown_with_its_document_and_figures(run):
    shown = run("show", "FEE-CAP-5000").stdout
    assert "教监管〔2022〕4号" in shown
    assert "施行 / in effect 2022-12-29" in shown
    assert "370000  2025-11-05..  5000.00 元 / 5000.00 yuan  (shandong-2025 收费限额 V2)" in shown


def test_the_law_of_a_place_and_day_is_shown(run):
    on_the_day = ("--place", "320104", "--on", "2022-04-01", "--json")
    shown = json.loads(run("show", "FEE-EARLY-NEW", *on_the_day).stdout)
    assert [each["jurisdiction"] for each in shown["in_force"]] == ["320000"]
    assert (
        "不判定 / nothing is in force"
        in run("show", "FEE-CAP-5000", "--place", "320104", "--on", "2022-12-28").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "NOTHING"), 1, "RULE-UNKNOWN: 规则库中没有 NOTHING"),
        (("show", "BAL-MIN", "--place", "370702"), 2, "--place 与 --on 须一起给出"),
        (("show", "BAL-MIN", "--place", "37", "--on", "2026-01-01"), 2, "不是 6 位行政区划代码"),
        (("test", "NOTHING"), 1, "RULE-UNKNOWN"),
        (("lint", "nowhere"), 2, "does not exist"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(run, arguments, code, words):
    outcome = run(*arguments)
    assert outcome.exit_code == code
    assert words in outcome.stderr


def test_the_shipped_book_lints_clean_with_its_counts(run):
    outcome = run("lint", "--json")
    found = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert found["faults"] == []
    assert found["rules"] == len(load_rule_book().rules)
    assert found["scenarios"] > 10 * found["rules"]
    assert ["恩施州" in each["message"] for each in found["warnings"]] == [True]


def test_every_fault_of_a_draft_is_told_at_once(run, tmp_path):
    draft = tmp_path / "draft" / "rulebook"
    draft.mkdir(parents=True)
    text = (SHIPPED / "rulebook" / "BAL-MIN.toml").read_text("utf-8")
    (draft / "BAL-NEW.toml").write_text(
        text.replace("BAL-MIN", "BAL-NEW").replace('"yellow"', '"pink"'), "utf-8"
    )
    (draft / "BAL-OLD.toml").write_text(text.replace('unit = "fen"', 'unit = "yuan"'), "utf-8")
    outcome = run("lint", str(tmp_path / "draft"))
    assert outcome.exit_code == 1
    assert "rulebook/BAL-NEW.toml:severity[1].level" in outcome.stdout
    assert "rulebook/BAL-OLD.toml:unit: KEY-VALUE" in outcome.stdout


def test_a_draft_without_scenarios_is_refused(run, tmp_path):
    draft = tmp_path / "draft" / "rulebook"
    draft.mkdir(parents=True)
    text = (SHIPPED / "rulebook" / "BAL-MIN.toml").read_text("utf-8")
    (draft / "BAL-LOW.toml").write_text(text.replace("BAL-MIN", "BAL-LOW"), "utf-8")
    outcome = run("lint", str(tmp_path / "draft"))
    assert outcome.exit_code == 1
    assert "scenarios/BAL-LOW.toml:scenarios: SCENARIO-MISSING: 没有“违反”的情形" in outcome.stdout


def test_scenarios_are_run_and_counted(run):
    outcome = run("test", "BAL-MIN")
    assert outcome.exit_code == 0
    assert "规则 1 条，情形 5 个：不符 0 个" in outcome.stdout


def test_a_draft_that_changes_an_outcome_fails_its_scenarios_in_words(run, tmp_path):
    draft = tmp_path / "draft" / "rulebook"
    draft.mkdir(parents=True)
    text = (SHIPPED / "rulebook" / "BAL-MIN.toml").read_text("utf-8")
    (draft / "BAL-MIN.toml").write_text(
        text.replace("closing_fen < minimum", "closing_fen <= minimum"), "utf-8"
    )
    outcome = run("test", "BAL-MIN", str(tmp_path / "draft"))
    assert outcome.exit_code == 1
    assert "BAL-MIN  恰为最低余额" in outcome.stdout
    assert "应为“合规”，判为“违反” / should be compliant, came out breach" in outcome.stdout


def test_the_office_against_the_shipped_book_and_a_draft_against_both(run, tmp_path):
    assert run("diff").stdout == "没有差异 / no difference\n"
    draft = tmp_path / "draft" / "parameters"
    draft.mkdir(parents=True)
    text = (SHIPPED / "parameters" / "monitoring.toml").read_text("utf-8")
    (draft / "monitoring.toml").write_text(
        text.replace("value = 0.01\n", "value = 0.005\n", 1), "utf-8"
    )
    told = run("diff", str(draft.parent)).stdout
    assert "~ 参数 / parameter release_tolerance" in told
    assert "1.00% (preset) → 0.50% (preset)" in told
    back = json.loads(run("diff", str(draft.parent), str(SHIPPED), "--json").stdout)
    assert (back["id"], back["change"]) == ("release_tolerance", "changed")


def test_a_fact_is_shown_with_its_grain_and_the_meaning_of_its_columns(run):
    shown = run("facts", "release_day")
    assert shown.exit_code == 0
    assert "institution_id, on_day" in shown.stdout
    assert "released in all" in shown.stdout
    listed = run("facts", "--json").stdout.splitlines()
    assert len(listed) == len({json.loads(line)["fact"] for line in listed}) > 40
    unknown = run("facts", "no_such_fact")
    assert unknown.exit_code == 1
    assert "no_such_fact" in unknown.stderr
