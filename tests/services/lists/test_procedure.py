"""事先告知, 陈述申辩, 听证, 异议: said in time and late, answered on record, heard first."""

import datetime as dt
import tomllib

import pytest
from sqlalchemy import select

from feewatch.credit.notice_form import EXAMPLE
from feewatch.kernel import clock
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists import advance_notices, decision_corrections, procedure
from feewatch.services.lists.decision_objections import answer, object_to, withdraw
from feewatch.services.lists.decision_papers import DecisionFaultsError, DecisionPapers
from feewatch.services.lists.decisions import approve, propose, refuse, review
from feewatch.store.lists import decisions
from feewatch.store.lists.objections import About
from feewatch.store.people import users
from feewatch.store.tables.papers import message

NOTICE = "教罚告字〔2026〕第1号"
#: Served on Monday 2026-05-11, the window of five working days ends on Monday 05-18.
SERVED, LAST = "2026-05-11", "2026-05-18"


def at(day):
    return clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00"))


def papers():
    return advance_notices.NoticePapers(
        read_voucher("n.pdf", b"%PDF-1.7 n"), read_voucher("r.pdf", b"%PDF-1.7 r")
    )


@pytest.fixture
def office(town):
    """The district, with the log-ins of two of its institutions."""
    with town.app.database.transaction() as tx:
        for number in (1, 2):
            institution = users.find_institution_id(tx, town.uscc(number))
            users.add(tx, f"school{number}", "institution", None, institution, "x")
    return town


def notice_form(town, **changes):
    raw = tomllib.loads(EXAMPLE) | {
        "uscc": town.uscc(1), "number": NOTICE, "authority": town.app.config.office.name,
        "served_on": SERVED, "sanctions": ["confiscation"],
    } | changes  # fmt: skip
    raw.pop("defend_until") if "defend_until" not in changes else None
    return {key: value for key, value in raw.items() if value is not None}


def serve(town, on=SERVED, **changes):
    with at(on):
        return advance_notices.put_on_file(
            town.app, notice_form(town, **changes), papers(), actor="li"
        )


def decide_on(town, on="2026-06-01", **changes):
    """Propose, on a day, a decision of that day which rests on the notice."""
    form = town.form(1, date=on, advance_notice=NOTICE, notice_served_on=None, defence=None,
                     objection_until=None, hearing=None, **changes)  # fmt: skip
    with at(on):
        return propose(
            town.app, form, DecisionPapers(read_voucher("a.pdf", b"%PDF-1.7 a"), None), actor="li"
        )


def pass_on(town, document, on="2026-06-01"):
    with at(on):
        review(town.app, document, actor="zhao", reason="合法")
        approve(town.app, document, actor="wang", reason="同意")


def own(town, number=1):
    with town.app.database.reading() as tx:
        return Scope(institution_id=users.find_institution_id(tx, town.uscc(number)))


def told(town):
    with town.app.database.reading() as tx:
        return [
            (row.kind, row.address) for row in tx.execute(select(message).order_by(message.c.id))
        ]


def test_a_notice_is_on_the_pages_of_its_institution_and_of_no_other(office):
    key = serve(office)
    found = procedure.get_notice_procedure(office.app, own(office), key)
    assert format_day(found.notice["defend_until"]) == LAST
    assert found.notice["hearing"]
    assert found.kinds == ("defence", "hearing")
    assert ("decision_near", f"/own/decisions/notices/{key}") in told(office)
    with pytest.raises(NotFoundError):
        procedure.get_notice_procedure(office.app, own(office, 2), key)
    assert office.names(office.publish(), "black") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"served_on": "2026-05-12", "defend_until": LAST}, "DECISION-WINDOW"),
        ({"hearing": False}, "DECISION-HEARING"),
        ({"facts": "赵永胜收取现金"}, "DECISION-PERSON"),
        ({"facts": "电话13800138000"}, "DECISION-PERSONAL"),
        ({"name": "机构2"}, "DECISION-NAME"),
        ({"uscc": None}, "DECISION-WHO"),
        ({"authority": "某某镇教育办公室"}, "DECISION-AUTHORITY"),
        ({"number": "见会议纪要"}, "DECISION-NUMBER"),
        ({"sanctions": ["scolding"]}, "KEY-VALUE"),
        ({"way": "by_pigeon"}, "KEY-VALUE"),
        ({"served_on": "2026-05-13"}, "DECISION-FUTURE"),
        ({"served_on": "2020-05-13"}, "DECISION-TERMS"),
    ],
)
def test_what_a_notice_may_not_be(office, changes, code):
    with pytest.raises(DecisionFaultsError) as refused:
        serve(office, on="2026-05-12", **changes)
    assert code in {problem.code for problem in refused.value.problems}
    assert procedure.list_all_notices(office.app, Scope(), "") == []


def test_the_same_notice_is_on_file_once(office):
    serve(office)
    with pytest.raises(ConflictError, match="已登记"):
        serve(office)


def test_only_an_officer_of_the_place_serves_a_notice(office):
    for actor in ("zhao", "wang", "reader", "school1"):
        with pytest.raises(ForbiddenError), at(SERVED):
            advance_notices.put_on_file(office.app, notice_form(office), papers(), actor=actor)


@pytest.mark.parametrize(("on", "late"), [(LAST, False), ("2026-05-19", True)])
def test_a_defence_is_in_time_on_the_last_day_and_late_on_the_next(office, on, late):
    key = serve(office)
    files = read_attachments([("回单.pdf", b"%PDF-1.7 x")])
    with at(on):
        object_to(office.app, About(key), "defence", "已退费", files, actor="school1")
    (said,) = procedure.get_notice_procedure(office.app, Scope(), key).said
    assert (said.row["is_late"], [file["name"] for file in said.files]) == (late, ["回单.pdf"])
    assert procedure.get_file(office.app, own(office), said.files[0]["id"])[1] == b"%PDF-1.7 x"
    with pytest.raises(NotFoundError):
        procedure.get_file(office.app, own(office, 2), said.files[0]["id"])


def test_files_that_are_none_of_the_types_are_refused(office):
    with pytest.raises(InvalidInputError, match="附件须为"):
        read_attachments([("a.pdf", b"MZ")])


def test_another_institution_can_say_nothing(office):
    key = serve(office)
    with pytest.raises(NotFoundError), at(LAST):
        object_to(office.app, About(key), "defence", "x", actor="school2")


def test_an_unanswered_defence_made_in_time_holds_the_decision_up(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "defence", "已退费", actor="school1")
    document = decide_on(office).document
    with pytest.raises(ConflictError, match="尚未答复"), at("2026-06-01"):
        review(office.app, document, actor="zhao", reason="合法")
    with at("2026-06-01"):
        answer(office.app, said, "rejected", "退费凭证不实", actor="zhao")
    pass_on(office, document)
    assert office.names(office.publish(), "black") == ["机构1"]
    (one,) = procedure.get_notice_procedure(office.app, own(office), key).said
    assert (one.row["outcome"], one.row["answer"]) == ("rejected", "退费凭证不实")
    assert procedure.list_all_notices(office.app, Scope(), "decided")[0]["number"] == NOTICE


def test_a_late_defence_is_on_record_and_holds_nothing_up(office):
    key = serve(office)
    with at("2026-05-19"):
        object_to(office.app, About(key), "defence", "迟到", actor="school1")
    pass_on(office, decide_on(office).document)
    (row,) = procedure.list_all_objections(office.app, Scope(), "waiting")
    assert (row["is_late"], row["number"]) == (True, NOTICE)


def test_a_withdrawn_defence_holds_nothing_up(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "defence", "x", actor="school1")
        with pytest.raises(NotFoundError):
            withdraw(office.app, said, actor="school2", reason="不是我的")
        withdraw(office.app, said, actor="school1", reason="不再主张")
        with pytest.raises(ConflictError):
            withdraw(office.app, said, actor="school1", reason="再撤")
    pass_on(office, decide_on(office).document)


def test_what_came_on_paper_in_time_counts_from_the_day_it_came(office):
    key = serve(office)
    document = decide_on(office).document
    with at("2026-06-01"):
        object_to(
            office.app, About(key), "defence", "书面", actor="li", received_on=parse_day(LAST)
        )
        with pytest.raises(ConflictError, match="尚未答复"):
            review(office.app, document, actor="zhao", reason="合法")


def test_no_decision_passes_while_the_window_is_open(office):
    key = serve(office)
    document = decide_on(office).document
    assert key
    with pytest.raises(ConflictError, match="尚未届满"), at(LAST):
        review(office.app, document, actor="zhao", reason="合法")


def test_a_defence_upheld_after_the_proposal_sends_it_back(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "defence", "x", actor="school1")
    document = decide_on(office).document
    with at("2026-06-02"):
        answer(office.app, said, "partly", "减轻", actor="zhao")
        with pytest.raises(ConflictError, match="重新拟定"):
            review(office.app, document, actor="zhao", reason="合法")
        refuse(office.app, document, actor="zhao", reason="须减轻")
    pass_on(office, decide_on(office, on="2026-06-03").document, on="2026-06-03")
    with office.app.database.reading() as tx:
        row = decisions.list_rows(tx, "教罚字〔2026〕第1号")[-1]
    assert row["status"] == "in_force"


def test_an_answer_after_the_day_of_the_document_sends_it_back(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "defence", "x", actor="school1")
    document = decide_on(office).document
    with at("2026-06-02"):
        answer(office.app, said, "rejected", "不采纳", actor="zhao")
        with pytest.raises(ConflictError, match="晚于文书日期"):
            review(office.app, document, actor="zhao", reason="合法")


def test_a_hearing_asked_for_in_time_is_owed_and_held_by_another(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "hearing", "要求听证", actor="school1")
        with pytest.raises(ConflictError, match="应当组织听证"):
            answer(office.app, said, "rejected", "不必", actor="zhao")
        with pytest.raises(InvalidInputError, match="2026-05-27"):
            answer(office.app, said, "granted", "准予", actor="zhao",
                   hearing_on=parse_day("2026-05-26"))  # fmt: skip
        answer(office.app, said, "granted", "准予", actor="li", hearing_on=parse_day("2026-05-27"))
    with at("2026-05-26"), pytest.raises(ConflictError, match="2026-05-27"):
        answer(office.app, said, "held", "已听证", actor="zhao")
    document = decide_on(office).document
    with pytest.raises(ConflictError, match="听证尚未举行"), at("2026-06-01"):
        review(office.app, document, actor="zhao", reason="合法")
    with at("2026-06-01"):
        with pytest.raises(ForbiddenError, match="以外的人员"):
            answer(office.app, said, "held", "已听证", actor="li")
        answer(office.app, said, "held", "已听证", actor="zhao")
    pass_on(office, document)


def test_a_proposal_names_the_notice_that_is_on_file(office):
    serve(office)
    with pytest.raises(DecisionFaultsError) as refused:
        office.propose(1)
    assert "DECISION-ADVANCE-NOTICE" in {each.code for each in refused.value.problems}
    assert office.propose(2).document


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sanctions": ["licence_revoked"]}, "DECISION-HEAVIER"),
        ({"advance_notice": "教罚告字〔2026〕第9号"}, "DECISION-ADVANCE-NOTICE"),
        ({"notice_served_on": "2026-05-12"}, "DECISION-ADVANCE-NOTICE"),
        ({"on": LAST}, "DECISION-WINDOW"),
    ],
)
def test_a_decision_says_what_its_notice_said_and_is_no_graver(office, changes, code):
    serve(office)
    named = dict.fromkeys(("defence", "notice_served_on", "objection_until"))
    named |= {"date": "2026-06-01", "advance_notice": NOTICE}
    form = office.form(1, **(named | changes))
    if "on" in changes:
        form["date"] = form.pop("on")
    with pytest.raises(DecisionFaultsError) as refused, at("2026-06-02"):
        propose(
            office.app, form, DecisionPapers(read_voucher("a.pdf", b"%PDF-1.7 a"), None), actor="li"
        )
    assert code in {each.code for each in refused.value.problems}


def test_a_notice_is_dropped_only_while_nothing_rests_on_it(office):
    key = serve(office)
    document = decide_on(office).document
    with pytest.raises(ConflictError):
        advance_notices.drop(office.app, key, actor="li", reason="撤案")
    refuse(office.app, document, actor="zhao", reason="证据不足")
    advance_notices.drop(office.app, key, actor="li", reason="撤案")
    assert procedure.get_notice_procedure(office.app, own(office), key).kinds == ()
    with pytest.raises(ConflictError):
        object_to(office.app, About(key), "defence", "x", actor="school1")


@pytest.mark.parametrize(("on", "late"), [("2026-06-15", False), ("2026-06-16", True)])
def test_an_entry_is_objected_to_within_ten_working_days_and_after(office, on, late):
    """Approved on 2026-06-01: the tenth working day is 06-15, its answer due in seven."""
    serve(office)
    pass_on(office, decide_on(office).document)
    with at(on):
        key = object_to(office.app, About(decision_id=1), "objection", "名称有误", actor="school1")
        with pytest.raises(ConflictError, match="正待答复"):
            object_to(office.app, About(decision_id=1), "objection", "再提", actor="school1")
        with pytest.raises(ConflictError, match="目前不能"):
            object_to(office.app, About(decision_id=1), "defence", "x", actor="school1")
        answer(office.app, key, "upheld", "将更正", actor="zhao")
        with pytest.raises(ConflictError):
            answer(office.app, key, "rejected", "反悔", actor="li")
    found = procedure.get_decision_procedure(office.app, own(office), 1)
    assert (found.said[0].row["is_late"], found.said[0].row["outcome"]) == (late, "upheld")
    assert ("objection_answered", f"/own/decisions/1#o{key}") in told(office)
    assert [moment.title.zh for moment in found.course] == [
        "送达事先告知", "拟定决定", "法制审核通过", "决定批准", "异议：提出",
        "异议：采纳",
    ]  # fmt: skip


def test_a_correction_is_objected_to(office):
    serve(office)
    document = decide_on(office).document
    pass_on(office, document)
    with at("2026-07-01"):
        decision_corrections.ask_correction(
            office.app, document, {"basis.clause": "第三条"}, actor="li", reason="笔误"
        )
        decision_corrections.confirm_correction(office.app, document, actor="zhao", reason="属实")
        key = object_to(office.app, About(None, 1, 1), "objection", "不是笔误", actor="school1")
        with pytest.raises(NotFoundError):
            object_to(office.app, About(None, 1, 2), "objection", "x", actor="school1")
    found = procedure.get_decision_procedure(office.app, own(office), 1)
    assert (found.said[0].row["id"], found.said[0].row["is_late"]) == (key, False)
    assert ("decision_corrected", "/own/decisions/1") in told(office)


def test_a_refused_proposal_is_not_shown_to_its_institution(office):
    document = office.propose(1).document
    considered = procedure.list_own(office.app, own(office)).considered
    assert [row["document"] for row in considered] == [document]
    refuse(office.app, document, actor="zhao", reason="证据不足")
    assert procedure.list_own(office.app, own(office)).considered == []
    with pytest.raises(NotFoundError):
        procedure.get_decision_procedure(office.app, own(office), 1)


def test_the_institution_answers_nothing_itself(office):
    key = serve(office)
    with at(LAST):
        said = object_to(office.app, About(key), "defence", "x", actor="school1")
        for actor in ("school1", "wang", "reader"):
            with pytest.raises(ForbiddenError):
                answer(office.app, said, "upheld", "采纳", actor=actor)
