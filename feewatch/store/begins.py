"""Whether a column begins with a text, in a way that SQLite answers from an index.

SQLite's LIKE knows no case and so uses no ordinary index; a range of its byte order does. The order
of PostgreSQL depends on the database's collation, where a range would be wrong.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

#: Above every character that a text may hold.
_LAST = "\U0010ffff"


class _Begins(FunctionElement[bool]):
    name = "begins"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Begins":  # noqa: ARG002 - all are one
        """As it stands: compared with 1, as a yes or no elsewhere is, no index would serve."""
        return self


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, letter by letter."""
    return _Begins(column, literal(text), literal(text + _LAST))


def _as_range(element: _Begins, compiler: SQLCompiler, **rest: Any) -> str:
    column, first, last = (compiler.process(part, **rest) for part in element.clauses)
    return f"({column} >= {first} AND {column} < {last})"


def _as_call(element: _Begins, compiler: SQLCompiler, **rest: Any) -> str:
    column, first, _ = list(element.clauses)
    return f"starts_with({compiler.process(column, **rest)}, {compiler.process(first, **rest)})"


compiles(_Begins, "sqlite")(_as_range)
compiles(_Begins, "postgresql")(_as_call)
