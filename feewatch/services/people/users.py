"""People: made, disabled and given passwords on record; logged in with a brake on guessing.

Passwords are stored as hashes and never written to any log or record.
"""

import re

from feewatch.bootstrap import App
from feewatch.kernel.departments import DEPARTMENTS, say_department
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import DEPARTMENTAL, OFFICE, ROLES, Scope, User, is_among
from feewatch.kernel.places import PROVINCES
from feewatch.kernel.text import Text
from feewatch.services.people import brake, holding, passwords, roles, second_factors, separation
from feewatch.services.people.acting import get_acting, nobody, require_reason
from feewatch.services.people.notices import tell_person
from feewatch.store import audit
from feewatch.store.people import tokens, users

_NAME = re.compile(r"[\w.@-]{1,60}")
MAIL_MAX = 200
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DISTRICT = re.compile(r"\d{6}")


def log_in(app: App, name: str, password: str, address: str) -> User:
    """The person of a name and password; that they came in, or by half, goes on record.

    Raises: ForbiddenError, the same for an unknown name, a wrong password and a disabled person;
    TooManyAttemptsError.
    """
    with app.database.reading() as tx:
        user = users.find_by_name(tx, name)
    # before the password is looked at: of guesses side by side each one counts
    with app.database.transaction() as tx:
        brake.require_patience(tx, name, address)
        brake.count_failure(tx, name, address)
    stored = user.password_hash if user else passwords.nobodys_hash()
    if not passwords.is_right(stored, password) or user is None or user.disabled:
        with app.database.transaction() as tx:
            who = name if user else "?"
            audit.record(tx, who, "log_in.failed", who, address=address)
        raise ForbiddenError(
            "LOGIN-FAILED",
            "用户名或密码不正确",
            "the name or the password is not right",
            field="name",
        )
    if is_among(user.role, app.config.people.password_off):
        raise ForbiddenError(
            "PASSWORD-OFF",
            "此角色不以密码登录，请用统一身份认证",
            "people of this role log in at the identity provider, not by a password",
            field="name",
        )
    with app.database.transaction() as tx:
        brake.let_in(tx, name, address)
        if passwords.is_dated(stored):
            users.renew_hash(tx, user.id, passwords.new_hash(password))
        is_open = second_factors.stage_of(app, tx, user) == second_factors.OPEN
        act = "log_in" if is_open else "log_in.password"
        audit.record(tx, name, act, name, address=address, factor="password")
    return user


def get_user(app: App, name: str) -> User:
    """The person of a name who may act.

    Raises: NotFoundError for an unknown name and for a disabled person.
    """
    with app.database.reading() as tx:
        user = users.find_by_name(tx, name)
    if user is None or user.disabled:
        raise NotFoundError("USER-UNKNOWN", *nobody(name))
    return user


def get_user_of(app: App, user_id: int) -> User:
    """The person of a key who may act.

    Raises: NotFoundError for an unknown key and for a disabled person.
    """
    with app.database.reading() as tx:
        user = users.find_by_id(tx, user_id)
    if user is None or user.disabled:
        raise NotFoundError("USER-UNKNOWN", *nobody(str(user_id)))
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
    reason: str = "",
    must_change: bool = False,
    department: str | None = None,
) -> bool:
    """Make a person; whether they wait for a second administrator before they may log in.

    Office roles without a district get the office's own; ``department``: the only one whose matters
    and cases they see. ``must_change``: the first password is
    changed before anything else.

    Raises: InvalidInputError, NotFoundError (institution), ConflictError (name taken).
    """
    _check(name, role, district, uscc)
    _require_province(district)
    _check_department(role, department)
    passwords.require_strong(name, password, app.config.office)
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
        role = separation.role_on_file(tx, role)
        users.add(tx, name, role, district, institution_id, passwords.new_hash(password))
        if department is not None:
            users.change(tx, name, by=actor, department=department)
        waits = roles.needs_second(tx, role, actor=actor, name=name)
        if waits or must_change:
            users.change(tx, name, by=actor, disabled=waits, must_change=must_change)
        made = {"role": role, "district": district, "uscc": uscc}
        made |= {"department": department} if department else {}
        marks = {"waits": waits, "alone": role in roles.WEIGHTY and not waits}
        said = {"reason": reason} if reason else {}
        marked = {mark: True for mark, is_set in marks.items() if is_set}
        audit.record(tx, actor, "user.add", name, made | said | marked)
        if waits:
            wanted = {"name": name, "role": role, "district": district}
            roles.ask(tx, "add", wanted, actor=actor, reason=reason)
        separation.settle(tx, by=actor)
    return waits


def set_department(app: App, name: str, department: str | None, *, actor: str, reason: str) -> None:
    """Let a person see the matters and cases of one department alone; None: of all of them.

    Raises: NotFoundError, InvalidInputError for a role or department that has none, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None or person.disabled:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        _check_department(person.role, department)
        if name == actor:
            raise ForbiddenError(
                "DEPARTMENT-OWN", "不能变更自己的部门", "nobody changes their own department"
            )
        if department == person.department:
            raise ConflictError("DEPARTMENT-SAME", "部门没有变化", "it is their department already")
        users.change(tx, name, by=actor, department=department)
        audit.record(
            tx, actor, "user.department", name, before={"department": person.department},
            after={"department": department}, reason=reason,
        )  # fmt: skip
        title = say_department(department)
        words = Text(f"您的部门已变更为{title.zh}", f"your department is {title.en} now")
        tell_person(tx, person.id, "role", words)


def _check_department(role: str, department: str | None) -> None:
    if department is None:
        return
    if department not in DEPARTMENTS:
        listed = ", ".join(DEPARTMENTS)
        raise InvalidInputError(
            "DEPARTMENT",
            f"没有部门 {department}，可用：{listed}",
            f"no department {department}; departments are: {listed}",
            field="department",
        )
    if role not in DEPARTMENTAL:
        raise InvalidInputError(
            "DEPARTMENT-ROLE",
            f"{ROLES[role].zh}不分部门",
            f"the role {ROLES[role].en} is of no department",
            field="department",
        )


def disable_user(app: App, name: str, *, actor: str, reason: str = "") -> None:
    """Bar a person and end their sessions."""
    with app.database.transaction() as tx:
        user = users.find_by_name(tx, name)
        if user is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        separation.require_not_last(tx, name, user.role)
        roles.drop_waiting(tx, name, by=actor)
        users.change(tx, name, by=actor, disabled=True)
        tokens.revoke_all(tx, user.id, by=actor)
        change = {"before": {"disabled": user.disabled}, "after": {"disabled": True}}
        said = {"reason": reason} if reason else {}
        audit.record(tx, actor, "user.disable", name, change | said)


def reset_password(app: App, name: str, password: str, *, actor: str, reason: str = "") -> bool:
    """A new password for a person, whose open sessions end; whether they wait to be let in.

    Who was barred may log in again; of a role of weight once a second administrator confirms.

    Raises: InvalidInputError, NotFoundError; ConflictError while their role waits.
    """
    passwords.require_strong(name, password, app.config.office)
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        roles.require_nothing_waits(tx, name)
        is_weighty = roles.needs_second(tx, person.role, actor=actor, name=name)
        waits = person.disabled and is_weighty
        users.change(
            tx,
            name,
            by=actor,
            password_hash=passwords.new_hash(password),
            disabled=waits,
            must_change=True,
        )
        change = {"before": {"disabled": person.disabled}, "after": {"disabled": waits}}
        said = {"reason": reason} if reason else {}
        audit.record(tx, actor, "user.reset", name, change | said)
        if waits:
            wanted = {"name": name, "role": person.role, "district": person.district}
            roles.ask(tx, "enable", wanted, actor=actor, reason=reason)
        holding.hold(tx, person, by=actor)
        separation.settle(tx, by=actor)
        words = Text(
            "您的密码已由他人重置，24 小时内不能办理决定、批准和发布",
            "your password was reset by somebody else; for 24 hours you decide, approve and publish"
            " nothing",
        )
        tell_person(tx, person.id, "password", words)
    return waits


def change_password(app: App, user: User, old: str, new: str, *, address: str) -> User:
    """The person with the new password; their other sessions end.

    Raises: ForbiddenError where the old password is wrong, InvalidInputError for a bad new one,
    TooManyAttemptsError.
    """
    require_password(app, user, old, address, field="old")
    passwords.require_strong(user.name, new, app.config.office)
    if new == old:
        raise InvalidInputError(
            "PASSWORD-SAME", "新密码须不同于原密码", "choose another password than now", field="new"
        )
    with app.database.transaction() as tx:
        brake.let_in(tx, user.name, address)
        users.change(
            tx, user.name, by=user.name, password_hash=passwords.new_hash(new), must_change=False
        )
        audit.record(tx, user.name, "user.password", user.name)
        words = Text("您的密码已修改", "your password was changed")
        tell_person(tx, user.id, "password", words)
        changed = users.find_by_id(tx, user.id)
    assert changed is not None
    return changed


def require_password(
    app: App, person: User, password: str, address: str, *, field: str = "password"
) -> None:
    """Nothing where who asks within a session knows its person's password; tries are counted.

    Raises: ForbiddenError, TooManyAttemptsError.
    """
    with app.database.transaction() as tx:
        brake.require_patience(tx, person.name, address)
        brake.count_failure(tx, person.name, address)
    is_right = passwords.is_right(person.password_hash, password)
    with app.database.transaction() as tx:
        if is_right:
            brake.let_in(tx, person.name, address)
        else:
            audit.record(tx, person.name, "password.failed", person.name, address=address)
    if not is_right:
        raise ForbiddenError(
            "PASSWORD-WRONG", "原密码不正确", "the present password is not right", field=field
        )


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
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        users.set_mail(tx, name, given or None)
        audit.record(tx, actor, "user.mail", name, has_mail=bool(given))
        words = Text("您的消息邮箱已变更", "the address of your messages was changed")
        tell_person(tx, person.id, "mail", words)


def _require_province(district: str | None) -> None:
    """Nothing for a place of a province that there is: who has a mistyped one would see nothing.

    Raises: InvalidInputError.
    """
    if district is not None and f"{district[:2]}0000" not in PROVINCES:
        raise InvalidInputError(
            "USER-DISTRICT",
            f"没有行政区划 {district}：前两位不是任何省级行政区",
            f"no place {district}: its first two digits are of no province",
            field="district",
        )


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
