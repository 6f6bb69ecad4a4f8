"""Whole stories in a real browser: from Today to 回头看, from a notice to an objection."""

import re
import shutil
import subprocess

import pytest
from sqlalchemy import insert, select, update

from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import parse_day
from feewatch.store.tables import casework, checks
from tests.web.browsing import NEEDS_CHROMIUM, turn

OFFICE_SUITE = shutil.which("soffice")
TEN = range(101, 111)
pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def ten_matters(app):
    """Ten red matters of the institution that may log in."""
    with app.database.transaction() as tx:
        (matter,) = tx.execute(select(casework.matter).where(casework.matter.c.id == 1)).mappings()
        (alert,) = tx.execute(
            select(casework.alert).where(casework.alert.c.matter_id == 1)
        ).mappings()
        for number in TEN:
            tx.execute(insert(casework.matter).values(dict(matter) | {"id": number}))
            on = parse_day("2026-07-01") + number - 100
            row = dict(alert) | {"id": f"ten{number}", "matter_id": number, "on_day": on}
            tx.execute(insert(casework.alert).values(row))


@pytest.fixture(autouse=True)
def _checked(app):
    """The office has checked before: it is no fresh one."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(checks.check_run),
            {"at": timestamp(), "as_of": today(), "full": True, "rule_book": "rb1", "counts": {}},
        )


class Visit:
    """A person with a browser of their own; every fault that its console tells is kept."""

    def __init__(self, browser, address, name, width=1440):
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.address, self.width, self.faults = address, width, []
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.go("/account/login")
        self.page.fill("#name", name)
        self.page.fill("#password", "correct horse")
        turn(self.page, "main button")

    def go(self, path):
        self.page.goto(self.address + path)

    def text(self, selector="main"):
        return self.page.inner_text(selector)

    def open_details(self):
        """Unfold everything, so that what is folded away can be used."""
        self.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")

    def step(self, name, reason, **fields):
        """Fill in the form of a step of a case and send it."""
        self.open_details()
        form = self.page.locator(f"form:has(input[name=step][value={name}])").first
        form.locator("textarea[name=reason]").fill(reason)
        for field, value in fields.items():
            if value is True:
                form.locator(f"[name={field}]").check()
            else:
                form.locator(f"[name={field}]").fill(value)
        confirm = form.locator("[name=confirm]")
        if confirm.count():
            confirm.check()
        turn(self.page, form.locator("button").last)

    def leave(self):
        """Say that nothing was wider than the window and no script failed, and close."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width
        assert self.faults == []
        self.context.close()


@pytest.fixture
def visit(address, browser):
    def visit(name, width=1440):
        return Visit(browser, address, name, width)

    return visit


def answer(person, number):
    """The institution answers each matter of its case, with a file, and objects to one."""
    person.go(f"/own/cases/{number}")
    page = person.page
    for box in page.locator("fieldset").all():
        box.locator("input[type=radio]").first.check()
        box.locator("textarea[name^=text_]").fill("已整改，附凭证")
    proof = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 proof"}
    page.locator("fieldset input[type=file]").first.set_input_files(proof)
    turn(page, page.locator("#answer form button.btn-primary").first)


@pytest.mark.usefixtures("ten_matters")
def test_ten_matters_become_one_case_one_paper_and_come_to_an_end(app, visit, tmp_path):
    officer = visit("officer")
    assert officer.text("h1") == "今天"
    number = serve(officer, *TEN)
    assert officer.text().count("资金未入专户") >= 10

    serve_the_paper(officer, number, tmp_path)
    school = visit("luzhi")
    assert number in school.text("body")
    answer(school, number)
    assert "目前无需您答复" in school.text()

    officer.go("/desk/today")
    assert number in officer.text()
    officer.go(f"/desk/cases/{number}")
    assert "已反馈" in officer.text(".title")
    assert officer.page.locator(".btn-primary").first.inner_text() == "验收"
    officer.step("accept", "凭证齐全")
    barred = officer.page.locator("button:disabled:has-text('销号')")
    assert barred.count() == 1  # the one who issued it does not close it

    reviewer = visit("reviewer")
    reviewer.go(f"/desk/cases/{number}")
    reviewer.open_details()
    against = {}
    if reviewer.page.locator("[name=against]").count():
        against = {"against": True, "against_data": "银行回函在案，次日检查更新"}
    reviewer.step("close", "整改到位", **against)
    assert "已销号" in reviewer.text(".title")
    assert reviewer.page.locator("input[name=step][value=recheck]").count() == 0  # not that day
    with app.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(closed_on=today() - 1))
    reviewer.go(f"/desk/cases/{number}")
    reviewer.step("recheck", "实地复查，未见反复", early="随机复查")
    assert "已回头看" in reviewer.text(".title")
    for person in (officer, school, reviewer):
        person.leave()


def serve_the_paper(person, number, folder):
    """One order over all matters, served, opened by an office suite where there is one."""
    person.go(f"/desk/cases/{number}")
    page = person.page
    papers = page.locator("#papers tbody a")
    assert papers.count() == 1  # notify made it
    turn(page, papers)
    assert "责令限期整改通知书" in person.text("h1")
    assert person.text().count("资金未入专户") >= 10
    with page.expect_download() as saved:
        page.locator("a[href$='.docx']").first.click()
    path = folder / "paper.docx"
    saved.value.save_as(path)
    person.open_details()
    form = page.locator("form[action$='/service']").first
    form.locator("[name=way]").select_option("direct")
    form.locator("[name=recipient]").fill("办公室主任")
    turn(page, form.locator("button").last)
    assert "直接送达" in person.text()
    if OFFICE_SUITE is None:
        pytest.skip("LibreOffice is not installed: the paper was not opened")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [OFFICE_SUITE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)
    assert (folder / "paper.pdf").read_bytes().startswith(b"%PDF-")


def serve(officer, *matters):
    """The number of a case that an officer opens over matters, and serves."""
    officer.go("/desk/?by=none")
    for matter in matters:
        officer.page.check(f"input[name=matter][value='{matter}']")
    officer.page.fill("#reason", "同一机构的事项，一并立案")
    turn(officer.page, "button[name=act][value=open]")
    turn(officer.page, "table a.number:has-text('370702-')")
    number = re.search(r"370702-\d{4}-\d{4}", officer.text("h1"))[0]
    officer.step("triage", "核实属实")
    officer.step("notify", "请在期限内逐项整改")
    assert "已督办" in officer.text(".title")
    return number


@pytest.mark.usefixtures("ten_matters")
def test_many_matters_are_served_in_one_act_from_the_inbox(visit):
    officer = visit("officer")
    officer.go("/desk/?by=none")
    for number in (*TEN, 2):
        officer.page.check(f"input[name=matter][value='{number}']")
    officer.page.fill("#reason", "请在期限内逐项整改")
    turn(officer.page, "button[formaction$='/many']")
    assert "/desk/papers/many/" in officer.page.url
    for _ in range(5):
        button = officer.page.locator("form[action*='/many/'] button")
        if not button.count():
            break
        turn(officer.page, button.first)
    assert "370702-" in officer.text()
    officer.go("/desk/papers/")
    assert "责令限期整改通知书" in officer.text()
    officer.leave()


def test_a_school_goes_from_its_mark_to_an_objection_with_a_file(visit):
    officer = visit("officer")
    number = serve(officer, 1)
    school = visit("luzhi", 360)
    school.go("/messages")
    assert number in school.text() or "督办" in school.text()
    school.go(f"/own/cases/{number}")
    page = school.page
    page.locator("#objection textarea").fill("该笔款项已于次日转入专户，请核查银行流水")
    proof = {"name": "回单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 slip"}
    page.locator("#objection input[type=file]").set_input_files(proof)
    turn(page, page.locator("#objection form button"))
    assert "待主管机关答复" in school.text("#objection")
    answer(school, number)
    assert "目前无需您答复" in school.text()

    officer.go(f"/desk/cases/{number}")
    assert "该笔款项已于次日转入专户" in officer.text()
    assert "凭证.pdf" in officer.text()
    school.leave()
    officer.leave()


def test_a_reviewer_finds_what_waits_for_a_second_person_and_closes_it(app, visit):
    officer, school = visit("officer"), visit("luzhi")
    number = serve(officer, 1)
    answer(school, number)
    officer.go(f"/desk/cases/{number}")
    officer.step("accept", "凭证齐全")

    reviewer = visit("reviewer")
    assert reviewer.text("h1") == "今天"
    card = reviewer.page.locator("main a.count:has-text('红色案件待您销号')")
    assert card.locator("b").inner_text() == "1"
    turn(reviewer.page, card)
    turn(reviewer.page, f"main a:has-text('{number}')")
    assert number in reviewer.text("h1")
    assert reviewer.page.locator(".btn-primary").first.inner_text() == "销号"
    form = reviewer.page.locator("form:has(input[name=step][value=close])").first
    form.locator("textarea[name=reason]").fill("整改到位")
    form.locator("[name=confirm]").check()
    if form.locator("[name=against]").count():  # closing against the data wants words of its own
        turn(reviewer.page, form.locator("button").last)
        assert "未能提交" in reviewer.text("#refusal")
        assert reviewer.page.evaluate("document.activeElement.id") == "refusal"
        form = reviewer.page.locator("form:has(input[name=step][value=close])").first
        assert form.locator("textarea[name=reason]").input_value() == "整改到位"
        form.locator("[name=against]").check()
        form.locator("[name=against_data]").fill("银行回函在案，次日检查更新")
    turn(reviewer.page, form.locator("button").last)
    assert "已销号" in reviewer.text(".title")
    assert "整改到位" in reviewer.text()
    reviewer.go("/desk/ledger")
    assert number in reviewer.text("table")
    assert "已销号" in reviewer.text("table")
    for person in (officer, school, reviewer):
        person.leave()


def test_the_head_of_a_district_goes_from_figures_to_the_monthly_report(visit, tmp_path):
    officer = visit("officer")
    serve(officer, 1)
    officer.leave()
    head = visit("viewer")
    page = head.page
    head.go("/desk/district/")
    assert "辖区概况" in head.text("h1")
    ages = page.locator("h2:has-text('未结事项按等级与时间') ~ table a")
    count = int(ages.first.inner_text())
    turn(page, ages.first)
    assert page.locator("[data-row]").count() == count
    head.go("/desk/district/")
    opened = page.locator("td[data-label='立案'] a").first
    count = int(opened.inner_text())
    turn(page, opened)
    assert page.locator("main table tbody tr").count() == count
    head.go("/desk/district/")
    turn(page, page.locator("a[href*='/desk/district/statements']").first)
    assert "对账单覆盖" in head.text("h1")

    turn(page, "nav.rooms a:has-text('台账与文书')")
    turn(page, "nav.tabs a:has-text('督导通报')")
    page.fill("#month", "2026-07")
    turn(page, "main form.filters button")
    assert "2026年7月" in head.text("h1")
    figure = page.locator("td a.number").first
    told = figure.inner_text()
    turn(page, figure)
    assert told in head.text()
    head.go("/desk/report?month=2026-07")
    with page.expect_download() as saved:
        page.locator("a[href*='docx']").first.click()
    path = tmp_path / "report.docx"
    saved.value.save_as(path)
    assert path.read_bytes()[:2] == b"PK"
    head.leave()


def test_an_inbox_is_worked_with_keys_alone(visit):
    officer = visit("officer")
    officer.go("/desk/?by=none")
    page = officer.page
    keyboard = page.keyboard
    rows = page.locator("[data-row]").count()
    assert rows > 1
    keyboard.press("j")
    keyboard.press("x")
    keyboard.press("j")
    keyboard.press("x")
    assert page.inner_text("[data-chosen]") == "2"
    assert page.locator("[data-row].here").count() == 1
    keyboard.press("k")
    keyboard.press("x")
    assert page.locator("[data-row] input:checked").count() == 1
    keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "text"
    keyboard.type("jx")  # in a field keys are letters
    assert page.input_value("#text") == "jx"
    assert page.locator("[data-row] input:checked").count() == 1
    page.evaluate("document.activeElement.blur()")
    keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/(matters|alerts)/"))
    officer.leave()


def test_an_english_reviewer_goes_through_every_menu_and_its_tabs(visit):
    reader = visit("reviewer")
    turn(reader.page, "text=English")
    menu = [link.get_attribute("href") for link in reader.page.locator("nav.rooms a").all()]
    assert len(menu) > 8
    waiting, seen = list(menu), set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        reader.go(path)
        page = reader.page
        assert page.get_attribute("html", "lang") == "en", path
        title = reader.text("h1")
        assert title.strip(), path
        assert not re.search("[\u4e00-\u9fff]{2,}", title), (path, title)
        for kind in ("th", "label", "button", "summary", "nav a", "h2"):
            words = page.locator(f"main {kind}, header {kind}").all_inner_texts()
            bare = [word for word in words if re.search("[\u4e00-\u9fff]", word)]
            assert [word for word in bare if not _is_name(word)] == [], (path, kind)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= reader.width, path
        waiting += [link.get_attribute("href") for link in page.locator("nav.tabs a").all()]
    assert len(seen) > len(menu)
    reader.leave()


def _is_name(word):
    """Whether the Chinese of a label is a name on file: a place, a school, a law, the language."""
    return bool(re.search("中文|培训|学校|中心|区|市|省|法|规定|通知|办法", word))
