"""The command line of the self-check."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.store.people import users

HEAD = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"


@pytest.fixture
def run(tmp_path):
    school = School(1)
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\ndistrict = "370702"\n')
    app = initialise(load_config(config))
    build(app, [school, School(2)], tmp_path / "world")
    with app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, 1, "x")
        users.add(tx, "other", "institution", None, 2, "x")
    app.database.dispose()

    def run(lessons, *more, by=None):
        path = tmp_path / "plan.csv"
        row = f"P1,{school.uscc},{school.course_id},S9,hours,{lessons},2026-12-20,2027-01-31,100.00"
        path.write_text(f"{HEAD}\n{row},2026-12-10\n", encoding="utf-8")
        person = ("--as", by) if by else ()
        command = ("selfcheck", school.uscc, "contracts", str(path), *more)
        return CliRunner().invoke(main, ["--config", str(config), *person, *command])

    return run


@pytest.mark.parametrize("by", [None, "school"])
def test_a_planned_contract_is_told_of(run, by):
    done = run(61, "--json", by=by)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    [finding] = [each for each in told["findings"] if each["rule"] == "FEE-HOURS-60"]
    assert (finding["lines"], finding["measured"], finding["limit"]) == ([2], 61, 60)
    assert finding["basis"][0]["document"]
    shown = run(61, by=by).output
    assert "FEE-HOURS-60" in shown
    assert "未保存任何内容" in shown
    assert "FEE-HOURS-60" not in run(60, by=by).output


def test_bad_rows_and_others(run):
    done = run("many", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problems"][0]["line"] == 2
    refused = run(61, "--json", by="other")
    assert refused.exit_code == 1
    assert "INSTITUTION-UNKNOWN" in refused.output
