"""Faults of the machine under real processes: one clear word each, nothing lost, well by itself.

A server and a scheduler run; their disk is filled, made read-only, taken away; their clock jumps;
a sender stops in the midst of a file. What was answered is there afterwards, and nobody mends it.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from bankfiles import ACCOUNT
from services.ledgers import register

from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.founding import initialise
from feewatch.services.audit.verifying import verify
from feewatch.services.backup.taking import back_up
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.people import api_tokens, users

PASSWORD = "brown-kettle-42-river"
is_root = os.geteuid() == 0
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
CONFIG = """
[office]
district = "370702"
[web]
port = 0
processes = {processes}
secure_cookies = false
[limits]
wait_seconds = 1.0
[inbox]
folder = "{folder}/in"
settle_seconds = 0.3
[scheduler]
inbox = "* * * * * *"
deadlines = "*/2 * * * * *"
lease_seconds = 2
{more}
"""


class Site:
    """An installation whose var lies in a folder of its own, and programs that work with it."""

    def __init__(self, folder: Path, home: Path, processes: int = 1) -> None:
        self.folder, self.home = folder, home
        (folder / "in").mkdir(exist_ok=True)
        self.config = home / "feewatch.toml"
        self.config.write_text(
            CONFIG.format(processes=processes, folder=folder, more=""), encoding="utf-8"
        )
        app = initialise(load_config(self.config))
        ensure_signing_key(app)
        with app.database.transaction() as tx:
            register(tx)
        users.add_user(app, "gu", "administrator", district="370700", password=PASSWORD, actor="t")
        users.add_user(app, "bank", "api", district="370702", password=PASSWORD, actor="gu")
        self.word = api_tokens.issue_token(app, "bank", actor="gu", scopes=["read", "hand-in"])
        app.database.dispose()
        self.sent: list[str] = []

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "feewatch", "--config", str(self.config), *arguments]

    @contextlib.contextmanager
    def serving(self):
        """The server's process; its address stands in ``address``."""
        with subprocess.Popen(self.command("serve"), stderr=subprocess.PIPE, text=True) as server:
            try:
                self.address = server.stderr.readline().strip().rstrip("/")
                assert self.address.startswith("http://"), self.address
                yield server
            finally:
                server.terminate()
                assert "Traceback" not in server.communicate(timeout=60)[1]

    @contextlib.contextmanager
    def scheduling(self, code: str = ""):
        """A scheduler's process; ``code``: what is done before it begins."""
        script = (
            "import datetime, sys; from pathlib import Path\n"
            "from feewatch import scheduler; from feewatch.bootstrap import open_app\n"
            "from feewatch.config import load_config; from feewatch.kernel import clock\n"
            f"{code}\nscheduler.run(open_app(load_config(Path({str(self.config)!r}))))"
        )
        log = (self.folder / "scheduler.log").open("a")
        with log, subprocess.Popen([sys.executable, "-c", script], stderr=log) as process:
            try:
                yield process
            finally:
                process.kill()

    def upload(self, number: int) -> requests.Response:
        """A bank's program hands in the statement of a day; an answered one is remembered."""
        content = statement(number)
        answer = requests.post(
            f"{self.address}/api/v1/statements", params={"name": f"{number}.csv"}, data=content,
            headers={"Authorization": f"Bearer {self.word}"}, timeout=30,
        )  # fmt: skip
        if answer.ok:
            self.sent.append(answer.json()["sha256"])
        return answer

    def runs(self) -> int:
        """How many runs of the scheduler went well."""
        with self.database() as line:
            return line.execute("SELECT COUNT(*) FROM job_run WHERE status = 'done'").fetchone()[0]

    @contextlib.contextmanager
    def database(self):
        path = self.home / "var" / "feewatch.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as line:
            yield line

    def prove(self) -> None:
        """All that was answered is on file, the database and the record are whole."""
        with self.database() as line:
            known = {row[0] for row in line.execute("SELECT sha256 FROM source_file")}
            assert line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert set(self.sent) <= known
        app = open_app(load_config(self.config))
        assert [fault.place for fault in verify(app).faults] == []
        app.database.dispose()


def statement(yuan: int) -> bytes:
    """A day of the office's account, with one receipt."""
    row = f"{ACCOUNT},,CNY,2026-06-10,09:00:00,,{yuan}.00,{3000 + yuan}.00,家长,,学费,R{yuan}"
    ends = f"期初余额,3000.00\n{HEAD}\n{row}\n期末余额,{3000 + yuan}.00\n"
    return f"起止日期,2026-06-10,2026-06-10\n{ends}".encode()


def wait_until(is_so, seconds=60, what="it does not come"):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(requests.ConnectionError, sqlite3.OperationalError):
            if is_so():
                return
        time.sleep(0.2)
    raise AssertionError(what)


def told(answer):
    """The code of a refusal that says to come again, and no trace or path."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    said = answer.json()
    assert "Traceback" not in answer.text
    return said["code"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=False,
        capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def mounted_as(disk, way):
    subprocess.run(["mount", "-o", f"remount,{way}", str(disk)], check=True)


@pytest.mark.skipif(not is_root, reason="a disk is mounted")
def test_a_full_disk_is_said_pages_go_on_and_with_room_all_goes_on(tmp_path, small_disk):
    site = Site(tmp_path, small_disk)
    with site.serving(), site.scheduling():
        assert site.upload(1).status_code == 201
        wait_until(lambda: site.runs() > 0)
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        refused = [site.upload(number) for number in range(2, 6)]
        assert {told(answer) for answer in refused if not answer.ok} <= {"DISK-FULL", "DISK-FAULT"}
        assert not all(answer.ok for answer in refused)
        assert requests.get(site.address, timeout=30).status_code == 200
        time.sleep(3)  # the scheduler meets it too
        before = site.runs()
        filler.unlink()
        for number in range(2, 6):
            wait_until(lambda n=number: site.upload(n).status_code in (200, 201))
        wait_until(lambda: site.runs() > before, what="the scheduler does not go on")
    assert "Traceback" not in (tmp_path / "scheduler.log").read_text()
    site.prove()


@pytest.mark.skipif(not is_root, reason="a disk is mounted")
def test_a_read_only_disk_is_said_what_reads_goes_on_and_writing_comes_back(tmp_path, small_disk):
    site = Site(tmp_path, small_disk)
    with site.serving():  # what was there before
        assert site.upload(1).status_code == 201
    mounted_as(small_disk, "ro")
    done = subprocess.run(site.command("check"), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("READ-ONLY: "), done.stderr
    assert str(small_disk) in done.stderr
    with site.serving():
        assert requests.get(site.address, timeout=30).status_code == 200
        assert told(site.upload(2)) == "READ-ONLY"
        mounted_as(small_disk, "rw")
        wait_until(lambda: site.upload(2).status_code == 201)
    site.prove()


@pytest.mark.parametrize("processes", [1, 2])
def test_var_taken_away_and_put_back_under_a_running_server(tmp_path, processes):
    site = Site(tmp_path, tmp_path, processes)
    with site.serving(), site.scheduling():
        assert site.upload(1).status_code == 201
        wait_until(lambda: site.runs() > 0)
        (tmp_path / "var").rename(tmp_path / "elsewhere")
        # a process that had not opened it yet says that it is away
        assert told(site.upload(2)) in ("DATABASE-REPLACED", "DATABASE-AWAY")[:processes]
        assert requests.get(site.address, timeout=30).status_code == 503
        assert not (tmp_path / "var").exists()  # nobody makes an empty one
        (tmp_path / "elsewhere").rename(tmp_path / "var")
        assert site.upload(2).status_code == 201
        before = site.runs()
        wait_until(lambda: site.runs() > before)
    site.prove()


def test_var_deleted_under_running_processes_and_restored(tmp_path):
    site = Site(tmp_path, tmp_path, 2)
    with site.serving(), site.scheduling() as scheduler:
        assert site.upload(1).status_code == 201
        wait_until(lambda: site.runs() > 0)
        app = open_app(load_config(site.config))
        back_up(app, tmp_path / "copy.zip", actor="gu", with_keys=True)
        app.database.dispose()
        shutil.rmtree(tmp_path / "var")
        # a process that had not opened it yet says that it is away
        assert told(site.upload(2)) in ("DATABASE-REPLACED", "DATABASE-AWAY")
        assert not (tmp_path / "var" / "feewatch.db").exists()
        assert requests.get(site.address, timeout=30).status_code == 503
        restored = subprocess.run(
            site.command("restore", str(tmp_path / "copy.zip")), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert restored.returncode == 0, restored.stderr
        # by itself: processes that have the old file open end, others take their place
        wait_until(lambda: all(site.upload(number).ok for number in range(2, 10)))
        assert scheduler.wait(20) == 1  # whoever keeps it running begins it anew
    with site.scheduling():
        before = site.runs()
        wait_until(lambda: site.runs() > before)
    site.prove()


def test_a_lock_that_another_keeps_is_said_and_waited_for(tmp_path):
    site = Site(tmp_path, tmp_path)
    with site.serving(), site.scheduling():
        wait_until(lambda: site.runs() > 0)
        with contextlib.closing(
            sqlite3.connect(tmp_path / "var" / "feewatch.db", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            assert told(site.upload(1)) == "OFFICE-BUSY"
            assert requests.get(site.address, timeout=30).status_code == 200
            time.sleep(5)  # longer than the lease
            other.execute("ROLLBACK")
        before = site.runs()
        assert site.upload(1).status_code == 201
        wait_until(lambda: site.runs() > before)
    site.prove()


@pytest.mark.parametrize("days", [400, -2])
def test_a_clock_that_jumped_is_told_of_and_stops_nothing(tmp_path, days):
    """A process lives in another time for a while and dies with the lease in its hands."""
    site = Site(tmp_path, tmp_path)
    jumped = f"""
clock.start_at(clock.now() + datetime.timedelta(days={days}))
worker = scheduler.Worker(open_app(load_config(Path({str(site.config)!r}))))
assert worker.renew()
for job in ("inbox", "deadlines"):
    worker.tick(job)
import os
os.kill(os.getpid(), 9)
"""
    with site.scheduling(jumped) as process:
        assert process.wait(60) == -signal.SIGKILL
    before = site.runs()
    with site.scheduling():
        wait_until(lambda: site.runs() > before + 1)
    told_of = "the clock ran ahead once" in (tmp_path / "scheduler.log").read_text()
    assert told_of == (days > 0)
    site.prove()


def test_a_sender_that_stops_in_the_midst_of_a_file_and_goes_on_later_loses_nothing(tmp_path):
    site = Site(tmp_path, tmp_path)
    content = statement(36)
    half = len(content) // 2
    with site.scheduling(), (tmp_path / "in" / "a.csv").open("wb", buffering=0) as file:
        file.write(content[:half])
        wait_until(lambda: (tmp_path / "refused" / "a.csv").exists())
        reasons = (tmp_path / "refused" / "a.csv.reasons.txt").read_text(encoding="utf-8")
        assert "[" in reasons  # with a code
        file.write(content[half:])
        file.close()
        wait_until(lambda: (tmp_path / "done" / "a.csv").exists())
        assert (tmp_path / "done" / "a.csv").read_bytes() == content
        assert not (tmp_path / "refused" / "a.csv").exists()
    with site.database() as line:
        fates = [row[0] for row in line.execute("SELECT status FROM source_file")]
    assert fates.count("accepted") == 1
    site.prove()
