"""Bilingual text: every sentence a person reads exists in Chinese and in English, side by side."""

import unicodedata
from typing import NamedTuple


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
