"""Tokens: made for something and until a day, listed, ended; passwords open the API no more."""

import datetime as dt
import re

import pytest
from sqlalchemy import select, text

from feewatch.kernel import clock
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.people.api_tokens import SCOPES, issue_token
from feewatch.store.tables.operations import api_token
from feewatch.web.access import ANYONE, entry_of, scopes_of
from feewatch.web.api import description
from tests.web.conftest import PASSWORD

FORM = {"password": PASSWORD, "scope": "read", "days": "30", "note": "报表程序"}


def ask(client, token, path="/matters", method="get"):
    return getattr(client, method)(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})


def later(**span):
    return clock.fixed(clock.now() + dt.timedelta(**span))


def rows(app):
    with app.database.reading() as tx:
        return tx.execute(select(api_token).order_by(api_token.c.id)).all()


def test_a_token_does_what_it_was_made_for_and_nothing_else(app, visitor):
    reads = issue_token(app, "program", actor="cli", scopes=["read"])
    sends = issue_token(app, "program", actor="cli")
    decides = issue_token(app, "officer", actor="cli", scopes=["decide"])
    assert ask(visitor, reads).status_code == 200
    for token, path, method, wanted in (
        (sends, "/matters", "get", "read"),
        (reads, "/statements", "post", "hand-in"),
        (decides, "/decisions", "get", "read"),
        (issue_token(app, "officer", actor="cli", scopes=["read"]), "/decisions", "post", "decide"),
    ):
        refused = ask(visitor, token, path, method)
        assert (refused.status_code, refused.json["code"]) == (403, "TOKEN-SCOPE")
        assert f'scope="{wanted}"' in refused.headers["WWW-Authenticate"]
    assert ask(visitor, sends, "/statements", "post").status_code != 403
    assert ask(visitor, sends, "/statements/" + "ab" * 32).status_code == 200


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("program", ["decide"], 1), ("officer", ["hand-in"], 1), ("program", (), 0),
     ("program", (), 366), ("program", ["all"], 1)],
)  # fmt: skip
def test_what_a_token_may_not_be_is_refused(app, name, scopes, days):
    with pytest.raises(InvalidInputError):
        issue_token(app, name, actor="cli", scopes=scopes, days=days)
    assert rows(app) == []


def test_a_token_ends_at_its_day(app, visitor):
    token = issue_token(app, "program", actor="cli", scopes=["read"])
    with later(days=180, seconds=-1):
        assert ask(visitor, token).status_code == 200
    with later(days=180):
        over = ask(visitor, token)
        assert (over.status_code, over.json["code"]) == (401, "TOKEN-EXPIRED")


def test_its_use_is_put_down_once_an_hour_the_first_on_record(app, visitor):
    token = issue_token(app, "program", actor="cli", scopes=["read"])
    assert rows(app)[0].used_at is None
    with app.database.transaction():  # who writes holds nobody up
        assert ask(visitor, token).status_code == 200
    assert rows(app)[0].used_at is None
    for minutes in (0, 30, 59, 60):
        with later(minutes=minutes):
            ask(visitor, token)
    assert rows(app)[0].used_at == "2026-07-15T11:00:00+08:00"
    assert rows(app)[0].used_from == "127.0.0.1"
    with app.database.reading() as tx:
        acts = tx.execute(
            text("SELECT action, detail FROM audit WHERE action LIKE '%token%'")
        ).all()
    assert [act.action for act in acts] == ["user.token", "token.first_use"]
    assert token not in str(acts)


def test_a_person_makes_lists_and_ends_tokens_on_their_page(app, as_user, visitor):
    officer = as_user("officer")
    for wrong in ({"password": "guess"}, {"days": "366"}, {"days": "x"}, {"scope": "hand-in"}):
        assert officer.post("/account/tokens", data=FORM | wrong).status_code in (400, 403)
    page = officer.post("/account/tokens", data=FORM).text
    token = re.search(r'<p class="mono break">([\w-]{43})</p>', page)[1]
    assert ask(visitor, token).status_code == 200
    listed = officer.get("/account/tokens").text
    assert "报表程序" in listed
    assert "2026-08-14 10:00" in listed
    assert token not in listed
    assert as_user("reviewer").post("/account/tokens/1/end").status_code == 404
    assert officer.post("/account/tokens/1/end").status_code == 302
    assert ask(visitor, token).json["code"] == "TOKEN-UNKNOWN"
    assert rows(app)[0].revoked_by == "officer"
    assert "令牌已结束" in officer.get("/messages/").text
    assert as_user("viewer").get("/account/tokens").status_code == 403


def test_names_and_passwords_open_nothing_and_the_answer_says_what_does(visitor):
    for path in ("/matters", "/lists"):
        answer = visitor.get(f"/api/v1{path}", auth=("program", PASSWORD))
        assert (answer.status_code, answer.json["code"]) == (401, "BASIC-ENDED")
        assert "feewatch user token" in answer.json["message"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="feewatch"'


def test_the_description_names_the_scopes_that_the_routes_ask(site):
    for rule in site.url_map.iter_rules():
        if not rule.endpoint.startswith("api.") or entry_of(site, rule.endpoint) == ANYONE:
            continue
        wanted = scopes_of(site, rule.endpoint)
        assert set(wanted) <= set(SCOPES)
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
        (method,) = {each.lower() for each in rule.methods} - {"head", "options"}
        if method == "post":
            assert "read" not in wanted, rule
        document = description()
        security = document["paths"][path][method].get("security", document["security"])
        assert [each["bearer"] for each in security if "bearer" in each] == [[w] for w in wanted]
        assert ({"session": []} in security) == (method == "get"), path
