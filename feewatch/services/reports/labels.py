"""The words of figures and their parts, as the page, the document and scripts show them."""

from collections.abc import Mapping

from feewatch.casework.states import SEVERITY_WORDS
from feewatch.credit.lists import LISTS
from feewatch.kernel.days import format_day
from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text
from feewatch.services.cases.places import DISPOSALS, SOURCES, STATES
from feewatch.services.reports.figure_kinds import RULE_GROUPS, FigureKind
from feewatch.services.reports.period import FigureValue, ReportPeriod
from feewatch.services.rounds.visiting import KINDS as VISIT_KINDS

UNKNOWN = Text("未知", "unknown")
CANNOT_JUDGE = Text("不能判定", "cannot judge")
UNITS: dict[str, Text] = {
    "count": Text("个", ""),
    "fen": Text("元", "yuan"),
    "days": Text("天", "days"),
    "ratio": Text("", ""),
}
SUBJECTS = {
    "academic": Text("学科类", "academic"),
    "arts": Text("文化艺术类", "arts"),
    "sports": Text("体育类", "sports"),
    "science": Text("科技类", "science"),
    "other": Text("其他", "other"),
}
CUSTODY = {
    "bank_custody": Text("银行托管", "bank custody"),
    "risk_deposit": Text("风险保证金", "risk deposit"),
    "both": Text("两者并行", "both"),
}
_WORDS: dict[str, Mapping[str, Text]] = {
    "severity": SEVERITY_WORDS,
    "rules": RULE_GROUPS,
    "subject": SUBJECTS,
    "custody": CUSTODY,
    "state": STATES,
    "disposal": DISPOSALS,
    "source": SOURCES,
    "list": LISTS,
    "visit": VISIT_KINDS,
}


def part_in_words(word: str, value: str, places: Mapping[str, str]) -> Text:
    """A part of a figure: a severity, a group of rules, a district, a month …"""
    if word == "district":
        name = places.get(value, value)
        return Text(name, name)
    return _WORDS.get(word, {}).get(value, Text(value, value))


def title_of(kind: FigureKind, places: Mapping[str, str]) -> Text:
    """The title of a figure, a part with its word."""
    _, colon, part = kind.id.partition(":")
    if not colon:
        return kind.title
    word, _, value = part.partition("=")
    words = part_in_words(word, value, places)
    return Text(f"{kind.title.zh}：{words.zh}", f"{kind.title.en}: {words.en}")


def value_in_words(value: int | str | None, unit: str) -> Text:
    """A value as people read it: money in yuan, shares in per cent, the unknown said."""
    if value is None:
        return CANNOT_JUDGE if unit == "ratio" else UNKNOWN
    if isinstance(value, str):
        whole, _, rest = value.partition(".")
        percent = f"{int(whole + rest[:2])}.{rest[2:]}%"
        return Text(percent, percent)
    shown = group_yuan(value) if unit == "fen" else f"{value:,}"
    return Text(shown, shown)


def value_of(figure: FigureValue) -> Text:
    """The value of a figure as people read it."""
    return value_in_words(figure.value, figure.kind.unit)


def period_in_words(period: ReportPeriod) -> Text:
    """The month, the year, or the days."""
    first, last = format_day(period.first), format_day(period.last)
    if period.is_month:
        zh, en = f"{first[:4]}年{int(first[5:7])}月", first[:7]
        if not period.is_whole_month:
            zh, en = f"{zh}（截至{int(last[8:])}日）", f"{en} (to {last})"
        return Text(zh, en)
    if first.endswith("-01-01") and last == f"{first[:4]}-12-31":
        return Text(f"{first[:4]}年", first[:4])
    return Text(f"{first}至{last}", f"{first} to {last}")
