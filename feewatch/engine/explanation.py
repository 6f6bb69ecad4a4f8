"""The line of arithmetic an officer reads, filled from the very row that was judged."""

import string
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from feewatch.kernel.days import format_day
from feewatch.kernel.masking import mask_name
from feewatch.kernel.money import format_quotient, format_yuan
from feewatch.kernel.text import Text

#: More than nothing over nothing: a balance of 0 from which money left.
_ENDLESS = "∞"


class Figure(NamedTuple):
    """An exact figure: a whole number or a fraction of whole numbers, or a word, or nothing."""

    value: int | str | None
    over: int | None = 1

    def shown(self, unit: str) -> int | str | None:
        """The contract's form: whole numbers, decimal strings for the two fractions, or a word."""
        if self.value is None or self.over is None:
            return None
        if isinstance(self.value, str):
            return self.value
        if unit in ("fen_per_lesson", "ratio"):
            return format_quotient(self.value, self.over) if self.over else _ENDLESS
        return self.value


#: How the name of a party is written: its first character, so that the line may be shown to all.
PARTY = "party"
#: Columns of facts that name people or say what they wrote; a calculation shows none in clear.
PERSONAL = frozenset(
    {"payee", "payer", "party", "counterparty", "memo", "related_parties", "legal_representative",
     "payee_account", "counterparty_account"}
)  # fmt: skip


class _Formatter(string.Formatter):
    """Reads ``{fee_fen:yuan}``, ``{paid_on:day}``, ``{rate:percent}``, ``{payee:party}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return "—"
        figure = value if isinstance(value, Figure) else Figure(value)
        if isinstance(figure.value, str) or figure.value is None:
            shown = figure.value or "—"
            return mask_name(shown) if format_spec == PARTY else shown
        if not figure.over:
            return "—" if figure.over is None else _ENDLESS
        return WAYS[format_spec](figure.value, figure.over)


def _yuan(value: int, over: int) -> str:
    """Yuan with two decimals, or as many more (up to six) as tell the figure apart."""
    if over == 1:
        return format_yuan(value)
    return _trimmed(format_quotient(value, over * 100, 6))


def _trimmed(text: str) -> str:
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


#: How a figure may be written: what may stand behind the colon.
WAYS: dict[str, Callable[[int, int], str]] = {
    "": lambda value, over: str(value) if over == 1 else format_quotient(value, over),
    "yuan": _yuan,
    PARTY: lambda value, _: mask_name(str(value)),
    "day": lambda value, _: format_day(value),
    "factor": lambda value, _: _trimmed(format_quotient(1_000_000 + value, 1_000_000, 6)),
    "percent": lambda value, over: f"{_trimmed(format_quotient(value * 100, over, 6))}%",
    "millionths": lambda value, _: f"{_trimmed(format_quotient(value * 100, 1_000_000, 4))}%",
}


def explain(line: Text, values: Mapping[str, Any]) -> Text:
    """Both sentences of a calculation with their figures."""
    formatter = _Formatter()
    return Text(formatter.vformat(line.zh, (), values), formatter.vformat(line.en, (), values))
