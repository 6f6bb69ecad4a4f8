"""A refused form comes back on its own page: the text kept, the fault on top and linked."""

import pytest
from lxml import html


def read(answer):
    return html.document_fromstring(answer.text)


def summary(page):
    (found,) = page.xpath("//main/*[1][@role='alert']")
    return found


def field_of(page):
    """The field to which the summary leads."""
    (link,) = summary(page).xpath(".//a[starts-with(@href, '#')]/@href")
    return page.get_element_by_id(link[1:])


def test_a_case_keeps_what_was_typed_and_says_which_field_is_wrong(as_user, open_case):
    officer, number = as_user("officer"), open_case(1)
    officer.post(f"/desk/cases/{number}/steps", data={"step": "submit", "reason": "已反馈"})
    data = {"step": "return", "reason": "第一行\n第二行 <b>", "deadline": "2026-01-01"}
    answer = officer.post(f"/desk/cases/{number}/steps", data=data)
    page = read(answer)
    assert answer.status_code == 400
    assert page.findtext(".//title").startswith("出错：案件")
    assert "DEADLINE-PAST" in summary(page).text_content()
    assert "整改期限" in summary(page).text_content()
    assert field_of(page).get("name") == "deadline"
    assert field_of(page).get("value") == "2026-01-01"
    assert field_of(page).get("aria-invalid") == "true"
    assert page.get_element_by_id("reason-return").text.strip("\n") == "第一行\n第二行 <b>"
    assert summary(page).get("autofocus") is not None
    assert "/desk/today" in summary(page).xpath(".//p[@class='ways']/a/@href")
    assert [
        link.text.strip() for link in page.xpath("//nav[@class='rooms']//a[@aria-current]")
    ] == ["案件"]


def test_the_page_from_which_a_form_was_sent_comes_back(as_user):
    officer = as_user("officer")
    sent_from = {"Referer": "http://localhost/desk/alerts/A0red"}
    data = {"step": "dismiss", "reason": " "}
    alert = read(officer.post("/desk/matters/1/case", data=data, headers=sent_from))
    assert alert.findtext(".//title").startswith("出错：资金未入专户")
    assert field_of(alert).get("name") == "reason"
    matter = read(officer.post("/desk/matters/1/case", data=data))
    assert matter.findtext(".//title").startswith("出错：事项 1")
    elsewhere = {"Referer": "http://elsewhere.example/desk/alerts/A0red"}
    matter = read(officer.post("/desk/matters/1/case", data=data, headers=elsewhere))
    assert matter.findtext(".//title").startswith("出错：事项 1")


def test_a_page_that_nobody_else_may_open_comes_back_for_nobody(as_user):
    nanjing = as_user("nanjing")
    sent_from = {"Referer": "http://localhost/desk/alerts/A0red"}
    data = {"step": "triage", "reason": "我的文字"}
    answer = nanjing.post("/desk/matters/1/case", data=data, headers=sent_from)
    assert answer.status_code == 404
    assert "鲁智" not in answer.text
    assert "我的文字" in answer.text


def test_a_matter_that_was_taken_leads_to_the_case_and_keeps_the_text(as_user, open_case):
    number = open_case(1)
    data = {"step": "triage", "reason": "我也核实了"}
    answer = as_user("officer").post("/desk/matters/1/case", data=data)
    page = read(answer)
    assert answer.status_code == 409
    assert "MATTER-TAKEN" in summary(page).text_content()
    assert "我也核实了" in summary(page).text_content()
    assert f"/desk/cases/{number}" in summary(page).xpath(".//a/@href")


def test_a_wrong_password_stands_above_its_form_and_the_name_is_kept(visitor):
    data = {"name": "officer", "password": "wrong horse", "next": "/desk/cases/"}
    answer = visitor.post("/account/login", data=data)
    page = read(answer)
    assert answer.status_code == 403
    assert field_of(page).get("value") == "officer"
    assert "wrong horse" not in answer.text
    assert page.xpath("//form[.//input[@name='password']]/@action") == ["/account/login"]
    assert page.xpath("//p[@class='ways']/a/@href") == ["/"]


def test_new_passwords_that_differ_are_told_at_the_field(as_user):
    data = {"old": "correct horse", "new": "battery staple", "again": "battery stable"}
    answer = as_user("viewer").post("/account/password", data=data)
    assert answer.status_code == 400
    assert field_of(read(answer)).get("name") == "again"
    assert "battery" not in answer.text


def test_a_session_that_ended_leads_to_the_log_in_and_keeps_the_text(visitor):
    sent_from = {"Referer": "http://localhost/desk/matters/1"}
    data = {"step": "triage", "reason": "写了很久"}
    answer = visitor.post("/desk/matters/1/case", data=data, headers=sent_from)
    assert answer.status_code == 401
    assert "写了很久" in answer.text
    assert "/account/login?next=/desk/matters/1" in answer.text


def test_a_stranger_page_gets_none_of_its_words_into_ours(site, as_user):
    site.config["WTF_CSRF_ENABLED"] = False
    officer = as_user("officer")
    site.config["WTF_CSRF_ENABLED"] = True
    data = {"step": "triage", "reason": "诱导文字"}
    answer = officer.post(
        "/desk/matters/1/case", data=data, headers={"Referer": "http://elsewhere.example/"}
    )
    assert answer.status_code == 400
    assert "诱导文字" not in answer.text


def test_a_page_that_expired_keeps_the_text_and_can_be_sent_again(site, as_user):
    officer = as_user("officer")
    site.config["WTF_CSRF_ENABLED"] = True
    sent_from = {"Referer": "http://localhost/desk/matters/1"}
    data = {"step": "triage", "reason": "写了很久", "csrf_token": "old"}
    page = read(officer.post("/desk/matters/1/case", data=data, headers=sent_from))
    assert "CSRF" in summary(page).text_content()
    form, *_ = page.xpath("//form[@action='/desk/matters/1/case']")
    assert form.xpath(".//textarea")[0].text.strip() == "写了很久"
    data["csrf_token"] = form.xpath(".//input[@name='csrf_token']/@value")[0]
    again = officer.post("/desk/matters/1/case", data=data, headers=sent_from)
    assert again.status_code == 302


def test_an_upload_without_files_and_one_of_bad_input_stand_on_their_forms(as_user):
    own = as_user("luzhi")
    assert field_of(read(own.post("/own/upload", data={}))).get("name") == "files"
    answer = own.post("/registers/", data={"kind": "contracts", "covers_from": "2026-01-01"})
    page = read(answer)
    assert field_of(page).get("name") == "file"
    assert page.xpath("//select[@name='kind']/option[@selected]/@value") == ["contracts"]
    assert page.xpath("//input[@name='covers_from']/@value") == ["2026-01-01"]


def test_in_english_everything_is_in_english(as_user):
    officer = as_user("officer")
    officer.get("/account/language/en")
    page = read(officer.post("/desk/matters/1/case", data={"step": "triage", "reason": ""}))
    assert page.findtext(".//title").startswith("Error: Matter 1")
    assert "give a reason" in summary(page).text_content()
    assert "理由" not in summary(page).text_content()


@pytest.mark.parametrize("address", ["/desk/cases/370702-2026-0999", "/desk/proposals/77"])
def test_what_is_not_there_leads_one_level_up_and_home(as_user, address):
    answer = as_user("officer").get(address)
    page = read(answer)
    assert answer.status_code == 404
    assert page.findtext(".//title").startswith("出错：")
    ways = page.xpath("//main//p[contains(@class, 'ways')]/a/@href")
    assert ways == [address.rpartition("/")[0] + "/", "/desk/today"]


def test_control_characters_are_refused_and_harm_no_page(as_user):
    answer = as_user("officer").post(
        "/desk/matters/1/case", data={"step": "triage", "reason": "a\x00b\x0b核实"}
    )
    assert answer.status_code == 400
    assert "ab核实" in answer.text


def test_every_form_of_the_site_has_a_page_to_come_back_to(site):
    """A form whose page has another address says which; none is forgotten."""
    adapter = site.url_map.bind("localhost")
    forgotten = []
    for rule in site.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/api/"):
            continue
        names = dict.fromkeys(rule.arguments, "1")
        path = adapter.build(rule.endpoint, names, method="POST")
        is_page = adapter.test(path, method="GET")
        declared = getattr(site.view_functions[rule.endpoint], "form_page", None)
        if not is_page and declared not in site.view_functions:
            forgotten.append(rule.endpoint)
    assert forgotten == ["account.log_out"]


@pytest.mark.parametrize(
    ("address", "field", "kept"),
    [
        ("/desk/?severity=purple&text=鲁智", "severity", ("text", "鲁智")),
        ("/desk/early-warning?window=0&verdict=short", "window", ("window", "0")),
        ("/desk/early-warning?window=30&as_of=gestern", "as_of", ("window", "30")),
        ("/desk/early-warning.csv?window=0", None, None),
        ("/desk/report?month=2999-01", "month", ("month", "2999-01")),
        ("/desk/report.docx?month=x", "month", ("month", "x")),
        ("/desk/ledger?from=2026-08-01&to=2026-07-01", "from", ("to", "2026-07-01")),
        ("/desk/papers/register.csv?kind=x&institution=鲁", "kind", ("institution", "鲁")),
        (
            "/desk/backtest?run=1&parameter=float_up&value=9&from=2026-01-01&to=2026-07-31",
            "value",
            ("value", "9"),
        ),
        ("/desk/institutions?text=" + "长" * 101, "text", None),
        ("/desk/premises/campaign.csv?month=x", "month", ("month", "x")),
    ],
)
def test_a_question_that_is_refused_comes_back_with_its_form(as_user, address, field, kept):
    answer = as_user("officer").get(address)
    if field is None:
        assert answer.status_code == 404
        return
    page = read(answer)
    assert answer.status_code == 400
    assert page.findtext(".//title").startswith("出错：")
    assert field_of(page).get("name") == field
    assert field_of(page).get("aria-invalid") == "true"
    if kept:
        assert page.xpath(f"//main//input[@name='{kept[0]}']/@value") == [kept[1]]


def test_a_page_that_is_not_there_comes_back_as_the_first_one(as_user):
    answer = as_user("officer").get("/desk/cases/?page=0&state=open")
    page = read(answer)
    assert answer.status_code == 400
    assert "页码无效" in summary(page).text_content()
    assert page.xpath("//select[@name='state']/option[@selected]/@value") == ["open"]


def test_a_stranger_s_question_gets_no_page_of_the_office(visitor):
    answer = visitor.get("/desk/?severity=purple")
    assert answer.status_code == 302
    answer = visitor.get("/?text=" + "长" * 101)
    assert answer.status_code == 400
    assert field_of(read(answer)).get("name") == "text"
    assert "Set-Cookie" not in answer.headers


def test_what_is_dismissed_wants_its_tick_wherever_it_is_offered(as_user):
    officer = as_user("officer")
    sent_from = {"Referer": "http://localhost/desk/alerts/A0red"}
    data = {"step": "dismiss", "reason": "核实无误"}
    page = read(officer.post("/desk/matters/1/case", data=data, headers=sent_from))
    assert field_of(page).get("name") == "confirm"
    data = {"matter": ["1", "2"], "act": "dismiss", "reason": "核实无误", "back": "/desk/"}
    page = read(officer.post("/desk/bulk", data=data))
    assert field_of(page).get("name") == "confirm"
    assert len(page.xpath("//input[@name='matter'][@checked]")) == 2
    data = {"step": "dismiss", "reason": "核实无误", "confirm": "yes"}
    assert officer.post("/desk/matters/2/case", data=data).status_code == 302
