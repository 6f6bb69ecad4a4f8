"""A copy that an earlier release wrote, put back on an empty machine, lives in the present one."""

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest
from offices import initialise

from feewatch import __version__
from feewatch.bootstrap import App, open_app
from feewatch.config import Config, Office
from feewatch.kernel.clock import timestamp
from feewatch.services.audit.verifying import prove_chain
from feewatch.services.backup import taking
from feewatch.services.backup.container import Manifest, new_copy
from feewatch.services.backup.restoring import restore
from feewatch.services.cases.alerts import list_alerts
from feewatch.store import migrations
from feewatch.store.database import Database

DUMP = Path(__file__).parents[2] / "data" / "database-0008.sql.gz"


@pytest.fixture
def older(tmp_path):
    """The installation of an office as revision 0008 had it: decisions, editions, cases, alerts."""
    config = Config(tmp_path / "older", Office(district="370702"))
    made = initialise(config)
    made.database.dispose()
    path = config.var / "feewatch.db"
    for file in path.parent.glob("feewatch.db*"):
        file.unlink()
    with sqlite3.connect(path) as line:
        line.executescript(gzip.decompress(DUMP.read_bytes()).decode())
    line.close()
    app = App(config, Database(config.database_url))
    yield app
    app.database.dispose()


def told(path):
    """Alerts, editions and decisions as any release tells them."""
    with sqlite3.connect(path) as line:
        rows = {
            name: sorted(line.execute(f"SELECT {columns} FROM {name}").fetchall())
            for name, columns in (
                ("alert", "id, rule, uscc, subject_id, status, severity"),
                ("edition", "district, number, sha256"),
                ("decision", "document, list"),
            )
        }
    line.close()
    return rows


def copy_of(app, target):
    """A safety copy as the release of then wrote it, without its keys."""
    with new_copy(target) as copy:
        snapshot = taking._add_database(app, copy, target.parent)
        copy.close(
            Manifest(
                feewatch=__version__, made_at=timestamp(), kind=snapshot.kind,
                program=snapshot.program, revision=snapshot.revision, counts=snapshot.counts,
                editions=snapshot.editions, audit_head=snapshot.audit_head, signing_key=None,
                keys=taking._list_keys(app), with_keys=False, links={}, members=copy.members,
            )
        )  # fmt: skip


def test_an_older_copy_comes_up_with_its_alerts_editions_and_a_whole_chain(older, tmp_path):
    copy_of(older, tmp_path / "old.zip")
    before = told(older.config.var / "feewatch.db")
    assert before["alert"]
    assert len(before["edition"]) == 24
    empty = Config(tmp_path / "new", Office(district="370702"))
    restored = restore(empty, tmp_path / "old.zip", actor="gu")
    assert restored.migrated
    assert told(empty.var / "feewatch.db") == before
    app = open_app(empty)
    assert migrations.find_revision(app.database) == migrations.newest()
    assert prove_chain(app).faults == []
    assert len(list_alerts(app, status=None, rule=None, uscc=None)) == len(before["alert"])
    app.database.dispose()
    shutil.rmtree(empty.folder)
