"""The language of a page: Chinese first, English one click away, kept in the session."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import session

from feewatch.kernel.text import Text

LANGUAGES = {"zh": "中文", "en": "English"}


def language() -> str:
    """``zh`` or ``en``."""
    return "en" if session.get("language") == "en" else "zh"


def t(zh: str, en: str) -> str:
    """The sentence in the language of the page."""
    return en if language() == "en" else zh


def chosen_half() -> Callable[[str, str], str]:
    """``t`` for one page: the language is looked up now, and not for each of its many texts."""
    return _en if language() == "en" else _zh


def _zh(zh: str, _en: str) -> str:
    return zh


def _en(_zh: str, en: str) -> str:
    return en


def say(text: Any) -> str:
    """A stored bilingual text (a Text, its JSON forms, or a string) in the page's language."""
    if isinstance(text, Mapping):
        return t(text.get("zh", ""), text.get("en", ""))
    if isinstance(text, Text) or (isinstance(text, Sequence) and not isinstance(text, str)):
        return t(text[0], text[1])
    return "" if text is None else str(text)


def half(text: str) -> str:
    """The half of a recorded ``Chinese / English`` sentence in the page's language."""
    return "\n".join(_half_of_line(line) for line in text.split("\n"))


def _half_of_line(text: str) -> str:
    zh, slash, en = text.partition(" / ")
    is_pair = slash and " / " not in en and _has_han(zh) and not _has_han(en)
    return t(zh, en) if is_pair else text


def _has_han(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)
