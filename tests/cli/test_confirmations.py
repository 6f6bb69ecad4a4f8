"""The command line of confirmations: days of an account are asked about, answered, proven."""

import json

import pytest
from bankfiles import Piece, generic
from click.testing import CliRunner
from offices import initialise
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel.days import parse_day
from feewatch.store.people import users

FILES = ("own.csv", "reply.pdf")
DAYS = ("--days", "2026-08-03..2026-08-05")


@pytest.fixture
def run(tmp_path):
    school = School(1)
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\ndistrict = "370702"\n')
    app = initialise(load_config(config))
    build(app, [school], tmp_path / "world")
    with app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, 1, "x")
        for name in ("li", "gao"):
            users.add(tx, name, "officer", "370702", None, "x")
    app.database.dispose()
    piece = Piece(parse_day("2026-08-01"), parse_day("2026-08-10"), 200_000_00, ())
    own = generic(piece).decode().replace("6222000011112222", school.account_no)
    (tmp_path / "own.csv").write_text(own, encoding="utf-8")
    (tmp_path / "reply.pdf").write_bytes(b"%PDF sealed")

    def run(*arguments, by=None):
        person = ("--as", by) if by else ()
        given = [str(tmp_path / each) if each in FILES else each for each in arguments]
        return CliRunner().invoke(main, ["--config", str(config), *person, *given])

    assert run("ingest", "own.csv", by="school").exit_code == 0
    run.account, run.uscc, run.folder = school.account_no, school.uscc, tmp_path
    return run


def lines(done):
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_some_days_of_an_account(run):
    ask = ("confirmations", "ask", "--account", run.account, *DAYS, "--reason", "核对", "--json")
    [letter] = lines(run(*ask, by="li"))
    assert [item["period"] for item in letter["items"]] == [["2026-08-03", "2026-08-05"]]
    answer = ("confirmations", "answer", letter["number"], "agrees", "reply.pdf", "--on")
    one_day = ("2026-08-20", "--days", "2026-08-04..2026-08-04", "--json")
    [told] = lines(run(*answer, *one_day, by="li"))
    assert told["status"] == "proposed"
    lines(run("confirmations", "confirm", letter["number"], "--json", by="gao"))
    listed = lines(run("confirmations", "list", "--json"))
    assert listed[0]["unconfirmed"] == [["2026-08-01", "2026-08-03"], ["2026-08-05", "2026-08-10"]]
    [item] = listed[1]["items"]
    assert (item["status"], item["answered_days"]) == ("agrees", ["2026-08-04", "2026-08-04"])


def test_either_statements_or_an_account_are_named(run):
    assert run("confirmations", "ask", "--reason", "x", by="li").exit_code == 2
    both = ("confirmations", "ask", "1", "--account", run.account, "--reason", "x")
    assert run(*both, by="li").exit_code == 2


def test_declared_days_of_a_register_are_confirmed(run):
    row = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on\n"
    row += f"HT9,{run.uscc},KC1,S9,hours,10,2026-08-02,,1.00,2026-08-02\n"
    (run.folder / "contracts.csv").write_text(row, encoding="utf-8")
    covers = ("--covers", "2026-08-01..2026-08-31")
    done = run("import", "contracts", str(run.folder / "contracts.csv"), *covers, by="school")
    assert done.exit_code == 0, done.output
    listed = lines(run("coverage", "list", run.uscc, "--json", by="li"))
    assert listed[0]["institution_alone"] == [["2026-08-01", "2026-08-31"]]
    confirm = ("coverage", "confirm", run.uscc, "contracts", "--reason", "核对平台数据", "--json")
    assert run(*confirm, by="school").exit_code == 1
    [told] = lines(run(*confirm, "--days", "2026-08-01..2026-08-10", by="li"))
    assert told["days"] == [["2026-08-01", "2026-08-10"]]
    listed = lines(run("coverage", "list", run.uscc, "--json"))
    assert listed[0]["institution_alone"] == [["2026-08-11", "2026-08-31"]]
    assert [each["by"] for each in listed[0]["vouched"]] == ["li"]
    assert "核对平台数据" in run("coverage", "list", run.uscc).output
