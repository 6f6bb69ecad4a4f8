"""The law as it stood: the rule book that was in use on a day, from the record of checks."""

import tempfile
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.folders import rule_folders
from feewatch.engine.loader import SHIPPED, list_law_files, load_rule_book
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from feewatch.store.check import rulebooks
from feewatch.store.check.rulebooks import LawFile
from feewatch.store.database import Transaction


def keep_book(app: App, tx: Transaction, book: RuleBook) -> None:
    """Put the book that a check uses on record, unless it is."""
    if not rulebooks.is_kept(tx, book.version):
        rulebooks.keep(tx, book.version, list_book_files(app))


def list_book_files(app: App) -> list[LawFile]:
    """The files of the book in force, in order."""
    folders = [SHIPPED, *rule_folders(app.config)]
    return [
        LawFile(number, path, content.decode("utf-8"))
        for number, folder in enumerate(folders)
        for path, content in list_law_files(folder, [])
    ]


def book_as_of(app: App, day: Day) -> RuleBook:
    """The book that the last check made up to the end of a day has used.

    Raises: NotFoundError where no check was made by then, UnavailableError where the book is not
    on record or this version of the product no longer reads it.
    """
    with app.database.reading() as tx:
        version = rulebooks.find_used(tx, day)
        first = rulebooks.first_day(tx)
        files = rulebooks.load(tx, version) if version else []
    if version is None:
        raise NotFoundError(
            "LAW-THEN",
            f"{format_day(day)} 尚无检查记录，最早为 {first or '无'}",
            f"no check had been made by {format_day(day)}; the first is of {first or 'no day'}",
        )
    with tempfile.TemporaryDirectory() as folder:
        book = _load(Path(folder), files) if files else None
    if book is None or book.version != version:
        raise UnavailableError(
            "LAW-LOST",
            f"{format_day(day)} 所用规则库 {version[:12]} 未留存",
            f"the rule book {version[:12]} used on {format_day(day)} is not on record",
        )
    return book


def _load(folder: Path, files: list[LawFile]) -> RuleBook:
    for file in files:
        path = folder / str(file.folder) / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content.encode("utf-8"))
    numbers = sorted({file.folder for file in files})
    try:
        return load_rule_book([folder / str(number) for number in numbers], shipped=False)
    except InvalidInputError as faults:
        raise UnavailableError(
            "LAW-UNREADABLE",
            "当时的规则库是旧格式，本版本不能读取",
            "the rule book of then is in a form that this version no longer reads",
        ) from faults
