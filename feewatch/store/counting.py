"""How many statements a database was asked: for tests and benchmarks that bound a page's cost."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from feewatch.store.database import Database


class Asked:
    """A count that goes on while the block lasts."""

    def __init__(self) -> None:
        self.total = 0

    def since(self, before: int) -> int:
        """How many were asked after the count stood there."""
        return self.total - before

    def _note(self, *_: object) -> None:
        self.total += 1


@contextmanager
def counted(database: Database) -> Iterator[Asked]:
    """Counts each statement that goes to the database inside the block, whoever sends it."""
    asked = Asked()
    event.listen(database.engine, "before_cursor_execute", asked._note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", asked._note)
