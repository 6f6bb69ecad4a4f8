"""A parent with a phone: from the QR code to a price, the right account and a clue."""

import re

import pytest
from sqlalchemy import select

from feewatch.store.tables import places
from tests.web.browsing import NEEDS_CHROMIUM, turn

LUZHI, ACCOUNT = "52370702651728628K", "26601891581262337"
pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def phone(browser):
    page = browser.new_page(viewport={"width": 360, "height": 780})
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    yield page
    page.close()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_parent_goes_from_the_qr_code_to_a_price_an_account_and_a_clue(address, phone, app):
    phone.goto(f"{address}/institutions/{LUZHI}")  # what the code holds
    phone.locator("img.qr").scroll_into_view_if_needed()
    drawn = "code => code.decode().then(() => code.naturalWidth)"
    assert phone.locator("img.qr").evaluate(drawn) > 100
    assert "银行托管" in phone.inner_text("main")
    assert fits(phone)

    phone.fill("#account", ACCOUNT)
    turn(phone, "text=核对")
    assert phone.inner_text("#answer").startswith("是。")
    assert ACCOUNT not in phone.inner_text("main")
    phone.fill("#account", ACCOUNT[:-1] + "8")
    turn(phone, "text=核对")
    assert phone.inner_text("#answer").startswith("不是。")
    assert fits(phone)

    turn(phone, "main >> text=可以收多少钱")
    phone.select_option("#stage", "primary")
    for field, value in (("class_size", "20"), ("lesson_minutes", "45"), ("lessons", "40")):
        phone.fill(f"#{field}", value)
    phone.fill("#fee", "1200")
    turn(phone, "text=计算")
    assert "1,144.00" in phone.inner_text("#answer")
    assert "超出" in phone.inner_text("#answer .note")
    assert fits(phone)

    phone.goto(f"{address}/report?uscc={LUZHI}")
    phone.fill("#text", "电话 13800138000")
    turn(phone, "main button")
    assert "13800138000" not in phone.inner_text("main .note, main [role=alert]")
    phone.fill("#text", "一次收了 40 课时 1200 元")
    turn(phone, "main button")
    number = phone.inner_text("#number")
    assert re.fullmatch(r"G\d{8}-[2-9A-Z]{10}", number)
    assert "待核" in phone.inner_text("main")
    assert fits(phone)
    with app.database.reading() as tx:
        assert tx.scalars(select(places.clue.c.clue_no)).all() == [number]
    assert [fault for fault in phone.faults if "400" not in fault] == []
