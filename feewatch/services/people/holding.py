"""Log-ins that somebody else reset: they decide nothing for a day, unless a second person confirms.

Whoever sets another's password or takes the second factor away could act under that name; for a day
the name is worth nothing, and its owner is told.
"""

import datetime as dt

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.people import SECURITY, SYSTEM, User
from feewatch.services.people import acting
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.people import users

HOURS = 24


def hold(tx: Transaction, person: User, *, by: str) -> None:
    """Let a log-in decide nothing for a day, where another than its owner reset it."""
    if by == person.name:
        return
    until = (now() + dt.timedelta(hours=HOURS)).isoformat(timespec="seconds")
    users.set_hold(tx, person.name, until, by)
    audit.record(tx, by, "user.hold", person.name, until=until)


def confirm(app: App, name: str, *, actor: str) -> None:
    """A second administrator confirms a reset: the log-in is held no more.

    Raises: NotFoundError; ForbiddenError for who reset it and for the person; ConflictError where
    it is not held.
    """
    with app.database.transaction() as tx:
        acting.get_acting(tx, actor, SECURITY | SYSTEM, app.config.office.district)
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *acting.nobody(name))
        if not acting.is_held(person):
            raise ConflictError("LOGIN-FREE", f"{name} 未受限制", f"{name} is not held")
        if actor in (person.held_by, name):
            raise ForbiddenError(
                "SECOND-OFFICER", "须由另一名管理员确认", "another administrator has to confirm"
            )
        users.set_hold(tx, name, None, None)
        audit.record(tx, actor, "user.confirm", name, reset_by=person.held_by)
