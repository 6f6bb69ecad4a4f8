"""The matching page: unmatched money, what comes near, decisions taken and undone."""

import re

import pytest
from sqlalchemy import insert, select, update

from feewatch.kernel.days import parse_day
from feewatch.services.intake.matching import match_changed
from feewatch.store.state import mark_changed
from feewatch.store.tables.ledger import entry, manual_match, match
from feewatch.store.tables.operations import audit
from tests.web.conftest import LUZHI, NANJING

ACCOUNT = "26601891581262337"
SUBJECT = f"{ACCOUNT}/2026-01-20/400000/1"


@pytest.fixture(autouse=True)
def _money(app):
    rows = [
        (50, 1, "2026-01-20", 400_000, "张小红", "学费"),
        (51, 1, "2026-01-21", 397_600, "财付通支付科技有限公司", "<b>结算</b>"),
        (52, 3, "2026-01-22", 123_400, "宁知家长", "学费"),
    ]
    with app.database.transaction() as tx:
        for seq, (key, institution, day, fen, payer, memo) in enumerate(rows, 10):
            tx.execute(insert(entry).values(
                id=key, account_id=institution, institution_id=institution,
                statement_id=institution, line=seq, seq=seq, booked_on=parse_day(day),
                amount_fen=fen, counterparty=payer, memo=memo, reversal_mark=False, filled=0, n=1,
                matched_fen=0,
            ))  # fmt: skip
        mark_changed(tx, [1, 3])
    match_changed(app)


def decide(client, **given):
    form = {"entry": SUBJECT, "contract": "HT1", "amount": "", "reason": "家长说明"} | given
    return client.post("/desk/matching/set", data=form)


def ask_to_see(client, uscc):
    fields = {"fields": ["accounts", "payers", "memos"]}
    data = {"kind": "matching", "ground": uscc, "reason": "核对付款人"} | fields
    return client.post("/desk/unmasking/", data=data)


def matched(app):
    with app.database.reading() as tx:
        query = select(match.c.entry_id, match.c.contract_id, match.c.amount_fen, match.c.how)
        return list(map(tuple, tx.execute(query)))


def test_the_page_shows_unmatched_money_with_the_nearest_and_why_each_fails(as_user):
    page = as_user("officer").get("/desk/matching/").text
    assert "共 2 笔" in page
    for words in (
        "张**",
        "4,000.00",
        "HT1",
        "到账比缴费日晚 41 日",
        "份未付合同合计",
        "微信",
        "相差",
    ):
        assert words in page
    assert "<b>结算" not in page
    assert "宁知" not in page


def test_a_viewer_sees_no_account_no_payer_and_no_form(as_user):
    page = as_user("viewer").get("/desk/matching/").text
    for secret in (ACCOUNT, "张小红", 'name="contract"'):
        assert secret not in page
    assert "共 2 笔" in page


def test_who_matches_asks_to_see_the_payer_for_the_unmatched_money_alone(app, as_user):
    uscc = LUZHI
    officer, other = as_user("officer"), as_user("nanjing")
    page = officer.get("/desk/matching/").text
    assert f"kind=matching&amp;ground={uscc}" in page
    for secret in (ACCOUNT, "张小红"):
        assert secret not in page
    assert ask_to_see(other, uscc).status_code == 404
    assert ask_to_see(officer, NANJING).status_code == 404
    assert ask_to_see(officer, uscc).status_code == 302
    page = officer.get("/desk/matching/").text
    for shown in (ACCOUNT, "张小红", "学费"):
        assert shown in page
    assert decide(officer).status_code == 302
    with app.database.transaction() as tx:
        tx.execute(update(entry).where(entry.c.id == 51).values(matched_fen=397_600))
    assert ask_to_see(as_user("reviewer"), uscc).status_code == 409


def test_an_entry_is_named_by_its_key_where_its_account_is_not_shown(app, as_user):
    page = as_user("officer").get("/desk/matching/").text
    keys = re.findall(r'name="entry" value="([^"]+)"', page)
    assert set(keys) == {"50", "51"}
    assert decide(as_user("officer"), entry="52").status_code == 404
    assert decide(as_user("officer"), entry="999").status_code == 404
    assert decide(as_user("officer"), entry="50").status_code == 302
    assert matched(app) == [(50, 1, 400_000, "manual")]
    with app.database.reading() as tx:
        query = select(audit.c.detail).where(audit.c.action == "match.set")
        assert tx.scalars(query).one()["entry"] == SUBJECT


def test_the_page_is_of_one_institution_where_asked(as_user):
    client = as_user("administrator")
    assert "共 3 笔" in client.get("/desk/matching/").text
    assert "共 1 笔" in client.get("/desk/matching/?institution=523201041982410526").text
    assert "共 0 笔" in client.get("/desk/matching/?institution=none").text


def test_an_officer_decides_and_a_reviewer_undoes(app, as_user):
    answer = decide(as_user("officer"))
    assert answer.location == "/desk/matching/"
    assert matched(app) == [(50, 1, 400_000, "manual")]
    page = as_user("reviewer").get("/desk/matching/").text
    assert "家长说明" in page
    assert "共 1 笔" in page
    key = re.search(r"/desk/matching/(\d+)/undo", page)[1]
    undone = as_user("reviewer").post(f"/desk/matching/{key}/undo", data={"reason": "对错了"})
    assert undone.location == "/desk/matching/"
    assert matched(app) == []
    again = as_user("reviewer").post(f"/desk/matching/{key}/undo", data={"reason": "对错了"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"reason": " "}, 400),
        ({"contract": ""}, 400),
        ({"contract": "HT9"}, 404),
        ({"amount": "1,2"}, 400),
        ({"amount": "4000.01"}, 400),
        ({"entry": "x"}, 400),
        ({"entry": "91673975968758554/2026-01-22/123400/1"}, 404),
    ],
)
def test_a_decision_is_refused(app, as_user, given, status):
    assert decide(as_user("officer"), **given).status_code == status
    with app.database.reading() as tx:
        assert tx.execute(select(manual_match)).all() == []


def test_a_decision_needs_a_caseworker_who_sees_the_institution_and_a_token(app, site, as_user):
    for name in ("viewer", "publisher", "administrator", "luzhi", "program"):
        assert decide(as_user(name)).status_code == 403
    assert decide(as_user("nanjing")).status_code == 404
    officer = as_user("officer")
    site.config["WTF_CSRF_ENABLED"] = True
    assert decide(officer).status_code == 400
    page = officer.get("/desk/matching/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert decide(officer, csrf_token=token).status_code == 302
    assert len(matched(app)) == 1
