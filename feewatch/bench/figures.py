"""What a benchmark finds: figures, each with its target and whether it is reached."""

from typing import Any, Literal, NamedTuple

from feewatch.kernel.text import Text


class Target(NamedTuple):
    """A bound that a figure is held against."""

    side: Literal["≥", "≤"]
    value: float

    def is_reached(self, value: float) -> bool:
        """Whether a value lies on the right side of the bound."""
        return value >= self.value if self.side == "≥" else value <= self.value


class Figure(NamedTuple):
    """One measured value; ``of`` holds the values it was made from, with units in the names."""

    name: Text
    value: float | None = None  # None: left out, as the name says why
    unit: str = ""  # "×" for a ratio, else what is counted
    target: Target | None = None
    of: dict[str, float] = {}  # noqa: RUF012 - never changed

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None where there is none, or nothing was measured."""
        if self.target is None or self.value is None:
            return None
        return self.target.is_reached(self.value)

    def as_json(self) -> dict[str, Any]:
        """The figure for scripts and for the record."""
        return {
            "name": self.name._asdict(),
            "value": None if self.value is None else rounded(self.value),
            "unit": self.unit,
            "target": None if self.target is None else f"{self.target.side} {self.target.value:g}",
            "reached": self.is_reached,
            "of": {name: rounded(value) for name, value in self.of.items()},
        }


def rounded(value: float) -> float:
    """Three significant digits, and no fraction where that many stand before the point."""
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.3g}")
