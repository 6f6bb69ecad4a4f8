"""Decisions, editions, verification and keys, as a shell calls them."""

import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel.clock import SHANGHAI, fixed

DECISION = """\
list = "black"
premises = "CS1"
document = "教罚字〔2026〕第1号"
date = 2026-06-01
authority = "示例区教育局"
notice_served_on = 2026-05-10
objection_until = 2026-05-20
defence = "none"
hearing = "none"
sanctions = ["closed"]
reasons = ["unlicensed"]
file = "decision.pdf"
notice_record = "notice.pdf"

[basis]
document = "山东省条例"
level = "local_regulation"
clause = "第五条"
"""
PREMISES = """\
premises_no,district,address,found_on,name,state
CS1,370702,示例路2号,2026-04-03,某小区无证点,unlicensed
"""
NUMBER = "教罚字〔2026〕第1号"
CONFIG = """\
[[publication.list_basis]]
list = "black"
document = "山东省条例"
level = "local_regulation"
clause = "第五条"
jurisdiction = "370000"
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """The folder of a fresh installation with a publisher and a decision file."""
    folder = tmp_path_factory.mktemp("fresh")
    _set_up(folder)
    return folder


@pytest.fixture
def shell(fresh, tmp_path):
    """A copy of it."""
    return _shell_of(shutil.copytree(fresh, tmp_path, symlinks=True, dirs_exist_ok=True))


def _set_up(folder):
    (folder / "feewatch.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "decision.toml").write_text(DECISION, encoding="utf-8")
    premises = folder / "premises.csv"
    premises.write_text(PREMISES, encoding="utf-8")
    for name in ("decision.pdf", "notice.pdf"):
        (folder / name).write_bytes(b"%PDF-1.7 " + name.encode())
    run = _shell_of(folder).run
    assert run("init").exit_code == 0
    for name, role in (("li", "officer"), ("zhao", "reviewer"), ("wang", "publisher")):
        assert run("user", "add", name, "--role", role, user=None).exit_code == 0
    assert run("import", "premises", str(premises), user=None).exit_code == 0


def _shell_of(folder):
    config = folder / "feewatch.toml"

    def run(*arguments, user="wang"):
        words = ["--config", str(config), *(["--as", user] if user else []), *arguments]
        return CliRunner().invoke(main, words)

    editions = folder / "var" / "editions" / "370702"
    return SimpleNamespace(
        run=run, file=str(folder / "decision.toml"), folder=editions, path=folder
    )


def decide(shell):
    """The decision of the file, by three persons."""
    for user, step in (("li", "propose"), ("zhao", "review"), ("wang", "approve")):
        words = [shell.file] if step == "propose" else [NUMBER, "--reason", "核对无误"]
        done = shell.run("decision", step, *words, user=user)
        assert done.exit_code == 0, done.output


def test_from_a_decision_to_a_verified_edition_and_out_again(shell):
    decide(shell)
    published = shell.run("publish", "--as-of", "2026-07-31", "--json")
    found = json.loads(published.stdout)
    assert (found["number"], found["counts"]["black"], found["new"]) == (1, 1, True)
    assert shell.run("verify", str(shell.folder), "--as-of", "2026-08-01").exit_code == 0
    ended = shell.run("decision", "void", NUMBER, "--reason", "复议决定", "--on", "2026-07-31")
    assert ended.exit_code == 0, ended.output
    again = json.loads(shell.run("publish", "--as-of", "2026-07-31", "--json").stdout)
    assert (again["number"], again["counts"]["black"]) == (2, 0)
    assert again["delta"][0]["reason"]["zh"] == "原决定已确认无效"


def test_publishing_twice_says_that_the_edition_exists(shell):
    first = shell.run("publish", "--as-of", "2026-07-31")
    second = shell.run("publish", "--as-of", "2026-07-31")
    assert "新发布" in first.output
    assert "已存在" in second.output


def test_a_dry_run_publishes_nothing(shell):
    assert shell.run("publish", "--as-of", "2026-07-31", "--dry-run").exit_code == 0
    assert not shell.folder.exists()


def test_a_day_to_come_is_published_by_an_administrators_word_alone_and_on_record(shell):
    assert shell.run("user", "add", "gu", "--role", "administrator", user=None).exit_code == 0
    ahead = ("publish", "--as-of", "2036-08-02")
    refused = shell.run(*ahead)
    assert (refused.exit_code, refused.stderr.partition(":")[0]) == (1, "AS-OF-FUTURE")
    assert shell.run(*ahead, "--force").stderr.startswith("ROLE")
    assert not shell.folder.exists()
    assert shell.run(*ahead, "--force", user="gu").exit_code == 0
    app = open_app(load_config(shell.path / "feewatch.toml"))
    with app.database.reading() as tx:
        acts = tx.execute(text("SELECT actor, action, object FROM audit")).all()
    app.database.dispose()
    assert ("gu", "publish.force", "2036-08-02") in [tuple(act) for act in acts]


def test_a_spoiled_file_fails_verification_by_name(shell):
    shell.run("publish", "--as-of", "2026-07-31")
    page = shell.folder / "1" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"<h1>", b"<h2>", 1))
    result = shell.run("verify", str(shell.folder / "latest"))
    assert result.exit_code == 1
    assert "index.html" in result.stderr


def test_a_stranger_verifies_with_the_exported_key(shell, tmp_path_factory):
    shell.run("publish", "--as-of", "2026-07-31")
    key = shell.path / "office.pem"
    assert shell.run("key", "export", str(key)).exit_code == 0
    assert b"PRIVATE" not in key.read_bytes()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "feewatch.toml"
    elsewhere.write_text("")
    words = ["--config", str(elsewhere), "verify", str(shell.folder)]
    assert CliRunner().invoke(main, words).exit_code == 1
    assert CliRunner().invoke(main, [*words, "--key", str(key)]).exit_code == 0


def test_a_key_is_made_once_and_rotated_after(shell):
    assert shell.run("key", "init").exit_code == 1
    assert shell.run("key", "rotate").exit_code == 0
    assert shell.run("key", "export").stdout.count("BEGIN PUBLIC KEY") == 2


def test_a_decision_needs_a_person(shell):
    refused = shell.run("decision", "propose", shell.file, user=None)
    assert refused.exit_code == 1
    assert "USER-REQUIRED" in refused.stderr


def test_a_faulty_file_is_refused_with_every_fault(shell):
    faulty = shell.path / "faulty.toml"
    text = DECISION.replace("closed", "scolding").replace("reasons", "because")
    faulty.write_text("class = 'serious'\n" + text, "utf-8")
    refused = shell.run("decision", "propose", str(faulty), user="li")
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    for word in ("class", "scolding", "reasons", "because"):
        assert word in refused.stderr


@pytest.mark.parametrize("name", ["/dev/zero", ".", "missing.pdf", "a\\u0000b.pdf"])
def test_what_is_no_file_is_no_document(shell, name):
    odd = shell.path / "odd.toml"
    odd.write_text(DECISION.replace("decision.pdf", name), encoding="utf-8")
    refused = shell.run("decision", "propose", str(odd), user="li")
    assert (refused.exit_code, "DECISION-FILE" in refused.stderr) == (1, True)


def test_add_is_for_decisions_of_before_alone(shell):
    refused = shell.run("decision", "add", shell.file, user="li")
    assert refused.exit_code == 1
    assert "DECISION-IMPORTED" in refused.stderr
    assert shell.run("decision", "add", shell.file, "--imported", user="li").exit_code == 0
    (shown,) = map(json.loads, shell.run("decision", "list", "--json").stdout.splitlines())
    assert (shown["imported"], shown["status"]) == (True, "proposed")
    counts = json.loads(shell.run("publish", "--as-of", "2026-07-31", "--json").stdout)["counts"]
    assert counts["black"] == 0


def test_a_decision_is_listed_and_shown_with_its_history(shell):
    decide(shell)
    (shown,) = map(json.loads, shell.run("decision", "show", NUMBER, "--json").stdout.splitlines())
    assert [event["actor"] for event in shown["history"]] == ["li", "zhao", "wang"]
    assert (shown["class"], shown["last_day"], shown["earliest_repair"]) == (
        "serious",
        "2029-06-01",
        "2027-06-01",
    )
    assert "某小区无证点" in shell.run("decision", "list").stdout
    assert "核对无误" in shell.run("decision", "show", NUMBER).stdout
    assert shell.run("decision", "show", "无此号").exit_code == 1


def test_a_slip_of_the_pen_is_corrected_by_two(shell):
    decide(shell)
    asked = ("decision", "correct", NUMBER, "--set", "date=2026-06-02", "--reason", "笔误")
    assert shell.run(*asked, user="li").exit_code == 0
    confirm = ("decision", "correct", NUMBER, "--confirm", "--reason", "核对原件")
    assert "DECISION-OTHER-PERSON" in shell.run(*confirm, user="li").stderr
    assert shell.run(*confirm, user="zhao").exit_code == 0
    (shown,) = map(json.loads, shell.run("decision", "list", "--json").stdout.splitlines())
    assert shown["decided_on"] == "2026-06-02"
    both = shell.run("decision", "correct", NUMBER, "--reason", "x", user="li")
    assert "CORRECTION-KEYS" in both.stderr


def test_a_repair_names_the_acceptance_number(shell):
    decide(shell)
    words = ("decision", "repair", NUMBER, "--reason", "已履行义务", "--on", "2027-06-01")
    with fixed(dt.datetime(2027, 6, 2, 9, tzinfo=SHANGHAI)):
        assert shell.run(*words).exit_code == 2
        assert shell.run(*words, "--acceptance", "XYXF-1").exit_code == 0


def test_the_help_shows_how_a_decision_file_is_written(shell):
    shown = shell.run("decision", "propose", "--help").output
    assert "sanctions" in shown
    assert "[basis]" in shown
