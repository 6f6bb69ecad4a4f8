"""Answers by matter, and objections with what was answered. Rows are added, never deleted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.tables.casework import case_event, matter_answer, objection
from feewatch.store.tables.papers import paper, paper_service

#: Steps by which an institution is told what is asked of it.
_TOLD = ("notify", "reopen")


class Said(NamedTuple):
    """What is said of one matter."""

    matter_id: int
    stance: str
    text: str


def add(tx: Connection, case_id: int, event_id: int, answers: Iterable[Said]) -> None:
    """Put on record what was said of each matter with one answer."""
    rows = [
        {"case_file_id": case_id, "case_event_id": event_id, **answer._asdict()}
        for answer in answers
    ]
    tx.execute(insert(matter_answer), rows)


def list_of_case(tx: Connection, case_id: int) -> dict[int, list[Row[Any]]]:
    """What was said of the matters of a case, by the event with which it came in."""
    by_event: dict[int, list[Row[Any]]] = defaultdict(list)
    query = select(matter_answer).where(matter_answer.c.case_file_id == case_id)
    for row in tx.execute(query.order_by(matter_answer.c.id)):
        by_event[row.case_event_id].append(row)
    return dict(by_event)


def add_objection(
    tx: Connection, case_id: int, matter_id: int | None, text: str, made_by: str
) -> int:
    """Put an objection on record; its key."""
    row = {
        "case_file_id": case_id,
        "matter_id": matter_id,
        "text": text,
        "made_by": made_by,
        "made_at": timestamp(),
    }
    key: int = tx.execute(insert(objection).values(row).returning(objection.c.id)).scalar_one()
    return key


def list_objections(tx: Connection, case_id: int) -> Sequence[Row[Any]]:
    """The objections to a case and its matters, the first first."""
    query = select(objection).where(objection.c.case_file_id == case_id)
    return tx.execute(query.order_by(objection.c.id)).all()


def settle_objection(
    tx: Connection, case_id: int, key: int, outcome: str, answer: str, actor: str
) -> bool:
    """Whether an objection of a case was answered by this; False where it was answered before."""
    changed = tx.execute(
        update(objection)
        .where(
            objection.c.id == key,
            objection.c.case_file_id == case_id,
            objection.c.answered_at.is_(None),
        )
        .values(outcome=outcome, answer=answer, answered_by=actor, answered_at=timestamp())
    )
    return changed.rowcount == 1


def find_told_at(tx: Connection, case_id: int) -> str | None:
    """The moment at which an institution was last told on the site what is asked of it."""
    query = select(func.max(case_event.c.at)).where(
        case_event.c.case_file_id == case_id, case_event.c.step.in_(_TOLD)
    )
    moment: str | None = tx.execute(query).scalar_one()
    return moment


def find_served_on(tx: Connection, case_id: int) -> Day | None:
    """The latest day on which a paper of a case that stands was served on its institution."""
    query = (
        select(func.max(paper_service.c.served_on))
        .join(paper)
        .where(
            paper.c.case_file_id == case_id,
            paper.c.kind.in_(("rectification_order", "hint_letter")),
            paper.c.voided_at.is_(None),
        )
    )
    day: Day | None = tx.execute(query).scalar_one()
    return day
