"""``feewatch rules``: the book as a jurist reads it."""

import json

import pytest
from click.testing import CliRunner

from feewatch.cli import main
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
