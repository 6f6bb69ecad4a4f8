"""The lines of a text as cells, each with its number in the file, many at a time."""

import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import overload

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

Line = tuple[int, list[str]]
#: Some consecutive lines: their numbers, and their cells.
Lines = tuple[Sequence[int], Sequence[list[str]]]

_BATCH = 4096
_BREAK = re.compile("\r\n|\r|\n")


class TableError(Exception):
    """The text is no table; carries the problem."""

    def __init__(self, line: int, cause: csv.Error) -> None:
        super().__init__(str(cause))
        text = Text(f"引号或分隔有误：{cause}", f"quotes or separators: {cause}")
        self.problem = Problem("TABLE-SYNTAX", text, line=line)


class UniformLines(Sequence[list[str]]):
    """Lines of equally many cells, held column by column; a line is put together on asking."""

    def __init__(self, columns: Sequence[list[str]]) -> None:
        """``columns``: at least one."""
        self.columns = columns

    def __len__(self) -> int:
        """How many lines."""
        return len(self.columns[0])

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> "UniformLines": ...
    def __getitem__(self, at: int | slice) -> "list[str] | UniformLines":
        """The cells of a line, or the lines of a slice."""
        if isinstance(at, slice):
            return UniformLines([column[at] for column in self.columns])
        return [column[at] for column in self.columns]

    def __iter__(self) -> Iterator[list[str]]:
        """The lines in order."""
        return map(list, zip(*self.columns, strict=True))


def columns_of(lines: Sequence[list[str]]) -> Sequence[Sequence[str]]:
    """The cells of lines by column.

    Raises: ValueError where the lines have not equally many.
    """
    return lines.columns if isinstance(lines, UniformLines) else list(zip(*lines, strict=True))


def csv_lines(text: str, delimiter: str = ",") -> Iterator[Line]:
    """(line number, cells) of a text; a quoted cell may span lines, so the first one counts.

    Raises: TableError where a quote never closes or a cell is too long to be one.
    """
    for numbers, lines in csv_batches(io.StringIO(text, newline=""), delimiter):
        yield from zip(numbers, lines, strict=True)


def csv_batches(text: Iterable[str], delimiter: str = ",") -> Iterator[Lines]:
    """The same lines, many at a time, of a text that comes line by line.

    Raises: TableError.
    """
    rest, start = iter(text), 1
    while some := list(islice(rest, _BATCH)):
        joined = "".join(some)
        if joined.isspace() and not joined.strip("\r\n"):
            start += len(some)  # a damaged file can hold millions of empty lines
        elif '"' in joined or max(map(len, some)) > csv.field_size_limit():
            start += yield from _quoted(start, chain(some, rest), len(some), delimiter)
        else:
            numbers = range(start, start + len(some))
            yield numbers, _uniform(joined, len(some), delimiter) or _each(some, delimiter)
            start += len(some)


def _each(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    bare = (line.rstrip("\r\n") for line in lines)
    return [line.split(delimiter) if line else [] for line in bare]


def _uniform(text: str, count: int, delimiter: str) -> UniformLines | None:
    """So many lines without quotes at once; None where their cells differ in number, or their ends.

    An end becomes a cell of its own, and tells where it stands whether the lines are alike.
    """
    end = "\r\n" if text.endswith("\r\n") else "\n"
    if (
        text.count(end) != count
        or text.count("\n") != count
        or text.count("\r") != count * (end == "\r\n")
    ):
        return None
    cells = text.replace(end, f"{delimiter}\n{delimiter}").split(delimiter)
    cells.pop()
    width = len(cells) // count
    if width <= 2 or len(cells) % count or cells[width - 1 :: width].count("\n") != count:
        return None
    return UniformLines([cells[at::width] for at in range(width - 1)])


def _quoted(
    start: int, text: Iterable[str], most: int, delimiter: str
) -> Generator[Lines, None, int]:
    """The next lines of a text of which some cells stand in quotes; how many lines were used.

    Some banks pad cells after the closing quote; some write ``="62220001"`` so that a spreadsheet
    takes digits for a text.
    """
    ends = rf"(?=[{re.escape(delimiter)}\r\n]|$)"
    pad = re.compile(rf'"[ \t]+{ends}')
    as_text = re.compile(rf'(^|{re.escape(delimiter)})(?:="([^"]*)"|"=""([^"]*)""")[ \t]*{ends}')

    def plain(line: str) -> str:
        if '="' in line:
            line = as_text.sub(r'\1"\2\3"', line)
        return pad.sub('"', line) if '"' in line else line

    whole = map(plain, text)
    reader = csv.reader(whole, delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    fault = None
    try:
        lines.extend(islice(reader, most))
    except csv.Error as cause:
        fault = cause
    numbers: Sequence[int] = range(start, start + len(lines) + 1)
    if fault or reader.line_num != len(lines):
        numbers = list(accumulate(map(_height, lines), initial=start))
    if lines:
        yield numbers[:-1], lines
    if fault:
        raise TableError(numbers[-1], fault)
    return reader.line_num


def _height(values: Sequence[str]) -> int:
    """On how many lines of the text a line of the table stands."""
    return 1 + sum(len(_BREAK.findall(cell)) for cell in values)


def batches_of(lines: Sequence[Line]) -> Iterator[Lines]:
    """The same lines, many at a time."""
    for start in range(0, len(lines), _BATCH):
        numbers, cells_of = zip(*lines[start : start + _BATCH], strict=True)
        yield numbers, cells_of
