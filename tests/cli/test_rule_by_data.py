"""A rule added by data alone, through the commands an officer has, on both databases."""

import json

import pytest
from click.testing import CliRunner

from feewatch.cli import main
from feewatch.engine.loader import SHIPPED, load_scenarios
from feewatch.services.trials.scenario_world import build, place

RULE = """
id = "FEE-CAP-800"
title = { zh = "一次收费超过 800 元", en = "More than 800 yuan charged at once" }
department = { zh = "本机关", en = "this office" }
fact = "charged"
subject = "charge"
unit = "fen"
parameters = ["own_fee_max"]
measured = "fee_fen"
limit = "own_fee_max"
breach = "fee_fen > own_fee_max"
cause = "course_id"
amount = "fee_fen"
evidence = ["contract"]
calculation = { zh = "{measured:yuan} 元 > {limit:yuan} 元", en = "{measured:yuan} > {limit:yuan}" }
cure = { zh = "分次收费。", en = "Charge in parts." }
[[severity]]
level = "notice"
[[in_force]]
jurisdiction = "370700"
from = 2026-01-01
authority = "preset"
"""
PARAMETER = """
[own_fee_max]
title = { zh = "本机关关注的收费", en = "Fees this office looks at" }
unit = "fen"
[[own_fee_max.values]]
jurisdiction = "370700"
from = 2026-01-01
value = 800
preset = true
checked = 2026-06-30
"""
SCENARIOS = """
[[scenarios]]
title = "恰 800 元"
contract = { fee = 800.00 }
expect = "合规"
[[scenarios]]
title = "800 元零 1 分"
contract = { fee = 800.01 }
expect = "违反"
measured = 800.01
limit = 800
severity = "notice"
[[scenarios]]
title = "生效前一天"
contract = { fee = 900.00, paid_on = 2025-12-31 }
expect = "不判定"
[[scenarios]]
title = "生效当天"
contract = { fee = 900.00, paid_on = 2026-01-01 }
expect = "违反"
measured = 900
limit = 800
severity = "notice"
"""
FILES = {
    "rulebook/FEE-CAP-800.toml": RULE,
    "parameters/own.toml": PARAMETER,
    "scenarios/FEE-CAP-800.toml": SCENARIOS,
}


@pytest.fixture
def office(any_app, tmp_path):
    """An office whose institution took one fee of 1,000.00; runs commands under a [rules] table."""
    (scenario,) = [each for each in load_scenarios()["ACC-OFF"] if each.title == "当日到账"]
    build(any_app, place([scenario]), tmp_path / "world")
    runner, config = CliRunner(), any_app.config

    def run(*arguments, folders=(), shadow=()):
        file = config.folder / "feewatch.toml"
        file.write_text(
            f'[office]\ndistrict = "370702"\n[database]\nurl = "{config.database.url}"\n'
            f"[rules]\nfolders = {json.dumps(folders)}\nshadow = {json.dumps(shadow)}\n",
            "utf-8",
        )
        outcome = runner.invoke(main, ["--config", str(file), *arguments])
        assert outcome.exit_code == 0, outcome.output
        return [json.loads(line) for line in outcome.stdout.splitlines()]

    return run


@pytest.fixture
def folder(any_app):
    """The office's own folder, named in its configuration as ``own``."""
    own = any_app.config.folder / "own"
    for name, text in FILES.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, "utf-8")
    return own


AS_OF = ("--as-of", "2026-07-31", "--json")


def test_a_rule_of_the_office_fires_and_is_withdrawn_with_its_history(office, folder):
    own = ["own"]
    assert office("rules", "lint", "--json", folders=own)[0]["faults"] == []
    tried = office("rules", "test", "FEE-CAP-800", "--json", folders=own)
    assert [each["wrong"] for each in tried] == [[]] * 4

    assert office("check", *AS_OF)[0]["opened"] == 0
    assert office("check", *AS_OF, folders=own)[0]["opened"] == 1
    (alert,) = office("alerts", "--rule", "FEE-CAP-800", "--json", folders=own)
    assert (alert["status"], alert["measured"], alert["limit"]) == ("open", 100_000, 80_000)

    (folder / "rulebook" / "FEE-CAP-800.toml").unlink()
    (folder / "scenarios" / "FEE-CAP-800.toml").unlink()
    assert office("check", *AS_OF, folders=own)[0]["withdrawn"] == 1
    (kept,) = office("explain", alert["id"], "--json", folders=own)
    assert kept["status"] == "withdrawn"
    assert [event["change"] for event in kept["history"]] == ["opened", "withdrawn"]
    frozen = ("calculation", "rule_version", "measured", "limit", "basis", "cure")
    assert {name: kept[name] for name in frozen} == {name: alert[name] for name in frozen}


def test_a_draft_in_the_shadow_is_shown_and_has_no_effect(office, folder):
    drafts = ["own"]
    before = office("check", *AS_OF)[0]
    (found,) = office("findings", "--shadow", *AS_OF, shadow=drafts)
    assert (found["rule"], found["outcome"]) == ("FEE-CAP-800", "breach")
    (told,) = office("rules", "shadow", *AS_OF, shadow=drafts)
    assert told["new"] is True
    assert told["counts"] == [{"live": "none", "shadow": "breach", "subjects": 1}]

    after = office("check", "--full", *AS_OF, shadow=drafts)[0]
    figures = ("rules", "evaluated", "breaches", "undetermined")
    assert {name: after[name] for name in figures} == {name: before[name] for name in figures}
    assert office("alerts", "--rule", "FEE-CAP-800", "--json", shadow=drafts) == []
    assert office("check", *AS_OF, shadow=drafts)[0]["institutions"] == 0


def test_a_draft_of_a_live_rule_runs_beside_it_and_names_who_flips(office, folder):
    for name in FILES:
        (folder / name).unlink()
    live = load_text("rulebook/FEE-HOURS-60.toml").replace(
        "WHEN total_lessons > prepaid_lessons_max", "WHEN total_lessons > 39"
    )
    (folder / "rulebook" / "FEE-HOURS-60.toml").write_text(live, "utf-8")
    (told,) = office("rules", "shadow", *AS_OF, shadow=["own"])
    assert (told["rule"], told["new"]) == ("FEE-HOURS-60", False)
    assert [(each["live"], each["shadow"]) for each in told["flips"]] == [("compliant", "breach")]
    assert told["flips"][0]["subject"] == {"kind": "contract", "id": "HT1"}
    (live_finding,) = office("findings", "--rule", "FEE-HOURS-60", *AS_OF, shadow=["own"])
    assert live_finding["outcome"] == "compliant"


def load_text(file):
    return (SHIPPED / file).read_text("utf-8")
