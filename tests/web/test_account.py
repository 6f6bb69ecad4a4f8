"""Log-in and log-out, the brake on guessing, passwords, sessions."""

import datetime as dt
import re

import pytest

from feewatch.config import Config, Web
from feewatch.kernel import clock
from feewatch.services.people import users
from feewatch.web.site import create_app

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


def without_token(page):
    return re.sub('name="csrf_token" value="[^"]*"', "", page)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor):
    wrong, unknown = log_in(visitor, password="no"), log_in(visitor, "nobody", "no")
    assert wrong.status_code == unknown.status_code == 403
    assert "用户名或密码不正确" in wrong.text
    assert without_token(wrong.text).replace("officer", "nobody") == without_token(unknown.text)


def test_after_ten_failures_even_the_right_password_waits_a_quarter_of_an_hour(visitor):
    for _ in range(10):
        assert log_in(visitor, password="no").status_code == 403
    assert log_in(visitor).status_code == 429
    with clock.fixed(clock.now() + dt.timedelta(minutes=15, seconds=1)):
        assert log_in(visitor).status_code == 302


def test_the_brake_counts_an_address_over_all_names():
    brake = users.Brake(address_limit=2)
    brake.failed("a", "1")
    brake.check("c", "1")
    brake.failed("b", "1")
    brake.check("c", "2")
    with pytest.raises(users.TooManyAttemptsError):
        brake.check("c", "1")


def test_the_brake_forgets_the_oldest_counts_so_that_memory_is_bounded():
    brake = users.Brake(name_limit=1, keys=3)
    for number in range(5):
        brake.failed(f"name {number}", "1")
    brake.check("name 0", "1")
    with pytest.raises(users.TooManyAttemptsError):
        brake.check("name 4", "1")


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
        (PASSWORD, "1234567", "1234567", 400),
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
