"""`feewatch audit`: exit codes, what is printed, who may."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import text

from feewatch.cli import main
from feewatch.config import Config, Office
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.store import audit as trail
from feewatch.store import guards
from feewatch.store.people import users


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = initialise(Config(folder=tmp_path, office=Office(district="370702")))
    ensure_signing_key(app)
    with app.database.transaction() as tx:
        users.add(tx, "gu", "administrator", "370702", None, "x")
        users.add(tx, "li", "officer", "370702", None, "x")
        trail.record(tx, "gu", "test", "first")
    with app.database.transaction() as tx:
        trail.record(tx, "gu", "test", "second")
    yield app
    app.database.dispose()


def run(*arguments):
    return CliRunner().invoke(main, [*arguments])


def test_a_whole_record_exits_with_0_and_an_altered_one_with_1(place):
    assert run("audit", "anchor").exit_code == 0
    good = run("audit", "verify", "--json")
    assert good.exit_code == 0
    told = json.loads(good.stdout)
    # two acts of the fixture, and the command
    assert (told["good"], told["rows"], told["anchors"], told["faults"]) == (True, 3, 1, [])
    with place.database.engine.begin() as tx:
        guards.remove(tx)
        tx.execute(text("UPDATE audit SET object = 'other' WHERE number = 1"))
    bad = run("audit", "verify", "--json")
    assert bad.exit_code == 1
    (fault,) = json.loads(bad.stdout)["faults"]
    assert (fault["kind"], fault["place"]) == ("altered", "audit 1")
    assert "AUDIT-FAILED" in bad.stderr
    assert "审计第 1 行" in run("audit", "verify").stdout


def test_it_is_given_out_on_record_with_the_way_it_was_asked_for(place, tmp_path):
    out = tmp_path / "trail.jsonl"
    assert run("--as", "gu", "audit", "export", "--out", str(out)).exit_code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["object"] for row in rows[:2]] == ["first", "second"]
    assert (rows[2]["actor"], rows[2]["action"], rows[2]["way"]) == ("gu", "audit.export", "shell")
    assert run("audit", "export", "--format", "syslog").stdout.startswith("<109>1 ")
    wrong = run("audit", "export", "--from", "2026-02-01", "--to", "2026-01-01")
    assert (wrong.exit_code, "AUDIT-DAYS" in wrong.stderr) == (1, True)


def test_others_than_the_auditor_are_refused(place):
    for arguments in (["verify"], ["export"], ["anchor"], ["prune", "--reason", "x"]):
        refused = run("--as", "li", "audit", *arguments)
        assert (refused.exit_code, refused.stderr[:5]) == (1, "ROLE:")
    assert run("audit", "prune", "--reason", "x").exit_code == 1  # nobody is named


@pytest.mark.parametrize("content", [b"", b"\xff" * 200, b"{}\n" * 500])
def test_a_file_that_holds_no_anchor_proves_nothing(place, tmp_path, content):
    given = tmp_path / "anchors.jsonl"
    given.write_bytes(content)
    done = run("audit", "verify", "--anchors", str(given))
    assert done.exit_code == 1
    assert "AUDIT-FAILED" in done.stderr
    assert len(done.stdout.splitlines()) < 110
    assert "no valid anchor" in run("audit", "verify", "--json", "--anchors", str(given)).stdout
