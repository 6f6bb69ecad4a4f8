"""An office with a bank file, an alert, a case with a voucher, and an edition; made once."""

import datetime as dt
import shutil

import bankfiles
import pytest
from offices import initialise
from services import ledgers

from feewatch.bootstrap import open_app
from feewatch.casework.endings import Ending
from feewatch.config import Config, DatabaseConfig, Office
from feewatch.engine.findings import Breach, Identity
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.text import Text
from feewatch.services.cases import notes, steps
from feewatch.services.intake import recording
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.store.cases import alerts, matters
from feewatch.store.people import users

DISTRICT = "370702"
MORNING = dt.datetime(2026, 7, 31, 9, 0, tzinfo=SHANGHAI)
AS_OF = parse_day("2026-07-31")
STATEMENT = f"""期初余额,0.00
账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号
{bankfiles.ACCOUNT},甲,CNY,2026-01-05,,,500.00,500.00,张伟,,学费,R1
{bankfiles.ACCOUNT},甲,CNY,2026-01-06,,,700.00,1200.00,李娜,,学费,R2
期末余额,1200.00
"""
_WORD = Text("字", "word")


def _breach():
    return Breach(
        identity=Identity("FEE", "52370702651728628K", "contract", "HT-1", AS_OF - 9),
        institution_id=1, institution_name="启明培训中心", district=DISTRICT, rule_version="1",
        authority="law", title=_WORD, measured=200, limit=100, unit="fen", severity="yellow",
        calculation=_WORD, basis=(), evidence=(), cure=_WORD, cause="HT-1", spell_days=None,
        amount_fen=200, historic=False, is_state=False,
    )  # fmt: skip


def _live(app):
    """What an office does on one morning."""
    ensure_signing_key(app)
    with app.database.transaction() as tx:
        ledgers.register(tx)
        users.add(tx, "li", "officer", DISTRICT, None, "x")
        users.add(tx, "gu", "administrator", DISTRICT, None, "x")
    outcome = recording.ingest_content(app, STATEMENT.encode(), "a.csv", actor="cli", channel="cli")
    assert outcome.status == "accepted"
    with app.database.transaction() as tx:
        alerts.reconcile(
            tx, as_of=AS_OF, breaches=[_breach()], present={}, scope=None, rules=["FEE"],
            explain=lambda *_: Ending(_WORD),
        )  # fmt: skip
        (matter,) = matters.list_matters(tx)
    number = steps.open_case(app, [matter["id"]], actor="li", reason="立案", then="triage")
    files = read_attachments([("回单.pdf", b"%PDF-1.7 receipt")])
    notes.add_note(app, number, "电话核实", files, actor="li")
    publish(app, AS_OF, actor="wang", findings=lambda *_: {}, rule_book=lambda _: "rb1")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folder and database of such an office, by kind of database."""
    return {}


@pytest.fixture(params=["sqlite", "postgres"])
def lived(request, made, tmp_path, tmp_path_factory):
    """A copy of such an office on each database in turn, in its own moment."""
    kind = request.param
    if kind not in made:
        made[kind] = _make(request, kind, tmp_path_factory.mktemp("office"))
    folder, url = made[kind]
    if kind == "postgres":
        url = request.getfixturevalue("new_database")(url.rpartition("/")[2])
    config = Config(
        shutil.copytree(folder, tmp_path / "office", symlinks=True), Office(district=DISTRICT),
        database=DatabaseConfig(url),
    )  # fmt: skip
    app = open_app(config)
    with fixed(MORNING):
        yield app
    app.database.dispose()


def _make(request, kind, folder):
    url = ""
    if kind == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("postgres").new_database(pattern)
    app = initialise(Config(folder, Office(district=DISTRICT), database=DatabaseConfig(url)))
    with fixed(MORNING):
        _live(app)
    app.database.dispose()
    return folder, url
