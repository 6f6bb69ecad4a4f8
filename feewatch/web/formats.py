"""How figures look on a page."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from feewatch.casework.subjects import OF_ACCOUNT
from feewatch.kernel.days import format_day
from feewatch.kernel.masking import mask_name
from feewatch.kernel.money import group_yuan
from feewatch.web.language import t

#: The media type of a workbook.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def day(value: int | None) -> str:
    """``YYYY-MM-DD``, or a dash."""
    return "—" if value is None else format_day(value)


def yuan(fen: int | None) -> str:
    """Yuan with grouping and two decimals, or a dash."""
    return "—" if fen is None else group_yuan(fen)


def moment(text: str | None) -> str:
    """A recorded moment to the minute."""
    return "—" if not text else text[:16].replace("T", " ")


def figure(value: Any, unit: str) -> str:
    """A measured figure or limit with its unit."""
    if value is None:
        return "—"
    if unit == "fen" and isinstance(value, int):
        return t(f"{yuan(value)} 元", f"¥{yuan(value)}")
    if unit == "fen_per_lesson":
        return _per_lesson(str(value))
    words = {
        "lessons": ("课时", "lessons"),
        "days": ("天", "days"),
        "months": ("个月", "months"),
        "minutes": ("分钟", "minutes"),
    }.get(unit)
    return f"{value} {t(*words)}" if words else str(value)


def _per_lesson(text: str) -> str:
    try:
        price = Decimal(text) / 100
    except InvalidOperation:
        return text
    whole, _, part = f"{price:f}".partition(".")
    shown = f"{whole}.{part.rstrip('0').ljust(2, '0')}"
    return t(f"{shown} 元/课时", f"¥{shown} a lesson")


def masked_account(number: str | None) -> str:
    """An account number of which only the last four digits are shown."""
    return "—" if not number else "•••• " + number[-4:]


def masked_name(name: str | None) -> str:
    """A name of which only the first character is shown."""
    return mask_name(name or "") or "—"


def masked_subject(kind: str, subject: str) -> str:
    """A subject id whose account number, if it begins with one, is masked."""
    if kind not in OF_ACCOUNT:
        return subject
    number, slash, rest = subject.partition("/")
    return masked_account(number) + slash + rest


def places(names: Mapping[str, str]) -> Callable[[str], str]:
    """How a district is shown: its name and code, or the code alone."""

    def place(code: str) -> str:
        name = names.get(code)
        return f"{name} {code}" if name else code

    return place


FILTERS = {
    "day": day,
    "yuan": yuan,
    "moment": moment,
    "figure": figure,
    "masked_account": masked_account,
    "masked_name": masked_name,
}
