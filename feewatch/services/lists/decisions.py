"""Decisions that put names on public lists: recorded from a file, ended with a reason."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.credit.decision_form import read_decision
from feewatch.credit.decisions import ENDINGS, IN_FORCE, Decision
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import DECIDERS
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import list_faults, parse_toml
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.lists import decisions

_MAX_BYTES = 100_000


class DecisionFaultsError(InvalidInputError):
    """A decision file with faults, all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("DECISION-FAULTS", *list_faults(problems))
        self.problems = tuple(problems)


def add_decision(app: App, path: Path, *, actor: str) -> Decision:
    """The decision of a TOML file, now on record.

    Raises: DecisionFaultsError with every fault, ConflictError for a decision on record already,
    ForbiddenError.
    """
    raw = _read(path)
    uscc, premises_no = raw.get("uscc"), raw.get("premises")
    with app.database.transaction() as tx:
        registered = decisions.find_registered(tx, uscc) if isinstance(uscc, str) else None
        if isinstance(premises_no, str) and uscc is None:
            registered = decisions.find_premises(tx, premises_no)
        decision, problems = read_decision(raw, registered, path.name)
        if decision is None:
            raise DecisionFaultsError(problems)
        get_acting(tx, actor, DECIDERS, decision.district)
        if decisions.has_same(tx, decision):
            raise ConflictError(
                "DECISION-EXISTS",
                f"{decision.document} 已将 {decision.name} 登记在 {decision.list}",
                f"{decision.document} has {decision.name} on {decision.list} already",
            )
        decisions.add(tx, decision, actor=actor)
        audit.record(
            tx,
            actor=actor,
            action="decision.add",
            object=decision.document,
            detail={"list": decision.list, "uscc": decision.uscc, "name": decision.name},
        )
    return decision


def end_decision(
    app: App, document: str, status: str, *, on: Day, reason: str, actor: str
) -> list[Decision]:
    """Let the decisions of a document that are in force end: changed, revoked, void, repaired.

    The next edition has them no more; a correction edition goes out without waiting for it.

    Raises: NotFoundError, ConflictError for one that has ended or may not be repaired yet,
    InvalidInputError for a missing reason, ForbiddenError.
    """
    assert status in ENDINGS
    require_reason(reason)
    with app.database.transaction() as tx:
        on_file = decisions.list_by_document(tx, document)
        if not on_file:
            raise NotFoundError(
                "DECISION-UNKNOWN", f"没有决定 {document}", f"no decision {document}"
            )
        live = {key: decision for key, decision in on_file if decision.status == IN_FORCE}
        if not live:
            raise ConflictError(
                "DECISION-ENDED",
                f"决定 {document} 已失效",
                f"decision {document} has ended already",
            )
        for decision in live.values():
            get_acting(tx, actor, DECIDERS, decision.district)
            _check_day(decision, status, on)
        decisions.end(tx, live.keys(), status, on, reason=reason, actor=actor)
        detail = {"on": format_day(on), "reason": reason}
        audit.record(tx, actor=actor, action=f"decision.{status}", object=document, detail=detail)
    return list(live.values())


def _read(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "DECISION-FILE",
            f"{path.name} 无法打开：{fault.strerror}",
            f"{path.name} cannot be opened: {fault.strerror}",
        ) from None
    if len(content) > _MAX_BYTES:
        raise InvalidInputError("DECISION-FILE", f"{path.name} 过大", f"{path.name} is too large")
    faults: list[Problem] = []
    values = parse_toml(content, path.name, faults)
    if values is None:
        raise DecisionFaultsError(faults)
    return values


def _check_day(decision: Decision, status: str, on: Day) -> None:
    if on < decision.decided_on:
        raise InvalidInputError(
            "DECISION-DAY",
            f"日期早于决定日期 {format_day(decision.decided_on)}",
            f"the day is before the decision of {format_day(decision.decided_on)}",
        )
    if status == "repaired" and on < decision.repairable_from:
        day = format_day(decision.repairable_from)
        raise ConflictError(
            "REPAIR-TOO-EARLY",
            f"{decision.document} 最早可于 {day} 修复",
            f"{decision.document} may be repaired from {day} on",
        )
