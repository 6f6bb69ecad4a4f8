"""The brake on guessing: slower with each failure of a name from an address, never for everybody.

Counts lie in the database, so that all processes of an office count as one. Who came in from an
address before is not slowed by what strangers fail at there, or by what is tried elsewhere under
the person's name; so nobody can lock a person out from outside.
"""

import datetime as dt
import hashlib

from feewatch.kernel.clock import SHANGHAI, now, timestamp
from feewatch.kernel.errors import TryLaterError
from feewatch.store.database import Transaction
from feewatch.store.people import attempts

#: Failures of a pair without any wait; each further one doubles it.
FREE = 5
LONGEST_WAIT = 900
#: Failures of strangers within a quarter of an hour: an address serves a whole office, a name one.
STRANGERS_HERE, STRANGERS_OF_NAME = 100, 50
_WINDOW = dt.timedelta(seconds=LONGEST_WAIT)
_FORGOTTEN = dt.timedelta(days=1)


class TooManyAttemptsError(TryLaterError):
    """Log-ins of this name from this address failed too often; ``seconds`` from now it may."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "LOGIN-BRAKE",
            f"登录失败次数过多，请 {seconds} 秒后再试",
            f"too many failed log-ins: try again in {seconds} seconds",
            seconds=seconds,
        )


def require_patience(tx: Transaction, name: str, address: str) -> bool:
    """Whether the name came in from this address before and has not failed since.

    Raises: TooManyAttemptsError before the wait is over.
    """
    failures = attempts.count_failures(tx, _key(name), address, _before(_WINDOW))
    wait = _wait_of(failures)
    if wait > 0:
        raise TooManyAttemptsError(wait)
    return failures.is_known and not failures.here


def count_failure(tx: Transaction, name: str, address: str) -> None:
    """Count one more failure of a name from an address."""
    attempts.add_failure(tx, _key(name), address, timestamp(), forget=_before(_FORGOTTEN))


def let_in(tx: Transaction, name: str, address: str) -> None:
    """Forget the failures of a name from an address: the person came in."""
    attempts.let_in(tx, _key(name), address, timestamp())


def _wait_of(failures: attempts.Failures) -> int:
    waits = [0]
    if failures.here >= FREE:
        wait = min(2 ** (failures.here - FREE), LONGEST_WAIT)
        since = now() - dt.datetime.fromisoformat(failures.last_at).astimezone(SHANGHAI)
        waits.append(wait - int(since.total_seconds()))
    if not failures.is_known and (
        failures.strangers_here >= STRANGERS_HERE or failures.strangers_of_name >= STRANGERS_OF_NAME
    ):
        waits.append(LONGEST_WAIT)
    return max(waits)


def _before(span: dt.timedelta) -> str:
    return (now() - span).isoformat(timespec="seconds")


def _key(name: str) -> str:
    # what is typed as a name may be a password: it is not kept in clear
    return hashlib.sha256(name.encode()).hexdigest()
