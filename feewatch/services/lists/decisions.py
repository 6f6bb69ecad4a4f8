"""Decisions that put names on public lists: three persons make one.

An officer proposes, a reviewer looks at the law (法制审核), a publisher approves; the same person
never twice. Before that nobody is named anywhere. What comes from before the office used feewatch
goes the same way and is marked so.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol

from feewatch.bootstrap import App
from feewatch.casework.messages import own_decision
from feewatch.credit.advance_notice import DECIDED
from feewatch.credit.decisions import (
    ENDINGS,
    IN_FORCE,
    PROPOSED,
    REFUSED,
    REVIEWED,
    Decision,
)
from feewatch.credit.objections import find_bar
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import DECIDERS, User
from feewatch.kernel.text import Text, normalise
from feewatch.services.intake.proofs import keep_proof
from feewatch.services.lists.decision_frames import hold_against
from feewatch.services.lists.decision_papers import DecisionPapers, Form, plain
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, notices, objections
from feewatch.store.people.users import find_institution_id

#: Who takes which step, from which status to which.
PROPOSERS = ("officer",)
REVIEWERS = ("reviewer",)
APPROVERS = ("publisher",)


class Take(Protocol):
    """One of the steps on the way of a proposal."""

    def __call__(self, app: App, document: str, *, actor: str, reason: str) -> list[Decision]:
        """Take it."""


def propose(
    app: App,
    form: Form,
    papers: DecisionPapers,
    *,
    actor: str,
    imported: bool = False,
    file: str = "",
) -> Decision:
    """The decision of a form, now proposed; it names nobody before two others have acted.

    ``imported``: it was in force before the office used feewatch; the window is as it was then.

    Raises: DecisionFaultsError with every fault, ConflictError for one on record already,
    ForbiddenError.
    """
    for paper in papers:
        if paper is not None:
            keep_proof(app, paper)
    with app.database.transaction() as tx:
        decision, before = hold_against(app, tx, form, file, imported=imported)
        get_acting(tx, actor, PROPOSERS, decision.district)
        if decisions.has_same(tx, decision):
            raise ConflictError(
                "DECISION-EXISTS",
                f"{decision.document} 已将 {decision.name} 登记在 {decision.list}",
                f"{decision.document} has {decision.name} on {decision.list} already",
            )
        notice_name, notice_sha256 = _record_of_service(papers, before, imported=imported)
        key = decisions.add(
            tx, decision, actor=actor, proposed_by=actor, form=plain(form),
            file_name=papers.document.name, file_sha256=papers.document.sha256,
            notice_name=notice_name, notice_sha256=notice_sha256,
            advance_notice_id=before and before["id"],
        )  # fmt: skip
        detail = {"list": decision.list, "uscc": decision.uscc, "imported": imported}
        audit.record(
            tx, actor=actor, action="decision.propose", object=decision.document, detail=detail
        )
        if not imported:
            _tell(tx, key, decision, "decision_near", _NEAR)
    return decision


def _record_of_service(
    papers: DecisionPapers, before: Record | None, *, imported: bool
) -> tuple[str | None, str | None]:
    """Name and hash of the record that a notice was served: the form's own, or the notice's."""
    if papers.notice is not None:
        return papers.notice.name, papers.notice.sha256
    if before is not None:
        return before["record_name"], before["record_sha256"]
    if not imported:
        raise InvalidInputError(
            "DECISION-NOTICE",
            "须附事先告知书的送达回证（notice_record）",
            "the record that the notice was served must be attached (notice_record)",
        )
    return None, None


def review(app: App, document: str, *, actor: str, reason: str) -> list[Decision]:
    """法制审核: the reviewer finds that the proposals of a document stand in law.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """

    def values(person: User, row: Record) -> dict[str, Any]:
        must_be_another(person, row["proposed_by"])
        return {"status": REVIEWED, "reviewed_by": person.name}

    return _move(app, document, PROPOSED, "reviewed", REVIEWERS, values, actor, reason)


def approve(app: App, document: str, *, actor: str, reason: str) -> list[Decision]:
    """The publisher lets the reviewed decisions of a document count from now on.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """

    def values(person: User, row: Record) -> dict[str, Any]:
        must_be_another(person, row["proposed_by"], row["reviewed_by"])
        return {"status": IN_FORCE, "approved_by": person.name}

    return _move(app, document, REVIEWED, "approved", APPROVERS, values, actor, reason)


def refuse(app: App, document: str, *, actor: str, reason: str) -> list[Decision]:
    """A reviewer or publisher sends the proposals of a document back; they may be made anew.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    with app.database.reading() as tx:
        waiting = {row["status"] for row in decisions.list_rows(tx, document)}
    status = PROPOSED if PROPOSED in waiting else REVIEWED
    roles = REVIEWERS if status == PROPOSED else APPROVERS

    def values(person: User, row: Record) -> dict[str, Any]:
        must_be_another(person, row["proposed_by"])
        return {"status": REFUSED}

    return _move(app, document, status, "refused", roles, values, actor, reason)


def end_decision(
    app: App,
    document: str,
    status: str,
    *,
    on: Day,
    reason: str,
    actor: str,
    repair_number: str = "",
) -> list[Decision]:
    """The decisions of a document that were in force, ended: changed, revoked, void, repaired.

    The next edition has them no more; a correction edition goes out without waiting for it.

    Raises: NotFoundError, ConflictError for one that has ended or may not be repaired yet,
    InvalidInputError for a day before the decision or after today, a missing reason or number of
    the repair, ForbiddenError.
    """
    assert status in ENDINGS
    require_reason(reason)
    repair_number = normalise(repair_number)
    if status == "repaired" and not repair_number:
        raise InvalidInputError(
            "REPAIR-NUMBER",
            "信用修复须填写信用中国的受理编号",
            "a repair names the acceptance number of 信用中国",
        )
    with app.database.transaction() as tx:
        live = [row for row in rows_of(tx, document) if row["status"] == IN_FORCE]
        if not live:
            raise ConflictError(
                "DECISION-ENDED",
                f"决定 {document} 没有生效或已失效",
                f"decision {document} is not in force",
            )
        for row in live:
            get_acting(tx, actor, DECIDERS, row["district"])
            _check_day(decisions.as_decision(row), status, on)
            ended = {"status": status, "ended_on": on, "repair_number": repair_number or None}
            decisions.move(tx, row["id"], IN_FORCE, **ended)
            detail = {"before": IN_FORCE, "repair_number": repair_number}
            decisions.add_event(tx, row["id"], status, on, reason, actor, detail)
        told = {
            "before": {"status": IN_FORCE},
            "after": {"status": status},
            "on": format_day(on),
            "reason": reason,
            "repair_number": repair_number,
        }
        audit.record(tx, actor=actor, action=f"decision.{status}", object=document, detail=told)
        keys = {row["id"] for row in live}
        ended_rows = [row for row in decisions.list_rows(tx, document) if row["id"] in keys]
    return [decisions.as_decision(row) for row in ended_rows]


def _move(
    app: App,
    document: str,
    before: str,
    change: str,
    roles: Collection[str],
    values: Callable[[User, Record], dict[str, Any]],
    actor: str,
    reason: str,
) -> list[Decision]:
    """Take one step with every row of a document that is at it."""
    require_reason(reason)
    with app.database.transaction() as tx:
        rows = [row for row in rows_of(tx, document) if row["status"] == before]
        if not rows:
            raise ConflictError(
                "DECISION-STATE",
                f"决定 {document} 不在这一步",
                f"decision {document} is not at this step",
            )
        for row in rows:
            person = get_acting(tx, actor, roles, row["district"])
            if change != "refused":
                _refuse_unheard(tx, row)
            decisions.move(tx, row["id"], before, **values(person, row))
            on = row["decided_on"] if change != "approved" else today()
            decisions.add_event(tx, row["id"], change, on, reason, actor, {"before": before})
            if change == "approved":
                _conclude(tx, row, actor)
        keys = {row["id"] for row in rows}
        moved = [row for row in decisions.list_rows(tx, document) if row["id"] in keys]
        detail = {
            "before": {"status": before},
            "after": {"status": moved[0]["status"]},
            "reason": reason,
        }
        audit.record(tx, actor=actor, action=f"decision.{change}", object=document, detail=detail)
    return [decisions.as_decision(row) for row in moved]


def _refuse_unheard(tx: Transaction, row: Record) -> None:
    """Nothing where the window is over and all that was said in time is answered.

    Raises: ConflictError.
    """
    key, until = row["advance_notice_id"], row["objection_until"]
    if key is not None:  # held, so that no defence comes in meanwhile
        notice = notices.find(tx, key, lock=True)
        assert notice is not None
        until = max(until, notice["defend_until"])
    if today() <= until:
        day = format_day(until)
        raise ConflictError(
            "DECISION-WINDOW-OPEN",
            f"陈述申辩期至 {day}，尚未届满",
            f"the window for a defence is open until {day}",
        )
    said = objections.list_about(tx, objections.About(key, row["id"]))
    proposed = [each["at"] for each in decisions.list_events(tx, row["id"])
                if each["change"] == "proposed"]  # fmt: skip
    bar = find_bar(said, proposed[-1] if proposed else "", row["decided_on"])
    if bar is not None:
        raise ConflictError(bar[0], *bar[1])


def _conclude(tx: Transaction, row: Record, actor: str) -> None:
    """The notice on which an approved decision rests waits no longer; the institution is told."""
    if row["advance_notice_id"] is not None:
        notices.end(tx, row["advance_notice_id"], DECIDED, row["document"], actor)
    if not row["imported"]:
        _tell(tx, row["id"], decisions.as_decision(row), "decision_made", _MADE)


_NEAR = Text("正在审核对您的决定 {document}", "a decision about you is being reviewed: {document}")
_MADE = Text("对您的决定 {document} 已批准", "a decision about you was approved: {document}")


def _tell(tx: Transaction, key: int, decision: Decision, kind: str, words: Text) -> None:
    institution = find_institution_id(tx, decision.uscc) if decision.uscc else None
    if institution is not None:
        tell(
            tx, to_institution=institution, kind=kind, object=decision.document[:60],
            text=words.fill(document=decision.document), address=own_decision(key),
        )  # fmt: skip


def rows_of(tx: Transaction, document: str) -> list[Record]:
    """All rows of a document, held against other writers.

    Raises: NotFoundError.
    """
    rows = decisions.list_rows(tx, document, lock=True)
    if not rows:
        raise NotFoundError("DECISION-UNKNOWN", f"没有决定 {document}", f"no decision {document}")
    return rows


def must_be_another(person: User, *others: str | None) -> None:
    """Nothing where a person has not acted before.

    Raises: ForbiddenError.
    """
    if person.name in others:
        raise ForbiddenError(
            "DECISION-OTHER-PERSON",
            "拟定、法制审核、批准须由三个人分别办理",
            "proposing, legal review and approval are done by three persons",
        )


def _check_day(decision: Decision, status: str, on: Day) -> None:
    if on < decision.decided_on:
        raise InvalidInputError(
            "DECISION-DAY",
            f"日期早于决定日期 {format_day(decision.decided_on)}",
            f"the day is before the decision of {format_day(decision.decided_on)}",
            field="on",
        )
    if on > today():
        raise InvalidInputError(
            "DECISION-DAY",
            f"日期 {format_day(on)} 尚未到来",
            f"the day {format_day(on)} is yet to come",
            field="on",
        )
    repairable = decision.earliest_repair
    if status == "repaired" and repairable is not None and on < repairable:
        day = format_day(repairable)
        raise ConflictError(
            "REPAIR-TOO-EARLY",
            f"{decision.document} 最早可于 {day} 修复",
            f"{decision.document} may be repaired from {day} on",
        )
