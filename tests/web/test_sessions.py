"""Sessions: one row each for all processes, with an end, listed and ended by the person."""

import datetime as dt
import threading

import pytest
import requests
from sqlalchemy import select, text

from feewatch.bootstrap import App
from feewatch.config import Config, Web
from feewatch.kernel import clock
from feewatch.services.people import users
from feewatch.store.tables.log_ins import log_in_session
from feewatch.web.site import create_app
from tests.web.conftest import PASSWORD
from tests.web.test_server import PASSWORD as SERVED_PASSWORD
from tests.web.test_server import log_in, serving

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"


def enter(client, name="officer", password=PASSWORD, agent=FIREFOX, address="10.0.0.1"):
    return client.post(
        "/account/login",
        data={"name": name, "password": password},
        headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": address},
    )


def is_in(client) -> bool:
    return client.get("/desk/cases/").status_code == 200


def rows(app):
    with app.database.reading() as tx:
        return tx.execute(select(log_in_session).order_by(log_in_session.c.id)).all()


def later(**span):
    return clock.fixed(clock.now() + dt.timedelta(**span))


def test_a_session_is_kept_as_a_hash_with_where_it_came_from(app, site):
    client = site.test_client()
    enter(client)
    (row,) = rows(app)
    assert (row.address, row.browser, row.factor) == ("10.0.0.1", "Firefox", "password")
    assert (row.made_at, row.ends_at) == ("2026-07-15T10:00:00+08:00", "2026-07-15T22:00:00+08:00")
    with client.session_transaction() as session:
        assert session["word"] not in str(row)
    enter(site.test_client(), agent=EDGE)
    assert rows(app)[1].browser == "Edge"


def test_it_is_over_after_an_hour_without_a_request_or_twelve_with(site):
    client = site.test_client()
    enter(client)
    begun = clock.now()
    for minutes in (50, 100):  # each request begins the hour anew
        with clock.fixed(begun + dt.timedelta(minutes=minutes)):
            assert is_in(client)
    with clock.fixed(begun + dt.timedelta(minutes=161)):
        assert not is_in(client)
    enter(client)
    for minutes in range(0, 12 * 60, 30):
        with clock.fixed(begun + dt.timedelta(minutes=minutes)):
            assert is_in(client)
    with clock.fixed(begun + dt.timedelta(hours=12)):
        assert not is_in(client)


def test_last_seen_is_put_down_once_a_minute_and_never_waited_for(app, site):
    client = site.test_client()
    enter(client)
    with later(seconds=59):
        assert is_in(client)
    assert rows(app)[0].seen_at == rows(app)[0].made_at
    with later(minutes=2):
        with app.database.transaction():  # somebody writes for long
            answered = threading.Event()
            moment = clock.now()

            def ask() -> None:
                with clock.fixed(moment):
                    if is_in(client):
                        answered.set()

            asking = threading.Thread(target=ask)
            asking.start()
            assert answered.wait(10)
            asking.join()
        assert rows(app)[0].seen_at == rows(app)[0].made_at
        assert is_in(client)
        assert rows(app)[0].seen_at == clock.timestamp()


def test_a_person_sees_their_sessions_alone_and_ends_one(app, site):
    here, there, other = (site.test_client() for _ in range(3))
    enter(here)
    enter(there, agent=EDGE, address="10.9.9.9")
    enter(other, "reviewer")
    page = here.get("/account/sessions").text
    assert "10.9.9.9" in page
    assert page.count("<tr>") == 3  # the head and two sessions
    _, second, third = rows(app)
    assert here.post(f"/account/sessions/{third.id}/end").status_code == 404
    assert is_in(other)
    assert here.post(f"/account/sessions/{second.id}/end").status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert rows(app)[1].ended_by == "officer"
    assert here.post(f"/account/sessions/{second.id}/end").status_code == 404


def test_all_others_end_at_one_word_and_it_stands_on_record(app, site):
    clients = [site.test_client() for _ in range(4)]
    for client in clients:
        enter(client)
    assert clients[2].post("/account/sessions/end-others").status_code == 302
    assert [is_in(client) for client in clients] == [False, False, True, False]
    with app.database.reading() as tx:
        wanted = text("SELECT * FROM audit WHERE action = 'session.end_others'")
        act = tx.execute(wanted).one()
    assert (act.actor, act.action, act.object) == ("officer", "session.end_others", "officer")
    assert '"sessions": 3' in str(act.detail)


@pytest.mark.parametrize(
    "act",
    [
        lambda app: users.reset_password(app, "officer", "another horse", actor="admin"),
        lambda app: users.disable_user(app, "officer", actor="admin"),
    ],
    ids=["reset", "disable"],
)
def test_what_another_does_to_a_log_in_ends_all_its_sessions_by_their_name(app, site, act):
    clients = [site.test_client() for _ in range(2)]
    for client in clients:
        enter(client)
    act(app)
    assert [is_in(client) for client in clients] == [False, False]
    assert {row.ended_by for row in rows(app)} == {"admin"}


def test_a_session_begun_with_a_password_that_was_just_reset_is_none(app, site):
    """The person was looked up before the reset, the session begun after it."""
    with app.database.transaction() as tx:
        tx.execute(text("UPDATE app_user SET session_epoch = 7 WHERE name = 'officer'"))
    client = site.test_client()
    enter(client)
    assert is_in(client)
    with app.database.transaction() as tx:  # as if the reset had come between
        tx.execute(text("UPDATE app_user SET session_epoch = 8 WHERE name = 'officer'"))
    assert not is_in(client)


def test_a_new_log_in_of_the_same_browser_ends_the_one_before(app, site):
    client = site.test_client()
    enter(client)
    copied = client.get_cookie("feewatch").value
    enter(client, "reviewer")
    thief = site.test_client()
    thief.set_cookie("feewatch", copied)
    assert not is_in(thief)
    assert is_in(client)


def test_the_last_log_in_and_what_failed_since_are_said_after_the_log_in(site):
    client = site.test_client()
    enter(client)
    assert "上次登录" not in client.get("/desk/cases/").text
    stranger = site.test_client()
    for _ in range(2):
        enter(stranger, password="no", address="203.0.113.9")
    with later(minutes=1):
        enter(client, address="10.0.0.2")
        page = client.get("/desk/cases/").text
        assert "上次登录：2026-07-15 10:00，来自 10.0.0.1；此后登录失败 2 次" in page
        assert "此后登录失败 2 次" in client.get("/account/sessions").text
    with later(minutes=2):
        enter(client)
        assert "来自 10.0.0.2</div>" in client.get("/desk/cases/").text


def test_over_tls_the_cookie_is_of_this_host_alone(app):
    config = Config(folder=app.config.folder, web=Web(secure_cookies=True))
    site = create_app(App(config, app.database))
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    answer = client.post(
        "/account/login",
        data={"name": "officer", "password": PASSWORD},
        base_url="https://localhost",
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-feewatch=")
    assert "; Secure;" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_two_processes_on_one_database_know_the_same_sessions(tmp_path):
    """In on one, known on the other, ended there, dead on the first, also as a copy."""
    with (
        serving(tmp_path, "secure_cookies = false\n") as (one, _),
        serving(tmp_path, "secure_cookies = false\n", is_new=False) as (other, _),
    ):
        person, copy = requests.Session(), requests.Session()
        assert log_in(person, one, SERVED_PASSWORD).status_code == 302
        copy.cookies.update(person.cookies.get_dict())
        for address in (one, other):
            answer = person.get(f"{address}/desk/cases/", allow_redirects=False, timeout=20)
            assert answer.status_code == 200
        page = person.get(f"{other}/account/sessions", timeout=20).text
        form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
        left = person.post(f"{other}/account/logout", data=form, allow_redirects=False, timeout=20)
        assert left.status_code == 302
        for session, address in ((copy, one), (copy, other), (person, one)):
            answer = session.get(f"{address}/desk/cases/", allow_redirects=False, timeout=20)
            assert answer.status_code == 302
