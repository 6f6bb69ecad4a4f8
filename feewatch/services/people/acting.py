"""Who may act: on file and not barred, of a role that may, for a place within their scope.

Each refusal has one code and one wording, whatever was to be done; what was to be done the person
knows.
"""

from collections.abc import Collection

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ForbiddenError, InvalidInputError
from feewatch.kernel.people import ADMINISTRATORS, ROLES, User
from feewatch.kernel.text import Text
from feewatch.store.database import Transaction
from feewatch.store.people import users


def get_acting(
    tx: Transaction, name: str, roles: Collection[str], place: str | None = None
) -> User:
    """The person of a log-in name, who may act in one of these roles, and for a place if named.

    Raises: ForbiddenError with USER-UNKNOWN, ROLE or PLACE.
    """
    person = users.find_by_name(tx, name)
    if person is None or person.disabled:
        raise ForbiddenError("USER-UNKNOWN", *nobody(name))
    require_role(person, roles)
    if place is not None and not person.scope.sees(place, None):
        raise place_outside(place, name)
    return person


def place_outside(place: str, name: str) -> ForbiddenError:
    """That a place lies outside what a person may act for."""
    return ForbiddenError(
        "PLACE",
        f"{place} 不在 {name} 的管辖范围内",
        f"{place} is outside the scope of {name}",
    )


def find_person(app: App, name: str | None) -> User | None:
    """The person of a log-in name; None for the operator, who names nobody.

    Raises: ForbiddenError where no such person is on file, or may not act.
    """
    if name is None:
        return None
    with app.database.reading() as tx:
        return get_acting(tx, name, ROLES)


def require_role(person: User, roles: Collection[str]) -> None:
    """Nothing where the person has one of the roles, and the log-in is not held.

    A held one does what viewers do: whatever is open to them decides nothing.

    Raises: ForbiddenError.
    """
    if person.role in roles:
        if "viewer" not in roles:
            _require_free(person)
        return
    titles = [title for role, title in ROLES.items() if role in roles]
    own = ROLES[person.role]
    raise ForbiddenError(
        "ROLE",
        f"须由{'、'.join(title.zh for title in titles)}办理，{person.name} 是{own.zh}",
        f"this is for: {', '.join(title.en for title in titles)}; {person.name} is: {own.en}",
    )


def is_held(person: User) -> bool:
    """Whether a person who decides or administers may do nothing of it yet."""
    return (person.is_decider or person.role in ADMINISTRATORS) and (
        person.held_until or ""
    ) > timestamp()


def _require_free(person: User) -> None:
    """Nothing where the log-in is not held.

    Raises: ForbiddenError.
    """
    if is_held(person):
        assert person.held_until is not None
        until = person.held_until[:16].replace("T", " ")
        raise ForbiddenError(
            "LOGIN-HELD",
            f"{person.name} 的登录凭据由 {person.held_by} 重置，{until} 前不能办理；"
            "可由另一名管理员确认（feewatch user confirm）",
            f"{person.held_by} reset the log-in of {person.name}, which decides nothing before "
            f"{until}, unless another administrator confirms it (feewatch user confirm)",
        )


def require_reason(reason: str) -> None:
    """Nothing where a reason is given.

    Raises: InvalidInputError.
    """
    if not reason.strip():
        raise InvalidInputError("REASON-REQUIRED", "请填写理由", "give a reason", field="reason")


def nobody(name: str) -> Text:
    """That no person of a name is on file, or none who may act."""
    return Text(f"没有可用的用户 {name}", f"no user {name} who may act")
