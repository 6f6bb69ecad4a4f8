"""What visits found, as it stands among alerts, and which later visit saw the end of it."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from feewatch.casework.standing import UNDETERMINED
from feewatch.engine.findings import Identity
from feewatch.kernel.days import Day
from feewatch.rounds.checklists import FAIL, OK
from feewatch.rounds.findings import RULE, subject_of
from feewatch.store.tables.casework import alert
from feewatch.store.tables.rounds import checklist_version, visit, visit_result


def list_known(tx: Connection, institution_id: int) -> list[Identity]:
    """What visits found at an institution, also what is over."""
    c = alert.c
    query = select(c.rule, c.uscc, c.subject_kind, c.subject_id, c.on_day).where(
        c.institution_id == institution_id, c.rule == RULE
    )
    return [Identity(*row) for row in tx.execute(query)]


def list_ended(tx: Connection, institution_id: int) -> dict[str, Day]:
    """By subject the day of the first visit after it at which the item was in order.

    An item is the same in all versions of a checklist.
    """
    query = (
        select(visit.c.number, visit.c.visited_on, checklist_version.c.checklist)
        .add_columns(visit_result.c.item, visit_result.c.result)
        .join_from(visit, visit_result, visit_result.c.visit_id == visit.c.id)
        .join(checklist_version, checklist_version.c.sha256 == visit.c.checklist_sha256)
        .where(visit.c.institution_id == institution_id, visit_result.c.result.in_((OK, FAIL)))
        .order_by(visit.c.visited_on, visit.c.id)
    )
    standing: dict[tuple[str, str], list[str]] = {}
    ended: dict[str, Day] = {}
    for number, on, checklist, item, result in tx.execute(query):
        subjects = standing.setdefault((checklist, item), [])
        if result == FAIL:
            subjects.append(subject_of(number, item))
        else:
            ended |= dict.fromkeys(subjects, on)
            subjects.clear()
    return ended


def say_untold(tx: Connection, alerts: Collection[str]) -> None:
    """Let the present word on new alerts be that nobody can say: no check looks on site."""
    tx.execute(update(alert).where(alert.c.id.in_(alerts)).values(present=UNDETERMINED))
