"""Procedure, grades and publication through the API: same steps, same refusals, as described."""

import datetime as dt

import pytest
from sqlalchemy import insert, select, update

from feewatch.config import Config, Publication, Subscriber, Web
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.lists import editions
from feewatch.store.tables import ledger, operations
from feewatch.store.tables.grades import grade
from feewatch.store.tables.publication import decision, outbox, recall, white_hold
from tests.web.api_calls import hold_against_description, paper
from tests.web.conftest import LUZHI, NANJING, WEICHENG
from tests.web.test_decisions_api import BASIS, form

PLACE = "370702"
NOTICE = {
    "uscc": LUZHI, "number": "示教罚告字〔2026〕第1号", "authority": "示例区教育局",
    "served_on": "2026-07-10", "way": "direct", "sanctions": ["confiscation"],
    "facts": "一次性收取超过3个月的费用", "basis": BASIS,
}  # fmt: skip
WHY = {"reason": "核对无误"}
LATER = dt.datetime(2026, 9, 30, 10, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def _school(app):
    """An institution's own program, beside the office's."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(operations.user).values(
                name="school", role="api", district=None, institution_id=1,
                password_hash="!", disabled=False, session_epoch=1,
                created_at="2026-01-01T00:00:00+08:00",
            )
        )  # fmt: skip


@pytest.fixture
def call(app, visitor):
    """A request of a person with a token of their own; the answer is as described."""

    def send(name, method, path, body=None):
        scopes = {"program": ["read"], "school": ["read", "object"]}.get(name, ())
        word = issue_token(app, name, actor=name, scopes=scopes)
        head = {"Authorization": f"Bearer {word}"}
        answer = visitor.open(f"/api/v1{path}", method=method, json=body, headers=head)
        hold_against_description(method, path, answer)
        return answer

    return send


def refused(answer):
    assert answer.json["message"]
    return answer.status_code, answer.json["code"]


@pytest.fixture
def served(call):
    body = NOTICE | {"file": paper("a.pdf"), "record": paper("b.pdf")}
    answer = call("officer", "POST", "/advance-notices", body)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def said(**changes):
    return {"notice": 1, "kind": "defence", "reason": "已按期退费"} | changes


def test_a_notice_is_served_answered_by_the_school_s_program_and_dropped(call, served):
    made = call("school", "POST", "/objections", said(files=[paper("回单.pdf")]))
    assert made.status_code == 201
    assert (made.json["state"], made.json["is_late"], made.json["by_institution"]) == (
        "waiting", False, True,
    )  # fmt: skip
    assert refused(call("school", "POST", "/objections", said())) == (409, "OBJECTION-WAITS")
    shown = call("officer", "GET", f"/advance-notices/{served}").json
    assert [one["text"] for one in shown["said"]] == ["已按期退费"]
    told = WHY | {"outcome": "rejected", "files": [paper("答复.pdf")]}
    assert call("reviewer", "POST", "/objections/1/answer", told).json["state"] == "answered"
    assert refused(call("school", "POST", "/objections/1/withdraw", WHY))[0] == 409
    assert call("officer", "POST", "/advance-notices/1/drop", WHY).json["state"] == "dropped"
    again = call("officer", "POST", "/advance-notices/1/drop", WHY)
    assert refused(again) == (409, "ADVANCE-NOTICE-STATE")


def test_what_is_not_answered_is_taken_back_by_its_party_alone(call, served):
    call("school", "POST", "/objections", said())
    assert refused(call("officer", "POST", "/objections/1/withdraw", WHY))[0] == 403
    assert refused(call("school", "POST", "/objections/1/withdraw", {})) == (400, "REASON-REQUIRED")
    done = call("school", "POST", "/objections/1/withdraw", WHY)
    assert done.json["state"] == "withdrawn"


def test_an_officer_puts_down_what_came_on_paper(call, served):
    body = said(received_on="2026-07-12")
    made = call("officer", "POST", "/objections", body)
    assert (made.json["by_institution"], made.json["received_on"]) == (False, "2026-07-12")
    ahead = said(received_on="2026-09-01", kind="hearing")
    assert refused(call("officer", "POST", "/objections", ahead))[0] in (400, 409)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"notice": None}, "BODY"),
        ({"decision": 1}, "BODY"),
        ({"correction": True}, "BODY"),
        ({"notice": True}, "BODY"),
        ({"notice": "1"}, "BODY"),
        ({"notice": 2**31}, "BODY"),
        ({"notice": 9}, "ADVANCE-NOTICE-UNKNOWN"),
        ({"kind": "complaint"}, "OBJECTION-KIND"),
        ({"reason": ""}, "REASON-REQUIRED"),
        ({"reason": 7}, "BODY"),
        ({"reason": "x" * 2001}, "BODY"),
        ({"received_on": "2026-13-01"}, "BODY"),
        ({"files": [paper("a.exe", b"MZ")]}, "ATTACHMENT-TYPE"),
        ({"files": [paper("a.pdf")] * 11}, "BODY"),
        ({"files": {"a": 1}}, "BODY"),
    ],
)
def test_what_cannot_be_said_is_refused_by_code(app, call, served, changes, code):
    body = {key: value for key, value in said(**changes).items() if value is not None}
    assert refused(call("school", "POST", "/objections", body))[1] == code
    assert call("officer", "GET", "/objections").json["total"] == 0


def test_a_program_without_institution_or_of_another_speaks_for_nobody(app, call, served):
    word = issue_token(app, "program", actor="x", scopes=["object"])
    assert word
    assert refused(call("program", "POST", "/objections", said())) == (403, "TOKEN-SCOPE")
    assert refused(call("nanjing", "GET", "/advance-notices/1"))[0] == 404
    assert refused(call("nanjing", "POST", "/advance-notices/1/drop", WHY))[0] == 404


@pytest.fixture
def in_force(call):
    call("officer", "POST", "/decisions", form())
    for name, step in (("reviewer", "review"), ("publisher", "approve")):
        call(name, "POST", "/decisions/1/steps", WHY | {"step": step})


def test_a_decision_ends_by_its_reason_and_lists_are_corrected(app, call, in_force):
    body = WHY | {"status": "repaired"}
    assert refused(call("officer", "POST", "/decisions/1/ending", body)) == (400, "REPAIR-NUMBER")
    early = body | {"acceptance": "XYZ123"}
    assert refused(call("officer", "POST", "/decisions/1/ending", early)) == (
        409, "REPAIR-TOO-EARLY",
    )  # fmt: skip
    assert refused(call("officer", "POST", "/decisions/1/ending", WHY | {"status": "gone"})) == (
        400, "STEP",
    )  # fmt: skip
    assert refused(call("officer", "POST", "/decisions/1/ending", {"status": "revoked"})) == (
        400, "REASON-REQUIRED",
    )  # fmt: skip
    before = WHY | {"status": "revoked", "on": "2026-01-01"}
    assert refused(call("officer", "POST", "/decisions/1/ending", before)) == (400, "DECISION-DAY")
    assert call("program", "POST", "/decisions/1/ending", before).status_code == 403
    done = call("officer", "POST", "/decisions/1/ending", WHY | {"status": "revoked"}).json
    assert [entry["status"] for entry in done["items"]] == ["revoked"]
    assert done["delayed"] is None
    again = call("officer", "POST", "/decisions/1/ending", WHY | {"status": "void"})
    assert refused(again) == (409, "DECISION-ENDED")
    late = {"decision": 1, "kind": "objection", "reason": "公示有误"}
    assert refused(call("school", "POST", "/objections", late))[0] == 409


def test_decisions_are_taken_out_in_the_form_and_said_to_be_handed_in(app, call, in_force):
    span = "from=2026-05-01&to=2026-07-15"
    (row,) = call("officer", "GET", f"/decision-reports?{span}").json["items"]
    assert (row["overdue"], row["reported_on"]) == (True, None)
    assert LUZHI in row["row"].values()
    text = call("officer", "GET", f"/decision-reports/form?{span}").text
    assert row["document"] in text
    book = call("officer", "GET", f"/decision-reports/form?{span}&format=xlsx")
    assert book.data[:2] == b"PK"
    assert refused(call("officer", "GET", "/decision-reports?from=2026-07-02&to=2026-07-01")) == (
        400, "DAYS",
    )  # fmt: skip
    named = {"documents": [row["document"]], "on": "2026-07-14"}
    assert refused(call("officer", "POST", "/decision-reports", named | {"documents": ["无"]})) == (
        404, "DECISION-UNKNOWN",
    )  # fmt: skip
    for documents in ([], "x", [1]):
        answer = call("officer", "POST", "/decision-reports", {"documents": documents})
        assert answer.status_code == 400
    assert call("officer", "POST", "/decision-reports", named).json["reported"] == 1
    assert refused(call("officer", "POST", "/decision-reports", named)) == (409, "REPORTED")
    assert call("officer", "GET", f"/decision-reports?{span}&open=yes").json["items"] == []
    assert call("program", "GET", "/decision-reports").status_code == 403


@pytest.fixture
def drafted(app, call):
    with app.database.transaction() as tx:
        tx.execute(
            insert(ledger.told_days).values(
                account_id=1, institution_id=1, word="bank",
                from_day=parse_day("2025-11-01"), to_day=parse_day("2025-12-31"),
            )
        )  # fmt: skip
    made = call("officer", "POST", "/grades/drafts", {"period": "2025"})
    assert made.status_code == 201, made.text


SHEET = f"/grades/{LUZHI}/2025"


def test_a_grade_goes_its_way_by_tokens(app, call, drafted):
    assert call("school", "GET", SHEET).status_code == 404  # a draft is the office's own
    assert call("school", "GET", "/grades").json["items"] == []
    step = WHY | {"step": "set", "grade": "A"}
    assert refused(call("officer", "POST", f"{SHEET}/steps", step)) == (409, "GRADE-NOT-TOLD")
    assert call("officer", "POST", f"{SHEET}/steps", {"step": "tell"}).json["status"] == "told"
    assert refused(call("officer", "POST", f"{SHEET}/steps", step)) == (409, "GRADE-WINDOW")
    body = {"reason": "分值有误", "files": [paper("说明.pdf")]}
    made = call("school", "POST", f"{SHEET}/objections", body)
    assert (made.status_code, made.json["objection_waiting"]) == (201, True)
    assert refused(call("school", "POST", f"{SHEET}/objections", body)) == (409, "GRADE-OBJECTION")
    told = WHY | {"outcome": "rejected"}
    assert refused(
        call("officer", "POST", f"{SHEET}/objections/1/answer", WHY | {"outcome": "x"})
    ) == (400, "OBJECTION-OUTCOME")
    answer = call("officer", "POST", f"{SHEET}/objections/1/answer", told)
    assert answer.json["objections"][0]["answer"] == "核对无误"
    with clock.fixed(LATER):
        assert refused(call("school", "POST", f"{SHEET}/objections", body)) == (409, "GRADE-LATE")
        assert call("officer", "POST", f"{SHEET}/steps", step).json["status"] == "proposed"
        confirm = WHY | {"step": "confirm"}
        assert refused(call("officer", "POST", f"{SHEET}/steps", confirm))[0] == 403
        assert call("reviewer", "POST", f"{SHEET}/steps", confirm).json["grade"] == "A"
        red = call("officer", "GET", "/grades/red").json["items"]
        assert [row["uscc"] for row in red] == [LUZHI]
        again = WHY | {"step": "correct", "grade": "Z"}
        assert refused(call("officer", "POST", f"{SHEET}/steps", again)) == (400, "GRADE")


def test_sheets_of_other_places_and_steps_that_do_not_exist_are_refused(call, drafted):
    assert call("nanjing", "GET", SHEET).status_code == 404
    assert call("nanjing", "POST", f"{SHEET}/steps", {"step": "tell"}).status_code == 404
    assert call("officer", "GET", f"/grades/{WEICHENG}x/2025").status_code == 404
    assert refused(call("officer", "POST", f"{SHEET}/steps", {"step": "skip"})) == (400, "STEP")
    for name in ("publisher", "program", "school"):
        assert call(name, "POST", f"{SHEET}/steps", {"step": "tell"}).status_code == 403
    assert call("officer", "POST", "/grades/drafts", {"period": "25"}).status_code in (400, 404)


def test_a_hold_is_read_and_decided(app, call):
    row = {
        "uscc": LUZHI, "name": "鲁智01号培训中心", "district": PLACE,
        "since": parse_day("2026-07-31"), "due": parse_day("2026-08-14"),
        "lines": [{"zh": "未证明专户余额足额", "en": "cover not proven"}],
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(white_hold).values(row))
    assert [held["due"] for held in call("program", "GET", "/holds").json["items"]] == [
        "2026-08-14"
    ]
    assert call("nanjing", "GET", "/holds").json["items"] == []
    assert call("school", "GET", "/holds").json["items"] == []
    body = WHY | {"outcome": "keep"}
    assert refused(call("nanjing", "POST", f"/holds/{LUZHI}", body)) == (403, "PLACE")
    assert refused(call("officer", "POST", f"/holds/{WEICHENG}", body)) == (404, "HOLD-UNKNOWN")
    wrong = WHY | {"outcome": "x"}
    assert refused(call("officer", "POST", f"/holds/{LUZHI}", wrong)) == (400, "HOLD-OUTCOME")
    assert call("officer", "POST", f"/holds/{LUZHI}", body).json["outcome"] == "keep"
    assert call("officer", "POST", f"/holds/{LUZHI}", body).status_code == 409


def test_white_conditions_are_read_within_the_scope(call):
    for name, codes in (("program", {LUZHI}), ("nanjing", {NANJING})):
        assert {row["uscc"] for row in call(name, "GET", "/white").json["items"]} == codes
    assert [row["uscc"] for row in call("school", "GET", "/white").json["items"]] == [LUZHI]
    assert call("program", "GET", "/white?state=grey").status_code == 400


def latest(app):
    with app.database.reading() as tx:
        return editions.find_latest(tx, PLACE)


def test_the_next_edition_is_looked_at_and_published_as_seen(app, call):
    (shown,) = call("publisher", "GET", "/next-editions").json["items"]
    assert {line["name"] for line in shown["lists"]} >= {"white", "notice"}
    number, seen = latest(app).number, {PLACE: "0" * 64}
    body = {"district": PLACE, "seen": seen}
    assert refused(call("publisher", "POST", "/next-editions", body)) == (409, "PREVIEW-CHANGED")
    for wrong in ({"seen": 1}, {"seen": {PLACE: 1}}, {"district": 7}):
        assert refused(call("publisher", "POST", "/next-editions", wrong)) == (400, "BODY")
    assert refused(call("publisher", "POST", "/next-editions", {"district": "320102"})) == (
        403, "PLACE",
    )  # fmt: skip
    assert latest(app).number == number
    if shown["fingerprint"]:
        body["seen"] = {PLACE: shown["fingerprint"]}
    done = call("publisher", "POST", "/next-editions", body)
    assert done.status_code == 201
    for name in ("officer", "reviewer", "program"):
        assert call(name, "POST", "/next-editions", body).status_code == 403
    second = WHY | {"district": PLACE}
    waits = any(part["needs_second"] for part in done.json["items"][0]["leaving"])
    answer = call("reviewer", "POST", "/next-editions/second-word", second)
    assert answer.status_code == (200 if waits else 409)
    assert refused(call("officer", "POST", "/next-editions/second-word", second))[0] == 403


def test_an_entry_is_recalled_within_the_day_and_lifted_by_another(app, call):
    lists = latest(app).read()["lists"]
    name, entry = next((name, rows[0]) for name, rows in lists.items() if rows)
    body = {"district": PLACE, "list": name, "entry": entry["uscc"] or entry["name"]}
    assert refused(call("publisher", "POST", "/recalls", body)) == (400, "REASON-REQUIRED")
    assert refused(call("publisher", "POST", "/recalls", body | WHY | {"edition": 1})) == (
        400, "BODY",
    )  # fmt: skip
    assert refused(call("officer", "POST", "/recalls", body | WHY))[0] == 403
    done = call("publisher", "POST", "/recalls", body | WHY).json
    assert done["delayed"] is None
    assert [edition["kind"] for edition in done["published"]] == ["correction"]
    assert refused(call("publisher", "POST", "/recalls", body | WHY)) == (404, "ENTRY-UNKNOWN")
    old = {"district": PLACE, "edition": 1} | WHY
    assert refused(call("publisher", "POST", "/recalls", old)) == (409, "RECALL-LATEST")
    (row,) = call("publisher", "GET", "/recalls").json["items"]
    assert (row["open"], row["overdue"]) == (False, False)
    assert refused(call("publisher", "POST", f"/recalls/{row['id']}/lift", WHY)) == (
        403, "RECALL-SAME",
    )  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(update(recall).values(actor="another"))
    assert call("publisher", "POST", f"/recalls/{row['id']}/lift", WHY).json["name"] == row["name"]
    assert refused(call("publisher", "POST", "/recalls/99/lift", WHY)) == (404, "RECALL-UNKNOWN")


def test_subscribers_are_steered(app, call, site, tmp_path):
    secret = tmp_path / "portal.secret"
    secret.write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==")
    portal = Subscriber("portal", "https://portal.example.cn/x?key=geheim", str(secret))
    config = Config(
        folder=tmp_path, web=Web(secure_cookies=False),
        publication=Publication(subscribers=[portal]),
    )  # fmt: skip
    site.extensions["feewatch"] = type(app)(config, app.database)
    listed = call("publisher", "GET", "/subscribers")
    assert [row["name"] for row in listed.json["items"]] == ["portal"]
    assert "geheim" not in listed.text
    for act, status in (("resume", 409), ("pause", 200), ("pause", 409), ("resume", 200)):
        answer = call("publisher", "POST", "/subscribers/portal", WHY | {"act": act})
        assert answer.status_code == status, (act, answer.text)
    sent = call("publisher", "POST", "/subscribers/portal", WHY | {"act": "replay", "first": 1})
    with app.database.reading() as tx:
        assert sent.json["editions"] == len(list(tx.execute(select(outbox)))) > 0
    none = WHY | {"act": "replay", "district": "999999"}
    assert refused(call("publisher", "POST", "/subscribers/portal", none)) == (404, "REPLAY-NONE")
    assert refused(call("publisher", "POST", "/subscribers/nobody", WHY | {"act": "pause"})) == (
        404, "SUBSCRIBER-UNKNOWN",
    )  # fmt: skip
    assert refused(call("publisher", "POST", "/subscribers/portal", WHY | {"act": "x"})) == (
        400, "ACT",
    )  # fmt: skip
    assert call("officer", "POST", "/subscribers/portal", WHY | {"act": "pause"}).status_code == 403


def test_nothing_was_left_behind_by_refusals(app, call):
    for path in ("/decisions/1/ending", "/advance-notices/1/drop", f"{SHEET}/steps"):
        assert call("officer", "POST", path, WHY | {"status": "void"}).status_code == 404
    with app.database.reading() as tx:
        assert not list(tx.execute(select(decision.c.id)))
        assert not list(tx.execute(select(grade.c.id)))
