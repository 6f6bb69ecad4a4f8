"""Bank layouts as data: one declarative TOML file each, read strictly; none needs Python."""

import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

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

_DEFAULTS: Mapping[str, Any] = {
    "source": "", "proven": False, "ignored": [], "in_words": [], "out_words": [],
    "reversal_marks": [], "currency": "", "delimiter": ",", "reversed": False, "day_first": False,
    "head": {},
}  # fmt: skip
_REQUIRED: Mapping[str, type] = {"id": str, "title": dict, "recognise": list, "columns": dict}
_LISTS = ("recognise", "ignored", "in_words", "out_words", "reversal_marks")
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
    found: dict[str, Dialect] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.toml")):
            dialect = read_dialect(path, faults)
            if dialect is not None:
                found[dialect.id] = dialect
    if faults:
        listed = "\n".join(f"{p.file}: {p.column}: {p.message.both()}" for p in faults)
        raise InvalidInputError("DIALECT", f"版式文件有误:\n{listed}", "a bank layout has faults")
    return list(found.values())


def read_dialect(path: Path, faults: list[Problem]) -> Dialect | None:
    """The layout of a file; None with its faults noted where it is none."""
    try:
        dialect, found = _parsed(path.read_text(encoding="utf-8"), path.name)
        faults += found
        return dialect
    except UnicodeDecodeError as cause:
        text = Text(f"不是 UTF-8:{cause}", f"is no UTF-8: {cause}")
        faults.append(Problem("DIALECT-KEY", text, path.name, None, ""))
        return None


@lru_cache(maxsize=256)
def _parsed(text: str, name: str) -> tuple[Dialect | None, tuple[Problem, ...]]:
    """The same text is read at every file that comes in."""
    faults: list[Problem] = []
    dialect = parse_dialect(text, name, faults)
    return dialect, tuple(faults)


def parse_dialect(text: str, name: str, faults: list[Problem]) -> Dialect | None:
    """The layout of a text; None with its faults noted, under the file's name, where it is none."""

    def fault(key: str, zh: str, en: str) -> None:
        faults.append(Problem("DIALECT-KEY", Text(zh, en), name, None, key))

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        fault("", f"无法读取:{cause}", f"cannot be read: {cause}")
        return None
    before = len(faults)
    _check(raw, fault)
    columns = _names(raw.get("columns", {}), FIELDS, "columns", fault)
    head = _names(raw.get("head", {}), HEAD_FIELDS, "head", fault)
    _check_columns(columns, raw, fault)
    if len(faults) > before:
        return None
    values = {**_DEFAULTS, **raw}
    return Dialect(
        id=values["id"],
        title=Text(values["title"]["zh"], values["title"]["en"]),
        source=values["source"],
        proven=values["proven"],
        recognise=tuple(_keys(group.split("|")) for group in values["recognise"]),
        columns=columns,
        ignored=_keys(values["ignored"]),
        head=head,
        in_words=tuple(values["in_words"]),
        out_words=tuple(values["out_words"]),
        reversal_marks=tuple(values["reversal_marks"]),
        currency=values["currency"] or None,
        delimiter=values["delimiter"],
        reversed=values["reversed"],
        day_first=values["day_first"],
    )


_Fault = Callable[[str, str, str], None]


def _check(raw: dict[str, Any], fault: _Fault) -> None:
    allowed = sorted({*_REQUIRED, *_DEFAULTS})
    for key in sorted(set(raw) - set(allowed)):
        fault(key, "未知键", f"unknown key; allowed: {', '.join(allowed)}")
    for key, kind in _REQUIRED.items():
        if key not in raw:
            fault(key, "缺少", "is missing")
        elif not isinstance(raw[key], kind) or not raw[key]:
            fault(key, "类型不对或为空", f"must be a {kind.__name__} and not empty")
    for key in _LISTS:
        if not _are_strings(raw.get(key, [])):
            fault(key, "须为文字列表", "must be a list of strings")
    for key, default in _DEFAULTS.items():
        if key in raw and key not in (*_LISTS, "head") and type(raw[key]) is not type(default):
            fault(key, "类型不对", f"must be a {type(default).__name__}")
    title = raw.get("title")
    if isinstance(title, dict) and not _are_strings([title.get("zh"), title.get("en")]):
        fault("title", "须有 zh 与 en", "needs zh and en")
    if len(str(raw.get("delimiter", ","))) != 1:
        fault("delimiter", "须为单个字符", "must be a single character")


def _check_columns(
    columns: Mapping[str, tuple[str, ...]], raw: dict[str, Any], fault: _Fault
) -> None:
    if "booked_on" not in columns:
        fault("columns.booked_on", "缺少", "is missing")
    if not ({"out", "in"} <= set(columns) or "amount" in columns):
        fault("columns", "须有 out 与 in,或 amount", "needs out and in, or amount")
    if "direction" in columns and not (raw.get("in_words") and raw.get("out_words")):
        fault("in_words", "direction 须配 in_words 与 out_words", "direction needs both word lists")
    if bool(raw.get("reversal_marks")) != ("reversal" in columns):
        fault("reversal_marks", "须与 columns.reversal 同时给出", "goes with columns.reversal")
    if len(set(PARTIES) & set(columns)) == 1:
        fault("columns", "付款人与收款人账号须同时给出", "payer and payee accounts go together")
    meanings: dict[str, str] = {}
    for field, names in columns.items():
        for name in names:
            other = meanings.setdefault(name, field)
            if other != field and {other, field} != _STAMPS:
                fault(f"columns.{field}", f"“{name}”已用于 {other}", f"{name} means {other} too")


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _keys(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(column_key, names))


def _names(
    raw: object, allowed: tuple[str, ...], at: str, fault: _Fault
) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, dict):
        fault(at, "须为表", "must be a table")
        return {}
    for field in sorted(set(raw) - set(allowed)):
        fault(f"{at}.{field}", "未知字段", f"unknown field; allowed: {', '.join(allowed)}")
    known = {field: names for field, names in raw.items() if field in allowed}
    for field, names in known.items():
        if not _are_strings(names) or not names:
            fault(f"{at}.{field}", "须为文字列表且不为空", "must be a list of strings, not empty")
    return {field: _keys(names) for field, names in known.items() if _are_strings(names)}
