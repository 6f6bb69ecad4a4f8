"""Objections to grades: by the institution in time, on paper at any time, and their answers."""

from collections.abc import Sequence

from feewatch.bootstrap import App
from feewatch.casework.answers import (
    OUTCOMES,
    answer_in_words,
    nothing_to_answer,
    require_outcome,
)
from feewatch.casework.messages import desk_grade
from feewatch.credit.grades import DRAFT, PROPOSED, SET, TOLD
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import Proof, keep_proofs
from feewatch.services.lists.grade_steps import not_told, tell_institution
from feewatch.services.messages import tell_office
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import grades

#: An institution's person, or its program.
PARTIES = ("institution", "api")


#: As many files as go with one objection.
MOST_FILES = 10


def object_to_grade(
    app: App, period: str, text: str, files: Sequence[Proof] = (), *, actor: str
) -> int:
    """The key of an objection of the person's institution to its grade.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError after the window, or
    while another waits for its answer.
    """
    require_reason(text)
    _refuse_many(files)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, PARTIES)
        row = _own(tx, person, period)
        if row["objection_until"] is None or today() > row["objection_until"]:
            day = format_day(row["objection_until"]) if row["objection_until"] else "—"
            raise ConflictError(
                "GRADE-LATE",
                f"异议期限已于 {day} 届满；如有正当理由，请以书面形式向主管机关提出",
                f"the time to object ended on {day}: with good reason, bring it on paper",
            )
        return _put_objection(app, tx, row, text, files, person)


def record_grade_objection(
    app: App, uscc: str, period: str, text: str, files: Sequence[Proof] = (), *, actor: str
) -> int:
    """The same that an institution brought on paper, put on record by the office at any time.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(text)
    _refuse_many(files)
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        person = get_acting(tx, actor, CASEWORKERS, row["district"])
        if row["status"] == DRAFT:
            raise not_told(row)
        return _put_objection(app, tx, row, text, files, person)


def _own(tx: Transaction, person: User, period: str) -> Record:
    """The institution's sheet of a period, of which it was told."""
    is_party = person.institution_id is not None
    rows = grades.list_rows(tx, person.scope, period=period) if is_party else []
    if not rows:
        raise grades.unknown("", period)
    return grades.get(tx, rows[0]["uscc"], period)


def _refuse_many(files: Sequence[Proof]) -> None:
    if len(files) > MOST_FILES:
        raise InvalidInputError(
            "ATTACHMENT-MANY",
            f"一次至多 {MOST_FILES} 个附件",
            f"at most {MOST_FILES} attachments at once",
        )


def _put_objection(
    app: App, tx: Transaction, row: Record, text: str, files: Sequence[Proof], person: User
) -> int:
    if grades.has_open_objection(tx, row["id"]):
        raise ConflictError(
            "GRADE-OBJECTION", "上一份异议正待答复", "an objection waits for its answer already"
        )
    if row["status"] == PROPOSED:
        # what a second person is about to confirm is looked at again first
        back = SET if row["set_grade"] else TOLD
        grades.move(tx, row["id"], PROPOSED, status=back, proposed=None, proposed_by=None)
    key = grades.add_objection(tx, row["id"], text.strip(), person.name)
    _keep_files(app, tx, row, key, files, person, by_institution=True)
    grades.add_event(tx, row["id"], "objected", person.name, reason=text.strip())
    audit.record(tx, person.name, "grade.object", row["uscc"], period=row["period"])
    tell_office(
        tx,
        district=row["district"],
        people=[row["told_by"]],
        but=person.name,
        kind="grade_objection",
        object=f"{row['uscc']}/{row['period']}",
        text=Text(
            f"{row['name']} 对 {row['period']} 信用评价提出异议",
            f"{row['name']} objects to its grade of {row['period']}",
        ),
        address=desk_grade(row["uscc"], row["period"]),
    )
    return key


def _keep_files(
    app: App,
    tx: Transaction,
    row: Record,
    objection_id: int,
    files: Sequence[Proof],
    person: User,
    *,
    by_institution: bool,
) -> None:
    kept = keep_proofs(app, files)
    grades.add_files(tx, row["id"], objection_id, kept, person.name, by_institution=by_institution)


def answer_grade_objection(
    app: App,
    uscc: str,
    period: str,
    key: int,
    outcome: str,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
) -> None:
    """Answer an objection on record; its institution is told.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it was answered.
    """
    require_reason(text)
    _refuse_many(files)
    require_outcome(outcome)
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        person = get_acting(tx, actor, CASEWORKERS, row["district"])
        if not grades.answer(tx, row["id"], key, outcome, text.strip(), actor):
            raise nothing_to_answer()
        _keep_files(app, tx, row, key, files, person, by_institution=False)
        words = answer_in_words(outcome, text)
        grades.add_event(tx, row["id"], "answered", actor, reason=words)
        audit.record(tx, actor, "grade.answer", uscc, period=period, outcome=outcome)
        answered = Text(
            f"{period} 信用评价异议已答复：{OUTCOMES[outcome].zh}",
            f"your objection to the grade of {period} was answered: {OUTCOMES[outcome].en}",
        )
        tell_institution(tx, row, "grade_answered", answered)
