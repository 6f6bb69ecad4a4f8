"""陈述申辩: an institution objects to a matter or its case within its time, the office answers."""

from collections.abc import Sequence
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.answers import (
    OUTCOMES,
    answer_in_words,
    nothing_to_answer,
    require_outcome,
)
from feewatch.casework.cases import SETTLED, is_served
from feewatch.casework.messages import desk_case, own_case
from feewatch.casework.workdays import add_working_days
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.cases.attachments import attach
from feewatch.services.intake.proofs import Proof
from feewatch.services.messages import tell, tell_office
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import answers, cases
from feewatch.store.database import Record, Transaction


class Term(NamedTuple):
    """How long an institution may object to a case."""

    last_day: Day
    provisional: bool  # a year without announced holidays was counted
    is_open: bool


def term_of(app: App, tx: Transaction, case_id: int, state: str) -> Term | None:
    """The time to object to a case; None where its institution was told of nothing.

    It runs in working days from the service of its paper, else from the step that told it.
    """
    told_at = answers.find_told_at(tx, case_id)
    if told_at is None:
        return None
    begin = answers.find_served_on(tx, case_id) or parse_day(told_at[:10])
    assert begin is not None
    last = add_working_days(begin, app.config.casework.objection_days, app.holidays)
    return Term(last.day, last.provisional, today() <= last.day and state not in SETTLED)


def object_to(
    app: App,
    number: str,
    matter_id: int | None,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
) -> int:
    """The key of an objection of the person's institution to a matter, or to the case as a whole.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError after its time, for a
    settled case, or while one to the same waits for its answer.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ("institution",))
        case = _get_case(tx, person, number)
        term = term_of(app, tx, case["id"], case["state"])
        if term is not None and today() > term.last_day:
            day = format_day(term.last_day)
            raise ConflictError(
                "OBJECTION-LATE",
                f"申辩期限已于 {day} 届满；如有正当理由，请以书面形式向主管机关提出",
                f"the time to object ended on {day}: with good reason, bring it to the office on "
                "paper",
            )
        key = _add(app, tx, case, matter_id, text, files, person)
        tell_office(
            tx,
            district=case["district"],
            department=case["department"],
            people=[case["owner"], case["notified_by"]],
            kind="objection_in",
            object=number,
            text=Text(f"案件 {number} 收到陈述申辩", f"an objection came in for case {number}"),
            address=f"{desk_case(number)}#o{key}",
        )
    return key


def record_objection(
    app: App,
    number: str,
    matter_id: int | None,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
) -> int:
    """The same that an institution brought on paper, put on record by the office at any time.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        return _add(app, tx, _get_case(tx, person, number), matter_id, text, files, person)


def answer_objection(
    app: App,
    number: str,
    key: int,
    outcome: str,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
) -> None:
    """Answer an objection; its institution is told. What follows of it are steps of their own.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it was answered.
    """
    require_reason(text)
    require_outcome(outcome)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        case = _get_case(tx, person, number)
        if not answers.settle_objection(tx, case["id"], key, outcome, text.strip(), actor):
            raise nothing_to_answer()
        event_id = _put_down(tx, case, "objection", person, answer_in_words(outcome, text))
        attach(
            app, tx, case["id"], files, actor, by_institution=False, case_event_id=event_id,
            objection_id=key,
        )  # fmt: skip
        detail = {"objection": key, "outcome": outcome, "reason": text}
        audit.record(tx, actor, "case.objection", number, detail)
        tell(
            tx,
            to_institution=case["institution_id"],
            kind="objection_answered",
            object=number,
            text=Text(
                f"案件 {number} 的陈述申辩已答复：{OUTCOMES[outcome].zh}",
                f"your objection in case {number} was answered: {OUTCOMES[outcome].en}",
            ),
            address=f"{own_case(number)}#o{key}",
        )


def _get_case(tx: Transaction, person: User, number: str) -> Record:
    """A case within the person's scope of which an institution was told."""
    case = cases.get_case(tx, number)
    is_within = person.scope.sees_case(case)
    if not is_within or (person.institution_id is not None and not is_served(case["notified_by"])):
        raise cases.unknown_case(number)
    return case


def _add(
    app: App,
    tx: Transaction,
    case: Record,
    matter_id: int | None,
    text: str,
    files: Sequence[Proof],
    person: User,
) -> int:
    require_reason(text)
    if case["state"] in SETTLED or not is_served(case["notified_by"]):
        raise ConflictError(
            "CASE-STATE",
            f"案件 {case['number']} 未送达或已办结，无须申辩",
            f"case {case['number']} is not served or settled: there is nothing to object to",
        )
    if matter_id is not None and matter_id not in {
        row["id"] for row in cases.list_case_matters(tx, case["id"], lock=True)
    }:
        raise cases.unknown_matter(matter_id)
    for row in answers.list_objections(tx, case["id"]):
        if row.matter_id == matter_id and row.answered_at is None:
            raise ConflictError(
                "OBJECTION-WAITS",
                "同一事项的申辩正待答复",
                "an objection to the same waits for its answer",
            )
    key = answers.add_objection(tx, case["id"], matter_id, text.strip(), person.name)
    event_id = _put_down(tx, case, "object", person, text.strip())
    attach(
        app, tx, case["id"], files, person.name, by_institution=True, case_event_id=event_id,
        matter_id=matter_id, objection_id=key,
    )  # fmt: skip
    audit.record(tx, person.name, "case.object", case["number"], objection=key, matter=matter_id)
    return key


def _put_down(tx: Transaction, case: Record, act: str, person: User, words: str) -> int:
    return cases.add_event(
        tx,
        case["id"],
        actor=person.name,
        step=act,
        from_state=case["state"],
        to_state=case["state"],
        reason=words,
    )
