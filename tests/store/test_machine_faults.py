"""Faults of the machine, each really brought about: one clear line, a code, nothing half kept."""

import json
import os
import resource
import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from offices import initialise
from services.ledgers import register
from sqlalchemy import func, select

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import Config
from feewatch.kernel.errors import MachineError, UnavailableError
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.store.database import Database, DatabaseFault
from feewatch.store.faults import explain
from feewatch.store.tables.operations import audit

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def office(tmp_path):
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        register(tx)
    ensure_signing_key(app)
    app.database.dispose()
    return app


def run(office, *arguments, before=None):
    """A command; where something is done to its process first, in one of its own."""
    config = office.config.folder / "feewatch.toml"
    config.touch()
    if before is None:
        return invoke(config, arguments)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        before()
        done = invoke(config, arguments)
        os.write(write, json.dumps([done.returncode, done.stdout[-2000:], done.stderr]).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as answer:
        told = json.loads(answer.read())
    return SimpleNamespace(returncode=told[0], stdout=told[1], stderr=told[2])


def invoke(config, arguments):
    done = CliRunner().invoke(main, ["--config", str(config), *arguments])
    known = done.exception is None or isinstance(done.exception, SystemExit)
    stderr = done.stderr if known else f"Traceback {done.exception!r}"
    return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=stderr)


def line_of(done):
    """The one line of a refusal, which is no trace."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("!")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def path_of(office):
    return office.config.var / "feewatch.db"


def small_files(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def as_nobody():
    os.setgid(65534)
    os.setuid(65534)


def test_a_database_that_is_none_or_damaged_or_newer_says_so_with_its_path(office):
    path, whole = path_of(office), path_of(office).read_bytes()
    spoilt = bytearray(whole)
    for page in range(1, len(whole) // 4096):
        spoilt[page * 4096 : page * 4096 + 512] = b"\xff" * 512
    states = {
        "DATABASE-OTHER": b"this is a text, and a long one" * 400,
        "DATABASE-CORRUPT": bytes(spoilt),
        "DATABASE-ABSENT": b"",
    }
    for code, content in states.items():
        path.write_bytes(content)
        for arguments in (["alerts"], ["check"], ["doctor"]):
            line = line_of(run(office, *arguments))
            assert line.startswith(f"{code}: "), line
            assert str(path) in line
    path.write_bytes(whole)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for arguments in (["alerts"], ["init"]):
        assert line_of(run(office, *arguments)).startswith("DATABASE-NEWER: ")


def test_where_the_database_is_lost_the_advice_is_a_safety_copy_and_init_makes_none(office):
    (office.files / "ab").mkdir(parents=True)
    path_of(office).unlink()
    for arguments in (["alerts"], ["init"], ["publish"]):
        line = line_of(run(office, *arguments))
        assert line.startswith("DATABASE-LOST: ")
        assert "feewatch restore" in line
    assert not path_of(office).exists()


def test_in_another_folder_no_command_makes_a_database(tmp_path, monkeypatch):
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    done = CliRunner().invoke(main, ["alerts"])
    line = done.stderr
    assert (done.exit_code, line.count("\n")) == (1, 1)
    assert line.startswith("DATABASE-ABSENT: ")
    assert "--config" in line
    assert list(other.rglob("*.db")) == []


def test_a_full_disk_keeps_nothing_half_and_the_same_command_goes_on_afterwards(office):
    box = office.config.folder / "box"
    shutil.copytree(DATA / "example-world" / "statements", box)
    # no file may grow beyond this; the system says so to SQLite's log as of a full disk
    done = run(office, "ingest", str(box), before=small_files(40_000))
    code = line_of(done).partition(":")[0]
    assert code in ("DISK-FULL", "DISK-FAULT")
    with sqlite3.connect(path_of(office)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert "Traceback" not in run(office, "ingest", str(box)).stderr


def test_a_full_disk_under_a_transaction_rolls_back_in_words(office):
    with sqlite3.connect(path_of(office)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    app = open_app(office.config)

    def fill():
        with app.database.transaction() as tx:
            # the limit of pages is the same fault as a full disk
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
            tx.exec_driver_sql("CREATE TABLE filler (x)")
            tx.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(1000000))")

    with pytest.raises(DatabaseFault) as refused:
        fill()
    assert explain(refused.value, app.database.place).code == "DISK-FULL"
    with app.database.transaction() as tx:
        tables = tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'filler'").all()
    assert tables == []
    app.database.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="another account is needed")
def test_what_only_reads_goes_on_where_nothing_may_be_written(office):
    folder = office.config.folder
    for place in [folder, *folder.parents]:
        if place.stat().st_mode & 0o5 != 0o5 and place != Path("/"):
            place.chmod(place.stat().st_mode | 0o5)
    for path in office.config.var.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    office.config.var.chmod(0o555)
    for arguments in (["alerts"], ["quarantine", "list"], ["case", "list"]):
        done = run(office, *arguments, before=as_nobody)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for arguments in (["check"],):
        line = line_of(run(office, *arguments, before=as_nobody))
        assert line.partition(":")[0] in ("READ-ONLY", "FILE-DENIED")
    (office.keys / "signing.pem").chmod(0)
    line = line_of(run(office, "key", "export", before=as_nobody))
    assert line.startswith("FILE-DENIED: ")
    assert "signing.pem" in line


def test_a_key_that_is_empty_or_cut_is_named(office):
    for name, command in (("signing.pem", ["key", "export"]), ("session.key", ["serve"])):
        path = office.keys / name
        content = path.read_bytes()
        for cut in (b"", content[:10]):
            path.write_bytes(cut)
            line = line_of(run(office, *command))
            assert line.startswith("KEY-EMPTY: "), line
            assert str(path) in line
        path.unlink()
        line = line_of(run(office, *command))
        assert line.startswith("KEY-MISSING: ")
        path.write_bytes(content)


def test_a_writer_that_waits_too_long_is_told_to_come_again(office):
    app = open_app(office.config)
    other = Database(office.config.database_url)
    with (
        other.transaction(),
        pytest.raises(DatabaseFault) as refused,
        app.database.transaction(patience_seconds=0.05),
    ):
        pytest.fail("it waits for the other writer")
    told = explain(refused.value, app.database.place)
    assert (told.code, str(path_of(office)) in told.text.zh) == ("DATABASE-LOCKED", True)
    other.dispose()
    app.database.dispose()


@pytest.mark.parametrize("way", ["deleted", "replaced", "var moved"])
def test_a_database_that_is_no_longer_the_one_opened_takes_nothing(office, way):
    app = open_app(office.config)
    path = path_of(office)

    def note():
        with app.database.transaction() as tx:
            from_there = tx.scalar(select(func.count()).select_from(audit))
            assert from_there is not None

    note()
    if way == "deleted":
        path.unlink()
    elif way == "replaced":
        other = path.with_name("other.db")
        shutil.copy(path, other)
        other.replace(path)
    else:
        office.config.var.rename(office.config.folder / "var2")
    with pytest.raises(MachineError) as refused:
        note()
    assert refused.value.code == "DATABASE-REPLACED"
    with pytest.raises(MachineError), app.database.reading():
        pytest.fail("nothing is read of another file either")
    if way == "var moved":  # put back, it is the same one
        (office.config.folder / "var2").rename(office.config.var)
        note()
    else:
        assert path.exists() == (way == "replaced")
    app.database.dispose()


def test_what_was_begun_before_the_file_went_is_not_committed(office):
    app = open_app(office.config)
    path = path_of(office)

    def lose():
        with app.database.transaction():
            path.unlink()

    with pytest.raises(MachineError):
        lose()
    app.database.dispose()


def test_an_unfinished_restore_keeps_every_command_out(office):
    (office.config.var / ".restoring").write_text('{"stamp": "x", "cleared": false}')
    with pytest.raises(UnavailableError):
        open_app(office.config)
    for arguments in (["alerts"], ["init"], ["serve"]):
        assert line_of(run(office, *arguments)).startswith("RESTORE-UNFINISHED: ")
