"""People and institutions are told what concerns them: a mark on the site, and mail if any.

A message is put down in the transaction of the act it tells of, so that nothing is told that did
not happen. It holds a sentence and the page that has more; no personal data.
"""

from collections.abc import Collection

from feewatch.bootstrap import App
from feewatch.casework.messages import KINDS
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.people import messages


def tell(
    tx: Transaction,
    *,
    to_user: int | None = None,
    to_institution: int | None = None,
    kind: str,
    object: str,  # noqa: A002 - the column's name
    text: Text,
    address: str,
    is_new: bool = False,
) -> bool:
    """Whether a person or an institution was told; False where they know the same since today.

    ``is_new``: the transaction made what is told of, so that nobody can know of it.

    ``kind``: of ``casework.messages``. ``object``: what it is about (number of a case, key of a
    proposal). ``address``: the path of the page that has more.
    """
    assert kind in KINDS, kind
    assert (to_user is None) != (to_institution is None)
    return messages.add(
        tx,
        user_id=to_user,
        institution_id=to_institution,
        kind=kind,
        about=object,
        text=text,
        address=address,
        is_new=is_new,
    )


def tell_office(
    tx: Transaction,
    *,
    district: str,
    people: Collection[str | None] = (),
    department: str | None = None,
    role: str = "officer",
    but: str = "",
    kind: str,
    object: str,  # noqa: A002 - the column's name
    text: Text,
    address: str,
) -> int:
    """How many people of the office were told.

    ``people``: log-in names of those whom it concerns (owner, who issued); where none of them may
    still log in, the people of the role nearest to the district. ``department``: that of the matter
    or case; people of another one are told nothing of it. ``but``: who did it and knows.
    """
    names = {name for name in people if name}
    keys = messages.list_named(tx, names, department) or messages.list_nearest(
        tx, role, district, department
    )
    knows = messages.list_named(tx, [but])
    return sum(
        tell(tx, to_user=key, kind=kind, object=object, text=text, address=address)
        for key in keys
        if key not in knows
    )


def list_messages(app: App, person: User, number: int) -> Page:
    """One page of what a person was told, the latest first."""
    with app.database.reading() as tx:
        start = (number - 1) * PAGE_SIZE
        rows = messages.list_of(tx, person, limit=PAGE_SIZE, offset=start)
        return Page(rows, messages.count_of(tx, person), number)


def count_unread(app: App, person: User) -> int:
    """How many messages of a person are not read yet."""
    with app.database.reading() as tx:
        return messages.count_of(tx, person, unread=True)


def open_message(app: App, person: User, key: int) -> PageRow:
    """A message of a person, read from now on.

    Raises: NotFoundError, also for another's.
    """
    with app.database.transaction() as tx:
        row = messages.find_of(tx, person, key)
        if row is None:
            raise NotFoundError("MESSAGE-UNKNOWN", f"没有消息 {key}", f"no message {key}")
        messages.mark_read(tx, person, key)
    return row


def mark_all_read(app: App, person: User) -> None:
    """Let all messages of a person be read."""
    with app.database.transaction() as tx:
        messages.mark_read(tx, person)
