"""Recognises a bank file from its content and reads it; never from its name alone.

The edge of all reading: whatever a reader stumbles on refuses that one file, and is put on record
for the operator.
"""

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from feewatch.kernel.garbage import no_collection
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import decode
from feewatch.sheets.lines import Lines, batches_of, csv_batches, csv_lines
from feewatch.sheets.opening import MAGIC
from feewatch.statements import formats, long_tables, workbook
from feewatch.statements.dialects import Dialect
from feewatch.statements.headers import Header, find_header
from feewatch.statements.lengths import bounded
from feewatch.statements.long_tables import LongFile
from feewatch.statements.model import FileReading, Statement
from feewatch.statements.ofx import read_ofx
from feewatch.statements.sections import EMPTY
from feewatch.statements.tabular import ends_open, read_table

_log = logging.getLogger(__name__)
#: A header is looked for in so much of a text.
_TOP = 100_000
#: Tables saved anew by a spreadsheet are apart by tabs.
_DELIMITERS = (",", "\t", "|")
#: A file that is wrong throughout need not be told so line by line.
_MOST_PROBLEMS = 50


def read(
    content: bytes | LongFile, name: str, dialects: Sequence[Dialect], dialect: str | None = None
) -> FileReading:
    """The statements of a file, or why it holds none.

    ``content``: the bytes, or where they lie if they may be too many to hold; ``dialect``: the
    layout where the officer knows better than recognition; ``name`` serves problems alone.
    """
    try:
        with no_collection():
            reading = _read_either(content, dialects, dialect)
            _drop_ordinals(reading.statements)
            for statement in reading.statements[1:] and reading.statements:
                _drop_ordinals([statement])  # they may begin anew with each account
    except OSError:  # of the disk, and no fault of the file
        raise
    except Exception:  # noqa: BLE001 - the edge of reading: no file stops the others
        # by its kind alone: the name of a file may be that of a payer
        _log.exception("the reader failed at a file %s", name.rpartition(".")[2][:8])
        reading = FileReading(dialect, (), (_reader_problem(),))
    problems = tuple(_named(problem, name) for problem in reading.problems[:_MOST_PROBLEMS])
    return replace(reading, problems=problems)


def _reader_problem() -> Problem:
    text = Text(
        "读取程序在此文件上出错，文件可能已损坏，请从网银重新导出；详情已记入运行日志",
        "the reader failed at this file, which may be damaged: export it anew from the bank; "
        "the log has the details",
    )
    return Problem("FILE-READER", text)


def _read_either(
    content: bytes | LongFile, dialects: Sequence[Dialect], dialect: str | None
) -> FileReading:
    if isinstance(content, bytes):
        return _read(content, dialects, dialect)
    reading = _read_long(content, dialects, dialect)
    return _read(content.read_bytes(), dialects, dialect) if reading is None else reading


def _drop_ordinals(statements: Sequence[Statement]) -> None:
    """Forget references that only count the rows of these, whichever way round they are listed."""
    count = sum(len(statement.rows) for statement in statements)
    numbers = []
    for statement in statements:
        lines, references = statement.rows.column("line"), statement.rows.column("reference")
        for line, reference in zip(lines, references, strict=True):
            number = read_whole(reference or "", count)
            if number is None:
                return  # mostly at the first row
            numbers.append((line, number))
    counted = [number for _, number in sorted(numbers)]
    if counted not in (list(range(1, count + 1)), list(range(count, 0, -1))):
        return
    for statement in statements:
        statement.rows = statement.rows.without("reference")


def _named(problem: Problem, name: str) -> Problem:
    return Problem(problem.code, problem.message, name, problem.line, problem.column, problem.value)


def _read_long(
    file: LongFile, dialects: Sequence[Dialect], dialect: str | None
) -> FileReading | None:
    """The statements of a table, line by line; None where the file is to be read whole."""
    wanted = [each for each in dialects if dialect in (None, each.id)]
    for encoding in long_tables.ENCODINGS:
        top = long_tables.read_top(file, _TOP, encoding)
        if not top or formats.is_message(top):
            continue
        place = _find_header(top, wanted, is_chosen=dialect is not None)
        if place is None:
            continue
        header, delimiter = place
        is_cut = long_tables.is_cut(file)
        try:
            with long_tables.open_lines(file, encoding) as lines:
                return _read_under(header, csv_batches(lines, delimiter), is_cut=is_cut)
        except long_tables.UnusualBytes:
            continue
    return None


def _read(content: bytes, dialects: Sequence[Dialect], dialect: str | None) -> FileReading:
    wanted = [each for each in dialects if dialect in (None, each.id)]
    if content.startswith(MAGIC):
        book = workbook.open_sheets(content)
        if isinstance(book, Problem):
            return FileReading(dialect, (), (book,))
        return _read_workbook(book, wanted, is_chosen=dialect is not None)
    if formats.is_ofx(content, dialect):
        return bounded(read_ofx(content))
    text = decode(content)
    if isinstance(text, Problem):
        return FileReading(dialect, (), (text,))
    if dialect is None or dialect in formats.NAMES:
        message = formats.read_message(text, dialect)
        if message is not None:
            return message
    return _read_text(text, wanted, is_chosen=dialect is not None)


def _read_text(text: str, dialects: Sequence[Dialect], *, is_chosen: bool) -> FileReading:
    place = _find_header(text[:_TOP], dialects, is_chosen=is_chosen)
    if place is None:
        return _no_header()
    header, delimiter = place
    lines = csv_batches(io.StringIO(text, newline=""), delimiter)
    return _read_under(header, lines, is_cut=ends_open(text))


def _find_header(
    top: str, dialects: Sequence[Dialect], *, is_chosen: bool
) -> tuple[Header, str] | None:
    """The header that the top of a text holds, and what keeps its cells apart."""
    for delimiter in dict.fromkeys((*_DELIMITERS, *(each.delimiter for each in dialects))):
        header = find_header(csv_lines(top, delimiter), dialects, is_chosen=is_chosen)
        if header is not None:
            return header, delimiter
    return None


def _read_workbook(
    book: workbook.BankWorkbook, dialects: Sequence[Dialect], *, is_chosen: bool
) -> FileReading:
    """The statements of all sheets that are tables; what others there are is said."""
    headers = [find_header(sheet.lines, dialects, is_chosen=is_chosen) for sheet in book.sheets]
    is_part = sum(header is not None for header in headers) > 1
    parts: list[tuple[str, FileReading]] = []
    others: list[str] = []
    for sheet, header in zip(book.sheets, headers, strict=True):
        if header is None:
            others.append(sheet.name)
            continue
        reading = _read_under(header, batches_of(sheet.lines), is_part=is_part)
        if is_part and [each.code for each in reading.problems] == [EMPTY]:
            others.append(sheet.name)
            continue
        reading = workbook.remark(reading, sheet, header.dialects[0], header.keys)
        parts.append((sheet.name, reading))
    if not parts:
        names = others if len(others) > 1 else []
        notes = workbook.unread([], names, book.hidden)
        return FileReading(None, (), (*_no_header().problems, *notes))
    notes = workbook.unread([name for name, _ in parts], others, book.hidden)
    return workbook.merged(parts, notes)


def _read_under(
    header: Header, lines: Iterable[Lines], *, is_cut: bool = False, is_part: bool = False
) -> FileReading:
    if header.tie:
        return FileReading(None, (), (header.tie,))
    (dialect,) = header.dialects
    reading = read_table(lines, header.line, dialect, is_cut=is_cut, is_part=is_part)
    for statement in () if dialect.proven else reading.statements:
        statement.notes.append(Problem("LAYOUT-UNPROVEN", _unproven(dialect), line=header.line))
    return replace(reading, header=header.hash)


def _unproven(dialect: Dialect) -> Text:
    return Text(
        f"按“{dialect.title.zh}”读取，此版式未经真实文件验证，请核对",
        f"read as {dialect.title.en}: this layout was not tried on a real file, check it",
    )


def _no_header() -> FileReading:
    return _unknown(
        "不是已知银行版式：找不到表头；可先整理成通用版式",
        "no known bank layout: the header was not found; the generic layout always works",
    )


def _unknown(zh: str, en: str) -> FileReading:
    return FileReading(None, (), (Problem("FILE-LAYOUT", Text(zh, en)),))
