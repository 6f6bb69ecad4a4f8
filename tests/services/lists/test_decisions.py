"""Decisions: who may record them, when their names are shown, how they end."""

import pytest
from sqlalchemy import insert, select, update

from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import Scope
from feewatch.services.cases.places import get_premises
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists.decision_corrections import ask_correction, confirm_correction
from feewatch.services.lists.decision_papers import (
    DecisionFaultsError,
    DecisionPapers,
    read_papers,
)
from feewatch.services.lists.decisions import approve, end_decision, propose, refuse, review
from feewatch.services.registers.importing import import_registers
from feewatch.store.lists import decisions
from feewatch.store.people import users
from feewatch.store.tables import publication, registers

#: Of an institution that is on no register; its check digit is right.
STRANGER = "52370702000000099" + check_character("52370702000000099")
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def number_of(number):
    return f"教罚字〔2026〕第{number}号"


def test_a_decision_puts_a_name_on_black_and_takes_it_off_white(town):
    town.publish(parse_day("2026-05-31"))
    town.decide(1)
    found = town.publish(JULY)
    assert town.names(found, "black") == ["机构1"]
    assert "机构1" not in town.names(found)
    assert town.why(found)[("removed", "white", "机构1")] == "另有生效决定"


def test_a_list_without_a_legal_basis_does_not_exist_and_its_entries_are_notices(town):
    town.decide(1, list="credit_black")
    found = town.publish()
    assert town.names(found, "notice") == ["机构1"]
    assert "credit_black" not in found[0].document["lists"]
    assert "机构1" not in town.names(found)


def test_a_notice_served_before_changes_nothing_until_the_entry_begins(town):
    """F7: no white place ends, and nothing is told, before the decision is public."""
    town.decide(1)
    before = town.publish(parse_day("2026-05-31"))
    assert "机构1" in town.names(before)
    after = town.publish(parse_day("2026-06-01"))
    assert town.names(after, "black") == ["机构1"]
    assert "机构1" not in town.names(after)


def register_premises(town, name=""):
    path = town.path / "premises.csv"
    path.write_text(
        "premises_no,district,address,found_on,name,state\n"
        f"CS1,370702,示例路2号,2026-04-03,{name},unlicensed\n",
        encoding="utf-8",
    )
    assert import_registers(town.app, "premises", path, actor="wang").as_json()["bad"] == 0


@pytest.mark.parametrize(("name", "shown"), [("某托管班", "某托管班"), ("", "示例路2号")])
def test_a_decision_names_premises_of_the_register(town, name, shown):
    register_premises(town, name)
    decision = town.decide(1, uscc=None, name=None, premises="CS1", district=None)
    assert (decision.name, decision.district, decision.premises_no) == (shown, "370702", "CS1")
    (found,) = town.publish()
    [entry] = found.document["lists"]["black"]
    assert (entry["name"], entry["uscc"]) == (shown, "")
    file = get_premises(town.app, Scope("370702"), "CS1")
    assert [each.document for each in file.decisions] == ["教罚字〔2026〕第1号"]


@pytest.mark.parametrize(
    "named",
    [
        {"uscc": None, "name": None, "premises": "CS9"},  # not on file
        {"uscc": None, "name": None, "premises": "CS1", "district": "370703"},  # lies elsewhere
        {"premises": "CS1"},  # beside a credit code
        {"uscc": None, "name": None, "premises": "CS1", "list": "credit_black"},  # only black may
        {"uscc": None, "name": "某小区无证点"},  # on no register
    ],
)
def test_premises_that_a_decision_may_not_name(town, named):
    register_premises(town)
    with pytest.raises(DecisionFaultsError) as refused:
        town.decide(1, **named)
    codes = {each.code for each in refused.value.problems}
    assert codes & {"DECISION-PREMISES", "DECISION-USCC", "DECISION-WHO"}
    assert town.publish()[0].document["lists"]["black"] == []


def test_a_name_leaves_by_itself_after_its_last_day(town):
    town.decide(1)
    town.publish(parse_day("2027-06-01"))
    assert town.correct(parse_day("2027-06-01")) == []
    found = town.correct(parse_day("2027-06-02"))
    assert town.why(found) == {("removed", "black", "机构1"): "公示期届满"}
    assert found[0].document["kind"] == "correction"


@pytest.mark.parametrize(
    ("status", "reason"),
    [("changed", "原决定已变更"), ("revoked", "原决定已撤销"), ("void", "原决定已确认无效")],
)
def test_a_decision_that_falls_leaves_at_once_by_a_correction(town, status, reason):
    town.decide(1)
    (before,) = town.publish()
    town.end(1, status, on=JULY)
    found = town.correct(JULY)
    assert town.why(found) == {("removed", "black", "机构1"): reason}
    assert found[0].document["previous_sha256"] == before.sha256
    assert town.names(found) == town.names([before])
    assert town.correct(JULY) == []


def test_a_correction_of_today_follows_an_edition_of_a_later_cut_off(town):
    town.decide(1)
    town.publish(AUGUST)
    town.end(1, "revoked", on=JULY)
    (found,) = town.correct(JULY)
    assert found.document["cut_off"] == format_day(AUGUST)


def test_a_repair_waits_for_its_earliest_day(town):
    town.decide(1)
    with pytest.raises(ConflictError, match="2026-09-01"):
        town.end(1, "repaired", on=parse_day("2026-08-31"))
    town.publish(AUGUST)
    town.end(1, "repaired", on=parse_day("2026-09-01"))
    assert town.correct(AUGUST) == []
    found = town.correct(parse_day("2026-09-01"))
    assert town.why(found) == {("removed", "black", "机构1"): "已准予信用修复"}


def test_all_faults_of_a_proposal_are_told(town):
    with pytest.raises(DecisionFaultsError) as refused:
        town.propose(1, reasons=None, sanctions=["scolding"])
    assert [each.column for each in refused.value.problems] == ["sanctions", "reasons"]


def test_a_decision_is_recorded_once(town):
    town.decide(1)
    with pytest.raises(ConflictError, match="已将"):
        town.propose(1)
    town.decide(1, list="credit_black")


def statuses(town, number=1):
    with town.app.database.reading() as tx:
        rows = decisions.list_rows(tx, number_of(number))
    return [row["status"] for row in rows]


def test_nobody_is_named_before_three_persons_have_acted(town):
    town.propose(1)
    document = number_of(1)
    for step, actor in ((review, "zhao"), (approve, "wang")):
        assert town.names(town.publish(), "black") == []
        step(town.app, document, actor=actor, reason="合法")
    assert town.names(town.publish(AUGUST), "black") == ["机构1"]


@pytest.mark.parametrize("actor", ["nobody", "reader", "elsewhere", "zhao", "wang"])
def test_only_officers_of_the_place_propose(town, actor):
    with pytest.raises(ForbiddenError):
        town.propose(1, actor=actor)
    assert statuses(town) == []


def test_each_step_has_its_role_and_its_turn(town):
    document = number_of(1)
    town.propose(1)
    for actor in ("li", "wang", "reader", "elsewhere"):
        with pytest.raises(ForbiddenError):
            review(town.app, document, actor=actor, reason="合法")
    with pytest.raises(ConflictError):
        approve(town.app, document, actor="wang", reason="同意")
    review(town.app, document, actor="zhao", reason="合法")
    for actor in ("li", "zhao", "reader", "elsewhere"):
        with pytest.raises(ForbiddenError):
            approve(town.app, document, actor=actor, reason="同意")
    approve(town.app, document, actor="wang", reason="同意")
    with pytest.raises(ConflictError):
        approve(town.app, document, actor="wang", reason="同意")


def test_the_same_person_never_acts_twice_whatever_role_was_given_since(town):
    town.propose(1)
    with town.app.database.transaction() as tx:
        users.change(tx, "li", role="reviewer")
    with pytest.raises(ForbiddenError, match="三个人"):
        review(town.app, number_of(1), actor="li", reason="合法")
    review(town.app, number_of(1), actor="zhao", reason="合法")
    with town.app.database.transaction() as tx:
        users.change(tx, "li", role="publisher")
        users.change(tx, "zhao", role="publisher")
    for actor in ("li", "zhao"):
        with pytest.raises(ForbiddenError, match="三个人"):
            approve(town.app, number_of(1), actor=actor, reason="同意")


def test_a_refused_proposal_names_nobody_and_may_be_made_anew(town):
    town.propose(1)
    refuse(town.app, number_of(1), actor="zhao", reason="文号有误")
    town.propose(1)
    review(town.app, number_of(1), actor="zhao", reason="合法")
    refuse(town.app, number_of(1), actor="wang", reason="证据不足")
    assert statuses(town) == ["refused", "refused"]
    assert town.names(town.publish(), "black") == []
    town.decide(1)
    assert town.names(town.publish(AUGUST), "black") == ["机构1"]


def test_what_is_imported_goes_the_same_way_and_is_marked(town):
    town.propose(1, imported=True, objection_until="2026-05-11")
    assert town.names(town.publish(), "black") == []
    review(town.app, number_of(1), actor="zhao", reason="合法")
    (decision,) = approve(town.app, number_of(1), actor="wang", reason="同意")
    assert decision.imported


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "另一家机构"}, "DECISION-NAME"),  # F3: another's name
        ({"uscc": STRANGER}, "DECISION-REGISTER"),
        ({"sanctions": ["warning"], "why_necessary": "赵永胜涉刑事案件"}, "DECISION-PERSON"),
        ({"notice_served_on": "2026-06-04"}, "DECISION-NOTICE"),  # F4: after the decision
        ({"notice_served_on": "2026-06-01"}, "DECISION-NOTICE"),
        ({"objection_until": "2026-05-10"}, "DECISION-WINDOW"),  # no window
        ({"objection_until": "2026-06-01"}, "DECISION-WINDOW"),  # still open on the day
        ({"authority": "某某镇教育办公室"}, "DECISION-AUTHORITY"),
        ({"document": "见会议纪要"}, "DECISION-NUMBER"),
        ({"date": "2099-06-01"}, "DECISION-FUTURE"),
        ({"class": "serious"}, "DECISION-COMPUTED"),  # F5
        ({"last_day": "2029-06-01"}, "DECISION-COMPUTED"),
        ({"earliest_repair": "2026-07-01"}, "DECISION-COMPUTED"),  # F6
        ({"reasons": ["刑事犯罪"]}, "KEY-VALUE"),
        ({"defence": "answered"}, "KEY-MISSING"),
        ({"defence": "answered", "defence_answered_on": "2026-06-02"}, "DECISION-ORDER"),
        ({"sanctions": ["listed_serious"]}, "DECISION-LEVEL"),
        ({"date": "2023-04-28", "notice_served_on": "2023-04-10",
          "objection_until": "2023-04-20"}, "DECISION-TERMS"),
    ],
)  # fmt: skip
def test_what_no_three_persons_can_enter(town, changes, code):
    with pytest.raises(DecisionFaultsError) as refused:
        town.propose(1, **changes)
    assert code in [each.code for each in refused.value.problems]
    assert statuses(town) == []


def test_a_former_name_is_said_to_be_one(town):
    with town.app.database.transaction() as tx:
        fact, on = registers.institution_fact, parse_day("2026-06-10")
        (row,) = tx.execute(select(fact).where(fact.c.name == "机构1")).mappings()
        tx.execute(update(fact).where(fact.c.id == row["id"]).values(valid_to=on - 1))
        new = {**row, "valid_from": on, "name": "改名后的机构"}
        del new["id"]
        tx.execute(insert(fact).values(new))
    with pytest.raises(DecisionFaultsError, match="former_name"):
        town.propose(1)
    assert town.propose(1, former_name=True).name == "机构1"


def test_a_warning_is_published_only_where_it_is_necessary(town):
    quiet = town.decide(1, sanctions=["warning"])
    assert (quiet.gravity, quiet.publish_from, quiet.last_day) == ("minor", None, None)
    told = town.decide(2, sanctions=["warning"], why_necessary="涉及众多家庭")
    assert format_day(told.last_day) == "2026-09-01"
    assert town.names(town.publish(), "black") == ["机构2"]


def test_the_document_itself_and_the_record_of_service_are_attached(town):
    papers = DecisionPapers(read_voucher("a.pdf", b"%PDF-1.7 a"), None)
    with pytest.raises(InvalidInputError, match="送达回证"):
        propose(town.app, town.form(1), papers, actor="li")
    with pytest.raises(InvalidInputError, match="原件"):
        read_papers(None, papers.document)


def test_ends_need_a_decider_of_the_place(town):
    town.decide(1)
    for actor in ("nobody", "reader", "elsewhere"):
        with pytest.raises(ForbiddenError):
            town.end(1, "revoked", actor=actor)
    assert statuses(town) == ["in_force"]


def test_a_decision_ends_once_and_must_exist(town):
    with pytest.raises(NotFoundError):
        town.end(1, "revoked")
    town.decide(1)
    town.end(1, "revoked")
    with pytest.raises(ConflictError):
        town.end(1, "void")


def test_a_revoked_number_may_be_entered_again(town):
    """F16."""
    town.decide(1)
    town.publish()
    town.end(1, "revoked", on=JULY)
    town.correct(JULY)
    town.decide(1)
    assert town.names(town.publish(AUGUST), "black") == ["机构1"]
    assert statuses(town) == ["revoked", "in_force"]


def test_a_repair_names_its_number(town):
    town.decide(1)
    with pytest.raises(InvalidInputError, match="信用中国"):
        end_decision(
            town.app, number_of(1), "repaired", on=parse_day("2026-09-01"), reason="x", actor="wang"
        )


def test_a_slip_of_the_pen_is_corrected_by_two_and_told_as_a_correction(town):
    """F16: the number stays, the day is right, and nobody is told of a revocation."""
    town.decide(1)
    town.publish()
    ask_correction(town.app, number_of(1), {"date": "2026-06-02"}, actor="li", reason="笔误")
    with pytest.raises(ForbiddenError):
        confirm_correction(town.app, number_of(1), actor="li", reason="是")
    with pytest.raises(ConflictError):
        ask_correction(town.app, number_of(1), {"date": "2026-06-03"}, actor="zhao", reason="笔误")
    corrected = confirm_correction(town.app, number_of(1), actor="wang", reason="核对原件")
    assert format_day(corrected.decided_on) == "2026-06-02"
    assert format_day(corrected.last_day) == "2027-06-02"
    (edition,) = town.publish(AUGUST)
    (change,) = [each for each in edition.document["delta"] if each["list"] == "black"]
    assert (change["change"], change["reason"]["zh"]) == ("changed", "更正")


#: Beside a slip of the pen what two persons may not change: what was imposed, and on whom.
OF_THREE = {
    "nothing": {},
    "sanctions": {"sanctions": ["warning"]},
    "list": {"list": "notice"},
    "another": {"uscc": STRANGER, "name": "机构2"},
    "name": {"name": "机构2"},
    "former": {"name": "旧名", "former_name": True},
    "premises": {"uscc": "", "premises": "CS2026-0001", "date": "2026-06-02"},
    "district": {"district": "370703"},
}


@pytest.mark.parametrize("changes", OF_THREE.values(), ids=OF_THREE)
def test_what_was_imposed_and_on_whom_is_no_slip_of_the_pen(town, changes):
    town.decide(1)
    with pytest.raises(InvalidInputError, match=r"三人|写明"):
        ask_correction(town.app, number_of(1), changes, actor="li", reason="笔误")


def test_a_correction_meets_the_same_questions(town):
    town.decide(1)
    with pytest.raises(DecisionFaultsError):
        ask_correction(town.app, number_of(1), {"date": "2026-05-01"}, actor="li", reason="笔误")


def test_a_correction_takes_no_name_that_the_register_has_since(town):
    """Two persons and an import of the register would name another than three persons did."""
    town.decide(1)
    with town.app.database.transaction() as tx:
        tx.execute(
            update(registers.institution_fact)
            .where(registers.institution_fact.c.name == "机构1")
            .values(name="另一家")
        )
    ask_correction(town.app, number_of(1), {"date": "2026-06-02"}, actor="li", reason="笔误")
    assert confirm_correction(town.app, number_of(1), actor="zhao", reason="是").name == "机构1"
    assert town.names(town.publish(), "black") == ["机构1"]


def test_two_persons_do_not_show_what_three_left_unpublished(town):
    """A warning without ``why_necessary`` is on no list; a correction cannot put it there."""
    town.decide(1, sanctions=["warning"])
    changes = {"why_necessary": "涉及众多家长"}
    with pytest.raises(InvalidInputError, match="不能经更正"):
        ask_correction(town.app, number_of(1), changes, actor="li", reason="笔误")
    assert town.names(town.publish(), "black") == []


def test_two_persons_do_not_show_again_what_has_run_out(town):
    days = {"notice_served_on": "2024-05-01", "objection_until": "2024-05-15"}
    town.decide(1, date="2024-06-03", sanctions=["warning"], why_necessary="涉及众多家长", **days)
    assert town.names(town.publish(), "black") == []
    changes = {"date": "2026-07-01"}
    with pytest.raises(InvalidInputError, match="不能经更正"):
        ask_correction(town.app, number_of(1), changes, actor="li", reason="笔误")


def test_decisions_keep_their_history_and_the_audit_their_actors(town):
    town.decide(1)
    town.end(1, "void")
    with town.app.database.reading() as tx:
        events = tx.execute(select(publication.decision_event)).all()
    assert [(each.change, each.actor) for each in events] == [
        ("proposed", "li"), ("reviewed", "zhao"), ("approved", "wang"), ("void", "wang"),
    ]  # fmt: skip
