"""The page of a case: what is wrong, what the data say now, the right next step."""

import re

from feewatch.casework.undertakings import Promise
from feewatch.kernel.days import parse_day
from feewatch.services.cases import steps
from feewatch.services.cases.undertakings import undertake

NUMBER = "370702-2026-0001"
PAGE = f"/desk/cases/{NUMBER}"


def blue(page):
    """The steps whose button is the blue one."""
    forms = re.findall(r'name="step" value="(\w+)">(.*?)</form>', page, re.S)
    return [name for name, form in forms if "btn-primary" in form]


def answered(app, open_case):
    open_case(1)
    steps.step(app, NUMBER, "submit", actor="luzhi", reason="已整改")


def test_the_page_says_what_is_wrong_by_what_law_and_how_to_cure_it(as_user, open_case):
    open_case(1)
    page = as_user("viewer").get(PAGE).text
    for words in (
        "系统现判",
        "仍违反 1/1",
        "算式、依据与整改办法",
        "整改：",
        'aria-current="step"',
    ):
        assert words in page
    assert 'name="step"' not in page  # a looker-on takes none


def test_the_right_next_step_is_the_blue_one(as_user, app, open_case):
    officer = as_user("officer")
    number = steps.open_case(app, [1], actor="officer", reason="立案")
    assert number == NUMBER
    assert blue(officer.get(PAGE).text) == ["triage"]
    steps.step(app, number, "triage", actor="officer", reason="属实")
    assert blue(officer.get(PAGE).text) == ["notify"]
    steps.step(app, number, "notify", actor="officer", reason="限期整改")
    page = officer.get(PAGE).text
    assert blue(page) == []
    assert "等待机构整改并反馈" in page
    assert "代录纸质答复" in page
    steps.step(app, number, "submit", actor="luzhi", reason="已整改")
    assert blue(officer.get(PAGE).text) == ["accept"]


def test_the_deadline_is_shown_before_it_is_sent_and_may_be_changed(as_user, app):
    steps.open_case(app, [1], actor="officer", reason="立案", then="triage")
    page = as_user("officer").get(PAGE).text
    assert re.search(r'name="deadline" value="2026-08-05"', page)
    assert "默认 15 个工作日" in page


def test_who_issued_a_red_case_sees_why_another_closes_it(as_user, app, open_case):
    answered(app, open_case)
    page = as_user("officer").get(PAGE).text
    assert "须由下发督办者以外的人员销号" in page
    assert 'name="step" value="close"' not in page
    assert 'name="step" value="close"' in as_user("reviewer").get(PAGE).text


def test_closing_against_the_data_asks_for_tick_and_words_and_keeps_them(as_user, app, open_case):
    answered(app, open_case)
    reviewer = as_user("reviewer")
    form = {"step": "close", "reason": "已整改", "confirm": "yes"}
    answer = reviewer.post(f"{PAGE}/steps", data=form)
    assert answer.status_code == 409
    assert "CASE-AGAINST-DATA" in answer.text
    answer = reviewer.post(f"{PAGE}/steps", data=form | {"against": "yes", "against_data": " "})
    assert answer.status_code == 400
    form |= {"against": "yes", "against_data": "机构出示收据"}
    unconfirmed = {name: value for name, value in form.items() if name != "confirm"}
    assert reviewer.post(f"{PAGE}/steps", data=unconfirmed).status_code == 400
    page = reviewer.post(f"{PAGE}/steps", data=form, follow_redirects=True).text
    assert "机构出示收据" in page
    assert "系统当时判断" in page
    assert "仍违反 1/1" in page
    school = as_user("luzhi").get(f"/own/cases/{NUMBER}").text
    assert "机构出示收据" not in school
    assert "销号当日不能回头看" in page  # greyed, with the reason


def test_a_matter_is_taken_in_and_given_up_on_the_page(as_user, app):
    officer = as_user("officer")
    steps.open_case(app, [1], actor="officer", reason="立案")
    page = officer.get(PAGE).text
    (key,) = re.findall(r'name="matters" value="(\d+)"', page)
    form = {"matters": key, "reason": "同一机构"}
    page = officer.post(f"{PAGE}/matters", data=form, follow_redirects=True).text
    assert f'action="{PAGE}/matters/{key}"' in page
    form = {"reason": "另案处理"}
    page = officer.post(f"{PAGE}/matters/{key}", data=form, follow_redirects=True).text
    assert "移出事项" in page
    assert re.findall(r'name="matters" value="(\d+)"', page) == [key]


def test_a_case_is_handed_over_on_the_page(as_user, app, open_case):
    open_case(1)
    form = {"to": "reviewer", "reason": "休假"}
    page = as_user("officer").post(f"{PAGE}/owner", data=form, follow_redirects=True).text
    assert "officer → reviewer" in page


def test_undertakings_are_recorded_and_what_no_data_show_is_settled_by_a_word(
    as_user, app, open_case
):
    open_case(1)
    officer = as_user("officer")
    form = {"kind": "other", "due_on": "2026-08-20", "promise": "更换公示牌"}
    page = officer.post(f"{PAGE}/undertakings", data=form, follow_redirects=True).text
    assert "更换公示牌" in page
    assert "进行中" in page
    (key,) = re.findall(rf'action="{PAGE}/undertakings/(\d+)"', page)
    form = {"reason": "现场已看"}
    page = officer.post(f"{PAGE}/undertakings/{key}", data=form, follow_redirects=True).text
    assert "已完成" in page
    assert "由 officer 认定" in page


def test_an_undertaking_that_is_late_says_so(as_user, app, open_case):
    open_case(1)
    promise = Promise("other", parse_day("2026-07-15"), text="更换公示牌")
    undertake(app, NUMBER, [promise], actor="officer")
    page = as_user("officer").get(PAGE).text
    assert '期限 <span class="number">2026-07-15' in page


def test_a_wrong_undertaking_comes_back_on_the_page_with_the_words_kept(as_user, open_case):
    open_case(1)
    form = {"kind": "refund", "due_on": "2026-08-20", "contracts": "HT-NONE 100"}
    answer = as_user("officer").post(f"{PAGE}/undertakings", data=form)
    assert answer.status_code == 400
    assert "UNDERTAKING-CONTRACT" in answer.text
    assert "HT-NONE 100" in answer.text
