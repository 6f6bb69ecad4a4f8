"""Decisions that put names on public lists: three persons make one.

An officer proposes, a reviewer looks at the law (法制审核), a publisher approves; the same person
never twice. Before that nobody is named anywhere. What comes from before the office used feewatch
goes the same way and is marked so.
"""

import errno
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.credit.decision_form import FILES, DecisionFrame, read_decision
from feewatch.credit.decisions import (
    ENDINGS,
    IN_FORCE,
    PROPOSED,
    REFUSED,
    REVIEWED,
    Decision,
)
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import DECIDERS, User
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import normalise
from feewatch.kernel.toml import list_faults, parse_toml
from feewatch.services.check.rulebook import rule_book
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.proofs import Proof, keep_proof
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions

_MAX_BYTES = 100_000
#: More than a voucher may have; what is longer is told by its own refusal.
_PAPER_MOST = 11 * 1024 * 1024
_WINDOW = "decision_window_days"
#: Who takes which step, from which status to which.
PROPOSERS = ("officer",)
REVIEWERS = ("reviewer",)
APPROVERS = ("publisher",)
Form = Mapping[str, Any]


class Take(Protocol):
    """One of the steps on the way of a proposal."""

    def __call__(self, app: App, document: str, *, actor: str, reason: str) -> list[Decision]:
        """Take it."""


class DecisionFaultsError(InvalidInputError):
    """A proposed decision with faults, all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("DECISION-FAULTS", *list_faults(problems))
        self.problems = tuple(problems)


class DecisionPapers(NamedTuple):
    """The document itself and the record that its notice was served, as files."""

    document: Proof
    notice: Proof | None


def read_form(path: Path) -> tuple[Form, DecisionPapers]:
    """A proposal's values and its files, which lie beside it.

    Raises: InvalidInputError, DecisionFaultsError.
    """
    content = _read(path, _MAX_BYTES)
    faults: list[Problem] = []
    values = parse_toml(content, path.name, faults)
    if values is None:
        raise DecisionFaultsError(faults)
    named = {key: values.get(key) for key in FILES}
    files = {
        key: read_voucher(name, _read(path.parent / name))
        for key, name in named.items()
        if isinstance(name, str) and name
    }
    return values, read_papers(files.get("file"), files.get("notice_record"))


def read_papers(document: Proof | None, notice: Proof | None) -> DecisionPapers:
    """The two files of a proposal.

    Raises: InvalidInputError where the document itself is missing.
    """
    if document is None:
        raise InvalidInputError(
            "DECISION-FILE",
            "须附决定书原件（file：PDF、JPEG 或 PNG）",
            "the document itself must be attached (file: PDF, JPEG or PNG)",
        )
    return DecisionPapers(document, notice)


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
    if papers.notice is None and not imported:
        raise InvalidInputError(
            "DECISION-NOTICE",
            "须附事先告知书的送达回证（notice_record）",
            "the record that the notice was served must be attached (notice_record)",
        )
    for paper in papers:
        if paper is not None:
            keep_proof(app, paper)
    with app.database.transaction() as tx:
        decision = hold_against(app, tx, form, file, imported=imported)
        get_acting(tx, actor, PROPOSERS, decision.district)
        if decisions.has_same(tx, decision):
            raise ConflictError(
                "DECISION-EXISTS",
                f"{decision.document} 已将 {decision.name} 登记在 {decision.list}",
                f"{decision.document} has {decision.name} on {decision.list} already",
            )
        notice = papers.notice
        decisions.add(
            tx, decision, actor=actor, proposed_by=actor, form=plain(form),
            file_name=papers.document.name, file_sha256=papers.document.sha256,
            notice_name=notice and notice.name, notice_sha256=notice and notice.sha256,
        )  # fmt: skip
        detail = {"list": decision.list, "uscc": decision.uscc, "imported": imported}
        audit.record(
            tx, actor=actor, action="decision.propose", object=decision.document, detail=detail
        )
    return decision


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
    """Let the decisions of a document that are in force end: changed, revoked, void, repaired.

    The next edition has them no more; a correction edition goes out without waiting for it.

    Raises: NotFoundError, ConflictError for one that has ended or may not be repaired yet,
    InvalidInputError for a missing reason or number of the repair, ForbiddenError.
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
        detail = {"on": format_day(on), "reason": reason, "repair_number": repair_number}
        audit.record(tx, actor=actor, action=f"decision.{status}", object=document, detail=detail)
    return [decisions.as_decision(row) for row in live]


def hold_against(app: App, tx: Transaction, form: Form, file: str, *, imported: bool) -> Decision:
    """A form held against the register, the rule book, the office's list and the calendar.

    Raises: DecisionFaultsError with every fault.
    """
    uscc, premises_no = form.get("uscc"), form.get("premises")
    registered = decisions.find_registered(tx, uscc) if isinstance(uscc, str) else None
    if isinstance(premises_no, str) and uscc is None:
        registered = decisions.find_premises(tx, premises_no)
    book = rule_book(app)
    window = book.parameters[_WINDOW].values[0].value
    assert isinstance(window, int)
    texts = [normalise(value) for value in form.values() if isinstance(value, str)]
    frame = DecisionFrame(
        terms=book.credit_terms,
        today=today(),
        authorities={normalise(name): pattern for name, pattern in app.config.authorities.items()},
        window_end=lambda served: add_working_days(served, window, app.holidays).day,
        registered=registered,
        persons=decisions.find_persons(tx, texts),
        imported=imported,
    )
    decision, problems = read_decision(form, frame, file)
    if decision is None:
        raise DecisionFaultsError(problems)
    return decision


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
            decisions.move(tx, row["id"], before, **values(person, row))
            on = row["decided_on"] if change != "approved" else today()
            decisions.add_event(tx, row["id"], change, on, reason, actor, {"before": before})
        detail = {"reason": reason}
        audit.record(tx, actor=actor, action=f"decision.{change}", object=document, detail=detail)
        keys = {row["id"] for row in rows}
        moved = [row for row in decisions.list_rows(tx, document) if row["id"] in keys]
    return [decisions.as_decision(row) for row in moved]


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
        )
    repairable = decision.earliest_repair
    if status == "repaired" and repairable is not None and on < repairable:
        day = format_day(repairable)
        raise ConflictError(
            "REPAIR-TOO-EARLY",
            f"{decision.document} 最早可于 {day} 修复",
            f"{decision.document} may be repaired from {day} on",
        )


def plain(form: Form) -> dict[str, Any]:
    """A form as JSON keeps it: days in quotes."""
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in form.items()
    }


def _read(path: Path, most: int = _PAPER_MOST) -> bytes:
    """The bytes of a regular file, of which never more than may be are read."""
    try:
        if not path.is_file():  # a device or pipe may never end
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        raise InvalidInputError(
            "DECISION-FILE", f"{path.name} 无法打开：{why}", f"{path.name} cannot be opened: {why}"
        ) from None
    if len(content) > most:
        raise InvalidInputError("DECISION-FILE", f"{path.name} 过大", f"{path.name} is too large")
    return content
