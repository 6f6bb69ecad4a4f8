"""Roles of weight: one administrator gives them, another confirms; of one alone it is marked.

Of weight are the roles that decide and those that administer, also when a person who was barred
is let in again. Until it is confirmed the person cannot log in, or stays as they are.
"""

from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import (
    ADMINISTRATORS,
    DECIDERS,
    DEPARTMENTAL,
    ROLES,
    SECURITY,
    SYSTEM,
    User,
)
from feewatch.kernel.text import Text
from feewatch.services.messages import tell
from feewatch.services.people import separation
from feewatch.services.people.acting import get_acting, nobody, require_reason
from feewatch.services.people.notices import tell_person
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import role_requests, tokens, users

WEIGHTY = DECIDERS | ADMINISTRATORS
#: Who may confirm what a security administrator asks for, and log-ins that were reset.
CONFIRMERS = SECURITY | SYSTEM
#: What is asked for.
KINDS = {
    "add": Text("新增人员", "a new person"),
    "role": Text("变更角色", "another role"),
    "enable": Text("恢复停用人员", "a barred person let in again"),
}
_PAGE = "/desk/people/"


def needs_second(tx: Transaction, role: str, *, actor: str, name: str) -> bool:
    """Whether a role waits for another person: there is one who may confirm it.

    Who is no person on file is the operator who sets an office up, before it has administrators.
    """
    if role not in WEIGHTY or users.find_by_name(tx, actor) is None:
        return False
    return any(person.name not in (actor, name) for person in users.list_active(tx, CONFIRMERS))


def ask(tx: Transaction, kind: str, person: dict[str, Any], *, actor: str, reason: str) -> None:
    """Put a request on file and tell those who may confirm it; ``person``: name, role, district.

    Raises: ConflictError where something waits about them.
    """
    require_nothing_waits(tx, person["name"])
    role_requests.add(tx, {"kind": kind, "reason": reason, "asked_by": actor} | person)
    audit.record(tx, actor, f"role.{kind}.asked", person["name"], person | {"reason": reason})
    words = KINDS[kind]
    told = Text(
        f"{actor} 提请：{words.zh} {person['name']}，待您确认",
        f"{actor} asks for {words.en}: {person['name']}, which you may confirm",
    )
    for other in users.list_active(tx, CONFIRMERS):
        if other.name not in (actor, person["name"]):
            name = person["name"]
            tell(tx, to_user=other.id, kind="account", object=name, text=told, address=_PAGE)


def require_nothing_waits(tx: Transaction, name: str) -> None:
    """Nothing unless a role of the person waits to be confirmed.

    Raises: ConflictError.
    """
    if role_requests.find_waiting(tx, name) is not None:
        raise ConflictError(
            "ROLE-WAITS",
            f"{name} 有待确认的角色提请",
            f"a role of {name} waits to be confirmed",
        )


def change_role(
    app: App, name: str, role: str, *, district: str | None = None, actor: str, reason: str
) -> bool:
    """Whether the new role waits for a second person; else the person has it from now on.

    Raises: NotFoundError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None or person.disabled:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        role = separation.role_on_file(tx, role)
        _require_office_role(person, role)
        if name == actor:
            raise ForbiddenError("ROLE-OWN", "不能变更自己的角色", "nobody changes their own role")
        separation.require_not_last(tx, name, person.role)
        place = district or person.district
        wanted = {"name": name, "role": role, "district": place, "role_before": person.role}
        if needs_second(tx, role, actor=actor, name=name):
            ask(tx, "role", wanted, actor=actor, reason=reason)
            return True
        require_nothing_waits(tx, name)
        _give(tx, person, role, place, by=actor, reason=reason, alone=role in WEIGHTY)
    return False


def find_waiting(app: App, name: str) -> PageRow | None:
    """What waits about a person."""
    with app.database.reading() as tx:
        return role_requests.find_waiting(tx, name)


def list_waiting(app: App) -> PageRows:
    """All that waits to be confirmed."""
    with app.database.reading() as tx:
        return role_requests.list_waiting(tx)


def confirm(app: App, name: str, *, actor: str) -> None:
    """Another administrator confirms what waits about a person.

    Raises: ForbiddenError for who asked and for the person; NotFoundError; ConflictError.
    """
    with app.database.transaction() as tx:
        waiting = _settle(app, tx, name, "confirmed", actor, None)
        person = users.find_by_name(tx, name)
        assert person is not None
        if waiting["kind"] == "role":
            separation.require_not_last(tx, name, person.role)
            role, place = separation.role_on_file(tx, waiting["role"]), waiting["district"]
            _give(tx, person, role, place, by=actor, reason=waiting["reason"])
            return
        role = separation.role_on_file(tx, waiting["role"])
        users.change(tx, name, by=actor, disabled=False, role=role)
        audit.record(
            tx, actor, "role.confirm", name, role=role, asked_by=waiting["asked_by"],
            kind=waiting["kind"],
        )  # fmt: skip
        separation.settle(tx, by=actor)


def refuse(app: App, name: str, *, actor: str, reason: str) -> None:
    """Another administrator refuses what waits about a person, or who asked takes it back.

    Raises: as ``confirm``; InvalidInputError without a reason.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        waiting = _settle(app, tx, name, "refused", actor, reason)
        asked_by = waiting["asked_by"]
        audit.record(tx, actor, "role.refuse", name, asked_by=asked_by, reason=reason)


def drop_waiting(tx: Transaction, name: str, *, by: str) -> None:
    """Let nothing wait about a person who is barred."""
    waiting = role_requests.find_waiting(tx, name)
    if waiting is not None:
        role_requests.settle(tx, waiting.id, "refused", by=by, reason=None)


def _settle(
    app: App, tx: Transaction, name: str, state: str, actor: str, reason: str | None
) -> Record:
    get_acting(tx, actor, CONFIRMERS, app.config.office.district)
    waiting = role_requests.find_waiting(tx, name)
    if waiting is None:
        raise NotFoundError(
            "ROLE-NOTHING", f"{name} 没有待确认的角色提请", f"no role of {name} waits"
        )
    if state == "confirmed" and actor in (waiting.asked_by, name):
        raise ForbiddenError(
            "SECOND-OFFICER", "须由另一名管理员确认", "another administrator has to confirm"
        )
    if not role_requests.settle(tx, waiting.id, state, by=actor, reason=reason):
        raise ConflictError("ROLE-SETTLED", "该提请已办结", "the request is settled already")
    return waiting._mapping


def _give(
    tx: Transaction,
    person: User,
    role: str,
    district: str | None,
    *,
    by: str,
    reason: str,
    alone: bool = False,
) -> None:
    """The person has another role from now on; sessions and tokens of the old one end."""
    department = person.department if role in DEPARTMENTAL else None
    users.change(tx, person.name, by=by, role=role, district=district, department=department)
    tokens.revoke_all(tx, person.id, by=by)
    change: dict[str, Any] = {
        "before": {"role": person.role, "district": person.district},
        "after": {"role": role, "district": district},
        "reason": reason,
    }
    audit.record(tx, by, "user.role", person.name, change | ({"alone": True} if alone else {}))
    title = ROLES[role]
    words = Text(f"您的角色已变更为{title.zh}", f"your role is {title.en} now")
    tell_person(tx, person.id, "role", words)
    separation.settle(tx, by=by)


def _require_office_role(person: User, role: str) -> None:
    """Nothing between roles of the office: an institution's person and a program stay theirs."""
    outside = {"institution", "api"}
    if role not in ROLES or role in outside or person.role in outside:
        raise InvalidInputError(
            "USER-ROLE",
            "只能在机关人员的角色之间变更",
            "a role is changed between roles of the office alone",
            field="role",
        )
    if role == person.role:
        raise InvalidInputError(
            "ROLE-SAME", "角色没有变化", "the person has this role already", field="role"
        )
