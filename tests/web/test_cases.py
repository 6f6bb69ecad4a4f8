"""Cases: opened from a matter, moved step by step, each step by whom it may be taken."""

import re

import pytest

STEPS = "/desk/cases/370702-2026-0001/steps"


def offered(page: str) -> list[str]:
    return re.findall(r'name="step" value="(\w+)"', page)


def test_from_matter_to_notified_with_every_step_on_record(as_user):
    officer = as_user("officer")
    answer = officer.post(
        "/desk/matters/1/case", data={"step": "triage", "reason": "已核实"}, follow_redirects=True
    )
    assert "已立案 370702-2026-0001" in answer.text
    assert offered(answer.text)[0] == "notify"
    data = {"step": "notify", "reason": "限期整改", "deadline": "2026-08-20"}
    page = officer.post(STEPS, data=data, follow_redirects=True).text
    for words in ("已核实", "限期整改", "2026-08-20", "下发督办", "剩 36 天"):
        assert words in page
    assert "已立案" in officer.get("/desk/matters/1").text


def test_a_deadline_is_coloured_by_what_is_left_of_it(as_user, open_case):
    number = open_case(1)
    page = as_user("officer").get(f"/desk/cases/{number}").text
    assert '<span class="">2026-08-05' in page


def test_a_step_that_the_state_does_not_allow_is_a_conflict(as_user, open_case):
    number = open_case(1)
    answer = as_user("officer").post(STEPS, data={"step": "recheck", "reason": "x"})
    assert answer.status_code == 409
    assert number in answer.text


def test_a_matter_is_taken_into_a_case_once(as_user, open_case):
    open_case(1)
    data = {"step": "triage", "reason": "again"}
    assert as_user("officer").post("/desk/matters/1/case", data=data).status_code == 409


def test_the_institution_answers_its_case_and_the_office_accepts(as_user, open_case):
    number = open_case(1)
    institution, officer = as_user("luzhi"), as_user("officer")
    page = institution.get(f"/own/cases/{number}").text
    assert offered(page) == ["start"]
    data = {"stance_1": "rectified", "text_1": "款项已转入专户"}
    page = institution.post(f"/own/cases/{number}/answer", data=data, follow_redirects=True).text
    assert "款项已转入专户" in page
    assert offered(page) == []
    assert "accept" in offered(officer.get(f"/desk/cases/{number}").text)


def test_an_institution_cannot_accept_its_own_answer(as_user, open_case):
    number = open_case(1)
    institution = as_user("luzhi")
    institution.post(f"/own/cases/{number}/steps", data={"step": "submit", "reason": "完成"})
    answer = institution.post(f"/own/cases/{number}/steps", data={"step": "accept", "reason": "x"})
    assert answer.status_code == 403


def test_a_red_case_is_closed_by_another_officer(as_user, open_case):
    number = open_case(1)
    as_user("luzhi").post(f"/own/cases/{number}/steps", data={"step": "submit", "reason": "完成"})
    data = {"step": "close", "reason": "已整改", "confirm": "yes"}
    data |= {"against": "yes", "against_data": "机构出示收据"}
    assert as_user("officer").post(STEPS, data=data).status_code == 403
    assert as_user("reviewer").post(STEPS, data=data).status_code == 302


def test_the_board_lists_cases_by_state(as_user, open_case):
    number = open_case(1)
    officer = as_user("officer")
    assert number in officer.get("/desk/cases/?state=notified").text
    assert number not in officer.get("/desk/cases/?state=closed").text


def test_a_matter_taken_meanwhile_leads_to_the_case_that_has_it(as_user):
    officer, form = as_user("officer"), {"step": "triage", "reason": "核实"}
    assert officer.post("/desk/matters/1/case", data=form).status_code == 302
    late = officer.post("/desk/matters/1/case", data=form)
    assert late.status_code == 409
    assert 'href="/desk/cases/370702-2026-0001"' in late.text
    assert "<title>出错：事项 1 · " in late.text
    assert 'href="/desk/today">返回今天' in late.text


def test_the_lines_that_somebody_typed_stay_lines(as_user):
    officer = as_user("officer")
    form = {"step": "triage", "reason": "一、核实\n二、约谈"}
    officer.post("/desk/matters/1/case", data=form)
    page = officer.get("/desk/cases/370702-2026-0001").text
    assert '<span class="typed">一、核实\n二、约谈</span>' in page.replace("\r", "")


@pytest.mark.parametrize(("role", "home"), [("officer", "/desk/today"), ("luzhi", "/own/")])
def test_a_refusal_is_titled_in_words_and_leads_back_to_where_one_begins(as_user, role, home):
    address = "/desk/cases/NONE" if role == "officer" else "/own/cases/NONE"
    answer = as_user(role).get(address)
    assert answer.status_code == 404
    assert "<title>出错：没有案件 NONE · 预收费监管</title>" in answer.text
    title = {"/desk/today": "今天", "/own/": "本机构"}[home]
    assert f'href="{home}">返回{title}' in answer.text
