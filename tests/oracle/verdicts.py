"""What the oracle says of one subject under one rule, and words that all its rules share."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

BREACH, COMPLIANT, UNDETERMINED = "breach", "compliant", "undetermined"


@dataclass(frozen=True)
class Verdict:
    """An outcome; figures and severity matter for breaches alone."""

    rule: str
    uscc: str
    kind: str
    id: str
    on: date
    outcome: str
    measured: int | str | None = None
    limit: int | str | None = None
    severity: str = ""

    @property
    def figures(self) -> tuple[int | str | None, int | str | None, str] | None:
        """Measured, limit and severity of a breach."""
        return (self.measured, self.limit, self.severity) if self.outcome == BREACH else None

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        return self.rule, self.uscc, self.kind, self.id, self.on.isoformat()


Verdicts = Iterator[Verdict]


def outcome(breach: bool | None) -> str:
    """The word of a three-valued answer."""
    if breach is None:
        return UNDETERMINED
    return BREACH if breach else COMPLIANT


def either(*answers: bool | None) -> bool | None:
    """True if any is, unknown if one of the others is, else false."""
    if True in answers:
        return True
    return None if None in answers else False


def found(text: str | None, words: tuple[str, ...], but: tuple[str, ...] = ()) -> str | None:
    """The first word of a list that a known text has outside the exceptions that contain it."""
    for word in words if text is not None else ():
        rest = text
        for phrase in sorted(but, key=len, reverse=True):
            rest = rest.replace(phrase, "|") if word in phrase else rest
        if word in rest:
            return word
    return None
