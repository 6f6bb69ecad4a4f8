"""People in the database: reading and changing them, nothing about passwords themselves."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import SECURITY, User
from feewatch.store.people import sessions
from feewatch.store.tables.log_ins import log_in_session, second_factor
from feewatch.store.tables.operations import api_token, user
from feewatch.store.tables.registers import institution

#: What makes a person.
COLUMNS = [user.c[name] for name in User.__dataclass_fields__]


def find_by_name(tx: Connection, name: str) -> User | None:
    """The person of a log-in name."""
    row = tx.execute(select(*COLUMNS).where(user.c.name == name)).one_or_none()
    return None if row is None else User(*row)


def has_administrator(tx: Connection) -> bool:
    """Whether anybody who may act administers people."""
    return has_role(tx, SECURITY)


def has_role(tx: Connection, roles: Collection[str], *, but: str = "") -> bool:
    """Whether anybody who may act has one of these roles, one person left out."""
    query = select(user.c.id).where(
        user.c.role.in_(roles), user.c.disabled.is_(False), user.c.name != but
    )
    return tx.scalar(query.limit(1)) is not None


def rename_role(tx: Connection, old: str, new: str) -> list[str]:
    """The names of those who had a role and have another from now on, barred ones too."""
    names = list(tx.scalars(select(user.c.name).where(user.c.role == old).order_by(user.c.name)))
    tx.execute(update(user).where(user.c.role == old).values(role=new))
    return names


def find_by_id(tx: Connection, user_id: int) -> User | None:
    """The person of a key."""
    row = tx.execute(select(*COLUMNS).where(user.c.id == user_id)).one_or_none()
    return None if row is None else User(*row)


def add(
    tx: Connection,
    name: str,
    role: str,
    district: str | None,
    institution_id: int | None,
    password_hash: str,
) -> None:
    """A new person who may log in."""
    tx.execute(
        insert(user).values(
            name=name,
            role=role,
            district=district,
            institution_id=institution_id,
            password_hash=password_hash,
            disabled=False,
            session_epoch=1,
            created_at=timestamp(),
        )
    )


def change(tx: Connection, name: str, *, by: str | None = None, **values: Any) -> None:
    """New values for a person; every change ends the sessions that are open, by whoever made it."""
    tx.execute(
        update(user)
        .where(user.c.name == name)
        .values(session_epoch=user.c.session_epoch + 1, **values)
    )
    changed = select(user.c.id).where(user.c.name == name).scalar_subquery()
    sessions.end_all(tx, changed, by=by or name)


def set_hold(tx: Connection, name: str, until: str | None, by: str | None) -> None:
    """Let a log-in decide nothing before a moment, or be held no more."""
    tx.execute(update(user).where(user.c.name == name).values(held_until=until, held_by=by))


def renew_hash(tx: Connection, user_id: int, password_hash: str) -> None:
    """The same password under a better hash: sessions go on."""
    tx.execute(update(user).where(user.c.id == user_id).values(password_hash=password_hash))


def find_mail(tx: Connection, user_id: int) -> str | None:
    """Where a person's messages go as mail."""
    return tx.scalar(select(user.c.mail).where(user.c.id == user_id))


def set_mail(tx: Connection, name: str, address: str | None) -> None:
    """Let a person's messages go there; their sessions go on."""
    tx.execute(update(user).where(user.c.name == name).values(mail=address))


def find_institution_id(tx: Connection, uscc: str) -> int | None:
    """The key of an institution on the register."""
    return tx.scalar(select(institution.c.id).where(institution.c.uscc == uscc))


def list_all(tx: Connection, *, now: str) -> Sequence[Row[Any]]:
    """Everybody on file with last log-in, second factor, open sessions and good tokens, by name."""
    here = log_in_session.c.user_id == user.c.id
    goes_on = (
        here,
        log_in_session.c.ended_at.is_(None),
        log_in_session.c.epoch == user.c.session_epoch,
        log_in_session.c.ends_at > now,
    )
    good = api_token.c.user_id == user.c.id, api_token.c.revoked_at.is_(None)
    has_factor = (
        second_factor.c.user_id == user.c.id,
        second_factor.c.confirmed_at.is_not(None),
    )
    last = select(func.max(log_in_session.c.made_at)).where(here, log_in_session.c.stage == "open")
    counts = {
        "last_log_in": last,
        "sessions": select(func.count(log_in_session.c.id)).where(*goes_on),
        "tokens": select(func.count(api_token.c.id)).where(*good),
        "factors": select(func.count(second_factor.c.user_id)).where(*has_factor),
    }
    columns = [count.scalar_subquery().label(name) for name, count in counts.items()]
    query: Select[Any] = select(*COLUMNS, institution.c.uscc, *columns)
    beside = query.outerjoin(institution, institution.c.id == user.c.institution_id)
    return tx.execute(beside.order_by(user.c.name)).all()


def list_active(tx: Connection, roles: Collection[str]) -> list[User]:
    """The people of these roles who may log in, by name."""
    query = select(*COLUMNS).where(user.c.role.in_(roles), user.c.disabled.is_(False))
    return [User(*row) for row in tx.execute(query.order_by(user.c.name))]
