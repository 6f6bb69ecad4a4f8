"""What officers make of clues: the clue's present state, and a row of each act."""

from sqlalchemy import Connection, RowMapping, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.database import Record
from feewatch.store.tables.casework import matter
from feewatch.store.tables.places import clue, clue_event


def lock_clue(tx: Connection, number: str) -> Record | None:
    """A clue, held until the end of the transaction."""
    query = select(clue).where(clue.c.clue_no == number).with_for_update()
    return tx.execute(query).mappings().one_or_none()


def find_state(tx: Connection, number: str) -> str | None:
    """The state of a clue by its number."""
    return tx.scalar(select(clue.c.state).where(clue.c.clue_no == number))


def find_open(tx: Connection, matter_id: int, institution_id: int) -> RowMapping | None:
    """A matter of an institution that is not settled yet."""
    query = select(matter).where(
        matter.c.id == matter_id,
        matter.c.institution_id == institution_id,
        matter.c.status.in_(("open", "in_case")),
    )
    return tx.execute(query).mappings().one_or_none()


def add_act(
    tx: Connection,
    clue_id: int,
    act: str,
    *,
    state: str,
    actor: str,
    reason: str,
    answered_on: Day | None,
    answer: str | None = None,
    matter_id: int | None = None,
    case_number: str | None = None,
) -> None:
    """Put an act on record; the clue is in a state since, and answered where a day is given.

    One that is taken up again waits for an answer again.
    """
    tx.execute(
        insert(clue_event).values(
            clue_id=clue_id,
            at=timestamp(),
            actor=actor,
            act=act,
            matter_id=matter_id,
            case_number=case_number,
            answered_on=answered_on,
            answer=answer,
            reason=reason,
        )
    )
    values: dict[str, object] = {"state": state}
    if answered_on is not None or act == "reopen":
        values["answered_on"] = answered_on
    tx.execute(update(clue).where(clue.c.id == clue_id).values(values))
