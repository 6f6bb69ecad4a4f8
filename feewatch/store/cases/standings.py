"""What the latest check says of the matters of cases, and closed cases that it brings back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from feewatch.casework import standing
from feewatch.casework.standing import Standing
from feewatch.casework.states import CLOSED, IN_CASE, OPEN, WITHDRAWN
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.store.scope import among, of_institutions
from feewatch.store.tables.casework import alert, case_event, case_file, case_matter, matter
from feewatch.store.tables.checks import institution_state

#: States from which a case comes back when its breach is found again.
_ENDED = ("closed", "rechecked")
_FOUND_AGAIN = Text(
    "销号后的检查仍发现或再次发现该情形", "a check after closing finds the breach still or again"
)


def read_standing(tx: Connection, case_id: int) -> Standing:
    """The present word on each matter of a case."""
    return read_standings(tx, [case_id])[case_id]


def read_standings(tx: Connection, case_ids: Collection[int]) -> dict[int, Standing]:
    """The same of several cases, by key."""
    checked = dict(
        tx.execute(
            select(case_file.c.id, institution_state.c.checked_as_of)
            .outerjoin(
                institution_state,
                institution_state.c.institution_id == func.coalesce(case_file.c.institution_id, 0),
            )
            .where(among(case_file.c.id, case_ids))
        ).all()
    )
    rows = tx.execute(
        select(case_matter.c.case_file_id, case_matter.c.matter_id, alert.c.present)
        .outerjoin(
            alert, (alert.c.matter_id == case_matter.c.matter_id) & (alert.c.status != WITHDRAWN)
        )
        .where(among(case_matter.c.case_file_id, case_ids))
        .distinct()
    )
    words: dict[int, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for case_id, matter_id, word in rows:
        words[case_id][matter_id] |= {word} - {None}
    return {
        case_id: Standing(
            as_of, {key: standing.of_matter(known) for key, known in words[case_id].items()}
        )
        for case_id, as_of in checked.items()
    }


def bring_back(
    tx: Connection, institutions: Collection[int] | None, as_of: Day, actor: str
) -> Sequence[Row[Any]]:
    """The closed cases whose breach this check finds again, each with a line in its history.

    They keep their state and are marked with the day: an officer decides. One that is marked is
    not marked again.
    """
    again = _found_again(tx, institutions)
    if not again:
        return []
    keys = [row.id for row in again]
    tx.execute(update(case_file).where(among(case_file.c.id, keys)).values(recurred_on=as_of))
    standings, moment = read_standings(tx, keys), timestamp()
    events = [
        {
            "case_file_id": row.id,
            "at": moment,
            "actor": actor,
            "step": "recur",
            "from_state": row.state,
            "to_state": row.state,
            "reason": _FOUND_AGAIN.both(),
            "standing": standings[row.id].as_json(as_of),
        }
        for row in again
    ]
    tx.execute(insert(case_event), events)
    return again


def _found_again(tx: Connection, institutions: Collection[int] | None) -> Sequence[Row[Any]]:
    """Closed cases not yet marked of which an alert is in breach, or its like opened anew."""
    own, newer = matter.alias("own"), matter.alias("newer")
    stands = (
        select(alert.c.id)
        .join(case_matter, case_matter.c.matter_id == alert.c.matter_id)
        .where(
            case_matter.c.case_file_id == case_file.c.id,
            alert.c.status == CLOSED,
            alert.c.present == standing.BREACH,
            ~alert.c.historic,
        )
        .exists()
    )
    closed_at = (
        select(func.max(case_event.c.at))
        .where(case_event.c.case_file_id == case_file.c.id, case_event.c.step == "close")
        .scalar_subquery()
    )
    opened_anew = (
        select(newer.c.id)
        .join(
            own,
            (own.c.uscc == newer.c.uscc)
            & (own.c.rule == newer.c.rule)
            & (own.c.cause == newer.c.cause)
            & (own.c.institution_id == newer.c.institution_id),
        )
        .join(case_matter, case_matter.c.matter_id == own.c.id)
        .where(
            case_matter.c.case_file_id == case_file.c.id,
            newer.c.id != own.c.id,
            newer.c.status.in_((OPEN, IN_CASE)),
            ~newer.c.historic,
            newer.c.opened_at > closed_at,
        )
        .exists()
    )
    query = select(case_file).where(
        case_file.c.state.in_(_ENDED),
        case_file.c.recurred_on.is_(None),
        of_institutions(case_file.c.institution_id, institutions),
        or_(stands, opened_anew),
    )
    return tx.execute(query.order_by(case_file.c.id).with_for_update(of=case_file)).all()
