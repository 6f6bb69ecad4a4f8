"""The rule book in force in an installation, read once for as long as its files do not change."""

from functools import lru_cache
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.engine.book import RuleBook
from feewatch.engine.loader import SHIPPED, load_rule_book


def rule_book(app: App) -> RuleBook:
    """The rule book in force in an installation.

    Raises: InvalidInputError listing every fault.
    """
    return book_of(app.config)


def book_of(config: Config) -> RuleBook:
    """The shipped rule book with the office's own folders laid over it; needs no database.

    Raises: InvalidInputError listing every fault.
    """
    folders = folders_of(config)
    return _load(folders, _changes((SHIPPED, *folders)))


def folders_of(config: Config) -> tuple[Path, ...]:
    """The office's own folders of rule data, the last laid over the others."""
    return tuple(config.resolve(each) for each in config.rules.folders)


def shadow_book(config: Config) -> RuleBook:
    """The book in force with the drafts laid over it that run in its shadow.

    Raises: InvalidInputError listing every fault.
    """
    drafts = (config.resolve(each) for each in config.rules.shadow)
    folders = (*folders_of(config), *drafts)
    return _load(folders, _changes((SHIPPED, *folders)))


def _changes(folders: tuple[Path, ...]) -> tuple[tuple[str, int], ...]:
    files = (
        path for folder in folders for path in sorted([*folder.glob("*.toml"), *folder.glob("*/*")])
    )
    return tuple((str(path), path.stat().st_mtime_ns) for path in files)


@lru_cache(maxsize=4)
def _load(folders: tuple[Path, ...], _changes: tuple[tuple[str, int], ...]) -> RuleBook:
    return load_rule_book(folders)


def rule_book_version(app: App) -> str:
    """The hash that names the rule book in force."""
    return rule_book(app).version
