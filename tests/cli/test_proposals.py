"""The command line of proposals, and an institution's import as its own word."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from worlds import builder
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.store.people import users

AS_OF = ("--as-of", builder.AS_OF)


@pytest.fixture
def school():
    school = School(1)
    school.contract(lessons="61")
    return school


@pytest.fixture
def run(tmp_path, school):
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\ndistrict = "370702"\n')
    app = initialise(load_config(config))
    build(app, [school], tmp_path / "world")
    with app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, 1, "x")
        users.add(tx, "li", "officer", "370702", None, "x")
        users.add(tx, "far", "officer", "320104", None, "x")
    app.database.dispose()

    def run(*arguments, by=None):
        person = ("--as", by) if by else ()
        return CliRunner().invoke(main, ["--config", str(config), *person, *arguments])

    assert run("check", *AS_OF).exit_code == 0
    return run


@pytest.fixture
def smaller(tmp_path, school):
    row = school.contracts[0] | {"lessons": "60"}
    path = tmp_path / "smaller.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()), encoding="utf-8")
    return str(path)


def lines(done):
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_institutions_import_is_held_shown_and_accepted(run, smaller):
    command = ("import", "contracts", smaller, *AS_OF, "--json")
    (report,) = lines(run(*command, "--reason", "录入笔误", by="school"))
    assert (report["proposed"], report["changed"], report["new"]) == (1, 0, 0)
    assert report["problems"][0]["code"] == "CORRECTION-PROPOSED"
    (alert,) = lines(run("alerts", "--rule", "FEE-HOURS-60", "--json"))
    assert alert["correction"]["proposals"] == [1]
    (listed,) = lines(run("proposals", "list", "--json", by="li"))
    assert (listed["old"], listed["new"]) == ({"lessons": 61}, {"lessons": 60})
    assert lines(run("proposals", "list", "--json", by="far")) == []
    (shown,) = lines(run("proposals", "show", "1", "--json", by="li"))
    assert shown["effect"]["ended"][0]["rule"] == "FEE-HOURS-60"
    assert "课时数 61 → 60" in run("proposals", "show", "1").stdout
    nobody = run("proposals", "accept", "1", "--reason", "x")
    assert (nobody.exit_code, "USER-REQUIRED" in nobody.stderr) == (1, True)
    own = run("proposals", "accept", "1", "--reason", "x", by="school")
    assert (own.exit_code, "ROLE" in own.stderr) == (1, True)
    (done,) = lines(run("proposals", "accept", "1", "--reason", "已核对", "--json", by="li"))
    assert done == {"id": 1, "state": "accepted"}
    assert lines(run("check", *AS_OF, "--json"))[0]["withdrawn"] == 1


def test_a_voucher_may_come_with_the_file_or_later_and_the_institution_withdraws(
    run, smaller, tmp_path
):
    voucher = tmp_path / "合同.pdf"
    voucher.write_bytes(b"%PDF-1.7")
    options = ("--reason", "录入笔误", "--voucher", str(voucher))
    assert run("import", "contracts", smaller, *AS_OF, *options, by="school").exit_code == 0
    (listed,) = lines(run("proposals", "list", "--json", by="school"))
    assert listed["voucher"]["name"] == "合同.pdf"
    given = run("proposals", "voucher", "1", str(voucher), "--json", by="school")
    assert lines(given)[0]["id"] == 1
    assert run("proposals", "withdraw", "1", "--reason", "看错", by="school").exit_code == 0
    assert lines(run("proposals", "list", "--state", "open", "--json")) == []


def test_an_import_by_an_unknown_person_or_of_a_register_not_theirs_is_refused(run, smaller):
    for by, kind, code in [("nobody", "contracts", "USER-UNKNOWN"),
                           ("school", "approvals", "REGISTER-KIND")]:  # fmt: skip
        done = run("import", kind, smaller, by=by)
        assert (done.exit_code, code in done.stderr) == (1, True)


def test_the_operators_import_is_the_offices_word(run, smaller):
    (report,) = lines(run("import", "contracts", smaller, *AS_OF, "--json"))
    assert (report["changed"], report["proposed"]) == (1, 0)
