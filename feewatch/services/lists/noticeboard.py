"""What the public may read: published editions, and whether an institution is on the register."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.lists import LISTS, unrated_word
from feewatch.kernel.clock import today
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.text import Text, normalise
from feewatch.publication.folder import LATEST, TIMESTAMP_FILE
from feewatch.store.pages import PageRow, PageRows, editions, register_names

HISTORY = 200
#: As many finds as a person looks through.
MOST_FOUND = 200
Entry = dict[str, Any]


class Found(NamedTuple):
    """Where a name stands; ``list`` is empty for an institution that is not rated."""

    list: str
    entry: Entry


class Answer(NamedTuple):
    """What the public is told of an institution.

    ``list`` is empty for one on no list: not rated, with the word for it, or simply registered.
    """

    name: str
    uscc: str
    district: str
    list: str
    word: Text | None = None


@dataclass(frozen=True, slots=True)
class PostedEdition:
    """A published edition with the files that lie in its folder."""

    head: PageRow
    document: dict[str, Any]
    files: list[str]
    is_latest: bool

    @property
    def lists(self) -> dict[str, list[Entry]]:
        """The lists that exist in this edition, in the order in which they are shown."""
        held = self.document["lists"]
        return {name: held[name] for name in LISTS if name in held}

    def search(self, text: str) -> list[Found]:
        """Entries whose name holds the text or whose code begins with it."""
        wanted = normalise(text).upper()
        every = [Found(name, entry) for name in self.lists for entry in self.lists[name]]
        every += [Found("", entry) for entry in self.document["unrated"]]
        return [
            place
            for place in every
            if wanted in place.entry["name"].upper() or place.entry["uscc"].startswith(wanted)
        ][:MOST_FOUND]

    def list_places(self, uscc: str) -> list[Found]:
        """Every place at which an institution stands."""
        return [place for place in self.search(uscc) if place.entry["uscc"] == uscc]


def list_editions(app: App, district: str) -> PageRows:
    """The editions of a district, the newest first."""
    with app.database.reading() as tx:
        return editions.list_editions(tx, district, limit=HISTORY)


def list_districts(app: App) -> list[str]:
    """The districts that have published."""
    with app.database.reading() as tx:
        return editions.list_districts(tx)


def find_latest(app: App, district: str) -> PostedEdition | None:
    """The latest edition of a district."""
    return _find(app, district, None)


def list_latest(app: App) -> list[PostedEdition]:
    """The latest edition of every district, in the order of their codes."""
    latest = (find_latest(app, district) for district in list_districts(app))
    return [edition for edition in latest if edition is not None]


def search(app: App, text: str) -> list[Answer]:
    """What the latest editions and the register say of those whose name or code holds a text."""
    answers = [
        Answer(
            entry["name"],
            entry["uscc"],
            edition.head.district,
            name,
            None if name else unrated_word(entry),
        )
        for edition in list_latest(app)
        for name, entry in edition.search(text)
    ]
    named = {answer.uscc for answer in answers}
    with app.database.reading() as tx:
        rows = register_names.search_names(
            tx, today(), normalise(text).upper(), limit=MOST_FOUND + len(named)
        )
    registered = [
        Answer(row.name, row.uscc, row.district, "") for row in rows if row.uscc not in named
    ]
    return (answers + registered)[:MOST_FOUND]


def find_registered_name(app: App, uscc: str) -> str | None:
    """The name of an institution on the register; None where none has the code."""
    with app.database.reading() as tx:
        rows = register_names.search_names(tx, today(), uscc, limit=2)
    return next((row.name for row in rows if row.uscc == uscc), None)


def find_edition_of(app: App, uscc: str) -> PostedEdition | None:
    """The latest edition that says something about an institution."""
    return next((each for each in list_latest(app) if each.list_places(uscc)), None)


def get_edition(app: App, district: str, number: int) -> PostedEdition:
    """An edition by number.

    Raises: NotFoundError.
    """
    edition = _find(app, district, number)
    if edition is None:
        raise NotFoundError(
            "EDITION-UNKNOWN",
            f"{district} 没有第 {number} 期公示",
            f"{district} has no edition {number}",
        )
    return edition


def get_file(app: App, district: str, folder: str, name: str) -> Path:
    """A published file as it lies on disk; ``folder`` is a number or ``latest``.

    Raises: NotFoundError.
    """
    known = list_districts(app)
    if district in known and (folder == LATEST or (folder.isascii() and folder.isdecimal())):
        path = app.editions / district / folder / name
        if name in _names(path.parent):
            return path
    raise NotFoundError("FILE-UNKNOWN", f"没有文件 {name}", f"no file {name}")


def get_timestamp(app: App, district: str) -> Path:
    """The signed timestamp that says which edition is the latest.

    Raises: NotFoundError.
    """
    path = app.editions / district / TIMESTAMP_FILE
    if district in list_districts(app) and path.is_file():
        return path
    raise NotFoundError("FILE-UNKNOWN", "没有时间戳文件", "there is no timestamp file")


def _find(app: App, district: str, number: int | None) -> PostedEdition | None:
    with app.database.reading() as tx:
        row = editions.find_edition(tx, district, number)
        latest = row if number is None else editions.find_edition(tx, district)
    if row is None or latest is None:
        return None
    files = _names(app.editions / row.district / str(row.number))
    return PostedEdition(row, _document(row.document), files, row.number == latest.number)


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


@lru_cache(maxsize=16)
def _document(text: str) -> dict[str, Any]:
    """The signed document; editions never change, so a parsed one stays true."""
    document: dict[str, Any] = json.loads(text)
    return document
