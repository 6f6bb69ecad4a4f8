"""Log-in at a real identity provider, a process of its own, by real requests."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import text

from feewatch.bootstrap import App
from feewatch.config import Oidc, People
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.services.people import identities, users
from feewatch.web.site import create_app
from tests.web.conftest import PASSWORD

PROVIDER = Path(__file__).parents[1] / "gateways" / "provider.py"


@pytest.fixture(scope="module")
def issuer():
    command = [sys.executable, str(PROVIDER), "feewatch", "a secret of ours"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as provider:
        try:
            yield provider.stdout.readline().strip()
        finally:
            provider.kill()


@pytest.fixture(autouse=True)
def _clock():
    """The provider lives in the present, and so do these tests."""


@pytest.fixture
def office(app, issuer, tmp_path):
    """A way to make the site of an office with this provider."""
    (tmp_path / "client.secret").write_text("a secret of ours\n", encoding="utf-8")

    def make(*, people=None, **oidc):
        values = {"issuer": issuer, "client_id": "feewatch", "client_secret_file": "client.secret"}
        config = replace(app.config, oidc=Oidc(**(values | oidc)), people=people or People())
        site = create_app(App(config, app.database))
        site.config["WTF_CSRF_ENABLED"] = False
        return site

    return make


def way_back(client, name, *, start="/account/provider"):
    """The address to which the provider sends the browser of who logs in there by a name."""
    out = client.get(start).location
    with requests.Session() as browser:
        browser.trust_env = False
        assert browser.get(out, timeout=10).status_code == 200
        answer = browser.post(out, data={"name": name}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come_in(client, name, **more):
    return client.get(way_back(client, name, **more))


def acts(app):
    with app.database.reading() as tx:
        return tx.execute(text("SELECT actor, action, detail FROM audit ORDER BY id")).all()


def test_a_person_on_file_comes_in_by_the_claim_and_then_by_the_subject(app, office):
    site = office()
    client = site.test_client()
    assert "/account/provider" in client.get("/account/login").text
    answer = come_in(client, "officer", start="/account/provider?next=/desk/alerts")
    assert answer.location == "/desk/alerts"
    assert client.get("/desk/cases/").status_code == 200
    assert "统一身份认证" in client.get("/account/sessions").text
    assert [act.action for act in acts(app)][-2:] == ["identity.link", "log_in"]
    with app.database.transaction() as tx:  # the person has another name now: the subject counts
        tx.execute(text("UPDATE app_user SET name = 'li' WHERE name = 'officer'"))
    assert come_in(site.test_client(), "officer").location == "/desk/today"
    assert acts(app)[-1].actor == "li"


def test_the_way_out_has_pkce_state_and_nonce(office, issuer):
    out = urlsplit(office().test_client().get("/account/provider").location)
    asked = parse_qs(out.query)
    assert f"{out.scheme}://{out.netloc}" == issuer
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) >= 30
    assert len(asked["nonce"][0]) >= 30
    assert "openid" in asked["scope"][0].split()
    assert "a secret of ours" not in out.query


@pytest.mark.parametrize("name", ["stranger", "ghost"])
def test_nobody_is_made_by_the_provider(app, office, name):
    client = office().test_client()
    refused = come_in(client, name)
    assert refused.status_code == 403
    assert "没有对应的用户" in refused.text
    assert client.get("/desk/cases/").status_code == 302
    assert ("?", "log_in.failed") in {(act.actor, act.action) for act in acts(app)}
    with app.database.reading() as tx:
        assert tx.execute(text("SELECT * FROM app_user WHERE name = :n"), {"n": name}).all() == []


@pytest.mark.parametrize("kind", ["nonce", "key", "issuer", "audience", "time"])
def test_a_proof_that_does_not_hold_lets_nobody_in(app, office, kind):
    with app.database.transaction() as tx:
        tx.execute(
            text("UPDATE app_user SET name = :n WHERE name = 'officer'"), {"n": f"bad-{kind}"}
        )
    client = office().test_client()
    refused = come_in(client, f"bad-{kind}")
    assert refused.status_code == 403
    assert "证明无效" in refused.text
    assert client.get("/desk/cases/").status_code == 302


def test_an_answer_to_another_browser_or_one_twice_is_refused(office):
    site = office()
    mine, other = site.test_client(), site.test_client()
    back = way_back(mine, "officer")
    assert "这不是本浏览器发起的登录" in other.get(back).text
    other.get("/account/provider")
    assert "这不是本浏览器发起的登录" in other.get(back).text
    assert mine.get(back).status_code == 302
    assert mine.get(back).status_code == 400
    forged = site.test_client()
    out = parse_qs(urlsplit(forged.get("/account/provider").location).query)
    answer = forged.get(f"/account/provider/back?code=made-up&state={out['state'][0]}")
    assert answer.status_code == 403
    assert "不认可这次登录" in answer.text
    assert "未予登录" in come_in(site.test_client(), "nobody").text


def test_the_verified_claim_is_the_configured_one(office):
    by_mail = office(claim="email")
    assert come_in(by_mail.test_client(), "doubtful").status_code == 403  # not verified
    assert come_in(office(claim="").test_client(), "officer").status_code == 403


def test_an_administrator_links_and_cuts(app, office):
    site = office(claim="")
    here = site.extensions["feewatch"]
    identities.link(here, "officer", "subject-of-zhang", actor="administrator")
    with pytest.raises(ConflictError):
        identities.link(here, "reviewer", "subject-of-zhang", actor="administrator")
    client = site.test_client()
    assert come_in(client, "zhang").location == "/desk/today"
    identities.unlink(here, "officer", actor="administrator")
    assert client.get("/desk/cases/").status_code == 302
    assert come_in(site.test_client(), "zhang").status_code == 403
    with pytest.raises(NotFoundError):
        identities.unlink(here, "officer", actor="administrator")


def test_a_disabled_person_stays_out(app, office):
    users.disable_user(app, "officer", actor="administrator")
    assert come_in(office().test_client(), "officer").status_code == 403


def test_a_second_factor_of_ours_is_wanted_unless_the_provider_asked_for_two(office):
    site = office(people=People(second_factor=["officer"]))
    assert come_in(site.test_client(), "officer").location == "/account/second-factor"
    assert come_in(site.test_client(), "officer-strong").location == "/desk/today"


def test_passwords_may_be_switched_off_for_roles(office):
    site = office(people=People(password_off=["officer"]))
    form = {"name": "officer", "password": PASSWORD}
    refused = site.test_client().post("/account/login", data=form)
    assert refused.status_code == 403
    assert "统一身份认证" in refused.text
    wrong = site.test_client().post("/account/login", data=form | {"password": "no"})
    assert "用户名或密码不正确" in wrong.text
    other = site.test_client().post("/account/login", data=form | {"name": "reviewer"})
    assert other.status_code == 302
    assert come_in(site.test_client(), "officer").location == "/desk/today"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"issuer": "http://127.0.0.1:9"}, 503, "没有正确应答"),
        ({"issuer": "http://login.example.cn"}, 400, "须为 https"),
        ({"client_secret_file": "none"}, 503, "无法读取 oidc.client_secret_file"),
        ({"issuer": ""}, 404, "未配置身份认证平台"),
    ],
)
def test_each_failure_has_a_plain_word(office, change, status, words):
    answer = office(**change).test_client().get("/account/provider")
    assert answer.status_code == status
    assert words in answer.text


def test_a_provider_that_says_to_be_another_is_not_believed(office, issuer):
    other = office(issuer=issuer.replace("127.0.0.1", "localhost"))
    assert "自称" in other.test_client().get("/account/provider").text


def test_a_wrong_secret_is_told(office, tmp_path):
    client = office().test_client()
    back = way_back(client, "officer")
    (tmp_path / "client.secret").write_text("not it", encoding="utf-8")
    assert "不认可这次登录" in client.get(back).text
