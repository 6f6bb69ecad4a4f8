"""A safety copy of a running office, put back on an empty folder: the same editions and alerts."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from random import Random

import bankfiles
import pytest
from click.testing import CliRunner
from services.ledgers import register
from sqlalchemy import insert, select, text

from feewatch.bootstrap import RESTORING, open_app
from feewatch.cli import main
from feewatch.config import Config, DatabaseConfig
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, UnavailableError
from feewatch.services.backup import container
from feewatch.services.backup.restoring import restore
from feewatch.services.backup.taking import back_up, verify_copy
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.intake.recording import ingest
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.services.lists.verification import verify
from feewatch.store import snapshots
from feewatch.store.lists import editions
from feewatch.store.tables.operations import audit

DAY = parse_day("2026-07-31")


def make_office(app, folder):
    """An office with statements, alerts and two editions."""
    with app.database.transaction() as tx:
        register(tx)
    dice = Random(3)
    box = folder / "box"
    box.mkdir()
    for name, content in bankfiles.random_files(dice, bankfiles.random_payments(dice)).items():
        (box / name).write_bytes(content)
    assert all(outcome.is_taken for outcome in ingest(app, [box], actor="cli"))
    ensure_signing_key(app)
    run_check(app, DAY)
    for day in (DAY, DAY + 31):
        publish(app, day, actor="scheduler")


@pytest.fixture
def office(prepared):
    app, _ = prepared(make_office)
    return app


@pytest.fixture
def empty(office, request, tmp_path):
    """The configuration of an empty machine with the same kind of database."""
    url = ""
    if not office.database.is_sqlite:
        url = request.getfixturevalue("new_database")()
    folder = tmp_path / "machine"
    folder.mkdir()
    return Config(folder, office.config.office, database=DatabaseConfig(url))


@pytest.fixture
def copy(office, tmp_path):
    """A safety copy of the office, keys included."""
    back_up(office, tmp_path / "office.backup", actor="cli", with_keys=True)
    return tmp_path / "office.backup"


def picture(app):
    """What has to come back: rows, alerts, editions, files of var but those of the database."""
    with app.database.reading() as tx:
        counts = snapshots.look(app.database, tx).counts
        heads = editions.list_heads(tx)
    counts.pop("audit")  # the restore itself stands there
    alerts = list(list_alerts(app, status=None, rule=None, uscc=None))
    files = {
        path.relative_to(app.config.var): path.read_bytes()
        for path in app.config.var.rglob("*")
        if path.is_file() and not path.name.startswith("feewatch.db")
    }
    return counts, alerts, heads, files


def test_an_empty_machine_has_the_same_editions_and_alerts_afterwards(office, copy, empty):
    before = picture(office)
    assert before[1]
    assert before[2]
    restored = restore(empty, copy, actor="cli")
    app = open_app(empty)
    assert picture(app) == before
    assert (restored.good, restored.signed, restored.missing) == (len(before[2]), 1, [])
    app.database.dispose()
    for path in [app.config.var, *app.config.var.rglob("*")]:
        assert path.is_symlink() or not path.stat().st_mode & 0o077, path
    latest = app.editions / empty.office.district / "latest"
    report = verify(empty, str(latest), key_file=None, as_of=DAY + 31)
    assert report.is_good, report.faults
    assert run_check(app, DAY, full=True).as_json()["opened"] == 0
    app.database.dispose()


def test_a_copy_is_its_owners_alone_and_takes_no_other_files_place(office, copy):
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    before = copy.read_bytes()
    with pytest.raises(ConflictError, match="覆盖"):
        back_up(office, copy, actor="cli")
    assert copy.read_bytes() == before
    with pytest.raises(ConflictError, match="var"):
        back_up(office, office.config.var / "copy", actor="cli")
    assert sorted(path.name for path in copy.parent.iterdir() if path.name.startswith(".")) == []


def test_files_that_belong_to_an_open_database_are_in_no_copy(copy):
    """Nor is the one by which those who wait to write are known."""
    with zipfile.ZipFile(copy) as archive:
        names = archive.namelist()
    assert [name for name in names if name.startswith("var/feewatch.db")] == []


def test_without_its_keys_a_copy_says_what_is_missing(office, empty, tmp_path):
    path = tmp_path / "public.backup"
    taken = back_up(office, path, actor="cli")
    assert not [name for name in taken.manifest.members if "keys/" in name.removeprefix("var/edit")]
    for secret in office.keys.glob("*.*"):
        assert secret.read_bytes() not in path.read_bytes()
    restored = restore(empty, path, actor="cli")
    kept = [path for path in office.keys.rglob("*") if path.is_file()]
    assert set(restored.missing) == {path.name for path in kept} >= {"signing.pem", "files.key"}
    assert restored.signed == 0
    app = open_app(empty)
    with pytest.raises(UnavailableError, match=r"session\.key"):
        app.secret("session")
    app.database.dispose()


def test_keys_that_were_put_back_first_are_used(office, empty, tmp_path):
    back_up(office, tmp_path / "public.backup", actor="cli")
    shutil.copytree(office.keys, empty.var / "keys")
    restored = restore(empty, tmp_path / "public.backup", actor="cli")
    assert (restored.missing, restored.signed) == ([], 1)


def test_where_something_stands_nothing_is_touched_and_force_moves_it_aside(office, copy):
    with office.database.transaction() as tx:
        before = snapshots.look(office.database, tx).counts
        tx.execute(insert(audit).values(at="x", actor="x", action="late", object="x", detail={}))
    office.database.dispose()
    with pytest.raises(ConflictError) as refused:
        restore(office.config, copy, actor="cli")
    assert refused.value.code == "RESTORE-OCCUPIED"
    assert "files" in refused.value.text.en
    restored = restore(office.config, copy, actor="cli", force=True)
    app = open_app(office.config)
    with app.database.reading() as tx:
        actions = tx.scalars(select(audit.c.action)).all()
        if not app.database.is_sqlite:
            schemas = tx.scalars(text("SELECT nspname FROM pg_namespace")).all()
            assert [name for name in schemas if name.startswith("replaced_")]
    assert "late" not in actions
    assert actions[-1] == "restore"
    assert restored.counts == before
    aside = Path(restored.aside)
    assert (aside / "files").is_dir()
    assert (aside / "feewatch.db").exists() == app.database.is_sqlite
    app.database.dispose()


def rewritten(path, change):
    """The same copy with its members (name: bytes) changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def with_manifest(change):
    def rewrite(members):
        manifest = json.loads(members[container.MANIFEST])
        change(manifest, members)
        members[container.MANIFEST] = json.dumps(manifest)

    return rewrite


def add_member(name):
    def change(manifest, members):
        content = b"x"
        members[name] = content
        digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        manifest["members"][name] = {"size": 1, "sha256": digest}

    return with_manifest(change)


def first_raw_file(members):
    return next(name for name in members if name.startswith("var/files/"))


def change_raw_file(members):
    members[first_raw_file(members)] = b"0" * len(members[first_raw_file(members)])


def drop_raw_file(members):
    del members[first_raw_file(members)]


LIES = {
    "outside": (add_member("var/../../evil"), "BACKUP-LIES"),
    "absolute": (add_member("/etc/evil"), "BACKUP-LIES"),
    "backslash": (add_member("var/..\\evil"), "BACKUP-LIES"),
    "hidden": (add_member("var/.restoring"), "BACKUP-LIES"),
    "elsewhere": (add_member("evil"), "BACKUP-LIES"),
    "bytes": (change_raw_file, "BACKUP-CHANGED"),
    "member gone": (drop_raw_file, "BACKUP-LIES"),
    "no manifest": (lambda members: members.pop(container.MANIFEST), "BACKUP-LIES"),
    "link outside": (
        with_manifest(lambda m, _: m["links"].update({"editions/370702/latest": "../.."})),
        "BACKUP-LIES",
    ),
    "link elsewhere": (with_manifest(lambda m, _: m["links"].update({"keys": "1"})), "BACKUP-LIES"),
    "counts": (with_manifest(lambda m, _: m["counts"].update(alert=7)), "RESTORE-FAILS"),
    "editions": (with_manifest(lambda m, _: m["editions"].update({"1": 9})), "RESTORE-FAILS"),
    "size": (with_manifest(lambda m, _: next(iter(m["members"].values())).update(size=1)), "LIES"),
    "newer": (with_manifest(lambda m, _: m.update(revision="9999")), "RESTORE-NEWER"),
    "shape": (with_manifest(lambda m, _: m.update(counts=[])), "BACKUP-LIES"),
    "unknown key": (with_manifest(lambda m, _: m.update(more=1)), "BACKUP-LIES"),
}


def test_a_copy_that_lies_is_refused_and_nothing_of_it_is_opened(office, copy, empty, tmp_path):
    other = "database.pgdump" if office.database.is_sqlite else "database.sqlite"
    LIES["second database"] = add_member(other), "BACKUP-LIES"
    LIES["no database"] = add_member(verify_copy(copy).database), "RESTORE-FAILS"
    if not office.database.is_sqlite:
        LIES["no database"] = LIES["no database"][0], "BACKUP-DATABASE"
    begun = False
    for name, (change, code) in LIES.items():
        path = tmp_path / "lie.backup"
        shutil.copy(copy, path)
        rewritten(path, change)
        with pytest.raises((InvalidInputError, UnavailableError)) as refused:
            restore(empty, path, actor="cli")
        assert code in refused.value.code, name
        begun = begun or code in ("RESTORE-FAILS", "BACKUP-DATABASE")
        if begun:
            with pytest.raises(UnavailableError) as closed:
                open_app(empty)
            assert closed.value.code == "RESTORE-UNFINISHED"
        else:
            assert not (empty.var / RESTORING).exists()
        assert not (tmp_path / "evil").exists()
    assert restore(empty, copy, actor="cli").good == 2


def test_links_bombs_and_cut_files_are_refused(copy, empty, tmp_path):
    path = tmp_path / "lie.backup"
    content = copy.read_bytes()
    for length in (0, 1, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(InvalidInputError, match=r"不是完整的备份|不可采信"):
            verify_copy(path)
    shutil.copy(copy, path)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("var/keys/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInputError, match="no regular file"):
        verify_copy(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(container.MANIFEST, " " * (container._MOST_MANIFEST + 1))
    with pytest.raises(InvalidInputError, match="too large"):
        verify_copy(path)
    shutil.copy(copy, path)

    def claim(manifest, members):
        manifest["members"][first_raw_file(members)]["size"] = 1 << 50

    rewritten(path, with_manifest(claim))
    with pytest.raises(InvalidInputError):
        restore(empty, path, actor="cli")
    assert not empty.var.exists()


def test_what_the_disk_does_not_hold_is_not_begun(copy, empty, monkeypatch):
    usage = shutil.disk_usage(copy)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(UnavailableError) as refused:
        restore(empty, copy, actor="cli")
    assert refused.value.code == "RESTORE-ROOM"
    assert not empty.var.exists()


def command(config, *arguments):
    (config.folder / "feewatch.toml").write_text(
        f'[database]\nurl = "{config.database.url}"\n', encoding="utf-8"
    )
    return [sys.executable, "-m", "feewatch", "--config", config.folder / "feewatch.toml",
            *arguments]  # fmt: skip


def test_writers_go_on_while_a_copy_is_taken_and_it_holds_one_moment(office, tmp_path):
    """Editions and alerts that come meanwhile are in it whole, or not at all."""
    process = subprocess.Popen(command(office.config, "backup", tmp_path / "busy.backup"))
    day = DAY + 31
    while process.poll() is None:
        day += 1
        publish(office, day, actor="scheduler")
    assert process.returncode == 0
    manifest = verify_copy(tmp_path / "busy.backup")
    numbers = [
        int(name.split("/")[3])
        for name in manifest.members
        if name.startswith("var/editions/370702/") and name.endswith("/edition.json")
    ]
    assert max(numbers) <= manifest.editions["370702"] <= day - DAY


@pytest.mark.parametrize("act", ["backup", "restore"])
def test_killed_at_any_moment_no_half_copy_and_no_half_office(act, office, copy, empty, tmp_path):
    dice, target = Random(5), tmp_path / "out" / "a.backup"
    target.parent.mkdir()
    arguments = {
        "backup": command(office.config, "backup", target),
        "restore": command(empty, "restore", copy),
    }[act]
    for _ in range(3):
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(0.9 + dice.random())
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if target.exists():
            verify_copy(target)
            target.unlink()
        if act == "restore" and (empty.var / RESTORING).exists():
            with pytest.raises(UnavailableError, match="没有完成"):
                open_app(empty)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if act == "restore" and "RESTORE-OCCUPIED" in done.stderr:  # the last kill came after its end
        assert done.returncode == 1
    else:
        assert done.returncode == 0, done.stderr
    if act == "restore":
        app = open_app(empty)
        assert picture(app) == picture(office)
        app.database.dispose()


def test_killed_while_it_marks_the_place_a_restore_has_begun_nothing(copy, empty, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(empty, copy, actor="cli")
    assert [path.name for path in empty.var.iterdir()] == [f"{RESTORING}.new"]
    assert restore(empty, copy, actor="cli").good == 2
    open_app(empty).database.dispose()
    assert not [path for path in empty.var.iterdir() if path.name.startswith(RESTORING)]


def test_the_commands_say_what_they_did(office, empty, tmp_path):
    def run(config, *arguments):
        return CliRunner().invoke(main, [str(each) for each in command(config, *arguments)[3:]])

    path = tmp_path / "a.backup"
    done = run(office.config, "backup", path, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["editions"] == {"370702": 2}
    assert "完好" in run(office.config, "backup", "--verify", path).stdout
    loud = run(office.config, "backup", tmp_path / "b.backup", "--with-keys")
    assert "signing" in loud.stderr
    back = run(empty, "restore", path)
    assert back.exit_code == 0, back.output
    assert "signing.pem" in back.stderr
    again = run(empty, "restore", path)
    assert (again.exit_code, again.stderr.split(":")[0]) == (1, "RESTORE-OCCUPIED")
    broken = run(office.config, "backup", "--verify", office.config.folder / "feewatch.toml")
    assert (broken.exit_code, broken.stderr.split(":")[0]) == (1, "BACKUP-CUT")
