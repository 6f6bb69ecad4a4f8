"""First sheets of Excel workbooks (XLSX, XLS) as lines of text cells."""

import datetime as dt
import io
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAGIC = (_ZIP, _OLE)
#: An honest statement unpacks to far less; more is an attack or a mistake.
_MOST_UNPACKED = 200_000_000
#: An old workbook ends here, whether or not the account does.
_MOST_ROWS_OF_XLS = 65_536

Lines = list[tuple[int, list[str]]]


def sheet_lines(content: bytes) -> Lines | Problem:
    """(row number, cells) of the first sheet, or why it cannot be read."""
    if content.startswith(_ZIP) and not _is_honest_package(content):
        return _unreadable("不是可读的 XLSX 工作簿,或展开后过大", "no readable XLSX, or too large")
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except CalamineError as fault:
        return _unreadable(f"工作簿无法读取:{fault}", f"cannot read the workbook: {fault}")
    except BaseException as fault:
        # a panic of the reader's Rust code on damaged XLS; its class cannot be imported
        if type(fault).__name__ != "PanicException":
            raise
        return _unreadable("工作簿已损坏", "the workbook is damaged")
    if content.startswith(_OLE) and len(rows) >= _MOST_ROWS_OF_XLS - 1:
        return _unreadable(
            "XLS 已满 65536 行,可能被截断,请分段导出", "the XLS is full: export it in parts"
        )
    return [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _is_honest_package(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            sizes = {part.filename: part.file_size for part in package.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
    return "xl/workbook.xml" in sizes and sum(sizes.values()) <= _MOST_UNPACKED


def _unreadable(zh: str, en: str) -> Problem:
    return Problem("FILE-WORKBOOK", Text(zh, en))


def _text(cell: object) -> str:
    """A cell as a CSV would state it; a number past 15 digits shows that it has lost its end."""
    match cell:
        case bool():
            return str(cell)
        case float() | int():
            return f"{cell:.15g}"
        case dt.datetime() if cell.time() == dt.time():
            return cell.date().isoformat()
        case dt.datetime():
            return cell.isoformat(" ", "seconds")
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell)
