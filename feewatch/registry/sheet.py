"""Bytes of a CSV or XLSX file -> rows of text cells with their lines; what kind decides content.

Encodings are decided strictly (mark, else UTF-8, else GB18030), never guessed by likelihood.
"""

import csv
import datetime as dt
import io
from collections.abc import Collection
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.harmless import OLE_MAGIC, ZIP_MAGIC, workbook_fault

_GB18030_MARK = b"\x84\x31\x95\x33"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: Excel keeps 15 significant digits of a number; longer ones have lost their end.
_EXACT_BELOW = 10**15


class SheetRow(NamedTuple):
    """One row as it lies in the file; ``line`` counts from 1."""

    line: int
    cells: list[str]


class RegisterSheet(NamedTuple):
    """The first sheet of a file: its header, its rows that are not empty."""

    header: SheetRow
    rows: list[SheetRow]
    #: (line, index) of number cells with too many digits to be true.
    lossy: frozenset[tuple[int, int]] = frozenset()

    def without(self, columns: Collection[int]) -> "RegisterSheet":
        """The sheet with the cells of some columns emptied; their headers stay."""
        if not columns:
            return self
        rows = [
            row._replace(cells=["" if n in columns else cell for n, cell in enumerate(row.cells)])
            for row in self.rows
        ]
        return self._replace(rows=rows)


class SheetError(Exception):
    """The file cannot be read as a table; carries the problem."""

    def __init__(self, code: str, zh: str, en: str, line: int | None = None) -> None:
        super().__init__(en)
        self.problem = Problem(code, Text(zh, en), line=line)


def read_sheet(data: bytes) -> RegisterSheet:
    """The table of a file.

    Raises: SheetError where the bytes are no CSV in UTF-8 or GB18030 and no XLSX, or are empty.
    """
    if data.startswith(ZIP_MAGIC):
        rows, lossy = _workbook_rows(data)
    elif data.startswith(OLE_MAGIC):
        raise SheetError("FILE-FORMAT", "旧版 XLS,请另存为 XLSX", "an old XLS: save it as XLSX")
    else:
        rows, lossy = _text_rows(decode(data)), frozenset()
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise SheetError("FILE-EMPTY", "文件没有内容", "the file is empty")
    return RegisterSheet(filled[0], filled[1:], lossy)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 or GB18030, with or without a byte order mark.

    Raises: SheetError for any other encoding and for NUL.
    """
    if data.startswith(_UTF16_MARKS):
        raise SheetError(
            "ENCODING", "编码为 UTF-16,请存为 UTF-8 或 GB18030", "UTF-16: save as UTF-8 or GB18030"
        )
    text = _decoded(data).removeprefix("\ufeff")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SheetError("NUL", "含空字节(NUL)", "holds a NUL byte", line)
    return text


def _decoded(data: bytes) -> str:
    if not data.startswith(_GB18030_MARK):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as fault:
            utf8_fault = fault
        if data.startswith(b"\xef\xbb\xbf"):
            raise _not_decoded(data, utf8_fault)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as fault:
        raise _not_decoded(data, fault) from None


def _not_decoded(data: bytes, fault: UnicodeDecodeError) -> SheetError:
    line = data.count(b"\n", 0, fault.start) + 1
    return SheetError(
        "ENCODING", "既非 UTF-8 也非 GB18030 编码", "neither UTF-8 nor GB18030 throughout", line
    )


def _text_rows(text: str) -> list[SheetRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[SheetRow] = []
    line = 1
    try:
        for cells in reader:
            rows.append(SheetRow(line, cells))
            line = reader.line_num + 1
    except csv.Error as fault:
        raise SheetError(
            "CSV-SYNTAX",
            f"引号或分隔有误:{fault}",
            f"quotes or separators: {fault}",
            line,
        ) from None
    return rows


def _workbook_rows(data: bytes) -> tuple[list[SheetRow], frozenset[tuple[int, int]]]:
    fault = workbook_fault(data)
    if fault is not None:
        raise SheetError(fault.code, *fault.message)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        table = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError) as cause:
        raise SheetError(
            "FILE-FORMAT", f"XLSX 无法读取:{cause}", f"cannot read the XLSX: {cause}"
        ) from None
    lossy = frozenset(
        (line, index)
        for line, cells in enumerate(table, 1)
        for index, cell in enumerate(cells)
        if isinstance(cell, int | float) and abs(cell) >= _EXACT_BELOW
    )
    rows = [SheetRow(line, [_cell_text(cell) for cell in row]) for line, row in enumerate(table, 1)]
    return rows, lossy


def _cell_text(cell: object) -> str:
    """A workbook's cell as a CSV would state it."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
