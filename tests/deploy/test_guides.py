"""Guides for operators: their commands run, their units are ones that systemd takes."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
ROOT = DEPLOY.parents[1]
UNITS = ("feewatch-web.service", "feewatch-scheduler.service")


def commands(page, mark="first day"):
    """The commands between the marks of a guide."""
    text = (DEPLOY / page).read_text(encoding="utf-8")
    marked = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```\n<!-- end -->", text, re.DOTALL)
    assert marked is not None
    return marked[1]


def test_the_first_day_works_to_the_letter(tmp_path):
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    program = bin_folder / "feewatch"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m feewatch "$@"\n')
    program.chmod(0o755)
    script = commands("first-day.md").replace(
        "/opt/feewatch/config.example.toml", str(ROOT / "config.example.toml")
    )
    office = tmp_path / "srv"
    office.mkdir()
    environment = os.environ | {
        "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
        "FIRST_PASSWORD": "a first word of 2026 to change",
    }  # fmt: skip
    environment.pop("FEEWATCH_CONFIG", None)
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=office, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (office / "office.pub").read_text().startswith("-----BEGIN PUBLIC KEY")
    assert (office / "var" / "feewatch.db").is_file()
    for word in ("wang", "li", "zhao"):
        assert re.search(rf"{word} .*password, shown once: \S+", done.stdout), word
    assert "定时任务从未运行" in done.stdout


def test_a_database_made_as_the_guide_says_is_one_that_an_office_runs_on(postgres, tmp_path):
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "feewatch",
              "PGDATABASE": "postgres"}  # fmt: skip
    # the server of the tests has a role of this name already, and trusts whoever comes
    script = commands("postgresql.md", "database").replace("feewatch", "office")
    subprocess.run(["sh", "-eu", "-c", script], env=os.environ | server, check=True)
    url = f"postgresql+psycopg://office@127.0.0.1:{postgres.port}/office"
    (tmp_path / "feewatch.toml").write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    program = [sys.executable, "-m", "feewatch", "--config", str(tmp_path / "feewatch.toml")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for words in (["init"], ["check", "--json"], ["audit", "verify"]):
        done = subprocess.run(
            [*program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stdout + done.stderr)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        told = connection.execute("SELECT current_setting('timezone')").fetchone()
        assert told == ("Asia/Shanghai",)
        role = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(role).fetchone() == (False, False)
    postgres.drop(url)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_says_what_it_needs_and_lets_go_of_everything_else(name):
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / name, encoding="utf-8")
    service = unit["Service"]
    command = service["ExecStart"].split()
    assert command[0] == "/opt/feewatch/bin/feewatch"
    assert command[1] in ("serve", "scheduler")
    assert service["User"] == "feewatch"
    assert service["UMask"] == "0077"
    assert service["ReadWritePaths"] == "/srv/feewatch"
    assert service["CapabilityBoundingSet"] == ""
    for setting in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces"):
        assert service[setting] == "yes"
    assert int(service["TimeoutStopSec"]) > 30


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_a_unit(name, tmp_path):
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / name
    text = (DEPLOY / name).read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/feewatch/bin/feewatch", "/bin/true").replace(
        "User=feewatch", "User=root").replace("Group=feewatch", "Group=root"))  # fmt: skip
    done = subprocess.run(
        [analyse, "verify", str(unit)], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if name in line]
    assert told == []


def test_the_container_file_copies_what_is_there():
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert copied == ["requirements.lock", "."]
    for name in copied:
        assert (ROOT / name).exists()
    assert any("--require-hashes" in line for line in lines)
    assert "USER feewatch" in lines
