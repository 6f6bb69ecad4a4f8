"""The audit trail: who did what, when, which way. Rows are added and never changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from sqlalchemy import Connection

from feewatch.store import chain


class Origin(NamedTuple):
    """Which way a request came: site, api, shell, clock; and from where."""

    way: str | None = None
    place: str | None = None  # network address, or user of the operating system


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - a tuple


def come_from(way: str, place: str) -> None:
    """Let what is put on record in this context from here on carry the way it came."""
    _origin.set(Origin(way, place[:120]))


@contextmanager
def coming_from(way: str, place: str) -> Iterator[None]:
    """The same for a block."""
    token = _origin.set(Origin(way, place[:120]))
    try:
        yield
    finally:
        _origin.reset(token)


def record(
    tx: Connection,
    actor: str,
    action: str,
    object: str,  # noqa: A002 - the column's name
    detail: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Put one act on record, in the transaction of the act itself.

    Detail and further facts hold no secrets and no personal data; of a change they are ``before``,
    ``after`` and ``reason``.
    """
    origin = _origin.get()
    told = (detail or {}) | facts
    row = chain.add_row(tx, actor, action, object, detail=told, way=origin.way, origin=origin.place)
    chain.note_row(tx, row)
