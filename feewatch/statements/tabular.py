"""Reads bank tables (CSV, TXT, sheets) by a declarative layout: head lines, rows, foot lines.

Tables of several accounts may stand one below the other; each is a section of its own, and where
two cannot be told apart the file is refused.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import CUT
from feewatch.sheets.lines import Lines, TableError, UniformLines, columns_of
from feewatch.statements import cells
from feewatch.statements.batches import Batch, BatchReader, UnusualLine, split_by
from feewatch.statements.between import Between, Follows
from feewatch.statements.columns import Spool
from feewatch.statements.dialects import Dialect, column_key
from feewatch.statements.model import FileReading, Statement
from feewatch.statements.refusals import whole_or_each
from feewatch.statements.rows import BankCellFault, RowCells, RowReader
from feewatch.statements.sections import Key, Section, nothing
from feewatch.statements.stated_balances import StatedBalance

#: Fewer lines are no quicker together.
_FEW = 4
#: Of cells beyond the header so many are named.
_MOST_SHOWN = 5
#: What amounts of nothing are written with.
_NOTHING = "0.,-—+ \t"


def read_table(
    batches: Iterable[Lines],
    header: int,
    dialect: Dialect,
    *,
    is_cut: bool = False,
    is_part: bool = False,
) -> FileReading:
    """The statements of a table: one an account, in the order in which accounts appear.

    ``is_cut``: the last line has no end, so that it may be half a row. ``is_part``: the file has
    other tables, so that a statement that cannot be read refuses itself alone.
    """
    reader = _TableReader(dialect)
    try:
        for numbers, lines in batches:
            if header in numbers:
                at = numbers.index(header)
                reader.take_all(numbers[:at], lines[:at])
                reader.take_header(header, lines[at])
                reader.take_all(numbers[at + 1 :], lines[at + 1 :])
            else:
                reader.take_all(numbers, lines)
    except TableError as fault:
        return FileReading(dialect.id, (), (fault.problem,))
    return reader.finish(is_cut=is_cut, is_part=is_part)


def ends_open(text: str) -> bool:
    """Whether the last line of a text has no end."""
    return text[-1:] not in ("\n", "\r", "")


class _TableReader:
    """Goes through the lines once; columns are known once the header was seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._header: list[str] = []
        self._header_line = 0
        self._width = 0  # of the header, without columns that it does not name
        self._reader: RowReader | None = None
        self._batch: BatchReader | None = None
        self._spool = Spool()
        self._section = Section(dialect, self._spool)
        self._sections = [self._section]
        self._between = Between(dialect)
        self._last: tuple[int, list[str], Key | None] | None = None

    def take_header(self, number: int, values: list[str]) -> None:
        """Take the line that names the columns of this account."""
        self._header, self._header_line = values, number
        self._width = max((at for at, name in enumerate(values, 1) if name.strip()), default=0)
        own = self._section.outside.head.account
        self._reader = RowReader(self._dialect, values, None if own and "*" in own else own)
        batch = BatchReader(self._reader)
        self._batch = batch if batch.is_possible else None
        self._section.is_begun = True
        if self._reader.doubled:
            names = "、".join(self._reader.doubled)
            text = Text(f"表头列名重复：{names}", f"the header repeats columns: {names}")
            self._section.problems.append(Problem("TABLE-HEADER", text, line=number))

    def take_all(self, numbers: Sequence[int], lines: Sequence[list[str]]) -> None:
        """Take lines: those that are plain rows together, any other by itself."""
        is_row = self._plain_rows(lines)
        start = 0
        for is_plain, group in groupby(is_row):
            end = start + sum(1 for _ in group)
            few = slice(start, end)
            if not (is_plain and end - start > _FEW and self._take_rows(numbers[few], lines[few])):
                for at in range(start, end):
                    if any(lines[at]):
                        self.take(numbers[at], lines[at])
            start = end

    def _plain_rows(self, lines: Sequence[list[str]]) -> list[bool]:
        """For each line whether it looks like any row: as wide, no header, no label in front."""
        if self._batch is None:
            return [False] * len(lines)
        width = len(self._header)
        if isinstance(lines, UniformLines):
            first, widths = set(lines.columns[0]), {len(lines.columns)}
        else:
            first, widths = {values[0] for values in lines if values}, set(map(len, lines))
        outside = self._section.outside
        plain = {cell for cell in first if cell and not outside.is_label(cell)}
        plain.discard(self._header[0])
        if plain == first and widths == {width}:
            return [True] * len(lines)
        return [len(values) == width and values[0] in plain for values in lines]

    def _take_rows(self, numbers: Sequence[int], lines: Sequence[list[str]]) -> bool:
        """Take lines as rows all together; False, with nothing taken, where one is unusual."""
        if self._batch is None or self._reader is None or self._between.awaits_values:
            return False
        columns = columns_of(lines)
        memos = {cell for place in self._reader.memo_places for cell in columns[place]}
        if any(map(self._section.outside.among_rows, memos)):
            return False
        if any(any(column) for column in columns[self._width :]):
            return False
        try:
            batch = self._batch.read(numbers, columns)
        except UnusualLine:
            return False
        self._settle_between(follows="row")
        keys = self._keys(batch)
        section = self._section
        for key, block in split_by(keys, batch.block).items():
            section.rows.add(key, block)
        for key in set(keys):
            if key[0] not in section.names:
                name = batch.names[keys.index(key)] if batch.names else ""
                section.names[key[0]] = cells.word(name)
        self._last = numbers[-1], lines[-1], keys[-1]
        return True

    def _keys(self, batch: Batch) -> list[Key]:
        accounts, currencies = set(batch.accounts), set(batch.currencies)
        if len(accounts) == len(currencies) == 1:
            return [self._section.key(accounts.pop(), currencies.pop())] * len(batch.accounts)
        pairs = list(zip(batch.accounts, batch.currencies, strict=True))
        known = {each: self._section.key(*each) for each in set(pairs)}
        return list(map(known.__getitem__, pairs))

    def take(self, number: int, values: list[str]) -> None:
        """Take a line: a row, a header again, or a line outside the table."""
        if self._reader is None:
            self._section.take_outside(number, values, (-1, -1))
        elif values == self._header or self._is_header(values):
            self._settle_between(follows="header")
            if values != self._header or not self._section.is_begun:
                self.take_header(number, values)
        else:
            self._last = number, values, self._take_under(self._reader, number, values)

    def _is_header(self, values: Sequence[str]) -> bool:
        """Whether a line is a header of this layout in another form."""
        if sum(map(bool, values)) < 3 or any(each[:1].isdigit() for each in values):
            return False
        return self._dialect.likeness([column_key(each) for each in values]) > 0

    def _take_under(self, reader: RowReader, number: int, values: list[str]) -> Key | None:
        """The account and currency of the row that a line under the header is, if it is one."""
        row_cells = reader.told(values)
        if self._between.claims(values) or not reader.is_row(row_cells):
            self._between.take(number, values, reader.sides)
            if self._between.is_long:
                self._settle_between(follows="end")
            return None
        if self._take_summary(reader, number, values, row_cells):
            return None
        self._settle_between(follows="row")
        section = self._section
        reader = self._reader or reader
        if self._is_too_long(values):
            section.problems.append(_too_long(number, values, self._width))
            return None
        try:
            row, key = (
                reader.row(number, row_cells),
                section.key(reader.account(row_cells), row_cells.currency),
            )
        except BankCellFault as fault:
            section.fault(number, fault.field, fault.zh, fault.en)
            return None
        section.rows.add(key, tuple([field] for field in row))
        if key[0] not in section.names:
            section.names[key[0]] = cells.word(row_cells.account_name)
        return key

    def _is_too_long(self, values: Sequence[str]) -> bool:
        """Whether a row has more cells than the header: then no cell can be trusted."""
        surplus = len(values) - len(self._header) - self._dialect.trailing
        return surplus > 0 or any(each.strip() for each in values[self._width :])

    def _take_summary(
        self, reader: RowReader, number: int, values: list[str], told: RowCells
    ) -> bool:
        """Take a row of the bank's own that is no entry: a balance, or a total of rows."""
        has_amount = any(each.strip(_NOTHING) for each in (told.out, told.into, told.amount))
        named = [values[at] for at in reader.memo_places if at < len(values)]
        is_word = self._section.outside.among_rows
        kinds = map(is_word, named if has_amount else values)
        kind = next(filter(None, kinds), None)
        parties = filter(cells.word, (told.counterparty, told.counterparty_account))
        if kind is None or not all(map(is_word, parties)):
            return False
        try:
            balance = cells.amount(told.balance)
        except ValueError:
            return False
        if kind in ("totals", "skipped") and (has_amount or balance is None):
            self._between.take(number, values, reader.sides)
        elif has_amount or balance is None:
            return False
        else:
            self._settle_between(follows="row")
            day = None
            if cells.word(told.booked_on):
                try:
                    day = reader.booked_moment(told.booked_on)[0]
                except BankCellFault as fault:
                    self._section.fault(number, fault.field, fault.zh, fault.en)
            self._section.balances.append(StatedBalance(number, kind, day, balance))
        return True

    def _settle_between(self, *, follows: Follows) -> None:
        """Give the lines since the last row to this section, or the next, which begins there."""
        section = self._section
        foot, head, account = self._between.divide(section, follows=follows)
        sides = self._reader.sides if self._reader else (-1, -1)
        for number, values in foot:
            section.take_outside(number, values, sides)
        if account is None:
            return
        self._section = Section(self._dialect, self._spool, account or None)
        self._sections.append(self._section)
        for number, values in head:
            self._section.take_outside(number, values, sides)
        if follows != "header":
            self.take_header(self._header_line, self._header)

    def _take_back_cut_row(self) -> Problem | None:
        """What is wrong with the last line, where it is a row cut in two; it is no row then."""
        if self._last is None:
            return None
        number, values, key = self._last
        is_whole = len(values) >= len(self._header) and CUT not in values[-1]
        if is_whole or not values[0].strip("='\" \t")[:1].isdigit():
            return None
        section = self._section
        section.problems = [each for each in section.problems if each.line != number]
        if key is not None:
            section.rows.drop_last(key)
        text = Text("文件不完整，末行被截断", "the file is cut off inside its last row")
        return Problem("TABLE-CUT", text, line=number)

    def finish(self, *, is_cut: bool, is_part: bool) -> FileReading:
        """What all the lines come to."""
        self._settle_between(follows="end")
        self._section.cut = self._take_back_cut_row() if is_cut else None
        statements: list[Statement] = []
        problems = list(self._between.problems)
        has_accounts = bool(self._reader and self._reader.has_accounts)
        for section in self._sections:
            section.name_accounts(has_accounts=has_accounts)
            n = len(statements) + 1
            if not section.problems:
                statements += section.statements(n)
                continue
            has_others = is_part or len(self._sections) > 1
            if has_others and section.accounts and (refusal := section.refusal(n)) is not None:
                statements.append(refusal)
            else:
                problems += section.problems
        if problems:
            return FileReading(self._dialect.id, (), tuple(problems))
        if not statements:
            return nothing(self._dialect.id)
        if is_part:
            return FileReading(self._dialect.id, tuple(statements))
        return whole_or_each(self._dialect.id, statements)


def _too_long(number: int, values: Sequence[str], width: int) -> Problem:
    """``width``: of the header, up to the last column that has a name."""
    told = [cells.shown(each) for each in values[width:] if each.strip()]
    surplus = "、".join([*told[:_MOST_SHOWN], *(["…"] if len(told) > _MOST_SHOWN else [])])
    text = Text(
        f"本行有 {len(values)} 格，表头只有 {width} 列，格子已错位（多出：{surplus or '空格'}）；"
        "文字中的逗号须加引号，请从网银重新导出",
        f"the row has {len(values)} cells under a header of {width}, so that cells are "
        f"shifted (beyond it: {surplus or 'blank ones'}): a comma in a text needs quotes",
    )
    return Problem("TABLE-WIDTH", text, line=number)
