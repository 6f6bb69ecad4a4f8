"""Refusals: a few families of exceptions whose constructors take facts and keep both languages.

The web maps families to HTTP statuses in one table; the command line exits 1 with one line.
"""

from typing import Any

from feewatch.kernel.text import Text


class Refusal(Exception):
    """A request that was understood and is refused; nothing was changed.

    ``field`` names the input at fault as forms and callers name it; empty where it is none of them.
    """

    def __init__(self, code: str, zh: str, en: str, *, field: str = "") -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.text = Text(zh, en)
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, also from another process: what it was made of stands in no argument."""
        return _remake, (type(self), self.args, self.__dict__)


def _remake(family: type[Refusal], arguments: tuple[Any, ...], facts: dict[str, Any]) -> Refusal:
    made = family.__new__(family, *arguments)
    made.__dict__.update(facts)
    return made


class InvalidInputError(Refusal):
    """The input itself is wrong."""


class NotFoundError(Refusal):
    """The thing named does not exist, or not for this person."""


class ConflictError(Refusal):
    """The state of the record does not allow this step now."""


class ForbiddenError(Refusal):
    """This person may not do this."""


class UnavailableError(Refusal):
    """Something outside that is needed does not answer; trying again later may help."""


class TryLaterError(UnavailableError):
    """Others are at it, or enough was asked for; ``seconds`` from now it may be tried again."""

    def __init__(self, code: str, zh: str, en: str, *, seconds: int) -> None:
        super().__init__(code, zh, en)
        self.seconds = seconds


class QuotaError(TryLaterError):
    """The person, or the institution, has had all of this for today."""


class MachineError(TryLaterError):
    """The machine is in the way: a full disk, a database that is away, an unreadable file."""

    def __init__(self, code: str, zh: str, en: str, *, seconds: int = 60) -> None:
        super().__init__(code, zh, en, seconds=seconds)
