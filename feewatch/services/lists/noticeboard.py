"""Published editions as they were signed, with their files; see ``services.public`` for more."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.credit.lists import LISTS
from feewatch.kernel.errors import NotFoundError
from feewatch.publication.folder import LATEST, MANIFEST_FILE
from feewatch.publication.signing import read_signed, sha256
from feewatch.services.lists.keys import find_own_keys
from feewatch.services.lists.proven import SpoiltEditionError, proven_document
from feewatch.store.pages import PageRow, PageRows, editions

HISTORY = 200
Entry = dict[str, Any]


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
    document = proven_document(app, row)
    return PostedEdition(row, document, files, row.number == latest.number)


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
