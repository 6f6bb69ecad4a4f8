"""A decision in a real browser: told, answered in time and late, made, published, recalled."""

import datetime as dt

from feewatch.kernel import clock
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.days import day_of
from feewatch.services.lists.publication import publish, publish_corrections
from feewatch.services.public.board import get_institution
from tests.web.browsing import NEEDS_CHROMIUM, turn
from tests.web.conftest import LUZHI
from tests.web.test_stories import Visit, visit

__all__ = ["Visit", "visit"]
pytestmark = NEEDS_CHROMIUM
OPEN, OVER = "示教罚告字〔2026〕第1号", "示教罚告字〔2026〕第2号"
DOCUMENT = "示教罚字〔2026〕第2号"


def pdf(name):
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}


def ago(days):
    """A day before today of the machine's clock, by which the served site goes."""
    return (dt.datetime.now(tz=SHANGHAI).date() - dt.timedelta(days=days)).isoformat()


def serve(officer, number, served_on):
    officer.go("/desk/advance-notices/new")
    page = officer.page
    texts = {
        "uscc": LUZHI, "number": number, "served_on": served_on,
        "facts": "一次性收取超过3个月的费用",
        "basis_document": "校外培训行政处罚暂行办法", "basis_clause": "第二条",
    }  # fmt: skip
    for name, text in texts.items():
        page.fill(f"#{name}", text)
    page.check("#sanctions-confiscation")
    for name in ("file", "record"):
        page.set_input_files(f"#{name}", pdf(name))
    turn(page, "main form .btn-primary")
    assert number in officer.text("h1")


def say(school, kind, text):
    """Say something on the page that is open, with a file."""
    school.page.select_option("#kind", kind)
    school.page.fill("#reason", text)
    school.page.set_input_files("#proofs", pdf("回单"))
    turn(school.page, "main form .btn-primary")


def take(person, path, step):
    person.go(path)
    person.page.fill("#reason", "核对无误")
    turn(person.page, f"button[value={step}]")


def test_a_decision_is_told_answered_made_published_and_recalled(app, visit):
    officer, school = visit("officer"), visit("luzhi", 390)
    serve(officer, OPEN, ago(0))
    serve(officer, OVER, ago(30))

    school.go("/own/")
    assert OPEN in school.text("#todo")
    turn(school.page, f"#todo a:has-text('{OPEN}')")
    say(school, "defence", "已按期退费")
    assert "待答复" in school.text("#said")
    assert "逾期提出" not in school.text("#said")
    school.go("/own/decisions/notices/2")
    say(school, "defence", "迟到的申辩")
    assert "逾期提出" in school.text("#said")

    officer.go("/desk/decisions/new")
    officer.page.fill("#uscc", LUZHI)
    officer.page.select_option("#advance_notice", OVER)
    for name, text in {
        "document": DOCUMENT, "date": ago(1), "basis_clause": "第二条",
        "basis_document": "校外培训行政处罚暂行办法",
    }.items():  # fmt: skip
        officer.page.fill(f"#{name}", text)
    officer.page.check("#sanctions-confiscation")
    officer.page.check("#reasons-over_limits")
    officer.page.set_input_files("#file", pdf("决定书"))
    turn(officer.page, "main form .btn-primary")
    assert "待法制审核" in officer.text(".title")
    take(visit("reviewer"), "/desk/decisions/1", "review")
    publisher = visit("publisher")
    take(publisher, "/desk/decisions/1", "approve")
    assert "生效" in publisher.text(".title")

    with clock.fixed(dt.datetime.now(tz=SHANGHAI)):
        publish(app, _today(), actor="publisher")
    assert _lists(app) == {"notice"}  # no legal basis of a black list is configured here
    school.go("/own/decisions/1")
    say(school, "objection", "公示内容有误")
    assert "待答复" in school.text("#said")
    publisher.go("/desk/decisions/1")
    publisher.page.fill("#reason", "复议撤销")
    turn(publisher.page, "button[value=revoked]")
    with clock.fixed(dt.datetime.now(tz=SHANGHAI)):
        publish_corrections(app, _today(), actor="publisher")
    assert _lists(app) == set()
    for person in (officer, school, publisher):
        person.leave()


def _today():
    """Of the machine's clock, as the served site has it."""
    return day_of(dt.datetime.now(tz=SHANGHAI).date())


def _lists(app):
    """The lists on which the public reads the institution."""
    return {place.list for place in get_institution(app, LUZHI).places}
