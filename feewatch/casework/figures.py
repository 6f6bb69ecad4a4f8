"""Measured figures and limits with their unit, as people read them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text

_NONE = Text("—", "—")
_FINEST = Decimal("1e-8")
_UNITS = {
    "lessons": Text("课时", "lessons"),
    "days": Text("天", "days"),
    "months": Text("个月", "months"),
    "minutes": Text("分钟", "minutes"),
}


def figure_in_words(value: Any, unit: str) -> Text:
    """A figure with its unit; a dash where there is none."""
    if value is None:
        return _NONE
    if unit == "fen" and isinstance(value, int):
        return Text(f"{group_yuan(value)} 元", f"¥{group_yuan(value)}")
    if unit == "fen_per_lesson":
        return _per_lesson(str(value))
    if unit == "ratio":
        return Text(*2 * (percent(str(value)),))
    word = _UNITS.get(unit)
    return Text(f"{value} {word.zh}", f"{value} {word.en}") if word else Text(*2 * (str(value),))


def percent(share: str) -> str:
    """A share in per cent: one decimal, more where it would look like another whole share."""
    try:
        points = Decimal(share) * 100
    except InvalidOperation:  # a word for a share without end
        return share
    places = Decimal("0.1")
    while points not in (0, 100) and points.quantize(places) in (0, 100) and places > _FINEST:
        places /= 10
    return f"{points.quantize(places):,f}%"


def _per_lesson(text: str) -> Text:
    try:
        price = Decimal(text) / 100
    except InvalidOperation:
        return Text(text, text)
    whole, _, part = f"{price:f}".partition(".")
    shown = f"{whole}.{part.rstrip('0').ljust(2, '0')}"
    return Text(f"{shown} 元/课时", f"¥{shown} a lesson")
