"""An institution finds again what it handed in, and what came of it; nobody else's."""

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
