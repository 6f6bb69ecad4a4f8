"""Bearer tokens of programs and deciders: for what they are made, until a day, kept as hashes.

When a token was last used is put down at most once an hour and never waited for.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, timestamp
from feewatch.kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.people.notices import tell_person
from feewatch.services.people.users import get_user
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import tokens, users

#: What a token may be made for.
SCOPES = {
    "read": Text("查询", "reading"),
    "hand-in": Text("报送对账单和登记册", "handing in statements and registers"),
    "object": Text("陈述申辩和提出异议", "defences and objections"),
    "decide": Text("办理决定", "steps of decisions"),
    "assess": Text("办理信用评价和暂缓", "steps of grades and holds"),
    "publish": Text("发布和撤回名单", "publishing and recalling lists"),
}
#: By role, for what its tokens may be made: programs, and the persons who make decisions, who act
#: in their own name wherever they log in.
SCOPES_OF = {
    "api": ("hand-in", "read", "object"),
    "officer": ("read", "decide", "assess"),
    "reviewer": ("read", "decide", "assess", "publish"),
    "publisher": ("read", "decide", "publish"),
}
TOKEN_ROLES = frozenset(SCOPES_OF)
#: For what they are made where nothing is said: a program that sends reads nothing.
_USUAL = {"api": ("hand-in",)}
NOTE_MAX = 100
_USED_EVERY = dt.timedelta(hours=1)


class Bearer(NamedTuple):
    """Whose a token is, and for what."""

    user: User
    scopes: frozenset[str]
    is_expired: bool


def issue_token(
    app: App,
    name: str,
    *,
    actor: str,
    scopes: Collection[str] = (),
    days: int | None = None,
    note: str = "",
) -> str:
    """A new token, which nothing can show again; earlier ones stay good.

    ``scopes``: of ``SCOPES_OF`` the role; none: the usual ones. ``days``: how long it is good, by
    default ``[people] token_days``.

    Raises: NotFoundError, ForbiddenError for a person of another role, InvalidInputError.
    """
    program = get_user(app, name)
    granted = _granted(program, scopes)
    _require_own(app, program, actor)
    good_for = _days(app, days)
    if len(note) > NOTE_MAX:
        raise InvalidInputError(
            "TOO-LONG",
            f"过长（至多 {NOTE_MAX} 字）",
            f"longer than {NOTE_MAX} characters",
            field="note",
        )
    token = secrets.token_urlsafe(32)
    with app.database.transaction() as tx:
        row = {
            "user_id": program.id,
            "token_hash": _hash(token),
            "scopes": ",".join(granted),
            "note": note.strip(),
            "created_by": actor,
            "expires_at": _moment(dt.timedelta(days=good_for)),
        }
        tokens.add(tx, row)
        after = {"scopes": granted, "expires_at": row["expires_at"]}
        audit.record(tx, actor, "user.token", name, before=None, after=after)
        words = Text("已为您的账户新建接口令牌", "an API token was made for your account")
        tell_person(tx, program.id, "token", words)
    return token


def list_tokens(app: App, person: User) -> PageRows:
    """The tokens of a person that were not ended, the newest first."""
    with app.database.reading() as tx:
        return tokens.list_good(tx, person.id)


def is_over(token: PageRow) -> bool:
    """Whether a token is past its day."""
    return bool(token.expires_at <= timestamp())


def revoke_token(app: App, name: str, key: int, *, actor: str) -> None:
    """End one token of a person.

    Raises: NotFoundError, also for another's.
    """
    program = get_user(app, name)
    with app.database.transaction() as tx:
        if not tokens.revoke(tx, program.id, key, by=actor):
            raise NotFoundError(
                "TOKEN-NONE", f"{name} 没有令牌 {key}，或已结束", f"{name} has no token {key}"
            )
        ended = {"before": {"token": key}, "after": {"token": None}}
        audit.record(tx, actor, "user.revoke", name, ended, token=key)
        _tell_ended(tx, program)


def revoke_tokens(app: App, name: str, *, actor: str) -> int:
    """How many tokens of a program are no longer good from now on.

    Raises: NotFoundError.
    """
    program = get_user(app, name)
    with app.database.transaction() as tx:
        revoked = tokens.revoke_all(tx, program.id, by=actor)
        audit.record(tx, actor, "user.revoke", name, tokens=revoked)
        if revoked:
            _tell_ended(tx, program)
    return revoked


def find_bearer(app: App, token: str, address: str) -> Bearer | None:
    """Whose a token is and for what, unless it was ended or they are disabled."""
    with app.database.reading() as tx:
        held = tokens.find(tx, _hash(token))
    if held is None:
        return None
    user, row = held
    if user.disabled or user.role not in TOKEN_ROLES:
        return None
    bearer = Bearer(user, frozenset(row.scopes.split(",")), is_over(row))
    is_due = row.used_at is None or row.used_at <= _moment(-_USED_EVERY)
    if is_due and not bearer.is_expired:
        app.database.try_now(lambda tx: _note_use(tx, user, row, address))
    return bearer


def _note_use(tx: Transaction, user: User, row: PageRow, address: str) -> None:
    is_noted = tokens.use(tx, row.id, address, before=_moment(-_USED_EVERY))
    if is_noted and row.used_at is None:
        audit.record(tx, user.name, "token.first_use", user.name, token=row.id, address=address)


def _tell_ended(tx: Transaction, program: User) -> None:
    words = Text("您账户的接口令牌已结束", "an API token of your account was ended")
    tell_person(tx, program.id, "token", words)


def _granted(program: User, scopes: Collection[str]) -> list[str]:
    may = SCOPES_OF.get(program.role)
    if may is None:
        raise ForbiddenError(
            "TOKEN-ROLE",
            f"只有 {'、'.join(SCOPES_OF)} 可用令牌，{program.name} 是 {program.role}",
            f"tokens are for {', '.join(SCOPES_OF)}; {program.name} is {program.role}",
        )
    wanted = scopes or _USUAL.get(program.role, may)
    if not set(wanted) <= set(may):
        raise InvalidInputError(
            "TOKEN-SCOPE",
            f"{program.role} 的令牌用途限于 {'、'.join(may)}",
            f"tokens of {program.role} are for {', '.join(may)}",
            field="scope",
        )
    return [scope for scope in may if scope in wanted]


def _require_own(app: App, program: User, actor: str) -> None:
    """Nothing but for the token of a person that another person makes and could act by.

    Raises: ForbiddenError.
    """
    if program.role == "api" or actor == program.name:
        return
    with app.database.reading() as tx:
        if users.find_by_name(tx, actor) is None:  # the operator of an office without people
            return
    raise ForbiddenError(
        "TOKEN-OWN",
        f"{program.name} 的令牌须由本人在“接口令牌”页新建",
        f"{program.name} makes their tokens themselves, on the page of API tokens",
    )


def _days(app: App, days: int | None) -> int:
    people = app.config.people
    good_for = people.token_days if days is None else days
    if not 1 <= good_for <= people.token_days_max:
        raise InvalidInputError(
            "TOKEN-DAYS",
            f"令牌有效期为 1–{people.token_days_max} 天",
            f"a token is good for 1–{people.token_days_max} days",
            field="days",
        )
    return good_for


def _moment(span: dt.timedelta) -> str:
    return (now() + span).isoformat(timespec="seconds")


def _hash(token: str) -> str:
    # a token of 256 random bits needs no slow hash
    return hashlib.sha256(token.encode()).hexdigest()
