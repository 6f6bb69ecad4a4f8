"""The procedure around decisions as people read it: notices, what was said, its whole course."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.advance_notice import DROPPED
from feewatch.credit.advance_notice import STATES as NOTICE_STATES
from feewatch.credit.decisions import ENDINGS, REFUSED
from feewatch.credit.objections import ACTS, BEFORE, KINDS, PENDING, is_owed, outcomes_of
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import load_proof
from feewatch.services.lists.advance_notices import get_notice, unknown_notice
from feewatch.services.lists.decision_objections import get_subject, is_told
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, objections
from feewatch.store.lists.objections import About
from feewatch.store.pages import decisions as decision_pages
from feewatch.store.pages import procedure as pages
from feewatch.store.people.users import find_institution_id

#: What happened to a decision, for those of its events that the course of a procedure shows.
CHANGES: dict[str, Text] = {
    "proposed": Text("拟定决定", "decision proposed"),
    "reviewed": Text("法制审核通过", "legal review passed"),
    "approved": Text("决定批准", "decision approved"),
    "refused": Text("拟定的决定未通过", "proposal refused"),
    "corrected": Text("决定更正", "decision corrected"),
    "added": Text("登记决定", "decision recorded"),
    **ENDINGS,
}
_SERVED = Text("送达事先告知", "notice served")


class CourseLine(NamedTuple):
    """One line of the course of a procedure."""

    at: str  # a moment, or the day on which something was served
    title: Text
    text: str
    actor: str
    by_party: bool
    files: Sequence[Record] = ()
    is_late: bool = False
    changes: dict[str, list[str]] = {}  # noqa: RUF012 - never changed


@dataclass(frozen=True, slots=True)
class SaidOfDecision:
    """One defence, request for a hearing or objection, with what may be answered now."""

    row: Record
    acts: Sequence[Record]
    files: Sequence[Record]  # that came with it from its party
    outcomes: tuple[str, ...]

    @property
    def is_pending(self) -> bool:
        """Whether the office has still to do something about it."""
        return self.row["state"] in PENDING


@dataclass(frozen=True, slots=True)
class Procedure:
    """A notice or a decision with all that was said of it, and what may be said now."""

    notice: Record | None
    decision: Record | None
    said: Sequence[SaidOfDecision]
    course: Sequence[CourseLine]
    corrections: Sequence[Record]  # confirmed
    kinds: tuple[str, ...]  # what its party may say now
    until: Day  # the last day in time


@dataclass(frozen=True, slots=True)
class OwnProcedures:
    """What an institution sees: notices to it, decisions that are considered or were made."""

    notices: Sequence[Any]
    considered: Sequence[Record]
    decided: Sequence[Any]


def list_notices(app: App, scope: Scope, state: str, number: int) -> Page:
    """One page of notices, those that wait for a decision first."""
    with app.database.reading() as tx:
        start = (number - 1) * PAGE_SIZE
        rows = pages.list_notices(tx, scope, state=state, limit=PAGE_SIZE, offset=start)
        return Page(rows, pages.count_notices(tx, scope, state=state), number)


def list_objections(app: App, scope: Scope, state: str, number: int) -> Page:
    """One page of what was said, what waits first."""
    with app.database.reading() as tx:
        start = (number - 1) * PAGE_SIZE
        rows = pages.list_objections(tx, scope, state=state, limit=PAGE_SIZE, offset=start)
        return Page(rows, pages.count_objections(tx, scope, state=state), number)


def list_own(app: App, scope: Scope) -> OwnProcedures:
    """All that concerns an institution."""
    with app.database.reading() as tx:
        return OwnProcedures(
            pages.list_notices(tx, scope),
            pages.list_considered(tx, scope),
            decision_pages.list_decisions(tx, scope),
        )


def get_notice_procedure(app: App, scope: Scope, key: int) -> Procedure:
    """A notice with all that was said of it.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        notice = get_notice(tx, key)
        if not _is_within(tx, scope, notice):
            raise unknown_notice(key)
        about = About(key)
        subject = get_subject(app, tx, about)
        said = _said(tx, about)
        rows = decisions.list_of_notice(tx, key)
        course = _course(tx, notice, rows, said)
        return Procedure(
            notice, rows[-1] if rows else None, said, course, [], subject.kinds, subject.until
        )


def get_decision_procedure(app: App, scope: Scope, key: int) -> Procedure:
    """A decision, proposed or made, with its notice and all that was said of both.

    Raises: NotFoundError, also for one outside the scope, and for an institution for a proposal
    that was refused.
    """
    with app.database.reading() as tx:
        row = decisions.find_row(tx, key)
        hidden = row is not None and scope.institution_id is not None and row["status"] == REFUSED
        if row is None or hidden or not _is_within(tx, scope, row):
            raise NotFoundError("DECISION-UNKNOWN", f"没有决定 {key}", f"no decision {key}")
        before = row["advance_notice_id"]
        notice = None if before is None else get_notice(tx, before)
        said = _said(tx, About(before, key))
        subject = get_subject(app, tx, About(decision_id=key))
        # before the decision one answers its notice, where that is on file
        kinds = () if notice is not None and subject.kinds == BEFORE else subject.kinds
        corrections = [each for each in objections.list_corrections(tx, key)
                       if each["outcome"] == "confirmed"]  # fmt: skip
        course = _course(tx, notice, [row], said)
        return Procedure(notice, row, said, course, corrections, kinds, subject.until)


def find_place(app: App, key: int) -> About:
    """What something said is about.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        row = objections.find(tx, key)
    if row is None:
        raise NotFoundError("OBJECTION-UNKNOWN", f"没有申辩或异议 {key}", f"no objection {key}")
    return About(row["advance_notice_id"], row["decision_id"], row["decision_correction_id"])


def get_file(app: App, scope: Scope, key: int) -> tuple[str, bytes, str]:
    """A file that came with something said: its name, its bytes, its media type.

    Raises: NotFoundError, also outside the scope; UnavailableError.
    """
    with app.database.reading() as tx:
        file = objections.find_file(tx, key)
        if file is None or not _is_within(tx, scope, file[1]):
            raise NotFoundError("ATTACHMENT-UNKNOWN", f"没有附件 {key}", f"no attachment {key}")
    content, _ = load_proof(app, file[0]["sha256"])
    return file[0]["name"], content, file[0]["media_type"]


def get_notice_paper(app: App, scope: Scope, key: int, paper: str) -> tuple[str, bytes, str]:
    """Name, bytes and media type of a notice, or of the record of its service.

    Raises: NotFoundError, UnavailableError.
    """
    with app.database.reading() as tx:
        notice = get_notice(tx, key)
        if not _is_within(tx, scope, notice):
            raise unknown_notice(key)
    column = "file" if paper == "document" else "record"
    content, media = load_proof(app, notice[f"{column}_sha256"])
    return notice[f"{column}_name"], content, media


def list_all_notices(app: App, scope: Scope, state: str) -> list[dict[str, Any]]:
    """All notices in scope under stable keys."""
    with app.database.reading() as tx:
        return [notice_json(row._mapping) for row in pages.list_notices(tx, scope, state=state)]


def list_all_objections(app: App, scope: Scope, state: str) -> list[dict[str, Any]]:
    """All that was said in scope under stable keys, what waits first."""
    with app.database.reading() as tx:
        return [objection_json(row) for row in pages.list_objections(tx, scope, state=state)]


def notice_json(row: Any) -> dict[str, Any]:
    """A notice under stable keys."""
    names = ("id", "number", "uscc", "premises_no", "name", "district", "authority", "facts",
             "basis", "sanctions", "way", "hearing", "state")  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "class": row["gravity"],
        "served_on": format_day(row["served_on"]),
        "defend_until": format_day(row["defend_until"]),
    }


def objection_json(row: Any) -> dict[str, Any]:
    """Something said, with what it is about, under stable keys."""
    names = ("id", "kind", "state", "text", "by_institution", "is_late", "outcome", "answer",
             "answered_at", "uscc", "name", "district", "number", "document",
             "decision_correction_id")  # fmt: skip
    days = ("received_on", "answer_due", "hearing_on")
    return {name: row[name] for name in names} | {name: iso_or_none(row[name]) for name in days}


def procedure_json(found: Procedure) -> dict[str, Any]:
    """A notice with what was said of it and what its party may say now, under stable keys."""
    assert found.notice is not None
    return notice_json(found.notice) | {
        "said": [_said_json(one.row) for one in found.said],
        "kinds": [*found.kinds],
        "until": format_day(found.until),
    }


def get_said(app: App, scope: Scope, key: int) -> dict[str, Any]:
    """Something said under stable keys.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = objections.find(tx, key)
        if row is None or not _is_within(tx, scope, row):
            raise NotFoundError("OBJECTION-UNKNOWN", f"没有申辩或异议 {key}", f"no objection {key}")
        return _said_json(row)


def _said_json(row: Any) -> dict[str, Any]:
    names = ("id", "kind", "state", "text", "by_institution", "is_late", "outcome", "answer",
             "answered_at", "uscc", "district", "advance_notice_id", "decision_id",
             "decision_correction_id")  # fmt: skip
    days = ("received_on", "answer_due", "hearing_on")
    return {name: row[name] for name in names} | {name: iso_or_none(row[name]) for name in days}


def _is_within(tx: Transaction, scope: Scope, row: Record) -> bool:
    own = find_institution_id(tx, row["uscc"]) if row["uscc"] else None
    return scope.sees(row["district"], own)


def _said(tx: Transaction, about: About) -> list[SaidOfDecision]:
    rows = objections.list_about(tx, about)
    acts = objections.list_events(tx, [row["id"] for row in rows])
    events = [act["id"] for each in acts.values() for act in each]
    files = objections.list_files(tx, events)
    said = []
    for row in rows:
        own = acts.get(row["id"], [])
        owed = is_owed(row, told=is_told(tx, row))
        outcomes = outcomes_of(row["kind"], row["state"], is_owed=owed)
        said.append(
            SaidOfDecision(
                row, own, [file for act in own for file in files.get(act["id"], [])], outcomes
            )
        )
    return said


def _course(
    tx: Transaction, notice: Record | None, rows: Sequence[Record], said: Sequence[SaidOfDecision]
) -> list[CourseLine]:
    """All acts in the order in which they happened."""
    course = _of_notice(notice) if notice is not None else []
    for one in said:
        kind = KINDS[one.row["kind"]]
        for act in one.acts:
            word = ACTS[act["act"]]
            title = Text(f"{kind.zh}：{word.zh}", f"{kind.en}: {word.en}")
            by_party = act["act"] in ("made", "withdrawn")
            files = objections.list_files(tx, [act["id"]]).get(act["id"], [])
            is_late = act["act"] == "made" and one.row["is_late"]
            course.append(
                CourseLine(act["at"], title, act["text"], act["actor"], by_party, files, is_late)
            )
    for row in rows:
        for event in decisions.list_events(tx, row["id"]):
            changes = event["detail"].get("changes", {})
            title = CHANGES[event["change"]]
            course.append(
                CourseLine(event["at"], title, event["reason"], event["actor"], by_party=False,
                       changes=changes)
            )  # fmt: skip
    return sorted(course, key=lambda moment: moment.at)


def _of_notice(notice: Record) -> list[CourseLine]:
    until = format_day(notice["defend_until"])
    served = CourseLine(
        format_day(notice["served_on"]),
        _SERVED,
        f"{notice['number']}（{until}）",
        notice["recorded_by"],
        by_party=False,
    )
    if notice["state"] != DROPPED:  # a decision tells its own end
        return [served]
    ended = CourseLine(
        notice["ended_at"],
        NOTICE_STATES[DROPPED],
        notice["end_reason"],
        notice["ended_by"],
        by_party=False,
    )
    return [served, ended]


def is_window_open(procedure: Procedure) -> bool:
    """Whether what is said today is said in time."""
    return today() <= procedure.until
