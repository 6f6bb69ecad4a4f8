"""What a step answers where it is not due, was taken by another, or asks for what is not there."""

import datetime as dt

import pytest

from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.intake.attachments import MOST_AT_ONCE, read_attachments
from feewatch.services.lists import (
    decision_corrections,
    decision_reports,
    grade_objections,
    grade_pages,
    grade_steps,
    grading,
    noticeboard,
    procedure,
    recalls,
)
from feewatch.services.lists.decisions import end_decision
from feewatch.store.lists import decisions, grades, second_words
from feewatch.store.people import users
from feewatch.store.people.users import find_institution_id

PERIOD = "2026"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")
PDF = b"%PDF-1.7 a"


def at(day):
    return fixed(dt.datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=SHANGHAI))


class refused_as:  # noqa: N801 - reads as the sentence it stands in
    """That a block is refused under a code, with words in both languages."""

    def __init__(self, code):
        self._code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, refusal, trace):
        assert kind is not None, f"nothing was refused as {self._code}"
        assert isinstance(refusal, Refusal), refusal
        assert refusal.code == self._code, (refusal.code, refusal.text)
        assert refusal.text.zh
        assert refusal.text.en
        return True


@pytest.fixture
def graded(town):
    """Institution 1 was told its grade on 2027-01-05 and may log in."""
    with town.app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, find_institution_id(tx, town.uscc(1)), "x")
    with at("2027-01-04"):
        grading.compute(town.app, PERIOD, actor="li")
    with at("2027-01-05"):
        grade_steps.tell_drafts(town.app, PERIOD, [town.uscc(1)], actor="li")
    return town


def put(town, grade, reason="理由", day="2027-02-01"):
    with at(day):
        return grade_steps.set_grade(town.app, town.uscc(1), PERIOD, grade, reason, actor="li")


def test_files_beyond_the_limit_are_refused_before_any_is_kept(graded):
    with refused_as("ATTACHMENT-MANY"):
        read_attachments([(f"{number}.pdf", PDF) for number in range(MOST_AT_ONCE + 1)])
    many = [one for number in range(11) for one in read_attachments([(f"{number}.pdf", PDF)])]
    with refused_as("ATTACHMENT-MANY"), at("2027-01-06"):
        grade_objections.object_to_grade(graded.app, PERIOD, "有异议", many, actor="school")
    with graded.app.database.reading() as tx:
        row = grades.get(tx, graded.uscc(1), PERIOD)
        assert not grades.has_open_objection(tx, row["id"])


def test_a_file_that_is_not_there_is_no_file(graded):
    with refused_as("ATTACHMENT-UNKNOWN"):
        grade_pages.get_grade_paper(graded.app, Scope(), graded.uscc(1), PERIOD, 99)
    with refused_as("ATTACHMENT-UNKNOWN"):
        procedure.get_file(graded.app, Scope(), 99)


def test_a_grade_goes_its_steps_in_order(graded):
    uscc = graded.uscc(1)
    with refused_as("GRADE-NOT-PROPOSED"), at("2027-02-01"):
        grade_steps.confirm_grade(graded.app, uscc, PERIOD, "x", accept=True, actor="zhao")
    with refused_as("GRADE-NOT-SET"), at("2027-02-01"):
        grade_steps.correct_grade(graded.app, uscc, PERIOD, "C", "x", actor="li")
    assert put(graded, "B") == "set"
    with refused_as("GRADE-SAME"), at("2027-02-03"):
        grade_steps.correct_grade(graded.app, uscc, PERIOD, "B", "x", actor="li")
    with refused_as("GRADE-NOT-OPEN"), at("2027-02-03"):
        grade_steps.redraw(graded.app, uscc, PERIOD, "x", actor="li")


def test_of_two_persons_at_one_step_the_slower_is_told(graded):
    app = graded.app
    with app.database.transaction() as tx:
        row = grades.get(tx, graded.uscc(1), PERIOD)
        grades.move(tx, row["id"], "told", status="draft")
        with refused_as("GRADE-MOVED"):
            grades.move(tx, row["id"], "told", status="draft")
    document = graded.decide(2).document
    with app.database.transaction() as tx:
        (row,) = decisions.list_rows(tx, document)
        with refused_as("DECISION-MOVED"):
            decisions.move(tx, row["id"], "proposed", status="reviewed")
        assert decisions.list_rows(tx, document)[0]["status"] == "in_force"
    decision_corrections.ask_correction(
        app, document, {"date": "2026-06-02"}, actor="li", reason="笔误"
    )
    with app.database.transaction() as tx:
        waiting = decisions.find_open_correction(tx, row["id"])
        decisions.decide_correction(tx, waiting["id"], "refused", "wang")
        with refused_as("CORRECTION-DECIDED"):
            decisions.decide_correction(tx, waiting["id"], "confirmed", "zhao")


def test_a_second_word_is_given_once(town):
    town.publish()
    with town.app.database.transaction() as tx:
        second_words.ask(
            tx, district="370702", base_number=1, cut_off=JULY, leaving={"white": {"entries": []}},
            digest="d", first_by="wang",
        )  # fmt: skip
        (row,) = second_words.list_words(tx, scope=Scope())
        second_words.give(tx, row["id"], "zhao", "x")
        with refused_as("SECOND-GIVEN"):
            second_words.give(tx, row["id"], "li", "x")


def test_two_persons_do_not_show_again_what_is_over(town):
    document = town.decide(1).document  # shown up to 2027-06-01
    with refused_as("CORRECTION-SHOWS"), at("2027-06-10"):
        decision_corrections.ask_correction(
            town.app, document, {"date": "2026-07-01"}, actor="li", reason="笔误"
        )


@pytest.mark.parametrize(
    ("today", "day"), [("2026-07-01", "2026-05-31"), ("2026-07-01", "2026-07-02")]
)
def test_a_decision_ends_on_no_day_before_it_and_on_none_to_come(town, today, day):
    document = town.decide(1, date="2026-06-01").document

    def revoke(on):
        return end_decision(
            town.app, document, "revoked", on=parse_day(on), reason="复议", actor="wang"
        )

    with refused_as("DECISION-DAY"), at("2026-07-01"):
        revoke(day)
    with at("2026-07-01"):
        (ended,) = revoke("2026-07-01")
    assert ended.status == "revoked"


def test_an_entry_named_twice_is_recalled_by_its_document(town):
    town.decide(1)
    town.decide(1, document="教罚字〔2026〕第101号")
    town.publish()

    def recall(document=""):
        return recalls.recall_entry(
            town.app, "370702", "black", town.uscc(1), actor="wang", reason="误列",
            rule_book=lambda _: "rb1", document=document,
        )  # fmt: skip

    with refused_as("ENTRY-MANY"), fixed(town.moment(AUGUST)):
        recall()
    with fixed(town.moment(AUGUST)):
        (edition,) = recall("教罚字〔2026〕第101号").published
    (left,) = edition.document["lists"]["black"]
    assert left["document"] == "教罚字〔2026〕第1号"


def test_what_was_not_published_is_no_file(town):
    town.publish()
    assert noticeboard.get_file(town.app, "370702", "latest", "edition.json")
    for district, folder, name in [
        ("370702", "latest", "secret.json"),
        ("370702", "../370702", "edition.json"),
        ("110108", "latest", "edition.json"),
    ]:
        with refused_as("FILE-UNKNOWN"):
            noticeboard.get_file(town.app, district, folder, name)
    with refused_as("FILE-UNKNOWN"):
        noticeboard.get_shared_file(town.app, "keys.json", "110108")


def test_a_report_names_decisions_a_day_and_a_form(town):
    document = town.decide(1).document
    with refused_as("REPORT-NONE"):
        decision_reports.mark_reported(town.app, [], JULY, actor="li")
    for day in ("2026-05-31", "2026-08-02"):
        with refused_as("REPORT-DAY"), at("2026-08-01"):
            decision_reports.mark_reported(town.app, [document], parse_day(day), actor="li")
    with refused_as("FORMAT"):
        decision_reports.write_form([], "pdf")
