"""Bank layouts as data: one declarative TOML file each, read strictly; none needs Python."""

import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: Layouts shipped with the product.
SHIPPED = Path(__file__).parent / "layouts"

#: What a column of a layout can mean.
FIELDS = (
    "account", "account_name", "currency", "booked_on", "booked_time", "value_on", "out", "in",
    "amount", "direction", "balance", "counterparty", "counterparty_account", "memo", "reference",
    "reversal",
)  # fmt: skip
HEAD_FIELDS = ("account", "account_name", "currency", "period", "opening", "closing", "totals")
_TOP = {"id", "title", "recognise", "columns", "head", "in_words", "out_words", "reversal_marks",
        "currency", "delimiter"}  # fmt: skip
_REQUIRED = {"id": str, "title": dict, "recognise": list, "columns": dict}
_LISTS = {"recognise", "in_words", "out_words", "reversal_marks"}


def column_key(name: str) -> str:
    """A column name as it is compared: NFKC, no white space."""
    return "".join(unicodedata.normalize("NFKC", name).split())


@dataclass(frozen=True)
class Dialect:
    """One bank layout."""

    id: str
    title: Text
    recognise: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]  # field -> names
    head: dict[str, tuple[str, ...]]  # field of a line outside the table -> its first cell
    in_words: tuple[str, ...]  # where one amount column and a word tell the direction
    out_words: tuple[str, ...]
    reversal_marks: tuple[str, ...]
    currency: str | None  # where the layout has no currency column
    delimiter: str


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

    def fault(key: str, zh: str, en: str) -> None:
        faults.append(Problem("DIALECT-KEY", Text(zh, en), path.name, None, key))

    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        fault("", f"无法读取:{cause}", f"cannot be read: {cause}")
        return None
    before = len(faults)
    for key in sorted(set(raw) - _TOP):
        fault(key, "未知键", f"unknown key; allowed: {', '.join(sorted(_TOP))}")
    for key, kind in _REQUIRED.items():
        if key not in raw:
            fault(key, "缺少", "is missing")
        elif not isinstance(raw[key], kind) or not raw[key]:
            fault(key, "类型不对或为空", f"must be a {kind.__name__} and not empty")
    for key in sorted(_LISTS & set(raw)):
        if not _are_strings(raw[key]):
            fault(key, "须为文字列表", "must be a list of strings")
    title = raw.get("title")
    if isinstance(title, dict) and not _are_strings([title.get("zh"), title.get("en")]):
        fault("title", "须有 zh 与 en", "needs zh and en")
    delimiter = raw.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        fault("delimiter", "须为单个字符", "must be a single character")
    if not isinstance(raw.get("currency", ""), str):
        fault("currency", "须为文字", "must be a string")
    columns = _names(raw.get("columns", {}), FIELDS, "columns", fault)
    head = _names(raw.get("head", {}), HEAD_FIELDS, "head", fault)
    if "booked_on" not in columns:
        fault("columns.booked_on", "缺少", "is missing")
    if not ({"out", "in"} <= set(columns) or "amount" in columns):
        fault("columns", "须有 out 与 in,或 amount", "needs out and in, or amount")
    if len(faults) > before:
        return None
    return Dialect(
        raw["id"],
        Text(raw["title"]["zh"], raw["title"]["en"]),
        tuple(column_key(each) for each in raw["recognise"]),
        columns,
        head,
        tuple(raw.get("in_words", ())),
        tuple(raw.get("out_words", ())),
        tuple(raw.get("reversal_marks", ())),
        raw.get("currency"),
        delimiter,
    )


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _names(
    raw: object, allowed: tuple[str, ...], at: str, fault: Callable[[str, str, str], None]
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
    return {
        field: tuple(column_key(each) for each in names)
        for field, names in known.items()
        if _are_strings(names)
    }
