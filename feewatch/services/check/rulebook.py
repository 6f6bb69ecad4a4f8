"""The rule book in force in an installation, read once for as long as its files do not change."""

import os
from functools import lru_cache
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.engine.book import Fact, Rule, RuleBook
from feewatch.engine.folders import rule_folders
from feewatch.engine.loader import SHIPPED, load_rule_book
from feewatch.kernel.errors import NotFoundError


def rule_book(app: App) -> RuleBook:
    """The rule book in force in an installation.

    Raises: InvalidInputError listing every fault.
    """
    return book_of(app.config)


def book_of(config: Config) -> RuleBook:
    """The shipped rule book, installed packs over it, the office's own folders over these.

    Raises: InvalidInputError listing every fault.
    """
    folders = rule_folders(config)
    return _load(folders, _changes((SHIPPED, *folders)))


def shipped_book() -> RuleBook:
    """The rule book of the product alone."""
    return _load((), _changes((SHIPPED,)))


def shadow_book(config: Config) -> RuleBook:
    """The book in force with the drafts laid over it that run in its shadow.

    Raises: InvalidInputError listing every fault.
    """
    drafts = (config.resolve(each) for each in config.rules.shadow)
    folders = (*rule_folders(config), *drafts)
    return _load(folders, _changes((SHIPPED, *folders)))


def _changes(folders: tuple[Path, ...]) -> tuple[tuple[str, int], ...]:
    """Every file that a book is read from with its last change; asked by nearly every page."""
    files = (
        file
        for folder in folders
        for part in _entries(folder)
        for file in (_entries(part.path) if part.is_dir() else [part])
    )
    return tuple(sorted((file.path, file.stat().st_mtime_ns) for file in files))


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing where it is missing, which reading the book will tell."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


@lru_cache(maxsize=4)
def _load(folders: tuple[Path, ...], _changes: tuple[tuple[str, int], ...]) -> RuleBook:
    return load_rule_book(folders)


def rule_book_version(app: App) -> str:
    """The hash that names the rule book in force."""
    return rule_book(app).version


def get_rule(book: RuleBook, name: str) -> Rule:
    """A rule by id.

    Raises: NotFoundError.
    """
    if name not in book.rules:
        raise NotFoundError("RULE-UNKNOWN", f"规则库中没有 {name}", f"no rule {name} in the book")
    return book.rules[name]


def get_fact(book: RuleBook, name: str) -> Fact:
    """A fact by id.

    Raises: NotFoundError.
    """
    if name not in book.facts:
        raise NotFoundError(
            "FACT-UNKNOWN", f"规则库中没有事实 {name}", f"no fact {name} in the rule book"
        )
    return book.facts[name]
