"""Letters to banks about days that an institution alone tells, asked and answered on the site."""

import io
import re

import pytest
from sqlalchemy import insert, select

from feewatch.kernel.days import format_day
from feewatch.store.tables import operations
from feewatch.store.tables.ledger import told_days
from tests.web.conftest import ACCOUNT, day
from tests.web.test_institution import hand_in, statement

DESK = "/desk/confirmations/"


def told(app):
    """Of June, of which no statement told before."""
    query = select(told_days.c.word, told_days.c.from_day, told_days.c.to_day)
    query = query.where(told_days.c.from_day >= day("2026-06-01"))
    with app.database.reading() as tx:
        rows = tx.execute(query.where(told_days.c.account_id == 1).order_by(told_days.c.from_day))
        return [(word, format_day(first), format_day(last)) for word, first, last in rows]


@pytest.fixture
def officer(app, as_user):
    hand_in(as_user("luzhi"), ("六月.csv", statement(ACCOUNT)))
    with app.database.transaction() as tx:
        known = operations.user
        row = tx.execute(select(known).where(known.c.name == "officer")).mappings().one()
        tx.execute(insert(known).values({**row, "id": None, "name": "second"} | {"id": 99}))
    return as_user("officer")


def key_of(page):
    return re.search(r'name="statement" value="(\d+)"', page).group(1)


def test_days_are_asked_about_answered_and_confirmed(app, officer, as_user):
    key = key_of(officer.get(DESK).text)
    form = {"statement": key, "reason": "核对", "days_from": "2026-06-05", "days_to": "2026-06-20"}
    page = officer.post(DESK, data=form, follow_redirects=True).text
    [number] = set(re.findall(r"370702-2026-DZ\d{4}", page))
    assert "2026-06-01 … 2026-06-04" in page  # what is left to be asked
    assert "2026-06-21 … 2026-06-30" in page
    letter = officer.get(DESK + number).text
    assert "2026-06-05 … 2026-06-20" in letter
    [paper] = set(re.findall(r'href="(/desk/papers/\d+)"', letter))
    as_read = officer.get(paper).text
    assert "校外培训函证〔" in as_read
    assert ACCOUNT in as_read
    assert officer.get(DESK + number + "/letter.docx").data[:2] == b"PK"
    viewer = as_user("viewer")
    assert "/desk/papers/" + paper.rsplit("/", 1)[1] not in viewer.get("/desk/papers/").text
    assert viewer.get(paper).status_code == 403
    assert viewer.get(paper + "/document.docx").status_code == 403
    assert officer.post(DESK + number + "/letter").status_code == 409
    reply = {"outcome": "agrees", "on": "2026-07-10", "days_to": "2026-06-15"}
    reply |= {"answer": (io.BytesIO(b"%PDF sealed"), "reply.pdf")}
    page = officer.post(DESK + number, data=reply, follow_redirects=True).text
    assert re.search(r"仅 <span class=\"number\">2026-06-05 … 2026-06-15", page)
    as_user("second").post(DESK + number, data={"step": "confirm"})
    assert told(app) == [
        ("institution", "2026-06-01", "2026-06-04"),
        ("confirmed", "2026-06-05", "2026-06-15"),
        ("institution", "2026-06-16", "2026-06-30"),
    ]
    assert "部分日期银行已核对" in officer.get("/desk/statements").text


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({"days_from": "2026-06-31"}, 400),
        ({"days_from": "2026-06-20", "days_to": "2026-06-05"}, 400),
        ({"days_from": "2026-08-01"}, 404),  # days of which it tells nothing
    ],
)
def test_days_that_are_none_are_refused(officer, days, status):
    form = {"statement": key_of(officer.get(DESK).text), "reason": "核对"}
    assert officer.post(DESK, data=form | days).status_code == status


def test_an_answer_about_other_days_is_refused(app, officer):
    form = {"statement": key_of(officer.get(DESK).text), "reason": "核对"}
    page = officer.post(DESK, data=form, follow_redirects=True).text
    number = re.search(r"370702-2026-DZ\d{4}", page).group()
    reply = {"outcome": "agrees", "on": "2026-07-10", "days_from": "2026-07-01"}
    reply |= {"answer": (io.BytesIO(b"%PDF sealed"), "reply.pdf")}
    assert officer.post(DESK + number, data=reply).status_code == 400
    assert told(app) == [("institution", "2026-06-01", "2026-06-30")]
