"""退回更正 on the pages of both offices, and through the API of the district."""

import io
import json

import pytest
from lxml import html

from feewatch.services.people import users
from feewatch.services.people.api_tokens import issue_token
from feewatch.services.province import asking
from feewatch.web.site import create_app
from tests.services.province.conftest import PROVINCE
from tests.services.province.test_sent_back import WHY, D, Pair
from tests.web.api_calls import hold_against_description
from tests.web.conftest import PASSWORD

API = "/api/v1/correction-requests"


@pytest.fixture
def pair(tmp_path):
    offices = []
    pair = Pair(tmp_path, offices)
    for office, place in ((pair.district, D), (pair.province, PROVINCE)):
        for name, role in (("anna", "viewer"), ("pu", "publisher"), ("program", "api")):
            users.add_user(office.app, name, role, district=place, password=PASSWORD, actor="test")
    yield pair
    for office in offices:
        office.app.database.dispose()


def browser(office, name=""):
    """A browser on the site of an office, in which a person is logged in."""
    site = create_app(office.app)
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    if name:
        answer = client.post("/account/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
    return client


def links(answer, words):
    page = html.document_fromstring(answer.text)
    return [link.get("href") for link in page.iter("a") if words in link.text_content()]


def test_from_the_merged_lists_to_the_district_and_back_by_files(pair):
    pu = browser(pair.province, "pu")
    (first, _) = links(pu.get("/desk/gathered/lists"), "退回核实")
    assert pu.get(first).status_code == 200
    assert pu.post(first, data={"reason": ""}).status_code == 400
    answer = pu.post(first, data={"reason": WHY})
    assert answer.status_code == 302
    page = pu.get(answer.headers["Location"])
    assert "尚未由接口送达" in page.text
    request = pu.get(links(page, "下载（已签名）")[0]).data

    there = browser(pair.district, "pu")
    assert "退回更正" in there.get("/desk/editions/").text
    sent = {"file": (io.BytesIO(request), "request.json")}
    assert there.post("/desk/sent-back/", data=sent).status_code == 302
    assert "待答复" in there.get("/desk/sent-back/").text
    refused = there.post("/desk/sent-back/1", data={"outcome": "corrected", "reason": "已改"})
    assert refused.status_code == 409
    assert "已改" in refused.text
    answered = there.post("/desk/sent-back/1", data={"outcome": "stands", "reason": "已核实"})
    assert answered.status_code == 302
    page = there.get("/desk/sent-back/1")
    document = there.get(links(page, "下载（已签名）")[1]).data

    back = {"file": (io.BytesIO(document), "answer.json")}
    assert pu.post("/desk/sent-back/", data=back).status_code == 302
    page = pu.get("/desk/sent-back/1").text
    assert "核实无误，维持" in page
    assert "已核实" in page
    assert "仍在该名单上" in page


def test_who_only_looks_is_offered_no_form(pair):
    pair.receive(pair.ask())
    anna = browser(pair.district, "anna")
    page = anna.get("/desk/sent-back/1")
    assert page.status_code == 200
    assert "签名并答复" not in page.text
    data = {"outcome": "stands", "reason": "x"}
    assert anna.post("/desk/sent-back/1", data=data).status_code == 403
    looking = browser(pair.province, "anna")
    assert links(looking.get("/desk/gathered/lists"), "退回核实") == []
    assert looking.get("/desk/sent-back/of/1").status_code == 403


def test_the_api_takes_a_signed_request_once_and_gives_the_signed_answer(pair):
    content = pair.ask()
    number = pair.row().number
    token = issue_token(pair.district.app, "program", actor="x", scopes=["hand-in", "read"])
    program = browser(pair.district)
    headers = {"Authorization": f"Bearer {token}"}

    def send(body):
        answer = program.post(API, data=body, headers=headers)
        hold_against_description("POST", "/correction-requests", answer)
        return answer

    assert [send(content).status_code for _ in range(2)] == [201, 201]
    assert send(content.replace(b"370101", b"370102")).status_code == 400
    other = json.loads(content) | {"asker": "110000"}
    assert send(json.dumps(other)).status_code == 403
    assert send(b"x" * 70_000).status_code == 413
    answer = program.get(f"{API}/{number}", headers=headers)
    hold_against_description("GET", f"/correction-requests/{number}", answer)
    assert answer.json["answer"] is None
    signed = pair.answer("stands").decode()
    assert program.get(f"{API}/{number}", headers=headers).json["answer"] == signed
    assert program.get(f"{API}/X", headers=headers).status_code == 404
    reader = issue_token(pair.district.app, "program", actor="x", scopes=["read"])
    refused = program.post(API, data=content, headers={"Authorization": f"Bearer {reader}"})
    assert refused.status_code == 403
    assert program.post(API, data=content).status_code == 401
    assert asking.take_answer(pair.province.app, signed.encode(), actor="cli") == number
