"""What the public may read: published editions, and whether an institution is on the register."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.lists import LISTS, unrated_word
from feewatch.kernel.clock import today
from feewatch.kernel.errors import NotFoundError, UnavailableError
from feewatch.kernel.text import Text, normalise
from feewatch.publication.folder import LATEST, MANIFEST_FILE
from feewatch.publication.signing import PublicKey, PublicKeys, read_signed, sha256
from feewatch.services.lists.keys import find_own_keys
from feewatch.store.pages import PageRow, PageRows, editions, register_names

HISTORY = 200
#: As many finds as a person looks through.
MOST_FOUND = 200
Entry = dict[str, Any]


class SpoiltEditionError(UnavailableError):
    """An edition, in the database or on disk, is not what the office signed: it is not shown."""

    def __init__(self, district: str, number: str, zh: str = "", en: str = "") -> None:
        super().__init__(
            "EDITION-SPOILT",
            f"{zh}{district} 第 {number} 期的内容与签名不符，可能被改动，暂不显示",
            f"{en}edition {number} of {district} is not as it was signed: "
            "it may have been altered and is not shown",
        )


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
    """The latest edition of every district, in the order of their codes; no spoilt ones."""
    editions_of_all = []
    for district in list_districts(app):
        with suppress(SpoiltEditionError):
            editions_of_all.append(find_latest(app, district))
    return [edition for edition in editions_of_all if edition is not None]


def list_spoilt(app: App) -> list[Text]:
    """What is said of each district whose latest edition is not as it was signed."""
    spoilt = []
    for district in list_districts(app):
        try:
            find_latest(app, district)
        except SpoiltEditionError as fault:
            spoilt.append(fault.text)
    return spoilt


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


def get_file(app: App, district: str, folder: str, name: str) -> bytes:
    """A published file as it was signed; ``folder`` is a number or ``latest``.

    Raises: NotFoundError, SpoiltEditionError where it is not what the manifest says.
    """
    known = list_districts(app)
    if district in known and (folder == LATEST or (folder.isascii() and folder.isdecimal())):
        path = app.editions / district / folder / name
        if name in _names(path.parent):
            return _proven_file(app, path)
    raise NotFoundError("FILE-UNKNOWN", f"没有文件 {name}", f"no file {name}")


def get_shared_file(app: App, name: str, district: str = "") -> bytes:
    """The timestamp or transparency file of a district, or what lies beside all districts.

    Raises: NotFoundError.
    """
    path = app.editions / district / name
    if (not district or district in list_districts(app)) and path.is_file():
        return path.read_bytes()
    raise NotFoundError("FILE-UNKNOWN", f"没有文件 {name}", f"no file {name}")


def _proven_file(app: App, path: Path) -> bytes:
    content, keys = path.read_bytes(), find_own_keys(app.config) or {}
    manifest_file = path.with_name(MANIFEST_FILE)
    signed = manifest_file.read_bytes() if manifest_file.is_file() else b""
    manifest, _ = read_signed(signed, keys)
    if path.name == MANIFEST_FILE:
        is_proven = manifest is not None and signed == content
    else:
        is_proven = manifest is not None and manifest["files"].get(path.name) == sha256(content)
    if not is_proven:
        district, number = path.parent.parent.name, path.parent.resolve().name
        raise SpoiltEditionError(district, number, f"{path.name}：", f"{path.name}: ")
    return content


def _find(app: App, district: str, number: int | None) -> PostedEdition | None:
    with app.database.reading() as tx:
        row = editions.find_edition(tx, district, number)
        latest = row if number is None else editions.find_edition(tx, district)
    if row is None or latest is None:
        return None
    files = _names(app.editions / row.district / str(row.number))
    document = _proven_document(app, row)
    return PostedEdition(row, document, files, row.number == latest.number)


def _proven_document(app: App, row: PageRow) -> dict[str, Any]:
    """The document of a row, once its bytes have the hash on record and the office's signature."""
    content = row.document.encode()
    keys = find_own_keys(app.config) or {}
    hashed = sha256(content)
    document = _document(hashed, frozenset(keys.values()), _Signed(content, keys))
    if hashed != row.sha256 or document is None or _head(document) != (row.district, row.number):
        raise SpoiltEditionError(row.district, str(row.number))
    return document


def _head(document: dict[str, Any]) -> tuple[str, int]:
    return document["district"], document["number"]


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


class _Signed:
    """Signed bytes with the keys by which they are read; equal to any other, as the hash counts."""

    def __init__(self, content: bytes, keys: PublicKeys) -> None:
        self.content, self.keys = content, keys

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Signed)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _document(hashed: str, keys: frozenset[PublicKey], signed: _Signed) -> dict[str, Any] | None:
    """The document of bytes by their hash; editions never change, so a proven one stays true."""
    del hashed, keys
    document, _ = read_signed(signed.content, signed.keys)
    return document
