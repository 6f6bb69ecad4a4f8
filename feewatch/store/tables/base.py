"""What all tables share: the metadata with stable constraint names, and column shorthands."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """A surrogate primary key."""
    return Column("id", Integer, primary_key=True)


def fen(name: str, *, nullable: bool = True, **rest: Any) -> Column[int]:
    """An amount in fen."""
    return Column(name, BigInteger, nullable=nullable, **rest)


def count(name: str, *, nullable: bool = True, **rest: Any) -> Column[int]:
    """A number of lessons, minutes, months, rows; wide, for rules multiply such numbers."""
    return Column(name, BigInteger, nullable=nullable, **rest)


def day(name: str, *, nullable: bool = True, **rest: Any) -> Column[int]:
    """A legal day as a day number."""
    return Column(name, BigInteger, nullable=nullable, **rest)


def at(name: str, *, nullable: bool = False) -> Column[str]:
    """A moment as ISO 8601 text with the offset of Asia/Shanghai."""
    return Column(name, String(32), nullable=nullable)


def belongs_to(target: str, name: str = "", *, nullable: bool = False, **rest: Any) -> Column[int]:
    """A foreign key ``TARGET_id`` to the surrogate key of a table."""
    return Column(name or f"{target}_id", ForeignKey(f"{target}.id"), nullable=nullable, **rest)
