"""Writes the counts of all rules on one fact as one statement, which reads each row once.

For facts that only join tables and carry the law of their row (``institution_law``): the law of all
their rules is laid out together, and nothing but what the outcomes read is computed. Who needs the
rows themselves reads them rule by rule (``compiler``); the outcomes are the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import add
from typing import Any, NamedTuple

from feewatch.engine.book import InForce, Rule, RuleBook
from feewatch.engine.compiler import (
    JUDGED_FACT,
    FactTable,
    law_columns,
    read_branches,
    reason,
    with_parts,
)
from feewatch.engine.counts import Count
from feewatch.engine.expressions import to_sql
from feewatch.engine.law import alternatives, cuts, nearest
from feewatch.kernel.days import Day
from feewatch.kernel.places import ancestry


class Lane(NamedTuple):
    """A rule as far as some of its blocks go that compete for the same subjects."""

    rule: Rule
    blocks: tuple[InForce, ...]


@dataclass(frozen=True)
class Counting:
    """Rules on one fact, ready to be counted."""

    lanes: tuple[Lane, ...]
    facts: tuple[FactTable, ...]  # to be made before, in this order
    statements: tuple[str, ...]  # one a branch of the fact, with the binds :as_of, ...
    due: int  # days a row begins with, then the counts of each lane
    parameters: tuple[str, ...]  # that stand in the table ``law``

    def by_rule(
        self, rows: Iterable[Sequence[Any]], in_force: Mapping[int, Sequence[bool]]
    ) -> dict[str, dict[int, Count]]:
        """What rows of the statements say of each rule and institution with subjects of it.

        ``in_force``: for each law_id which lanes are. The next day is that of any of the rules.
        """
        by_rule: dict[str, dict[int, list[int]]] = {lane.rule.id: {} for lane in self.lanes}
        due: dict[int, Day] = {}
        for key, law_id, *columns in rows:
            values = iter(columns)
            days = [day for day in islice(values, self.due) if day is not None]
            if days:
                due[key] = min([*days, due.get(key, days[0])])
            for lane, applies in zip(self.lanes, in_force[law_id], strict=True):
                counts = list(islice(values, 3 + len(lane.rule.needs)))
                if applies and (counts[0] or days):
                    of_rule = by_rule[lane.rule.id]
                    known = of_rule.get(key)
                    of_rule[key] = counts if known is None else list(map(add, known, counts))
        return {
            rule: {key: _count(due.get(key), *counts) for key, counts in of_rule.items()}
            for rule, of_rule in by_rule.items()
        }


def _count(
    due_on: Day | None, evaluated: int, breaches: int, undetermined: int, *needs: int
) -> Count:
    reasons = {n: count for n, count in enumerate(needs, 1) if count}
    if undetermined > sum(needs):
        reasons[0] = undetermined - sum(needs)
    return Count(evaluated, breaches, undetermined, reasons, due_on)


def group_rules(rules: Iterable[Rule], book: RuleBook) -> list[tuple[Rule, ...]]:
    """Those of the rules that can be counted like this, by fact."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        fact = book.facts[rule.fact]
        if "institution_law" in fact.uses and fact.joins_law and not _uses_words(rule, book):
            groups.setdefault(rule.fact, []).append(rule)
    return [tuple(each) for each in groups.values()]


def _uses_words(rule: Rule, book: RuleBook) -> bool:
    return len(law_columns(rule, book)) < len(rule.parameters)


@lru_cache(maxsize=64)
def compile_counting(rules: tuple[Rule, ...], book: RuleBook, dialect: str) -> Counting:
    """The statements that count rules on one fact, in an engine's dialect."""
    fact = book.facts[rules[0].fact]
    lanes = tuple(
        Lane(rule, tuple(blocks)) for rule in rules for blocks in alternatives(rule.in_force)
    )
    counted, conditions, days = [], [], dict[str, None]()
    for n, lane in enumerate(lanes, 1):
        sql = _writer(lane.rule, n, book, dialect)
        ripe = sql(lane.rule.ripe) if lane.rule.ripe else "f.on_day"
        breach = sql(lane.rule.breach)
        about = [each for each in (lane.rule.applies, lane.blocks[0].applies) if each]
        conditions.append(" AND ".join(f"({sql(each)})" for each in about) or "TRUE")
        judged = f"COALESCE({ripe}, :as_of) <= :as_of AND {conditions[-1]}"
        unknown = f"({breach}) IS NULL AND {judged}"
        why = reason(lane.rule, sql)
        needs = (f"{unknown} AND {why} = {need}" for need in range(1, len(lane.rule.needs) + 1))
        counted += [
            f"COUNT(*) FILTER (WHERE {each})"
            for each in (judged, f"({breach}) AND {judged}", unknown, *needs)
        ]
        days |= dict.fromkeys([ripe, *(sql(each) for each in lane.rule.due)])
    first = [f"MIN({day}) FILTER (WHERE {day} > :as_of)" for day in days]
    columns = ", ".join(f"{each} AS n{n}" for n, each in enumerate([*first, *counted], 1))
    where = f"WHERE {conditions[0]}" if len(lanes) == 1 else ""
    facts, branches = read_branches(fact, book, dialect)
    statements = tuple(
        f"{with_parts({JUDGED_FACT: branch})} SELECT f.institution_id, f.law_id, "
        f"{columns} FROM {JUDGED_FACT} AS f JOIN law AS l ON l.law_id = f.law_id "
        f"{where} GROUP BY f.institution_id, f.law_id"
        for branch in branches
    )
    return Counting(lanes, facts, statements, len(days), _parameters(rules, book))


def _parameters(rules: Iterable[Rule], book: RuleBook) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for rule in rules for name in law_columns(rule, book)))


def _writer(rule: Rule, lane: int, book: RuleBook, dialect: str) -> Callable[[str], str]:
    fact, columns = book.facts[rule.fact], law_columns(rule, book)

    def place(name: str) -> str:
        if name == "as_of":
            return ":as_of"
        if name == "authority":
            return f"l.authority_{lane}"
        return f"l.{name}" if name in columns and name not in fact.columns else f"f.{name}"

    return lambda text: to_sql(text, dialect, place)


def law_rows(
    counting: Counting, book: RuleBook, districts: Collection[str]
) -> tuple[list[dict[str, Any]], dict[int, list[bool]]]:
    """The rows of the table ``law``, and for each law_id which lanes are in force.

    A row is a district's days between two changes, with the values in force.
    """
    rows: list[dict[str, Any]] = []
    in_force: dict[int, list[bool]] = {}
    used = [book.parameters[name] for name in counting.parameters]
    dated: Sequence[Any] = [
        *(block for lane in counting.lanes for block in lane.blocks),
        *(value for parameter in used for value in parameter.values),
    ]
    for district in sorted(districts):
        chain = ancestry(district)
        for start, end in cuts(dated, chain):
            blocks = [nearest(lane.blocks, chain, start) for lane in counting.lanes]
            if not any(blocks):
                continue
            law_id = len(rows) + 1
            row = {"law_id": law_id, "district": district, "from_day": start, "to_day": end}
            for n, block in enumerate(blocks, 1):
                row[f"authority_{n}"] = block.authority if block else None
            for parameter in used:
                value = nearest(parameter.values, chain, start)
                row[parameter.id] = value.value if value else None
            rows.append(row)
            in_force[law_id] = [block is not None for block in blocks]
    return rows, in_force


def law_types(counting: Counting) -> dict[str, str]:
    """The columns of the table ``law`` beside district and days, and their types."""
    authorities = {f"authority_{n}": "TEXT" for n in range(1, len(counting.lanes) + 1)}
    return {**dict.fromkeys(counting.parameters, "BIGINT"), **authorities}
