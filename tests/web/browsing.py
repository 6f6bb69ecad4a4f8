"""A real browser and a served site, for the tests that need them."""

import shutil
import threading

import pytest
from waitress import create_server

from feewatch.web.site import create_app

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NEEDS_CHROMIUM = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None, reason="chromium is not installed: the browser was not tried"
)


def turn(page, target):
    """Press what leads to another page (a selector or a locator) and wait until that page is there.

    A click alone may come back before the browser has begun to leave: what is read after it would
    then be the old page's.
    """
    with page.expect_navigation():
        (page.locator(target).first if isinstance(target, str) else target).click()


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
