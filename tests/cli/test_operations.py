"""feewatch init, user, serve."""

import os
import re
import socket
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import Config
from feewatch.kernel.errors import ForbiddenError
from feewatch.services.people import users


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEEWATCH_CONFIG", raising=False)
    return tmp_path


def run(*arguments: str, stdin: str = ""):
    return CliRunner().invoke(main, arguments, input=stdin)


def log_in(folder, name: str, password: str):
    app = open_app(Config(folder=folder))
    try:
        return users.log_in(app, name, password, "")
    finally:
        app.database.dispose()


def test_init_makes_database_and_keys_once(folder):
    assert run("init").exit_code == 0
    keys = {path.name: path.read_bytes() for path in (folder / "var/keys").iterdir()}
    assert set(keys) == {
        "session.key", "token.key", "totp.key", "files.key", "signing.pem", "keys.json",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (folder / "var/keys").iterdir())
    assert run("init").exit_code == 0
    assert keys == {path.name: path.read_bytes() for path in (folder / "var/keys").iterdir()}


def opened(folder):
    """What others than the owner may do something with, by path."""
    paths = [folder / "var", *(folder / "var").rglob("*")]
    return [str(path) for path in paths if path.lstat().st_mode & 0o077 and not path.is_symlink()]


def test_everything_under_var_is_its_owner_s_alone(folder):
    os.umask(0o022)
    run("init")
    (folder / "a.csv").write_text("x")
    assert run("ingest", "a.csv").exit_code == 1  # kept with the reason
    run("check")
    run("publish")
    assert any((folder / "var/files").rglob("*"))
    assert opened(folder) == []
    for path in (folder / "var", *(folder / "var").rglob("*")):  # as an earlier release left it
        path.chmod(0o755)
    run("init")
    assert opened(folder) == []
    (folder / "var").chmod(0o755)
    run("alerts")
    assert not (folder / "var").stat().st_mode & 0o077


def test_the_configuration_of_the_current_directory_is_read_where_none_is_named(
    folder, monkeypatch
):
    (folder / "feewatch.toml").write_text("[paths]\nvar = 'here'\n")
    (folder / "other.toml").write_text("[paths]\nvar = 'there'\n")
    assert run("init").exit_code == 0
    assert (folder / "here/feewatch.db").exists()
    assert run("--config", "other.toml", "init").exit_code == 0
    assert (folder / "there/feewatch.db").exists()
    (folder / "named").mkdir()
    (folder / "named/f.toml").touch()
    monkeypatch.setenv("FEEWATCH_CONFIG", str(folder / "named/f.toml"))
    assert run("init").exit_code == 0
    assert (folder / "named/var/feewatch.db").exists()  # of the configuration's folder
    assert not (folder / "var").exists()
    (folder / "feewatch.toml").write_text("[path]\n")
    monkeypatch.delenv("FEEWATCH_CONFIG")
    assert "CONFIG" in run("init").stderr


def test_a_user_is_refused_before_init(folder):
    result = run("user", "add", "li", "--role", "officer")
    assert result.exit_code == 1
    assert "feewatch init" in result.stderr


def test_a_password_is_made_and_printed_once(folder):
    run("init")
    result = run("user", "add", "li", "--role", "administrator")
    password = re.search(r": (\S+)$", result.stdout.strip())[1]
    assert log_in(folder, "li", password).role == "administrator"


def test_a_password_from_stdin_is_not_printed(folder):
    run("init")
    arguments = (
        "user",
        "add",
        "li",
        "--role",
        "officer",
        "--district",
        "370700",
        "--password-stdin",
    )
    result = run(*arguments, stdin="correct horse\n")
    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert log_in(folder, "li", "correct horse").district == "370700"


def test_an_office_s_person_gets_the_office_s_district_where_none_is_named(folder):
    run("init")
    run("user", "add", "li", "--role", "officer", "--password-stdin", stdin="correct horse\n")
    assert log_in(folder, "li", "correct horse").district == "370702"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("li wei", "--role", "officer"), "USER-NAME"),
        (("li", "--role", "officer", "--district", "37"), "USER-DISTRICT"),
        (("li", "--role", "officer", "--district", "999999"), "USER-DISTRICT"),
        (("li", "--role", "institution"), "USER-INSTITUTION"),
        (("li", "--role", "officer", "--institution", "x"), "USER-INSTITUTION"),
        (("li", "--role", "institution", "--institution", "x"), "INSTITUTION-UNKNOWN"),
        (("li", "--role", "officer", "--password-stdin"), "PASSWORD-WEAK"),
    ],
)
def test_a_wrong_person_is_refused_with_one_line(folder, arguments, code):
    run("init")
    result = run("user", "add", *arguments, stdin="short\n")
    assert result.exit_code == 1
    assert result.stderr.startswith(code)


def test_a_role_that_does_not_exist_is_a_usage_fault(folder):
    assert run("user", "add", "li", "--role", "king").exit_code == 2


def test_a_name_is_taken_once(folder):
    run("init")
    run("user", "add", "li", "--role", "officer")
    assert run("user", "add", "li", "--role", "viewer").exit_code == 1


def test_a_disabled_person_is_out_until_the_password_is_reset(folder):
    run("init")
    run("user", "add", "li", "--role", "officer", "--password-stdin", stdin="correct horse\n")
    assert run("user", "disable", "li").exit_code == 0
    with pytest.raises(ForbiddenError):
        log_in(folder, "li", "correct horse")
    run("user", "reset", "li", "--password-stdin", stdin="another horse\n")
    assert log_in(folder, "li", "another horse").name == "li"
    with pytest.raises(ForbiddenError):
        log_in(folder, "li", "correct horse")


def test_nobody_unknown_is_disabled_or_reset(folder):
    run("init")
    assert run("user", "disable", "li").exit_code == 1
    assert run("user", "reset", "li").exit_code == 1


def test_the_site_is_served_on_this_machine(folder):
    run("init")
    command = [sys.executable, "-m", "feewatch", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = server.stderr.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                assert "Server" not in answer.headers
        finally:
            server.terminate()


def test_a_port_in_use_is_told_in_one_line(folder):
    run("init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "feewatch", "serve", "--port", str(taken.getsockname()[1])]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("ADDRESS-TAKEN")
