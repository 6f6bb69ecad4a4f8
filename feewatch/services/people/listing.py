"""Everybody on file, as their administrators see them: no password, secret or word of a session."""

from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import NotFoundError
from feewatch.services.people import api_tokens, sessions
from feewatch.services.people.acting import nobody
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import role_requests, users


class PeopleFile(NamedTuple):
    """Those who are asked for, and what waits for a second administrator."""

    rows: PageRows
    total: int  # of everybody
    waiting: PageRows


class PersonFile(NamedTuple):
    """One person with their log-ins."""

    row: PageRow
    sessions: PageRows
    tokens: PageRows
    waiting: PageRow | None


def read_people(app: App, *, role: str = "", district: str = "") -> PeopleFile:
    """The people of a role and of a place with all below it; empty: all."""
    with app.database.reading() as tx:
        everybody = users.list_all(tx, now=timestamp())
        waiting = role_requests.list_waiting(tx)
    stem = district.rstrip("0") if district else ""
    rows = [
        row
        for row in everybody
        if (not role or row.role == role) and (not stem or (row.district or "").startswith(stem))
    ]
    return PeopleFile(rows, len(everybody), waiting)


def read_person(app: App, name: str) -> PersonFile:
    """One person by log-in name, barred ones too.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        person = users.find_by_name(tx, name)
        rows = [row for row in users.list_all(tx, now=timestamp()) if row.name == name]
        waiting = role_requests.find_waiting(tx, name)
    if person is None or not rows:
        raise NotFoundError("USER-UNKNOWN", *nobody(name))
    own = sessions.list_own(app, person), api_tokens.list_tokens(app, person)
    return PersonFile(rows[0], *own, waiting)
