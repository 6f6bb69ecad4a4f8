"""Chinese first, English one click away, on every page."""

import re

import pytest

PAGES = ["/", "/editions", "/editions/370702/2", "/institutions/52370702651728628K", "/nothing"]
DESK = ["/desk/", "/desk/matters/2", "/desk/alerts/A1hint", "/desk/cases/", "/desk/institutions"]
DESK += ["/desk/institutions/52370702651728628K", "/desk/statements", "/desk/editions/"]
#: Data, not words of the site: names, documents and titles are Chinese in any language.
DATA = "鲁智|潍城|宁知|示例|无证办学|条例|第八条|关于|教监管函|王小明|^王$|往来款"
DATA += "|月对账单|不认识|看不懂|机构1|中文"


def test_the_first_page_is_chinese_and_says_so(visitor):
    page = visitor.get("/").text
    assert '<html lang="zh-CN">' in page
    assert "校外培训机构公示名单" in page


def test_one_click_leads_to_the_same_page_in_english_and_back(visitor):
    link = re.search(r'href="(/account/language/en[^"]*)"', visitor.get("/?list=notice").text)[1]
    answer = visitor.get(link)
    assert answer.location == "/?list=notice"
    page = visitor.get(answer.location).text
    assert '<html lang="en">' in page
    assert "Lists of training institutions" in page
    back = re.search(r'href="(/account/language/zh[^"]*)"', page)[1]
    visitor.get(back)
    assert "公示名单" in visitor.get("/").text


def test_the_language_stays_through_log_in_and_log_out(visitor):
    visitor.get("/account/language/en")
    visitor.post("/account/login", data={"name": "officer", "password": "correct horse"})
    assert "Inbox" in visitor.get("/desk/").text
    visitor.post("/account/logout")
    assert "Public lists" in visitor.get("/").text


def test_there_is_no_third_language(visitor):
    assert visitor.get("/account/language/fr").status_code == 404


def test_the_language_link_leads_to_no_other_site(visitor):
    assert visitor.get("/account/language/en?next=//evil.example").location == "/"


@pytest.mark.parametrize("page", PAGES)
def test_the_english_public_pages_hold_no_chinese_words_of_the_site(visitor, page):
    visitor.get("/account/language/en")
    assert chinese_of(visitor.get(page).text) == ([] if page != "/nothing" else ["找不到该页面"])


@pytest.mark.parametrize("page", DESK)
def test_the_english_desk_holds_no_chinese_words_of_the_site(as_user, page):
    officer = as_user("officer")
    officer.get("/account/language/en")
    assert chinese_of(officer.get(page).text) == []


@pytest.mark.parametrize("page", ["/own/", "/own/alerts/A1hint", "/own/upload"])
def test_the_english_counter_holds_no_chinese_words_of_the_site(as_user, page):
    institution = as_user("luzhi")
    institution.get("/account/language/en")
    assert chinese_of(institution.get(page).text) == []


def chinese_of(page: str) -> list[str]:
    words = re.findall(r"[\u4e00-\u9fff][\u4e00-\u9fff0-9.〔〕=+]*", re.sub(r"<[^>]+>", " ", page))
    return [word for word in words if not re.search(DATA, word)]
