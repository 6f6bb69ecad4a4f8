"""Numbers as PostgreSQL gives them: a sum of whole numbers is one, as it is of SQLite."""

from contextlib import suppress
from decimal import Decimal
from typing import Any


class _WholeOrExact:
    """Reads a number as psycopg asks its loaders to; they are of an extra."""

    format = 0  # as text

    def __init__(self, oid: int, connection: object = None) -> None:
        del oid, connection

    def load(self, data: bytes | memoryview) -> int | Decimal:
        """An ``int`` where the number is whole."""
        told = bytes(data).decode("ascii")
        with suppress(ValueError):
            return int(told)
        return Decimal(told)


def read_whole_sums(connection: Any) -> None:
    """Let a connection of psycopg read ``numeric``, the type of every sum of fen, as SQLite does.

    Pages, files and JSON write nothing else as fen. What has a fraction stays exact.
    """
    connection.adapters.register_loader("numeric", _WholeOrExact)
