"""People who log in at an identity provider: linked by subject, never made by it.

A person on file is linked by an administrator, or at the first log-in by a claim that equals their
name here. From then on the subject alone counts, whatever the claim says. Roles come from here.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.gateways.identity_provider import IdentityProvider, Pending
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.people import holding
from feewatch.services.people.acting import nobody
from feewatch.services.people.notices import tell_person
from feewatch.services.people.second_factors import CODE, ENROL, OPEN, stage_of
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.people import identities, users

#: Ways of proof after which the provider's word is that of two factors (RFC 8176).
_TWO_FACTORS = frozenset({"mfa", "otp", "hwk", "sc"})
SUBJECT_MAX = 255


class Entered(NamedTuple):
    """Who came in, and what their session wants first."""

    person: User
    stage: str


def is_offered(app: App) -> bool:
    """Whether people may log in at a provider."""
    return bool(app.config.oidc.issuer)


def begin(app: App, redirect: str) -> tuple[str, Pending]:
    """The provider's address for a browser to go to, and what the browser keeps.

    Raises: NotFoundError where there is no provider, UnavailableError.
    """
    return _provider(app).begin(redirect)


def finish(app: App, redirect: str, pending: Pending, answered: str, address: str) -> Entered:
    """The person of whom the provider speaks, on file here and not barred; on record.

    Raises: ForbiddenError, UnavailableError, NotFoundError.
    """
    claims = _provider(app).finish(redirect, pending, answered)
    with app.database.transaction() as tx:
        person = _find_person(app, tx, claims)
        if person is not None and not person.disabled:
            stage = _stage(app, tx, person, claims)
            act = "log_in" if stage == OPEN else "log_in.password"
            audit.record(tx, person.name, act, person.name, address=address, factor="provider")
            return Entered(person, stage)
        audit.record(tx, "?", "log_in.failed", "?", address=address, factor="provider")
    raise ForbiddenError(
        "OIDC-NOBODY",
        "身份认证平台上的此账号在本系统没有对应的用户，请联系管理员",
        "nobody on file here is this account of the identity provider: ask the administrator",
    )


def link(app: App, name: str, subject: str, *, actor: str) -> None:
    """Let a person be known by a subject of the provider.

    Raises: NotFoundError, ConflictError where either is linked already.
    """
    issuer = app.config.oidc.issuer
    if not issuer:
        raise _no_provider()
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        _link(tx, person, issuer, subject, by=actor)
        holding.hold(tx, person, by=actor)  # by another's account at the provider anybody is they


def unlink(app: App, name: str, *, actor: str) -> None:
    """Let a person be known by no subject any more; their sessions end.

    Raises: NotFoundError.
    """
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        if not identities.unlink(tx, person.id):
            raise NotFoundError("IDENTITY-NONE", f"{name} 未关联", f"{name} is not linked")
        users.change(tx, name, by=actor)
        audit.record(tx, actor, "identity.unlink", name)
        words = Text("您的账户已取消与身份认证平台的关联", "the link to the provider was cut")
        tell_person(tx, person.id, "identity", words)


def _find_person(app: App, tx: Transaction, claims: Mapping[str, Any]) -> User | None:
    issuer, subject = app.config.oidc.issuer, str(claims["sub"])[:SUBJECT_MAX]
    person = identities.find_user(tx, issuer, subject)
    if person is not None:
        return person
    person = users.find_by_name(tx, _claimed_name(app, claims))
    if person is None or person.disabled or identities.find_of(tx, person.id) is not None:
        return None
    _link(tx, person, issuer, subject, by=person.name)
    return person


def _claimed_name(app: App, claims: Mapping[str, Any]) -> str:
    """The name here that a claim gives; empty where it gives none, or none that was verified."""
    claim = app.config.oidc.claim
    value = claims.get(claim) if claim else None
    if claim == "email" and claims.get("email_verified") is not True:
        return ""
    return value if isinstance(value, str) else ""


def _link(tx: Transaction, person: User, issuer: str, subject: str, *, by: str) -> None:
    if not identities.link(tx, person.id, issuer, subject, by=by):
        raise ConflictError(
            "IDENTITY-TAKEN",
            "该用户或该账号已有关联，请先取消",
            "this person or this subject is linked already: cut that link first",
        )
    audit.record(tx, by, "identity.link", person.name, issuer=issuer)
    words = Text("您的账户已与身份认证平台关联", "your account was linked to the identity provider")
    tell_person(tx, person.id, "identity", words)


def _stage(app: App, tx: Transaction, person: User, claims: Mapping[str, Any]) -> str:
    """A second factor of ours is wanted unless the provider asked for two of its own."""
    stage = stage_of(app, tx, person)
    if stage in (CODE, ENROL) and _TWO_FACTORS & set(claims.get("amr") or ()):
        return OPEN
    return stage


def _provider(app: App) -> IdentityProvider:
    oidc = app.config.oidc
    if not oidc.issuer:
        raise _no_provider()
    path = app.config.resolve(oidc.client_secret_file)
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise UnavailableError(
            "OIDC-SECRET",
            f"无法读取 oidc.client_secret_file：{type(fault).__name__}",
            f"oidc.client_secret_file cannot be read: {type(fault).__name__}",
        ) from None
    return IdentityProvider(oidc.issuer, oidc.client_id, secret, oidc.timeout_seconds)


def _no_provider() -> NotFoundError:
    return NotFoundError(
        "OIDC-NONE", "未配置身份认证平台", "no identity provider is configured ([oidc])"
    )
