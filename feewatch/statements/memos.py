"""Puts together what a bank tells of a payment in several places: lines, fields, texts."""

from collections.abc import Sequence
from itertools import pairwise

#: Of more texts only equal ones are looked for, lest a damaged file take for ever.
_FEW = 16


def joined(lines: Sequence[str], most: int) -> str:
    """Lines as one text: a space parts two of them unless the first is full.

    ``most``: the characters that a line has room for.
    """
    pieces = [*lines[:1]]
    for before, line in pairwise(lines):
        if not _is_full(before, line, most):
            pieces.append(" ")
        pieces.append(line)
    return "".join(pieces)


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
