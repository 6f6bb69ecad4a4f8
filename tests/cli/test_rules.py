"""``feewatch rules``: the book as a jurist reads it."""

import json

import pytest
from click.testing import CliRunner
from worlds.builder import School, build

from feewatch.bootstrap import initialise
from feewatch.cli import main
from feewatch.config import Config
from feewatch.engine.loader import load_rule_book


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
    assert "模拟,未写入任何数据 / a simulation: nothing was written" in shown
    assert f"{world.uscc} HT0001001 2026-07-01 compliant -> breach: 3361.0000" in shown


def test_a_backtest_of_nothing_or_of_an_unknown_parameter_is_refused(run, world):
    assert run("backtest", *JULY).exit_code == 2
    refused = run("backtest", "--set", "gold=1", *JULY)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("PARAMETER-UNKNOWN: ")
