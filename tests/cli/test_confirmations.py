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
    run.account = school.account_no
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
