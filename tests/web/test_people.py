"""The administrators' page of people: what it shows, two persons for roles, first passwords."""

import re

import pytest
from sqlalchemy import select

from feewatch.services.people import roles, separation
from feewatch.store.people import users as stored
from feewatch.store.tables.operations import audit
from tests.web.conftest import PASSWORD

PAGE = "/desk/people/"


def person(app, name):
    with app.database.reading() as tx:
        return stored.find_by_name(tx, name)


def first_password(text):
    return re.search(r'<p class="mono break">([^<]+)</p>', text)[1]


def enter(site, name, password):
    client = site.test_client()
    return client, client.post("/account/login", data={"name": name, "password": password})


@pytest.mark.parametrize("name", ["administrator", "security", "system"])
def test_administrators_see_everybody_and_filter_by_role_and_place(as_user, name):
    client = as_user(name)
    text = client.get(PAGE).text
    for shown in ("nanjing", "luzhi", "program", "auditor", "52370702651728628K"):
        assert shown in text
    of_role = client.get(PAGE, query_string={"role": "institution"}).text
    assert "weicheng" in of_role
    assert "nanjing" not in of_role
    of_place = client.get(PAGE, query_string={"district": "320000"}).text
    assert "nanjing" in of_place
    assert "weicheng" not in of_place
    assert ("新增人员" in text) == (name != "system")


def test_a_new_officer_waits_for_a_second_person_and_changes_the_password_first(site, app, as_user):
    security = as_user("security")
    form = {"name": "neu", "role": "officer", "reason": "入职", "district": "370702"}
    made = security.post(f"{PAGE}new", data=form)
    assert made.status_code == 200
    password = first_password(made.text)
    assert password not in security.get(PAGE).text
    assert enter(site, "neu", password)[1].status_code == 403
    assert security.post(f"{PAGE}requests/neu", data={"act": "confirm"}).status_code == 403
    assert person(app, "neu").disabled
    system = as_user("system")
    assert "neu" in system.get(PAGE).text
    assert system.post(f"{PAGE}requests/neu", data={"act": "confirm"}).status_code == 302
    client, answer = enter(site, "neu", password)
    assert answer.status_code == 302
    assert client.get("/desk/").location == "/account/password", "the password comes first"
    assert person(app, "neu").must_change


def test_a_role_is_refused_with_a_reason_and_stays_as_it_was(app, as_user):
    security, system = as_user("security"), as_user("system")
    form = {"act": "role", "role": "publisher", "reason": "调岗"}
    assert security.post(f"{PAGE}of/viewer", data=form).status_code == 200
    assert security.post(f"{PAGE}of/viewer", data=form).status_code == 409
    assert system.post(f"{PAGE}requests/viewer", data={"act": "refuse"}).status_code == 400
    refusal = {"act": "refuse", "reason": "未经任命"}
    assert system.post(f"{PAGE}requests/viewer", data=refusal).status_code == 302
    assert person(app, "viewer").role == "viewer"
    assert roles.list_waiting(app) == []


def test_reset_end_of_sessions_and_bar_are_on_record_with_their_reasons(site, app, as_user):
    as_user("reviewer")
    security = as_user("security")
    address = f"{PAGE}of/reviewer"
    assert "198.51" in security.get(address).text or "127.0.0.1" in security.get(address).text
    for act in ("sessions", "reset", "disable"):
        assert security.post(address, data={"act": act}).status_code == 400, "no reason"
        done = security.post(address, data={"act": act, "reason": f"理由 {act}"})
        assert done.status_code == 200
        if act == "reset":
            password = first_password(done.text)
            assert enter(site, "reviewer", password)[1].status_code == 302
            assert "暂不能办理" in security.get(address).text
    assert person(app, "reviewer").disabled
    with app.database.reading() as tx:
        query = select(audit.c.action, audit.c.detail).where(audit.c.object == "reviewer")
        said = {row.action: row.detail.get("reason") for row in tx.execute(query)}
    assert said["user.disable"] == "理由 disable"
    assert said["user.reset"] == "理由 reset"
    assert said["session.end_all"] == "理由 sessions"


def test_nobody_else_acts_and_the_system_administrator_only_confirms(as_user):
    for name in ("system", "auditor", "officer", "publisher"):
        client = as_user(name)
        form = {"act": "reset", "reason": "试试"}
        assert client.post(f"{PAGE}of/viewer", data=form).status_code == 403
    assert as_user("auditor").get(PAGE).status_code == 403


def test_separation_is_asked_for_on_one_page_and_confirmed_by_another_person(app, as_user):
    first, second = as_user("administrator"), as_user("auditor")
    address = f"{PAGE}separation"
    assert "未启用" in first.get(address).text
    asked = {"act": "ask", "reason": "等保三级"}
    assert first.post(address, data=asked).status_code == 302
    assert first.post(address, data={"act": "confirm"}).status_code == 403
    assert "等保三级" in second.get(address).text
    assert second.post(address, data={"act": "confirm"}).status_code == 302
    assert separation.read(app).state == "begun"
    assert person(app, "administrator").role == "system_admin"
    assert first.get("/desk/cases/").status_code == 403
    assert first.get("/desk/health/").status_code == 200


@pytest.mark.parametrize(
    ("name", "home"),
    [("system", "/desk/health/"), ("security", "/desk/people/"), ("auditor", "/desk/audit/")],
)
def test_each_of_the_three_begins_with_today_and_has_pages_of_their_own(site, name, home):
    client, answer = enter(site, name, PASSWORD)
    assert answer.location == "/desk/today"
    for language in ("zh", "en"):
        client.get(f"/account/language/{language}")
        assert client.get(home).status_code == 200
        assert client.get("/desk/people/separation").status_code == 200
    assert client.get("/desk/cases/").status_code == 403


def test_a_new_address_for_mail_asks_for_the_password(app, as_user):
    client = as_user("officer")
    form = {"mail": "li@example.cn"}
    assert client.post("/account/mail", data=form).status_code == 400
    assert client.post("/account/mail", data=form | {"password": "wrong"}).status_code == 403
    assert client.post("/account/mail", data=form | {"password": PASSWORD}).status_code == 302
