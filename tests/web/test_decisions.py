"""The decision desk on the site: three log-ins make one, two correct one, nobody alone can."""

import io

import pytest
from sqlalchemy import select

from feewatch.store.tables.publication import decision

LUZHI = "52370702651728628K"
DESK = "/desk/decisions/"
NUMBER = "示教罚字〔2026〕第3号"
FORM = {
    "list": "black", "uscc": LUZHI, "document": NUMBER, "date": "2026-06-01",
    "authority": "示例区教育局", "notice_served_on": "2026-05-10", "defence": "none",
    "hearing": "none", "sanctions": ["confiscation"], "reasons": ["not_in_custody"],
    "basis_document": "校外培训行政处罚暂行办法", "basis_level": "rule", "basis_clause": "第二条",
}  # fmt: skip


def propose(client, **changes):
    files = {
        name: (io.BytesIO(b"%PDF-1.7 " + name.encode()), f"{name}.pdf")
        for name in ("file", "notice_record")
    }
    form = {key: value for key, value in (FORM | files | changes).items() if value is not None}
    return client.post(f"{DESK}new", data=form, content_type="multipart/form-data")


def step(client, name, key=1, **rest):
    return client.post(f"{DESK}{key}", data={"step": name, "reason": "核对无误"} | rest)


def status_of(app):
    with app.database.reading() as tx:
        return list(tx.scalars(select(decision.c.status).order_by(decision.c.id)))


@pytest.fixture
def three(as_user):
    return as_user("officer"), as_user("reviewer"), as_user("publisher")


def test_three_log_ins_make_a_decision(app, three):
    officer, reviewer, publisher = three
    answer = propose(officer)
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{DESK}1"), answer.text
    assert status_of(app) == ["proposed"]
    page = reviewer.get(f"{DESK}1").text
    assert 'value="review"' in page
    assert "2027-06-01" in page  # computed, never typed
    assert step(reviewer, "review").status_code == 302
    assert 'value="approve"' in publisher.get(f"{DESK}1").text
    assert step(publisher, "approve").status_code == 302
    assert status_of(app) == ["in_force"]
    listed = officer.get(DESK).text
    assert NUMBER in listed
    assert "生效" in listed


def test_nobody_is_offered_or_allowed_a_step_that_is_not_theirs(app, three):
    officer, reviewer, publisher = three
    propose(officer)
    for client in (officer, publisher):
        page = client.get(f"{DESK}1").text
        assert 'name="step"' not in page
        assert step(client, "review").status_code == 403
        assert step(client, "approve").status_code in (403, 409)
    assert status_of(app) == ["proposed"]
    assert step(reviewer, "approve").status_code == 409
    assert step(reviewer, "conjure").status_code == 400
    assert status_of(app) == ["proposed"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": "别家培训中心"}, "DECISION-FAULTS"),
        ({"file": None}, "DECISION-FILE"),
        ({"notice_record": None}, "DECISION-NOTICE"),
        ({"file": (io.BytesIO(b"MZ evil"), "a.pdf")}, "VOUCHER-TYPE"),
        ({"sanctions": None}, "DECISION-FAULTS"),
        ({"date": "2026-13-01"}, "DECISION-FAULTS"),
    ],
)
def test_a_refused_proposal_comes_back_with_its_text(app, three, changes, word):
    answer = propose(three[0], **changes)
    assert answer.status_code == 400
    assert word in answer.text
    assert NUMBER in answer.text
    assert status_of(app) == []


def test_a_slip_is_corrected_by_two_on_the_site(app, three):
    officer, reviewer, publisher = three
    propose(officer)
    step(reviewer, "review")
    step(publisher, "approve")
    asked = {"field": "date", "value": "2026-06-02", "reason": "笔误"}
    assert officer.post(f"{DESK}1/correction", data=asked).status_code == 302
    assert 'value="confirm"' not in officer.get(f"{DESK}1").text
    assert step(officer, "confirm").status_code == 403
    assert 'value="confirm"' in reviewer.get(f"{DESK}1").text
    assert step(reviewer, "confirm").status_code == 302
    assert "2026-06-02" in officer.get(f"{DESK}1").text


def test_a_repair_and_a_revocation_on_the_site(app, three):
    officer, reviewer, publisher = three
    propose(officer)
    step(reviewer, "review")
    step(publisher, "approve")
    assert "REPAIR-NUMBER" in step(publisher, "repaired", on="2026-07-15").text
    assert step(publisher, "revoked", on="2026-07-15").status_code == 302
    assert status_of(app) == ["revoked"]
    assert propose(officer).status_code == 302
    assert status_of(app) == ["revoked", "proposed"]


def test_the_files_are_for_deciders_of_the_place(three, as_user):
    officer = three[0]
    propose(officer)
    answer = officer.get(f"{DESK}1/notice")
    assert answer.data == b"%PDF-1.7 notice_record"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert as_user("viewer").get(f"{DESK}1/notice").status_code == 403
    assert officer.get(f"{DESK}99").status_code == 404
