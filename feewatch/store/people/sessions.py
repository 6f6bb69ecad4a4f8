"""Sessions in the database: begun, looked up by the hash of their word, ended for good."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    ScalarSelect,
    Select,
    delete,
    func,
    insert,
    select,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import User
from feewatch.store.tables.log_ins import log_in_session as session
from feewatch.store.tables.operations import audit, user


class LastLogIn(NamedTuple):
    """A session of a person from before, and how many log-ins under their name failed since."""

    made_at: str
    address: str
    browser: str
    failures: int


def add(tx: Connection, row: Mapping[str, Any], *, forget: str) -> None:
    """A new session; those of the person that were over before ``forget`` are forgotten."""
    is_over = session.c.user_id == row["user_id"], session.c.ends_at < forget
    tx.execute(delete(session).where(*is_over))
    tx.execute(insert(session).values(**row))


def find(
    tx: Connection, word_hash: str, *, now: str, idle_since: str
) -> tuple[User, Row[Any]] | None:
    """The session of a word that goes on at a moment, with its person, who may log in."""
    fields = [user.c[name].label(f"person_{name}") for name in User.__dataclass_fields__]
    query: Select[Any] = select(*fields, session).join(user, user.c.id == session.c.user_id)
    goes_on = (*_open(now, idle_since), user.c.disabled.is_(False))
    row = tx.execute(query.where(session.c.word_hash == word_hash, *goes_on)).one_or_none()
    return None if row is None else (User(*row[: len(fields)]), row)


def list_open(tx: Connection, user_id: int, *, now: str, idle_since: str) -> Sequence[Row[Any]]:
    """The sessions of a person that go on, the last seen first."""
    query = select(session).join(user, user.c.id == session.c.user_id)
    own = query.where(session.c.user_id == user_id, *_open(now, idle_since))
    return tx.execute(own.order_by(session.c.seen_at.desc(), session.c.id.desc())).all()


def find_last(tx: Connection, user_id: int, name: str, *, before: int) -> LastLogIn | None:
    """The last session of a person that was begun before another, whether or not it goes on."""
    query = select(session).where(session.c.user_id == user_id, session.c.id < before)
    was_in = session.c.stage == "open"
    row = tx.execute(query.where(was_in).order_by(session.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    failed = audit.c.object == name, audit.c.action == "log_in.failed", audit.c.at >= row.made_at
    failures = tx.scalar(select(func.count()).select_from(audit).where(*failed)) or 0
    return LastLogIn(row.made_at, row.address, row.browser, failures)


def see(tx: Connection, key: int, at: str) -> None:
    """The person of a session was there."""
    tx.execute(update(session).where(session.c.id == key).values(seen_at=at))


def end(tx: Connection, user_id: int, key: int, *, by: str) -> bool:
    """Whether a session of a person ended by this; not where it is none of theirs, or was over."""
    return _end(tx, by, session.c.user_id == user_id, session.c.id == key) == 1


def end_all(
    tx: Connection, user_id: int | ScalarSelect[Any], *, by: str, but: int | None = None
) -> int:
    """How many sessions of a person ended by this; ``but``: the one that goes on."""
    return _end(tx, by, session.c.user_id == user_id, session.c.id != (but or 0))


def _end(tx: Connection, by: str, *which: Any) -> int:
    values = {"ended_at": timestamp(), "ended_by": by}
    goes_on = session.c.ended_at.is_(None)
    return tx.execute(update(session).where(goes_on, *which).values(values)).rowcount


def _open(now: str, idle_since: str) -> tuple[Any, ...]:
    return (
        session.c.ended_at.is_(None),
        session.c.epoch == user.c.session_epoch,
        session.c.ends_at > now,
        session.c.seen_at >= idle_since,
    )
