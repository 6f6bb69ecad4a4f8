"""The second factor: set up by a code, asked for at each log-in, each code once."""

import datetime as dt
import re
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import text

from feewatch.bootstrap import App
from feewatch.config import People
from feewatch.founding import initialise
from feewatch.kernel import clock
from feewatch.kernel.errors import ConflictError, UnavailableError
from feewatch.services.people import second_factors, users
from feewatch.services.people.acting import find_person
from feewatch.web.site import create_app
from tests.web.conftest import PASSWORD


def log_in(client, name="officer", password=PASSWORD, **more):
    return client.post("/account/login", data={"name": name, "password": password} | more)


def later(**span):
    return clock.fixed(clock.now() + dt.timedelta(**span))


def code_of(secret, **shift):
    return pyotp.TOTP(secret).at(clock.now() + dt.timedelta(**shift))


def secret_on(page: str) -> str:
    return re.search(r'<p class="mono break">([A-Z2-7 ]+)</p>', page)[1].replace(" ", "")


def set_up(client) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a person who set up a second factor by the pages."""
    assert (
        client.post("/account/second-factor/begin", data={"password": PASSWORD}).status_code == 302
    )
    page = client.get("/account/second-factor").text
    assert 'class="qr"' in page
    secret = secret_on(page)
    answer = client.post("/account/second-factor/confirm", data={"code": code_of(secret)})
    return secret, re.findall(r"<li>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</li>", answer.text)


def acts(app):
    with app.database.reading() as tx:
        return tx.execute(text("SELECT action, detail FROM audit ORDER BY id")).all()


@pytest.fixture
def officer(app):
    """The secret and the recovery codes of an officer with a second factor."""
    person = find_person(app, "officer")
    second_factors.begin(app, person)
    secret = second_factors.read_state(app, person).enrolment.secret
    with clock.fixed(clock.now() - dt.timedelta(hours=1)):
        return secret, second_factors.confirm(app, person, code_of(secret), "10.0.0.1")[1]


def test_a_person_sets_it_up_and_is_asked_for_a_code_from_then_on(app, as_user, visitor):
    here, elsewhere = as_user("officer"), as_user("officer")
    secret, codes = set_up(here)
    assert len(set(codes)) == 10
    assert here.get("/desk/cases/").status_code == 200
    assert elsewhere.get("/desk/cases/").status_code == 302  # other sessions ended
    assert "启用" in here.get("/messages/").text
    asked = log_in(visitor, next="/desk/alerts")
    assert asked.location == "/account/code?next=/desk/alerts"
    assert visitor.get("/desk/cases/").location == "/account/code"
    with later(minutes=1):
        form = {"code": code_of(secret), "next": "/desk/alerts"}
        assert visitor.post("/account/code", data=form).location == "/desk/alerts"
        assert visitor.get("/desk/cases/").status_code == 200
        assert visitor.get("/account/code").location == "/desk/today"
    kept = str(acts(app))
    assert secret not in kept
    assert codes[0] not in kept
    logged = [row for row in acts(app) if row.action != "request.refused"]
    assert [row.action for row in logged[-2:]] == ["log_in.password", "log_in"]
    assert '"factor": "code"' in str(logged[-1].detail)


def test_half_a_log_in_opens_nothing(site, officer, visitor):
    log_in(visitor)
    for address in ("/desk/cases/", "/account/password", "/account/sessions", "/messages/"):
        assert visitor.get(address).location == "/account/code"
    assert visitor.get("/account/second-factor").location == "/account/code"
    assert visitor.post("/account/second-factor/remove").location == "/account/code"
    assert visitor.get("/api/v1/matters").status_code == 403
    page = visitor.get("/")
    assert page.status_code == 200
    assert "退出" not in page.text
    assert visitor.post("/account/logout").status_code == 302
    assert visitor.get("/account/code").location.startswith("/account/login")


def test_half_a_log_in_is_over_after_ten_minutes(officer, visitor):
    log_in(visitor)
    with later(minutes=10):
        answer = visitor.post("/account/code", data={"code": code_of(officer[0])})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("seconds", "may"), [(0, True), (-30, True), (30, True), (60, False), (-60, False)]
)
def test_the_code_before_and_the_one_after_count_too(officer, visitor, seconds, may):
    log_in(visitor)
    answer = visitor.post("/account/code", data={"code": code_of(officer[0], seconds=seconds)})
    assert answer.status_code == (302 if may else 403)


def test_no_code_is_taken_twice_nor_an_earlier_one_after_it(officer, site):
    code, earlier = code_of(officer[0]), code_of(officer[0], seconds=-30)
    first, second = site.test_client(), site.test_client()
    for client in (first, second):
        log_in(client)
    assert first.post("/account/code", data={"code": code}).status_code == 302
    for typed in (code, earlier):
        refused = second.post("/account/code", data={"code": typed})
        assert refused.status_code == 403
        assert "已用过" in refused.text
        assert f'value="{typed}"' not in refused.text


def test_a_recovery_code_lets_in_once_however_it_is_typed(app, officer, site):
    code = officer[1][3]
    for status, typed in ((302, code.upper().replace("-", " ")), (403, code)):
        client = site.test_client()
        log_in(client)
        assert client.post("/account/code", data={"code": typed}).status_code == status
    state = second_factors.read_state(app, find_person(app, "officer"))
    assert state.recovery_left == 9
    client = site.test_client()
    log_in(client)
    client.post("/account/code", data={"code": code_of(officer[0])})
    assert "还剩 9 个" in client.get("/messages/").text


def test_wrong_codes_are_braked_and_the_right_password_does_not_begin_anew(officer, visitor):
    for _ in range(5):
        log_in(visitor)
        assert visitor.post("/account/code", data={"code": "000000"}).status_code == 403
    log_in(visitor)
    refused = visitor.post("/account/code", data={"code": code_of(officer[0])})
    assert refused.status_code == 429
    with later(seconds=30):
        assert visitor.post("/account/code", data={"code": code_of(officer[0])}).status_code == 302
        assert "动态码错误" in visitor.get("/messages/").text


def test_where_a_role_needs_it_the_first_log_in_sets_it_up(app):
    config = replace(app.config, people=People(second_factor=["officer"]))
    site = create_app(App(config, app.database))
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    assert log_in(client).location == "/account/second-factor"
    assert client.get("/desk/cases/").location == "/account/second-factor"
    assert "设置后方可继续" in client.get("/account/second-factor").text
    assert (
        client.post("/account/second-factor/begin").status_code == 302
    )  # the password was just typed
    secret = secret_on(client.get("/account/second-factor").text)
    wrong = client.post("/account/second-factor/confirm", data={"code": "123"})
    assert wrong.status_code == 403
    shown = client.post("/account/second-factor/confirm", data={"code": code_of(secret)})
    assert "备用码" in shown.text
    assert client.get("/desk/cases/").status_code == 200
    refused = client.post("/account/second-factor/remove", data={"password": PASSWORD})
    assert refused.status_code == 403
    assert "必须使用动态码" in refused.text
    assert log_in(site.test_client(), "reviewer").location == "/desk/today"


def test_an_administrator_takes_a_lost_one_away_on_record(app, officer, site):
    client = site.test_client()
    log_in(client)
    client.post("/account/code", data={"code": code_of(officer[0])})
    second_factors.reset(app, "officer", actor="administrator")
    assert client.get("/desk/cases/").status_code == 302  # its sessions ended
    assert log_in(client).location == "/desk/today"
    assert "已停用" in client.get("/messages/").text
    with app.database.reading() as tx:
        act = tx.execute(
            text("SELECT actor, object FROM audit WHERE action = 'second_factor.remove'")
        )
        assert tuple(act.one()) == ("administrator", "officer")
    with pytest.raises(ConflictError):
        second_factors.reset(app, "officer", actor="administrator")


def test_a_session_without_the_password_changes_no_factor(officer, site):
    client = site.test_client()
    log_in(client)
    client.post("/account/code", data={"code": code_of(officer[0])})
    for act in ("recovery", "remove"):
        wrong = client.post(f"/account/second-factor/{act}", data={"password": "guess"})
        assert wrong.status_code == 403
    renewed = client.post("/account/second-factor/recovery", data={"password": PASSWORD}).text
    codes = re.findall(r"<li>([a-z2-7-]{14})</li>", renewed)
    assert len(codes) == 10
    assert not set(codes) & set(officer[1])
    gone = client.post("/account/second-factor/remove", data={"password": PASSWORD})
    assert gone.status_code == 302
    assert log_in(site.test_client()).location == "/desk/today"


def test_the_password_is_not_guessed_within_a_session(as_user):
    client = as_user("officer")
    form = {"old": "guess", "new": "another horse", "again": "another horse"}
    statuses = [client.post("/account/password", data=form).status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2


def test_the_secret_is_encrypted_for_its_person_by_a_key_outside_the_database(app, officer):
    with app.database.reading() as tx:
        rows = tx.execute(text("SELECT * FROM second_factor")).all()
        codes = tx.execute(text("SELECT * FROM recovery_code")).all()
    assert officer[0] not in str(rows)
    assert officer[1][0].replace("-", "") not in str(codes).replace("-", "")
    reviewer = find_person(app, "reviewer")
    with app.database.transaction() as tx:  # another's secret under one's own name
        tx.execute(text("UPDATE second_factor SET user_id = :id"), {"id": reviewer.id})
    with pytest.raises(UnavailableError, match="密钥 totp"):
        second_factors.require_code(app, reviewer, "000000", "10.0.0.1")


def test_no_new_key_is_made_where_the_old_one_is_missing(app, officer, site):
    (app.keys / "totp.key").unlink()
    initialise(app.config).database.dispose()
    assert not (app.keys / "totp.key").exists()
    client = site.test_client()
    log_in(client)
    refused = client.post("/account/code", data={"code": code_of(officer[0])})
    assert refused.status_code == 503
    assert "缺少密钥" in refused.text
    assert "totp.key" in refused.text


def test_people_are_told_of_what_happened_to_their_log_in(app, as_user):
    client = as_user("officer")
    form = {"old": PASSWORD, "new": "another horse", "again": "another horse"}
    client.post("/account/password", data=form)
    assert "您的密码已修改" in client.get("/messages/").text
    users.reset_password(app, "reviewer", "third big horse", actor="administrator")
    reviewer = find_person(app, "reviewer")
    with app.database.reading() as tx:
        told = tx.execute(
            text("SELECT text FROM message WHERE user_id = :id"), {"id": reviewer.id}
        ).all()
    assert "your password was reset by somebody else" in "".join(row.text for row in told)
