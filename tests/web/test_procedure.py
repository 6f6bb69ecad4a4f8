"""A decision is prepared on the site: told before, answered by its institution, heard, made."""

import datetime as dt
import io

import pytest
from sqlalchemy import insert, select, update

from feewatch.kernel import clock
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.log_ins import log_in_session
from feewatch.store.tables.objections import advance_notice, decision_objection
from feewatch.store.tables.publication import decision

LUZHI = "52370702651728628K"
NOTICES, OWN, DESK = "/desk/advance-notices/", "/own/decisions/", "/desk/decisions/"
NUMBER, DOCUMENT = "示教罚告字〔2026〕第3号", "示教罚字〔2026〕第3号"
BASIS = {
    "basis_document": "校外培训行政处罚暂行办法", "basis_level": "rule", "basis_clause": "第二条",
}  # fmt: skip
#: Served on Monday 07-06; the window of five working days ends on Monday 07-13.
FORM = {
    "uscc": LUZHI, "number": NUMBER, "authority": "示例区教育局", "served_on": "2026-07-06",
    "way": "direct", "facts": "一次性收取超过3个月的费用", "sanctions": ["confiscation"], **BASIS,
}  # fmt: skip
DECISION = {
    "list": "black", "uscc": LUZHI, "document": DOCUMENT, "date": "2026-07-15",
    "authority": "示例区教育局", "advance_notice": NUMBER, "defence": "none", "hearing": "none",
    "sanctions": ["confiscation"], "reasons": ["over_limits"], **BASIS,
}  # fmt: skip


def at(day):
    return clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00"))


def pdf(name):
    return io.BytesIO(b"%PDF-1.7 " + name.encode()), f"{name}.pdf"


def send(client, address, form):
    return client.post(address, data=form, content_type="multipart/form-data")


def serve(client, **changes):
    with at("2026-07-07"):
        return send(
            client, f"{NOTICES}new",
            FORM | {"file": pdf("file"), "record": pdf("record")} | changes,
        )  # fmt: skip


def say(client, address=f"{OWN}notices/1", **changes):
    form = {"kind": "defence", "reason": "已按期退费", "proofs": [pdf("回单")]} | changes
    return send(client, address, form)


def states(app):
    with app.database.reading() as tx:
        query = select(decision_objection.c.state).order_by(decision_objection.c.id)
        return list(tx.scalars(query))


@pytest.fixture
def people(app, as_user):
    people = {name: as_user(name) for name in ("officer", "reviewer", "publisher", "luzhi")}
    far = "2026-12-31T00:00:00.000+08:00"
    with app.database.transaction() as tx:  # the story takes weeks, no session does
        tx.execute(update(log_in_session).values(seen_at=far, ends_at=far))
    return people


def test_a_notice_reaches_its_institution_and_its_defence_the_office(app, people, as_user):
    officer, luzhi = people["officer"], people["luzhi"]
    answer = serve(officer)
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{NOTICES}1"), answer.text
    with at("2026-07-08"):
        assert NUMBER in luzhi.get("/own/").text  # among what is to be done, with its last day
        page = luzhi.get(f"{OWN}notices/1").text
        assert "2026-07-13" in page
        assert "一次性收取超过3个月的费用" in page
        assert "听证申请" in page
        assert say(luzhi).status_code == 302
        assert "待答复" in luzhi.get(f"{OWN}notices/1").text
        menu = officer.get("/desk/decisions/").text.split('href="/desk/decisions/"')[1]
        assert ">1<span" in menu.split("</a>")[0]
        assert "已按期退费" in officer.get(f"{NOTICES}1").text
        assert NUMBER in officer.get("/desk/defences/?state=waiting").text
        assert officer.get("/desk/defences/files/1").data == "%PDF-1.7 回单".encode()
        assert as_user("weicheng").get(f"{OWN}notices/1").status_code == 404
        assert as_user("weicheng").get(f"{OWN}files/1").status_code == 404
        assert say(as_user("weicheng")).status_code == 404
        assert as_user("nanjing").get(f"{NOTICES}1").status_code == 404
    assert states(app) == ["waiting"]


def test_the_decision_waits_for_the_answer_and_the_institution_reads_it(app, people):
    officer, reviewer, publisher, luzhi = people.values()
    serve(officer)
    with at("2026-07-13"):
        say(luzhi)
    files = {"file": pdf("decision")}
    assert send(officer, f"{DESK}new", DECISION | files).status_code == 302
    step = {"step": "review", "reason": "合法"}
    refused = reviewer.post(f"{DESK}1", data=step)
    assert (refused.status_code, "尚未答复" in refused.text) == (409, True)
    form = {"outcome": "rejected", "reason": "凭证与流水不符", "proofs": [pdf("复核")]}
    answered = send(reviewer, "/desk/defences/1", form)
    assert answered.headers["Location"] == f"{NOTICES}1"
    assert reviewer.post(f"{DESK}1", data=step).status_code == 302
    assert publisher.post(f"{DESK}1", data=step | {"step": "approve"}).status_code == 302
    page = luzhi.get(f"{OWN}notices/1").text
    assert "凭证与流水不符" in page
    assert "不予采纳" in page
    assert DOCUMENT in luzhi.get(OWN).text
    assert luzhi.get(f"{OWN}1").status_code == 200
    course = officer.get(f"{DESK}1").text
    for word in ("送达事先告知", "陈述申辩：提出", "陈述申辩：不予采纳", "决定批准"):
        assert word in course
    with app.database.reading() as tx:
        assert list(tx.scalars(select(advance_notice.c.state))) == ["decided"]


def test_an_entry_is_objected_to_in_time_and_late(app, people):
    officer, reviewer, publisher, luzhi = people.values()
    serve(officer)
    send(officer, f"{DESK}new", DECISION | {"file": pdf("decision")})
    for client, step in ((reviewer, "review"), (publisher, "approve")):
        assert client.post(f"{DESK}1", data={"step": step, "reason": "合法"}).status_code == 302
    assert say(luzhi, f"{OWN}1", kind="objection", reason="名称有误").status_code == 302
    assert (
        send(officer, "/desk/defences/1", {"outcome": "rejected", "reason": "无误"}).headers[
            "Location"
        ]
        == f"{DESK}1"
    )
    with at("2026-08-20"):
        assert say(luzhi, f"{OWN}1", kind="objection", reason="仍有异议").status_code == 302
        assert "逾期提出" in officer.get(f"{DESK}1").text
        assert "逾期提出" in luzhi.get(f"{OWN}1").text
    assert states(app) == ["answered", "waiting"]


def test_what_was_said_is_taken_back(app, people):
    serve(people["officer"])
    with at("2026-07-08"):
        say(people["luzhi"])
        back = people["luzhi"].post(f"{OWN}said/1/withdraw", data={"reason": "不再主张"})
    assert back.status_code == 302
    assert states(app) == ["withdrawn"]


def test_what_came_on_paper_is_put_on_record_by_the_office(app, people):
    serve(people["officer"])
    form = {"kind": "hearing", "reason": "书面申请听证", "received_on": "2026-07-13"}
    assert send(people["officer"], "/desk/defences/notices/1", form).status_code == 302
    granted = {"outcome": "granted", "reason": "准予", "hearing_on": "2026-07-20"}
    early = send(people["reviewer"], "/desk/defences/1", granted)
    assert (early.status_code, "HEARING-DAY" in early.text) == (400, True)
    granted["hearing_on"] = "2026-07-24"
    assert send(people["reviewer"], "/desk/defences/1", granted).status_code == 302
    assert states(app) == ["granted"]
    with app.database.reading() as tx:
        row = tx.execute(select(decision_objection)).mappings().one()
    assert (row["is_late"], row["by_institution"]) == (False, False)


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"reason": ""}, 400, "REASON-REQUIRED"),
        ({"kind": "objection"}, 409, "OBJECTION-STATE"),
        ({"kind": "prayer"}, 400, "OBJECTION-KIND"),
        ({"proofs": [(io.BytesIO(b"MZ"), "a.pdf")]}, 400, "ATTACHMENT-TYPE"),
    ],
)
def test_a_refused_defence_comes_back_with_its_text(app, people, changes, status, word):
    serve(people["officer"])
    answer = say(people["luzhi"], **changes)
    assert (answer.status_code, word in answer.text) == (status, True), answer.text
    assert states(app) == []


def test_a_refused_notice_comes_back_with_its_text(people):
    for changes, word in (
        ({"record": None}, "ADVANCE-NOTICE-FILE"),
        ({"defend_until": "2026-07-10"}, '<a href="#defend_until">'),
        ({"served_on": ""}, "DECISION-FAULTS"),
    ):
        sent = {key: value for key, value in changes.items() if value is not None}
        form = FORM | {"file": pdf("file"), "record": pdf("record")} | sent
        for key, value in changes.items():
            if value is None:
                del form[key]
        answer = send(people["officer"], f"{NOTICES}new", form)
        assert (answer.status_code, word in answer.text) == (400, True), answer.text
        assert NUMBER in answer.text


def test_today_counts_what_is_to_be_answered_and_what_is_late(app, people):
    serve(people["officer"])
    with at("2026-07-08"):
        say(people["luzhi"])
        assert counted(app, people["officer"]) == (1, 0)
    with at("2026-07-17"):  # seven working days after 07-08
        assert counted(app, people["officer"]) == (1, 0)
    with at("2026-07-18"):
        assert counted(app, people["officer"]) == (1, 1)
        assert send(people["reviewer"], "/desk/defences/1",
                    {"outcome": "rejected", "reason": "x"}).status_code == 302  # fmt: skip
        assert counted(app, people["officer"]) == (0, 0)


def counted(app, client):
    """What Today counts, where the office has checked once."""
    with app.database.transaction() as tx:
        if tx.scalar(select(check_run.c.id).limit(1)) is None:
            tx.execute(
                insert(check_run),
                {"at": "2026-07-07T01:30:00+08:00", "as_of": 0, "full": False}
                | {"rule_book": "rb", "counts": {}},
            )
    page = client.get("/desk/today").text
    titles = ("申辩与异议待答复", "答复已逾期的申辩与异议")
    return tuple(int(page.split(title)[1].split("<b>")[1].split("</b>")[0]) for title in titles)


def test_a_notice_is_dropped_on_record(app, people):
    serve(people["officer"])
    reason = {"reason": "经复核不予处罚"}
    assert people["officer"].post(f"{NOTICES}1", data=reason).status_code == 302
    assert "经复核不予处罚" in people["officer"].get(f"{NOTICES}1").text
    assert people["officer"].post(f"{NOTICES}1", data=reason).status_code == 409
    with app.database.reading() as tx:
        assert tx.scalars(select(decision.c.id)).all() == []
