"""信用评价: from decided facts to a grade that a person sets, on either database."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from feewatch.config import Config, Credit, ListBasis
from feewatch.engine.loader import SHIPPED
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists import grade_objections, grade_pages, grade_steps, grading
from feewatch.services.lists.grade_trial import compare_schemes
from feewatch.store.people import users
from feewatch.store.tables import casework
from feewatch.store.tables.papers import message

PERIOD = "2026"
PDF = b"%PDF-1.7 a"
RED = ListBasis("credit_red", "山东省条例", "local_regulation", "第六条", "370000")


def at(day):
    return fixed(dt.datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=SHANGHAI))


@pytest.fixture
def office(build_town, tmp_path):
    """Three institutions of which everything is on file; the first has a person who logs in."""
    town = build_town(tmp_path)
    publication = town.app.config.publication
    bases = [*publication.list_basis, RED]
    config = replace(town.app.config, publication=replace(publication, list_basis=bases))
    town.app = replace(town.app, config=config)
    keys = [town.add(number) for number in range(1, 4)]
    with town.app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, keys[0], "x")
        users.add(tx, "chen", "reviewer", "370702", None, "x")
        users.add(tx, "far", "officer", "110108", None, "x")
    return town


def compute(town, day="2027-01-04"):
    with at(day):
        return grading.compute(town.app, PERIOD, actor="li")


def tell(town, *numbers, day="2027-01-05"):
    with at(day):
        usccs = [town.uscc(number) for number in numbers] or None
        return grade_steps.tell_drafts(town.app, PERIOD, usccs, actor="li")


def show(town, number, scope=None, day="2027-03-01"):
    with at(day):
        file = grade_pages.get_grade_file(town.app, scope or Scope(), town.uscc(number), PERIOD)
        return grade_pages.file_json(file)


def put(town, number, grade, reason="", actor="li", day="2027-02-01"):
    with at(day):
        return grade_steps.set_grade(
            town.app, town.uscc(number), PERIOD, grade, reason, actor=actor
        )


def confirm(town, number, actor="zhao", accept=True, day="2027-02-02"):
    with at(day):
        return grade_steps.confirm_grade(
            town.app, town.uscc(number), PERIOD, "复核", accept=accept, actor=actor
        )


def add_case(town, key, steps, *, authority="law", closed="2026-07-20", severity="orange",
             status="closed", objection=None):  # fmt: skip
    """A case of an institution with one matter, and the steps it went."""
    with town.app.database.transaction() as tx:
        matter = tx.execute(
            insert(casework.matter).values(
                institution_id=key, uscc=town.uscc(key), district="370702", rule="FEE-HOURS-60",
                cause="x", status=status, severity=severity, authority=authority, alerts=1,
                first_day=parse_day("2026-05-01"), last_day=parse_day("2026-05-01"),
                historic=False, opened_at="2026-06-01T10:00:00+08:00",
            )
        ).inserted_primary_key[0]  # fmt: skip
        number = f"370702-2026-{matter:04d}"
        case = tx.execute(
            insert(casework.case_file).values(
                number=number, institution_id=key, uscc=town.uscc(key), district="370702",
                state=steps[-1][1], severity=severity, escalated=False,
                deadline_provisional=False, opened_at="2026-06-01T10:00:00+08:00",
                closed_on=closed and parse_day(closed),
            )
        ).inserted_primary_key[0]  # fmt: skip
        tx.execute(insert(casework.case_matter).values(case_file_id=case, matter_id=matter))
        for step, state, day, document in steps:
            tx.execute(
                insert(casework.case_event).values(
                    case_file_id=case, at=f"{day}T10:00:00+08:00", actor="li", step=step,
                    from_state="open", to_state=state, reason="x", document=document,
                )
            )  # fmt: skip
        if objection:
            tx.execute(
                insert(casework.objection).values(
                    case_file_id=case, text="x", made_by="school", outcome=objection,
                    made_at="2026-06-20T10:00:00+08:00",
                )
            )  # fmt: skip
    return number


ORDERED = ("notify", "notified", "2026-06-10", "order")
HINTED = ("notify", "notified", "2026-06-10", "hint")
CLOSED = ("close", "closed", "2026-07-20", None)
LATE = ("overdue", "notified", "2026-07-01", None)
AGAIN = ("reopen", "reopened", "2026-09-01", None)


def test_a_draft_rests_on_facts_and_tells_nobody(office):
    office.decide(1)
    done = compute(office)
    assert dict(done.counts) == {"new": 3, "changed": 0, "unchanged": 0, "kept": 0}
    first, second = show(office, 1), show(office, 2)
    assert (first["points"], first["computed"], first["status"]) == ("80", "B", "draft")
    (line,) = first["lines"]
    assert line["indicator"] == "decision-general"
    assert (line["on"], line["points"], line["percent"], line["counted"]) == (
        "2026-06-01", "-20", 100, "-20"
    )  # fmt: skip
    assert line["address"].startswith("/desk/decisions/")
    assert (second["points"], second["computed"], second["lines"]) == ("100", "A", [])
    with office.app.database.reading() as tx:
        told = tx.scalars(select(message.c.kind)).all()
    assert [kind for kind in told if kind.startswith("grade_")] == []
    with pytest.raises(NotFoundError):
        show(office, 1, Scope(institution_id=1))  # its institution sees no draft


@pytest.mark.parametrize(
    ("how", "counted"),
    [
        ({"steps": [ORDERED, CLOSED]}, {"case-other": "-5"}),
        ({"steps": [ORDERED, CLOSED], "severity": "red"}, {"case-red": "-15"}),
        # a hint claims no violation; an open case is not decided; neither is a preset ever
        ({"steps": [HINTED, CLOSED]}, {}),
        ({"steps": [ORDERED], "closed": None, "status": "in_case"}, {}),
        ({"steps": [ORDERED, CLOSED], "authority": "preset"}, {}),
        ({"steps": [ORDERED, CLOSED], "authority": "local"}, {"case-other": "-5"}),
        ({"steps": [ORDERED, CLOSED], "status": "withdrawn"}, {}),
        ({"steps": [ORDERED, ("dismiss", "dismissed", "2026-07-01", None)]}, {}),
        ({"steps": [ORDERED, CLOSED], "objection": "upheld"}, {}),
        ({"steps": [ORDERED, CLOSED], "objection": "rejected"}, {"case-other": "-5"}),
        ({"steps": [ORDERED, LATE, LATE, CLOSED]}, {"case-other": "-5", "case-overdue": "-5"}),
        ({"steps": [ORDERED, LATE], "closed": None, "status": "in_case"}, {}),
        ({"steps": [ORDERED, CLOSED, AGAIN], "status": "in_case"}, {"case-reopened": "-10"}),
        # the days of the window, and of the period
        ({"steps": [ORDERED, CLOSED], "closed": "2026-01-01"}, {"case-other": "-5"}),
        ({"steps": [ORDERED, CLOSED], "closed": "2025-12-31"}, {}),
        ({"steps": [ORDERED, CLOSED], "closed": "2026-12-31"}, {"case-other": "-5"}),
        ({"steps": [ORDERED, CLOSED], "closed": "2027-01-01"}, {}),
    ],
)
def test_only_what_an_order_confirmed_counts_of_cases(office, how, counted):
    add_case(office, 1, **how)
    compute(office)
    lines = show(office, 1)["lines"]
    assert {line["indicator"]: line["counted"] for line in lines} == counted


@pytest.mark.parametrize("status", ["revoked", "changed", "void"])
def test_a_decision_that_fell_counts_no_more(office, status):
    office.decide(1)
    compute(office)
    assert show(office, 1)["computed"] == "B"
    office.end(1, status)
    assert compute(office).counts["changed"] == 1
    assert (show(office, 1)["points"], show(office, 1)["computed"]) == ("100", "A")


def test_a_repaired_decision_counts_up_to_its_repair(office):
    office.decide(1)
    office.end(1, "repaired", on=parse_day("2026-12-31"))
    compute(office)
    assert show(office, 1)["lines"] == []


def test_what_three_persons_did_not_make_is_no_fact(office):
    office.propose(1)
    compute(office)
    assert show(office, 1)["lines"] == []


def test_a_serious_decision_keeps_the_grade_down_whatever_the_points(office):
    office.decide(1, sanctions=["licence_revoked"])
    compute(office)
    sheet = show(office, 1)
    assert (sheet["points"], sheet["computed"]) == ("50", "D")


def test_unknown_is_never_good(office):
    office.add(4, covered=False)
    compute(office)
    sheet = show(office, 4)
    assert sheet["computed"] is None
    assert "80%" in sheet["missing"][0]["zh"]
    tell(office)
    with pytest.raises(ConflictError) as refused:
        put(office, 4, "A", "看着不错")
    assert refused.value.code == "GRADE-NOT-PROVEN"
    assert put(office, 4, "C", "现场检查无异常，资料不全") == "set"


def test_a_period_that_is_not_over_gives_no_round(office):
    for day in ("2026-06-01", "2026-12-31"):
        with pytest.raises(ConflictError) as refused:
            compute(office, day)
        assert refused.value.code == "PERIOD-OPEN"
    assert compute(office, "2027-01-01").counts["new"] == 3


@pytest.mark.parametrize("name", ["2026H1", "2026Q1", "26", "2026-01", "1999", "2100", "０"])
def test_what_is_no_period_is_refused(office, name):
    with at("2027-01-04"), pytest.raises(InvalidInputError) as refused:
        grading.compute(office.app, name, actor="li")
    assert refused.value.code == "PERIOD"


def test_told_then_objected_then_answered_then_set(office):
    office.decide(1)
    compute(office)
    assert len(tell(office)) == 3
    sheet = show(office, 1, Scope(institution_id=1))
    assert (sheet["status"], sheet["told_on"], sheet["objection_until"]) == (
        "told", "2027-01-05", "2027-01-19"
    )  # fmt: skip
    with office.app.database.reading() as tx:
        kinds = [
            row.kind for row in tx.execute(select(message).where(message.c.institution_id == 1))
        ]
    assert kinds.count("grade_told") == 1
    for day in ("2027-01-06", "2027-01-19"):
        with pytest.raises(ConflictError) as refused:
            put(office, 1, "B", day=day)
        assert refused.value.code == "GRADE-WINDOW"
    with at("2027-01-19"):
        files = read_attachments([("说明.pdf", PDF)])
        key = grade_objections.object_to_grade(
            office.app, PERIOD, "处罚已缴", files, actor="school"
        )
    with pytest.raises(ConflictError) as refused:
        put(office, 1, "B", day="2027-01-20")
    assert refused.value.code == "GRADE-OBJECTION"
    with at("2027-01-21"):
        grade_objections.answer_grade_objection(
            office.app, office.uscc(1), PERIOD, key, "rejected", "事实清楚", actor="zhao"
        )
    assert put(office, 1, "B", day="2027-01-22") == "set"
    sheet = show(office, 1)
    (objection,) = sheet["objections"]
    assert (objection["outcome"], objection["answer"]) == ("rejected", "事实清楚")
    changes = [event["change"] for event in sheet["history"]]
    assert changes == ["computed", "told", "objected", "answered", "set"]
    assert (sheet["grade"], sheet["set_by"], sheet["set_on"]) == ("B", "li", "2027-01-22")
    assert (sheet["checks_days"], sheet["next_check"]) == (90, "2027-04-22")
    with at("2027-01-23"):
        name, content, _ = grade_pages.get_grade_paper(
            office.app, Scope(institution_id=1), office.uscc(1), PERIOD, 1
        )
    assert (name, content) == ("说明.pdf", PDF)
    with pytest.raises(NotFoundError):
        grade_pages.get_grade_paper(office.app, Scope(institution_id=2), office.uscc(1), PERIOD, 1)


def test_after_its_time_an_institution_objects_on_paper_alone(office):
    compute(office)
    tell(office)
    with at("2027-01-20"):
        with pytest.raises(ConflictError) as refused:
            grade_objections.object_to_grade(office.app, PERIOD, "x", actor="school")
        assert refused.value.code == "GRADE-LATE"
        key = grade_objections.record_grade_objection(
            office.app, office.uscc(1), PERIOD, "书面异议", actor="li"
        )
        with pytest.raises(ConflictError) as refused:
            grade_objections.record_grade_objection(
                office.app, office.uscc(1), PERIOD, "x", actor="li"
            )
        assert refused.value.code == "GRADE-OBJECTION"
        answer = office.app, office.uscc(1), PERIOD, key, "upheld", "采纳"
        grade_objections.answer_grade_objection(*answer, actor="li")
        with pytest.raises(ConflictError) as refused:
            grade_objections.answer_grade_objection(*answer, actor="li")
        assert refused.value.code == "OBJECTION-ANSWERED"


def test_what_was_told_is_not_computed_anew_unless_it_is_redrawn(office):
    compute(office)
    tell(office, 1)
    office.decide(1)
    done = compute(office, "2027-01-06")
    assert (done.counts["kept"], done.counts["unchanged"]) == (1, 2)
    assert show(office, 1)["points"] == "100"
    with at("2027-01-07"):
        grade_steps.redraw(office.app, office.uscc(1), PERIOD, "有新决定", actor="li")
    assert compute(office, "2027-01-07").counts["changed"] == 1
    assert show(office, 1)["points"] == "80"
    tell(office, 1, day="2027-01-08")
    assert show(office, 1)["objection_until"] == "2027-01-22"


def test_another_grade_than_the_computed_one_needs_a_reason(office):
    compute(office)
    tell(office)
    with pytest.raises(InvalidInputError) as refused:
        put(office, 2, "C")
    assert refused.value.code == "REASON-REQUIRED"
    assert put(office, 2, "C", "群众举报经查实") == "set"
    with pytest.raises(InvalidInputError) as refused:
        put(office, 3, "AAA", "x")
    assert refused.value.code == "GRADE"
    with pytest.raises(ConflictError) as refused:
        put(office, 2, "B", "x")
    assert refused.value.code == "GRADE-SET"


def test_nothing_is_set_before_it_was_told(office):
    compute(office)
    with pytest.raises(ConflictError) as refused:
        put(office, 2, "A")
    assert refused.value.code == "GRADE-NOT-TOLD"
    with pytest.raises(NotFoundError):
        put(office, 9, "A")


def test_a_grade_that_leads_to_a_list_needs_a_second_person(office):
    compute(office)
    tell(office)
    assert put(office, 2, "A", actor="zhao") == "proposed"
    assert show(office, 2)["grade"] is None
    for actor, code in (("zhao", "SAME-PERSON"), ("li", "ROLE"), ("wang", "ROLE"), ("far", "ROLE")):
        with pytest.raises(ForbiddenError) as refused:
            confirm(office, 2, actor=actor)
        assert refused.value.code == code
    assert confirm(office, 2, actor="chen") == "set"
    assert show(office, 2)["grade"] == "A"
    with pytest.raises(ConflictError):
        confirm(office, 2, actor="chen")


def test_a_refused_proposal_goes_back(office):
    compute(office)
    tell(office)
    put(office, 2, "A")
    assert confirm(office, 2, accept=False) == "told"
    assert put(office, 2, "B", "改评") == "set"


def test_a_correction_names_old_and_new_and_needs_two(office):
    compute(office)
    tell(office)
    put(office, 2, "C", "x")
    with at("2027-03-01"):
        grade_steps.correct_grade(office.app, office.uscc(2), PERIOD, "B", "录入有误", actor="li")
        assert show(office, 2)["grade"] == "C"  # the old one stands meanwhile
        with pytest.raises(ForbiddenError):
            grade_steps.confirm_grade(
                office.app, office.uscc(2), PERIOD, "x", accept=True, actor="li"
            )
        grade_steps.confirm_grade(
            office.app, office.uscc(2), PERIOD, "属实", accept=True, actor="zhao"
        )
    sheet = show(office, 2)
    last = sheet["history"][-1]
    assert (last["change"], last["before"], last["after"]) == ("corrected", "C", "B")
    assert sheet["objection_until"] == "2027-03-15"  # it may object to what is new
    with office.app.database.reading() as tx:
        texts = [row.text["zh"] for row in tx.execute(select(message).order_by(message.c.id))]
    assert texts[-1] == "2026 信用等级由 C 更正为 B"


def test_who_may_do_what(office):
    compute(office)
    with pytest.raises(ForbiddenError), at("2027-01-04"):
        grading.compute(office.app, PERIOD, actor="wang")
    with at("2027-01-05"):
        assert grade_steps.tell_drafts(office.app, PERIOD, actor="far") == []
        with pytest.raises(NotFoundError):
            grade_steps.tell_drafts(office.app, PERIOD, [office.uscc(1)], actor="far")
    tell(office)
    for actor, code in (("far", "PLACE"), ("wang", "ROLE"), ("reader", "ROLE"), ("school", "ROLE")):
        with pytest.raises(ForbiddenError) as refused:
            put(office, 2, "B", "x", actor=actor)
        assert refused.value.code == code
    with at("2027-01-06"), pytest.raises(ForbiddenError):
        grade_objections.object_to_grade(office.app, PERIOD, "x", actor="li")


def test_the_same_facts_give_the_same_drafts(office):
    office.decide(1)
    compute(office)
    before = [show(office, number) for number in (1, 2, 3)]
    assert compute(office).counts == {"new": 0, "changed": 0, "unchanged": 3, "kept": 0}
    assert [show(office, number) for number in (1, 2, 3)] == before


def test_credit_red_holds_only_who_a_second_person_confirmed(office):
    compute(office)
    tell(office)
    put(office, 2, "A")
    march = parse_day("2027-03-01")
    assert office.names(office.publish(march), "credit_red") == []  # proposed is not set
    confirm(office, 2)
    put(office, 1, "B", "x")
    (found,) = office.publish(march + 1)
    assert found.document["lists"]["credit_red"] == [
        {"uscc": office.uscc(2), "name": "机构2", "subject": "arts"}
    ]
    assert office.why([found]) == {("added", "credit_red", "机构2"): "评定等级符合信用红名单条件"}
    assert office.verify().is_good


def graded_red(office):
    compute(office)
    tell(office)
    put(office, 2, "A")
    confirm(office, 2)


def test_what_is_computed_and_told_changes_no_byte_of_any_list(office):
    march = parse_day("2027-03-01")
    office.publish(march)
    before = office.files()
    office.decide(1, list="notice", sanctions=["warning"])
    compute(office)
    tell(office)
    put(office, 2, "A")  # waits for its second person
    (found,) = office.publish(march)
    assert found.is_new is False
    assert office.files() == before


def test_nobody_is_red_and_black_at_once(office):
    graded_red(office)
    day = parse_day("2027-03-01")
    assert office.names(office.publish(day), "credit_red") == ["机构2"]
    with at("2027-03-10"):
        office.decide(
            2, list="credit_black", date=dt.date(2027, 3, 8), document="教罚字〔2027〕第2号",
            notice_served_on=dt.date(2027, 2, 20), objection_until=dt.date(2027, 3, 5),
        )  # fmt: skip
    (found,) = office.publish(day + 9)
    assert office.names([found], "credit_red") == []
    assert office.why([found])["removed", "credit_red", "机构2"] == "另有生效决定"


def test_a_red_place_ends_with_its_grade_and_with_the_white_place(office):
    graded_red(office)
    # 18 months after 2026-12-31
    for text, names in (("2027-03-01", ["机构2"]), ("2027-09-02", ["机构2"])):
        assert office.names(office.publish(parse_day(text)), "credit_red") == names
    file = show(office, 2)
    assert file["credit_red"]["met"] is True
    for day, is_valid in (("2028-06-30", True), ("2028-07-01", False)):
        with at(day):
            file = grade_pages.get_grade_file(office.app, Scope(), office.uscc(2), PERIOD)
        assert {line.is_met for line in file.red.lines if line.code == "VALID"} == {is_valid}


def test_without_a_legal_basis_there_is_no_red_list(build_town, tmp_path):
    town = build_town(tmp_path)
    town.add(2)
    compute(town)
    tell(town)
    put(town, 2, "A")
    confirm(town, 2)
    (found,) = town.publish(parse_day("2027-03-01"))
    assert "credit_red" not in found.document["lists"]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("from = 95", "from = 97", "limit of A"),  # that no scenario tries
        ("cap = 60", "cap = 6", "below the points"),
        ("base = 100", "base = ", "TOML"),
    ],
)
def test_a_scheme_that_is_tried_is_linted_first(office, tmp_path, old, new, word):
    file = tmp_path / "ours.toml"
    file.write_text((SHIPPED / "credit.toml").read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidInputError) as refused:
        grading.load_scheme(office.app, file)
    assert refused.value.code == "SCHEME-FAULTS"
    assert word in str(refused.value.text) or word == "TOML"


def test_what_is_no_file_is_no_scheme(office, tmp_path):
    with pytest.raises(InvalidInputError) as refused:
        grading.load_scheme(office.app, tmp_path)
    assert refused.value.code == "SCHEME-FILE"


def test_a_trial_says_who_changes_and_why(office):
    office.decide(1)
    other = grading.get_scheme(office.app, "tianjin-shape")
    with at("2027-01-04"):
        trial = compare_schemes(office.app, other, PERIOD, scope=Scope())
    # it grades academic institutions alone, and these are of arts
    assert (trial.institutions, len(trial.changes)) == (3, 3)
    assert [change.after for change in trial.changes] == [None, None, None]
    assert trial.changes[0].why == [
        ("decision-general", "一般失信的生效决定 / decision in force, general", -2000, 0)
    ]
    with at("2027-01-04"):
        again = compare_schemes(
            office.app, grading.scheme_in_force(office.app), PERIOD, scope=Scope()
        )
    assert again.changes == []
    assert json.dumps(dict(again.counts[0])) == '{"B": 1, "A": 2}'


def test_a_scheme_that_is_not_in_the_rule_book_is_refused(build_town, tmp_path):
    town = build_town(tmp_path)
    config = Config(folder=town.app.config.folder, credit=Credit("ours"))
    app = type(town.app)(config, town.app.database)
    with pytest.raises(NotFoundError) as refused:
        grading.scheme_in_force(app)
    assert refused.value.code == "SCHEME-UNKNOWN"
    assert "neutral" in refused.value.text.en
