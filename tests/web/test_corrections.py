"""Proposals on the site and through the API: asked for, seen, decided, withdrawn."""

import io
import re

import pytest
from sqlalchemy import insert, select, update

from feewatch.services.people import api_tokens
from feewatch.store.tables.operations import user
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.registers import contract

LUZHI = "52370702651728628K"
HEADER = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on,channel"
#: HT1 as it is on file, an alert resting on it, with a smaller fee; and HT3, on which none does.
SMALLER = f"HT1,{LUZHI},KC1,S1,hours,40,2025-12-10,2026-02-28,3000.00,2025-12-10,bank"
PDF = b"%PDF-1.7 agreement"
MARK = "资料更正待核"


@pytest.fixture
def own(as_user):
    return as_user("luzhi")


def send(client, *rows):
    content = "\n".join([HEADER, *rows]).encode()
    form = {"kind": "contracts", "file": (io.BytesIO(content), "合同.csv")}
    return client.post("/registers/", data=form, content_type="multipart/form-data")


def confirm(client, page, **fields):
    address = re.search(r'action="(/registers/[^"]{10,})"', page)[1]
    return client.post(address, data=fields, content_type="multipart/form-data")


def propose(client, **fields):
    fields = {"reason": "金额录入有误"} | fields
    answer = confirm(client, send(client, SMALLER).text, **fields)
    assert answer.status_code == 200
    return answer.text


def fee(app):
    with app.database.reading() as tx:
        return tx.scalar(select(contract.c.fee_fen).where(contract.c.contract_no == "HT1"))


def test_the_look_at_a_file_asks_for_a_reason_and_a_voucher(app, own):
    page = send(own, SMALLER).text
    assert "CORRECTION-PROPOSED" in page
    assert 'name="reason"' in page
    assert 'name="voucher"' in page
    done = confirm(own, page, reason="录入有误", voucher=(io.BytesIO(PDF), "协议.pdf")).text
    assert "/own/proposals/" in done
    assert fee(app) == 400_000


def test_a_file_of_another_type_is_no_voucher(app, own):
    page = send(own, SMALLER).text
    answer = confirm(own, page, reason="有误", voucher=(io.BytesIO(b"MZ"), "协议.pdf"))
    assert answer.status_code == 400
    assert "VOUCHER-TYPE" in answer.text
    assert fee(app) == 400_000


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("officer", "/desk/"),
        ("officer", "/desk/matters/1"),
        ("officer", "/desk/alerts/A0red"),
        ("officer", f"/desk/institutions/{LUZHI}"),
        ("luzhi", "/own/"),
        ("luzhi", "/own/alerts/A0red"),
    ],
)
def test_the_alert_carries_the_mark_wherever_it_stands(as_user, own, name, address):
    assert MARK not in as_user(name).get(address).text
    propose(own)
    assert MARK in as_user(name).get(address).text


def test_the_api_carries_the_mark_too(as_user, own):
    officer = as_user("officer")
    assert officer.get("/api/v1/alerts/A0red").json["correction"] is None
    propose(own)
    assert officer.get("/api/v1/alerts/A0red").json["correction"]["proposals"] == [1]
    matters = officer.get("/api/v1/matters").json["items"]
    assert [each["id"] for each in matters if each["correction"]] != []
    (item,) = officer.get("/api/v1/proposals?state=open").json["items"]
    assert (item["old"], item["new"]) == ({"fee_fen": 400_000}, {"fee_fen": 300_000})


def test_a_proposal_is_read_while_others_write(app, as_user, own):
    propose(own)
    officer = as_user("officer")
    with app.database.transaction():
        page = officer.get("/desk/proposals/1").text
    assert "4,000.00 元" in page
    assert "采纳后的变化暂未计算" not in page
    assert effect_of(page) == effect_of(officer.get("/desk/proposals/1").text)


def effect_of(page):
    """What acceptance would change, as a page tells it."""
    return re.search(r"<h2>采纳后的变化.*?</div>", page, re.S)[0]


def test_an_officer_sees_old_and_new_and_what_acceptance_does_and_accepts(app, as_user, own):
    propose(own, voucher=(io.BytesIO(PDF), "协议.pdf"))
    officer = as_user("officer")
    assert "/desk/proposals/1" in officer.get("/desk/proposals/").text
    page = officer.get("/desk/proposals/1").text
    for word in ("4,000.00 元", "3,000.00 元", "金额录入有误", "采纳后的变化", "协议.pdf"):
        assert word in page
    voucher = officer.get("/desk/proposals/1/voucher")
    assert (voucher.data, voucher.mimetype) == (PDF, "application/pdf")
    assert "attachment" in voucher.headers["Content-Disposition"]
    assert fee(app) == 400_000
    done = officer.post("/desk/proposals/1", data={"step": "accept", "reason": "已核对"})
    assert done.status_code == 302
    assert fee(app) == 300_000
    again = officer.post("/desk/proposals/1", data={"step": "refuse", "reason": "x"})
    assert again.status_code == 409
    assert MARK not in officer.get("/desk/alerts/A0red").text


def test_a_proposal_of_another_place_or_institution_is_unknown(as_user, own):
    propose(own, voucher=(io.BytesIO(PDF), "协议.pdf"))
    for name, root in [("nanjing", "/desk/proposals/1"), ("weicheng", "/own/proposals/1")]:
        client = as_user(name)
        assert client.get(root).status_code == 404
        assert client.get(f"{root}/voucher").status_code == 404
        step = {"step": "accept", "reason": "x"}
        assert client.post(root, data=step).status_code == 404
    assert as_user("luzhi").post("/desk/proposals/1", data=step).status_code == 403
    assert as_user("viewer").post("/desk/proposals/1", data=step).status_code == 403


def test_an_institution_adds_a_voucher_and_withdraws(app, own):
    propose(own)
    assert "/own/proposals/1" in own.get("/own/proposals/").text
    form = {"voucher": (io.BytesIO(PDF), "协议.pdf")}
    address = "/own/proposals/1/voucher"
    assert own.post(address, data=form, content_type="multipart/form-data").status_code == 302
    assert own.get(address).data == PDF
    assert own.post("/own/proposals/1", data={"reason": ""}).status_code == 400
    assert own.post("/own/proposals/1", data={"reason": "看错"}).status_code == 302
    assert "机构已撤回" in own.get("/own/proposals/1").text
    with app.database.reading() as tx:
        assert tx.scalars(select(proposal.c.state)).all() == ["withdrawn"]


@pytest.fixture
def program(app, visitor):
    with app.database.transaction() as tx:
        tx.execute(
            insert(user).values(
                name="luzhi-api", role="api", district=None, institution_id=1,
                password_hash="-", disabled=False, session_epoch=1, created_at="2026-01-01",
            )
        )  # fmt: skip
    word = api_tokens.issue_token(app, "luzhi-api", actor="cli")

    def post(*rows, kind="contracts", **query):
        return visitor.post(
            f"/api/v1/registers/{kind}",
            query_string=query,
            data="\n".join([HEADER, *rows]).encode(),
            headers={"Authorization": f"Bearer {word}"},
        )

    return post


def test_a_program_of_the_institution_proposes_like_its_person(app, program):
    taken = program(SMALLER)
    assert (taken.status_code, taken.json["proposed"], taken.json["changed"]) == (202, 1, 0)
    assert any("--reason" in problem["message"] for problem in taken.json["problems"])
    taken = program(SMALLER, reason="金额录入有误")
    assert (taken.status_code, taken.json["proposed"], taken.json["changed"]) == (202, 1, 0)
    assert fee(app) == 400_000
    new = program(SMALLER.replace("HT1", "HT9"))
    assert (new.status_code, new.json["new"]) == (201, 1)
    assert program(SMALLER.replace("HT1", "HT9")).status_code == 200
    assert program(SMALLER, kind="approvals").status_code == 400


def test_a_program_of_the_office_hands_in_no_registers(app, visitor):
    word = api_tokens.issue_token(app, "program", actor="cli")
    head = {"Authorization": f"Bearer {word}"}
    answer = visitor.post("/api/v1/registers/contracts", data=HEADER.encode(), headers=head)
    assert answer.status_code == 403


def test_a_row_that_changed_since_says_so_on_both_pages(app, as_user, own):
    propose(own)
    with app.database.transaction() as tx:
        is_row = contract.c.contract_no == "HT1"
        tx.execute(update(contract).where(is_row).values(fee_fen=390_000))
    assert "须由机构重新提请" in as_user("officer").get("/desk/proposals/1").text
    assert "须由机构重新提请" in own.get("/own/proposals/1").text
    step = {"step": "accept", "reason": "x"}
    assert as_user("officer").post("/desk/proposals/1", data=step).status_code == 409
