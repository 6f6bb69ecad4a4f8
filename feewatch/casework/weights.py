"""Two states of the same facts compared breach by breach: what ends, opens, falls or rises."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from feewatch.engine.explanation import Figure
from feewatch.engine.findings import SEVERITIES, Identity
from feewatch.kernel.text import Text


class BreachWeight(NamedTuple):
    """How grave a breach is, in exact figures, and which contracts it names."""

    identity: Identity
    is_state: bool
    title: Text
    unit: str
    measured: Figure
    limit: Figure
    severity: str
    amount_fen: int | None
    contract_ids: frozenset[int]

    @property
    def same(self) -> tuple[object, ...]:
        """What makes it the same breach in two states: one that lasts is so on any day."""
        return self.identity[:4] if self.is_state else self.identity


class BreachDifference(NamedTuple):
    """A breach that two states do not have alike."""

    change: str  # ended, opened, lowered, raised
    before: BreachWeight | None
    after: BreachWeight | None

    @property
    def either(self) -> BreachWeight:
        """The breach as it was, or as it would be where there was none."""
        weight = self.before or self.after
        assert weight is not None
        return weight

    @property
    def is_relief(self) -> bool:
        """Whether the second state is the milder one."""
        return self.change in ("ended", "lowered")


def compare_weights(
    before: Iterable[BreachWeight], after: Iterable[BreachWeight]
) -> list[BreachDifference]:
    """What differs between two states, in the order of the breaches' identities."""
    was = {weight.same: weight for weight in before}
    now = {weight.same: weight for weight in after}
    differences = [
        BreachDifference(change, was.get(same), now.get(same))
        for same in {**was, **now}
        if (change := _change(was.get(same), now.get(same)))
    ]
    return sorted(differences, key=lambda difference: difference.either.identity)


def _change(before: BreachWeight | None, after: BreachWeight | None) -> str | None:
    if before is None or after is None:
        return "opened" if before is None else "ended"
    steps = [
        _step(SEVERITIES.index(before.severity), SEVERITIES.index(after.severity)),
        _step(before.amount_fen or 0, after.amount_fen or 0),
        _step_beyond_limit(before, after),
    ]
    if any(step < 0 for step in steps):
        return "lowered"  # whatever else it raises: a part of the breach would be gone
    return "raised" if any(step > 0 for step in steps) else None


def _step(before: int | Fraction, after: int | Fraction) -> int:
    return (after > before) - (after < before)


def _step_beyond_limit(before: BreachWeight, after: BreachWeight) -> int:
    """Whether the measured figure moves away from its limit (1), towards it (-1), or neither."""
    was, now = _excess(before), _excess(after)
    return 0 if was is None or now is None else _step(was, now)


def _excess(weight: BreachWeight) -> Fraction | None:
    measured, limit = _exact(weight.measured), _exact(weight.limit)
    if measured is None or limit is None:
        return None
    return abs(measured - limit)


def _exact(figure: Figure) -> Fraction | None:
    if isinstance(figure.value, str) or figure.value is None or not figure.over:
        return None
    return Fraction(figure.value, figure.over)
