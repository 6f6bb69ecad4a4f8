"""What the public is told of an institution, its account, its prices, refunds, and clues."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from lxml import html
from sqlalchemy import select, update

from feewatch.bootstrap import App
from feewatch.config import Limits
from feewatch.store.counting import counted
from feewatch.store.tables import operations, papers, places, registers
from feewatch.web.site import create_app

LUZHI, WEICHENG, NANJING = "52370702651728628K", "52370703123456789F", "523201041982410526"
INVENTED = "52370702000000001R"
ACCOUNT = "26601891581262337"
YES, NO = "是。这是该机构", "不是。这不是该机构"


def with_limits(app, **limits):
    config = replace(app.config, limits=Limits(**limits))
    return create_app(App(config, app.database)).test_client()


def ask(visitor, uscc, number):
    return visitor.post(f"/institutions/{uscc}/account", data={"account": number})


def test_the_page_of_an_institution_tells_licence_custody_and_bank_and_no_number(visitor):
    page = visitor.get(f"/institutions/{LUZHI}").text
    for words in ("370702700001", "2027-12-31", "银行托管", "示例银行潍坊分行", "距今"):
        assert words in page
    assert ACCOUNT not in page
    assert "登记的有效期已过" not in page


def test_a_licence_that_ran_out_and_an_account_that_was_closed_are_told_as_such(app, visitor):
    fact, account = registers.institution_fact, registers.account
    with app.database.transaction() as tx:
        tx.execute(update(fact).where(fact.c.institution_id == 1).values(licence_until=20000))
        tx.execute(update(account).where(account.c.institution_id == 1).values(closed_on=20300))
    page = visitor.get(f"/institutions/{LUZHI}").text
    assert "登记的有效期已过" in page
    assert "登记册中没有在用的收费专用账户" in page
    assert NO in ask(visitor, LUZHI, ACCOUNT).text


def test_the_right_account_is_answered_by_yes_and_no_and_never_shown(visitor):
    for typed in (ACCOUNT, "2660 1891 5812 62337", "２６６０１８９１５８１２６２３３７"):
        page = ask(visitor, LUZHI, typed).text
        assert YES in page
        assert ACCOUNT not in page
    for typed in (ACCOUNT[:-1] + "8", ACCOUNT[:-1], "36949345226647832"):
        assert NO in ask(visitor, LUZHI, typed).text


def test_an_unknown_institution_answers_as_one_whose_account_it_is_not(visitor):
    known, unknown = (ask(visitor, uscc, "6222000011112222") for uscc in (NANJING, INVENTED))
    assert known.status_code == unknown.status_code == 200
    assert NO in known.text
    assert NO in unknown.text


def test_questions_of_an_address_are_counted_in_the_database(app):
    visitor = with_limits(app, account_questions_a_day=2)
    answers = [ask(visitor, uscc, ACCOUNT).status_code for uscc in (LUZHI, INVENTED, LUZHI)]
    assert answers == [200, 200, 429]
    another_process = with_limits(app, account_questions_a_day=2)
    assert ask(another_process, LUZHI, ACCOUNT).status_code == 429
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    asked = {"account": ACCOUNT}
    other = visitor.post(f"/institutions/{LUZHI}/account", data=asked, environ_base=elsewhere)
    assert YES in other.text
    with app.database.reading() as tx:
        names = tx.scalars(select(operations.quota_use.c.name)).all()
    assert names
    assert not any("127.0.0.1" in name or LUZHI in name for name in names)


def test_questions_of_one_institution_by_many_addresses_end_too(app):
    visitor = with_limits(app, account_questions_an_institution=3)
    statuses = [
        visitor.post(
            f"/institutions/{uscc}/account", data={"account": f"62220000111122{n:02}"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{n}"},
        ).status_code
        for uscc in (LUZHI, INVENTED)
        for n in range(4)
    ]  # fmt: skip
    assert statuses == [200, 200, 200, 429] * 2


def test_neighbours_in_one_network_of_ipv6_are_one_address(app):
    visitor = with_limits(app, account_questions_a_day=1)
    statuses = [
        visitor.post(
            f"/institutions/{LUZHI}/account", data={"account": ACCOUNT},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for address in ("2001:db8:1:2::1", "2001:db8:1:2::ffff", "2001:db8:1:3::1")
    ]  # fmt: skip
    assert statuses == [200, 429, 200]


@pytest.mark.parametrize("typed", ["", "abc", "1", "6222'--", "6" * 61])
def test_what_is_no_account_number_comes_back_on_its_own_page(visitor, typed):
    answer = ask(visitor, LUZHI, typed)
    assert answer.status_code == 400
    assert "是不是这个账户" in answer.text


def test_a_form_that_another_site_sends_is_refused(visitor):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        data = {"account": ACCOUNT}
        answer = visitor.post(f"/institutions/{LUZHI}/account", data=data, headers=headers)
        assert answer.status_code == 403
        assert YES not in answer.text
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    answer = visitor.post(f"/institutions/{LUZHI}/account", data={"account": ACCOUNT}, headers=own)
    assert YES in answer.text


CHARGE = {
    "uscc": LUZHI, "stage": "primary", "class_size": "20", "lesson_minutes": "45", "lessons": "40",
    "starts_on": "2026-08-01", "ends_on": "2026-09-30", "fee": "1144",
}  # fmt: skip


def charge(visitor, **changes):
    return visitor.get("/charge", query_string=CHARGE | changes)


def test_a_parent_is_told_the_highest_charge_with_its_documents(visitor):
    # Weifang: 26 yuan × 1.1 for a class of 20, forty lessons of 45 minutes
    page = charge(visitor).text
    assert "一次最多可收 1,144.00 元" in page
    assert "按下列规定未见超出" in page
    assert "60 课时" in page
    assert "教监管函〔2021〕2号" in page
    assert "5,000.00 元" in page
    assert "2026-07-01 起" in page
    assert "监测提示" in page  # the early rule is a preset here
    above = charge(visitor, fee="1144.01").text
    assert "看来超出规定" in above


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lessons": "61", "fee": ""}, "60 课时"),
        ({"class_size": "", "fee": "100"}, "请填写班额"),
        ({"stage": "senior", "fee": "100"}, "监测提示"),
        ({"uscc": NANJING, "fee": "100"}, "南京市"),
    ],
)
def test_other_lessons_and_places_have_their_own_answers(visitor, changes, words):
    answer = charge(visitor, **changes)
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"lessons": "0"}, {"lessons": "x"}, {"fee": "1.234"}, {"fee": "-1"}, {"stage": "dog"},
        {"paid_on": "2026-02-30"}, {"uscc": "1"}, {"class_size": "999999"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_comes_back_with_the_form(visitor, changes):
    answer = charge(visitor, **changes)
    assert answer.status_code == 400
    assert "<form" in answer.text


def test_without_an_institution_district_and_subject_are_chosen(visitor):
    assert "请选择" in visitor.get("/charge").text
    page = visitor.get(
        "/charge?district=370702&subject=arts&stage=primary&lessons=60&fee=5000.01"
    ).text
    assert "看来超出规定" in page
    assert "政府指导价" not in page.partition('id="answer"')[2].partition("<form")[0]


def test_a_refund_is_estimated_with_the_law_and_what_cannot_be_known(visitor):
    asked = {"uscc": LUZHI, "fee": "4000", "lessons": "40", "gift": "8", "held": "12"}
    page = visitor.get("/refund", query_string=asked | {"cause": "institution"}).text
    assert "约 3,000.00 元" in page
    assert "4,000.00 − 4,000.00 × 12 ÷ 48" in page
    assert "法释〔2025〕4号" in page
    assert "赠送课时如何折价" in page
    assert "15 日" in page
    consumer = {"cause": "consumer", "list_price": "120", "gift": "0"}
    page = visitor.get("/refund", query_string=asked | consumer).text
    assert "约 2,800.00 元" in page
    assert "按打折前单价计：2,560.00 元" in page
    elsewhere = visitor.get("/refund", query_string=asked | {"uscc": NANJING}).text
    assert "没有当地退费时限的文件" in elsewhere


def test_more_lessons_held_than_bought_leave_nothing(visitor):
    asked = {"district": "370702", "fee": "0.01", "lessons": "3", "held": "9"}
    assert "约 0.00 元" in visitor.get("/refund", query_string=asked).text
    assert visitor.get("/refund?fee=10&lessons=0&held=0").status_code == 400
    assert visitor.get("/refund?fee=10").status_code == 400


def hand_in(visitor, **changes):
    form = {"district": "370702", "text": "要求把学费转到个人账户", "uscc": LUZHI} | changes
    return visitor.post("/report", data=form)


def test_a_clue_becomes_a_row_that_an_officer_sees_and_its_state_can_be_asked_for(
    app, visitor, as_user
):
    answer = hand_in(visitor)
    assert answer.status_code == 302
    number = answer.location.rpartition("/")[2].partition("?")[0]
    assert "已收到" in visitor.get(answer.location).text
    assert "待核" in visitor.get(f"/report/{number}").text
    assert "个人账户" not in visitor.get(f"/report/{number}").text
    with app.database.reading() as tx:
        clue = tx.execute(select(places.clue).where(places.clue.c.clue_no == number)).one()
        told = tx.execute(select(papers.message).where(papers.message.c.object == number)).all()
        act = tx.execute(select(operations.audit).where(operations.audit.c.object == number)).one()
    assert (clue.source, clue.state, clue.institution_id) == ("online", "open", 1)
    assert (act.actor, act.origin or "") == ("(public)", "")
    assert len(told) == 1
    officer = as_user("officer")
    assert "个人账户" in officer.get(told[0].address).text
    settled = {"act": "unfounded", "reason": "经核实不成立"}
    assert officer.post(f"/desk/clues/one/{number}", data=settled).status_code == 302
    assert "不实" in visitor.get(f"/report/{number}").text


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""}, {"text": "打我电话13800138000"}, {"text": "x" * 501}, {"uscc": "123"},
        {"district": "潍坊"}, {"district": ""}, {"address": "某路，电话 139 0000 1111"},
    ],
)  # fmt: skip
def test_a_clue_with_personal_numbers_or_nothing_in_it_is_refused(app, visitor, changes):
    answer = hand_in(visitor, **changes)
    assert answer.status_code == 400
    with app.database.reading() as tx:
        assert tx.execute(select(places.clue)).all() == []


def test_a_clue_may_name_one_that_is_on_no_register(app, visitor):
    assert hand_in(visitor, uscc=INVENTED, text="无证办学").status_code == 302
    with app.database.reading() as tx:
        clue = tx.execute(select(places.clue)).one()
    assert clue.institution_id is None
    assert INVENTED in clue.text


def test_clues_of_an_address_and_of_everybody_end(app):
    visitor = with_limits(app, clues_a_day=2)
    assert [hand_in(visitor).status_code for _ in range(3)] == [302, 302, 429]
    crowd = with_limits(app, public_clues_a_day=3)
    form = {"district": "370702", "text": "无证办学"}
    statuses = [
        crowd.post("/report", data=form, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}).status_code
        for n in range(3)
    ]
    assert statuses == [302, 429, 429]


def test_only_numbers_that_the_public_was_given_can_be_asked_for(app, visitor):
    row = {"clue_no": "12345-1", "received_on": 20000, "district": "370702", "source": "12345"}
    with app.database.transaction() as tx:
        tx.execute(places.clue.insert().values(**row, text="热线", state="open"))
    assert visitor.get("/report/12345-1").status_code == 404
    assert visitor.get("/report/G20260715-AAAAAAAAAA").status_code == 404


def test_qr_codes_name_the_page_they_lead_to(visitor):
    for address in (f"/institutions/{LUZHI}/qr.svg", "/lists/370702/white.svg"):
        answer = visitor.get(address)
        assert answer.mimetype == "image/svg+xml"
        assert ElementTree.fromstring(answer.text).tag.endswith("svg")
    assert visitor.get("/institutions/1/qr.svg").status_code == 404
    assert visitor.get("/lists/37070/white.svg").status_code == 404
    assert visitor.get("/lists/370702/grey.svg").status_code == 404


def test_all_districts_have_one_feed(visitor):
    answer = visitor.get("/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.text)
    name = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{name}id") for entry in feed.findall(f"{name}entry")] == [
        "http://localhost/editions/370702/2"
    ]


@pytest.mark.parametrize(
    "address",
    [
        "/", "/?list=notice", "/?district=110108", "/?text=培训", f"/?text={LUZHI}", "/editions",
        "/feed.atom", f"/institutions/{LUZHI}", f"/institutions/{WEICHENG}",
        f"/institutions/{NANJING}", f"/institutions/{INVENTED}", "/charge", "/refund", "/report",
        f"/charge?uscc={LUZHI}&stage=primary", f"/report?uscc={LUZHI}",
    ],
)  # fmt: skip
def test_a_public_page_asks_the_database_once_or_twice_and_is_light(app, visitor, address):
    visitor.get(address)
    with counted(app.database) as asked:
        answer = visitor.get(address)
    assert answer.status_code == 200
    assert asked.total <= 2
    assert len(answer.data) < 60_000
    again = visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        f"/institutions/{LUZHI}", f"/institutions/{INVENTED}", "/report", "/refund",
        f"/charge?uscc={LUZHI}&stage=primary&class_size=20&lessons=40&lesson_minutes=45",
        f"/refund?uscc={LUZHI}&fee=4000&lessons=40&held=12&gift=8&cause=consumer",
    ],
)  # fmt: skip
def test_public_pages_speak_english_too(visitor, address):
    """Names, places and documents stay Chinese; no label, sentence or button does."""
    visitor.get("/account/language/en")
    page = html.fromstring(visitor.get(address).text)
    words = page.xpath("//main//dt//text() | //main//label//text() | //main//button//text()")
    words += page.xpath("//main//h1[not(../span)]//text() | //main//h2//text()")
    assert words
    assert [word for word in words if re.search("[\u4e00-\u9fff]", word)] == []
