"""A small world behind the pages: three institutions in two provinces, one person a role."""

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from offices import initialise
from sqlalchemy import insert
from werkzeug.security import generate_password_hash

from feewatch.bootstrap import App, open_app
from feewatch.config import Config, Web
from feewatch.engine.loader import load_rule_book
from feewatch.kernel import clock
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, day_of, parse_day
from feewatch.kernel.text import Text
from feewatch.publication import edition
from feewatch.publication.chain import CHAIN_FILE, ChainEntry, extend_chain
from feewatch.publication.folder import (
    switch_latest,
    write_edition,
    write_timestamp,
    write_verify_page,
)
from feewatch.publication.signing import sha256
from feewatch.services.cases import steps as casework_service
from feewatch.services.lists.keys import ensure_signing_key, get_signing_key
from feewatch.services.trials import computing
from feewatch.store.tables import casework, checks, ledger, operations, publication, registers
from feewatch.web.site import create_app
from tests.web.browsing import address, browser

LUZHI, WEICHENG, NANJING = "52370702651728628K", "52370703123456789F", "523201041982410526"
RED_ALERT, HINT_ALERT, NANJING_ALERT, WEICHENG_ALERT = "A0red", "A1hint", "A2nanjing", "A3weicheng"
ACCOUNT = "26601891581262337"
SHA = "ab" * 32
WHY = Text("依决定列入", "by a decision")
PASSWORD = "correct horse"
NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=clock.SHANGHAI)
LAW = {
    "document": "关于加强校外培训机构预收费监管工作的通知",
    "number": "教监管函〔2021〕2号",
    "article": "二",
    "issued": "2021-10-21",
    "effective_from": "2021-10-29",
    "certainty": "V1",
    "address": "",
}
PRESET = {**LAW, "document": "", "number": "", "article": "", "effective_from": None}
__all__ = ["address", "browser"]  # fixtures of a module of their own
#: role -> (name, district, institution)
PEOPLE = {
    "viewer": ("viewer", "370700", None),
    "officer": ("officer", "370702", None),
    "reviewer": ("reviewer", "370702", None),
    "publisher": ("publisher", "370702", None),
    "rule_editor": ("rule_editor", "370702", None),
    "administrator": ("administrator", "000000", None),
    "system_admin": ("system", "370700", None),
    "security_admin": ("security", "370700", None),
    "audit_admin": ("auditor", "370700", None),
    "inspector": ("inspector", "370702", None),
    "institution": ("luzhi", None, 1),
    "api": ("program", "370702", None),
}


def day(text: str) -> int:
    found = parse_day(text)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    app = initialise(Config(folder=folder))
    with app.database.transaction() as tx:
        _people(tx)
        _registers(tx)
        _ledger(tx)
        _alerts(tx)
    with clock.fixed(NOW):
        _editions(app)
    with app.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    app.database.dispose()
    return folder


@pytest.fixture
def app(template: Path, tmp_path: Path) -> Iterator[App]:
    shutil.copytree(template / "var", tmp_path / "var", symlinks=True)
    app = open_app(Config(folder=tmp_path, web=Web(secure_cookies=False)))
    yield app
    app.database.dispose()


def without_token(page: str) -> str:
    """A page but for the words of its forms, which tell the second at which they were made."""
    return re.sub('name="csrf_token" value="[^"]*"', "", page)


@pytest.fixture
def site(app: App) -> Flask:
    site = create_app(app)
    site.testing = False  # errors are answered as in production
    site.config["WTF_CSRF_ENABLED"] = False  # test_csrf switches it on
    return site


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture(autouse=True)
def _patience(monkeypatch) -> None:
    """On a machine that does much else a result is waited for longer than people would."""
    monkeypatch.setattr(computing, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture
def as_user(site: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which a person is logged in."""

    def log_in(name: str) -> FlaskClient:
        client = site.test_client()
        answer = client.post("/account/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    return log_in


@pytest.fixture
def open_case(app: App) -> Callable[[int], str]:
    """A case over a matter that was triaged and notified, by number."""

    def make(matter_id: int) -> str:
        number = casework_service.open_case(
            app, [matter_id], actor="officer", reason="核实", then="triage"
        )
        casework_service.step(app, number, "notify", actor="officer", reason="限期整改")
        return number

    return make


def _people(tx) -> None:
    people = [*PEOPLE.items(), ("officer", ("nanjing", "320100", None))]
    people.append(("institution", ("weicheng", None, 2)))
    # one cheap hash for all: the cost of scrypt is not what these tests are about
    password_hash = generate_password_hash(PASSWORD, "scrypt:1024:1:1")
    rows = [
        {"name": name, "role": role, "district": district, "institution_id": institution}
        | {"password_hash": password_hash, "disabled": False, "session_epoch": 1}
        | {"created_at": "2026-01-01T00:00:00+08:00"}
        for role, (name, district, institution) in people
    ]
    institutions = [{"id": n, "uscc": uscc} for n, uscc in enumerate((LUZHI, WEICHENG, NANJING), 1)]
    tx.execute(insert(registers.institution), institutions)
    tx.execute(insert(operations.user), rows)


def _registers(tx) -> None:
    facts = [
        (1, "鲁智01号培训中心", "370702", "non_profit"),
        (2, "潍城<script>alert(1)</script>艺术", "370703", "for_profit"),
        (3, "宁知02号培训中心", "320104", "non_profit"),
    ]
    tx.execute(
        insert(registers.institution_fact),
        [
            {"institution_id": key, "name": name, "district": district, "nature": nature}
            | {"valid_from": FIRST_DAY, "valid_to": LAST_DAY, "subject": "academic"}
            | {"custody": "bank_custody", "licence_no": f"{district}700001"}
            | {"licence_until": day("2027-12-31"), "supervised_from": day("2025-11-01")}
            for key, name, district, nature in facts
        ],
    )
    tx.execute(
        insert(registers.account),
        [
            {"id": key, "account_no": number, "institution_id": key, "bank": "示例银行潍坊分行"}
            | {"kind": "fee", "opened_on": day("2025-11-01"), "imported_on": day("2025-11-01")}
            for key, number in ((1, ACCOUNT), (2, "36949345226647832"), (3, "91673975968758554"))
        ],
    )
    tx.execute(
        insert(registers.contract),
        [
            {"id": n, "institution_id": 1, "contract_no": f"HT{n}", "course_id": "KC1"}
            | {"student": f"S{n}", "basis": "hours", "lessons": 40, "gift_lessons": 0}
            | {"total_lessons": 40, "fee_fen": 400_000, "paid_on": day(paid), "payment": "prepaid"}
            | {"starts_on": day(paid), "ends_on": day(paid) + 80, "channel": "bank"}
            for n, paid in enumerate(("2025-12-10", "2026-02-10", "2026-05-10"), 1)
        ],
    )
    tx.execute(
        insert(registers.lesson),
        [
            {
                "contract_id": n,
                "institution_id": 1,
                "held_on": day("2026-03-01") + held,
                "lessons": 2,
            }
            for n in (1, 2)
            for held in range(0, 70, 7)
        ],
    )


def _ledger(tx) -> None:
    file = {"sha256": SHA, "name": "1月对账单.csv", "size": 100, "channel": "upload"}
    file |= {"actor": "luzhi", "status": "accepted", "dialect": "generic", "problems": []}
    bad = file | {"sha256": "cd" * 32, "name": "看不懂.bin", "status": "rejected", "dialect": None}
    bad |= {"problems": [{"line": 1, "code": "LAYOUT", "message": "不认识的格式 / unknown layout"}]}
    tx.execute(
        insert(ledger.source_file),
        [each | {"received_at": "2026-02-01T09:00:00+08:00"} for each in (file, bad)],
    )
    statement = {"file_sha256": SHA, "currency": "CNY", "recorded_at": "2026-02-01T09:00:00+08:00"}
    statement |= {"from_day": day("2026-01-01"), "to_day": day("2026-01-31"), "entries": 2}
    statement |= {"opening_fen": 0, "closing_fen": 350_000, "problems": []}
    known = {"account_id": 1, "institution_id": 1, "account_no": ACCOUNT}
    nanjing = {"account_id": 3, "institution_id": 3, "account_no": "91673975968758554"}
    stranger = {"account_id": None, "institution_id": None, "account_no": "6222000011112222"}
    fate = {"status": "accepted", "reason": None, "difference_fen": None}
    aside = {"status": "quarantined", "reason": "unregistered", "difference_fen": None}
    wrong = {"status": "quarantined", "reason": "arithmetic", "difference_fen": -125}
    tx.execute(
        insert(ledger.statement),
        [
            statement | known | fate | {"id": 1, "n": 1},
            statement | stranger | aside | {"id": 2, "n": 2},
            statement | nanjing | wrong | {"id": 3, "n": 3},
        ],
    )
    tx.execute(
        insert(ledger.entry),
        {"id": 1, "account_id": 1, "institution_id": 1, "statement_id": 1, "line": 7, "seq": 0}
        | {"booked_on": day("2026-01-10"), "amount_fen": -250_000, "balance_fen": 350_000}
        | {"counterparty": "王小明", "counterparty_account": "6217000099998888", "memo": "往来款"}
        | {"reversal_mark": False, "filled": 0, "n": 1, "kind": "release", "matched_fen": 0},
    )
    tx.execute(
        insert(ledger.account_day),
        [
            {"account_id": 1, "day": day(on), "institution_id": 1, "closing_fen": fen}
            | {"entries": 1, "statement_id": 1}
            for on, fen in (
                ("2025-12-10", 400_000),
                ("2026-01-31", 350_000),
                ("2026-05-12", 300_000),
            )
        ],
    )
    tx.execute(
        insert(ledger.account_coverage),
        {"account_id": 1, "institution_id": 1}
        | {"from_day": day("2025-12-01"), "to_day": day("2026-05-31")},
    )
    tx.execute(
        insert(checks.institution_state),
        {"institution_id": 1, "to_match": False, "to_check": False}
        | {"checked_as_of": day_of(NOW.date()), "rule_book": "rb1"},
    )
    tx.execute(
        insert(checks.check_result),
        [
            {"institution_id": key, "rule": rule, "as_of": day("2026-07-15"), "evaluated": 10}
            | {"breaches": 1, "undetermined": unsure}
            for key, rule, unsure in ((1, "BAL-COVER", 0), (1, "OUT-PERSON", 3), (3, "ACC-OFF", 5))
        ],
    )


def _alerts(tx) -> None:
    sums = "余额 300000 分 ÷ 负债 800000 分 = 0.375 < 1", "balance 300000 / liability 800000 < 1"
    pair = {"zh": sums[0], "en": sums[1]}
    words = {"calculation": pair, "basis": [LAW], "cure": {"zh": "补足专户余额", "en": "top it up"}}
    rows = [
        (RED_ALERT, 1, 1, LUZHI, "370702", "ACC-OFF", "law", "red", "资金未入专户", "2026-07-01"),
        (
            HINT_ALERT,
            2,
            1,
            LUZHI,
            "370702",
            "OUT-LARGE",
            "preset",
            "orange",
            "大额流出",
            "2026-07-02",
        ),
        (
            WEICHENG_ALERT,
            3,
            2,
            WEICHENG,
            "370703",
            "ACC-OFF",
            "law",
            "yellow",
            "未入专户",
            "2026-07-03",
        ),
        (
            NANJING_ALERT,
            4,
            3,
            NANJING,
            "320104",
            "ACC-OFF",
            "law",
            "red",
            "宁知未入专户",
            "2026-07-04",
        ),
    ]
    for key, matter, institution, uscc, district, rule, authority, severity, title, on in rows:
        shared = {"institution_id": institution, "uscc": uscc, "district": district, "rule": rule}
        shared |= {"authority": authority, "severity": severity, "status": "open"}
        shared |= {"historic": False, "opened_at": "2026-07-10T01:30:00+08:00"}
        tx.execute(
            insert(casework.matter),
            shared
            | {"id": matter, "cause": "", "alerts": 1, "sum_fen": 250_000}
            | {"first_day": day(on), "last_day": day(on)},
        )
        kind, subject = ("entry", f"{ACCOUNT}/2026-01-10/-250000/1")
        if authority == "law":
            kind, subject = "contract", "HT1"
        evidence = [{"file_sha256": SHA, "line": 7}, {"record": "contract", "id": "HT1"}]
        frozen = words | {"title": {"zh": title, "en": f"{rule} in English"}, "evidence": evidence}
        if authority == "preset":
            frozen["basis"] = [PRESET | {"certainty": "preset"}]
        tx.execute(
            insert(casework.alert),
            shared
            | {"id": key, "matter_id": matter, "institution_name": f"机构{institution}"}
            | {
                "rule_version": "0123456789ab",
                "is_state": False,
                "subject_kind": kind,
                "subject_id": subject,
            }
            | {"on_day": day(on), "measured": 250_000, "limit_value": 0, "unit": "fen"}
            | {"frozen": frozen, "amount_fen": 250_000, "opened_as_of": day(on)},
        )
        tx.execute(
            insert(casework.alert_event),
            {"alert_id": key, "at": "2026-07-10T01:30:00+08:00", "as_of": day(on), "actor": "check"}
            | {"change": "opened", "reason": "", "detail": {"severity": severity}},
        )


def _editions(app: App) -> None:
    """Two editions of 370702; the second adds a decision and leaves one institution unrated."""
    ensure_signing_key(app)
    key = get_signing_key(app)
    white = {"uscc": LUZHI, "name": "鲁智01号培训中心", "subject": "academic"}
    decided = {
        "uscc": "",
        "name": "无证办学点=1+1",
        "class": "serious",
        "document": "潍城罚〔2026〕1号",
    }
    decided |= {"decided_on": "2026-05-01", "authority": "示例区教育局", "reason": "无证办学"}
    decided |= {"basis": {"document": "条例", "level": "rule", "clause": "第八条"}}
    decided |= {"publish_from": "2026-06-01", "last_day": "2029-06-01"}
    decided |= {"earliest_repair": "2027-05-01"}
    unrated = {"uscc": WEICHENG, "name": "潍城<script>alert(1)</script>艺术"}
    entries, previous, before = [], None, {"white": [], "notice": []}
    editions = [
        ({"white": [white], "notice": []}, []),
        ({"white": [white], "notice": [decided]}, [unrated]),
    ]
    for number, (lists, missing) in enumerate(editions, 1):
        changes = edition.compare(before, lists, lambda *_: WHY, lambda *_: WHY)
        cut_off = day(f"2026-0{number + 4}-30")
        document = edition.build(
            kind="regular",
            office="示例区教育局",
            district="370702",
            number=number,
            cut_off=cut_off,
            rule_book="rulebook0001",
            previous_sha256=previous,
            lists=lists,
            unrated=missing,
            changes=changes,
            meanings=load_rule_book().meanings_json(),
        )
        signed = key.sign(document)
        with app.database.transaction() as tx:
            tx.execute(
                insert(publication.edition),
                {"district": "370702", "number": number, "cut_off": cut_off}
                | {"sha256": sha256(signed), "previous_sha256": previous}
                | {"content_sha256": edition.content_hash(lists), "rule_book": "rulebook0001"}
                | {"counts": document["counts"], "document": signed.decode()}
                | {"published_at": clock.timestamp()},
            )
        write_edition(app.editions, document, signed, key)
        write_timestamp(app.editions, "370702", number, sha256(signed), cut_off, key)
        entries = [*entries, ChainEntry("370702", number, cut_off, sha256(signed))]
        extend_chain(app.editions / "370702" / CHAIN_FILE, "示例区教育局", entries, key)
        switch_latest(app.editions, "370702", number)
        previous, before = sha256(signed), lists
    write_verify_page(app.editions)
