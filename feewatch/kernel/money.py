"""Exact money: integer fen inside, yuan with at most two decimals in files. Never a float."""

import re
import unicodedata

_YUAN = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)
#: No amount is longer, and Python refuses to read very long numbers with an error of its own.
_LONGEST = 60
#: Larger sums cannot be a training institution's; a wider integer would not fit a 64-bit product.
MAX_FEN = 10**14


def parse_yuan(text: str) -> int | None:
    """Fen of a yuan amount such as ``1,234.56``, or None where the text is no such amount.

    Full-width digits are accepted; exponents, NaN, a third decimal and misplaced commas are not.
    """
    if len(text) > _LONGEST:
        return None
    match = _YUAN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    sign, whole, cents = match.groups()
    fen = int(whole.replace(",", "")) * 100 + int((cents or "").ljust(2, "0") or 0)
    if fen > MAX_FEN:
        return None
    return -fen if sign == "-" else fen


def format_yuan(fen: int) -> str:
    """Yuan with two decimals and no grouping, e.g. ``-12.05``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def group_yuan(fen: int) -> str:
    """Yuan with grouping and two decimals, e.g. ``-1,234.56``."""
    whole, _, cents = format_yuan(abs(fen)).partition(".")
    return f"{'-' if fen < 0 else ''}{int(whole):,}.{cents}"


def half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded half up (away from zero for negatives), as the contract's fen are."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def format_quotient(numerator: int, denominator: int, places: int = 4) -> str:
    """The quotient as a decimal string, half up; for display only, never for comparison."""
    scaled = half_up(numerator * 10**places, denominator)
    sign = "-" if scaled < 0 else ""
    whole, part = divmod(abs(scaled), 10**places)
    return f"{sign}{whole}.{part:0{places}d}"
