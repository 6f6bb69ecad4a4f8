"""An institution answers matter by matter; what it leaves out or may not say is refused whole."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import func, insert, select

from feewatch.casework.undertakings import Promise
from feewatch.kernel import clock
from feewatch.kernel.days import day_of
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.services.cases import objections
from feewatch.services.cases.answers import MatterAnswer, answer
from feewatch.services.cases.attachments import get_attachment
from feewatch.services.cases.own_case import read_own_case
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.messages import list_messages
from feewatch.services.people.acting import find_person
from feewatch.store.tables.casework import case_event, matter_answer, objection, undertaking
from feewatch.store.tables.papers import attachment, paper, paper_service

MORNING = dt.datetime(2026, 9, 21, 9, 0, tzinfo=clock.SHANGHAI)
PDF = read_attachments([("回单.pdf", b"%PDF-1.7 receipt")])
#: Ten working days after Monday 2026-09-21, over 中秋 and 国庆 with their make-up days.
LAST = dt.date(2026, 10, 12)


@pytest.fixture
def served(any_desk):
    """Number and matters of a case of the first institution with two matters, served by li."""
    any_desk.check(any_desk.breach("HT-1"), any_desk.breach("HT-2"))
    number = any_desk.open_over("HT-1", "HT-2")
    any_desk.walk(number, "triage notify")
    return number


def keys(desk, number):
    own = read_own_case(desk.app, find_person(desk.app, "school").scope, number)
    return [each.matter.id for each in own.matters]


def own(desk, number, name="school"):
    return read_own_case(desk.app, find_person(desk.app, name).scope, number)


def rectified(key, **more):
    return MatterAnswer(key, **{"stance": "rectified", "text": "已退费", **more})


def count(desk, table):
    with desk.app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def on(day):
    return clock.fixed(dt.datetime.combine(day, dt.time(9), clock.SHANGHAI))


def test_each_matter_is_answered_with_its_own_words_files_and_undertaking(any_desk, served):
    one, two = keys(any_desk, served)
    promise = Promise("other", day_of(dt.date(2026, 10, 20)), "更换收费账户", two)
    given = [
        rectified(one, files=PDF),
        MatterAnswer(two, "undertakes", "正在办理", promise=promise),
    ]
    taken = answer(any_desk.app, served, given, actor="school", remark="详见附件")
    page = own(any_desk, served)
    assert taken.state == page.file.case.state == "submitted"
    assert [(each.answer.stance, each.answer.text) for each in page.matters] == [
        ("rectified", "已退费"),
        ("undertakes", "正在办理"),
    ]
    (file,) = page.file.attachments
    assert (file.matter_id, file.by_institution) == (one, True)
    scope = find_person(any_desk.app, "school").scope
    assert get_attachment(any_desk.app, scope, served, file.id)[1] == PDF[0].content
    (promised,) = page.undertakings
    assert (promised.matter_id, promised.text) == (two, "更换收费账户")
    submitted = next(each for each in page.file.events if each.step == "submit")
    line = "已整改 1 项，承诺整改 1 项 / rectified 1, undertakes to rectify 1"
    assert submitted.reason == f"{line}\n详见附件"
    assert [each.matter_id for each in page.file.answers[submitted.id]] == [one, two]
    undertaken = next(each for each in page.file.events if each.step == "undertake")
    assert undertaken.reason == "2026-10-20 前其他 / other by 2026-10-20"
    assert undertaken.detail["text"] == "更换收费账户"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one, _: [rectified(one)],
        lambda one, _: [rectified(one), rectified(one)],
        lambda one, two: [rectified(one), rectified(two), rectified(two + 1)],
        lambda one, two: [rectified(one), rectified(two, text=" ")],
        lambda one, two: [rectified(one), rectified(two, stance="")],
        lambda one, two: [rectified(one), rectified(two, text="字" * 2001)],
        lambda one, two: [rectified(one), rectified(two, stance="undertakes")],
        lambda one, two: [
            rectified(one, files=PDF),
            rectified(two, stance="undertakes", promise=Promise("other", 1, "昨天", two)),
        ],
    ],
    ids=["one", "twice", "foreign", "empty", "no stance", "long", "no promise", "past promise"],
)
def test_an_answer_that_is_not_whole_is_refused_whole(any_desk, served, spoil):
    one, two = keys(any_desk, served)
    with pytest.raises(InvalidInputError):
        answer(any_desk.app, served, spoil(one, two), actor="school")
    assert own(any_desk, served).file.case.state == "notified"
    for table in (matter_answer, attachment, undertaking):
        assert count(any_desk, table) == 0


def test_another_institution_finds_no_such_case(any_desk, served):
    given = [rectified(key) for key in keys(any_desk, served)]
    with pytest.raises(NotFoundError):
        answer(any_desk.app, served, given, actor="other")
    with pytest.raises(NotFoundError):
        own(any_desk, served, "other")
    with pytest.raises(NotFoundError):
        objections.object_to(any_desk.app, served, None, "不服", actor="other")


def test_the_office_does_not_answer_as_the_institution(any_desk, served):
    given = [rectified(key) for key in keys(any_desk, served)]
    with pytest.raises(ForbiddenError):
        answer(any_desk.app, served, given, actor="li")


def test_what_is_not_offered_is_refused_and_what_is_offered_is_taken(any_desk, served):
    given = [rectified(key) for key in keys(any_desk, served)]
    assert own(any_desk, served).may_answer
    answer(any_desk.app, served, given, actor="school")
    assert not own(any_desk, served).may_answer
    with pytest.raises(ConflictError):
        answer(any_desk.app, served, given, actor="school")


def test_a_returned_answer_is_given_anew_and_both_stay(any_desk, served):
    given = [rectified(key) for key in keys(any_desk, served)]
    answer(any_desk.app, served, given, actor="school")
    any_desk.walk(served, "return")
    again = [dataclasses.replace(each, text="已补材料") for each in given]
    answer(any_desk.app, served, again, actor="school")
    page = own(any_desk, served)
    assert {each.answer.text for each in page.matters} == {"已补材料"}
    assert [len(said) for said in page.file.answers.values()] == [2, 2]


def test_an_alert_of_the_case_shows_law_arithmetic_and_rows(any_desk, served):
    (first, _) = own(any_desk, served).matters
    assert first.frozen["title"] == {"zh": "字", "en": "word"}
    assert [each.evidence for each in first.alerts] == [[]]


def object_now(desk, number, matter_id=None, actor="school", **more):
    return objections.object_to(desk.app, number, matter_id, "事实不符", actor=actor, **more)


def test_an_objection_is_told_to_who_issued_the_case_and_waits(any_desk, served):
    one, _ = keys(any_desk, served)
    object_now(any_desk, served, one, files=PDF)
    assert own(any_desk, served).may_object == [0, keys(any_desk, served)[1]]
    told = list_messages(any_desk.app, find_person(any_desk.app, "li"), 1).rows
    assert [row.kind for row in told] == ["objection_in"]
    with pytest.raises(ConflictError):
        object_now(any_desk, served, one)


def test_the_last_day_counts_and_the_day_after_is_too_late_but_for_paper(any_desk, served):
    assert own(any_desk, served).term.last_day == day_of(LAST)
    with on(LAST):
        object_now(any_desk, served)
    with on(LAST + dt.timedelta(days=1)):
        assert own(any_desk, served).may_object == []
        one, _ = keys(any_desk, served)
        with pytest.raises(ConflictError) as late:
            object_now(any_desk, served, one)
        assert late.value.code == "OBJECTION-LATE"
        assert "2026-10-12" in late.value.text.zh
        objections.record_objection(any_desk.app, served, one, "邮寄", actor="wang")
    assert count(any_desk, objection) == 2


def test_the_time_runs_from_the_service_of_the_paper(any_desk, served):
    serve_paper(any_desk, served, dt.date(2026, 9, 28))
    assert own(any_desk, served).term.last_day > day_of(LAST)


def serve_paper(desk, number, day):
    case = desk.get_case(number)
    head = {
        "kind": "rectification_order", "number": "潍教责改〔2026〕1号", "series": "x", "year": 2026,
        "ordinal": 1, "district": "370702", "case_file_id": case["id"], "content": {},
        "template_sha256": "0", "sha256": "0", "made_by": "li", "made_at": clock.timestamp(),
    }  # fmt: skip
    with desk.app.database.transaction() as tx:
        (key,) = tx.execute(insert(paper).returning(paper.c.id), head).one()
        tx.execute(
            insert(paper_service).values(
                paper_id=key, served_on=day_of(day), way="post", recipient="甲培训", note="",
                recorded_by="li", recorded_at=clock.timestamp(),
            )
        )  # fmt: skip


def test_the_office_answers_once_and_the_institution_is_told(any_desk, served):
    key = object_now(any_desk, served)
    objections.answer_objection(
        any_desk.app, served, key, "partly", "金额已更正", PDF, actor="wang"
    )
    (row,) = own(any_desk, served).file.objections
    assert (row.outcome, row.answer, row.answered_by) == ("partly", "金额已更正", "wang")
    assert [file.name for file in own(any_desk, served).file.attachments] == ["回单.pdf"]
    told = list_messages(any_desk.app, find_person(any_desk.app, "school"), 1).rows
    assert told[0].kind == "objection_answered"
    with pytest.raises(ConflictError):
        objections.answer_objection(any_desk.app, served, key, "upheld", "再答", actor="li")


@pytest.mark.parametrize(
    ("outcome", "text", "actor", "refusal"),
    [
        ("maybe", "好", "li", InvalidInputError),
        ("upheld", " ", "li", InvalidInputError),
        ("upheld", "好", "school", ForbiddenError),
        ("upheld", "好", "viewer", ForbiddenError),
        ("upheld", "好", "far", NotFoundError),
    ],
)
def test_an_answer_to_an_objection_that_may_not_be_is_refused(
    any_desk, served, outcome, text, actor, refusal
):
    key = object_now(any_desk, served)
    with pytest.raises(refusal):
        objections.answer_objection(any_desk.app, served, key, outcome, text, actor=actor)
    assert own(any_desk, served).file.objections[0].answered_at is None


def test_there_is_nothing_to_object_to_before_service_and_after_the_end(any_desk):
    any_desk.check(any_desk.breach("HT-1"))
    number = any_desk.open_over("HT-1")
    with pytest.raises(NotFoundError):
        object_now(any_desk, number)
    any_desk.walk(number, "dismiss")
    with pytest.raises(ConflictError):
        objections.record_objection(any_desk.app, number, None, "不服", actor="li")


def test_the_history_names_objection_and_answer(any_desk, served):
    key = object_now(any_desk, served)
    objections.answer_objection(any_desk.app, served, key, "rejected", "依据充分", actor="li")
    with any_desk.app.database.reading() as tx:
        steps = tx.scalars(select(case_event.c.step).order_by(case_event.c.id)).all()
    assert steps[-2:] == ["object", "objection"]
