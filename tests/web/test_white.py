"""白名单条件 on the site: every condition with its figure and the way to its rows."""

from lxml import html
from sqlalchemy import insert

from feewatch.kernel.days import parse_day
from feewatch.store.tables.publication import white_hold
from tests.web.conftest import LUZHI

DESK = "/desk/white/"
TITLES = ("办学许可有效", "应有账户已登记", "对账单覆盖", "登记册覆盖", "到账均有合同对应",
          "没有已送达未销号的案件", "没有公示中的决定")  # fmt: skip


def test_the_office_sees_who_lacks_what_and_goes_on_from_there(as_user):
    client = as_user("officer")
    page = client.get(DESK).text
    assert "鲁智01号培训中心" in page
    assert all(title in page for title in TITLES)
    root = html.document_fromstring(client.get(DESK + LUZHI).text)
    links = {link.get("href") for link in root.xpath("//main//table//a")}
    assert f"/desk/institutions/{LUZHI}" in links
    assert f"/desk/institutions/{LUZHI}#coverage" in links
    assert all(client.get(link.partition("#")[0]).status_code == 200 for link in links)
    assert "public_coverage_days" in root.text_content()
    assert "本机关预设" in root.text_content()


def test_filters_narrow_the_list(as_user):
    client = as_user("officer")
    assert LUZHI not in client.get(DESK + "?lacking=DECISION").text
    assert client.get(DESK + "?lacking=NONSENSE").status_code == 400
    assert client.get(DESK + "?sort=due&state=lacking&as_of=2026-07-01").status_code == 200


def test_a_hold_stands_beside_each_condition_that_lacks(app, as_user):
    row = {
        "uscc": LUZHI, "name": "鲁智01号培训中心", "district": "370702", "lines": [],
        "since": parse_day("2026-07-14"), "due": parse_day("2026-07-28"),
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(white_hold).values(row))
    page = as_user("officer").get(DESK + LUZHI).text
    assert "处理暂缓" in page


def test_the_institution_reads_its_own_and_no_other(as_user):
    client = as_user("luzhi")
    page = client.get("/own/white/")
    assert page.status_code == 200
    assert all(title in page.text for title in TITLES)
    links = {
        link.get("href") for link in html.document_fromstring(page.text).xpath("//main//table//a")
    }
    assert all(client.get(link).status_code == 200 for link in links), links
    assert client.get(DESK).status_code == 403


def test_another_places_institution_is_unknown(as_user):
    assert as_user("nanjing").get(DESK + LUZHI).status_code == 404
