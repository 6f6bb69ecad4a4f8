"""Conditions on the scope of a record: which institutions, which places."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, true

from feewatch.kernel.people import Scope
from feewatch.kernel.places import prefix
from feewatch.store.tables.registers import institution


def among(column: ColumnElement[int], keys: Collection[int]) -> ColumnElement[bool]:
    """``column IN keys``, written out, because databases limit how many values may be bound."""
    return column.in_(
        bindparam(None, sorted(set(keys)), expanding=True, literal_execute=True, unique=True)
    )


def listed(column: ColumnElement[int]) -> ColumnElement[bool]:
    """The same for a statement that is built once; the keys are given with each execution."""
    return column.in_(bindparam("keys", expanding=True, literal_execute=True))


def of_institutions(
    column: ColumnElement[int], institutions: Collection[int] | None
) -> ColumnElement[bool]:
    """Records of these institutions, 0 standing for those of none; None: of all."""
    if institutions is None:
        return true()
    own = [each for each in institutions if each]
    if 0 not in institutions:
        return among(column, own)
    # an empty list beside it would lead SQLite away from the index of the column
    return or_(among(column, own), column.is_(None)) if own else column.is_(None)


def within(column: ColumnElement[str], place: str) -> ColumnElement[bool]:
    """Records whose district lies in a place (a county, city, province or the nation)."""
    return column.startswith(prefix(place), autoescape=True)


def within_party(
    scope: Scope, district: ColumnElement[str], uscc: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a row that names by its credit code whom it is about lies within a scope."""
    inside = within(district, scope.district)
    if scope.institution_id is None:
        return inside
    own = select(institution.c.uscc).where(institution.c.id == scope.institution_id)
    return and_(inside, uscc == own.scalar_subquery())
