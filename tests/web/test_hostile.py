"""Hostile input is refused in words; nothing a stranger sends makes the site stumble."""

import base64

import pytest

from feewatch.services.people.api_tokens import issue_token

HUGE = "9" * 40
TRY = "/desk/backtest?run=1&parameter=float_up&place=370700"
ADDRESSES = [
    "/desk/?page=0",
    "/desk/?page=-1",
    "/desk/?page=" + HUGE,
    "/desk/?page=１",
    "/desk/?page=1e3",
    "/desk/?severity=purple",
    "/desk/?status=%27%20OR%201=1",
    "/desk/?institution=" + "长" * 101,
    "/desk/?institution=a%00b",
    "/desk/?district=" + "1" * 7,
    "/desk/matters/" + HUGE,
    "/desk/matters/-1",
    "/desk/matters/1%00",
    "/desk/alerts/%00",
    "/desk/alerts/" + "A" * 5000,
    "/desk/alerts/%ED%A0%80",
    "/desk/alerts/A0red'--",
    "/desk/cases/..%2f..%2fetc",
    "/desk/cases/" + HUGE,
    "/desk/institutions/%27",
    "/desk/institutions/" + "x" * 5000,
    "/desk/statements?status=all",
    "/editions/370702/" + HUGE,
    "/editions/370702/0",
    "/editions/%2e%2e/2",
    "/editions/370702/2/..%2f..%2fkeys%2fsigning.pem",
    "/editions/370702/2/%2e%2e",
    "/editions/370702/../keys/session.key",
    "/editions/370702/%2e%2e/timestamp.json",
    "/editions/..%2f/1/edition.json",
    "/editions/370702/²/edition.json",
    "/institutions/<script>",
    "/institutions/52370702651728628X",
    "/?text=" + "a" * 101,
    "/?text=%00",
    "/?list=../white",
    "/?page=" + HUGE,
    "/api/v1/alerts?page=zero",
    "/api/v1/alerts/%00",
    "/api/v1/lists/unrated",
    "/desk/early-warning?as_of=2000-01-01",
    "/desk/early-warning?as_of=0001-01-01",
    "/desk/early-warning?as_of=9999-12-31",
    "/desk/early-warning?window=" + "9" * 5000,
    "/api/v1/early-warning?as_of=2000-01-01",
    "/desk/drafts/?run=1&as_of=9999-12-31",
    "/desk/backtest?to=9999-12-31",
    "/desk/backtest?to=0001-01-01",
    "/desk/backtest?from=0001-01-01",
    TRY + "&value=1e999999&from=2026-01-01&to=2026-07-31",
    TRY + "&value=0.1&from=2026-07-31&to=2026-01-01",
    TRY + "&value=0.1&from=2026-01-01&to=9999-12-31",
    "/desk/backtest.csv?parameter=float_up&value=1e999999&from=2026-01-01&to=2026-07-31",
    "/%00",
    "/static/../site.py",
    "/static/..%2f__init__.py",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hostile_address_is_answered_with_4xx_and_without_a_trace(as_user, address):
    answer = as_user("administrator").get(address, follow_redirects=True)
    assert 400 <= answer.status_code < 500, answer.status_code
    assert "Traceback" not in answer.text
    assert "sqlalchemy" not in answer.text


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "' OR '1'='1", "<script>alert(2)</script>", "\u202e"]
)
def test_a_search_takes_its_text_as_text(as_user, text):
    for address in ("/desk/", "/desk/institutions", "/api/v1/matters", "/"):
        client = as_user("officer")
        answer = client.get(address, query_string={"institution": text, "text": text})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "鲁智01号" not in answer.text or address == "/"


def test_a_name_with_a_script_is_shown_and_not_run(as_user, visitor):
    for page in (as_user("viewer").get("/desk/"), visitor.get("/?text=潍城")):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("reason", "", 400),
        ("reason", "  \n ", 400),
        ("reason", "字" * 2001, 400),
        ("reason", "a\x00b", 400),
        ("step", "", 400),
        ("step", "explode", 400),
        ("step", "close", 400),
        ("step", "x" * 100_000, 400),
    ],
)
def test_a_bad_decision_is_refused_and_changes_nothing(as_user, field, value, status):
    officer = as_user("officer")
    data = {"step": "triage", "reason": "核实"} | {field: value}
    assert officer.post("/desk/matters/1/case", data=data).status_code == status
    assert "370702-2026" not in officer.get("/desk/cases/").text


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "0001-01-01", "2020-01-01", "9" * 5000])
def test_an_impossible_deadline_is_refused(app, as_user, text):
    officer = as_user("officer")
    officer.post("/desk/matters/1/case", data={"step": "triage", "reason": "核实"})
    data = {"step": "notify", "reason": "督办", "deadline": text}
    answer = officer.post("/desk/cases/370702-2026-0001/steps", data=data)
    assert answer.status_code == 400


def test_a_form_larger_than_allowed_is_refused(site, visitor):
    site.config["MAX_CONTENT_LENGTH"] = 1000
    answer = visitor.post("/account/login", data={"name": "x" * 2000, "password": "y"})
    assert answer.status_code == 413
    assert "过大" in answer.text


def test_a_large_form_without_a_file_is_refused_unread(visitor, as_user):
    data = {"reason": "x" * 600_000}
    officer = as_user("officer")
    assert officer.post("/desk/matters/1/case", data=data).status_code == 413
    assert visitor.post("/account/login", data=data).status_code == 413
    # who may not enter is told so before the form is looked at
    assert visitor.post("/desk/matters/1/case", data=data).status_code == 401


def test_a_form_or_address_of_many_fields_is_refused(visitor, as_user):
    data = "&".join(f"f{number}=" for number in range(11_000))
    kind = "application/x-www-form-urlencoded"
    for browser in (visitor, as_user("officer")):
        answer = browser.post("/account/login", data=data, content_type=kind)
        assert answer.status_code == 413
    assert visitor.get("/?" + "a=&" * 250).status_code == 414


def test_nobody_sends_a_file_without_a_log_in(visitor):
    for path, allowed in (("/account/login", [413]), ("/", [405, 413])):
        head = '--x\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        answer = visitor.post(
            path, data=head.encode() + b"x" * 600_000 + b"\r\n--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )  # fmt: skip
        assert answer.status_code in allowed


def test_a_body_of_json_is_no_longer_than_a_form(visitor, app):
    token = issue_token(app, "officer", actor="admin")
    answer = visitor.post(
        "/api/v1/decisions/1/steps", data=b'{"a": "' + b"x" * 600_000 + b'"}',
        headers={"Authorization": f"Bearer {token}"}, content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 413
    assert answer.json["code"] == "TOO-LARGE"


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Bearer abc",
        "Basic " + base64.b64encode(b"officer").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\x00").decode(),
    ],
)
def test_a_broken_authorization_header_is_no_log_in(visitor, header):
    answer = visitor.get("/api/v1/matters", headers={"Authorization": header})
    assert answer.status_code == 401
    assert set(answer.json) == {"code", "message"}


def test_an_unexpected_fault_is_told_by_a_number_and_nothing_else(site, as_user, caplog):
    officer = as_user("officer")
    site.view_functions["desk.inbox"] = lambda: 1 // 0
    site.view_functions["desk.inbox"].may_enter = frozenset({"officer"})
    answer = officer.get("/desk/")
    assert answer.status_code == 500
    assert "系统出错" in answer.text
    assert "Something went wrong" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in caplog.text


def test_another_method_is_refused_in_words(visitor):
    answer = visitor.delete("/")
    assert answer.status_code == 405
    assert "不接受" in answer.text
