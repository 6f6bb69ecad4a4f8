"""Conditions on the scope of a record: which institutions, which places."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, bindparam, or_, true

from feewatch.kernel.places import prefix


def among(column: ColumnElement[int], keys: Collection[int]) -> ColumnElement[bool]:
    """``column IN keys``, written out, because databases limit how many values may be bound."""
    return column.in_(
        bindparam(None, sorted(set(keys)), expanding=True, literal_execute=True, unique=True)
    )


def of_institutions(
    column: ColumnElement[int], institutions: Collection[int] | None
) -> ColumnElement[bool]:
    """Records of these institutions, 0 standing for those of none; None: of all."""
    if institutions is None:
        return true()
    inside = among(column, [each for each in institutions if each])
    return or_(inside, column.is_(None)) if 0 in institutions else inside


def within(column: ColumnElement[str], place: str) -> ColumnElement[bool]:
    """Records whose district lies in a place (a county, city, province or the nation)."""
    return column.startswith(prefix(place), autoescape=True)
