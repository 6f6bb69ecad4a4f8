"""Self-check on the site and through the API: told, and nothing kept."""

import io
import re

import pytest
from sqlalchemy import func, select, update

from feewatch.services.people import api_tokens
from feewatch.store.tables import operations
from feewatch.store.tables.ledger import source_file
from feewatch.store.tables.registers import contract
from tests.web.conftest import ACCOUNT, LUZHI, WEICHENG
from tests.web.test_institution import statement

HEAD = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on\n"
DESK = f"/desk/institutions/{LUZHI}/selfcheck"


def planned(lessons, uscc=LUZHI):
    days = "2026-08-01,2026-09-30,5000.01,2026-07-20"
    return f"{HEAD}P1,{uscc},KC1,S9,hours,{lessons},{days}\n".encode()


def send(client, content, kind="contracts", address="/own/selfcheck"):
    form = {"kind": kind, "file": (io.BytesIO(content), "拟签.csv")}
    return client.post(address, data=form, content_type="multipart/form-data")


def counts(app):
    with app.database.reading() as tx:
        return [
            tx.scalar(select(func.count()).select_from(table)) for table in (contract, source_file)
        ]


@pytest.mark.parametrize(("name", "address"), [("luzhi", "/own/selfcheck"), ("officer", DESK)])
def test_a_plan_is_told_of_with_law_arithmetic_and_line(app, as_user, name, address):
    before = counts(app)
    client = as_user(name)
    assert "自查不保存任何内容" in client.get(address).text
    page = send(client, planned(61), address=address)
    assert page.status_code == 200
    for words in ("5000.01", "60", "文件第 2 行", "依据", "如何整改", "截止日 2026-07-20"):
        assert words in page.text.replace("5,000.01", "5000.01"), words
    assert counts(app) == before
    client.get("/account/language/en")
    assert "Nothing is stored" in send(client, planned(61), address=address).text


def test_a_statement_a_bad_row_and_an_unreadable_file(app, as_user):
    own, before = as_user("luzhi"), counts(app)
    assert "2026-06-01 … 2026-06-30" in send(own, statement(ACCOUNT), "statement").text
    assert "多行" not in send(own, planned("many")).text
    assert "lessons" in send(own, planned("many")).text
    assert "文件无法读取" in send(own, b"\x00\x01", "statement").text
    assert "不是本机构的代码" in send(own, planned(1, WEICHENG)).text
    for kind, content, status in (("", planned(1), 400), ("lessons", planned(1), 400),
                                  ("statement", statement("36949345226647832"), 403)):  # fmt: skip
        assert send(own, content, kind).status_code == status
    assert own.post("/own/selfcheck", data={"kind": "contracts"}).status_code == 400
    assert counts(app) == before


@pytest.mark.parametrize("kind", ["contracts", "statement"])
def test_it_takes_no_lock_of_writers(app, as_user, kind):
    own, before = as_user("luzhi"), counts(app)
    content = planned(61) if kind == "contracts" else statement(ACCOUNT)
    calm = send(own, content, kind)
    with app.database.transaction():  # another connection has the write lock
        page = send(own, content, kind)
    assert (page.status_code, told(page)) == (200, told(calm))
    assert counts(app) == before


def told(page):
    """What a page says, without the words that are each answer's own."""
    return re.sub(r'(value|nonce)="[^"]*"', "", page.text)


def test_nobody_else_enters(as_user):
    for name, status in (("nanjing", 404), ("viewer", 403), ("publisher", 403), ("luzhi", 403)):
        client = as_user(name)
        assert client.get(DESK).status_code == status
        assert send(client, planned(61), address=DESK).status_code == status
    assert as_user("officer").get("/own/selfcheck").status_code == 403


def test_a_program_of_the_institution_asks_by_the_api(app, visitor):
    known = operations.user
    with app.database.transaction() as tx:
        own = update(known).where(known.c.name == "program")
        tx.execute(own.values(institution_id=1, district=None))
    token = api_tokens.issue_token(app, "program", actor="administrator")
    head = {"Authorization": f"Bearer {token}"}
    answer = visitor.post("/api/v1/selfcheck/contracts", data=planned(61), headers=head)
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["stored"] is False
    assert {(each["rule"], *each["lines"]) for each in told["findings"]} >= {
        ("FEE-CAP-5000", 2), ("FEE-HOURS-60", 2)
    }  # fmt: skip
    assert visitor.post("/api/v1/selfcheck/x", data=b"x", headers=head).status_code == 400
    bad = visitor.post("/api/v1/selfcheck/statement", data=b"\x00", headers=head)
    assert bad.status_code == 422


def test_a_program_of_a_district_does_not(app, visitor):
    head = {
        "Authorization": f"Bearer {api_tokens.issue_token(app, 'program', actor='administrator')}"
    }
    answer = visitor.post("/api/v1/selfcheck/contracts", data=planned(61), headers=head)
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "SELFCHECK-OWN"
