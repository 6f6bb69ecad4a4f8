"""Bank layouts as data: one declarative TOML file each, read strictly; none needs Python."""

import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    "amount", "direction", "balance", "counterparty", "counterparty_account", "memo", "reference",
    "reversal",
)  # fmt: skip
HEAD_FIELDS = ("account", "account_name", "currency", "period", "opening", "closing", "totals")
_TOP = {"id", "title", "recognise", "columns", "head", "in_words", "out_words", "reversal_marks",
        "currency", "delimiter"}  # fmt: skip


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
    for key in ("id", "title", "recognise", "columns"):
        if key not in raw:
            fault(key, "缺少", "is missing")
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
        raw.get("delimiter", ","),
    )


def _names(
    raw: dict[str, Any],
    allowed: tuple[str, ...],
    at: str,
    fault: Callable[[str, str, str], None],
) -> dict[str, tuple[str, ...]]:
    for field in sorted(set(raw) - set(allowed)):
        fault(f"{at}.{field}", "未知字段", f"unknown field; allowed: {', '.join(allowed)}")
    return {
        field: tuple(column_key(each) for each in names)
        for field, names in raw.items()
        if field in allowed
    }
