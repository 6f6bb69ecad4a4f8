"""Statements handed in by programs: who may, same key and bytes, limits, a file's fate."""

import hashlib
import io

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sqlalchemy import func, insert, select

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import Config, Web
from feewatch.services.people import api_tokens, users
from feewatch.store.tables.ledger import source_file, statement
from feewatch.store.tables.operations import submission, user
from feewatch.web.api import description
from feewatch.web.site import create_app

ACCOUNT, WEICHENG, STRANGER = "26601891581262337", "36949345226647832", "6222000099990000"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"


def export(account=ACCOUNT, closing="600.00", day=10):
    row = f"{account},鲁智,CNY,2026-06-{day},09:00:00,,600.00,600.00,家长,62170001,HT3,1"
    return "\n".join(["期初余额,0.00", HEAD, row, f"期末余额,{closing}", ""]).encode()


@pytest.fixture
def token(app):
    return api_tokens.issue_token(app, "program", actor="cli")


@pytest.fixture
def send(visitor, token):
    def send(content, key=None, word=token, name="六月.csv"):
        headers = {"Authorization": f"Bearer {word}"} | ({"Idempotency-Key": key} if key else {})
        return visitor.post(f"/api/v1/statements?name={name}", data=content, headers=headers)

    return send


def count(app, table):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def add_program(app, name, *, district=None, institution=None):
    with app.database.transaction() as tx:
        tx.execute(
            insert(user).values(
                name=name, role="api", district=district, institution_id=institution,
                password_hash="-", disabled=False, session_epoch=1, created_at="2026-01-01",
            )
        )  # fmt: skip
    return api_tokens.issue_token(app, name, actor="cli")


@pytest.mark.parametrize(
    ("content", "http", "status"),
    [
        (export(), 201, "accepted"),
        (export(closing="700.00"), 202, "quarantined"),
        (b"\xff\xd8\xff", 422, "rejected"),
        (b"", 422, "rejected"),
    ],
)
def test_a_file_is_answered_with_its_fate_as_described(send, content, http, status):
    answer = send(content)
    assert (answer.status_code, answer.json["status"]) == (http, status)
    assert answer.json["file"] == "六月.csv"
    responses = description()["paths"]["/statements"]["post"]["responses"]
    schema = responses[str(http)]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": description()["components"]}).validate(answer.json)


def test_the_same_bytes_without_a_key_are_a_duplicate(send):
    send(export())
    again = send(export())
    assert (again.status_code, again.json["status"]) == (200, "duplicate")


def test_the_same_key_and_bytes_are_answered_the_same_again(app, send):
    first, again = send(export(), "k-1"), send(export(), "k-1")
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert count(app, submission) == 1


def test_the_same_key_with_other_bytes_is_a_conflict_and_nothing_is_kept(app, send):
    send(export(), "k-1")
    before = count(app, source_file)
    other = send(export(day=11), "k-1")
    assert (other.status_code, other.json["code"]) == (409, "IDEMPOTENCY-CONFLICT")
    assert count(app, source_file) == before
    assert send(export(day=11), "k-2").status_code == 201


def test_a_key_is_a_program_s_own(app, send):
    other = add_program(app, "second", district="370702")
    assert send(export(), "k-1").status_code == 201
    assert send(export(day=11), "k-1", other).status_code == 201


def test_a_key_that_was_claimed_by_a_process_that_died_is_answered_when_sent_again(app, send):
    with app.database.transaction() as tx:
        program = tx.scalar(select(user.c.id).where(user.c.name == "program"))
        tx.execute(
            insert(submission).values(
                user_id=program, idempotency_key="k-1", created_at="2026-07-15",
                sha256=hashlib.sha256(export()).hexdigest(),
            )
        )  # fmt: skip
    assert send(export(), "k-1").json["status"] == "accepted"
    assert send(export(day=11), "k-1").status_code == 409


@pytest.mark.parametrize("key", ["a b", "键", "x" * 201, "\x7f"])
def test_a_key_of_other_characters_or_too_long_is_refused(app, send, key):
    before = count(app, source_file)
    answer = send(export(), key.encode().decode("latin-1"))
    assert (answer.status_code, answer.json["code"]) == (400, "IDEMPOTENCY-KEY")
    assert count(app, source_file) == before


def test_statements_of_accounts_out_of_scope_are_refused_and_nothing_is_kept(app, send):
    before = count(app, source_file)
    of_luzhi = add_program(app, "luzhi-erp", institution=1)
    of_nanjing = add_program(app, "nanjing-bank", district="320100")
    for word, account in (
        (None, WEICHENG),
        (of_luzhi, WEICHENG),
        (of_nanjing, ACCOUNT),
        (of_nanjing, STRANGER),
    ):
        answer = send(export(account), **({"word": word} if word else {}))
        assert (answer.status_code, answer.json["code"]) == (403, "ACCOUNT-FOREIGN")
    assert count(app, source_file) == before
    assert not any(path.is_file() for path in app.files.rglob("*"))
    assert send(export(), word=of_luzhi).status_code == 201
    assert send(export(STRANGER), word=of_luzhi).status_code == 202


def test_a_file_is_followed_by_its_hash(app, visitor, send, token):
    content = export(closing="700.00")
    sha256 = send(content).json["sha256"]
    headers = {"Authorization": f"Bearer {token}"}
    found = visitor.get(f"/api/v1/statements/{sha256.upper()}", headers=headers).json
    assert (found["status"], found["statements"][0]["reason"]) == ("quarantined", "arithmetic")
    for sha in ("0" * 64, "x"):
        assert visitor.get(f"/api/v1/statements/{sha}", headers=headers).status_code == 404


def test_a_file_of_others_is_not_there_and_a_viewer_reads_no_account(app, visitor, as_user, send):
    sha256 = send(export()).json["sha256"]
    address = f"/api/v1/statements/{sha256}"
    other = add_program(app, "weicheng-erp", institution=2)
    answer = visitor.get(address, headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 404
    viewer = as_user("viewer").get(address)
    assert viewer.json["account"] == viewer.json["statements"][0]["account"] == "****2337"
    assert ACCOUNT not in viewer.text


def test_a_token_is_unknown_revoked_or_of_a_disabled_program(app, visitor, send, token):
    assert send(export(), word="x").json["code"] == "TOKEN-UNKNOWN"
    second = api_tokens.issue_token(app, "program", actor="cli")
    assert send(export(), word=second).status_code == 201
    assert api_tokens.revoke_tokens(app, "program", actor="cli") == 2
    answer = send(export())
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    third = api_tokens.issue_token(app, "program", actor="cli")
    users.disable_user(app, "program", actor="cli")
    assert send(export(), word=third).status_code == 401
    users.reset_password(app, "program", "correct horse", actor="cli")
    assert send(export(), word=third).status_code == 401


def test_no_session_and_no_other_role_writes(app, site, as_user, visitor):
    site.config["WTF_CSRF_ENABLED"] = False
    assert as_user("program").post("/api/v1/statements", data=export()).status_code == 401
    assert visitor.post("/api/v1/statements", data=export()).status_code == 401
    officer = {"Authorization": f"Bearer {api_tokens.issue_token(app, 'officer', actor='cli')}"}
    assert visitor.post("/api/v1/statements", data=export(), headers=officer).status_code == 403


def test_a_program_needs_no_form_token(site, send):
    site.config["WTF_CSRF_ENABLED"] = True
    assert send(export()).status_code == 201


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/csv", None])
def test_the_body_is_the_file_whatever_its_type_is_said_to_be(visitor, token, kind):
    headers = {"Authorization": f"Bearer {token}"}
    answer = visitor.post("/api/v1/statements", data=export(), headers=headers, content_type=kind)
    assert answer.status_code == 201


def test_a_form_is_refused_in_words(visitor, token):
    headers = {"Authorization": f"Bearer {token}"}
    form = {"file": (io.BytesIO(export()), "六月.csv")}
    answer = visitor.post("/api/v1/statements", data=form, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "BODY")


def test_a_file_over_the_limit_is_413_and_one_of_the_limit_is_read(app, tmp_path, token):
    small = open_app(Config(folder=tmp_path, web=Web(secure_cookies=False, max_upload_mb=1)))
    client = create_app(small).test_client()
    headers = {"Authorization": f"Bearer {token}"}
    most = 1024 * 1024
    large = client.post("/api/v1/statements", data=b"x" * (most + 1), headers=headers)
    assert (large.status_code, large.json["code"]) == (413, "TOO-LARGE")
    assert "至多 1 MB" in large.json["message"]
    assert client.post("/api/v1/statements", data=b"x" * most, headers=headers).status_code == 422
    small.database.dispose()


def test_the_command_line_makes_and_revokes_a_token(app, tmp_path, monkeypatch, send):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEEWATCH_CONFIG", raising=False)
    made = CliRunner().invoke(main, ["--as", "administrator", "user", "token", "program"])
    assert send(export(), word=made.stdout.strip()).status_code == 201
    refused = CliRunner().invoke(main, ["--as", "administrator", "user", "token", "viewer"])
    assert refused.exit_code == 1
    assert "TOKEN-ROLE" in refused.stderr
    revoked = CliRunner().invoke(main, ["--as", "administrator", "user", "revoke", "program"])
    assert revoked.stdout.endswith("revoked: 2\n")  # this one and the fixture's
    assert send(export(), word=made.stdout.strip()).status_code == 401
    assert count(app, statement) == 4
