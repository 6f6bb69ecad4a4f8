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
#: So many characters of an open text: some thousands of lines too.
_CHUNK = 1 << 19
_BREAK = re.compile("\r\n|\r|\n")


class TableError(Exception):
    """The text is no table; carries the problem."""

    def __init__(self, line: int, cause: csv.Error) -> None:
        super().__init__(str(cause))
        limit = csv.field_size_limit()
        text = Text(
            "引号没有收尾、引号后有多余文字或引号内外混用，请从网银重新导出",
            f"quotes or separators: {cause}",
        )
        if f"({limit})" in str(cause):
            text = Text(
                f"有一格超过 {limit:,} 个字符：不是对账单，或引号没有收尾",
                f"a cell has more than {limit:,} characters: no statement, or a quote left open",
            )
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
    """The same lines, many at a time, of a text that comes line by line, or of one that is open.

    Raises: TableError.
    """
    rest, start = iter(text), 1
    while some := _some(text, rest):
        joined = some if isinstance(some, str) else "".join(some)
        count = joined.count("\n")
        if '"' not in joined and (uniform := _uniform(joined, count, delimiter)):
            yield range(start, start + count), uniform
            start += count
            continue
        lines = list(io.StringIO(some, newline="")) if isinstance(some, str) else some
        if joined.isspace() and not joined.strip("\r\n"):
            start += len(lines)  # a damaged file can hold millions of empty lines
        elif '"' in joined or max(map(len, lines)) > csv.field_size_limit():
            start += yield from _quoted(start, chain(lines, rest), len(lines), delimiter)
        else:
            yield range(start, start + len(lines)), _each(lines, delimiter)
            start += len(lines)


def _some(text: Iterable[str], rest: Iterator[str]) -> str | list[str]:
    """The next lines, as one text where it can be read so; empty at the end."""
    if not isinstance(text, io.TextIOBase):
        return list(islice(rest, _BATCH))
    return text.read(_CHUNK) + text.readline()


def _each(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    bare = (line.rstrip("\r\n") for line in lines)
    return [line.split(delimiter) if line else [] for line in bare]


def _uniform(text: str, count: int, delimiter: str) -> UniformLines | None:
    """So many lines without quotes at once; None where their cells or their ends are not alike.

    Between delimiters the last cell of a line and the first of the next stand together.
    """
    end = "\r\n" if text.endswith("\r\n") else "\n"
    if not count or not text.endswith(end) or text.count(end) != count:
        return None
    if text.count("\r") != (count if end == "\r\n" else 0) or _has_long_cell(text, delimiter):
        return None
    cells = text.split(delimiter)
    step, odd = divmod(len(cells) - 1, count)
    seams = cells[step::step] if step else []
    if odd or not all(end in seam for seam in seams) or not seams:
        return None
    both = delimiter.join(seams).replace(end, delimiter).split(delimiter)
    return UniformLines(
        [
            [cells[0], *both[1:-1:2]],
            *(cells[at::step] for at in range(1, step)),
            both[::2],
        ]
    )


def _has_long_cell(text: str, delimiter: str) -> bool:
    """Whether a cell may be longer than any is: a long stretch without a delimiter."""
    half = csv.field_size_limit() // 2
    return any(
        text.find(delimiter, at, at + half) < 0 for at in range(0, len(text) - half + 1, half)
    )


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
