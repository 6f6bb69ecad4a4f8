"""An office with an old bank file and a contract on each database, and two who may erase."""

import datetime as dt
import shutil

import bankfiles
import pytest
from offices import initialise
from services import ledgers

from feewatch.bootstrap import open_app
from feewatch.config import Config, DatabaseConfig, Office
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.services.intake import recording
from feewatch.services.intake.matching import match_changed
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.store.people import users

DISTRICT = "370702"
LATER = dt.datetime(2037, 7, 31, 9, 0, tzinfo=SHANGHAI)
NUMBER = next(iter(bankfiles.CONTRACTS))
PAYER, OTHER = "欧阳测试人", "李娜"
STATEMENT = f"""期初余额,0.00
账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号
{bankfiles.ACCOUNT},甲,CNY,2026-01-05,,,{bankfiles.CONTRACTS[NUMBER] / 100:.2f},{bankfiles.CONTRACTS[NUMBER] / 100:.2f},{PAYER},6217000011112222,学费 {NUMBER},R1
{bankfiles.ACCOUNT},甲,CNY,2026-01-06,,,700.00,{bankfiles.CONTRACTS[NUMBER] / 100 + 700:.2f},{OTHER},,代 {PAYER} 缴,R2
期末余额,{bankfiles.CONTRACTS[NUMBER] / 100 + 700:.2f}
"""  # noqa: E501 - rows of a file


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return {}


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, made, tmp_path, tmp_path_factory):
    """A copy of such an office on each database in turn, eleven years later."""
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
    with fixed(LATER):
        yield app
    app.database.dispose()


def _make(request, kind, folder):
    url = ""
    if kind == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("postgres").new_database(pattern)
    app = initialise(Config(folder, Office(district=DISTRICT), database=DatabaseConfig(url)))
    with fixed(dt.datetime(2026, 7, 31, 9, 0, tzinfo=SHANGHAI)):
        ensure_signing_key(app)
        with app.database.transaction() as tx:
            ledgers.register(tx)
            for name in ("gu", "he"):
                users.add(tx, name, "administrator", DISTRICT, None, "x")
            users.add(tx, "li", "officer", DISTRICT, None, "x")
        content = STATEMENT.encode()
        outcome = recording.ingest_content(app, content, "a.csv", actor="cli", channel="cli")
        assert outcome.status == "accepted"
        match_changed(app)
    app.database.dispose()
    return folder, url
