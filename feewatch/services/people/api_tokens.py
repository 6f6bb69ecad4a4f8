"""Bearer tokens of programs and deciders: made and revoked on record, kept as hashes."""

import hashlib
import secrets

from feewatch.bootstrap import App
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import User
from feewatch.services.people.users import get_user
from feewatch.store import audit
from feewatch.store.people import tokens

#: Programs, and the persons who make decisions: they act in their own name, wherever they log in.
TOKEN_ROLES = ("api", "officer", "reviewer", "publisher")


def issue_token(app: App, name: str, *, actor: str) -> str:
    """A new token, which nothing can show again; earlier ones stay good.

    Raises: NotFoundError, ForbiddenError for a person of another role.
    """
    program = get_user(app, name)
    if program.role not in TOKEN_ROLES:
        raise ForbiddenError(
            "TOKEN-ROLE",
            f"只有 {'、'.join(TOKEN_ROLES)} 可用令牌，{name} 是 {program.role}",
            f"tokens are for {', '.join(TOKEN_ROLES)}; {name} is {program.role}",
        )
    token = secrets.token_urlsafe(32)
    with app.database.transaction() as tx:
        tokens.add(tx, program.id, _hash(token))
        audit.record(tx, actor, "user.token", name)
    return token


def revoke_tokens(app: App, name: str, *, actor: str) -> int:
    """How many tokens of a program are no longer good from now on.

    Raises: NotFoundError.
    """
    program = get_user(app, name)
    with app.database.transaction() as tx:
        revoked = tokens.revoke_all(tx, program.id)
        audit.record(tx, actor, "user.revoke", name, tokens=revoked)
    return revoked


def find_bearer(app: App, token: str) -> User | None:
    """Whose a token is, unless it was revoked or they are disabled."""
    # a token of 256 random bits needs no slow hash
    with app.database.reading() as tx:
        user = tokens.find_user(tx, _hash(token))
    return user if user and not user.disabled and user.role in TOKEN_ROLES else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
