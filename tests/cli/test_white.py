"""``feewatch white``: the conditions, as a shell reads them."""

import json

import pytest
from click.testing import CliRunner

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.founding import initialise
from tests.worlds.builder import AS_OF, School, build


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")
    school = School(1)
    school.lessons = [(school.contract("2026-07-01"), "2026-07-05", 1)]
    bare = School(2)
    bare.facts["licence_until"] = "2026-07-30"
    app = initialise(load_config(config))
    build(app, [school, bare], tmp_path / "world")
    app.database.dispose()

    def run(*words, user=None):
        options = ["--config", str(config)] + (["--as", user] if user else [])
        return CliRunner().invoke(main, [*options, "white", *words])

    operator = ["--config", str(config), "user", "add"]
    for words in (["li", "--role", "officer", "--district", "370785"],):
        assert CliRunner().invoke(main, [*operator, *words]).exit_code == 0
    return run


def test_a_list_and_one_institution_say_the_same(run):
    rows = [
        json.loads(line) for line in run("list", "--as-of", AS_OF, "--json").stdout.splitlines()
    ]
    assert {row["uscc"]: row["state"] for row in rows} == {
        School(1).uscc: "next", School(2).uscc: "lacking",
    }  # fmt: skip
    shown = json.loads(run("show", School(2).uscc, "--as-of", AS_OF, "--json").stdout)
    assert shown == next(row for row in rows if row["uscc"] == School(2).uscc)
    [licence] = [each for each in shown["conditions"] if each["code"] == "LICENCE"]
    assert (licence["verdict"], licence["status"], licence["since"]) == (
        "failed", "lacking", "2026-07-31",
    )  # fmt: skip
    text = run("show", School(2).uscc, "--as-of", AS_OF).stdout
    assert "许可已于 2026-07-30 到期" in text
    lacking = run("list", "--as-of", AS_OF, "--lacking", "LICENCE").stdout
    assert (School(2).uscc in lacking, School(1).uscc in lacking) == (True, False)


def test_a_person_sees_their_place_alone(run):
    assert run("list", "--as-of", AS_OF, "--json", user="li").stdout == ""
    refused = run("show", School(1).uscc, "--as-of", AS_OF, user="li")
    assert (refused.exit_code, "INSTITUTION-UNKNOWN" in refused.stderr) == (1, True)
