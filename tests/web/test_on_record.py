"""Reading of personal data, files given, refusals: on record, and in nobody's way."""

import json
import time

import pytest
from sqlalchemy import select

from feewatch.services.audit.reads import count_waiting
from feewatch.services.audit.verifying import verify
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.locks import BUSY_TIMEOUT_SECONDS
from feewatch.store.tables.operations import audit
from feewatch.web.on_record import PERSONAL
from tests.web.conftest import HINT_ALERT, NANJING_ALERT

KINDS = ("personal.read", "file.given", "api.read", "request.refused")


def acts(app):
    with app.database.reading() as tx:
        query = select(audit).where(audit.c.action.in_(KINDS)).order_by(audit.c.id)
        return tx.execute(query).mappings().all()


def test_pages_that_show_personal_data_are_pages_of_the_site(site):
    assert {rule.endpoint for rule in site.url_map.iter_rules()} >= PERSONAL


def asking(as_user, open_case):
    """An officer who may see whole what an open case is about."""
    officer = as_user("officer")
    asked = {"kind": "case", "ground": open_case(1), "fields": ["payers"], "reason": "核对"}
    assert officer.post("/desk/unmasking/", data=asked).status_code == 302
    return officer


def test_who_reads_personal_data_is_on_record_and_who_sees_it_masked_is_not(
    app, as_user, open_case
):
    address = f"/desk/alerts/{HINT_ALERT}"
    for client in (asking(as_user, open_case), as_user("viewer"), as_user("reviewer")):
        assert client.get(address).status_code == 200
    assert [(row["actor"], row["action"], row["object"]) for row in acts(app)] == [
        ("officer", "personal.read", address)
    ]
    assert [(row["way"], row["origin"]) for row in acts(app)] == [("site", "127.0.0.1")]


def test_what_lies_outside_a_scope_or_a_role_is_refused_on_record(app, as_user):
    assert as_user("officer").get(f"/desk/alerts/{NANJING_ALERT}").status_code == 404
    assert as_user("viewer").get("/desk/upload/").status_code == 403
    assert as_user("officer").get("/desk/no-such-page").status_code == 404
    told = [(row["actor"], row["action"], row["detail"]["status"]) for row in acts(app)]
    assert told == [
        ("officer", "request.refused", 404), ("viewer", "request.refused", 403),
        ("officer", "request.refused", 404),
    ]  # fmt: skip
    assert all(row["detail"]["code"] for row in acts(app))


def test_a_file_that_is_given_out_is_on_record(app, as_user):
    answer = as_user("officer").get("/desk/papers/register.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [(row["actor"], row["action"]) for row in acts(app)] == [("officer", "file.given")]


def test_what_a_program_reads_is_on_record(app, site):
    token = issue_token(app, "program", actor="administrator", scopes=["read"])
    head = {"Authorization": f"Bearer {token}"}
    assert site.test_client().get("/api/v1/alerts", headers=head).status_code == 200
    assert [(row["action"], row["way"]) for row in acts(app)] == [("api.read", "api")]


def test_a_page_waits_for_no_writer_and_its_record_is_carried_over(app, as_user, open_case):
    officer, address = asking(as_user, open_case), f"/desk/alerts/{HINT_ALERT}"
    with app.database.transaction():
        begun = time.perf_counter()
        assert officer.get(address).status_code == 200
        # whoever waited for the writer would have waited for a minute
        assert time.perf_counter() - begun < BUSY_TIMEOUT_SECONDS - 10
    assert acts(app) == []
    assert count_waiting(app) == 1
    path = app.config.var / "audit" / "waiting.jsonl"
    assert json.loads(path.read_text(encoding="utf-8"))["actor"] == "officer"
    assert path.stat().st_mode & 0o077 == 0
    officer.get(address)
    assert [row["action"] for row in acts(app)] == ["personal.read"] * 2
    assert "happened_at" in acts(app)[0]["detail"]
    assert count_waiting(app) == 0


def test_the_pages_of_the_trail(app, as_user, open_case):
    asking(as_user, open_case).get(f"/desk/alerts/{HINT_ALERT}")
    gu = as_user("administrator")
    page = gu.get("/desk/audit/?action=personal.read&actor=officer").text
    (row,) = acts(app)
    assert f'href="/desk/audit/rows/{row["number"]}"' in page
    shown = gu.get(f"/desk/audit/rows/{row['number']}").text
    assert row["hash"] in shown
    assert "共 0 行" in gu.get("/desk/audit/?actor=nobody").text
    assert "完整" in gu.get("/desk/audit/chain").text
    lines = gu.get("/desk/audit/lines?actor=officer&action=personal.read").text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [row["number"]]
    assert gu.get("/desk/audit/rows/99999").status_code == 404
    assert verify(app).rows == verify(app).head


@pytest.mark.parametrize("role", ["officer", "viewer", "publisher"])
def test_the_trail_is_for_those_who_look_after_it(as_user, role):
    assert as_user(role).get("/desk/audit/").status_code == 403
