"""What a rule came to at one institution, in numbers that add up."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.kernel.days import Day


class Count(NamedTuple):
    """Outcomes counted, and the next day on which one of them may differ with the same data."""

    evaluated: int = 0
    breaches: int = 0
    undetermined: int = 0
    #: Subjects that cannot be judged by the number of the need, 0 where none says.
    reasons: Mapping[int, int] = {}
    due_on: Day | None = None

    def __add__(self, other: object) -> "Count":
        """Both together."""
        assert isinstance(other, Count)
        days = [day for day in (self.due_on, other.due_on) if day is not None]
        return Count(
            self.evaluated + other.evaluated,
            self.breaches + other.breaches,
            self.undetermined + other.undetermined,
            Counter(self.reasons) + Counter(other.reasons),
            min(days, default=None),
        )

    def as_json(self) -> dict[str, Any]:
        """A form that can be put on file."""
        reasons = {str(need): subjects for need, subjects in sorted(self.reasons.items())}
        return {**self._asdict(), "reasons": reasons}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Count":
        """What ``as_json`` gave."""
        reasons = {int(need): subjects for need, subjects in kept["reasons"].items()}
        return cls(**{**kept, "reasons": reasons})


NOTHING_COUNTED = Count()
