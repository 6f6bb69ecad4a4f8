"""The report of a month on the site: figures with their rows, within the district, no way out."""

import io
import json

from docx import Document
from lxml import html
from sqlalchemy import select

from feewatch.kernel import clock
from feewatch.services.cases import steps
from feewatch.services.demo import shown_at
from feewatch.store.tables.operations import audit


def test_every_number_of_the_page_leads_to_as_many_rows(town):
    with clock.fixed(shown_at()):
        officer, _ = town.enter("officer")
        page = html.document_fromstring(officer.get("/desk/report?month=2026-08").text)
        links = set(page.xpath("//td//a[contains(@href, '/desk/report/rows')]/@href"))
        assert len(links) > 60
        told = json.loads(officer.get("/desk/report.json?month=2026-08").text)
        by_id = {figure["figure"]: figure for figure in told["figures"]}
        for figure in ("problems.notified", "answers.received", "cases.closed", "clues.waiting"):
            link = next(each for each in links if f"figure={figure}&" in each)
            rows = html.document_fromstring(officer.get(link).text).xpath("//tbody/tr")
            assert len(rows) == by_id[figure]["rows"] == by_id[figure]["value"] > 0
        text = page.text_content()
        assert "下发督办单" in text
        assert "与2026年7月相比" in text
        officer.get("/account/language/en")
        assert "supervision orders issued" in officer.get("/desk/report?month=2026-08").text


def test_what_cannot_be_asked_is_refused_in_words(as_user):
    officer = as_user("officer")
    for asked in (
        "month=2026-13",
        "month=2027-01",
        "district=370703",
        "from=2026-07-02&to=2026-07-01",
    ):
        assert officer.get(f"/desk/report?{asked}").status_code == 400
    for figure in ("x", "problems.found:x=1", ""):
        assert officer.get(f"/desk/report/rows?figure={figure}").status_code == 404
    assert as_user("luzhi").get("/desk/report").status_code == 403


def test_a_district_sees_its_own_figures_alone(as_user):
    officer, viewer = as_user("officer"), as_user("viewer")
    own = json.loads(officer.get("/desk/report.json?month=2026-07").text)
    wide = json.loads(viewer.get("/desk/report.json?month=2026-07").text)
    narrowed = json.loads(viewer.get("/desk/report.json?month=2026-07&district=370702").text)
    found = [
        {each["figure"]: each["value"] for each in report["figures"]}["problems.found"]
        for report in (own, wide, narrowed)
    ]
    assert found == [2, 3, 2]
    assert "370703" not in json.dumps(own)
    rows = viewer.get("/desk/report/rows?figure=problems.found&month=2026-07").text
    assert "370703" in rows
    assert "320104" not in rows
    accounts = viewer.get("/desk/report/rows?figure=coverage.accounts&month=2026-07").text
    assert "26601891581262337" not in accounts


def test_an_issued_report_stays_what_it_was_and_later_changes_stand_beside_it(app, as_user):
    officer = as_user("officer")
    asked = "from=2026-07-01&to=2026-07-15"
    assert officer.post(f"/desk/report?{asked}").status_code == 302
    page = officer.get(f"/desk/report?{asked}").text
    assert "现有数据与其一致" in page
    link = html.document_fromstring(page).xpath("//a[contains(@href, '/report/issued/')]/@href")[0]
    kept = officer.get(link).data
    assert kept == officer.get(f"/desk/report.docx?{asked}").data
    assert officer.post(f"/desk/report?{asked}").status_code == 409, "nothing new to say"
    steps.open_case(app, [1], actor="officer", reason="立案")
    changed = html.document_fromstring(officer.get(f"/desk/report?{asked}").text)
    assert "不同之处" in changed.text_content()
    rows = [[cell.text_content() for cell in row] for row in changed.xpath("//table//tr")]
    assert ["立案", "0", "1"] in rows
    assert officer.get(link).data == kept
    assert as_user("viewer").post(f"/desk/report?{asked}").status_code == 403
    # somebody of another district is told of no such report
    assert as_user("viewer").get(link).status_code == 200
    assert officer.get("/desk/report/issued/99").status_code == 404
    with app.database.reading() as tx:
        acts = [row.action for row in tx.execute(select(audit.c.action))]
    assert acts.count("report.issue") == 1


def test_the_document_has_the_sentences_and_tables_of_the_page(as_user):
    officer = as_user("officer")
    document = Document(io.BytesIO(officer.get("/desk/report.docx?month=2026-07").data))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    told = json.loads(officer.get("/desk/report.json?month=2026-07").text)
    for section in told["text"]:
        assert section["zh"] in text
    assert "2026年7月15日" in text
    cells = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert cells["发现问题（个）"] == "2"
    assert "未知" in cells.values()
