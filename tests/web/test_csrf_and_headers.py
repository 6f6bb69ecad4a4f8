"""Forms need the site's own token; every answer carries the headers that keep a page closed."""

import re
from dataclasses import replace

import pytest

from feewatch.web.site import create_app

PASSWORD = "correct horse"
HSTS = "Strict-Transport-Security"


@pytest.fixture
def strict(site):
    site.config["WTF_CSRF_ENABLED"] = True
    return site.test_client()


def token(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def log_in(client):
    form = {"name": "officer", "password": PASSWORD}
    form["csrf_token"] = token(client.get("/account/login").text)
    return client.post("/account/login", data=form)


@pytest.mark.parametrize(
    "address",
    [
        "/account/login",
        "/account/logout",
        "/account/password",
        "/desk/matters/1/case",
        "/desk/cases/370702-2026-0001/steps",
    ],
)
def test_a_form_without_the_token_is_refused_in_words(strict, address):
    log_in(strict)
    answer = strict.post(address, data={"step": "triage", "reason": "x", "name": "officer"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


@pytest.mark.parametrize("address", ["/own/upload", "/own/cases/x/steps"])
def test_the_same_holds_for_an_institution(strict, address):
    form = {"name": "luzhi", "password": PASSWORD}
    form["csrf_token"] = token(strict.get("/account/login").text)
    strict.post("/account/login", data=form)
    assert "页面已过期" in strict.post(address, data={"step": "submit"}).text


def test_a_token_of_another_session_is_refused(site, strict):
    foreign = token(site.test_client().get("/account/login").text)
    form = {"name": "officer", "password": PASSWORD, "csrf_token": foreign}
    assert strict.post("/account/login", data=form).status_code == 400


def test_with_the_token_the_officer_logs_in_and_opens_a_case(strict):
    assert log_in(strict).status_code == 302
    form = {
        "step": "triage",
        "reason": "核实",
        "csrf_token": token(strict.get("/desk/alerts/A0red").text),
    }
    answer = strict.post("/desk/matters/1/case", data=form)
    assert answer.location == "/desk/cases/370702-2026-0001"


@pytest.mark.parametrize(
    "address", ["/", "/account/login", "/nothing", "/api/v1/matters", "/desk/"]
)
def test_every_answer_keeps_scripts_frames_and_strangers_out(visitor, address):
    headers = visitor.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_of_a_person_are_kept_in_no_cache(as_user):
    assert as_user("officer").get("/desk/").headers["Cache-Control"] == "no-store"


def test_over_tls_browsers_are_told_to_stay_with_it(visitor):
    answer = visitor.get("/", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age")
    assert "Strict-Transport-Security" not in visitor.get("/").headers


def test_only_who_wants_it_binds_the_names_below_to_tls(site, visitor):
    assert "includeSub" not in visitor.get("/", base_url="https://localhost").headers[HSTS]
    app = site.extensions["feewatch"]
    web = replace(app.config.web, hsts_subdomains=True)
    wide = create_app(replace(app, config=replace(app.config, web=web))).test_client()
    answer = wide.get("/", base_url="https://localhost")
    assert answer.headers[HSTS] == "max-age=31536000; includeSubDomains"


def test_no_page_has_a_script_an_inline_style_or_a_foreign_address(as_user, visitor, open_case):
    number = open_case(1)
    pages = [as_user("officer").get(f"/desk/cases/{number}"), visitor.get("/")]
    pages.append(as_user("officer").get("/desk/institutions/52370702651728628K"))
    pages.append(as_user("luzhi").get("/own/"))
    for page in pages:
        assert page.status_code == 200
        assert not re.search(r"<script|\son\w+=|\sstyle=|(src|href)=\"(https?:)?//", page.text)


def test_a_browser_is_emptied_at_the_end_but_for_visits_that_wait_on_a_phone(as_user):
    for name, emptied in (("viewer", '"cache", "storage"'), ("officer", '"cache"')):
        answer = as_user(name).post("/account/logout")
        assert answer.headers["Clear-Site-Data"] == emptied
