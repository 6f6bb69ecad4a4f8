"""Bilingual text: every sentence a person reads exists in Chinese and in English, side by side."""

import re
import unicodedata
from typing import NamedTuple

#: Full-width marks of Chinese texts, which NFKC would make half-width.
_MARKS = re.compile("([（），：；！？]+)")


class Text(NamedTuple):
    """One sentence in both languages of the product; Chinese is shown first."""

    zh: str
    en: str

    def both(self) -> str:
        """Both languages on one line, for terminals and JSON messages."""
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"

    def fill(self, **facts: object) -> "Text":
        """The sentence with its ``{placeholders}`` replaced."""
        return Text(self.zh.format(**facts), self.en.format(**facts))


def printable(text: str) -> str:
    """A text without letters that nobody sees and that turn or hide others: U+202E, U+200B, NUL."""
    return "".join(letter for letter in text if letter.isprintable())


def normalise(text: str) -> str:
    """NFKC with trimmed ends and inner white space folded: the form in which texts are stored."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def tidy(text: str) -> str:
    """The form in which texts are shown: as ``normalise``, but Chinese marks stay full-width.

    Two that ``normalise`` makes equal may differ here: compare by that.
    """
    parts = _MARKS.split(text)
    parts[::2] = (unicodedata.normalize("NFKC", part) for part in parts[::2])
    return " ".join("".join(parts).split())
