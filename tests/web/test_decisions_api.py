"""Decisions through the API: the same three persons, each with a token of their own."""

import base64

import pytest
from sqlalchemy import select

from feewatch.services.people.api_tokens import issue_token
from feewatch.store.tables.publication import decision
from tests.web.test_decisions import FORM, LUZHI, NUMBER

BASIS = {"document": "校外培训行政处罚暂行办法", "level": "rule", "clause": "第二条"}


def paper(name, content=b"%PDF-1.7 x"):
    return {"name": name, "content": base64.b64encode(content).decode()}


def form(**changes):
    values = {key: value for key, value in FORM.items() if not key.startswith("basis")}
    values |= {"basis": BASIS, "file": paper("a.pdf"), "notice_record": paper("b.pdf")} | changes
    return {key: value for key, value in values.items() if value is not None}


@pytest.fixture
def call(app, visitor):
    """A request of a person with a token of their own."""

    def send(name, method, path, body=None):
        scopes = ["read"] if name == "program" else ()
        word = issue_token(app, name, actor=name, scopes=scopes)
        head = {"Authorization": f"Bearer {word}"}
        return visitor.open(f"/api/v1{path}", method=method, json=body, headers=head)

    return send


def statuses(app):
    with app.database.reading() as tx:
        return list(tx.scalars(select(decision.c.status).order_by(decision.c.id)))


def step(call, name, word, key=1):
    return call(name, "POST", f"/decisions/{key}/steps", {"step": word, "reason": "核对无误"})


def test_three_tokens_make_a_decision_and_two_correct_it(app, call):
    made = call("officer", "POST", "/decisions", form())
    assert made.status_code == 201, made.text
    (entry,) = made.json["items"]
    assert (entry["document"], entry["status"], entry["class"]) == (NUMBER, "proposed", "general")
    assert step(call, "reviewer", "review").status_code == 200
    assert step(call, "publisher", "approve").json["items"][0]["status"] == "in_force"
    asked = {"changes": {"date": "2026-06-02"}, "reason": "笔误"}
    assert call("officer", "POST", "/decisions/1/corrections", asked).status_code == 201
    told = {"accept": True, "reason": "属实"}
    own = call("officer", "POST", "/decisions/1/corrections/answer", told)
    assert (own.status_code, own.json["code"]) == (403, "DECISION-OTHER-PERSON")
    answer = call("reviewer", "POST", "/decisions/1/corrections/answer", told)
    assert answer.json["items"][0]["decided_on"] == "2026-06-02"
    listed = call("program", "GET", "/decisions?status=in_force").json["items"]
    assert [each["uscc"] for each in listed] == [LUZHI]
    assert call("nanjing", "GET", "/decisions").json["items"] == []
    assert call("nanjing", "GET", "/decisions/1").status_code == 404


def test_a_role_is_a_person_s_own(app, call):
    for name in ("reviewer", "publisher", "program"):
        assert call(name, "POST", "/decisions", form()).status_code == 403
    call("officer", "POST", "/decisions", form())
    for name in ("officer", "publisher", "program"):
        assert step(call, name, "review").status_code == 403
    assert step(call, "reviewer", "approve").status_code == 409
    assert statuses(app) == ["proposed"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"file": None}, "DECISION-FILE"),
        ({"notice_record": None}, "DECISION-NOTICE"),
        ({"file": paper("a.exe", b"MZ")}, "VOUCHER-TYPE"),
        ({"file": {"name": "a.pdf", "content": "§"}}, "BODY"),
        ({"file": "a.pdf"}, "BODY"),
        ({"imported": "yes"}, "BODY"),
        ({"class": "serious"}, "DECISION-FAULTS"),
        ({"uscc": 7}, "DECISION-FAULTS"),
        ({"sanctions": {"a": 1}}, "DECISION-FAULTS"),
        ({"basis": "办法"}, "DECISION-FAULTS"),
        ({"fine": 0.001}, "DECISION-FAULTS"),
        ({"facts": "\u0007"}, "CONTROL-CHARACTER"),
    ],
)
def test_a_body_that_says_nothing_lawful_is_refused_in_words(app, call, changes, code):
    answer = call("officer", "POST", "/decisions", form(**changes))
    assert (answer.status_code, answer.json["code"]) == (400, code), answer.text
    assert statuses(app) == []


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"NaN", b'{"a": NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(app, visitor, data):
    head = {"Authorization": f"Bearer {issue_token(app, 'officer', actor='x')}"}
    answer = visitor.post("/api/v1/decisions", data=data, headers=head)
    assert (answer.status_code, answer.json["code"]) == (400, "BODY")


@pytest.mark.parametrize(
    "changes", [{"basis": "x", "basis.clause": "y"}, {"basis": {}}, {"": ""}, {"date": 7}, {}]
)
def test_a_correction_that_makes_no_sense_is_refused(call, changes):
    call("officer", "POST", "/decisions", form())
    step(call, "reviewer", "review")
    step(call, "publisher", "approve")
    asked = {"changes": changes, "reason": "笔误"}
    assert call("officer", "POST", "/decisions/1/corrections", asked).status_code == 400
