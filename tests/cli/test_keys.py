"""``feewatch key``: who may rotate and revoke, what is listed, what is never made."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise

from feewatch.cli import main
from feewatch.config import load_config


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")

    def run(*words, user=None):
        options = ["--config", str(config)] + (["--as", user] if user else [])
        return CliRunner().invoke(main, [*options, *words])

    initialise(load_config(config)).database.dispose()
    assert run("init").exit_code == 0
    for name, role in (("pu", "publisher"), ("li", "officer")):
        assert run("user", "add", name, "--role", role).exit_code == 0
    return run


def rows(run):
    return [json.loads(line) for line in run("key", "list", "--json").stdout.splitlines()]


def test_a_key_is_rotated_and_the_old_one_revoked_by_a_publisher(run):
    old = rows(run)[0]["key_id"]
    assert "KEY-SIGNS" in run("key", "revoke", old, "--reason", "失窃", user="pu").stderr
    new = run("key", "rotate", user="pu").stdout.strip()
    assert "USER-REQUIRED" in run("key", "revoke", old, "--reason", "失窃").stderr
    assert "ROLE" in run("key", "revoke", old, "--reason", "失窃", user="li").stderr
    done = run("key", "revoke", old, "--reason", "失窃", "--on", "2026-01-01", user="pu")
    assert done.exit_code == 0, done.stderr
    assert [(row["key_id"], row["signs"], row["revoked_on"]) for row in rows(run)] == [
        (new, True, None), (old, False, "2026-01-01"),
    ]  # fmt: skip
    assert "已吊销" in run("key", "list").stdout


def test_once_there_is_an_administrator_a_rotation_names_its_person(run):
    assert run("key", "rotate").exit_code == 0, "no administrator yet"
    assert run("user", "add", "root", "--role", "administrator").exit_code == 0
    assert "USER-REQUIRED" in run("key", "rotate").stderr
    assert "USER-UNKNOWN" in run("key", "rotate", user="nobody").stderr
    assert "ROLE" in run("key", "rotate", user="li").stderr
    assert run("key", "rotate", user="root").exit_code == 0


def test_an_sm2_key_signs_beside(run):
    assert run("key", "rotate", "--suite", "sm2-sm3", user="pu").exit_code == 0
    assert [(row["suite"], row["signs"]) for row in rows(run)] == [
        ("ed25519-sha256", True), ("sm2-sm3", True),
    ]  # fmt: skip
    assert run("key", "export").stdout.count("BEGIN PUBLIC KEY") == 2
    one = run("key", "export", "--suite", "ed25519-sha256").stdout
    assert one.count("BEGIN PUBLIC KEY") == 1


def test_init_makes_no_key_where_editions_exist(run, tmp_path):
    assert run("publish", "--as-of", "2026-07-31", user="pu").exit_code == 0
    key = tmp_path / "var" / "keys" / "signing.pem"
    key.unlink()
    again = run("init")
    assert (again.exit_code, "KEY-EDITIONS" in again.stderr) == (0, True)
    assert not key.exists()
    assert "KEY-EDITIONS" in run("key", "init").stderr
    assert not key.exists()
