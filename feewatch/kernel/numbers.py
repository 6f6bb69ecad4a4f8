"""Numbers as people and programs write them, bounded before they are made.

To make a number of a hundred thousand digits, or to write out 1e999999, takes minutes in which
nobody else is served: length and exponent are looked at first. What is none, or no ordinary one,
is None.
"""

from decimal import Decimal, InvalidOperation

#: The largest whole number of the databases.
MAX_WHOLE = 2**63 - 1
#: No figure of law or of an office is written longer, or is as large or as small as this exponent.
LONGEST = 30


def read_whole(text: str, most: int = MAX_WHOLE) -> int | None:
    """The whole number from 0 to ``most`` that a text of plain digits stands for."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST):
        return None
    number = int(text)
    return number if number <= most else None


def read_decimal(text: str) -> Decimal | None:
    """The number of ordinary length and size that a text stands for, exactly as it is written."""
    if not text.isascii() or len(text) > LONGEST:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if is_ordinary(number) else None


def exact_decimal(text: str) -> Decimal:
    """The same for readers of TOML and JSON, which want a fault.

    Raises: ValueError.
    """
    number = read_decimal(text)
    if number is None:
        raise ValueError(f"no ordinary number: {text[:LONGEST]}")
    return number


def exact_whole(text: str) -> int:
    """A whole number of JSON, which may be negative.

    Raises: ValueError.
    """
    number = read_whole(text.removeprefix("-"))
    if number is None:
        raise ValueError(f"no ordinary number: {text[:LONGEST]}")
    return -number if text.startswith("-") else number


def is_ordinary(number: Decimal) -> bool:
    """Whether a number can be computed with: to compare or round another is to write it out."""
    # a nought has an exponent, too
    return number.is_finite() and max(abs(number.adjusted()), abs(_exponent(number))) <= LONGEST


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # letters stand for what is not finite
    return exponent


_DIGITS = "零一二三四五六七八九"


def chinese_numeral(number: int) -> str:
    """A whole number from 1 to 99 as headings of a document count: 一, 十, 十一, 二十, 三十二."""
    assert 0 < number < 100
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")
