"""Today of rule editors, inspectors and the three administrators: what waits for each."""

import re

import pytest

from feewatch.services.people import roles, users
from tests.web.test_today import cards


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize("name", ["rule_editor", "system", "security", "auditor"])
def test_each_begins_with_today_and_every_count_leads_to_a_page_of_theirs(site, name):
    client = site.test_client()
    answer = client.post("/account/login", data={"name": name, "password": "correct horse"})
    assert answer.headers["Location"] == "/desk/today"
    page = client.get("/desk/today").text
    ways = re.findall(r'<a class="count[^"]*" href="([^"]*)"', page)
    assert len(ways) >= 4
    for way in ways:
        assert client.get(way.replace("&amp;", "&")).status_code == 200, way


def test_an_inspector_begins_with_the_rounds(as_user):
    assert as_user("inspector").get("/desk/today").headers["Location"] == "/rounds/"


def test_a_rule_editor_sees_which_rules_make_most_alerts(as_user):
    page = as_user("rule_editor").get("/desk/today").text
    counts = cards(page)
    listed = as_user("rule_editor").get("/desk/noise").text
    rows = listed.count("<tr>") - 1  # the head
    assert counts["有预警的规则"] == rows > 0
    assert counts["草案改动的规则"] == 0
    assert page.split("预警最多的规则")[1].count("<tr>") - 1 == rows


def test_a_role_asked_for_waits_for_the_other_administrator_alone(app, as_user):
    roles.change_role(app, "viewer", "officer", actor="security", reason="补充人手")
    assert cards(as_user("security").get("/desk/today").text)["角色提请待您确认"] == 0
    page = as_user("system").get("/desk/today").text
    assert cards(page)["角色提请待您确认"] == 1
    assert "viewer 经办人员" in text_of(page)
    roles.refuse(app, "viewer", actor="system", reason="不需要")
    assert cards(as_user("system").get("/desk/today").text)["角色提请待您确认"] == 0


def test_a_reset_log_in_waits_for_whoever_did_not_reset_it(app, as_user):
    users.reset_password(app, "viewer", "another horse 7", actor="security", reason="忘记密码")
    security = cards(as_user("security").get("/desk/today").text)
    assert (security["重置的登录待您确认"], security["尚未更改初始密码"]) == (0, 1)
    assert cards(as_user("system").get("/desk/today").text)["重置的登录待您确认"] == 1


def test_pushes_given_up_on_and_complaints_are_counted_for_the_system(app, as_user):
    before = cards(as_user("system").get("/desk/today").text)
    (app.keys / "signing.pem").unlink(missing_ok=True)
    page = as_user("system").get("/desk/today").text
    after = cards(page)
    assert after["系统各部分的问题"] == before["系统各部分的问题"] + 1
    assert "signing.pem" in page


def test_an_auditor_counts_what_failed_was_refused_and_was_read(site, as_user):
    client = site.test_client()
    for _ in range(2):
        client.post("/account/login", data={"name": "viewer", "password": "wrong horse"})
    as_user("viewer").get("/desk/people/")  # refused
    page = as_user("auditor").get("/desk/today").text
    counts = cards(page)
    assert (counts["登录失败"], counts["被拒绝的操作"]) == (2, 1)
    rows = dict(re.findall(r">([a-z_]+\.[a-z_.]+)</a></td><td[^>]*>(\d+)<", page))
    assert rows["log_in.failed"] == "2"
