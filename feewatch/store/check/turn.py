"""One check at a time, however many processes and threads would like to."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from feewatch.kernel.errors import UnavailableError
from feewatch.store.alone import OccupiedError, alone
from feewatch.store.database import Database
from feewatch.store.locks import BUSY_TIMEOUT_SECONDS


@contextmanager
def only_one_check(
    database: Database, *, patience_seconds: float = BUSY_TIMEOUT_SECONDS
) -> Iterator[None]:
    """While it is open nobody else is in such a block.

    Raises: UnavailableError where another does not end in time.
    """
    with ExitStack() as place:
        try:
            place.enter_context(alone(database, "check", patience_seconds=patience_seconds))
        except OccupiedError as fault:
            raise UnavailableError(
                "CHECK-RUNNING",
                "另一次检查正在进行，请在其结束后再试",
                "another check is at work: try again when it has ended",
            ) from fault
        yield
