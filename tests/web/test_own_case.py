"""The accused is told what for: its case page, its answer by matter, its objection."""

import io

import pytest

PDF = b"%PDF-1.7 receipt"
NUMBER = "370702-2026-0001"
OWN, DESK = f"/own/cases/{NUMBER}", f"/desk/cases/{NUMBER}"


@pytest.fixture
def school(as_user, open_case):
    assert open_case(1) == NUMBER
    return as_user("luzhi")


def answer(browser, **more):
    data = {"stance_1": "rectified", "text_1": "款项已转入专户", **more}
    return browser.post(f"{OWN}/answer", data=data, follow_redirects=True)


def object_to(browser, matter="1", **more):
    data = {"matter": matter, "reason": "到账日期有误", **more}
    return browser.post(f"{OWN}/objections", data=data, follow_redirects=True)


def test_the_page_says_what_for_by_which_law_how_reckoned_and_what_cures_it(school):
    page = school.get(OWN).text
    for words in ("资金未入专户", "教监管函〔2021〕2号", "已读官方文本", "补足专户余额", "期限"):
        assert words in page
    assert "理由（记入案卷）" not in page
    assert "FEE-" not in page


def test_an_answer_with_a_file_stands_on_both_sides(school, as_user):
    page = answer(school, files_1=(io.BytesIO(PDF), "回单.pdf")).text
    assert "答复已提交主管机关" in page
    assert "目前无需您答复" in page
    assert f'action="{OWN}/answer"' not in page
    office = as_user("officer").get(DESK).text
    for words in ("款项已转入专户", "已整改 1 项", "回单.pdf"):
        assert words in office
        assert words in page


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"stance_1": ""}, "ANSWER-STANCE"),
        ({"stance_1": "yes"}, "ANSWER-STANCE"),
        ({"text_1": " "}, "ANSWER-TEXT"),
        ({"files_1": (io.BytesIO(b"MZ"), "回单.pdf")}, "ATTACHMENT-TYPE"),
    ],
)
def test_a_refused_answer_comes_back_with_its_text(school, more, code):
    refused = answer(school, remark="另附说明", **more)
    assert refused.status_code == 400
    assert code in refused.text
    assert "另附说明" in refused.text
    assert "请逐项阅读" in refused.text


def test_an_undertaking_is_made_with_the_answer(school):
    promise = {"due_1": "2026-08-01", "kind_1": "refund", "contracts_1": "HT1 100.00"}
    page = answer(school, stance_1="undertakes", **promise).text
    for words in ("您的承诺", "退还学费", "2026-08-01", "HT1", "100.00 元", "已完成 0 / 1 项"):
        assert words in page
    assert "中的承诺（退还学费）" in school.get("/own/").text


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "UNDERTAKING-DAY"),
        ({"due_1": "2026-07-14", "kind_1": "other"}, "UNDERTAKING-PAST"),
        ({"due_1": "2026-08-01", "kind_1": "x"}, "UNDERTAKING-KIND"),
        (
            {"due_1": "2026-08-01", "kind_1": "refund", "contracts_1": "别家 1"},
            "UNDERTAKING-CONTRACT",
        ),
    ],
)
def test_an_undertaking_that_says_nothing_is_refused_with_the_answer(school, more, code):
    refused = answer(school, stance_1="undertakes", **more)
    assert refused.status_code == 400
    assert code in refused.text
    assert "您的承诺" not in school.get(OWN).text


def test_an_objection_waits_is_answered_and_read(school, as_user):
    assert "陈述申辩已提交主管机关" in object_to(school).text
    page = school.get(OWN).text
    assert "待主管机关答复" in page
    officer = as_user("officer")
    assert "到账日期有误" in officer.get(DESK).text
    data = {"outcome": "rejected", "reason": "银行流水为准"}
    officer.post(f"{DESK}/objections/1", data=data)
    page = school.get(OWN).text
    assert "不予采纳" in page
    assert "银行流水为准" in page
    assert "条未读" in page


def test_what_would_be_refused_is_not_offered(school):
    object_to(school, "0")
    page = school.get(OWN).text
    assert '<option value="1">' in page
    assert '<option value="0">' not in page
    assert object_to(school, "0").status_code == 409


def test_a_matter_that_is_not_of_the_case_is_none_to_object_to(school):
    assert object_to(school, "9").status_code == 404
    for matter in ("x", "-1", "9" * 20, "9" * 5000, "٣"):
        assert object_to(school, matter).status_code == 400


def test_another_institution_and_the_office_do_not_act_for_it(school, as_user):
    other, officer = as_user("weicheng"), as_user("officer")
    assert answer(other).status_code == 404
    assert object_to(other).status_code == 404
    assert answer(officer).status_code == 403
    object_to(school)
    for name in ("luzhi", "viewer", "publisher"):
        data = {"outcome": "upheld", "reason": "x"}
        assert as_user(name).post(f"{DESK}/objections/1", data=data).status_code == 403


def test_the_office_puts_a_paper_on_record(school, as_user):
    data = {"matter": "0", "reason": "邮寄收悉", "proofs": (io.BytesIO(PDF), "申辩书.pdf")}
    page = as_user("officer").post(f"{DESK}/objections", data=data, follow_redirects=True).text
    assert "邮寄收悉" in page
    assert "申辩书.pdf" in school.get(OWN).text


def test_it_is_complete_in_english(school):
    school.get("/account/language/en")
    page = school.get(OWN).text
    for words in ("Your answer", "Facts and arithmetic", "Objections", "What cures it"):
        assert words in page
