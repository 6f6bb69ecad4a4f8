"""Finds the cells of an XLSX sheet whose values are computed; a bank's export has none."""

import io
import posixpath
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from xml.parsers import expat

from feewatch.kernel.numbers import read_whole

_BLOCK = 1 << 20


def formula_lines(
    content: bytes, name: str, computed: Collection[str]
) -> Mapping[int, Sequence[int]]:
    """Columns, from 0, with the lines, from 1, on which they hold a formula.

    The package was found harmless before, and no part but those of ``computed`` to hold any; a
    sheet that cannot be found has none.
    """
    if not computed:
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        part = _find_part(package, name)
        if part is None or part not in computed:
            return {}
        cells = _Cells()
        for block in _blocks(package, part):
            cells.parser.Parse(block, False)
    return cells.found


def _blocks(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with package.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _find_part(package: zipfile.ZipFile, name: str) -> str | None:
    """The part that holds the sheet of a name, by the workbook's list and its relations."""
    identity = ""
    for attributes in _elements(package, "xl/workbook.xml", "sheet"):
        if attributes.get("name") == name:
            identity = next((v for key, v in attributes.items() if key.endswith(":id")), "")
    for attributes in _elements(package, "xl/_rels/workbook.xml.rels", "Relationship"):
        if identity and attributes.get("Id") == identity:
            part = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))[1:]
            return part if part in package.namelist() else None
    return None


def _elements(package: zipfile.ZipFile, part: str, name: str) -> list[dict[str, str]]:
    if part not in package.namelist():
        return []
    elements: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == name:
            elements.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    for block in _blocks(package, part):
        parser.Parse(block, False)
    return elements


class _Cells:
    """Goes through a sheet's cells; one that does not say where it stands follows the last."""

    def __init__(self) -> None:
        self.found: defaultdict[int, list[int]] = defaultdict(list)
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self._line = self._column = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        at = attributes.get("r", "")
        if local == "row":
            self._line = read_whole(at, 10**9) or self._line + 1
            self._column = 0
        elif local == "c":
            letters = at.rstrip("0123456789")
            self._column = _column_number(letters) if letters else self._column + 1
        elif local == "f":
            self.found[self._column - 1].append(self._line)


def _column_number(letters: str) -> int:
    """The number of a column by its letters; A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
