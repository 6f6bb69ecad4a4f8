"""A real browser walks from log-in to a served 督办单, at the width of a desk and of a phone."""

import shutil
import threading

import pytest
from waitress import create_server

from feewatch.web.site import create_app

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None, reason="chromium is not installed: the browser was not tried"
)


@pytest.fixture
def address(app):
    server = create_server(create_app(app), host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    server.task_dispatcher.shutdown()
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [1440, 360])
def test_an_officer_goes_from_log_in_to_notified(address, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda fault: faults.append(str(fault)))

    page.goto(address + "/desk/")
    page.fill("#name", "officer")
    page.fill("#password", "correct horse")
    page.click("main button")
    assert page.locator("h1").inner_text() == "待办事项"

    page.click("text=资金未入专户")
    page.click("table >> text=资金未入专户")
    assert "教监管函〔2021〕2号" in page.inner_text("main")

    page.fill("#reason", "已电话核实")
    page.click("button[value=triage]")
    assert "已研判" in page.inner_text(".title")
    page.fill("#reason", "请限期整改")
    page.click("button[value=notify]")
    assert "已督办" in page.inner_text(".title")
    assert "请限期整改" in page.inner_text(".line")

    page.click("text=English")
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
