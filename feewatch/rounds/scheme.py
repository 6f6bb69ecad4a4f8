"""How an office does its rounds: how often, by which weights, when a group; read from rounds.toml.

All of it are presets of the office. None claims to be law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml

FILE, FOLDER = "rounds.toml", "checklists"
#: What is counted of an institution for its group, always from what is on record.
FACTS: dict[str, Text] = {
    "red_matters": Text("未结红色事项", "open red matters"),
    "open_matters": Text("未结事项（不含历史）", "open matters, no historic ones"),
    "visit_matters": Text("走访发现未结事项", "open matters that visits found"),
    "running_cases": Text("在办案件（含已移送的）", "running cases, those handed over too"),
    "overdue_cases": Text("逾期案件", "overdue cases"),
    "recurred_cases": Text("销号后再现的案件", "closed cases that came back"),
    "listed": Text("挂牌督办中", "listed under supervision"),
    "decisions": Text("生效中的不利决定", "adverse decisions in force"),
    "recent_visits": Text("近期走访", "recent visits"),
}
#: The three groups, and that nothing puts an institution into one.
FOCUS, PROBLEMS, IN_PLACE, NO_GROUP = "focus", "problems", "in_place", "none"
GROUPS: dict[str, Text] = {
    FOCUS: Text("重点难点", "hard cases"),
    PROBLEMS: Text("存在问题", "with problems"),
    IN_PLACE: Text("落实到位", "in place"),
    NO_GROUP: Text("未分组", "in no group"),
}
_ORDER = (FOCUS, PROBLEMS, IN_PLACE)
#: Whether one of the conditions of a group is enough, or all have to be met.
_HOW = ("any", "all")


class Condition(NamedTuple):
    """A figure with its limits, both included; None: no limit on that side."""

    fact: str
    least: int | None
    most: int | None

    def is_met(self, value: int) -> bool:
        """Whether a figure lies within."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


class GroupRule(NamedTuple):
    """When an institution belongs to a group."""

    group: str
    needs_all: bool
    conditions: tuple[Condition, ...]


class GroupReason(NamedTuple):
    """A condition as it stands for an institution."""

    condition: Condition
    value: int
    is_met: bool

    @property
    def text(self) -> Text:
        """The fact with its figure and its limit."""
        title, (_, least, most) = FACTS[self.condition.fact], self.condition
        limits = [Text(f"至少{least}", f"at least {least}")] if least is not None else []
        limits += [Text(f"至多{most}", f"at most {most}")] if most is not None else []
        zh, en = "、".join(each.zh for each in limits), ", ".join(each.en for each in limits)
        return Text(f"{title.zh} {self.value}（{zh}）", f"{title.en} {self.value} ({en})")


class Grouped(NamedTuple):
    """The group of an institution by its facts, and what put it there."""

    group: str
    reasons: tuple[
        GroupReason, ...
    ]  # the conditions that put it there; of no group: those it lacks


@dataclass(frozen=True, slots=True)
class RoundsScheme:
    """The presets of the rounds."""

    visits_a_month: int
    remind_days: int  # working days before a month ends, from which on inspectors are reminded
    recent_days: int  # visits so lately that no draw takes the institution, and that count as new
    group_tickets: Mapping[str, int]
    grade_tickets: Mapping[str, int]
    no_grade_tickets: int
    repeats: int  # problems of one rule in so many months, from which on 问责 may be proposed
    repeat_months: int
    confirm_days: int  # after a quarter, within which institutions confirm it
    confirm_remind_days: int  # before those are over, from which on they are reminded
    groups: tuple[GroupRule, ...]

    def tickets(self, group: str, grade: str | None) -> int:
        """How many tickets an institution has in a draw: those of its group and of its grade."""
        by_grade = self.no_grade_tickets if grade is None else self.grade_tickets.get(grade)
        by_grade = self.no_grade_tickets if by_grade is None else by_grade
        return self.group_tickets[group] * by_grade

    def assess(self, facts: Mapping[str, int]) -> Grouped:
        """The first group, the gravest first, that the facts of an institution put it into."""
        lacking: tuple[GroupReason, ...] = ()
        for rule in self.groups:
            reasons = tuple(
                GroupReason(
                    condition, facts[condition.fact], condition.is_met(facts[condition.fact])
                )
                for condition in rule.conditions
            )
            met = tuple(reason for reason in reasons if reason.is_met)
            if (len(met) == len(reasons)) if rule.needs_all else met:
                return Grouped(rule.group, met)
            lacking = tuple(reason for reason in reasons if not reason.is_met)
        return Grouped(NO_GROUP, lacking)


def read_scheme(content: bytes, path: str, faults: list[Problem]) -> RoundsScheme | None:
    """The presets of a file; its faults are noted."""
    table = read_toml(content, path, faults)
    if table is None:
        return None
    visits, lots, repeats = table.table("visits"), table.table("draw"), table.table("repeats")
    confirming = table.table("self_report")
    scheme = RoundsScheme(
        _count(visits, "a_month", 1),
        _count(visits, "remind_days"),
        _count(lots, "recent_days"),
        _tickets(lots.table("groups"), tuple(GROUPS)),
        _tickets(lots.table("grades")),
        _count(lots, "no_grade"),
        _count(repeats, "problems", 1),
        _count(repeats, "months", 1),
        _count(confirming, "days", 1),
        _count(confirming, "remind_days"),
        _groups(table),
    )
    for part in (visits, lots, repeats, confirming, table):
        part.end()
    return scheme


def _count(table: Table, key: str, least: int = 0) -> int:
    value = table.whole(key)
    if value is not None and not least <= value <= 1000:
        wanted = Text(f"{least} 至 1000 的整数", f"a whole number from {least} to 1000")
        table.must_be(key, wanted, value)
    return value or least


def _tickets(table: Table, wanted: Sequence[str] = ()) -> dict[str, int]:
    tickets = {name: _count(table, name) for name in (wanted or table.names())}
    table.end()
    return tickets


def _groups(table: Table) -> tuple[GroupRule, ...]:
    rules = []
    for row in table.tables("groups"):
        group, how = row.choice("group", _ORDER), row.choice("needs", _HOW)
        conditions = tuple(_condition(each) for each in row.tables("conditions"))
        if not conditions:
            row.fault("conditions", "至少一个条件", "a group has at least one condition")
        rules.append(GroupRule(group, how == "all", conditions))
        row.end()
    if [rule.group for rule in rules] != list(_ORDER):
        order = ", ".join(_ORDER)
        table.fault(
            "groups", f"三个分组按此顺序各一次：{order}", f"each group once in this order: {order}"
        )
    return tuple(rules)


def _condition(table: Table) -> Condition:
    condition = Condition(
        table.choice("fact", tuple(FACTS)),
        table.whole("least", required=False),
        table.whole("most", required=False),
    )
    if condition.least is None and condition.most is None:
        table.fault("least", "须有 least 或 most", "least or most has to stand")
    table.end()
    return condition
