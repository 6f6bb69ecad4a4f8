"""The second factor: codes of an app by time (TOTP, RFC 6238), and ten recovery codes.

The secret lies encrypted in the database under a key of its own outside it; recovery codes lie
there as keyed hashes. A code is taken once. Tries are counted by the brake apart from those of the
password, so that knowing the password does not begin the count anew.
"""

import base64
import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from feewatch.bootstrap import App
from feewatch.kernel.clock import machine_now
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from feewatch.kernel.people import User, is_among
from feewatch.kernel.text import Text
from feewatch.services.people import brake, holding
from feewatch.services.people.acting import nobody
from feewatch.services.people.notices import tell_person
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.people import second_factors, users

#: Stages of a session: open, or a code is wanted, or a second factor has to be set up.
OPEN, CODE, ENROL = "open", "code", "enrol"
RECOVERY_CODES = 10
_SECONDS_A_STEP = 30
#: Clocks of phones differ: the code before and the one after count too.
_TOLERANCE = (0, -1, 1)
_CODE = re.compile(r"[0-9]{6}")
_NONCE_BYTES = 12


class Enrolment(NamedTuple):
    """What a person's app is given."""

    secret: str  # in base32, to be typed
    address: str  # the same as otpauth://, to be read from a QR code


class State(NamedTuple):
    """How a person stands with their second factor."""

    confirmed_at: str | None
    enrolment: Enrolment | None  # while it waits to be confirmed
    recovery_left: int
    is_required: bool


def stage_of(app: App, tx: Transaction, person: User) -> str:
    """What a session of a person begins with once the password was right."""
    factor = second_factors.find(tx, person.id)
    if factor is not None and factor.confirmed_at is not None:
        return CODE
    return ENROL if is_required(app, person) else OPEN


def read_stage(app: App, person: User) -> str:
    """The same, asked by itself."""
    with app.database.reading() as tx:
        return stage_of(app, tx, person)


def is_required(app: App, person: User) -> bool:
    """Whether the configuration wants a second factor of the person's role."""
    return is_among(person.role, app.config.people.second_factor)


def read_state(app: App, person: User) -> State:
    """How a person stands with their second factor."""
    with app.database.reading() as tx:
        factor = second_factors.find(tx, person.id)
        left = second_factors.count_recovery(tx, person.id)
    if factor is None:
        return State(None, None, 0, is_required(app, person))
    waits = factor.confirmed_at is None
    enrolment = _enrolment(app, person, factor.secret) if waits else None
    return State(factor.confirmed_at, enrolment, left, is_required(app, person))


def begin(app: App, person: User) -> None:
    """A new secret waits for the person to show a code of it.

    Raises: ConflictError where they have a second factor.
    """
    sealed = _seal(app, person, pyotp.random_base32())
    with app.database.transaction() as tx:
        if not second_factors.begin(tx, person.id, sealed):
            raise ConflictError(
                "SECOND-FACTOR-SET", "已启用动态码", "a second factor is set up already"
            )
        audit.record(tx, person.name, "second_factor.begin", person.name)


def confirm(app: App, person: User, code: str, address: str) -> tuple[User, list[str]]:
    """The person, all of whose sessions ended, and the recovery codes, shown this once.

    Raises: ForbiddenError for a wrong code, ConflictError where nothing waits,
    TooManyAttemptsError.
    """
    with app.database.reading() as tx:
        factor = second_factors.find(tx, person.id)
    if factor is None or factor.confirmed_at is not None:
        raise ConflictError(
            "SECOND-FACTOR-NONE", "没有待确认的动态码", "no second factor waits to be confirmed"
        )
    _count(app, person, address)
    step = _step_of(_open(app, person, factor.secret), code)
    with app.database.transaction() as tx:
        if step is None or not second_factors.take_step(tx, person.id, step):
            raise _wrong_code()
        brake.let_in(tx, _braked(person), address)
        second_factors.confirm(tx, person.id)
        codes = _new_recovery(app, tx, person)
        audit.record(tx, person.name, "second_factor.set", person.name, address=address)
        words = Text("您的账户已启用动态码", "a second factor was set up for your account")
        tell_person(tx, person.id, "second_factor", words)
        return _changed(tx, person, by=person.name), codes


def require_code(app: App, person: User, code: str, address: str) -> str:
    """Which factor a code was: ``code`` of the app or ``recovery``; the log-in goes on record.

    Raises: ForbiddenError for one that is wrong or was used, TooManyAttemptsError.
    """
    _count(app, person, address)
    with app.database.transaction() as tx:
        factor = _take(app, tx, person, code)
        if factor is not None:
            brake.let_in(tx, _braked(person), address)
            audit.record(tx, person.name, "log_in", person.name, address=address, factor=factor)
            if factor == "recovery":
                left = second_factors.count_recovery(tx, person.id)
                words = Text(
                    f"用备用码登录了一次，还剩 {left} 个",
                    f"a recovery code was used to log in, {left} are left",
                )
                tell_person(tx, person.id, "recovery", words)
            return factor
        audit.record(tx, person.name, "log_in.failed", person.name, address=address, factor="code")
        words = Text(
            "有人输入了您的正确密码，但动态码错误",
            "somebody typed your right password and a wrong code",
        )
        tell_person(tx, person.id, "second_factor", words)
    raise _wrong_code()


def renew_recovery(app: App, person: User) -> list[str]:
    """New recovery codes, shown this once; those of before are none any more.

    Raises: ConflictError where the person has no second factor.
    """
    with app.database.transaction() as tx:
        factor = second_factors.find(tx, person.id)
        if factor is None or factor.confirmed_at is None:
            raise ConflictError("SECOND-FACTOR-NONE", "未启用动态码", "no second factor is set up")
        audit.record(tx, person.name, "second_factor.recovery", person.name)
        words = Text("已重新生成备用码", "your recovery codes were made anew")
        tell_person(tx, person.id, "recovery", words)
        return _new_recovery(app, tx, person)


def remove(app: App, person: User) -> User:
    """The person without a second factor; all their sessions ended.

    Raises: ForbiddenError where their role needs one, ConflictError where there is none.
    """
    if is_required(app, person):
        raise ForbiddenError(
            "SECOND-FACTOR-REQUIRED",
            "此角色必须使用动态码",
            "people of this role need a second factor",
        )
    with app.database.transaction() as tx:
        return _remove(tx, person, by=person.name)


def reset(app: App, name: str, *, actor: str) -> None:
    """Take a lost second factor from a person, who sets up another at the next log-in.

    Raises: NotFoundError, ConflictError.
    """
    with app.database.transaction() as tx:
        person = users.find_by_name(tx, name)
        if person is None:
            raise NotFoundError("USER-UNKNOWN", *nobody(name))
        _remove(tx, person, by=actor)
        holding.hold(tx, person, by=actor)


def _remove(tx: Transaction, person: User, *, by: str) -> User:
    if not second_factors.remove(tx, person.id):
        raise ConflictError("SECOND-FACTOR-NONE", "未启用动态码", "no second factor is set up")
    audit.record(tx, by, "second_factor.remove", person.name)
    words = Text("您账户的动态码已停用", "the second factor of your account was taken away")
    tell_person(tx, person.id, "second_factor", words)
    return _changed(tx, person, by=by)


def _changed(tx: Transaction, person: User, *, by: str) -> User:
    users.change(tx, person.name, by=by)
    changed = users.find_by_id(tx, person.id)
    assert changed is not None
    return changed


def _count(app: App, person: User, address: str) -> None:
    with app.database.transaction() as tx:
        brake.require_patience(tx, _braked(person), address)
        brake.count_failure(tx, _braked(person), address)


def _braked(person: User) -> str:
    return f"{person.name} code"  # no name has a blank


def _take(app: App, tx: Transaction, person: User, code: str) -> str | None:
    factor = second_factors.find(tx, person.id)
    if factor is None or factor.confirmed_at is None:
        return None
    step = _step_of(_open(app, person, factor.secret), code)
    if step is not None:
        return "code" if second_factors.take_step(tx, person.id, step) else None
    hashed = _hash(app, person, code)
    return "recovery" if second_factors.take_recovery(tx, person.id, hashed) else None


def _step_of(secret: str, code: str) -> int | None:
    """The step of time of which this is the code; None where it is of none that counts now."""
    typed = code.replace(" ", "")
    if not _CODE.fullmatch(typed):
        return None
    # a phone keeps the machine's time, also beside a demonstration that lives in its own
    here = int(machine_now().timestamp()) // _SECONDS_A_STEP
    app = pyotp.TOTP(secret)
    steps = (here + each for each in _TOLERANCE)
    return next((s for s in steps if hmac.compare_digest(app.generate_otp(s), typed)), None)


def _new_recovery(app: App, tx: Transaction, person: User) -> list[str]:
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    second_factors.set_recovery(tx, person.id, [_hash(app, person, code) for code in codes])
    return codes


def _random_code() -> str:
    """Sixty random bits, in three groups."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _hash(app: App, person: User, code: str) -> str:
    plain = re.sub(r"[\s-]", "", code).lower()
    return hmac.new(_key(app), f"{person.id}:{plain}".encode(), hashlib.sha256).hexdigest()


def _enrolment(app: App, person: User, sealed: str) -> Enrolment:
    secret = _open(app, person, sealed)
    totp = pyotp.TOTP(secret, name=person.name, issuer=app.config.office.name)
    return Enrolment(secret, totp.provisioning_uri())


def _seal(app: App, person: User, secret: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(app)).encrypt(nonce, secret.encode(), str(person.id).encode())
    return base64.b64encode(nonce + sealed).decode()


def _open(app: App, person: User, sealed: str) -> str:
    """The secret of a person, whose key opens no other's.

    Raises: UnavailableError where the key is another one.
    """
    content = base64.b64decode(sealed)
    nonce, rest = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
    try:
        return AESGCM(_key(app)).decrypt(nonce, rest, str(person.id).encode()).decode()
    except InvalidTag:
        raise UnavailableError(
            "KEY-WRONG",
            "密钥 totp 不是当时所用的，请从备份恢复",
            "the key totp is not the one that was used: bring it back from a safety copy",
        ) from None


def _key(app: App) -> bytes:
    return app.secret("totp")


def _wrong_code() -> ForbiddenError:
    return ForbiddenError(
        "CODE-WRONG",
        "动态码或备用码不正确，或已用过",
        "the code is not right, or was used before",
        field="code",
    )
