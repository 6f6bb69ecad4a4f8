"""Messages in the database: told once, read once, sent by mail once."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.people import User
from feewatch.kernel.places import NATION, ancestry
from feewatch.kernel.text import Text
from feewatch.store.tables.operations import user
from feewatch.store.tables.papers import message
from feewatch.store.tables.registers import institution, institution_fact

#: So many values a statement may name on every database.
_MOST_NAMED = 10_000


class InstitutionOnDay(NamedTuple):
    """Name and district of an institution on a day."""

    name: str
    district: str


def add(
    tx: Connection,
    *,
    user_id: int | None,
    institution_id: int | None,
    kind: str,
    about: str,
    text: Text,
    address: str,
    is_new: bool = False,
) -> bool:
    """Whether the message was put down; False where the same was told that day already.

    ``is_new``: that it was not is known.
    """
    at, words = timestamp(), {"zh": text.zh, "en": text.en}
    binds: dict[str, object] = {"user": user_id, "institution": institution_id}
    binds |= {"of_kind": kind, "about": about}
    binds = {name: value for name, value in binds.items() if value is not None}
    same = _same(of_user=user_id is not None, of_institution=institution_id is not None)
    if not is_new and words in tx.scalars(same, binds | {"where": address, "day": at[:10]}).all():
        return False
    row = {
        "user_id": user_id,
        "institution_id": institution_id,
        "at": at,
        "kind": kind,
        "object": about,
        "text": words,
        "address": address,
        "mail_attempts": 0,
        "mail_next_at": at,
    }
    if user_id is not None:
        tx.execute(_ADD_TO_PERSON, row | {"reached": user_id})
    else:
        tx.execute(_ADD_TO_SCHOOL, row | {"reached": institution_id})
    return True


@cache
def _same(*, of_user: bool, of_institution: bool) -> Select[Any]:
    """Texts that were told of the same on a day."""
    c = message.c
    return select(c.text).where(
        c.user_id == bindparam("user") if of_user else c.user_id.is_(None),
        c.institution_id == bindparam("institution")
        if of_institution
        else c.institution_id.is_(None),
        c.kind == bindparam("of_kind"),
        c.object == bindparam("about"),
        c.address == bindparam("where"),
        c.at.startswith(bindparam("day")),
    )


class ToInstitution(NamedTuple):
    """A message to an institution."""

    uscc: str
    about: str
    text: Text


def add_to_institutions(
    tx: Connection, kind: str, address: str, told: Collection[ToInstitution]
) -> None:
    """Put down messages to those institutions that are on the register, in a few statements.

    What they are about is new: that nobody was told the same that day is for the caller to know.
    """
    known = _institution_ids(tx, {message_to.uscc for message_to in told})
    reached = _with_mail(tx)
    at = timestamp()
    rows = [
        {
            "user_id": None,
            "institution_id": known[uscc],
            "at": at,
            "kind": kind,
            "object": about,
            "text": text._asdict(),
            "address": address,
            "mail": "waiting" if known[uscc] in reached else "none",
            "mail_attempts": 0,
            "mail_next_at": at,
        }
        for uscc, about, text in dict.fromkeys(told)
        if uscc in known
    ]
    if rows:
        tx.execute(insert(message), rows)


def _institution_ids(tx: Connection, codes: Collection[str]) -> dict[str, int]:
    """The keys of institutions on the register by credit code."""
    ordered = sorted(codes)
    known: dict[str, int] = {}
    for start in range(0, len(ordered), _MOST_NAMED):
        part = ordered[start : start + _MOST_NAMED]
        rows = tx.execute(
            select(institution.c.uscc, institution.c.id).where(institution.c.uscc.in_(part))
        )
        known |= {row.uscc: row.id for row in rows}
    return known


def _with_mail(tx: Connection) -> set[int]:
    """Institutions of which somebody gets mail."""
    rows = select(user.c.institution_id).where(
        user.c.role == "institution", user.c.mail.is_not(None), user.c.disabled.is_(False)
    )
    return {key for key in tx.scalars(rows) if key is not None}


def list_of(tx: Connection, person: User, *, limit: int, offset: int) -> Sequence[Row[Any]]:
    """What a person was told, themselves or as their institution, the latest first."""
    query = select(message).where(_for(person)).order_by(message.c.id.desc())
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_of(tx: Connection, person: User, *, unread: bool = False) -> int:
    """How many those are."""
    query = select(func.count()).select_from(message).where(_for(person))
    return tx.scalars(query.where(message.c.read_at.is_(None)) if unread else query).one()


def find_of(tx: Connection, person: User, key: int) -> Row[Any] | None:
    """One of them."""
    return tx.execute(select(message).where(_for(person), message.c.id == key)).one_or_none()


def was_told(tx: Connection, kind: str, about: str, user_id: int | None = None) -> bool:
    """Whether anybody, or one person, was ever told of something by a message on file."""
    query = select(message.c.id).where(message.c.kind == kind, message.c.object == about)
    if user_id is not None:
        query = query.where(message.c.user_id == user_id)
    return tx.scalar(query.limit(1)) is not None


def list_told(tx: Connection, about: str, *kinds: str) -> set[int]:
    """The institutions that were ever told of something by a message of some kind on file."""
    query = select(message.c.institution_id).where(
        message.c.kind.in_(kinds), message.c.object == about, message.c.institution_id.is_not(None)
    )
    return {key for key in tx.scalars(query) if key is not None}


def mark_read(tx: Connection, person: User, key: int | None = None) -> None:
    """Let one of them, or all, be read; the first reading stays on record."""
    wanted = [_for(person), message.c.read_at.is_(None)]
    if key is not None:
        wanted.append(message.c.id == key)
    tx.execute(update(message).where(*wanted).values(read_at=timestamp()))


def list_named(tx: Connection, names: Collection[str], department: str | None = None) -> list[int]:
    """The people of these log-in names who may still log in.

    ``department``: without those of another one.
    """
    wanted = user.c.name.in_(names), user.c.disabled.is_(False), _serves(department)
    return list(tx.scalars(select(user.c.id).where(*wanted).order_by(user.c.id)))


def list_nearest(
    tx: Connection, role: str, district: str, department: str | None = None
) -> list[int]:
    """The people of a role whose place is nearest to a district: its own, else those above it.

    ``department``: without those of another one.
    """
    wanted = (
        user.c.role == role, user.c.disabled.is_(False), user.c.institution_id.is_(None),
        _serves(department),
    )  # fmt: skip
    people = tx.execute(select(user.c.id, user.c.district).where(*wanted).order_by(user.c.id)).all()
    for place in ancestry(district):
        nearest = [row.id for row in people if (row.district or NATION) == place]
        if nearest:
            return nearest
    return []


def _serves(department: str | None) -> ColumnElement[bool]:
    """Whether a person is of a department or of every one; of none asked for, all are."""
    if department is None:
        return true()
    return or_(user.c.department.is_(None), user.c.department == department)


def find_place(tx: Connection, institution_id: int, day: Day) -> InstitutionOnDay:
    """Name and district of an institution, as in force on a day, else as first known."""
    facts = institution_fact.c
    query = select(facts.name, facts.district).where(facts.institution_id == institution_id)
    in_force = query.where(facts.valid_from <= day).order_by(facts.valid_from.desc()).limit(1)
    row = tx.execute(in_force).first() or tx.execute(query.order_by(facts.valid_from)).first()
    return InstitutionOnDay("", "") if row is None else InstitutionOnDay(*row)


def _for(person: User) -> ColumnElement[bool]:
    own = message.c.user_id == person.id
    if person.institution_id is None:
        return own
    return or_(own, message.c.institution_id == person.institution_id)


def _add_where(*reached: ColumnElement[bool]) -> Insert:
    """A message, waiting to be sent where one of the people who are reached gets mail."""
    has_mail = user.c.mail.is_not(None), user.c.disabled.is_(False)
    people = select(user.c.id).where(*reached, *has_mail)
    return insert(message).values(mail=case((people.exists(), "waiting"), else_="none"))


_ADD_TO_PERSON = _add_where(user.c.id == bindparam("reached"))
_ADD_TO_SCHOOL = _add_where(
    user.c.institution_id == bindparam("reached"), user.c.role == "institution"
)
