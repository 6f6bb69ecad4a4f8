"""The commands of intake, as a shell calls them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from offices import initialise
from sqlalchemy import insert

from feewatch.cli import main
from feewatch.config import Config
from feewatch.store.people import users
from feewatch.store.tables.registers import account, institution

GOOD = """期初余额,0.00
账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号
6225000011112222,甲,CNY,2026-01-05,09:00:00,,100.00,100.00,张伟,,学费,
期末余额,100.00
"""
BROKEN = GOOD.replace("期末余额,100.00", "期末余额,90.00")

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "feewatch.toml").touch()
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
        values = {"account_no": "6225000011112222", "institution_id": 1, "bank": "农商行"}
        tx.execute(insert(account).values(kind="fee", imported_on=20_000, **values))
        for name in ("lin", "gao"):
            users.add(tx, name, "officer", "370702", None, "-")
    app.database.dispose()
    box = tmp_path / "box"
    box.mkdir()
    (box / "a.csv").write_text(GOOD, encoding="utf-8")

    def run(*arguments: str) -> Result:
        config = ["--config", str(tmp_path / "feewatch.toml")]
        return CliRunner().invoke(main, [*config, *arguments], env={"FEEWATCH_USER": None})

    return run


def test_each_file_is_one_json_line_and_the_exit_code_is_0(run: Run, tmp_path: Path) -> None:
    done = run("ingest", str(tmp_path / "box"), "--json")
    (line,) = done.stdout.splitlines()
    assert (json.loads(line)["file"], json.loads(line)["status"]) == ("a.csv", "accepted")
    assert done.stderr == ""
    assert done.exit_code == 0
    assert run("ingest", str(tmp_path / "box")).stdout.startswith("重复 duplicate  a.csv")


def test_one_file_in_quarantine_makes_the_exit_code_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "box" / "b.csv").write_text(BROKEN, encoding="utf-8")
    done = run("ingest", str(tmp_path / "box"), "--json")
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == [
        "accepted",
        "quarantined",
    ]
    assert done.exit_code == 1


def test_an_empty_folder_is_told_and_is_no_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for options in ([], ["--json"]):
        done = run("ingest", str(tmp_path / "empty"), *options)
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == "没有文件 / no file there to take in\n"


def test_a_dead_link_is_told_by_its_path_and_makes_the_exit_code_1(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "box" / "dead.csv").symlink_to(tmp_path / "nowhere")
    done = run("ingest", str(tmp_path / "box"), "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["file"], each["status"]) for each in lines] == [
        ("a.csv", "accepted"), ("dead.csv", "rejected"),
    ]  # fmt: skip
    assert done.exit_code == 1


def test_a_path_that_is_not_there_is_a_fault_of_usage(run: Run) -> None:
    assert run("ingest", "nowhere.csv").exit_code == 2


def test_two_officers_reject_what_is_listed_and_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "box" / "a.csv").write_text(BROKEN, encoding="utf-8")
    run("ingest", str(tmp_path / "box"))
    (row,) = map(json.loads, run("quarantine", "list", "--json").stdout.splitlines())
    name = row["statement"]
    assert row["reason"] == "arithmetic"
    shown = json.loads(run("quarantine", "show", name, "--json").stdout)
    assert (shown["closing_fen"], shown["expected_closing_fen"]) == (9000, 10000)
    assert "期末 closing 90.00" in run("quarantine", "show", name[:10]).stdout
    step = ("quarantine", "reject", name, "--reason", "账实不符")
    assert run(*step).exit_code == 1  # nobody is named
    assert "proposed" in run("--as", "lin", *step).stdout
    assert "reject ← lin" in run("quarantine", "list").stdout
    assert run("--as", "lin", *step).exit_code == 1
    assert json.loads(run("--as", "gao", *step, "--json").stdout)["status"] == "rejected"
    assert run("quarantine", "list").stdout == ""


def test_a_statement_that_came_before_its_account_counts_once_that_is_imported(
    run: Run, tmp_path: Path
) -> None:
    early = tmp_path / "early.csv"
    early.write_text(GOOD.replace("6225000011112222", "6225000033334444"), encoding="utf-8")
    assert run("ingest", str(early)).exit_code == 1
    (row,) = map(json.loads, run("quarantine", "list", "--json").stdout.splitlines())
    assert row["reason"] == "unregistered"
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(
        "uscc,account_no,bank,kind\n52370702651728628K,6225000033334444,农商行,fee\n",
        encoding="utf-8",
    )
    done = run("import", "accounts", str(accounts))
    assert done.exit_code == 0, done.output
    assert run("quarantine", "list").stdout == ""
    again = json.loads(run("ingest", str(early), "--json").stdout)
    assert (again["status"], again["statements"][0]["status"]) == ("duplicate", "accepted")
