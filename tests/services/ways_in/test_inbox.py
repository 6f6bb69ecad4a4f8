"""The inbox: what goes to done and what to refused, what is left alone, and falls in between."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from offices import initialise
from sqlalchemy import func, insert, select

from feewatch.config import Config, WatchedFolder
from feewatch.kernel import clock
from feewatch.kernel.errors import UnavailableError
from feewatch.services.intake.quarantine import list_quarantined
from feewatch.services.intake.reexamination import wake_registered
from feewatch.services.jobs import JOBS, list_wanted
from feewatch.services.ways_in import inbox_folder, moved
from feewatch.services.ways_in.inbox_folder import Swept, sweep
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, institution

ACCOUNT, STRANGER = "91673975968758554", "64623448123007454"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"


def export(day=5, number=ACCOUNT, closing="100.00"):
    row = f"{number},甲,CNY,2026-01-{day:02},09:00:00,,100.00,100.00,张伟,,学费,"
    return "\n".join(["期初余额,0.00", HEAD, row, f"期末余额,{closing}", ""]).encode()


BROKEN = export(closing="90.00")


@pytest.fixture
def app(tmp_path):
    app = initialise(
        Config(tmp_path, inbox=WatchedFolder(folder="in", settle_seconds=0.05, max_mb=1))
    )
    (tmp_path / "in").mkdir()
    with app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
        values = {"account_no": ACCOUNT, "institution_id": 1, "bank": "农商行"}
        tx.execute(insert(account).values(kind="fee", imported_on=20_000, **values))
    yield app
    app.database.dispose()


@pytest.fixture
def drop(tmp_path):
    def drop(name, content):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return drop


def tree(tmp_path):
    folders = (tmp_path / name for name in ("in", "done", "refused"))
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(tmp_path).as_posix() for path in found)


def count(app, table):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def test_an_accepted_file_goes_to_done_under_its_folder_and_name(app, drop, tmp_path):
    drop("a.csv", export())
    drop("农商行/b.csv", export(6))
    assert sweep(app) == Swept(2, 0, 0)
    assert tree(tmp_path) == ["done/a.csv", "done/农商行/b.csv"]
    assert count(app, entry) == 2
    with app.database.reading() as tx:
        assert set(tx.execute(select(source_file.c.channel, source_file.c.actor))) == {
            ("inbox", "inbox")
        }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BROKEN, ["quarantined", "期初 0.00", "STATEMENT-SUM", "请从网银重新导出"]),
        (export(number=STRANGER), ["登记后本对账单自动生效", "ACCOUNT-UNREGISTERED"]),
        (
            export().replace(b"2026-01-05", b"2026-01-32"),
            ["rejected", "第 3 行 line 3, 交易日期", "整份文件"],
        ),
        (b"", ["rejected", "整份文件未被采用"]),
        (b"x" * (1024 * 1024 + 1), ["rejected", "FILE-TOO-LARGE", "1 MB"]),
    ],
    ids=["arithmetic", "unregistered", "unreadable", "empty", "too large"],
)
def test_others_go_to_refused_with_the_reasons_beside(app, drop, tmp_path, content, words):
    drop("a.csv", content)
    assert sweep(app) == Swept(0, 1, 0)
    assert tree(tmp_path) == ["refused/a.csv", "refused/a.csv.reasons.txt"]
    assert (tmp_path / "refused/a.csv").read_bytes() == content
    note = (tmp_path / "refused/a.csv.reasons.txt").read_text(encoding="utf-8")
    assert [each for each in words if each not in note] == []


def test_a_file_of_the_largest_size_is_read(app, drop):
    drop("a.csv", b"x" * (1024 * 1024))
    sweep(app)
    assert count(app, source_file) == 1


def test_the_same_bytes_again_go_where_the_first_would_go_now(app, drop, tmp_path):
    drop("a.csv", export())
    drop("b.csv", BROKEN)
    sweep(app)
    drop("c.csv", export())
    drop("d.csv", BROKEN)
    assert sweep(app) == Swept(1, 1, 0)
    assert {"done/c.csv", "refused/d.csv"} < set(tree(tmp_path))
    assert count(app, source_file) == 2


def test_a_name_that_is_taken_is_kept_by_the_first(app, drop, tmp_path):
    for day in (5, 6):
        drop("a.csv", export(day))
        sweep(app)
    drop("a.csv", export(5))  # the first once more: nothing to keep twice
    sweep(app)
    first, second = tree(tmp_path)
    assert (first.startswith("done/a."), second) == (True, "done/a.csv")
    assert (tmp_path / second).read_bytes() == export(5)
    assert (tmp_path / first).read_bytes() == export(6)


def test_two_refused_files_of_one_name_have_each_their_own_note(app, drop, tmp_path):
    drop("a.csv", BROKEN)
    sweep(app)
    drop("a.csv", b"")
    sweep(app)
    assert len(tree(tmp_path)) == 4
    assert "quarantined" in (tmp_path / "refused/a.csv.reasons.txt").read_text(encoding="utf-8")


def test_a_file_that_is_still_written_is_left_until_it_is_whole(app, drop, tmp_path):
    content, path = export(), drop("a.csv", b"")
    is_over = threading.Event()

    def write():
        with path.open("ab", buffering=0) as file:
            while not is_over.wait(0.01):
                file.write(b" ")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert sweep(app) == Swept(0, 0, 1)
    finally:
        is_over.set()
        writer.join()
    assert (tree(tmp_path), count(app, source_file)) == (["in/a.csv"], 0)
    path.write_bytes(content)
    assert sweep(app) == Swept(1, 0, 0)


def go_on(app, tmp_path, later):
    """A half is refused, its writer goes on with it so much later, and the inbox is swept."""
    half = tmp_path / "refused" / "慢.csv"
    if not half.exists():
        (tmp_path / "in" / "慢.csv").write_bytes(BROKEN)
        assert sweep(app) == Swept(0, 1, 0)
    half.write_bytes(export())
    with clock.fixed(clock.now() + later):
        sweep(app)
    return tree(tmp_path)


def test_what_a_slow_writer_adds_to_a_refused_half_is_taken_in_days_later(app, tmp_path):
    assert go_on(app, tmp_path, moved.LIFE - dt.timedelta(hours=1)) == ["done/慢.csv"]


def test_what_is_added_after_that_stays_where_it_is(app, tmp_path):
    late = moved.LIFE + dt.timedelta(hours=1)
    assert go_on(app, tmp_path, late) == ["refused/慢.csv", "refused/慢.csv.reasons.txt"]


def test_where_notes_of_moves_are_lost_or_torn_all_files_are_looked_at_once(app, tmp_path):
    notes = app.config.var / moved.FILE
    assert len(go_on(app, tmp_path, moved.LIFE * 2)) == 2
    notes.unlink()
    assert go_on(app, tmp_path, dt.timedelta()) == ["done/慢.csv"]
    with notes.open("a", encoding="utf-8") as file:
        file.write("[17")
    assert moved.list_moved(app, [tmp_path / "done"]) == [tmp_path / "done" / "慢.csv"]


def test_only_files_that_left_lately_are_looked_at(app, drop, tmp_path):
    for day in range(5, 9):
        drop(f"{day}.csv", export(day))
        with clock.fixed(clock.now() - moved.LIFE * (8 - day)):
            sweep(app)
    kept = moved.list_moved(app, [tmp_path / "done", tmp_path / "refused"])
    assert len(tree(tmp_path)) >= 4
    assert [path.name for path in kept] == ["8.csv"]
    assert len((app.config.var / moved.FILE).read_text().splitlines()) < 4  # old notes go


def test_a_file_that_changes_while_it_is_taken_in_is_not_moved(app, drop, tmp_path, monkeypatch):
    path = drop("a.csv", export())
    ingest = inbox_folder.ingest

    def ingest_and_write_on(*args, **options):
        for outcome in ingest(*args, **options):
            path.write_bytes(export() + b"\n")
            yield outcome

    with monkeypatch.context() as patch:
        patch.setattr(inbox_folder, "ingest", ingest_and_write_on)
        assert sweep(app) == Swept(0, 0, 1)
    assert tree(tmp_path) == ["in/a.csv"]
    assert sweep(app) == Swept(1, 0, 0)
    with app.database.reading() as tx:
        ledger = tx.execute(select(entry.c.id).where(entry.c.merged_into.is_(None))).all()
    assert len(ledger) == 1


FALL = """
import os, sys
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import Config, WatchedFolder
from feewatch.services.ways_in import inbox_folder
inbox_folder._put = lambda *_: os._exit(9)
folder = WatchedFolder(folder="in", settle_seconds=0.05)
inbox_folder.sweep(open_app(Config(Path(sys.argv[1]), inbox=folder)))
"""


@pytest.mark.parametrize(("content", "end"), [(export(), "done"), (BROKEN, "refused")])
def test_a_fall_between_commit_and_move_is_made_good_by_the_next_sweep(
    app, drop, tmp_path, content, end
):
    drop("a.csv", content)
    fallen = subprocess.run([sys.executable, "-c", FALL, str(tmp_path)], check=False)
    assert fallen.returncode == 9
    assert (tree(tmp_path), count(app, statement)) == (["in/a.csv"], 1)
    sweep(app)
    assert f"{end}/a.csv" in tree(tmp_path)
    assert count(app, statement) == 1


def test_links_hidden_unfinished_files_and_notes_are_left_alone(app, drop, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(export())
    (tmp_path / "in" / "link.csv").symlink_to(secret)
    for name in (".a.csv", "b.csv.part", "c.tmp", "~$d.xlsx", "e.csv.reasons.txt"):
        drop(name, export())
    assert sweep(app) == Swept(0, 0, 0)
    assert count(app, source_file) == 0


def test_done_and_refused_may_lie_inside_the_inbox(app, drop, tmp_path):
    inside = WatchedFolder(folder="in", done="in/done", refused="in/refused", settle_seconds=0.05)
    within = initialise(Config(tmp_path, inbox=inside))
    drop("a.csv", export())
    drop("b.csv", BROKEN)
    assert sweep(within) == Swept(1, 1, 0)
    assert sweep(within) == Swept(0, 0, 0)
    assert tree(tmp_path) == ["in/done/a.csv", "in/refused/b.csv", "in/refused/b.csv.reasons.txt"]
    within.database.dispose()


def test_a_file_that_cannot_be_moved_is_named_and_the_others_are_moved(app, drop, tmp_path):
    drop("x/a.csv", export())
    drop("b.csv", export(6))
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "x").write_bytes(b"in the way")
    with pytest.raises(UnavailableError, match=r"a\.csv"):
        sweep(app)
    assert {"done/b.csv", "in/x/a.csv"} < set(tree(tmp_path))
    (tmp_path / "done" / "x").unlink()
    assert sweep(app) == Swept(1, 0, 0)
    assert count(app, statement) == 2


def test_an_inbox_that_is_not_there_is_refused_and_none_is_no_job(app, tmp_path):
    (tmp_path / "in").rmdir()
    with pytest.raises(UnavailableError, match="no inbox folder"):
        sweep(app)
    assert "inbox" in list_wanted(app.config)
    assert "inbox" not in list_wanted(Config(tmp_path))


def test_a_statement_refused_for_its_account_counts_once_that_is_registered(app, drop):
    drop("a.csv", export(number=STRANGER))
    sweep(app)
    assert len(list_quarantined(app)) == 1
    with app.database.transaction() as tx:
        values = {"account_no": STRANGER, "institution_id": 1, "bank": "农商行"}
        tx.execute(insert(account).values(kind="fee", imported_on=20_000, **values))
    assert wake_registered(app, "scheduler") == 1
    assert count(app, entry) == 1


def test_the_scheduler_s_process_takes_in_what_is_dropped(app, drop, tmp_path):
    never = "".join(f'{name} = "0 0 1 1 *"\n' for name in JOBS if name != "inbox")
    lines = '[inbox]\nfolder = "in"\nsettle_seconds = 0.1\n[scheduler]\ninbox = "* * * * * *"\n'
    config = tmp_path / "feewatch.toml"
    config.write_text(lines + never, encoding="utf-8")
    command = [sys.executable, "-m", "feewatch", "--config", str(config), "scheduler"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        drop("a.csv", export())
        end = time.monotonic() + 40
        while not (tmp_path / "done" / "a.csv").exists():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
