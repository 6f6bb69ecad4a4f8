"""What was gathered of districts, within the scope of who asks: states, lists, contradictions."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, tuple_

from feewatch.credit.lists import BLACK, CREDIT_BLACK, CREDIT_RED, WHITE
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.scope import within
from feewatch.store.tables.gathered import (
    gathered_edition,
    gathered_entry,
    gathered_source,
    gathering_refusal,
)

_ENTRY = gathered_entry.c
_IS_LISTED = and_(_ENTRY.list != "", _ENTRY.uscc != "")


def list_states(tx: Connection, scope: Scope) -> PageRows:
    """How it stands with each source that was asked."""
    inside = within(gathered_source.c.district, scope.district)
    return tx.execute(select(gathered_source).where(inside)).all()


def list_newest(tx: Connection, scope: Scope) -> PageRows:
    """The newest edition of each source."""
    edition = gathered_edition.c
    newest = (
        select(edition.district, func.max(edition.number))
        .where(within(edition.district, scope.district))
        .group_by(edition.district)
    )
    query = select(gathered_edition).where(tuple_(edition.district, edition.number).in_(newest))
    return tx.execute(query.order_by(edition.district)).all()


def list_editions(tx: Connection, district: str, limit: int) -> PageRows:
    """The editions of a source that were gathered, the newest first."""
    edition = gathered_edition.c
    query = select(gathered_edition).where(edition.district == district)
    return tx.execute(query.order_by(edition.number.desc()).limit(limit)).all()


def find_edition(tx: Connection, district: str, number: int) -> PageRow | None:
    """One edition that was gathered."""
    edition = gathered_edition.c
    query = select(gathered_edition).where(edition.district == district, edition.number == number)
    return tx.execute(query).one_or_none()


def count_refusals(tx: Connection, scope: Scope) -> dict[str, int]:
    """How many things were ever refused of each source."""
    refusal = gathering_refusal.c
    query = select(refusal.district, func.count().label("refused"))
    query = query.where(within(refusal.district, scope.district)).group_by(refusal.district)
    return {row.district: row.refused for row in tx.execute(query)}


def list_refusals(tx: Connection, scope: Scope, district: str, limit: int) -> PageRows:
    """What was refused of one source, or with an empty district of all, the last first."""
    refusal = gathering_refusal.c
    query = select(gathering_refusal).where(within(refusal.district, scope.district))
    if district:
        query = query.where(refusal.district == district)
    return tx.execute(query.order_by(refusal.last_at.desc(), refusal.id.desc()).limit(limit)).all()


def list_entries(
    tx: Connection, scope: Scope, name: str, text: str, limit: int, offset: int
) -> PageRows:
    """Entries of one list, or with an empty name of all, by credit code and district."""
    query = select(gathered_entry).where(*_wanted(scope, name, text))
    order = (_ENTRY.uscc, _ENTRY.district, _ENTRY.list, _ENTRY.place)
    return tx.execute(query.order_by(*order).limit(limit).offset(offset)).all()


def count_entries(tx: Connection, scope: Scope, name: str, text: str) -> int:
    """How many these are."""
    query = select(func.count()).select_from(gathered_entry).where(*_wanted(scope, name, text))
    return tx.scalar(query) or 0


def list_of_codes(tx: Connection, scope: Scope, codes: Collection[str]) -> PageRows:
    """Every entry of some institutions, by credit code and district."""
    inside = within(_ENTRY.district, scope.district)
    query = select(gathered_entry).where(inside, _ENTRY.uscc.in_(codes))
    return tx.execute(query.order_by(_ENTRY.uscc, _ENTRY.district, _ENTRY.list)).all()


def find_entry(tx: Connection, scope: Scope, key: int) -> PageRow | None:
    """One entry of a newest edition."""
    inside = within(_ENTRY.district, scope.district)
    return tx.execute(select(gathered_entry).where(inside, _ENTRY.id == key)).one_or_none()


def list_contradicted(tx: Connection, scope: Scope, limit: int) -> list[str]:
    """Credit codes that stand on a black list and on a white or red one."""
    black = _has(_ENTRY.list.in_((BLACK, CREDIT_BLACK)))
    good = _has(_ENTRY.list.in_((WHITE, CREDIT_RED)))
    return _codes(tx, scope, and_(black == 1, good == 1), limit)


def list_named_apart(tx: Connection, scope: Scope, limit: int) -> list[str]:
    """Credit codes that stand under more than one name."""
    return _codes(tx, scope, func.count(_ENTRY.name.distinct()) > 1, limit, unrated=True)


def list_listed_twice(tx: Connection, scope: Scope, limit: int) -> list[str]:
    """Credit codes that stand on the white list of more than one district."""
    districts = case((_ENTRY.list == WHITE, _ENTRY.district)).distinct()
    return _codes(tx, scope, func.count(districts) > 1, limit)


def list_of_other_places(
    tx: Connection, scope: Scope, sources: Collection[str], limit: int
) -> list[str]:
    """Credit codes that another source's authority gave out than the one that lists them.

    Digits 3 to 8 of a code are the place of the authority that registered its bearer (GB 32100).
    """
    place = func.substr(_ENTRY.uscc, 3, 6)
    query = (
        select(_ENTRY.uscc)
        .where(
            within(_ENTRY.district, scope.district), _IS_LISTED, place.in_(sources),
            place != _ENTRY.district,
        )
        .group_by(_ENTRY.uscc)
    )  # fmt: skip
    return list(tx.scalars(query.order_by(_ENTRY.uscc).limit(limit)))


def _codes(
    tx: Connection, scope: Scope, having: ColumnElement[bool], limit: int, *, unrated: bool = False
) -> list[str]:
    query: Select[tuple[str]] = select(_ENTRY.uscc).where(
        within(_ENTRY.district, scope.district), _ENTRY.uscc != "" if unrated else _IS_LISTED
    )
    query = query.group_by(_ENTRY.uscc).having(having).order_by(_ENTRY.uscc).limit(limit)
    return list(tx.scalars(query))


def _has(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _wanted(scope: Scope, name: str, text: str) -> list[ColumnElement[bool]]:
    conditions = [within(_ENTRY.district, scope.district), _ENTRY.list != ""]
    if name:
        conditions.append(_ENTRY.list == name)
    if text:
        in_name = _ENTRY.name.contains(text, autoescape=True)
        conditions.append(or_(in_name, _ENTRY.uscc == text.upper()))
    return conditions
