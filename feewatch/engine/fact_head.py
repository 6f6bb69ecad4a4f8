"""Reads what the head of a fact says in words: its rows, its grain, and each of its columns.

    -- 每笔…… / what a row is, in Chinese lines and then in English ones
    -- grain: institution_id, day
    -- reach: 3
    -- closing_fen: 日终余额 / balance at the end of the day; fen; unknown: 没有流水 / no statements

``reach`` is said of facts that can give the rows from the day ``:since`` on alone: how many days
before the day of a change a row may lie that the change touches. ``carries`` names columns of days
that others add up from the first day on: their sums before ``:since`` are in the table ``carried``
(institution_id, name, amount). ``bounds: NAME <= 180`` says up to which value of a parameter the
fact is right; a rule book with a greater one is refused. ``matches: refund, pay_after`` says that
of the table ``match`` the fact reads no other kinds of rows: those that pay back, those that pay
contracts paid after their lessons. A receipt of another kind then touches nothing of it. ``kept:
data, NAME`` says that the one row of an institution stays what it is until the data that it is
computed from change, or a day comes that it names: a check keeps it for the next one. ``today:
NAME`` names columns that tell of as-of, whatever the day of the row; severities alone may read
them, and where there are alerts of earlier days these days are judged too.

A line that begins with more spaces goes on the one before it. Several columns that mean the same
stand on one line, with one unit or one each.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from feewatch.engine.book import FactColumn, FactHead
from feewatch.kernel.text import Text

#: key: a row of the database, day: a day number, flag: 1 or 0, millionths: of 1.
UNITS = (
    "key", "text", "day", "fen", "lessons", "minutes", "days", "working_days", "months", "count",
    "flag", "millionths",
)  # fmt: skip
#: What ends a row that is kept, beside the days that it names itself.
DATA = "data"
#: The kinds of matches that a fact may say it reads alone.
MATCHES = ("refund", "pay_after")
_NAMED = re.compile(r"([a-z][a-z0-9_]*(?:, [a-z][a-z0-9_]*)*): (.+)")
_MEANING = re.compile(r"(.+?) / ([^;]+); ([a-z_]+(?:, [a-z_]+)*)(?:; unknown: (.+?) / (.+))?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def read_head(text: str, columns: Sequence[str]) -> tuple[FactHead, list[Text]]:
    """What the head of a fact says, and everything that is wrong with it."""
    comments = [line[2:] for line in takewhile(lambda line: line[:2] == "--", text.splitlines())]
    lines = list(_whole_lines(comments))
    named = [_NAMED.fullmatch(line) for line in lines]
    about = [line for line, match in zip(lines, named, strict=True) if match is None]
    said = [match for match in named if match is not None]
    grain = _listed(said, "grain")
    described: list[FactColumn] = []
    faults: list[Text] = []
    reach = None
    bounds: list[tuple[str, int]] = []
    for match in said:
        if match[1] == "reach":
            reach = int(match[2]) if match[2].isdecimal() else None
            if reach is None:
                faults.append(Text("reach：应为天数", "reach: must be a number of days"))
        elif match[1] == "bounds":
            more_bounds, wrong = _read_bounds(match[2])
            bounds += more_bounds
            faults += wrong
        elif match[1] == "matches":
            faults += _match_faults(_listed(said, "matches"))
        elif match[1] not in ("grain", "carries", "kept", "today"):
            more, wrong = _read_columns(match[1].split(", "), match[2])
            described += more
            faults += wrong
    chinese = "".join(line for line in about if _CHINESE.search(line))
    english = " ".join(line for line in about if not _CHINESE.search(line))
    if not chinese or not english:
        faults.append(Text("须写明一行是什么，中英文都要", "say what a row is, in both languages"))
    faults += _name_faults(grain, [column.name for column in described], columns)
    kept = _listed(said, "kept")
    if kept and (kept[0] != DATA or grain != ("institution_id",) or not {*kept[1:]} <= {*columns}):
        wanted = "kept: data, NAME, …; grain: institution_id"
        faults.append(Text(f"应为 {wanted}", f"must read {wanted}"))
    head = FactHead(
        Text(chinese, english), grain, tuple(described), reach, _listed(said, "carries"),
        tuple(bounds), _listed(said, "matches"), kept, _listed(said, "today"),
    )  # fmt: skip
    return head, faults


def _listed(said: Sequence[re.Match[str]], key: str) -> tuple[str, ...]:
    """The names that stand after a key."""
    return tuple(name for match in said if match[1] == key for name in match[2].split(", "))


def _match_faults(kinds: Sequence[str]) -> Iterator[Text]:
    if not {*kinds} <= {*MATCHES}:
        allowed = ", ".join(MATCHES)
        yield Text(f"matches：可用 {allowed}", f"matches: must be among {allowed}")


def _read_bounds(said: str) -> tuple[list[tuple[str, int]], list[Text]]:
    """``parameter <= 180, ...``"""
    found = [re.fullmatch(r"([a-z0-9_]+) <= (\d+)", part) for part in said.split(", ")]
    if not all(found):
        wanted = "bounds: NAME <= 180, …"
        return [], [Text(f"应为 {wanted}", f"must read {wanted}")]
    return [(match[1], int(match[2])) for match in found if match], []


def _whole_lines(comments: Sequence[str]) -> Iterator[str]:
    """Lines with those that go on them; what a row is may take several lines of their own."""
    whole = ""
    for comment in comments:
        if comment.startswith("   "):
            whole += f" {comment.strip()}"
        else:
            if whole:
                yield whole
            whole = comment.strip()
    if whole:
        yield whole


def _read_columns(names: Sequence[str], said: str) -> tuple[list[FactColumn], list[Text]]:
    listed = ", ".join(names)
    match = _MEANING.fullmatch(said)
    if match is None:
        wanted = "NAME: 中文 / English; unit; unknown: 中文 / English"
        return [], [Text(f"{listed}：应为 {wanted}", f"{listed}: must read {wanted}")]
    zh, en, listed_units, unknown_zh, unknown_en = match.groups()
    units = listed_units.split(", ")
    if len(units) == 1:
        units *= len(names)
    wrong = [unit for unit in units if unit not in UNITS]
    if wrong or len(units) != len(names):
        allowed = ", ".join(UNITS)
        zh_fault = f"{listed}：每列一个单位，可用：{allowed}"
        return [], [Text(zh_fault, f"{listed}: a unit for each column, one of {allowed}")]
    unknown = Text(unknown_zh, unknown_en) if unknown_zh else None
    meaning = Text(zh, en)
    columns = [
        FactColumn(name, meaning, unit, unknown) for name, unit in zip(names, units, strict=True)
    ]
    return columns, []


def _name_faults(
    grain: Sequence[str], described: Sequence[str], columns: Sequence[str]
) -> Iterator[Text]:
    """Columns without a word, words without a column, and a grain that is none."""
    if not grain:
        yield Text(
            "缺 grain：哪些列合起来每行不同", "grain is missing: the columns that tell rows apart"
        )
    elif not {*grain} <= {*columns}:
        names = ", ".join(name for name in grain if name not in columns)
        yield Text(f"grain 中没有这些列：{names}", f"the grain names no columns: {names}")
    missing = ", ".join(name for name in columns if name not in described)
    if missing:
        yield Text(f"没有说明的列：{missing}", f"columns not described: {missing}")
    extra = ", ".join(name for name in dict.fromkeys(described) if name not in columns)
    if extra:
        yield Text(f"说明了没有的列：{extra}", f"described, but no columns: {extra}")
    twice = ", ".join(name for name, times in Counter(described).items() if times > 1)
    if twice:
        yield Text(f"说明了两次：{twice}", f"described twice: {twice}")
