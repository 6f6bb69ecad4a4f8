"""The report of a month on the site: figures with their rows, within the district, no way out."""

import json

from lxml import html

from feewatch.kernel import clock
from feewatch.services.demo import shown_at


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
