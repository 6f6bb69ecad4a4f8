"""Decisions, editions, verification and keys, as a shell calls them."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from feewatch.cli import main

DECISION = """\
list = "black"
name = "某小区无证点"
district = "370702"
document = "教罚字1号"
date = 2026-06-01
authority = "示例区教育局"
notice_served_on = 2026-05-10
objection_until = 2026-06-15
class = "general"
last_day = 2026-12-01
earliest_repair = 2026-09-01
reason = "无证办学"

[basis]
document = "山东省条例"
level = "local_regulation"
clause = "第五条"
"""
CONFIG = """\
[[publication.list_basis]]
list = "black"
document = "山东省条例"
level = "local_regulation"
clause = "第五条"
jurisdiction = "370000"
"""


@pytest.fixture
def shell(tmp_path):
    """A fresh installation with a publisher and a decision file."""
    config = tmp_path / "feewatch.toml"
    config.write_text(CONFIG, encoding="utf-8")
    file = tmp_path / "decision.toml"
    file.write_text(DECISION, encoding="utf-8")

    def run(*arguments, user="wang"):
        words = ["--config", str(config), *(["--as", user] if user else []), *arguments]
        return CliRunner().invoke(main, words)

    assert run("init").exit_code == 0
    assert run("user", "add", "wang", "--role", "publisher").exit_code == 0
    folder = tmp_path / "var" / "editions" / "370702"
    return SimpleNamespace(run=run, file=str(file), folder=folder, path=tmp_path)


def test_from_a_decision_to_a_verified_edition_and_out_again(shell):
    added = shell.run("decision", "add", shell.file)
    assert added.exit_code == 0, added.output
    published = shell.run("publish", "--as-of", "2026-07-31", "--json")
    found = json.loads(published.stdout)
    assert (found["number"], found["counts"]["black"], found["new"]) == (1, 1, True)
    assert shell.run("verify", str(shell.folder), "--as-of", "2026-08-01").exit_code == 0
    ended = shell.run("decision", "void", "教罚字1号", "--reason", "复议决定", "--on", "2026-07-31")
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
    refused = shell.run("decision", "add", shell.file, user=None)
    assert refused.exit_code == 1
    assert "USER-REQUIRED" in refused.stderr


def test_a_faulty_file_is_refused_with_every_fault(shell):
    faulty = shell.path / "faulty.toml"
    faulty.write_text(DECISION.replace("general", "grave").replace("reason", "because"), "utf-8")
    refused = shell.run("decision", "add", str(faulty))
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    for word in ("class", "reason", "because"):
        assert word in refused.stderr


def test_the_help_shows_how_a_decision_file_is_written(shell):
    shown = shell.run("decision", "add", "--help").output
    assert "earliest_repair" in shown
    assert "[basis]" in shown
