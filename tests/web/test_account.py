"""Log-in and log-out, the brake on guessing, passwords, sessions."""

import datetime as dt
import threading

import pytest
from sqlalchemy import text

from feewatch.config import Config, Web
from feewatch.kernel import clock
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.people import brake, users
from feewatch.web.site import create_app
from tests.web.conftest import without_token

PASSWORD = "correct horse"


def log_in(client, name="officer", password=PASSWORD, **more):
    return client.post("/account/login", data={"name": name, "password": password, **more})


def test_an_officer_lands_at_today_and_an_institution_at_its_own_page(site):
    assert log_in(site.test_client()).location == "/desk/today"
    assert log_in(site.test_client(), "luzhi").location == "/own/"


def test_after_log_in_one_goes_on_to_the_page_that_was_asked_for(visitor):
    asked = visitor.get("/desk/cases/?state=open")
    assert asked.location == "/account/login?next=/desk/cases/?state%3Dopen"
    assert 'value="/desk/cases/?state=open"' in visitor.get(asked.location).text
    assert log_in(visitor, next="/desk/cases/?state=open").location == "/desk/cases/?state=open"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "desk"],
)
def test_one_is_never_sent_to_another_site(visitor, elsewhere):
    assert log_in(visitor, next=elsewhere).location == "/desk/today"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor):
    wrong, unknown = log_in(visitor, password="no"), log_in(visitor, "nobody", "no")
    assert wrong.status_code == unknown.status_code == 403
    assert "用户名或密码不正确" in wrong.text
    assert without_token(wrong.text).replace("officer", "nobody") == without_token(unknown.text)


def test_each_failure_after_the_fifth_doubles_the_wait_also_for_the_right_password(visitor):
    begun = clock.now()
    for _ in range(5):
        assert log_in(visitor, password="no").status_code == 403
    with clock.fixed(begun):
        refused = log_in(visitor)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
    with clock.fixed(begun + dt.timedelta(seconds=30)):
        assert log_in(visitor, password="no").status_code == 403
        assert log_in(visitor).headers["Retry-After"] == "2"
    with clock.fixed(begun + dt.timedelta(seconds=32)):
        assert log_in(visitor).status_code == 302
        assert log_in(visitor, password="no").status_code == 403  # the count began anew


def test_a_person_known_at_an_address_is_not_locked_out_by_strangers(app, visitor):
    """Attacks 27 and 28: neither a name nor an address shuts out who came in from there before."""
    home, elsewhere = {"REMOTE_ADDR": "10.0.0.1"}, {"REMOTE_ADDR": "203.0.113.9"}
    form = {"name": "officer", "password": PASSWORD}
    assert visitor.post("/account/login", data=form, environ_base=home).status_code == 302
    for number in range(60):  # from everywhere, under the officer's name
        with app.database.transaction() as tx:
            brake.count_failure(tx, "officer", f"198.51.100.{number}")
    for number in range(120):  # and from the office's own address under any name
        with app.database.transaction() as tx:
            brake.count_failure(tx, f"ghost{number}", "10.0.0.1")
    assert visitor.post("/account/login", data=form, environ_base=elsewhere).status_code == 429
    assert visitor.post("/account/login", data=form, environ_base=home).status_code == 302
    other = {"name": "reviewer", "password": PASSWORD}
    assert visitor.post("/account/login", data=other, environ_base=home).status_code == 429
    with clock.fixed(clock.now() + dt.timedelta(minutes=16)):
        assert visitor.post("/account/login", data=other, environ_base=home).status_code == 302


def test_the_counts_are_those_of_all_processes(app, site, visitor):
    another = create_app(app)
    another.config["WTF_CSRF_ENABLED"] = False
    for _ in range(5):
        assert log_in(visitor, password="no").status_code == 403
    assert log_in(another.test_client()).status_code == 429


def test_guesses_side_by_side_are_each_counted(site):
    tries = [
        threading.Thread(target=lambda: log_in(site.test_client(), password="no"))
        for _ in range(12)
    ]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert log_in(site.test_client()).status_code == 429


def test_log_ins_and_failures_stand_on_record_without_what_was_typed(app, visitor):
    log_in(visitor, "s3cret typed as a name", "no")
    log_in(visitor, password="no")
    log_in(visitor)
    with app.database.reading() as tx:
        rows = tx.execute(text("SELECT actor, action, detail FROM audit ORDER BY id")).all()
        kept = str(tx.execute(text("SELECT name FROM log_in_attempt")).all())
    told = [(row.actor, row.action) for row in rows if row.action.startswith("log_in")]
    assert told == [("?", "log_in.failed"), ("officer", "log_in.failed"), ("officer", "log_in")]
    assert "127.0.0.1" in str(rows[-1].detail)
    assert "s3cret" not in str(rows) + kept


def test_a_hash_of_an_earlier_release_is_made_anew_and_sessions_go_on(app, as_user, visitor):
    before = as_user("officer")
    assert log_in(visitor).status_code == 302
    with app.database.reading() as tx:
        row = tx.execute(text("SELECT password_hash FROM app_user WHERE name = 'officer'")).one()
    assert row.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert before.get("/desk/").status_code == 200
    assert log_in(visitor).status_code == 302


def test_a_password_that_was_reset_is_changed_before_anything_else(app, visitor):
    users.reset_password(app, "officer", "set by another", actor="test")
    assert log_in(visitor, password="set by another").location == "/account/password"
    assert visitor.get("/desk/").location == "/account/password"
    assert "此密码由他人重置" in visitor.get("/account/password").text
    same = {"old": "set by another", "new": "set by another", "again": "set by another"}
    assert "PASSWORD-SAME" in visitor.post("/account/password", data=same).text
    own = same | {"new": "another horse", "again": "another horse"}
    assert visitor.post("/account/password", data=own).status_code == 200
    assert visitor.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "passwordpassword",
        "password1234",
        "qwertyuiop12",
        "111111111111",
        "officer12345",
        "示例区教育局示例区教育局",  # the office's own words
        "370702370702",
    ],
)
def test_common_passwords_are_refused(app, password):
    with pytest.raises(InvalidInputError, match="密码"):
        users.reset_password(app, "officer", password, actor="test")


def test_logging_out_ends_the_session_also_for_a_copied_cookie(site, as_user):
    client = as_user("officer")
    copied = client.get_cookie("feewatch").value
    assert client.post("/account/logout").location == "/"
    thief = site.test_client()
    thief.set_cookie("feewatch", copied)
    assert thief.get("/desk/").status_code == 302


def test_a_session_ends_when_the_person_is_disabled(app, as_user):
    client = as_user("officer")
    users.disable_user(app, "officer", actor="test")
    assert client.get("/desk/").status_code == 302
    assert log_in(client).status_code == 403


def test_a_forged_session_is_no_session(visitor):
    visitor.set_cookie("feewatch", "eyJ1c2VyIjoxLCJlcG9jaCI6MX0.aaaa.bbbb")
    assert visitor.get("/desk/").status_code == 302


def test_a_person_changes_the_password_and_stays_logged_in_here_alone(as_user):
    here, elsewhere = as_user("officer"), as_user("officer")
    data = {"old": PASSWORD, "new": "another horse", "again": "another horse"}
    assert "密码已修改" in here.post("/account/password", data=data).text
    assert here.get("/desk/").status_code == 200
    assert elsewhere.get("/desk/").status_code == 302
    assert log_in(elsewhere, password="another horse").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "status"),
    [
        ("wrong one", "another horse", "another horse", 403),
        (PASSWORD, "12345678901", "12345678901", 400),
        (PASSWORD, "password1234", "password1234", 400),
        (PASSWORD, "another horse", "another hose", 400),
        (PASSWORD, "", "", 400),
    ],
)
def test_a_bad_change_of_password_changes_nothing(as_user, old, new, again, status):
    client = as_user("officer")
    data = {"old": old, "new": new, "again": again}
    assert client.post("/account/password", data=data).status_code == status
    assert client.get("/desk/").status_code == 200


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(visitor):
    cookie = log_in(visitor).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie


def test_with_secure_cookies_the_cookie_is_sent_over_tls_alone(app):
    config = Config(folder=app.config.folder, web=Web(secure_cookies=True))
    site = create_app(type(app)(config, app.database))
    site.config["WTF_CSRF_ENABLED"] = False
    answer = log_in(site.test_client())
    assert "Secure" in answer.headers["Set-Cookie"]
