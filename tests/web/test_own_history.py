"""An institution finds again what it handed in, and what came of it; nobody else's."""

import hashlib
import io

import pytest
from sqlalchemy import insert

from feewatch.store.tables.registers import register_import


@pytest.fixture
def handed_in(app):
    rows = [
        ("luzhi", "contracts", "合同.csv", {"new": 3, "changed": 0, "bad": 2, "proposed": 1}),
        ("weicheng", "lessons", "消课别家.csv", {"new": 1}),
        ("officer", "refunds", "退费机关.csv", {"new": 1}),
    ]
    with app.database.transaction() as tx:
        for actor, kind, name, counts in rows:
            tx.execute(
                insert(register_import).values(
                    at="2026-07-14T10:00:00+08:00", actor=actor, kind=kind, file_name=name,
                    file_sha256="0" * 64, counts=counts,
                )
            )  # fmt: skip


def test_registers_and_files_stand_with_their_fate(as_user, handed_in):
    own = as_user("luzhi")
    data = {"files": [(io.BytesIO(b"\xff\xd8\xff\xe0"), "照片.jpg")]}
    own.post("/own/upload", data=data, content_type="multipart/form-data")
    page = own.get("/own/history").text
    for words in ("合同.csv", "新增", "转为提请", "有误", "照片.jpg", "已拒收"):
        assert words in page
    assert "未变" not in page


def test_nobody_elses_stand_there(as_user, handed_in):
    page = as_user("luzhi").get("/own/history").text
    assert "消课别家.csv" not in page
    assert "退费机关.csv" not in page
    assert "消课别家.csv" in as_user("weicheng").get("/own/history").text


def test_who_handed_in_nothing_reads_so_and_the_office_has_pages_of_its_own(as_user):
    assert "没有提交过登记册" in as_user("weicheng").get("/own/history").text
    assert as_user("officer").get("/own/history").status_code == 403


BROKEN = (
    "期初余额,3000.00\n"
    "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
    "26601891581262337,鲁智,CNY,2026-06-10,09:00:00,,600.00,3600.00,家长,62170001,HT3,1\n"
    "期末余额,9999.00\n"
).encode()
BACK = f"/own/files/{hashlib.sha256(BROKEN).hexdigest()}/1/withdraw"


@pytest.fixture
def set_aside(as_user):
    """A statement of the institution's own that does not add up."""
    own = as_user("luzhi")
    data = {"files": [(io.BytesIO(BROKEN), "六月.csv")]}
    own.post("/own/upload", data=data, content_type="multipart/form-data")
    return own


def test_a_quarantined_statement_of_its_own_is_taken_back_once(set_aside):
    assert f'action="{BACK}"' in set_aside.get("/own/history").text
    page = set_aside.post(BACK, data={"reason": "导错月份"}, follow_redirects=True).text
    assert "已撤回该对账单" in page
    assert "已拒收" in page
    assert BACK not in page
    assert set_aside.post(BACK, data={"reason": "再撤"}).status_code == 409


def test_nobody_else_takes_it_back_and_nobody_without_a_reason(set_aside, as_user):
    assert as_user("weicheng").post(BACK, data={"reason": "x"}).status_code == 404
    assert as_user("officer").post(BACK, data={"reason": "x"}).status_code == 403
    assert set_aside.post(BACK, data={"reason": " "}).status_code == 400
    assert f'action="{BACK}"' in set_aside.get("/own/history").text


def test_what_the_office_handed_in_is_not_the_institutions_to_take_back(as_user):
    data = {"files": [(io.BytesIO(BROKEN), "六月.csv")]}
    as_user("officer").post("/desk/upload/", data=data, content_type="multipart/form-data")
    own = as_user("luzhi")
    assert BACK not in own.get("/own/history").text
    assert own.post(BACK, data={"reason": "x"}).status_code == 404
