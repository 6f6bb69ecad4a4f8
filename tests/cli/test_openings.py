"""feewatch opening: handed in by one officer, signed by another, every fault with its place."""

import pytest
from click.testing import CliRunner
from offices import initialise
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.config import Config, Office
from feewatch.services.people.users import add_user


@pytest.fixture
def school(tmp_path, monkeypatch):
    """An institution under supervision since May, with one contract of before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEEWATCH_CONFIG", raising=False)
    school = School(1, facts={"supervised_from": "2026-05-01"}, opening="300.00")
    school.contract("2026-02-01")
    app = initialise(Config(tmp_path, Office(district="370702")))
    build(app, [school], tmp_path / "world")
    for name, role in (("wang", "officer"), ("li", "reviewer")):
        add_user(app, name, role, password="correct horse", district="370702", actor="cli")
    app.database.dispose()
    return school


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def test_an_opening_statement_is_handed_in_signed_and_shown(school, tmp_path):
    number = school.contracts[0]["contract_no"]
    rows = f"{school.uscc},{school.account_no},,300.00\n{school.uscc},,{number},700.00\n"
    file = tmp_path / "期初.csv"
    file.write_text("uscc,account_no,contract_no,amount\n" + rows, encoding="utf-8")
    added = run("--as", "wang", "opening", "add", school.uscc, str(file))
    assert added.exit_code == 0
    assert "待签认" in added.output
    assert (
        run("--as", "wang", "opening", "sign", school.uscc, "1", "--reason", "核对").exit_code == 1
    )
    assert run("--as", "li", "opening", "sign", school.uscc, "2", "--reason", "核对").exit_code == 1
    assert "counts" not in run("opening", "show", school.uscc).output
    signed = run("--as", "li", "opening", "sign", school.uscc, "1", "--reason", "核对")
    assert signed.exit_code == 0
    shown = run("opening", "show", school.uscc).output
    assert "现行有效 / counts" in shown
    assert "700.00" in shown
    assert "li" in shown


def test_what_is_wrong_with_the_file_is_told_with_its_place(school, tmp_path):
    file = tmp_path / "期初.csv"
    file.write_text(
        f"uscc,account_no,contract_no,amount\n{school.uscc},,XX,7.005\n", encoding="utf-8"
    )
    refused = run("--as", "wang", "opening", "add", school.uscc, str(file))
    assert refused.exit_code == 1
    assert f"{file}:2:amount CELL-AMOUNT" in refused.output
