"""Whether a workbook may be handed to a reader that lays a sheet out in memory as one rectangle.

A few hundred bytes can name a cell in the far corner of a sheet, or unpack to gigabytes. This
looks at the package as it streams by, in constant memory, and never keeps a value.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from xml.parsers import expat

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
#: Rows by columns that a sheet may span, and texts that cells may share: some 300 MB in a reader.
MAX_CELLS = 5_000_000
#: An honest sheet of so many cells unpacked is smaller.
MAX_UNPACKED_BYTES = 400_000_000
#: Sheets of equal rows pack about 60 to 1; what packs better and is large was made to be so.
MAX_RATIO = 200
_RATIO_FROM_BYTES = 16_000_000
MAX_OLE_BYTES = 20_000_000
_MAX_PARTS = 10_000
_BLOCK = 1 << 20
#: What the readers of packages raise on damaged ones: offsets before the file, lengths past its
#: end, names in no encoding, times that are none.
_STUMBLES = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, ArithmeticError, EOFError,
    LookupError, OSError, RuntimeError, ValueError,
)  # fmt: skip
#: Main parts of formats that a reader might fall back to and this does not look through.
_OTHER_FORMATS = frozenset({"content.xml", "xl/workbook.bin"})
#: Every cell and row of a plain block says where it stands in its first attribute.
_CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"')
_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
#: A row number of fewer digits does no harm in a sheet of few columns, whichever row it names.
_FAR_CELL = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{6,7})"')
_FEW_COLUMNS = MAX_CELLS // 100_000
#: Names with a prefix that might be of a cell, a row, a formula or a shared text.
_PREFIXED = re.compile(rb":(?:c|row|f|s)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_UTF16 = (b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0", b"\0<")
_ODD = re.compile(rb"<(?:c|row)[>/\t\r\n]")


class _HostileError(Exception):
    """Carries the problem of a workbook."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.problem = Problem(code, Text(zh, en))


def look_through(data: bytes) -> Problem | frozenset[str]:
    """The parts that may hold formulas, or why bytes that begin as a workbook must not be read.

    Of an old XLS only the size is looked at.
    """
    if data.startswith(OLE_MAGIC):
        return _too_large().problem if len(data) > MAX_OLE_BYTES else frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _look_at(package)
    except _HostileError as fault:
        return fault.problem
    except _STUMBLES:
        return _unreadable().problem


def too_wide() -> Problem:
    """That the sheets of a workbook span more than a reader should lay out."""
    return _too_wide().problem


def _unreadable() -> _HostileError:
    return _HostileError("FILE-FORMAT", "不是可读的 XLSX 工作簿", "no readable XLSX workbook")


def _too_large() -> _HostileError:
    return _HostileError(
        "WORKBOOK-SIZE",
        "工作簿展开后过大，疑似压缩炸弹；请拆分后再交",
        "too large when unpacked: split the workbook",
    )


def _too_wide() -> _HostileError:
    return _HostileError(
        "WORKBOOK-EXTENT",
        f"工作表的行数乘以列数超过 {MAX_CELLS:,}；请删除数据之外的空行空列，或拆分后再交",
        f"rows by columns of a sheet exceed {MAX_CELLS:,}: delete the empty rows and columns "
        "around the data, or split the workbook",
    )


def _look_at(package: zipfile.ZipFile) -> frozenset[str]:
    parts = package.infolist()
    names = set(package.namelist())
    if "xl/workbook.xml" not in names or names & _OTHER_FORMATS or len(parts) > _MAX_PARTS:
        raise _unreadable()
    allowed = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(part.flag_bits & 1 or part.compress_type not in allowed for part in parts):
        raise _HostileError(
            "FILE-FORMAT", "工作簿已加密或压缩方式不支持", "encrypted, or packed in another way"
        )
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise _too_large()
    left, computed = MAX_UNPACKED_BYTES, set()
    for part in parts:
        size, has_formula = _look_at_part(package, part, left)
        left -= size
        if has_formula:
            computed.add(part.filename)
    return frozenset(computed)


def _look_at_part(package: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> tuple[int, bool]:
    """The true size of a part unpacked and whether it may hold formulas, its extent harmless."""
    plain, size = _PlainExtent(), 0
    for block in _unpacked(package, part, most):
        plain.take(block)
        size += len(block)
    if plain.is_unsure():
        exact = _ExactExtent()
        for block in _unpacked(package, part, most):
            exact.take(block)
        exact.finish()
    return size, plain.has_formula


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    declared, part.file_size = part.file_size, most + 1  # the declared size may lie
    try:
        size = 0
        with package.open(part) as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                too_tight = size > max(_RATIO_FROM_BYTES, MAX_RATIO * part.compress_size)
                if size > most or too_tight:
                    raise _too_large()
                yield block
    finally:
        part.file_size = declared


class _PlainExtent:
    """The extent of a sheet as all common programs write it, at the speed of a search.

    Of a block in which every cell lies within an extent that does no harm, nothing is measured.
    """

    def __init__(self) -> None:
        self.has_formula = False
        self._rest = b""
        self._widest = 1
        self._rows = self._texts = 0
        self._most_rows = 0  # where rows were not measured, they are no more
        self._is_plain, self._matters = True, False

    def is_unsure(self) -> bool:
        """Whether the part, now at its end, is a sheet or shared texts written in an odd way."""
        self._look_at(self._rest)
        return self._matters and not self._is_plain

    def take(self, block: bytes) -> None:
        """Take note of the next block of a part."""
        if not self._rest and block.startswith(_UTF16):
            raise _unreadable()  # this search would not see through it
        whole = self._rest + block
        cut = max(whole.rfind(b"<"), 0)
        if len(whole) - cut > _BLOCK:  # a tag, or a text, that no sheet needs
            self._is_plain, cut = False, len(whole)
        self._rest = whole[cut:]
        self._look_at(whole[:cut])

    def _look_at(self, block: bytes) -> None:
        remarkable, most_rows = _beyond(self._widest, self._rows)
        if not remarkable.search(block) and not _PREFIXED.search(block):
            self._most_rows = max(self._most_rows, most_rows)
            return
        if b"<!DOCTYPE" in block:
            raise _doctype()
        self._matters |= b"sheetData" in block or b"<sst" in block or b":sst" in block
        self.has_formula = self.has_formula or bool(_FORMULA.search(block))
        if self._is_plain:
            self._measure(block)

    def _measure(self, block: bytes) -> None:
        columns, rows = _CELL.findall(block), _ROW.findall(block)
        self._widest = max(self._widest, 1, *map(_column_number, set(columns)))
        far = _FAR_CELL.findall(block)
        self._rows = max(self._rows, 0, *map(int, far), *map(int, rows))
        self._texts += block.count(b"<si")
        self._is_plain = (
            self._widest <= _FEW_COLUMNS
            and self._most_rows * self._widest <= MAX_CELLS
            and not (
                _has_others(block, b"<c", len(columns))
                or _has_others(block, b"<row", len(rows))
                or b":c" in block
                or b":row" in block
                or b":si" in block
            )
        )
        if self._rows * self._widest > MAX_CELLS or self._texts > MAX_CELLS:
            raise _too_wide()


@lru_cache(maxsize=256)
def _beyond(columns: int, rows: int) -> tuple[re.Pattern[bytes], int]:
    """What finds all but cells and rows of about this extent, and the most rows it passes over."""
    last = chr(64 + (columns - 1) % 26 + 1)
    letters = f"[A-{last}]" if columns <= 26 else f"(?:[A-Z]|A[A-{last}])"
    hundred_thousands = rows // 100_000
    digits = "[0-9]{1,5}"
    if hundred_thousands:
        digits = f"(?:{digits}|[1-{hundred_thousands}][0-9]{{5}})"
    most_rows = (hundred_thousands + 1) * 100_000 - 1
    if most_rows * columns > MAX_CELLS or hundred_thousands > 9:
        return re.compile(b"<"), 0
    plain = f' r="{letters}{digits}"|ol', f' r="{digits}"'
    others = r"f[\s/>]|s(?:i|st|heetData)|!DOCTYPE"
    return re.compile(f"<(?:c(?!{plain[0]})|row(?!{plain[1]})|{others})".encode()), most_rows


def _has_others(block: bytes, start: bytes, plain: int) -> bool:
    """Whether cells or rows stand in a block beside those that a plain search found."""
    if block.count(start) == plain:
        return False
    return block.count(start + b" ") != plain or bool(_ODD.search(block))


class _ExactExtent:
    """The extent of a sheet by a real parser: any prefix, any order, positions left out."""

    def __init__(self) -> None:
        self._row = self._column = self._rows = self._columns = self._texts = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def take(self, block: bytes) -> None:
        """Take note of the next block of a part."""
        self._parser.Parse(block, False)

    def finish(self) -> None:
        """Nothing, where the part ends as XML does."""
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _doctype()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._row = _row_number(attributes.get("r", "")) or self._row + 1
            self._column = 0
        elif local == "c":
            self._place_cell(attributes.get("r", ""))
        elif local == "si":
            self._texts += 1
        else:
            return
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
        if self._rows * max(self._columns, 1) > MAX_CELLS or self._texts > MAX_CELLS:
            raise _too_wide()

    def _place_cell(self, at: str) -> None:
        letters = at.rstrip("0123456789")
        if letters.isascii() and letters.isalpha():
            self._column = _column_number(letters[:9].upper().encode())
            self._rows = max(self._rows, _row_number(at[len(letters) :]))
        else:
            self._column += 1


def _row_number(digits: str) -> int:
    """The number of a row, or 0 where it is none; a longer one would wrap around in a reader."""
    if len(digits) > 7:
        raise _too_wide()
    return int(digits) if digits.isdecimal() else 0


def _column_number(letters: bytes) -> int:
    """The number of a column by its letters; A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _doctype() -> _HostileError:
    return _HostileError(
        "XML-DOCTYPE", "工作簿含 DOCTYPE，不予读取", "the workbook holds a DOCTYPE and is not read"
    )
