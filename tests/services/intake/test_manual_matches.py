import json

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, update

from feewatch.cli.matching import match as match_command
from feewatch.cli.session import Session
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    Refusal,
)
from feewatch.kernel.people import Scope
from feewatch.services.check.checking import run_check
from feewatch.services.intake.manual_matches import list_decisions, set_match, undo_match
from feewatch.services.intake.matching import (
    list_settlements,
    list_unmatched,
    match_changed,
    read_desk,
)
from feewatch.services.people.users import add_user
from feewatch.store.state import mark_changed
from feewatch.store.tables.ledger import entry, manual_match, match, source_file, statement
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import account, contract, institution, institution_fact

USCC, OTHER = "52370702651728628K", "523201041982410526"
LUMP = "621700001/2026-03-09/429400/1"  # HT1, HT2, HT3 come to 4300.00, or 4274.20 net
UNNAMED = "621700001/2026-03-11/100000/1"
REFUND = "621700001/2026-03-12/-20000/1"
RELEASE = "621700001/2026-03-13/-5000/1"
ROWS = [
    ("2026-03-09", 429400, "财付通支付科技有限公司", "结算"),
    ("2026-03-11", 100000, "张三", "往来"),
    ("2026-03-12", -20000, "张三", "退费"),
    ("2026-03-13", -5000, "供应商", "货款"),
]


@pytest.fixture
def app(any_app):
    with any_app.database.transaction() as tx:
        for key, uscc, district in ((1, USCC, "370702"), (2, OTHER, "320104")):
            tx.execute(insert(institution).values(id=key, uscc=uscc))
            tx.execute(insert(institution_fact).values(
                institution_id=key, valid_from=0, valid_to=99999, name=f"机构{key}",
                district=district, subject="arts", nature="non_profit", custody="bank_custody",
            ))  # fmt: skip
        tx.execute(insert(account).values(
            id=1, account_no="621700001", institution_id=1, bank="行", kind="fee", imported_on=0,
        ))  # fmt: skip
        for key, fee, day in ((1, 100000, "06"), (2, 250000, "07"), (3, 80000, "08")):
            tx.execute(insert(contract).values(
                id=key, institution_id=1, contract_no=f"HT{key}", course_id="K", student="S",
                basis="hours", lessons=10, fee_fen=fee, payment="prepaid", channel="wechat",
                paid_on=parse_day(f"2026-03-{day}"),
            ))  # fmt: skip
        tx.execute(insert(contract).values(
            id=4, institution_id=1, contract_no="HT4", course_id="K", student="S", basis="hours",
            lessons=10, fee_fen=100000, payment="prepaid", channel="bank",
            paid_on=parse_day("2026-02-01"),
        ))  # fmt: skip
        tx.execute(insert(source_file).values(
            sha256="ab" * 32, name="3月.csv", size=1, received_at="2026-04-01", channel="cli",
            provenance="office",
            actor="cli", status="accepted", problems=[],
        ))  # fmt: skip
        tx.execute(insert(statement).values(
            id=1, file_sha256="ab" * 32, n=1, account_no="621700001", account_id=1,
            institution_id=1, currency="CNY", from_day=parse_day("2026-03-01"),
            to_day=parse_day("2026-03-31"), entries=4, status="accepted", problems=[],
            recorded_at="2026-04-01",
        ))  # fmt: skip
        for place, row in enumerate(ROWS):
            _book(tx, place + 1, place, row)
        mark_changed(tx, [1])
    for name, role, district in (
        ("wang", "officer", "370702"),
        ("li", "reviewer", "370700"),
        ("zhao", "viewer", "370702"),
        ("ning", "officer", "370785"),
    ):
        add_user(any_app, name, role, password="correct horse", district=district, actor="cli")
    match_changed(any_app)
    return any_app


def _book(tx, key, seq, row, **rest):
    day, fen, counterparty, memo = row
    tx.execute(insert(entry).values(
        id=key, account_id=1, institution_id=1, statement_id=1, line=seq + 2, seq=seq,
        booked_on=parse_day(day), amount_fen=fen, counterparty=counterparty, memo=memo,
        reversal_mark=False, filled=0, matched_fen=0, **({"n": 1} | rest),
    ))  # fmt: skip


def matches(app):
    with app.database.reading() as tx:
        query = select(match.c.entry_id, match.c.contract_id, match.c.amount_fen, match.c.how)
        return set(map(tuple, tx.execute(query)))


def left_over(app):
    return {each.subject_id: (each.unmatched_fen, each.code) for each in list_unmatched(app)}


def test_without_a_decision_the_lump_differs_and_the_transfer_fits_nothing(app):
    assert matches(app) == set()
    assert left_over(app) == {
        LUMP: (429400, "settlement_differs"),
        UNNAMED: (100000, "no_contract"),
        REFUND: (20000, "no_request"),
    }


def test_a_decision_is_matched_first_and_lasts_through_every_derivation(app):
    key = set_match(app, UNNAMED, "HT4", amount_fen=None, actor="wang", reason="家长说明")
    decided = {(2, 4, 100000, "manual")}
    assert matches(app) == decided
    with app.database.transaction() as tx:
        tx.execute(update(contract).where(contract.c.id == 1).values(fee_fen=100600))
        mark_changed(tx, [1])
    run_check(app, parse_day("2026-07-31"), full=True)
    assert matches(app) == decided
    assert UNNAMED not in left_over(app)
    undo_match(app, key, actor="li", reason="对错了")
    assert matches(app) == set()
    assert left_over(app)[UNNAMED] == (100000, "no_contract")
    (row,) = list_decisions(app)
    assert (row.actor, row.reason, row.undone_by, row.undone_reason) == (
        "wang", "家长说明", "li", "对错了",
    )  # fmt: skip


def test_a_lump_is_explained_once_a_decision_tells_which_contract_it_does_not_hold(app):
    with app.database.transaction() as tx:
        tx.execute(update(entry).where(entry.c.id == 1).values(amount_fen=330000))
        mark_changed(tx, [1])
    set_match(app, UNNAMED, "HT1", amount_fen=None, actor="wang", reason="家长转账")
    assert matches(app) == {
        (1, 2, 250000, "settlement"),
        (1, 3, 80000, "settlement"),
        (2, 1, 100000, "manual"),
    }


def test_a_lump_net_of_its_fee_is_used_up_and_the_charge_is_shown(app):
    with app.database.transaction() as tx:
        tx.execute(update(entry).where(entry.c.id == 1).values(amount_fen=427420))
        mark_changed(tx, [1])
    match_changed(app)
    with app.database.reading() as tx:
        assert tx.scalar(select(entry.c.matched_fen).where(entry.c.id == 1)) == 427420
    (row,) = list_settlements(app, USCC)
    assert (row.contracts, row.fees_fen, row.charge_fen) == (3, 430000, 2580)
    assert matches(app) == {
        (1, 1, 100000, "settlement"),
        (1, 2, 250000, "settlement"),
        (1, 3, 80000, "settlement"),
    }


def test_a_lump_is_divided_by_decisions_and_its_rest_stays_visible(app):
    set_match(app, LUMP, "HT1", amount_fen=None, actor="wang", reason="渠道明细")
    set_match(app, LUMP, "HT2", amount_fen=200000, actor="wang", reason="渠道明细")
    assert matches(app) == {(1, 1, 100000, "manual"), (1, 2, 200000, "manual")}
    assert left_over(app)[LUMP] == (129400, "decided_in_part")


def test_a_refund_may_be_decided_too(app):
    set_match(app, REFUND, "HT4", amount_fen=15000, actor="wang", reason="退费单")
    assert matches(app) == {(3, 4, 15000, "manual")}
    assert left_over(app)[REFUND] == (5000, "decided_in_part")


def test_a_decision_follows_its_row_into_the_row_it_merges_into(app):
    set_match(app, UNNAMED, "HT4", amount_fen=None, actor="wang", reason="家长说明")
    with app.database.transaction() as tx:
        _book(tx, 9, 9, ROWS[1])
        tx.execute(update(entry).where(entry.c.id == 2).values(merged_into=9, n=0))
        mark_changed(tx, [1])
    match_changed(app)
    assert matches(app) == {(9, 4, 100000, "manual")}


@pytest.mark.parametrize(
    ("given", "refusal", "code"),
    [
        ({"actor": "zhao"}, ForbiddenError, "ROLE"),
        ({"actor": "ning"}, NotFoundError, "ENTRY-UNKNOWN"),
        ({"actor": "nobody"}, ForbiddenError, "USER-UNKNOWN"),
        ({"reason": " "}, InvalidInputError, "REASON-REQUIRED"),
        ({"entry": "621700001/2026-03-11/100001/1"}, NotFoundError, "ENTRY-UNKNOWN"),
        ({"entry": "621700001/2026-03-11/100000/2"}, NotFoundError, "ENTRY-UNKNOWN"),
        ({"entry": "621700001/2026-03-11"}, InvalidInputError, "ENTRY-ID"),
        ({"entry": "621700001/2026-13-11/1/1"}, InvalidInputError, "ENTRY-ID"),
        ({"entry": "621700001/2026-03-11/1e5/1"}, InvalidInputError, "ENTRY-ID"),
        ({"entry": RELEASE}, ConflictError, "ENTRY-KIND"),
        ({"contract_no": "HT9"}, NotFoundError, "CONTRACT-UNKNOWN"),
        ({"amount_fen": 0}, InvalidInputError, "AMOUNT"),
        ({"amount_fen": 100001}, InvalidInputError, "AMOUNT"),
    ],
)
def test_a_decision_is_refused(app, given, refusal, code):
    wanted = {"entry": UNNAMED, "contract_no": "HT4", "amount_fen": None}
    wanted |= {"actor": "wang", "reason": "家长说明"} | given
    with pytest.raises(refusal) as refused:
        set_match(app, **wanted)
    assert code in (None, refused.value.code)
    with app.database.reading() as tx:
        assert tx.execute(select(manual_match)).all() == []


def test_no_more_is_decided_than_entry_and_contract_hold(app):
    set_match(app, UNNAMED, "HT4", amount_fen=60000, actor="wang", reason="一")
    with pytest.raises(InvalidInputError, match=r"400\.00"):
        set_match(app, LUMP, "HT4", amount_fen=40001, actor="wang", reason="二")
    set_match(app, LUMP, "HT4", amount_fen=None, actor="wang", reason="二")
    with pytest.raises(Refusal) as refused:
        set_match(app, UNNAMED, "HT4", amount_fen=None, actor="wang", reason="三")
    assert refused.value.code == "NOTHING-LEFT"


def test_a_decision_is_undone_once_and_by_those_who_see_it(app):
    key = set_match(app, UNNAMED, "HT4", amount_fen=None, actor="wang", reason="家长说明")
    for actor, kind in (("zhao", ForbiddenError), ("ning", NotFoundError)):
        with pytest.raises(kind):
            undo_match(app, key, actor=actor, reason="越权")
    undo_match(app, key, actor="wang", reason="对错了")
    with pytest.raises(ConflictError):
        undo_match(app, key, actor="wang", reason="再撤")
    with pytest.raises(NotFoundError):
        undo_match(app, key + 1, actor="wang", reason="没有")
    with app.database.reading() as tx:
        acts = tx.execute(
            select(audit.c.action, audit.c.actor, audit.c.detail)
            .where(audit.c.action.like("match.%"))
            .order_by(audit.c.id)
        ).all()
    assert [(row.action, row.actor) for row in acts] == [
        ("match.set", "wang"),
        ("match.undo", "wang"),
    ]
    assert acts[0].detail == {
        "entry": UNNAMED, "contract": "HT4", "amount_fen": 100000, "reason": "家长说明",
        "before": {"decided_fen": 0}, "after": {"decided_fen": 100000},
    }  # fmt: skip


def test_the_desk_shows_what_lies_in_the_scope(app):
    from_office = read_desk(app, Scope("370702"), "", 1)
    assert [each.subject_id for _, each in from_office.rows] == [REFUND, UNNAMED, LUMP]
    assert from_office.total == 3
    assert read_desk(app, Scope("320104"), "", 1).rows == []
    assert read_desk(app, Scope("370702"), OTHER, 1).rows == []


def test_the_commands_set_list_and_undo(app):
    session = Session(None, "wang")
    session.__dict__["app"] = app  # as if opened before
    run = CliRunner()
    arguments = ["set", UNNAMED, "HT4", "--amount", "600.00", "--reason", "家长说明", "--json"]
    told = json.loads(run.invoke(match_command, arguments, obj=session).stdout)
    assert told == {"id": told["id"], "entry": UNNAMED, "contract_no": "HT4"}
    listed = run.invoke(match_command, ["list", "--decided", "--json"], obj=session).stdout
    assert json.loads(listed)["amount_fen"] == 60000
    undo = ["undo", str(told["id"]), "--reason", "对错了"]
    assert run.invoke(match_command, undo, obj=session).exit_code == 0
    listed = run.invoke(match_command, ["list", "--decided", "--json"], obj=session).stdout
    assert json.loads(listed)["undone_by"] == "wang"
