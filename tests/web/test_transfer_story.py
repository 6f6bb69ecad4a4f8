"""Two departments and a 移送 with its receipt, in a real browser."""

import pytest
from sqlalchemy import insert

from feewatch.kernel.clock import timestamp, today
from feewatch.services.cases import steps
from feewatch.services.lists.keys import get_signing_key
from feewatch.store.tables.checks import check_run
from tests.web.browsing import NEEDS_CHROMIUM
from tests.web.conftest import PASSWORD
from tests.web.test_transfers import MATTER, offices, verified

expect = pytest.importorskip("playwright.sync_api").expect
__all__ = ["offices"]  # a fixture


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, browser, address, name, width=1440):
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page, self.address, self.width = self.context.new_page(), address, width
        self.page.goto(address + "/account/login")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")

    def go(self, path):
        self.page.goto(self.address + path)

    def leave(self):
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width
        self.context.close()


@NEEDS_CHROMIUM
def test_two_departments_hand_a_case_over_with_its_receipt(offices, address, browser, tmp_path):
    with offices.database.transaction() as tx:
        run = {"at": timestamp(), "as_of": today(), "full": True, "rule_book": "rb1", "counts": {}}
        tx.execute(insert(check_run), run)
    number = steps.open_case(offices, [MATTER], actor="jiao", reason="核实", then="triage")
    jiao = Person(browser, address, "jiao")
    jiao.go(f"/desk/cases/{number}")
    expect(jiao.page.locator("main")).to_contain_text("教育部门")
    jiao.page.click("summary:has-text('移送其他部门')")
    jiao.page.select_option("#to-department", "market")
    jiao.page.fill("#transfer-reason", "涉及价格，移送主管部门")
    jiao.page.click("form:has(#to-department) button")
    expect(jiao.page.locator("main")).to_contain_text("待回执")
    with jiao.page.expect_download() as download:
        jiao.page.click("a:has-text('下载证据包')")
    content = download.value.path().read_bytes()
    assert verified(tmp_path, content, get_signing_key(offices).public_pem)[0] == 0
    jiao.go(f"/desk/cases/{number}")
    expect(jiao.page.locator(".title")).to_contain_text("已移送")
    expect(jiao.page.locator("input[name=step]")).to_have_count(0)

    shi = Person(browser, address, "shi", 360)
    shi.go("/desk/transfers/")
    shi.page.click("table a")
    shi.page.fill("#receive-reason", "同意接收")
    shi.page.click("button:has-text('接收')")
    expect(shi.page.locator(".title")).to_contain_text(number)
    expect(shi.page.locator("main")).to_contain_text("市场监管部门")
    shi.leave()

    jiao.go("/desk/transfers/")
    jiao.page.click("table a")
    expect(jiao.page.locator("main")).to_contain_text("已接收")
    expect(jiao.page.locator("main")).to_contain_text("同意接收")
    jiao.go(f"/desk/cases/{number}")
    expect(jiao.page.locator("input[name=step]")).to_have_count(0)  # it is theirs no more
    jiao.leave()
