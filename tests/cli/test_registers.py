import json

import pytest
from click.testing import CliRunner
from offices import initialise

from feewatch.cli import main
from feewatch.config import load_config

USCC = "52370702651728628K"
HEADER = "uscc,name,district,subject,nature,custody,valid_from"
GOOD = f"{USCC},甲,370702,arts,non_profit,both,"
BAD = f"{USCC},甲,3707,arts,non_profit,both,2026-01-01"


@pytest.fixture
def run(tmp_path, monkeypatch):
    config = tmp_path / "feewatch.toml"
    config.write_text("")
    initialise(load_config(config)).database.dispose()
    monkeypatch.chdir(tmp_path)

    def run(kind, *lines, options=()):
        (tmp_path / f"{kind}.csv").write_text("\n".join(lines), encoding="utf-8")
        arguments = ["--config", str(config), "import", kind, f"{kind}.csv", *options]
        return CliRunner().invoke(main, arguments)

    return run


def test_json_gives_one_line_a_file_with_the_agreed_keys(run):
    done = run("institutions", HEADER, GOOD, options=["--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "file": "institutions.csv",
        "kind": "institutions",
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "proposed": 0,
        "bad": 0,
        "problems": [],
        "reject_file": None,
    }
    assert not done.stderr


def test_bad_rows_end_with_exit_1_each_named_and_one_object_on_stderr(run):
    done = run("institutions", HEADER, GOOD, BAD, options=["--json"])
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert (report["new"], report["bad"]) == (0, 1)
    (problem,) = report["problems"]
    assert problem.pop("message").startswith("行政区划代码")
    assert problem == {
        "file": "institutions.csv",
        "line": 3,
        "column": "district",
        "code": "CELL-DISTRICT",
        "value": "3707",
    }
    assert json.loads(done.stderr)["code"] == "IMPORT-REFUSED"


def test_skipped_rows_lie_in_the_current_directory_by_default(run, tmp_path):
    done = run("institutions", HEADER, GOOD, BAD, options=["--skip-bad", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["reject_file"] == str(tmp_path / "institutions.rejected.csv")
    assert "3707" in (tmp_path / "institutions.rejected.csv").read_text(encoding="utf-8-sig")


def test_people_read_both_languages(run):
    done = run("institutions", HEADER, GOOD, BAD)
    assert "institutions.csv:3:district CELL-DISTRICT" in done.stdout
    assert "新增 0，更改 0，未变 0，错误 1 / new 0" in done.stdout
    assert done.stderr.startswith("IMPORT-REFUSED: ")


@pytest.mark.parametrize(
    "options",
    [
        ["--covers", "2026-01-01..2026-01-31"],
        ["--covers", "2026-01-31"],
        ["--covers", "2026-02-01..2026-01-31"],
        ["--covers", "2026-02-01..2026-02-30"],
        ["no-such-file.csv"],
    ],
)
def test_wrong_usage_ends_with_exit_2(run, options):
    assert run("institutions", HEADER, GOOD, options=options).exit_code == 2


def test_an_unknown_kind_is_wrong_usage(run):
    assert run("teachers", "").exit_code == 2
