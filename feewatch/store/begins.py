"""Whether a column begins with a text, in a way that either database answers from an index.

SQLite's LIKE knows no case and so uses no ordinary index; a range of its byte order does. The order
of PostgreSQL depends on the database's collation, where a range would be wrong; its LIKE uses an
index of ``varchar_pattern_ops``.
"""

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

#: Above every character that a text may hold.
_LAST = "\U0010ffff"
#: What LIKE takes for something else than itself.
_WILD = re.compile(r"[%_\\]")


class _Begins(FunctionElement[bool]):
    name = "begins"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Begins":  # noqa: ARG002 - all are one
        """As it stands: compared with 1, as a yes or no elsewhere is, no index would serve."""
        return self


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, letter by letter."""
    pattern = _WILD.sub(r"\\\g<0>", text) + "%"
    return _Begins(column, literal(text), literal(text + _LAST), literal(pattern))


def _as_range(element: _Begins, compiler: SQLCompiler, **rest: Any) -> str:
    column, first, last = (compiler.process(part, **rest) for part in list(element.clauses)[:3])
    return f"({column} >= {first} AND {column} < {last})"


def _as_pattern(element: _Begins, compiler: SQLCompiler, **rest: Any) -> str:
    column, _, _, pattern = element.clauses
    return f"{compiler.process(column, **rest)} LIKE {compiler.process(pattern, **rest)}"


compiles(_Begins, "sqlite")(_as_range)
compiles(_Begins, "postgresql")(_as_pattern)
