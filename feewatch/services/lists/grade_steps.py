"""The way of a grade: told to its institution, set by a person, corrected.

A grade that may put a name on a list needs a second person; so does every correction.
"""

from collections.abc import Collection

from feewatch.bootstrap import App
from feewatch.casework.messages import OWN_GRADES
from feewatch.casework.workdays import add_working_days
from feewatch.credit.grades import DRAFT, PROPOSED, SET, TOLD
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.grading import get_scheme
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import grades

_OBJECTION_DAYS = "grade_objection_days"
#: The second person of a grade that leads to a list.
CONFIRMERS = ("reviewer",)


def tell_drafts(
    app: App, period: str, usccs: Collection[str] | None = None, *, actor: str
) -> list[str]:
    """The institutions that were told their drafts of a period, and may object from now on.

    Raises: ForbiddenError, NotFoundError where an institution named has no draft.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        rows = [
            row
            for row in grades.list_drafts(tx, period, usccs)
            if person.scope.sees(row["district"], None)
        ]
        for uscc in sorted(set(usccs or ()) - {row["uscc"] for row in rows}):
            raise grades.unknown(uscc, period)
        until = _window(app)
        for row in rows:
            grades.move(tx, row["id"], DRAFT, status=TOLD, told_by=actor, **until)
            text = Text(
                f"{period} 信用评价结果告知：如有异议，请在 {_day(until)} 前提出",
                f"your grade of {period}: you may object until {_day(until)}",
            )
            tell_institution(tx, row, "grade_told", text)
        keys = [row["id"] for row in rows]
        grades.add_events(tx, keys, "told", actor, detail={"objection_until": _day(until)})
        audit.record(tx, actor, "grades.tell", period, count=len(rows))
    return [row["uscc"] for row in rows]


def _window(app: App) -> dict[str, int | bool]:
    days = rule_book(app).parameters[_OBJECTION_DAYS].values[0].value
    assert isinstance(days, int)
    last = add_working_days(today(), days, app.holidays)
    return {
        "told_on": today(), "objection_until": last.day, "objection_provisional": last.provisional,
    }  # fmt: skip


def _day(window: dict[str, int | bool]) -> str:
    return format_day(window["objection_until"])


def tell_institution(tx: Transaction, row: Record, kind: str, text: Text) -> None:
    """Send the institution of a sheet a message."""
    tell(
        tx, to_institution=row["institution_id"], kind=kind, object=f"grade/{row['period']}",
        text=text, address=OWN_GRADES,
    )  # fmt: skip


def set_grade(app: App, uscc: str, period: str, grade: str, reason: str, *, actor: str) -> str:
    """The status of a sheet after a person has set its grade: set, or waiting for another person.

    A grade other than the computed one needs a reason. Refused while the institution may object
    or an objection waits for its answer.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        get_acting(tx, actor, CASEWORKERS, row["district"])
        if row["status"] == DRAFT:
            raise not_told(row)
        if row["status"] != TOLD:
            raise ConflictError(
                "GRADE-SET",
                "该评价已评定或待复核；要更改请用更正",
                "this grade is set or waits for a second person: correct it instead",
            )
        scheme = _judge(app, tx, row, grade)
        if grade != row["computed"]:
            require_reason(reason)
        if scheme.leads_to_list(grade):
            _propose(tx, row, TOLD, grade, reason, actor)
            return PROPOSED
        _settle(app, tx, row, TOLD, grade, reason, actor)
    return SET


def correct_grade(app: App, uscc: str, period: str, grade: str, reason: str, *, actor: str) -> None:
    """Propose another grade than the one that was set; the old one stands until it is confirmed.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        get_acting(tx, actor, CASEWORKERS, row["district"])
        if row["status"] != SET:
            raise ConflictError(
                "GRADE-NOT-SET", "只有已评定的等级可以更正", "only a grade that is set is corrected"
            )
        if grade == row["set_grade"]:
            raise InvalidInputError(
                "GRADE-SAME", f"已经是 {grade}", f"it is {grade} already", field="grade"
            )
        _judge(app, tx, row, grade)
        _propose(tx, row, SET, grade, reason, actor)


def confirm_grade(
    app: App, uscc: str, period: str, reason: str, *, accept: bool, actor: str
) -> str:
    """The status of a sheet after the second person has confirmed the grade, or refused it.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        get_acting(tx, actor, CONFIRMERS, row["district"])
        if row["status"] != PROPOSED:
            raise ConflictError(
                "GRADE-NOT-PROPOSED", "没有待复核的评定", "no grade waits for a second person"
            )
        if row["proposed_by"] == actor:
            raise ForbiddenError(
                "SAME-PERSON", "须由另一人复核", "another person than who proposed it confirms"
            )
        if accept:
            _judge(app, tx, row, row["proposed"])
            words = f"{row['proposed_reason']}；{reason.strip()}".lstrip("；")
            _settle(app, tx, row, PROPOSED, row["proposed"], words, actor)
            return SET
        back = SET if row["set_grade"] else TOLD
        grades.move(tx, row["id"], PROPOSED, status=back, proposed=None, proposed_by=None)
        grades.add_event(
            tx, row["id"], "declined", actor, before=row["set_grade"] or "",
            after=row["proposed"], reason=reason,
        )  # fmt: skip
        audit.record(tx, actor, "grade.decline", uscc, period=period, grade=row["proposed"])
    return back


def redraw(app: App, uscc: str, period: str, reason: str, *, actor: str) -> None:
    """Let a sheet that was told and not set be a draft again, to be computed and told anew.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = grades.get(tx, uscc, period)
        get_acting(tx, actor, CASEWORKERS, row["district"])
        if row["status"] != TOLD or grades.has_open_objection(tx, row["id"]):
            raise ConflictError(
                "GRADE-NOT-OPEN",
                "只有已告知、尚未评定且没有待答复异议的评价可以重算",
                "only a grade that was told, is not set, and has no open objection is redrawn",
            )
        grades.move(
            tx, row["id"], TOLD, status=DRAFT, told_by=None, told_on=None, objection_until=None
        )
        grades.add_event(tx, row["id"], "redrawn", actor, reason=reason)
        audit.record(tx, actor, "grade.redraw", uscc, period=period, reason=reason)


def _judge(app: App, tx: Transaction, row: Record, grade: str) -> GradeScheme:
    """The scheme of a sheet on which a grade may now be set.

    Raises: InvalidInputError, ConflictError.
    """
    scheme = get_scheme(app, row["scheme"])
    if scheme.level(grade) is None:
        names = ", ".join(level.grade for level in scheme.grades)
        raise InvalidInputError(
            "GRADE", f"没有等级 {grade}，可用：{names}", f"no grade {grade}: {names}", field="grade"
        )
    if today() <= row["objection_until"]:
        day = format_day(row["objection_until"])
        raise ConflictError(
            "GRADE-WINDOW",
            f"异议期至 {day}，其后方可评定",
            f"the institution may object until {day}: set it afterwards",
        )
    if grades.has_open_objection(tx, row["id"]):
        raise ConflictError(
            "GRADE-OBJECTION", "异议尚未答复，不能评定", "an objection waits for its answer"
        )
    if not row["computed"] and scheme.leads_to_list(grade):
        raise ConflictError(
            "GRADE-NOT-PROVEN",
            "资料不全，不能评定为可列入信用红名单的等级",
            "facts are missing: no grade that leads to a list can be set",
        )
    return scheme


def _propose(
    tx: Transaction, row: Record, before: str, grade: str, reason: str, actor: str
) -> None:
    grades.move(
        tx, row["id"], before, status=PROPOSED, proposed=grade, proposed_reason=reason.strip(),
        proposed_by=actor,
    )  # fmt: skip
    old = row["set_grade"] or ""
    grades.add_event(tx, row["id"], "proposed", actor, before=old, after=grade, reason=reason)
    audit.record(
        tx, actor, "grade.propose", row["uscc"], period=row["period"], grade=grade, before=old,
        after=grade, reason=reason.strip(),
    )  # fmt: skip


def _settle(
    app: App,
    tx: Transaction,
    row: Record,
    before: str,
    grade: str,
    reason: str,
    actor: str,
) -> None:
    """Let a grade stand; after a correction its institution may object anew."""
    old = row["set_grade"] or ""
    window = _window(app) if old else {}
    grades.move(
        tx, row["id"], before, status=SET, set_grade=grade, reason=reason.strip(), set_by=actor,
        set_on=today(), proposed=None, proposed_reason=None, **window,
    )  # fmt: skip
    change = "corrected" if old else "set"
    grades.add_event(tx, row["id"], change, actor, before=old, after=grade, reason=reason.strip())
    detail = {"period": row["period"], "before": old, "after": grade, "reason": reason.strip()}
    audit.record(tx, actor, f"grade.{change}", row["uscc"], detail)
    period = row["period"]
    text = (
        Text(
            f"{period} 信用等级由 {old} 更正为 {grade}",
            f"your grade of {period} was corrected: {old} → {grade}",
        )
        if old
        else Text(f"{period} 信用等级评定为 {grade}", f"your grade of {period} is {grade}")
    )
    tell_institution(tx, row, "grade_set", text)


def not_told(row: Record) -> ConflictError:
    """The refusal of a step with a draft that its institution does not know."""
    return ConflictError(
        "GRADE-NOT-TOLD",
        f"{row['name']} 的评价尚未告知",
        f"{row['name']} has not been told its grade",
    )
