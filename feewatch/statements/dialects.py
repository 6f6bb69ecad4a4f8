"""Bank layouts as data: one declarative TOML file each, read strictly; none needs Python."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml, refuse_faults

#: Layouts shipped with the product.
SHIPPED = Path(__file__).parent / "layouts"

#: What a column of a layout can mean.
FIELDS = (
    "account", "account_name", "currency", "booked_on", "booked_time", "value_on", "out", "in",
    "amount", "direction", "payer", "payer_account", "payee", "payee_account", "balance",
    "counterparty", "counterparty_account", "memo", "reference", "reversal",
)  # fmt: skip
#: What a line outside the table can tell. Counts and sums are control totals; lines of ``skipped``
#: words (totals of a page, carried forward) tell nothing that the rows do not.
HEAD_FIELDS = (
    "account", "account_name", "currency", "period", "from", "to", "opening", "closing", "totals",
    "out_count", "out_sum", "in_count", "in_sum", "count", "skipped",
)  # fmt: skip
#: Columns by which direction is told where there is one amount for both.
PARTIES = ("payer_account", "payee_account")
#: One column may tell both.
_STAMPS = {"booked_on", "booked_time"}

_CHARACTER = Text("单个字符", "a single character")
_BRACKETS = str.maketrans("【】〔〕", "()()")


@lru_cache(maxsize=4096)
def column_key(name: str) -> str:
    """A column name as it is compared: NFKC, no white space, no English in square brackets.

    >>> column_key(" 借方发生额（支出）"), column_key("交易金额[ Trade Amount ]")
    ('借方发生额(支出)', '交易金额')
    """
    key = "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())
    chinese, bracket, english = key.partition("[")
    return chinese if chinese and bracket and english.isascii() else key


@dataclass(frozen=True)
class Dialect:
    """One bank layout; names are in the form of ``column_key``."""

    id: str
    title: Text
    source: str  # what the layout is known from
    proven: bool  # whether a whole header of the bank was seen
    recognise: tuple[tuple[str, ...], ...]  # of each group one name must be in the header
    columns: Mapping[str, tuple[str, ...]]  # field -> names
    ignored: tuple[str, ...]  # columns known and not read, such as ordinals
    head: Mapping[str, tuple[str, ...]]  # field of a line outside the table -> its label
    in_words: tuple[str, ...]  # where one amount column and a word tell the direction
    out_words: tuple[str, ...]
    reversal_marks: tuple[str, ...]
    currency: str | None  # where the layout has no currency column
    delimiter: str
    reversed: bool  # the columns or the sign tell money out and in the other way round
    day_first: bool  # days are DD/MM/YYYY
    trailing: bool  # each row ends in a delimiter, and the header does not

    @cached_property
    def known(self) -> frozenset[str]:
        """Every column name that the layout knows."""
        groups = (*self.columns.values(), *self.recognise, self.ignored)
        return frozenset(name for group in groups for name in group)

    def reads(self, keys: Sequence[str]) -> bool:
        """Whether rows can be read under a header: it has a day and money."""
        has = {field for field, names in self.columns.items() if not set(names).isdisjoint(keys)}
        return "booked_on" in has and ({"out", "in"} <= has or "amount" in has)

    def likeness(self, keys: Sequence[str]) -> int:
        """How many names of a header the layout knows; 0 where it is not this layout's header."""
        present = set(keys)
        if any(present.isdisjoint(group) for group in self.recognise) or not self.reads(keys):
            return 0
        return len(present & self.known)


def load_dialects(folders: Sequence[Path] = ()) -> list[Dialect]:
    """The shipped layouts and those of further folders; a later file replaces one of its id.

    Raises: InvalidInputError listing every fault.
    """
    faults: list[Problem] = []
    dialects: dict[str, Dialect] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.toml")):
            dialect = read_dialect(path, faults)
            if dialect is not None:
                dialects[dialect.id] = dialect
    refuse_faults("DIALECT", Text("版式文件有误", "a bank layout has faults"), faults)
    return list(dialects.values())


def read_dialect(path: Path, faults: list[Problem]) -> Dialect | None:
    """The layout of a file; None with its faults noted where it is none."""
    dialect, problems = _parsed(path.read_bytes(), path.name)
    faults += problems
    return dialect


@lru_cache(maxsize=256)
def _parsed(content: bytes, name: str) -> tuple[Dialect | None, tuple[Problem, ...]]:
    """The same text is read at every file that comes in."""
    faults: list[Problem] = []
    dialect = parse_dialect(content, name, faults)
    return dialect, tuple(faults)


def parse_dialect(content: bytes | str, name: str, faults: list[Problem]) -> Dialect | None:
    """The layout of a text; None with its faults noted, under the file's name, where it is none."""
    own: list[Problem] = []
    table = read_toml(content, name, own)
    dialect = _dialect(table) if table else None
    faults += own
    return None if own else dialect


def _dialect(table: Table) -> Dialect:
    dialect = Dialect(
        id=table.filled("id"),
        title=table.bilingual("title"),
        source=table.text("source", required=False),
        proven=table.flag("proven"),
        recognise=tuple(
            _keys(group.split("|")) for group in table.words("recognise", required=True)
        ),
        columns=_names(table, "columns", FIELDS, required=True),
        ignored=_keys(table.words("ignored")),
        head=_names(table, "head", HEAD_FIELDS, required=False),
        in_words=table.words("in_words"),
        out_words=table.words("out_words"),
        reversal_marks=table.words("reversal_marks"),
        currency=table.maybe("currency"),
        delimiter=table.text("delimiter", required=False, default=","),
        reversed=table.flag("reversed"),
        day_first=table.flag("day_first"),
        trailing=table.flag("trailing"),
    )
    table.end()
    if len(dialect.delimiter) != 1:
        table.must_be("delimiter", _CHARACTER, dialect.delimiter)
    _check_columns(dialect, table)
    return dialect


def _names(
    table: Table, key: str, allowed: tuple[str, ...], *, required: bool
) -> dict[str, tuple[str, ...]]:
    lists = table.word_lists(key, allowed, required=required)
    return {field: _keys(names) for field, names in lists.items()}


def _check_columns(dialect: Dialect, table: Table) -> None:
    columns = dialect.columns
    if "booked_on" not in columns:
        table.missing("columns.booked_on")
    if not ({"out", "in"} <= set(columns) or "amount" in columns):
        table.fault("columns", "须有 out 与 in，或 amount", "needs out and in, or amount")
    if "direction" in columns and not (dialect.in_words and dialect.out_words):
        table.fault(
            "in_words", "direction 须配 in_words 与 out_words", "direction needs both word lists"
        )
    if bool(dialect.reversal_marks) != ("reversal" in columns):
        table.fault(
            "reversal_marks", "须与 columns.reversal 同时给出", "goes with columns.reversal"
        )
    if len(set(PARTIES) & set(columns)) == 1:
        table.fault(
            "columns", "付款人与收款人账号须同时给出", "payer and payee accounts go together"
        )
    meanings: dict[str, str] = {}
    for field, names in columns.items():
        for name in names:
            other = meanings.setdefault(name, field)
            if other != field and {other, field} != _STAMPS:
                table.fault(
                    f"columns.{field}", f"“{name}”已用于 {other}", f"{name} means {other} too"
                )


def _keys(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(column_key, names))
