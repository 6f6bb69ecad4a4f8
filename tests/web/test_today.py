"""Today's page: what waits for each role, what is new, how old the last check is."""

import datetime as dt
import re

import pytest
from sqlalchemy import delete, insert, update

from feewatch.config import Config, Web
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.services.cases import steps
from feewatch.services.people import users
from feewatch.store.tables import casework, checks, ledger, operations, publication
from feewatch.web.site import create_app
from tests.web.conftest import LUZHI, NOW, day


def cards(page: str) -> dict[str, int]:
    """The counts of the page by title."""
    found = re.findall(r'<a class="count[^"]*" href="[^"]*">([^<]+)<b>(\d+)</b>', page)
    return {title: int(count) for title, count in found}


@pytest.fixture
def checked(app):
    """A check of this morning."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(checks.check_run),
            {"at": "2026-07-15T01:30:00+08:00", "as_of": day("2026-07-15"), "full": False}
            | {"rule_book": "rb", "counts": {}},
        )
        tx.execute(
            insert(operations.lease),
            {"name": "scheduler", "holder": "x", "held_until": "2026-07-15T10:00:40+08:00"},
        )
    return app


def test_the_office_begins_with_today_after_the_log_in(site):
    for name in ("officer", "viewer", "reviewer", "publisher", "administrator"):
        client = site.test_client()
        answer = client.post("/account/login", data={"name": name, "password": "correct horse"})
        assert answer.headers["Location"] == "/desk/today"
        assert client.get("/desk/today").status_code == 200


def test_an_officer_s_counts_are_those_of_the_lists_behind_them(checked, as_user, open_case):
    number, officer = open_case(1), as_user("officer")
    steps.step(checked, number, "submit", actor="luzhi", reason="已整改")
    page = officer.get("/desk/today").text
    counts = cards(page)
    assert counts["整改反馈待审"] == 1
    assert counts["待办事项"] == 1  # of two in the scope one is in the case
    assert counts["已逾期案件"] == 0
    assert counts["隔离的对账单"] == 1  # of nobody's account; Nanjing's is another place's
    assert number in officer.get("/desk/cases/?waits=answered").text
    assert number not in officer.get("/desk/cases/?waits=overdue").text
    assert ">1<span" in page.split('href="/desk/cases/"')[1].split("</a>")[0]


def test_a_case_past_its_deadline_is_overdue_and_one_within_seven_days_is_due(
    checked, as_user, open_case
):
    number, officer = open_case(1), as_user("officer")
    for deadline, title, waits in (
        ("2026-07-14", "已逾期案件", "overdue"),
        ("2026-07-15", "七日内到期", "week"),
        ("2026-07-22", "七日内到期", "week"),
    ):
        with checked.database.transaction() as tx:
            tx.execute(update(casework.case_file).values(deadline=parse_day(deadline)))
        assert cards(officer.get("/desk/today").text)[title] == 1, deadline
        assert number in officer.get(f"/desk/cases/?waits={waits}").text
    with checked.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(deadline=parse_day("2026-07-23")))
    assert cards(officer.get("/desk/today").text)["七日内到期"] == 0


def test_a_closed_case_comes_back_on_the_day_of_its_recheck_and_when_it_recurs(
    checked, as_user, open_case
):
    number, officer = open_case(1), as_user("officer")
    change = {"state": "closed", "recheck_on": parse_day("2026-07-16")}
    with checked.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(**change))
    assert cards(officer.get("/desk/today").text)["回头看到期"] == 0
    change = {"recheck_on": parse_day("2026-07-15"), "recurred_on": parse_day("2026-07-15")}
    with checked.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(**change))
    page = officer.get("/desk/today").text
    assert cards(page)["回头看到期"] == 1
    assert cards(page)["销号后再现"] == 1
    assert number in page


def test_red_is_new_until_the_visit_after_the_one_that_saw_it(checked, site):
    def look(moment: dt.datetime) -> int:
        with clock.fixed(moment):
            client = site.test_client()
            client.post("/account/login", data={"name": "officer", "password": "correct horse"})
            return cards(client.get("/desk/today").text)["上次查看后新增红色"]

    assert look(NOW) == 1  # nothing was ever looked at
    assert look(NOW + dt.timedelta(minutes=10)) == 1  # the same visit
    assert look(NOW + dt.timedelta(hours=2)) == 0
    with checked.database.transaction() as tx:
        tx.execute(
            update(casework.matter)
            .where(casework.matter.c.id == 1)
            .values(opened_at="2026-07-15T13:00:00+08:00")
        )
    assert look(NOW + dt.timedelta(hours=20)) == 1


def test_the_inbox_lists_what_is_new_since_the_last_visit(checked, as_user):
    officer = as_user("officer")
    officer.get("/desk/today")
    with clock.fixed(NOW + dt.timedelta(minutes=45)):
        officer.get("/desk/today")
        page = officer.get("/desk/?since=visit").text
    assert "没有符合条件的事项" in page
    assert officer.get("/desk/?since=yesterday").status_code == 400


def test_mine_counts_only_what_the_person_owns(checked, as_user, open_case):
    number, officer = open_case(1), as_user("officer")
    steps.step(checked, number, "submit", actor="luzhi", reason="已整改")
    colleague = as_user("reviewer")  # who opened the case owns it
    assert cards(colleague.get("/desk/today?whose=mine").text)["整改反馈待审"] == 0
    page = officer.get("/desk/today?whose=mine").text
    assert cards(page)["整改反馈待审"] == 1
    assert "owner=officer" in page
    assert number in officer.get("/desk/cases/?owner=officer").text
    assert number not in officer.get("/desk/cases/?owner=-").text


def test_a_reviewer_sees_what_waits_for_a_second_person(checked, as_user, open_case):
    number = open_case(1)
    steps.step(checked, number, "submit", actor="luzhi", reason="已整改")
    assert cards(as_user("reviewer").get("/desk/today").text)["红色案件待您销号"] == 1
    assert number in as_user("reviewer").get("/desk/cases/?waits=second").text
    # who issued the order may not close it
    assert number not in as_user("officer").get("/desk/cases/?waits=second").text


def test_missing_statements_name_the_institution_and_the_first_day(checked, as_user):
    page = as_user("officer").get("/desk/today").text
    assert cards(page)["缺少对账单的机构"] == 1
    row = page.split("缺少对账单")[2]
    assert "鲁智01号培训中心" in row
    assert "2026-06-01" in row  # covered to 05-31
    viewer = as_user("viewer").get("/desk/statements/missing").text
    assert "26601891581262337" not in viewer
    assert "共 2 个账户" in viewer  # Luzhi's, and Weicheng's of which none ever came


def test_an_account_is_late_from_the_day_after_its_limit(checked, as_user):
    limit = 7  # days, of an account without a cycle
    with checked.database.transaction() as tx:
        tx.execute(update(ledger.account_coverage).values(to_day=day("2026-07-15") - limit))
    assert "共 0 个账户" in as_user("officer").get("/desk/statements/missing").text
    with checked.database.transaction() as tx:
        tx.execute(update(ledger.account_coverage).values(to_day=day("2026-07-15") - limit - 1))
    assert "共 1 个账户" in as_user("officer").get("/desk/statements/missing").text


@pytest.mark.parametrize(("hours", "is_late"), [(36, False), (37, True)])
def test_a_check_that_is_late_is_red(checked, as_user, hours, is_late):
    at = (NOW - dt.timedelta(hours=hours)).isoformat(timespec="seconds")
    with checked.database.transaction() as tx:
        tx.execute(update(checks.check_run).values(at=at))
    page = as_user("viewer").get("/desk/today").text
    assert ('<span class="late">最近检查' in page) is is_late
    assert "1 天前" in page


def test_a_dead_scheduler_is_red_and_a_living_one_is_not(checked, as_user):
    viewer = as_user("viewer")
    page = viewer.get("/desk/today").text
    assert "运行中，最后一次" in page
    with checked.database.transaction() as tx:
        tx.execute(update(operations.lease).values(held_until="2026-07-13T10:00:00+08:00"))
    page = viewer.get("/desk/today").text
    assert re.search(r'<span class="late"><a [^>]*>定时任务</a>\s+已停', page)
    assert "2 天前" in page
    with checked.database.transaction() as tx:
        tx.execute(delete(operations.lease))
    page = viewer.get("/desk/today").text
    assert re.search(r'<span class="late"><a [^>]*>定时任务</a>\s+从未运行', page)


def test_a_fresh_office_is_told_what_to_do_first(app, as_user):
    page = as_user("officer").get("/desk/today").text  # no check has run
    assert "开始使用" in page
    assert page.index("登记机构") < page.index("登记消课") < page.index("第一次检查")
    assert page.count(">已完成<") == 5
    assert "feewatch check" in page
    assert cards(page) == {}


def test_an_office_without_anything_has_every_step_before_it(any_app, tmp_path):
    config = any_app.config
    app = type(any_app)(
        Config(config.folder, config.office, config.database, web=Web(secure_cookies=False)),
        any_app.database,
    )
    from_scratch = create_app(app)
    from_scratch.config["WTF_CSRF_ENABLED"] = False
    from_scratch.testing = True
    users.add_user(app, "wang", "officer", password="correct horse", actor="test")
    client = from_scratch.test_client()
    client.post("/account/login", data={"name": "wang", "password": "correct horse"})
    page = client.get("/desk/today").text
    assert page.count(">未完成<") == 8
    assert client.get("/desk/cases/").status_code == 200


def test_a_fault_page_does_not_ask_again_what_failed(site, as_user, monkeypatch):
    officer = as_user("officer")
    monkeypatch.setitem(site.view_functions, "today.home", lambda: 1 // 0)
    site.view_functions["today.home"].may_enter = frozenset({"officer"})
    assert officer.get("/desk/today").status_code == 500


def test_an_administrator_sees_runs_and_people(checked, as_user):
    with checked.database.transaction() as tx:
        moment = "2026-07-15T01:30:00+08:00"
        tx.execute(
            insert(operations.job_run),
            {"job": "check", "due_at": moment, "started_at": moment, "finished_at": moment}
            | {"status": "failed", "detail": "disk full"},
        )
    page = as_user("administrator").get("/desk/today").text
    assert cards(page)["七日内失败的定时任务"] == 1
    assert "disk full" in page
    assert "经办人员" in page.split("可登录的人员")[1]


def test_decisions_and_holds_wait_for_the_person_who_may_act(checked, as_user):
    from_form = {
        "list": "black", "uscc": LUZHI, "name": "x", "district": "370702", "document": "d",
        "decided_on": 1, "authority": "a", "basis": {}, "notice_served_on": 1,
        "objection_until": 1, "gravity": "general", "reason": "r", "sanctions": [],
        "why_necessary": "", "imported": False, "form": {}, "proposed_by": "officer",
    }  # fmt: skip
    table = publication.decision.c
    rows = [
        from_form | {"document": "1", "status": "proposed"},
        from_form | {"document": "2", "status": "reviewed", "reviewed_by": "reviewer"},
    ]
    held = {"uscc": LUZHI, "name": "x", "district": "370702", "since": 1, "due": 2, "lines": []}
    with checked.database.transaction() as tx:
        for row in rows:
            values = {table[name]: value for name, value in row.items()}
            tx.execute(insert(publication.decision).values(values))
        tx.execute(insert(publication.white_hold), held)
    reviewer = cards(as_user("reviewer").get("/desk/today").text)
    assert (reviewer["决定待法制审核"], reviewer["白名单暂缓待决定"]) == (1, 1)
    assert cards(as_user("publisher").get("/desk/today").text)["决定待批准"] == 1
    assert "决定待批准" not in cards(as_user("officer").get("/desk/today").text)
