"""双人复核 on the site: who asked takes back, another confirms, others look on."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from feewatch.config import People
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.people.acting import find_person
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.tables.registers import approval
from tests.web.conftest import LUZHI
from tests.web.test_today import cards, checked

__all__ = ["checked"]  # a fixture of a module of its own
DESK = "/desk/countersigns/"
FORM = {"reason": "批准原件已核对"}


@pytest.fixture
def asked(site):
    """An approval of the officer that waits, in an office that asks for two."""
    app = site.extensions["feewatch"]
    people = People(four_eyes_on_approvals=True)
    strict = replace(app, config=replace(app.config, people=people))
    site.extensions["feewatch"] = strict
    row = f"{LUZHI},closure,潍教准〔2026〕1号,,2026-07-01,2026-07-31"
    data = f"uscc,kind,document,amount,from,until\n{row}".encode()
    report = hand_in(strict, find_person(strict, "officer"), "approvals", "批准.csv", data)
    assert report.proposed == 1
    return strict


def approvals(app):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(approval))


def test_another_confirms_and_who_asked_may_only_take_back(asked, as_user):
    own, other, viewer = (as_user(name) for name in ("officer", "reviewer", "viewer"))
    assert "潍教准〔2026〕1号" in viewer.get(DESK).text
    assert "<textarea" not in viewer.get(DESK).text
    assert "撤回" in own.get(DESK).text
    assert "复核通过" not in own.get(DESK).text
    assert own.post(DESK + "1/confirm", data=FORM).status_code == 403
    assert viewer.post(DESK + "1/confirm", data=FORM).status_code == 403
    assert "复核通过" in other.get(DESK).text
    assert other.post(DESK + "1/confirm", data={"reason": ""}).status_code == 400
    assert approvals(asked) == 0
    assert other.post(DESK + "1/confirm", data=FORM).location == DESK
    assert approvals(asked) == 1
    assert "批准原件已核对" in other.get(DESK + "?state=confirmed").text
    assert "没有待复核的事项" in other.get(DESK + "?state=waiting").text
    assert other.post(DESK + "1/refuse", data=FORM).status_code == 409


def test_other_places_see_nothing_and_a_refusal_writes_nothing(asked, as_user):
    far = as_user("nanjing")
    assert "潍教准" not in far.get(DESK).text
    assert far.post(DESK + "1/confirm", data=FORM).status_code == 404
    assert as_user("reviewer").post(DESK + "1/refuse", data=FORM).location == DESK
    assert approvals(asked) == 0


@pytest.mark.usefixtures("checked")
def test_today_counts_it_for_who_may_answer_alone_until_it_is_answered(asked, as_user):
    title = "双人复核待您确认"
    reviewer = as_user("reviewer")
    assert cards(as_user("officer").get("/desk/today").text)[title] == 0
    assert cards(as_user("nanjing").get("/desk/today").text)[title] == 0
    assert title not in as_user("viewer").get("/desk/today").text
    page = reviewer.get("/desk/today").text
    assert cards(page)[title] == 1
    assert f'href="{DESK}?state=waiting"' in page
    reviewer.post(DESK + "1/confirm", data=FORM)
    assert cards(reviewer.get("/desk/today").text)[title] == 0


def test_a_program_of_a_person_of_the_office_reads_what_waits(asked, visitor):
    def read(name, state="waiting"):
        head = {"Authorization": f"Bearer {issue_token(asked, name, actor='x')}"}
        answer = visitor.get(f"/api/v1/countersigns?state={state}", headers=head)
        return answer.json["items"] if answer.status_code == 200 else answer.status_code

    (act,) = read("reviewer")
    assert (act["id"], act["kind"], act["state"]) == (1, "approvals", "waiting")
    assert "潍教准〔2026〕1号" in act["does"][0]["zh"]
    assert read("reviewer", "confirmed") == []
    assert read("reviewer", "x") == 400
    assert read("program") == 403
