"""Refusals: a few families of exceptions whose constructors take facts and keep both languages.

The web maps families to HTTP statuses in one table; the command line exits 1 with one line.
"""

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
