"""Proposes a layout for a bank's table that no layout knows, from a sample of it.

Names are found by lists of what accounting programs know; a person looks the proposal over.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import decode
from feewatch.sheets.lines import Line, TableError, csv_lines
from feewatch.sheets.opening import MAGIC
from feewatch.statements import cells, workbook
from feewatch.statements.dialects import column_key, parse_dialect
from feewatch.statements.reading import read

_ALIASES: Mapping[str, tuple[str, ...]] = {
    field: tuple(map(column_key, names))
    for field, names in tomllib.loads(
        Path(__file__).with_name("aliases.toml").read_text(encoding="utf-8")
    ).items()
}
_RECOGNISED_BY = (
    "booked_on", "out", "in", "amount", "direction", "payer_account", "payee_account", "balance",
)  # fmt: skip
_IN, _OUT = ("贷", "收", "入", "来", "C"), ("借", "支", "付", "出", "往", "D")
#: The header is looked for, and the direction words collected, in so many lines.
_LINES = 200
_TOP = 200_000


def propose(content: bytes, dialect_id: str) -> str | Problem:
    """A layout file for the table of a sample, or why none can be proposed."""
    lines = _lines(content)
    if isinstance(lines, Problem):
        return lines
    best = max(lines, key=lambda line: len(_meanings(line[1])), default=(0, []))
    meanings = _meanings(best[1])
    if not _is_enough(meanings):
        text = Text(
            "找不到同时含日期与金额的表头,无法建议版式",
            "no line names both a day and money: no layout can be proposed",
        )
        return Problem("DIALECT-NO-HEADER", text)
    below = [values for number, values in lines if number > best[0]]
    return _checked(content, dialect_id, best[1], meanings, below)


def _lines(content: bytes) -> list[Line] | Problem:
    """The first lines of a sheet, or of a text by the separator that shows most columns."""
    if content.startswith(MAGIC):
        book = workbook.open_sheets(content)
        if isinstance(book, Problem):
            return book
        return max((sheet.lines[:_LINES] for sheet in book.sheets), key=_most_meanings)
    text = decode(content)
    if isinstance(text, Problem):
        return text
    tables = [_until_fault(csv_lines(text[:_TOP], each)) for each in (",", "\t", "|", ";")]
    return max(tables, key=_most_meanings)


def _most_meanings(lines: Sequence[Line]) -> int:
    return max(len(_meanings(values)) for _, values in lines)


def _until_fault(lines: Iterable[Line]) -> list[Line]:
    lines_read: list[Line] = [(0, [])]
    try:
        lines_read.extend(islice(lines, _LINES))
    except TableError:
        return lines_read
    return lines_read


def _meanings(header: Sequence[str]) -> dict[str, list[str]]:
    """Field -> names of the header, each name used once but for a stamp of day and time."""
    keys = [column_key(each) for each in header]
    meanings: dict[str, list[str]] = {}
    used: set[str] = set()
    for field, aliases in _ALIASES.items():
        names = [name for name in aliases if name in keys and name not in used]
        if names:
            meanings[field] = names if field == "memo" else names[:1]
            used.update(meanings[field])
    surplus: set[str] = set()
    if "out" in meanings and "in" in meanings:
        surplus |= {"amount", "direction", "payer", "payer_account", "payee", "payee_account"}
    elif {"payer_account", "payee_account"} <= set(meanings):
        surplus |= {"counterparty", "counterparty_account"}
    else:
        surplus |= {"payer", "payer_account", "payee", "payee_account"}
    return {field: names for field, names in meanings.items() if field not in surplus}


def _is_enough(meanings: Mapping[str, object]) -> bool:
    return "booked_on" in meanings and ({"out", "in"} <= set(meanings) or "amount" in meanings)


def _checked(
    content: bytes,
    dialect_id: str,
    header: Sequence[str],
    meanings: Mapping[str, list[str]],
    below: Sequence[Sequence[str]],
) -> str:
    """The proposal, the other way round where the sample's own balances say so."""
    words = _direction_words(header, meanings, below)
    if words is None:
        meanings = {field: names for field, names in meanings.items() if field != "direction"}
    texts = [
        _written(dialect_id, header, meanings, words, _is_day_first(header, meanings, below), turn)
        for turn in (False, True)
    ]
    dialect = parse_dialect(texts[0], dialect_id, [])
    statements = read(content, "", [dialect], dialect_id).statements if dialect else ()
    faults = [fault.problem.code for each in statements for fault in each.faults]
    return texts["STATEMENT-POLARITY" in faults]


def _cells_below(header: Sequence[str], name: str, below: Sequence[Sequence[str]]) -> Counter[str]:
    at = [column_key(each) for each in header].index(name)
    return Counter(cells.word(values[at]) or "" for values in below if at < len(values))


def _direction_words(
    header: Sequence[str], meanings: Mapping[str, list[str]], below: Sequence[Sequence[str]]
) -> tuple[list[str], list[str]] | None:
    """Words of money in and of money out in the sample; None where it tells direction otherwise."""
    if "direction" not in meanings:
        return None
    words = [word for word in _cells_below(header, meanings["direction"][0], below) if word]
    into = [word for word in words if any(each in word.upper() for each in _IN)]
    out = [word for word in words if any(each in word.upper() for each in _OUT)]
    clear = [w for w in into if w not in out], [w for w in out if w not in into]
    return (clear[0] or ["贷"], clear[1] or ["借"]) if any(clear) else None


def _is_day_first(
    header: Sequence[str], meanings: Mapping[str, list[str]], below: Sequence[Sequence[str]]
) -> bool:
    words = _cells_below(header, meanings["booked_on"][0], below)
    return any(cells.year_first(word) != word for word in words)


def _written(
    dialect_id: str,
    header: Sequence[str],
    meanings: Mapping[str, list[str]],
    words: tuple[list[str], list[str]] | None,
    day_first: bool,
    turned: bool,
) -> str:
    used = {name for names in meanings.values() for name in names}
    keys = dict.fromkeys(column_key(each) for each in header if each.strip())
    ignored = [name for name in keys if name not in used]
    marks = [meanings[field][0] for field in _RECOGNISED_BY if field in meanings]
    lines = [
        "# 由样本建议,请核对后放入 [dialects] folders 所列文件夹。",
        "# Proposed from a sample: look it over, then put it into a folder of [dialects] folders.",
        f"id = {_quoted(dialect_id)}",
        f"title = {{ zh = {_quoted(dialect_id)}, en = {_quoted(dialect_id)} }}",
        f"recognise = {_quoted(marks)}",
        "# columns that are not read: move into [columns] what should be; ordinals stay here",
        f"ignored = {_quoted(ignored)}",
    ]
    if words is not None:
        lines += [f"in_words = {_quoted(words[0])}", f"out_words = {_quoted(words[1])}"]
    if "currency" not in meanings:
        lines.append('currency = "CNY"')
    if day_first:
        lines.append("day_first = true")
    if turned:
        lines += ["# 样本的余额表明借贷相反 / the sample's balances say so", "reversed = true"]
    lines += ["", "[columns]", *(f"{field} = {_quoted(n)}" for field, n in meanings.items())]
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
