"""A grade in a real browser: drafted, told, objected to, answered, set by two, no longer open."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert, update

from feewatch.kernel.clock import today
from feewatch.kernel.days import parse_day
from feewatch.store.tables import grades, ledger
from tests.web.browsing import NEEDS_CHROMIUM
from tests.web.conftest import LUZHI
from tests.web.test_stories import Visit, visit

__all__ = ["Visit", "visit"]
pytestmark = NEEDS_CHROMIUM
SHEET = f"/desk/grades/{LUZHI}/2025"


@pytest.fixture(autouse=True)
def _covered(app):
    """Banks told of the year that is graded."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(ledger.told_days).values(
                account_id=1, institution_id=1, word="bank",
                from_day=parse_day("2025-11-01"), to_day=parse_day("2025-12-31"),
            )
        )  # fmt: skip


def test_a_grade_is_drafted_told_objected_to_and_set_by_two(app, visit):
    officer, school = visit("officer"), visit("luzhi", 390)
    school.go("/own/grades/")
    expect(school.page.locator("main")).to_contain_text("尚无评价")
    drafted_and_told(officer)

    school.go("/own/grades/")
    expect(school.page.locator("main")).to_contain_text("拟评等级 A")
    school.page.locator("main textarea").fill("分值有误，附凭证")
    proof = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    school.page.locator("main input[type=file]").set_input_files(proof)
    school.page.get_by_role("button", name="提出异议").click()
    expect(school.page.locator("main")).to_contain_text("待主管机关答复")

    officer.go(SHEET)
    expect(officer.page.locator("button[value=set]")).to_have_count(0)  # an objection waits
    form = officer.page.locator("form:has(select[name=outcome])")
    form.locator("select").select_option("partly")
    form.locator("textarea").fill("已核减一项")
    form.get_by_role("button", name="答复异议").click()
    expect(officer.page.locator("[role=status]")).to_contain_text("部分采纳")

    window_ends(app)
    school.go("/own/grades/")
    expect(school.page.locator("main")).to_contain_text("已核减一项")
    expect(school.page.locator("main")).to_contain_text("届满")
    expect(school.page.get_by_role("button", name="提出异议")).to_have_count(0)
    set_by_two(officer, visit("reviewer"))
    school.go("/own/grades/")
    expect(school.page.locator("main")).to_contain_text("评定等级 A")
    for person in (officer, school):
        person.leave()


def drafted_and_told(officer):
    officer.go("/desk/grades/")
    officer.page.fill("#compute-period", "2025")
    officer.page.get_by_role("button", name="计算", exact=True).click()
    expect(officer.page.locator("table.rows")).to_contain_text("鲁智01号培训中心")
    officer.page.get_by_role("button", name="告知", exact=True).click()
    expect(officer.page.locator("[role=status]")).to_contain_text("异议期开始")


def window_ends(app):
    """The time to object is over since yesterday."""
    with app.database.transaction() as tx:
        tx.execute(update(grades.grade).values(objection_until=today() - 1))


def set_by_two(officer, reviewer):
    """Grade A may lead to the red list: another person confirms what was proposed."""
    officer.go(SHEET)
    officer.page.select_option("#set-grade", "A")
    officer.page.click("button[value=set]")
    expect(officer.page.locator("main")).to_contain_text("待另一名复核人员复核")
    reviewer.go(SHEET)
    reviewer.page.fill("#reason", "属实")
    reviewer.page.click("button[value=confirm]")
    expect(reviewer.page.locator(".title")).to_contain_text("已评定")
    reviewer.leave()
