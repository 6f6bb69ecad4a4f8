"""Registers on the site: templates, a look at a file, its import, its bad rows."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from sqlalchemy import func, select

from feewatch.kernel import clock
from feewatch.store.registers.coverage import declare
from feewatch.store.tables.registers import contract, coverage
from tests.web.conftest import day

LUZHI, WEICHENG = "52370702651728628K", "52370703123456789F"
HEADER = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
REST = "KC1,S1,hours,40,2026-03-01,2026-05-31,2800,2026-02-20"
GOOD, BAD = f"HT8,{LUZHI},{REST}", f"HT9,{LUZHI},{REST.replace('S1', '张小明')}"
FOREIGN = f"HT7,{WEICHENG},{REST}"


@pytest.fixture
def own(as_user):
    return as_user("luzhi")


def send(client, *rows, kind="contracts", name="合同.csv", **fields):
    content = "\n".join([HEADER, *rows]).encode()
    form = {"kind": kind, "file": (io.BytesIO(content), name), **fields}
    return client.post("/registers/", data=form, content_type="multipart/form-data")


def address(page):
    return re.search(r'action="(/registers/[^"]{10,})"', page)[1]


def contracts(app):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(contract))


@pytest.mark.parametrize("name", ["luzhi", "officer", "viewer"])
def test_the_page_offers_a_template_of_every_kind(as_user, name):
    client = as_user(name)
    links = re.findall(
        r'href="(/registers/templates/[a-z]+\.xlsx)"', client.get("/registers/").text
    )
    assert len(links) == 12
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].max_row == 1
    assert client.get("/registers/templates/teachers.xlsx").status_code == 404


def test_an_institution_is_offered_its_own_kinds_and_a_viewer_none(as_user, own):
    page = own.get("/registers/").text
    assert 'value="contracts"' in page
    assert 'value="approvals"' not in page
    assert "<form" not in as_user("viewer").get("/registers/").text.partition("<main")[2]
    assert 'value="approvals"' in as_user("officer").get("/registers/").text


def test_a_file_is_looked_at_first_and_imported_on_confirmation(app, own):
    before = contracts(app)
    page = send(own, GOOD, covers_from="2026-01-01", covers_to="2026-06-30").text
    assert "确认导入" in page
    assert contracts(app) == before
    done = own.post(address(page))
    assert "已导入" in done.text
    assert contracts(app) == before + 1
    with app.database.reading() as tx:
        assert tx.execute(select(coverage)).first() is not None


def test_bad_rows_are_named_and_skipped_only_on_request(app, own):
    before = contracts(app)
    page = send(own, GOOD, BAD).text
    assert "CELL-PERSONAL" in page
    assert "张小明" not in page
    again = own.post(address(page))
    assert "跳过 1 个错误行" in again.text
    assert contracts(app) == before
    assert "已导入" in own.post(address(page), data={"skip_bad": "on"}).text
    assert contracts(app) == before + 1
    rejects = own.get(address(page) + "/rejects")
    assert "合同.rejected.csv" in rejects.headers["Content-Disposition"] or "%E5" in str(
        rejects.headers
    )
    assert b"HT9" in rejects.data
    assert b"HT8" not in rejects.data
    assert "张小明" not in rejects.text


def test_the_bad_rows_of_an_old_import_can_be_had_again(as_user, own):
    own.post(address(send(own, GOOD, BAD).text), data={"skip_bad": "on"})
    for page in ("/registers/", "/own/history"):
        [where] = re.findall(r"/registers/imports/\d+/rejects", own.get(page).text)
    with clock.fixed(clock.now() + dt.timedelta(days=2)):
        again = as_user("luzhi").get(where)
    assert b"HT9" in again.data
    assert b"HT8" not in again.data
    assert "张小明" not in again.text
    assert as_user("weicheng").get(where).status_code == 404
    assert as_user("officer").get(where).status_code == 404
    assert own.get("/registers/imports/999/rejects").status_code == 404


def test_rows_of_another_institution_are_bad(app, own):
    page = send(own, FOREIGN).text
    assert "INSTITUTION-FOREIGN" in page
    assert "确认导入" not in page


def test_an_officer_imports_for_the_district_alone(app, as_user):
    officer = as_user("officer")
    assert "INSTITUTION-OUTSIDE" in send(officer, FOREIGN).text
    assert "已导入" in officer.post(address(send(officer, GOOD).text)).text


def test_what_an_institution_may_not_register_is_forbidden(own):
    assert send(own, GOOD, kind="approvals").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "teachers"},
        {"covers_from": "2026-01-01"},
        {"covers_from": "2026-02-01", "covers_to": "2026-01-01"},
        {"covers_from": "x", "covers_to": "y"},
        {"kind": "courses", "covers_from": "2026-01-01", "covers_to": "2026-01-31"},
    ],
)
def test_a_form_that_says_nonsense_is_refused_in_words(own, fields):
    assert send(own, GOOD, **fields).status_code == 400
    assert own.post("/registers/", data={"kind": "contracts"}).status_code == 400


def test_a_file_of_somebody_else_or_of_an_hour_ago_is_gone(as_user, own):
    where = address(send(own, GOOD).text)
    assert as_user("weicheng").post(where).status_code == 404
    assert as_user("weicheng").get(where + "/rejects").status_code == 404
    with clock.fixed(clock.now() + dt.timedelta(minutes=31)):
        answer = own.post(where)
    assert answer.status_code == 404
    assert "请重新选择文件" in answer.text


@pytest.mark.parametrize("name", ["../../etc/passwd", "<script>.csv", "a\x00b.csv", "长" * 600])
def test_a_hostile_file_name_is_only_a_name(own, name):
    answer = send(own, GOOD, name=name)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert own.post(address(answer.text)).status_code == 200


def test_a_file_that_is_no_table_is_told_in_words(own):
    form = {"kind": "contracts", "file": (io.BytesIO(b"PK\x03\x04broken"), "a.xlsx")}
    answer = own.post("/registers/", data=form, content_type="multipart/form-data")
    assert "FILE-FORMAT" in answer.text
    assert "确认导入" not in answer.text


def test_an_officer_vouches_for_days_that_an_institution_declared(app, as_user):
    with app.database.transaction() as tx:
        declare(tx, "lessons", {1}, (day("2026-06-01"), day("2026-06-30")), "institution")
    own = as_user("luzhi").get("/own/").text
    assert "机构自报，未核实" in own
    assert "核实，使其算数" not in own
    assert "核实，使其算数" not in as_user("viewer").get(f"/desk/institutions/{LUZHI}").text
    officer, page = as_user("officer"), f"/desk/institutions/{LUZHI}"
    assert "核实，使其算数" in officer.get(page).text
    form = {"register": "lessons", "reason": "抽查教室日志", "days_to": "2026-06-20"}
    text = officer.post(f"{page}/coverage", data=form, follow_redirects=True).text
    assert "2026-06-01 … 2026-06-20" in text
    assert "2026-06-21 … 2026-06-30" in text
    assert "抽查教室日志" in text
    for changed, status in (({"register": "x"}, 409), ({"days_to": "2026-06-31"}, 400),
                            ({"reason": ""}, 400), ({}, 409)):  # fmt: skip
        assert officer.post(f"{page}/coverage", data=form | changed).status_code == status
    assert as_user("nanjing").post(f"{page}/coverage", data=form).status_code == 404
    assert "抽查教室日志" not in as_user("luzhi").get("/own/").text


def outcome(page):
    """What a page tells of a file, without the words that are each answer's own."""
    return re.sub(r'(value|action|nonce|href)="[^"]*"', "", page.text.partition("<main")[2])


def test_a_file_is_looked_at_while_another_writes(app, own):
    before = contracts(app)
    calm = send(own, GOOD)
    with app.database.transaction():
        page = send(own, GOOD)
    assert page.status_code == 200
    assert outcome(page) == outcome(calm)
    assert contracts(app) == before
