"""Every list as CSV and XLSX: the same rows, masked the same, no formula, on record."""

import csv
import io
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select, update

from feewatch.services import paging
from feewatch.store.tables.casework import matter
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import institution_fact
from feewatch.web.words import EXPORTED
from tests.web.conftest import ACCOUNT, LUZHI, day

#: Lists by their address, with how many rows an officer of Luzhi's place sees.
LISTS = {
    "desk.inbox": ("/desk/", 2),
    "audit.listed": ("/desk/audit/", None),
    "desk.alerts": ("/desk/alerts", 2),
    "cases.board": ("/desk/cases/", 0),
    "records.institutions": ("/desk/institutions", 1),
    "records.statements": ("/desk/statements", 2),
    "records.files": ("/desk/files", None),
    "round_desk.planned": ("/desk/rounds/plan", 1),
    "round_desk.listed": ("/desk/rounds/visits/", 0),
    "self_reports.listed": ("/desk/self-reports/", 1),
    "supervision.grouped": ("/desk/supervision/groups", 1),
    "supervision.listed_campaigns": ("/desk/supervision/campaigns", 0),
    "supervision.listed_draws": ("/desk/supervision/draws", 0),
    "supervision.listed_meetings": ("/desk/supervision/meetings", 0),
    "supervision.pressed": ("/desk/supervision/pressure", 0),
    "quarantine.listed": ("/desk/quarantine/", 1),
    "corrections.listed": ("/desk/proposals/", 0),
    "matching.unmatched": ("/desk/matching/", 0),
    "places.premises": ("/desk/premises", 0),
    "places.listed_clues": ("/desk/clues", 0),
    "confirmations.listed": ("/desk/confirmations/", 0),
    "today.missing": ("/desk/statements/missing", 1),
    "monitoring.early_warning": ("/desk/early-warning", 1),
    "monitoring.noise": ("/desk/noise", 2),
    "gathered.merged": ("/desk/gathered/lists", 0),
    "district.covered": ("/desk/district/statements", 1),
    "white.listed": ("/desk/white/", 1),
    "grades.listed": ("/desk/grades/", 0),
}


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_each_list_with_a_file_is_tested_here():
    assert set(LISTS) == EXPORTED


@pytest.mark.parametrize(("address", "count"), LISTS.values(), ids=LISTS)
def test_a_list_is_given_out_whole_under_chinese_heads_and_put_on_record(
    app, as_user, address, count
):
    role = "administrator" if address == "/desk/audit/" else "officer"
    officer = as_user(role)
    text = officer.get(f"{address}?format=csv")
    assert text.headers["Content-Disposition"].endswith(".csv")
    head, *rows = rows_of(text)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in name) or name == "SHA-256"
               for name in head)  # fmt: skip
    assert count is None or len(rows) == count
    book = CalamineWorkbook.from_filelike(io.BytesIO(officer.get(f"{address}?format=xlsx").data))
    sheet = book.get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in sheet[0]] == head
    grown = address == "/desk/audit/"  # which tells of its own giving out, too
    assert len(sheet) == len(rows) + 1 + grown
    with app.database.reading() as tx:
        acts = tx.execute(select(audit).where(audit.c.action == "list.export")).all()
    assert [(act.actor, act.detail["format"], act.detail["rows"]) for act in acts] == [
        (role, "csv", len(rows)), (role, "xlsx", len(rows) + grown),
    ]  # fmt: skip


def test_the_page_offers_its_files_with_its_filters(as_user):
    page = as_user("viewer").get("/desk/?severity=red").text
    assert 'href="/desk/?severity=red&amp;format=csv"' in page
    rows = rows_of(as_user("viewer").get("/desk/?severity=red&format=csv"))
    assert [row[0] for row in rows[1:]] == ["M1"]
    assert rows[1][1] == "2500.00"


def test_what_looks_like_a_formula_leaves_as_a_text(app, as_user):
    with app.database.transaction() as tx:
        tx.execute(
            update(institution_fact)
            .where(institution_fact.c.institution_id == 1)
            .values(name="=HYPERLINK(1)")
        )
    officer = as_user("officer")
    assert rows_of(officer.get("/desk/institutions?format=csv"))[1][1] == "'=HYPERLINK(1)"
    data = officer.get("/desk/institutions?format=xlsx").data
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert sheet[1][1] == "=HYPERLINK(1)"  # a text cell, no formula
    with ZipFile(io.BytesIO(data)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_nobody_of_the_office_gets_an_account_number_in_a_file(as_user):
    for address in ("/desk/statements", "/desk/statements/missing", "/desk/alerts"):
        for name in ("viewer", "officer"):
            text = as_user(name).get(f"{address}?format=csv").data.decode()
            assert ACCOUNT not in text, address
            assert "••••" in text or address == "/desk/alerts", address


def test_a_file_holds_what_lies_on_further_pages(app, as_user, monkeypatch):
    monkeypatch.setattr(paging, "FILE_PAGE_SIZE", 7)
    monkeypatch.setattr("feewatch.services.desk.exports.FILE_PAGE_SIZE", 7)
    shared = {"institution_id": 1, "uscc": LUZHI, "district": "370702", "rule": "FEE-SPLIT"}
    shared |= {"cause": "", "status": "open", "severity": "yellow", "authority": "law"}
    shared |= {"alerts": 1, "historic": False, "first_day": day("2026-06-01")}
    shared |= {"last_day": day("2026-06-01"), "opened_at": "2026-06-01T08:00:00+08:00"}
    with app.database.transaction() as tx:
        tx.execute(insert(matter), [shared | {"id": 100 + n, "sum_fen": n} for n in range(18)])
    rows = rows_of(as_user("officer").get("/desk/?format=csv"))[1:]
    assert len(rows) == len({row[0] for row in rows}) == 20


def test_a_list_that_is_too_long_or_of_another_format_is_refused(as_user, monkeypatch):
    officer = as_user("officer")
    assert officer.get("/desk/?format=pdf").status_code == 400
    monkeypatch.setattr("feewatch.services.desk.exports.MOST", 1)
    answer = officer.get("/desk/?format=csv")
    assert answer.status_code == 400
    assert "LIST-TOO-LONG" in answer.text
