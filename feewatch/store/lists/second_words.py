"""Words of two persons on a share of a list that would leave at once, and the standing order."""

from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import Scope
from feewatch.store.once import insert_once
from feewatch.store.scope import within
from feewatch.store.tables.publication import edition, second_word, standing_order


def ask(
    tx: Connection,
    *,
    district: str,
    base_number: int,
    cut_off: Day,
    leaving: dict[str, Any],
    digest: str,
    first_by: str | None,
) -> bool:
    """Whether the question is new; asked by nobody before, a person's wish becomes its first."""
    values = {
        "district": district,
        "base_number": base_number,
        "cut_off": cut_off,
        "leaving": leaving,
        "digest": digest,
        "first_by": first_by,
        "asked_at": timestamp(),
    }
    if insert_once(tx, second_word, values):
        return True
    if first_by is not None:
        tx.execute(
            update(second_word)
            .where(
                second_word.c.district == district,
                second_word.c.base_number == base_number,
                second_word.c.digest == digest,
                second_word.c.first_by.is_(None),
            )
            .values(first_by=first_by)
        )
    return False


def list_words(
    tx: Connection, district: str | None = None, scope: Scope | None = None
) -> list[RowMapping]:
    """Questions about the latest edition of each district, given or not, the latest first."""
    newest = (
        select(edition.c.number)
        .where(edition.c.district == second_word.c.district)
        .order_by(edition.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(second_word).where(second_word.c.base_number == newest)
    if district is not None:
        query = query.where(second_word.c.district == district)
    if scope is not None:
        query = query.where(within(second_word.c.district, scope.district))
    return list(tx.execute(query.order_by(second_word.c.id.desc())).mappings())


def give_first(tx: Connection, key: int, actor: str) -> None:
    """The first word on what the clock asked by nobody's order."""
    tx.execute(
        update(second_word)
        .where(second_word.c.id == key, second_word.c.first_by.is_(None))
        .values(first_by=actor)
    )


def give(tx: Connection, key: int, actor: str, reason: str) -> None:
    """The second person's word.

    Raises: ConflictError where another was faster.
    """
    given = tx.execute(
        update(second_word)
        .where(second_word.c.id == key, second_word.c.second_by.is_(None))
        .values(second_by=actor, reason=reason, given_at=timestamp())
    )
    if given.rowcount != 1:
        raise ConflictError("SECOND-GIVEN", "已有第二人同意", "the second word was given already")


def find_standing_order(tx: Connection) -> RowMapping | None:
    """The latest word on whether the clock publishes; None where nobody ever said."""
    query = select(standing_order).order_by(standing_order.c.id.desc()).limit(1)
    return tx.execute(query).mappings().one_or_none()


def set_standing_order(tx: Connection, actor: str, reason: str, *, is_given: bool) -> None:
    """Give the standing order, or withdraw it."""
    tx.execute(
        insert(standing_order).values(
            given_by=actor, given_at=timestamp(), reason=reason, is_given=is_given
        )
    )
