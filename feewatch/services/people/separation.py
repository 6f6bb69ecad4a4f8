"""三员分立: system, security and audit administrators, separate from each other and from business.

A new office is made with it: its first administrator is all three until each kind is on file, then
separation begins by itself. An office of before asks for it, by two persons. Once begun it stays.
"""

from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import ConflictError, ForbiddenError
from feewatch.kernel.people import ADMINISTRATORS, ROLES, THREE
from feewatch.kernel.text import Text
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.people.notices import tell_person
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.people import separation, users

#: What a new office gives as the reason.
_NEW = "新建机构 / a new office"
_BEGUN = Text(
    "三员分立已生效：系统、安全、审计管理员各司其职，原管理员为系统管理员",
    "the three administrators are separate now; who was administrator is system administrator",
)


class Separation(NamedTuple):
    """How far an office is with it."""

    row: PageRow | None  # None: nobody asked
    lacking: tuple[str, ...]  # roles of which nobody on file may act

    @property
    def has_begun(self) -> bool:
        """Whether it is in force."""
        return self.row is not None and self.row.begun_at is not None

    @property
    def is_wanted(self) -> bool:
        """Whether it begins as soon as nobody lacks."""
        return self.row is not None and self.row.confirmed_at is not None

    @property
    def state(self) -> str:
        """``off``, ``asked``, ``wanted`` or ``begun``."""
        if self.row is None:
            return "off"
        return "begun" if self.has_begun else "wanted" if self.is_wanted else "asked"


#: What the states are called.
STATES = {
    "off": Text("未启用", "off"),
    "asked": Text("已提请，待另一人确认", "asked for, waits for another person"),
    "wanted": Text("已启用，三员齐备后生效", "wanted, begins once all three are on file"),
    "begun": Text("已生效", "in force"),
}


def read(app: App) -> Separation:
    """How far the office is with it."""
    with app.database.reading() as tx:
        return Separation(separation.find(tx), _lacking(tx))


def want(app: App, *, actor: str) -> None:
    """A new office is made with it."""
    with app.database.transaction() as tx:
        separation.ask(tx, actor, _NEW, is_confirmed=True)
        audit.record(tx, actor, "separation.want", "office")


def ask(app: App, *, actor: str, reason: str) -> None:
    """An administrator wants it; it counts once another one does.

    Raises: ForbiddenError, InvalidInputError, ConflictError where it was asked for.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ADMINISTRATORS, app.config.office.district)
        if separation.find(tx) is not None:
            raise ConflictError(
                "SEPARATION-ASKED", "三员分立已提请或已启用", "separation was asked for already"
            )
        separation.ask(tx, actor, reason)
        audit.record(tx, actor, "separation.ask", "office", reason=reason)


def confirm(app: App, *, actor: str) -> Separation:
    """How far it is after a second administrator wants it too; it may begin with that.

    Raises: ForbiddenError, also for who asked; ConflictError where nothing waits.
    """
    with app.database.transaction() as tx:
        get_acting(tx, actor, ADMINISTRATORS, app.config.office.district)
        asked = _get_asked(tx)
        if asked.asked_by == actor:
            raise ForbiddenError(
                "SECOND-OFFICER", "须由另一人确认", "another person has to confirm"
            )
        separation.confirm(tx, actor)
        audit.record(tx, actor, "separation.confirm", "office", asked_by=asked.asked_by)
        settle(tx, by=actor)
        return Separation(separation.find(tx), _lacking(tx))


def refuse(app: App, *, actor: str, reason: str) -> None:
    """An administrator does not want it, or who asked no more.

    Raises: ForbiddenError, InvalidInputError, ConflictError where nothing waits.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ADMINISTRATORS, app.config.office.district)
        asked = _get_asked(tx)
        separation.forget(tx)
        audit.record(
            tx, actor, "separation.refuse", "office", asked_by=asked.asked_by, reason=reason
        )


def settle(tx: Transaction, *, by: str) -> None:
    """Let it begin if it is wanted and nobody lacks; after each act that makes or lets in a person.

    Whoever was administrator is system administrator from then on, also a person who is barred.
    """
    row = separation.find(tx)
    if row is None or row.confirmed_at is None or row.begun_at is not None or _lacking(tx):
        return
    separation.begin(tx, by)
    renamed = users.rename_role(tx, "administrator", "system_admin")
    audit.record(tx, by, "separation.begin", "office", system_administrators=renamed)
    for person in users.list_active(tx, ADMINISTRATORS):
        tell_person(tx, person.id, "separation", _BEGUN)


def role_on_file(tx: Transaction, role: str) -> str:
    """The role that a person gets who is to have one: ``administrator`` is another's name later."""
    return "system_admin" if role == "administrator" and separation.has_begun(tx) else role


def require_not_last(tx: Transaction, name: str, role: str) -> None:
    """Nothing unless a person who goes is the last of a kind that a separate office needs.

    Raises: ConflictError.
    """
    if role not in THREE or not separation.has_begun(tx):
        return
    if not users.has_role(tx, THREE[role], but=name):
        title = ROLES[role]
        raise ConflictError(
            "LAST-ADMINISTRATOR",
            f"{name} 是唯一的{title.zh}，请先另设一名",
            f"{name} is the only {title.en}: put another one on file first",
        )


def _lacking(tx: Transaction) -> tuple[str, ...]:
    return tuple(role for role, kinds in THREE.items() if not users.has_role(tx, kinds))


def _get_asked(tx: Transaction) -> PageRow:
    row = separation.find(tx)
    if row is None or row.confirmed_at is not None:
        raise ConflictError(
            "SEPARATION-NONE", "没有待确认的三员分立提请", "no separation waits to be confirmed"
        )
    return row
