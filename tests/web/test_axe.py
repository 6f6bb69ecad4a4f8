"""axe-core finds nothing against WCAG A and AA on any kind of page."""

import shutil

import pytest

from feewatch.kernel import clock
from feewatch.services.demo import shown_at
from feewatch.web.site import create_app
from tests.web.gallery import CHROMIUM, FLAGS, WIDTHS, Visitor, pages, served, violations

pytestmark = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None, reason="chromium is not installed: the pages were not looked at"
)
PASSWORD = "correct horse"
SMALL_WORLD = [
    Visitor("public"),
    Visitor("officer", "officer", PASSWORD),
    Visitor("institution", "luzhi", PASSWORD),
]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("axe_playwright_python")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def look(browser, site, address, visitor, width, language="zh"):
    page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]})
    page.goto(f"{address}/account/language/{language}")
    kinds, faults = 0, []
    for kind in pages(site, page, address, visitor):
        kinds += 1
        faults += [f"{visitor.role} {width} {kind} {fault}" for fault in violations(page)]
    page.close()
    return kinds, faults


@pytest.mark.parametrize("visitor", SMALL_WORLD, ids=lambda visitor: visitor.role)
def test_no_page_of_a_small_office_has_a_fault_on_a_phone(browser, app, open_case, visitor):
    open_case(1)
    site = create_app(app)
    with served(site) as address:
        kinds, faults = look(browser, site, address, visitor, 360)
    assert faults == []
    assert kinds >= {"public": 4, "officer": 25, "institution": 8}[visitor.role]


@pytest.mark.long
@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_a_whole_demonstration_has_a_fault(browser, town, width, language):
    people = [Visitor(each.role, each.name, each.password) for each in town.demo.log_ins]
    faults = []
    with clock.fixed(shown_at()), served(town.site) as address:
        for visitor in [Visitor("public"), *people]:
            faults += look(browser, town.site, address, visitor, width, language)[1]
    assert faults == []
