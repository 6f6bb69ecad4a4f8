"""Accounts, payers and memos stand whole only for who asked with an open matter, for a while."""

import datetime as dt

import pytest
from sqlalchemy import select

from feewatch.kernel import clock
from feewatch.services.audit.verifying import verify
from feewatch.store.tables.operations import audit
from tests.web.conftest import ACCOUNT, NOW

ALERT, OWN, PAYER, THEIRS = "/desk/alerts/A1hint", ACCOUNT, "王小明", "6217000099998888"
SECRETS = (OWN, PAYER, THEIRS)
ALL = ["accounts", "payers", "memos"]


def ask(client, ground, fields=ALL, kind="case", reason="核对退费收款人"):
    data = {"kind": kind, "ground": ground, "fields": fields, "reason": reason}
    return client.post("/desk/unmasking/", data=data)


def acts(app, action):
    with app.database.reading() as tx:
        query = select(audit).where(audit.c.action == action).order_by(audit.c.id)
        return tx.execute(query).mappings().all()


@pytest.mark.parametrize("name", ["viewer", "officer", "reviewer", "publisher", "administrator"])
def test_nobody_of_the_office_is_shown_them_unasked(app, as_user, name):
    client = as_user(name)
    for page in (ALERT, "/desk/statements", "/desk/statements?format=csv"):
        text = client.get(page).text
        assert [secret for secret in SECRETS if secret in text] == [], page
    assert acts(app, "personal.read") == []


def test_who_asks_with_an_open_case_sees_its_institution_whole_and_each_look_is_on_record(
    app, as_user, open_case
):
    number = open_case(1)
    officer, reviewer = as_user("officer"), as_user("reviewer")
    assert ask(officer, number).status_code == 302
    whole, masked = officer.get(ALERT).text, reviewer.get(ALERT).text  # to that person alone
    assert [secret in whole for secret in SECRETS] == [True] * 3
    assert [secret in masked for secret in SECRETS] == [False] * 3
    (asked,) = acts(app, "personal.unmask")
    assert (asked["actor"], asked["object"]) == ("officer", f"case {number}")
    assert asked["detail"]["fields"] == "accounts,payers,memos"
    assert asked["detail"]["reason"] == "核对退费收款人"
    (look,) = acts(app, "personal.read")
    assert (look["actor"], look["object"]) == ("officer", ALERT)
    assert look["detail"] == {"unmasking": ["1"], "ground": [f"case {number}"]}
    assert not [fault for fault in verify(app).faults if "unmasking" in fault.place]


def test_only_what_was_asked_for_is_shown(as_user, open_case):
    officer = as_user("officer")
    ask(officer, open_case(1), fields=["payers"])
    text = officer.get(ALERT).text
    assert PAYER in text
    assert OWN not in text
    assert THEIRS not in text


def test_it_ends_by_itself(as_user, open_case):
    officer = as_user("officer")
    ask(officer, open_case(1))
    with clock.fixed(NOW + dt.timedelta(minutes=29)):
        assert PAYER in officer.get(ALERT).text
    with clock.fixed(NOW + dt.timedelta(minutes=31)):
        assert PAYER not in officer.get(ALERT).text


def test_a_list_given_out_is_masked_unless_it_was_asked_for_and_says_so(app, as_user, open_case):
    officer = as_user("officer")
    ask(officer, open_case(1), fields=["accounts"])
    assert OWN in officer.get("/desk/statements?format=csv").text
    (export,) = acts(app, "list.export")
    assert export["detail"]["unmasking"] == ["1"]


@pytest.mark.parametrize(
    ("kind", "ground", "fields", "reason", "status"),
    [
        ("case", "370702-2026-9999", ALL, "核对", 404),
        ("proposal", "99", ALL, "核对", 404),
        ("proposal", "x", ALL, "核对", 404),
        ("statement", "abcdef#1", ALL, "核对", 404),
        ("wish", "1", ALL, "核对", 400),
        ("case", "OPEN", ALL, "  ", 400),
        ("case", "OPEN", [], "核对", 400),
        ("case", "OPEN", ["passwords"], "核对", 400),
    ],
)
def test_without_ground_fields_or_reason_nothing_is_shown(
    app, as_user, open_case, kind, ground, fields, reason, status
):
    officer = as_user("officer")
    number = open_case(1) if ground == "OPEN" else ground
    assert ask(officer, number, fields, kind, reason).status_code == status
    assert PAYER not in officer.get(ALERT).text
    assert acts(app, "personal.unmask") == []


@pytest.mark.parametrize("name", ["viewer", "publisher", "administrator", "luzhi", "rule_editor"])
def test_other_roles_may_not_ask(as_user, open_case, name):
    assert ask(as_user(name), open_case(1)).status_code == 403


def test_a_case_outside_the_scope_is_none(as_user, open_case):
    assert ask(as_user("nanjing"), open_case(1)).status_code == 404


def test_a_settled_case_is_no_ground(app, as_user, open_case):
    number = open_case(1)
    with app.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE case_file SET state = 'closed'")
    assert ask(as_user("officer"), number).status_code == 409


def test_who_audits_sees_who_asked_and_officers_their_own(as_user, open_case):
    officer = as_user("officer")
    ask(officer, open_case(1))
    for name, is_told in (("officer", True), ("administrator", True), ("reviewer", False)):
        page = as_user(name).get("/desk/unmasking/").text
        assert ("核对退费收款人" in page) is is_told
    assert as_user("viewer").get("/desk/unmasking/").status_code == 403


def test_an_institution_sees_its_own_account_unasked(as_user):
    assert OWN in as_user("luzhi").get("/own/").text
