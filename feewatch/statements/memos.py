"""Puts together what a bank tells of a payment in several places: lines, fields, texts."""

from collections.abc import Sequence
from itertools import pairwise

from feewatch.kernel.text import normalise

#: Where a line or a field ends between two letters or digits, which else might read as one number
#: with a space inside: two spaces, which no text has once its white space is folded.
_PARTED = "  "
#: Stands for them while white space is folded: a character that is none of any text.
_MARK = "\ufdd0"
#: Of more texts only equal ones are looked for, lest a damaged file take for ever.
_FEW = 16


def joined(lines: Sequence[str], most: int) -> str:
    """Lines as one text: a space parts two of them unless the first is full.

    ``most``: the characters that a line has room for.
    """
    pieces = [*lines[:1]]
    for before, line in pairwise(lines):
        if not _is_full(before, line, most):
            pieces.append(_between(before, line))
        pieces.append(line)
    return "".join(pieces)


def parted(fields: Sequence[str]) -> str:
    """Fields as one text, still to be stored."""
    pieces = [*fields[:1]]
    for before, field in pairwise(fields):
        pieces += [_between(before, field), field]
    return "".join(pieces)


def stored(text: str) -> str | None:
    """The form in which a memo is stored; two spaces where a line's end parts two words."""
    return spaced(normalise(text)) or None


def spaced(text: str) -> str:
    """A text whose white space is folded, with two spaces where a line's end parts two words."""
    return text.replace(_MARK, _PARTED) if _MARK in text else text


def unmarked(text: str) -> str:
    """A text that is no memo, with plain spaces at the ends of lines."""
    return text.replace(_MARK, " ")


def _between(before: str, after: str) -> str:
    edge = before.rstrip()[-1:] + after.lstrip()[:1]
    return _MARK if len(edge) == 2 and edge.isascii() and edge.isalnum() else " "


def _is_full(line: str, following: str, most: int) -> bool:
    """Whether a line has no room left, counted in characters or as banks count Chinese ones."""
    if len(line) >= most:
        return True
    if line.isascii() or len(line) * 2 < most - 1:
        return False
    left = most - len(line.encode("gb18030", "replace"))
    return left == 0 or (left == 1 and not following[:1].isascii())


def once(texts: Sequence[str]) -> list[str]:
    """The texts but for empty ones and those that one before holds already."""
    if len(texts) > _FEW:
        return list(filter(None, dict.fromkeys(texts)))
    kept: list[str] = []
    for text in texts:
        if text and not any(text in each for each in kept):
            kept.append(text)
    return kept
