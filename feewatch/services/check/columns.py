"""Where an office judges its full checks: in the database, or on a copy of a group in DuckDB."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from types import ModuleType
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.kernel.extras import library
from feewatch.store.check.column_view import viewing_columns
from feewatch.store.check.columnar import Columnar
from feewatch.store.database import Transaction

_WORD = re.compile(r"\w+")


class ColumnarEngine(NamedTuple):
    """The libraries by which a group is copied and judged column by column."""

    duckdb: ModuleType
    arrow: ModuleType


def columnar_engine(app: App) -> ColumnarEngine | None:
    """That of the office, or None where it judges in the database.

    Raises: UnavailableError where the extra ``scale`` is not installed.
    """
    if app.config.check.engine == "database":
        return None
    return ColumnarEngine(library("duckdb", "scale"), library("pyarrow", "scale"))


def words_read(book: RuleBook) -> dict[str, set[str]]:
    """The words of all facts that read a table, by its name; no rule reads another column."""
    words = defaultdict[str, set[str]](set)
    for fact in book.facts.values():
        for name in fact.uses:
            words[name].update(_WORD.findall(fact.sql))
    return dict(words)


@contextmanager
def moment(
    app: App, engine: ColumnarEngine | None, book: RuleBook, institutions: Collection[int]
) -> Iterator[tuple[Transaction, Columnar | None]]:
    """The database at one moment, and what rules read of some institutions, copied at the same.

    Raises: MachineError where the copy cannot be made.
    """
    if engine is None:
        with app.database.reading() as tx:
            yield tx, None
        return
    with (
        closing(Columnar(engine.duckdb, engine.arrow, app.config.check.threads)) as columnar,
        viewing_columns(app.database) as view,
    ):
        columnar.copy(view, words_read(book), institutions)
        yield view.tx, columnar
