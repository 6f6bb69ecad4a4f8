"""Sessions: begun at a log-in, over after a time without requests, and for good after hours.

What a browser keeps is a word of 256 random bits, of which the database has the hash: every process
of an office sees the same sessions, and a cookie that somebody copied is worth nothing once its
session ended. When a person was last seen is put down at most once a minute and never waited for.
"""

import datetime as dt
import hashlib
import secrets
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, timestamp
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.people.acting import nobody
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import sessions, users

#: What opened a session.
FACTORS = {
    "password": Text("密码", "password"),
    "code": Text("密码与动态码", "password and code"),
    "recovery": Text("密码与备用码", "password and recovery code"),
    "provider": Text("统一身份认证", "identity provider"),
}
_SEEN_EVERY = dt.timedelta(minutes=1)
#: How long a log-in waits for its second step.
_HALF_WAY = dt.timedelta(minutes=10)
#: What is over so long is no longer shown as the last log-in.
_FORGOTTEN = dt.timedelta(days=400)


class Caller(NamedTuple):
    """From where somebody asks."""

    address: str
    browser: str  # its family, as people call it


class Present(NamedTuple):
    """Who asks, and in which session."""

    user: User
    session: PageRow


def begin(
    app: App,
    person: User,
    caller: Caller,
    *,
    factor: str,
    stage: str = "open",
    replaces: str | None = None,
) -> str:
    """The word of a new session; the one that the same browser had until now ends.

    ``stage``: open, or what is wanted first (``second_factors``), for which there are minutes.
    """
    word = secrets.token_urlsafe(32)
    longest = dt.timedelta(hours=app.config.web.session_hours) if stage == "open" else _HALF_WAY
    with app.database.transaction() as tx:
        if replaces is not None:
            _end_replaced(tx, replaces, person)
        row = {
            "user_id": person.id,
            "word_hash": _hash(word),
            "epoch": person.session_epoch,
            "factor": factor,
            "stage": stage,
            "made_at": timestamp(),
            "seen_at": timestamp(),
            "ends_at": _moment(longest),
            "address": caller.address,
            "browser": caller.browser,
        }
        sessions.add(tx, row, forget=_moment(-_FORGOTTEN))
    return word


def find(app: App, word: str) -> Present | None:
    """Whose session a word is, and that they were seen; None where it is over."""
    with app.database.reading() as tx:
        found = sessions.find(tx, _hash(word), now=timestamp(), idle_since=_idle_since(app))
    if found is None:
        return None
    person, session = found
    if session.seen_at <= _moment(-_SEEN_EVERY):
        at = timestamp()
        app.database.try_now(lambda tx: sessions.see(tx, session.id, at))
    return Present(person, session)


def list_own(app: App, person: User) -> PageRows:
    """The sessions of a person that go on, the last seen first."""
    with app.database.reading() as tx:
        return sessions.list_open(tx, person.id, now=timestamp(), idle_since=_idle_since(app))


def find_last(app: App, word: str) -> sessions.LastLogIn | None:
    """The log-in of the same person before that of a word; None where this is the first."""
    standing = find(app, word)
    if standing is None:
        return None
    with app.database.reading() as tx:
        user, session = standing
        return sessions.find_last(tx, user.id, user.name, before=session.id)


def end(app: App, person: User, key: int) -> None:
    """End one session of a person, by themselves.

    Raises: NotFoundError for one of somebody else, or one that is over.
    """
    with app.database.transaction() as tx:
        if not sessions.end(tx, person.id, key, by=person.name):
            raise NotFoundError(
                "SESSION-UNKNOWN", "没有这一登录，或已结束", "there is no such session, or it ended"
            )
        audit.record(tx, person.name, "session.end", person.name, session=key)


def end_all_of(app: App, name: str, *, actor: str, reason: str) -> int:
    """How many sessions of a person an administrator ended.

    Raises: NotFoundError.
    """
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        ended = sessions.end_all(tx, person.id, by=actor)
        audit.record(tx, actor, "session.end_all", name, sessions=ended, reason=reason)
    return ended


def end_others(app: App, person: User, key: int) -> int:
    """How many other sessions of a person ended by their word."""
    with app.database.transaction() as tx:
        ended = sessions.end_all(tx, person.id, by=person.name, but=key)
        if ended:
            audit.record(tx, person.name, "session.end_others", person.name, sessions=ended)
    return ended


def _end_replaced(tx: Transaction, word: str, person: User) -> None:
    old = sessions.find(tx, _hash(word), now=timestamp(), idle_since="")
    if old is None:
        return
    is_ended = sessions.end(tx, old[0].id, old[1].id, by=person.name)
    if is_ended and old[1].stage == "open":  # the first step of a log-in is on record as such
        audit.record(tx, person.name, "session.end", old[0].name, session=old[1].id)


def _idle_since(app: App) -> str:
    return _moment(-dt.timedelta(minutes=app.config.web.session_minutes))


def _moment(span: dt.timedelta) -> str:
    return (now() + span).isoformat(timespec="seconds")


def _hash(word: str) -> str:
    # a word of 256 random bits needs no slow hash
    return hashlib.sha256(word.encode()).hexdigest()
