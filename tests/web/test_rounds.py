"""Inspectors on a phone and campaigns on the desk, in a real browser."""

import datetime as dt

import pytest
from sqlalchemy import insert, select

from feewatch.kernel.days import day_of
from feewatch.services.rounds.inspectors import assign
from feewatch.store.tables.casework import alert
from feewatch.store.tables.places import premises
from feewatch.store.tables.rounds import visit, visit_photo
from tests.rounds.test_photos import PLACE, exif, jpeg
from tests.web.browsing import NEEDS_CHROMIUM, turn
from tests.web.conftest import LUZHI, WEICHENG
from tests.web.test_stories import Visit

pytestmark = NEEDS_CHROMIUM
FORM = f"/rounds/visits/new?uscc={LUZHI}&checklist=wall-chart"
FIRE = "2.1.1"


@pytest.fixture
def phone(app, address, browser):
    assign(app, "inspector", [LUZHI], actor="officer", reason="分片")
    person = Visit(browser, address, "inspector", width=360)
    yield person
    person.leave()


def rows(app, query):
    with app.database.reading() as tx:
        return tx.execute(query).all()


def fill(page):
    """An item is not in order, with a note and a photo."""
    item = page.locator("fieldset", has=page.locator(f"[name='result_{FIRE}']"))
    item.locator("input[value=fail]").check()
    item.locator("textarea").fill("后门堆放纸箱")
    photo = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg(exif(6))}
    item.locator("input[type=file]").set_input_files(photo)


def test_a_visit_waits_while_there_is_no_connection_is_sent_once_and_becomes_a_matter(
    app, phone, address, browser
):
    page = phone.page
    assert "我负责的机构" in phone.text()
    phone.go(FORM)
    assert page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.go(FORM)  # by the worker, which keeps it
    phone.context.set_offline(True)
    page.reload()
    fill(page)
    page.click("#visit button.btn-primary")
    page.wait_for_selector("#queue:has-text('保存在本机')")
    assert rows(app, select(visit)) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    phone.context.set_offline(False)
    page.wait_for_url("**/rounds/visits/370702-D*")
    assert "不符合" in phone.text()
    phone.go("/rounds/")
    page.wait_for_timeout(300)
    (made,) = rows(app, select(visit))
    (found,) = rows(app, select(alert).where(alert.c.rule == "VISIT-ITEM"))
    (kept,) = rows(app, select(visit_photo))
    assert (made.inspector, found.subject_id, kept.item) == (
        "inspector", f"{made.number}/{FIRE}", FIRE,
    )  # fmt: skip

    officer = Visit(browser, address, "officer")
    officer.go(f"/desk/rounds/visits/{made.number}")
    with officer.page.expect_download() as download:
        officer.page.click("main a:has-text('照片')")
    content = download.value.path().read_bytes()
    assert PLACE not in content
    turn(officer.page, f"main a:has-text('M{found.matter_id}')")
    assert "走访发现" in officer.text("h1")
    assert "后门堆放纸箱" in officer.text()
    officer.leave()


def test_an_inspector_reads_no_page_of_the_desk_and_no_other_institution(phone):
    for path in ("/desk/inbox/", "/desk/rounds/", f"/desk/institutions/{LUZHI}"):
        answer = phone.page.request.get(phone.address + path)
        assert answer.status in (403, 404), path
    other = f"/rounds/visits/new?uscc={WEICHENG}"
    assert phone.page.request.get(phone.address + other).status == 404


def test_without_a_script_the_form_sends_itself_once_however_often(app, as_user):
    assign(app, "inspector", [LUZHI], actor="officer", reason="分片")
    client = as_user("inspector")
    form = {"token": "0123456789abcdef", "on": "2026-07-15", "kind": "monthly", "uscc": LUZHI,
            "note": "秩序正常"}  # fmt: skip
    first, second = (client.post("/rounds/visits/new", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (302, second.location)
    assert len(rows(app, select(visit))) == 1
    bad = client.post("/rounds/visits/new", data=form | {"token": "f" * 32, "note": ""})
    assert bad.status_code == 400
    assert "请填写走访情况" in bad.text


def test_a_campaign_from_premises_to_closed_down(app, address, browser):
    today = dt.date.today()
    with app.database.transaction() as tx:
        for number in ("P1", "P2"):
            tx.execute(
                insert(premises).values(
                    premises_no=number, district="370702", address=f"{number} 号院",
                    state="unlicensed", disposal="open", found_on=day_of(today) - 30,
                )
            )  # fmt: skip
    officer = Visit(browser, address, "officer")
    page = officer.page
    officer.go("/desk/supervision/campaigns")
    page.fill("#title", "无证场所专项督导")
    page.select_option("#checklist", "premises")
    page.fill("#from", (today - dt.timedelta(days=5)).isoformat())
    page.fill("#to", (today + dt.timedelta(days=5)).isoformat())
    page.fill("#reason", "专项行动")
    turn(page, "main form button.btn-primary")
    assert "无证场所专项督导" in officer.text("h1")
    campaign = page.url
    turn(page, "tbody tr:first-child a:has-text('记录走访')")
    page.fill("#note", "现场正在授课")
    page.click("#visit button.btn-primary")
    page.wait_for_url("**/desk/rounds/visits/*")
    page.goto(campaign)
    turn(page, "tbody tr:first-child td:first-child a >> nth=0")
    page.select_option("#disposal", "closed")
    page.fill("#on", today.isoformat())
    page.fill("#reason", "联合执法取缔")
    turn(page, "main form button.btn-primary")
    assert "已取缔" in officer.text()
    page.goto(campaign)
    totals = officer.text("#totals")
    for line in ("对象\n2", "已走访\n1", "已取缔\n1", "待处置\n1"):
        assert line in totals
    officer.leave()
