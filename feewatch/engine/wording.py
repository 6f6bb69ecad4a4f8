"""The rule book in words: values, places and spans as a jurist writes them; judges nothing."""

from feewatch.engine.book import Price
from feewatch.engine.explanation import WAYS
from feewatch.engine.law import LARGEST_CLASS
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, format_day
from feewatch.kernel.places import NATION
from feewatch.kernel.text import Text

#: Units of parameters behind their figure.
_UNITS = {
    "lessons": Text("课时", "lessons"),
    "months": Text("个月", "months"),
    "days": Text("日", "days"),
    "working_days": Text("个工作日", "working days"),
    "hours": Text("小时", "hours"),
    "minutes": Text("分钟", "minutes"),
    "count": Text("", ""),
}


def value_in_words(value: int | tuple[str, ...], unit: str) -> Text:
    """A parameter's value: money in yuan, shares in per cent, word lists in full."""
    if isinstance(value, tuple):
        return Text("、".join(value), ", ".join(value))
    if unit == "fen":
        yuan = WAYS["yuan"](value, 1)
        return Text(f"{yuan} 元", f"{yuan} yuan")
    if unit == "ratio":
        share = WAYS["millionths"](value, 1)
        return Text(share, share)
    if unit == "flag":
        return Text("是", "yes") if value else Text("否", "no")
    zh, en = _UNITS[unit]
    return Text(f"{value} {zh}".strip(), f"{value} {en}".strip())


def place_in_words(place: str) -> Text:
    """A division code, the nation by its name."""
    return Text("全国", "nationwide") if place == NATION else Text(place, place)


def span_in_words(first: Day, last: Day) -> Text:
    """From when, and until when where an end is set."""
    if last == LAST_DAY:
        if first == FIRST_DAY:
            return Text("一直", "always")
        return Text(f"自 {format_day(first)} 起", f"from {format_day(first)}")
    end = format_day(last)
    if first == FIRST_DAY:
        return Text(f"至 {end}", f"until {end}")
    return Text(f"{format_day(first)} 至 {end}", f"{format_day(first)} to {end}")


def sizes_in_words(smallest: int, largest: int) -> str:
    """A range of class sizes, open where it has no upper end."""
    return f"{smallest}+" if largest == LARGEST_CLASS else f"{smallest}–{largest}"


def price_in_words(price: Price) -> Text:
    """The figure of a guided price with its float, lesson and status."""
    yuan, factor = WAYS["yuan"](price.price_fen, 1), WAYS["factor"](price.float_ppm, 1)
    return Text(
        f"{yuan} 元 × {factor} / {price.standard_minutes} 分钟"
        f"（{price.status}，{price.certainty}）",
        f"{yuan} yuan × {factor} / {price.standard_minutes} min "
        f"({price.status}, {price.certainty})",
    )
