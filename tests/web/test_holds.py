"""White places on hold on the site: what lacks, and an officer's word."""

import pytest
from sqlalchemy import insert, select

from feewatch.kernel.days import parse_day
from feewatch.store.tables.publication import white_hold

LUZHI = "52370702651728628K"
DESK = "/desk/holds/"


@pytest.fixture
def held(app):
    row = {
        "uscc": LUZHI, "name": "鲁智01号培训中心", "district": "370702",
        "since": parse_day("2026-07-31"), "due": parse_day("2026-08-14"),
        "lines": [{"zh": "未证明专户余额足额", "en": "cover not proven"}],
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(white_hold).values(row))


def outcome(app):
    with app.database.reading() as tx:
        return tx.scalar(select(white_hold.c.outcome))


@pytest.mark.usefixtures("held")
def test_an_officer_reads_what_lacks_and_decides(app, as_user):
    client = as_user("officer")
    page = client.get(DESK).text
    assert "未证明专户余额足额" in page
    assert "2026-08-14" in page
    form = {"uscc": LUZHI, "outcome": "keep", "reason": "次日已补足"}
    assert client.post(DESK, data=form).status_code == 302
    assert outcome(app) == "keep"
    assert 'name="outcome"' not in client.get(DESK).text
    assert client.post(DESK, data=form).status_code == 409


@pytest.mark.usefixtures("held")
def test_lookers_on_and_other_places_decide_nothing(app, as_user):
    form = {"uscc": LUZHI, "outcome": "remove", "reason": "x"}
    assert 'name="outcome"' not in as_user("viewer").get(DESK).text
    assert as_user("viewer").post(DESK, data=form).status_code == 403
    assert "鲁智" not in as_user("nanjing").get(DESK).text
    assert as_user("nanjing").post(DESK, data=form).status_code == 403
    assert outcome(app) is None


@pytest.mark.usefixtures("held")
def test_a_hold_without_reason_or_outcome_is_refused(as_user):
    client = as_user("officer")
    assert client.post(DESK, data={"uscc": LUZHI, "outcome": "keep"}).status_code == 400
    form = {"uscc": LUZHI, "outcome": "perhaps", "reason": "x"}
    assert client.post(DESK, data=form).status_code == 400
    assert (
        client.post(DESK, data={"uscc": "x", "outcome": "keep", "reason": "x"}).status_code == 404
    )
