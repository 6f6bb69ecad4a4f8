"""Passwords: argon2id at OWASP's figures; long, and neither common nor easily guessed.

Hashes of earlier releases (scrypt) stay good and are made anew at the person's next log-in.
"""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash
from zxcvbn import zxcvbn

from feewatch.config import Office
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import normalise

PASSWORD_MIN, PASSWORD_MAX = 12, 200
#: OWASP's password storage cheat sheet, argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: Zxcvbn's scale of 0 to 4, over lists of passwords that leaked: below 2 a million tries find it.
_LEAST_SCORE = 2
#: What parts the words of an office's name.
_PARTS = re.compile(r"[()（）\s·]+")
#: More letters do not make it easier, and cost time to look at.
_LOOKED_AT = 72


def new_hash(password: str) -> str:
    """What is stored of a password."""
    return _HASHER.hash(password)


def is_right(stored: str, password: str) -> bool:
    """Whether the password is the one of which the hash was stored."""
    if not stored.startswith("$argon2"):
        return check_password_hash(stored, password)
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(stored: str) -> bool:
    """Whether a hash is weaker than those made now."""
    return not stored.startswith("$argon2id$") or _HASHER.check_needs_rehash(stored)


@cache
def nobodys_hash() -> str:
    """A hash that no password fits: a name that is unknown costs the time of one that is known."""
    return new_hash(secrets.token_urlsafe(16))


def random_password() -> str:
    """A password fit to be printed once."""
    return secrets.token_urlsafe(12)


def words_of(office: Office) -> list[str]:
    """What anybody guesses who knows the office: its name, whole and without marks, its codes."""
    name = normalise(office.name)
    return [word for word in (name, *_PARTS.split(name), office.district, office.uscc) if word]


def require_strong(name: str, password: str, office: Office) -> None:
    """Nothing where a password is fit for a person of this name in this office.

    Raises: InvalidInputError.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidInputError(
            "PASSWORD-WEAK",
            f"密码须为 {PASSWORD_MIN}–{PASSWORD_MAX} 个字符",
            f"a password has {PASSWORD_MIN}–{PASSWORD_MAX} characters",
            field="new",
        )
    known = [name, "feewatch", *words_of(office)]
    judged = zxcvbn(normalise(password[:_LOOKED_AT]), user_inputs=known)
    if password == name or judged["score"] < _LEAST_SCORE:
        raise InvalidInputError(
            "PASSWORD-COMMON",
            "该密码常见或易猜（常用词、键盘顺序、用户名、机关名称或重复），请换一个",
            "this password is common or easily guessed (a usual word, a row of keys, the user name,"
            " the office's, a repetition): choose another",
            field="new",
        )
