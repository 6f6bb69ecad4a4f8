"""People: made, disabled and given passwords on record; logged in with a brake on guessing.

Passwords are stored as salted scrypt hashes and never written to any log or record.
"""

import re
import secrets
import threading
from collections import OrderedDict
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from feewatch.kernel.people import OFFICE, ROLES, Scope, User
from feewatch.services.people.acting import get_acting, nobody
from feewatch.store import audit
from feewatch.store.people import tokens, users

PASSWORD_MIN, PASSWORD_MAX = 8, 200
_NAME = re.compile(r"[\w.@-]{1,60}")
MAIL_MAX = 200
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DISTRICT = re.compile(r"\d{6}")


class TooManyAttemptsError(UnavailableError):
    """Log-ins for this name or from this address failed too often."""


class Brake:
    """Counts failed log-ins by name and by address in this process; a restart forgets them.

    One process serves the site (``feewatch serve``); where several run, each counts for itself.
    An address may fail more often than a name: a whole office can stand behind one address.
    Memory is bounded: past ``keys`` the oldest counts are dropped.
    """

    def __init__(
        self,
        *,
        name_limit: int = 10,
        address_limit: int = 100,
        window_seconds: int = 900,
        keys: int = 10_000,
    ) -> None:
        self._limits = {"name": name_limit, "address": address_limit}
        self._window, self._keys = window_seconds, keys
        self._failures: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, name: str, address: str) -> None:
        """Nothing while both have failures to spare.

        Raises: TooManyAttemptsError.
        """
        with self._lock:
            counts = {kind: len(self._recent(kind, key)) for kind, key in _pairs(name, address)}
        if any(count >= self._limits[kind] for kind, count in counts.items()):
            minutes = self._window // 60
            raise TooManyAttemptsError(
                "LOGIN-BRAKE",
                f"登录失败次数过多，请 {minutes} 分钟后再试",
                f"too many failed log-ins: try again in {minutes} minutes",
            )

    def failed(self, name: str, address: str) -> None:
        """Count a failure against both."""
        with self._lock:
            for kind, key in _pairs(name, address):
                self._failures[kind, key] = [*self._recent(kind, key), now().timestamp()]
                self._failures.move_to_end((kind, key))
            while len(self._failures) > self._keys:
                self._failures.popitem(last=False)

    def passed(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._lock:
            self._failures.pop(("name", name), None)

    def _recent(self, kind: str, key: str) -> list[float]:
        earliest = now().timestamp() - self._window
        return [moment for moment in self._failures.get((kind, key), ()) if moment > earliest]


def _pairs(name: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("name", name), ("address", address)


def log_in(app: App, brake: Brake, name: str, password: str, address: str) -> User:
    """The person of a name and password.

    Raises: ForbiddenError, the same for an unknown name, a wrong password and a disabled person;
    TooManyAttemptsError.
    """
    brake.check(name, address)
    with app.database.reading() as tx:
        user = users.find_by_name(tx, name)
    # an unknown name costs the same time as a known one
    matches = check_password_hash(user.password_hash if user else _no_hash(), password)
    if user is None or user.disabled or not matches:
        brake.failed(name, address)
        raise ForbiddenError(
            "LOGIN-FAILED",
            "用户名或密码不正确",
            "the name or the password is not right",
            field="name",
        )
    brake.passed(name)
    return user


def find_active(app: App, user_id: int, epoch: int) -> User | None:
    """The person of a session, or None once the session was ended or the person disabled."""
    with app.database.reading() as tx:
        user = users.find_by_id(tx, user_id)
    return user if user and not user.disabled and user.session_epoch == epoch else None


def get_user(app: App, name: str) -> User:
    """The person of a name who may act.

    Raises: NotFoundError for an unknown name and for a disabled person.
    """
    with app.database.reading() as tx:
        user = users.find_by_name(tx, name)
    if user is None or user.disabled:
        raise NotFoundError("USER-UNKNOWN", *nobody(name))
    return user


def scope_of(app: App, name: str | None) -> Scope:
    """What a person named on the command line may read; the operator, who is not named, all.

    Raises: ForbiddenError.
    """
    if name is None:
        return Scope()
    with app.database.reading() as tx:
        return get_acting(tx, name, OFFICE | {"institution", "api"}).scope


def add_user(
    app: App,
    name: str,
    role: str,
    *,
    password: str,
    district: str | None = None,
    uscc: str | None = None,
    actor: str,
) -> None:
    """Make a person; office roles without a district get the office's own.

    Raises: InvalidInputError, NotFoundError (institution), ConflictError (name taken).
    """
    _check(name, role, district, uscc)
    _check_password(name, password)
    if district is None and uscc is None:
        district = app.config.office.district
    with app.database.transaction() as tx:
        if users.find_by_name(tx, name):
            raise ConflictError("USER-EXISTS", f"用户 {name} 已存在", f"user {name} exists")
        institution_id = None if uscc is None else users.find_institution_id(tx, uscc)
        if uscc is not None and institution_id is None:
            raise NotFoundError(
                "INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc} on the register"
            )
        users.add(tx, name, role, district, institution_id, generate_password_hash(password))
        audit.record(tx, actor, "user.add", name, role=role, district=district, uscc=uscc)


def disable_user(app: App, name: str, *, actor: str) -> None:
    """Bar a person and end their sessions."""
    with app.database.transaction() as tx:
        user = users.find_by_name(tx, name)
        if user is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        users.change(tx, name, disabled=True)
        tokens.revoke_all(tx, user.id)
        audit.record(tx, actor, "user.disable", name)


def reset_password(app: App, name: str, password: str, *, actor: str) -> None:
    """A new password for a person, who may log in again; open sessions end."""
    _check_password(name, password)
    with app.database.transaction() as tx:
        if users.find_by_name(tx, name) is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        users.change(tx, name, password_hash=generate_password_hash(password), disabled=False)
        audit.record(tx, actor, "user.reset", name)


def change_password(app: App, user: User, old: str, new: str) -> User:
    """The person with the new password; their other sessions end.

    Raises: ForbiddenError where the old password is wrong, InvalidInputError for a bad new one.
    """
    if not check_password_hash(user.password_hash, old):
        raise ForbiddenError(
            "PASSWORD-WRONG", "原密码不正确", "the present password is not right", field="old"
        )
    _check_password(user.name, new)
    with app.database.transaction() as tx:
        users.change(tx, user.name, password_hash=generate_password_hash(new))
        audit.record(tx, user.name, "user.password", user.name)
        changed = users.find_by_id(tx, user.id)
    assert changed is not None
    return changed


def find_mail(app: App, user: User) -> str | None:
    """The address to which a person's messages go as mail, if any do."""
    with app.database.reading() as tx:
        return users.find_mail(tx, user.id)


def set_mail(app: App, name: str, address: str, *, actor: str) -> None:
    """Let a person's messages go to an address too; an empty one: nowhere.

    Raises: NotFoundError, InvalidInputError.
    """
    given = address.strip()
    if given and (len(given) > MAIL_MAX or not _MAIL.fullmatch(given)):
        raise InvalidInputError(
            "USER-MAIL",
            "邮箱地址写作 name@example.cn 的样子",
            "write an address as name@example.cn",
            field="mail",
        )
    with app.database.transaction() as tx:
        if users.find_by_name(tx, name) is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        users.set_mail(tx, name, given or None)
        audit.record(tx, actor, "user.mail", name, has_mail=bool(given))


def end_sessions(app: App, user: User) -> None:
    """Let every session of a person end: a cookie that somebody copied is worth nothing."""
    with app.database.transaction() as tx:
        users.change(tx, user.name)


def random_password() -> str:
    """A password fit to be printed once."""
    return secrets.token_urlsafe(12)


def _check(name: str, role: str, district: str | None, uscc: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            "USER-NAME",
            "用户名须为 1–60 个字母、汉字、数字或 . _ @ -",
            "a user name has 1–60 letters, digits or . _ @ -",
        )
    if role not in ROLES:
        raise InvalidInputError(
            "USER-ROLE", f"角色须为 {', '.join(ROLES)}", f"the role is one of {', '.join(ROLES)}"
        )
    if district is not None and not _DISTRICT.fullmatch(district):
        raise InvalidInputError(
            "USER-DISTRICT", "行政区划代码为 6 位数字", "a district code has 6 digits"
        )
    if (role == "institution") != (uscc is not None) and role != "api":
        raise InvalidInputError(
            "USER-INSTITUTION",
            "institution 角色须指明机构，其他角色不得指明",
            "the role institution names an institution, other roles do not",
        )


def _check_password(name: str, password: str) -> None:
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX or password == name:
        raise InvalidInputError(
            "PASSWORD-WEAK",
            f"密码须为 {PASSWORD_MIN}–{PASSWORD_MAX} 个字符，且不同于用户名",
            f"a password has {PASSWORD_MIN}–{PASSWORD_MAX} characters and is not the user name",
            field="new",
        )


@cache
def _no_hash() -> str:
    return generate_password_hash(secrets.token_urlsafe(16))
