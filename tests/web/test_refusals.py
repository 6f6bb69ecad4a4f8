"""Refusals are on record, of strangers too; a flood of them is counted, and holds no words."""

import datetime as dt

from click.testing import CliRunner
from sqlalchemy import select

from feewatch.cli import main
from feewatch.kernel import clock
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.tables.operations import audit
from tests.web.conftest import NOW


def refusals(app, action="request.refused"):
    with app.database.reading() as tx:
        query = select(audit).where(audit.c.action == action).order_by(audit.c.id)
        return tx.execute(query).mappings().all()


def test_a_stranger_before_a_guarded_page_is_on_record(app, visitor):
    assert visitor.get("/desk/").status_code == 302
    (row,) = refusals(app)
    assert (row["actor"], row["object"], row["origin"]) == ("nobody", "/desk/", "127.0.0.1")
    assert row["detail"] == {"method": "GET", "status": 401, "code": "LOGIN-REQUIRED"}


def test_a_flood_of_a_stranger_is_two_rows_a_minute(app, visitor):
    for number in range(300):
        visitor.get(f"/desk/cases/张三{number}")
    assert len(refusals(app)) == 1
    with clock.fixed(NOW + dt.timedelta(minutes=1)):
        visitor.get("/")
    first, rest = refusals(app)
    assert rest["detail"]["more"] == 299
    assert "张三" not in str(first) + str(rest)
    assert first["object"] == "/desk/cases/*"


def test_many_addresses_at_once_are_told_together(app, site):
    for number in range(150):
        client = site.test_client()
        client.get("/desk/", environ_base={"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250}"})
    assert len(refusals(app)) == 101
    assert refusals(app)[-1]["origin"] == "…"


def test_a_person_is_told_by_page_and_numbers_of_the_office_stay(app, as_user):
    officer = as_user("officer")
    for address in ("/desk/matters/4", "/desk/cases/370702-2026-0001", "/desk/cases/13800001111"):
        for _ in range(3):
            assert officer.get(address).status_code == 404
    assert [(row["actor"], row["object"]) for row in refusals(app)] == [
        ("officer", "/desk/matters/4"),
        ("officer", "/desk/cases/370702-2026-0001"),
        ("officer", "/desk/cases/*"),
    ]


def test_a_form_without_its_token_is_on_record(app, site, as_user):
    client = as_user("officer")
    site.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/desk/unmasking/", data={}).status_code == 400
    assert [row["detail"]["code"] for row in refusals(app)] == ["CSRF"]


def test_a_public_page_that_is_not_there_is_no_refusal(app, visitor):
    assert visitor.get("/institutions/nobody").status_code == 404
    assert [row for row in refusals(app) if row["detail"]["code"] != "HTTP-404"] == []


def test_a_command_that_is_refused_is_on_record_and_a_flood_is_not(app, monkeypatch):
    monkeypatch.chdir(app.config.folder)
    for name in ["viewer", *["查无此人张三"] * 25]:
        result = CliRunner().invoke(main, ["--as", name, "retention", "propose", "--reason", "x"])
        assert result.exit_code == 1
    rows = refusals(app, "command.refused")
    assert len(rows) == 20
    assert {row["object"] for row in rows} == {"retention propose"}
    assert "张三" not in str([dict(row) for row in rows])
    assert rows[0]["detail"] == {"code": "ROLE"}


def test_who_strays_keeps_their_menu_and_a_stranger_has_none(app, site, as_user, visitor):
    for answer in (
        as_user("officer").get("/desk/no-such-page"),
        as_user("officer").post("/desk/no-such-page"),
        as_user("officer").post("/desk/district/"),  # there is nothing to send
    ):
        assert answer.status_code in (404, 405)
        assert "待办事项" in answer.text
        assert "officer · 经办人员" in answer.text
    stray = visitor.get("/desk/no-such-page")
    assert stray.status_code == 404
    assert "待办事项" not in stray.text
    assert {row["actor"] for row in refusals(app)} == {"officer", "nobody"}


def test_a_program_that_strays_is_named_and_a_wrong_token_is_none(app, site):
    token = issue_token(app, "program", actor="administrator", scopes=["read"])
    for word in (token, "wrong"):
        head = {"Authorization": f"Bearer {word}"}
        answer = site.test_client().get("/api/v1/no-such-thing", headers=head)
        assert (answer.status_code, answer.json["code"]) == (404, "HTTP-404")
    assert [row["actor"] for row in refusals(app)] == ["program", "nobody"]
