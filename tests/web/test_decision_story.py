"""A decision in a real browser: told, answered in time and late, made, published, recalled."""

import datetime as dt
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from feewatch.bootstrap import open_app
from feewatch.config import ListBasis
from feewatch.kernel.clock import SHANGHAI
from tests.web.browsing import NEEDS_CHROMIUM
from tests.web.conftest import LUZHI
from tests.web.test_stories import Visit, visit

__all__ = ["Visit", "visit"]
pytestmark = NEEDS_CHROMIUM
OPEN, OVER = "示教罚告字〔2026〕第1号", "示教罚告字〔2026〕第2号"
DOCUMENT = "示教罚字〔2026〕第2号"
SCHOOL = "鲁智01号培训中心"
BASIS = {"basis_document": "校外培训行政处罚暂行办法", "basis_clause": "第二条"}


@pytest.fixture
def app(app):
    """The office with a regulation that carries a black list."""
    basis = ListBasis("black", "山东省条例", "local_regulation", "第五条", "370000")
    config = app.config
    app.database.dispose()
    app = open_app(replace(config, publication=replace(config.publication, list_basis=[basis])))
    yield app
    app.database.dispose()


def pdf(name):
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}


def ago(days):
    """A day before today of the machine's clock, by which the served site goes."""
    return (dt.datetime.now(tz=SHANGHAI).date() - dt.timedelta(days=days)).isoformat()


def wait(person, selector, text):
    """Until the page shows a text there."""
    expect(person.page.locator(selector).first).to_contain_text(text)


def press(person, name, within="main"):
    person.page.locator(within).get_by_role("button", name=name).first.click()


def fill(person, texts):
    for name, text in texts.items():
        person.page.fill(f"#{name}", text)


def serve(officer, number, served_on):
    """An advance notice of a confiscation, put on file with its paper and its record."""
    officer.go("/desk/advance-notices/new")
    fill(officer, {"uscc": LUZHI, "number": number, "served_on": served_on} | BASIS)
    officer.page.fill("#facts", "一次性收取超过3个月的费用")
    officer.page.check("#sanctions-confiscation")
    for name in ("file", "record"):
        officer.page.set_input_files(f"#{name}", pdf(name))
    officer.page.click("main form .btn-primary")
    wait(officer, "h1", number)


def say(school, kind, text):
    """Say something on the page that is open, with a file."""
    school.page.select_option("#kind", kind)
    school.page.fill("#reason", text)
    school.page.set_input_files("#proofs", pdf("回单"))
    school.page.click("main form .btn-primary:has-text('提交')")
    wait(school, "#said", text)


def propose(officer):
    officer.go("/desk/decisions/new")
    officer.page.fill("#uscc", LUZHI)
    officer.page.select_option("#advance_notice", OVER)
    fill(officer, {"document": DOCUMENT, "date": ago(1)} | BASIS)
    officer.page.check("#sanctions-confiscation")
    officer.page.check("#reasons-over_limits")
    officer.page.set_input_files("#file", pdf("决定书"))
    officer.page.click("main form .btn-primary")
    wait(officer, ".title", "待法制审核")


def take(person, step):
    person.go("/desk/decisions/1")
    person.page.fill("#reason", "核对无误")
    person.page.click(f"button[value={step}]")


def test_a_decision_is_told_answered_made_published_and_recalled(visit):
    officer, school = visit("officer"), visit("luzhi", 390)
    serve(officer, OPEN, ago(0))
    serve(officer, OVER, ago(30))

    school.go("/own/")
    school.page.click(f"#todo a:has-text('{OPEN}')")
    say(school, "defence", "已按期退费")
    expect(school.page.locator("#said")).not_to_contain_text("逾期提出")
    school.go("/own/decisions/notices/2")
    say(school, "defence", "迟到的申辩")
    wait(school, "#said", "逾期提出")

    propose(officer)
    expect(officer.page.locator("button[value=review]")).to_have_count(0)  # it is their own
    reviewer, publisher = visit("reviewer"), visit("publisher")
    take(reviewer, "review")
    wait(reviewer, ".title", "待批准")
    expect(reviewer.page.locator("button[value=approve]")).to_have_count(0)
    take(publisher, "approve")
    wait(publisher, ".title", "生效")

    published_by_hand(publisher)
    stranger = publisher.context.browser.new_page()
    stranger.goto(f"{publisher.address}/institutions/{LUZHI}")
    expect(stranger.locator("main")).to_contain_text(DOCUMENT)

    school.go("/own/decisions/1")
    say(school, "objection", "公示内容有误")
    recalled(publisher)
    stranger.reload()
    expect(stranger.locator("main")).not_to_contain_text(DOCUMENT)
    stranger.close()
    for person in (officer, school, reviewer, publisher):
        person.leave()


def published_by_hand(publisher):
    """Seen in the preview with its decision, then published as it was seen."""
    publisher.go("/desk/publication/")
    sheet = publisher.page.locator("div.sheet:has(h2:has-text('370702'))").first
    expect(sheet.locator(f"tr:has-text('{SCHOOL}'):has-text('黑名单')")).to_contain_text(DOCUMENT)
    press(publisher, "发布全部")
    wait(publisher, "[role=status]", "第 3 期")


def recalled(publisher):
    """The entry is taken back, and leaves by a correction edition at once."""
    publisher.go("/desk/publication/recalls")
    publisher.page.select_option("#list", "black")
    publisher.page.fill("#entry", LUZHI)
    publisher.page.fill("#reason", "登载有误")
    press(publisher, "撤回并发布更正版次")
    wait(publisher, "[role=status]", "第 4 期")
    wait(publisher, "div.sheet", SCHOOL)
