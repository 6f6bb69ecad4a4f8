"""A real browser walks from log-in to a served 督办单, at the width of a desk and of a phone."""

import pytest

from tests.web.browsing import NEEDS_CHROMIUM, turn

ACCOUNT = "26601891581262337"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"

pytestmark = NEEDS_CHROMIUM


def statement(account: str, *, day: int = 10, closing: str = "600.00") -> bytes:
    row = f"{account},鲁智,CNY,2026-06-{day},09:00:00,,600.00,600.00,家长,62170001,HT3,1"
    return "\n".join(["期初余额,0.00", HEAD, row, f"期末余额,{closing}", ""]).encode()


@pytest.mark.parametrize("width", [1440, 360])
def test_an_officer_goes_from_log_in_to_notified(address, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda fault: faults.append(str(fault)))

    page.goto(address + "/desk/")
    page.fill("#name", "officer")
    page.fill("#password", "correct horse")
    turn(page, "main button")
    assert page.locator("h1").inner_text() == "待办事项"

    page.goto(address + "/desk/?by=none")
    turn(page, "td >> text=资金未入专户")
    assert "教监管函〔2021〕2号" in page.inner_text("main")

    page.fill("#reason", "已电话核实")
    turn(page, "button[value=triage]")
    assert "已研判" in page.inner_text(".title")
    notify = page.locator("form:has(input[name=step][value=notify])").first
    notify.locator("textarea[name=reason]").fill("请限期整改")
    turn(page, notify.locator("button").last)
    assert "已督办" in page.inner_text(".title")
    assert "请限期整改" in page.inner_text(".line")

    turn(page, "text=English")
    assert "notified" in page.inner_text(".title")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []
    page.close()


@pytest.mark.parametrize(
    "path",
    ["/", "/?list=notice", "/editions", "/editions/370702/2", "/account/login", "/nothing"],
)
def test_public_pages_fit_a_phone(address, browser, path):
    page = browser.new_page(viewport={"width": 360, "height": 780})
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def open_upload(address, browser, width, **options):
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address + "/own/upload")
    page.fill("#name", "luzhi")
    page.fill("#password", "correct horse")
    turn(page, "main button")
    page.wait_for_selector("#files")
    return page, faults


def choose(page, *files):
    kind = "application/octet-stream"
    payload = [{"name": name, "mimeType": kind, "buffer": each} for name, each in files]
    page.set_input_files("#files", payload)
    page.click("main button")


@pytest.mark.parametrize("width", [1440, 360])
def test_many_files_are_sent_one_by_one_and_each_is_told_its_fate(address, browser, width):
    page, faults = open_upload(address, browser, width)
    many = [(f"{n}.csv", statement(ACCOUNT, day=n)) for n in range(10, 16)]
    choose(page, *many, ("错账.csv", statement(ACCOUNT, closing="9.00")), ("照片.jpg", b"\xff\xd8"))
    page.wait_for_selector("text=已处理 8 / 8 个文件")
    rows = page.locator("#outcomes tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == [*(name for name, _ in many), "错账.csv", "照片.jpg"]
    assert ["已接收" in row for row in rows] == [True] * 6 + [False] * 2
    assert "请从网银重新导出" in rows[6]
    assert "已拒收" in rows[7]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []
    page.close()


def test_an_upload_that_broke_off_goes_on_where_it_stopped(address, browser):
    page, _ = open_upload(address, browser, 1440)
    sent = []

    def break_the_second(route):
        sent.append(route)
        route.abort() if len(sent) == 2 else route.continue_()

    page.route("**/own/upload", break_the_second)
    choose(page, *((f"{n}.csv", statement(ACCOUNT, day=n)) for n in (10, 11, 12)))
    page.wait_for_selector("text=未送达：连接中断")
    assert "已处理 1 / 3 个文件" in page.inner_text("#progress")
    page.click("main button")
    page.wait_for_selector("text=已处理 3 / 3 个文件")
    assert ["已接收" in row for row in page.locator("#outcomes tr").all_inner_texts()] == [True] * 3
    page.close()


def test_the_same_files_chosen_again_after_a_reload_are_told_to_be_here(address, browser):
    page, _ = open_upload(address, browser, 1440)
    files = [(f"{n}.csv", statement(ACCOUNT, day=n)) for n in (10, 11)]
    choose(page, files[0])
    page.wait_for_selector("text=已处理 1 / 1 个文件")
    page.reload()
    choose(page, *files)
    page.wait_for_selector("text=已处理 2 / 2 个文件")
    first, second = page.locator("#outcomes tr").all_inner_texts()
    assert "以前收到过，不会重复计算" in first
    assert "已计入账目" in second
    page.close()


def test_the_form_sends_all_files_at_once_where_scripts_do_not_run(address, browser):
    page, _ = open_upload(address, browser, 360, java_script_enabled=False)
    with page.expect_navigation():
        choose(page, *((f"{n}.csv", statement(ACCOUNT, day=n)) for n in (10, 11)))
    assert page.locator("#outcomes tr").count() == 2
    page.close()
