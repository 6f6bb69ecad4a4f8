"""Messages on their way as mail. A sender claims one, so that two senders never send the same."""

from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select, update

from feewatch.store.tables.operations import user
from feewatch.store.tables.papers import message


class ClaimedMail(NamedTuple):
    """A message that one sender has claimed."""

    id: int
    kind: str
    at: str
    attempts: int  # this one included
    is_read: bool
    addresses: tuple[str, ...]
    claimed_until: str


def list_due(tx: Connection, now: str) -> list[int]:
    """Messages to be sent now, the oldest first."""
    query = select(message.c.id).where(message.c.mail == "waiting", message.c.mail_next_at <= now)
    return list(tx.scalars(query.order_by(message.c.id)))


def give_up_lost(tx: Connection, now: str) -> int:
    """How many messages are failed by now because their sender died: they may have been sent."""
    lost = tx.execute(
        update(message)
        .where(message.c.mail == "sending", message.c.mail_next_at < now)
        .values(mail="failed", mail_fault="the sender stopped; it may have been sent")
    )
    return lost.rowcount


def claim(tx: Connection, key: int, now: str, until: str) -> ClaimedMail | None:
    """The letter of a message if this sender is the one that gets it."""
    claimed = tx.execute(
        update(message)
        .where(message.c.id == key, message.c.mail == "waiting", message.c.mail_next_at <= now)
        .values(mail="sending", mail_next_at=until, mail_attempts=message.c.mail_attempts + 1)
    )
    if claimed.rowcount != 1:
        return None
    row = tx.execute(select(message).where(message.c.id == key)).one()
    whose = or_(
        user.c.id == row.user_id,
        and_(user.c.institution_id == row.institution_id, user.c.role == "institution"),
    )
    query = select(user.c.mail).where(user.c.mail.is_not(None), user.c.disabled.is_(False), whose)
    addresses = tuple(sorted(set(tx.scalars(query))))
    is_read = row.read_at is not None
    return ClaimedMail(row.id, row.kind, row.at, row.mail_attempts, is_read, addresses, until)


def settle(
    tx: Connection,
    letter: ClaimedMail,
    state: str,
    *,
    fault: str | None,
    next_at: str | None = None,
) -> None:
    """What came of a letter: sent, waiting for the next try, failed, or none to be sent."""
    values = {"mail": state, "mail_fault": fault, "mail_next_at": next_at}
    claimed = message.c.mail == "sending", message.c.mail_next_at == letter.claimed_until
    tx.execute(update(message).where(message.c.id == letter.id, *claimed).values(values))
