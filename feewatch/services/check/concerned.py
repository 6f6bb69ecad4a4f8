"""What of an institution has to be judged again after a change; of the rest the last check holds.

An outcome changes with the data that its rule reads, with the rule book, or on a day that the rule
names itself (docs/adr/0005-due-days.md). A rule that reads none of what changed keeps its word. Of
the others those whose fact says how far back a change reaches judge the days from the change on:
what they said of days that lie well back is kept apart, as counts, and stands
(docs/adr/0030-from-the-first-touched-day.md).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.compiler import adds_up, list_read, may_look_back
from feewatch.engine.counts import Count
from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.store.check import checks
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_tied
from feewatch.store.state import KINDS_OF_MATCHES, Touched, data_of

#: Days that lie so far back are kept apart: more than any statement of a quarter tells of.
SETTLED_AFTER = 92
#: The fact that says whether a contract still carries money.
_OWED = "contract_position"
#: Not a day at a time, so that institutions judged on different days go together.
_STEP = 31


class Settled(NamedTuple):
    """What a rule said of an institution's days before one, and what its facts had added up."""

    before: Day
    counted: Count
    carried: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """The form that is kept."""
        return {"before": self.before, **self.counted.as_json(), "carried": {**self.carried}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Settled":
        """What ``as_json`` gave."""
        counts = {name: kept[name] for name in Count._fields}
        return cls(kept["before"], Count.from_json(counts), kept["carried"])


#: A row of a fact by column.
Row = Mapping[str, Any]
NOTHING_SETTLED: Mapping[int, Settled] = MappingProxyType({})


class Window(NamedTuple):
    """Rules that judge some institutions from a day on alone, and what they said of days before."""

    since: Day = FIRST_DAY
    rules: frozenset[str] = frozenset()
    settled: Mapping[str, Mapping[int, Settled]] = MappingProxyType({})

    def without(self, told_again: Mapping[str, Day]) -> "Window":
        """The same but for rules that have to tell of a day before the first one again."""
        rules = {rule for rule in self.rules if told_again.get(rule, self.since) >= self.since}
        settled = {rule: of for rule, of in self.settled.items() if rule in rules}
        return Window(self.since, frozenset(rules), settled)

    @property
    def carried(self) -> dict[str, dict[int, Mapping[str, int]]]:
        """By rule and institution what facts had added up."""
        return {
            rule: {key: each.carried for key, each in of.items() if each.carried}
            for rule, of in self.settled.items()
        }


def settled_before(as_of: Day) -> Day:
    """The day before which outcomes of a check of this day are kept apart."""
    return (as_of - SETTLED_AFTER) // _STEP * _STEP


class LastChecks:
    """The last checks of some institutions, and what must be judged of each today."""

    def __init__(
        self, tx: Transaction, book: RuleBook, as_of: Day, institutions: Collection[int]
    ) -> None:
        self._book, self._as_of = book, as_of
        looks = checks.list_last_checks(tx, institutions)
        self._last = {each.institution_id: each for each in looks}
        known = [key for key in institutions if self._may_keep(key)]
        #: Counts of the last check of those that not all rules have to judge.
        self.results = checks.list_results(tx, known)
        self._tied = list_tied(tx, known)
        self._due: defaultdict[int, set[str]] = defaultdict(set)
        self._rows: defaultdict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for row in self.results:
            key, rule = row["institution_id"], row["rule"]
            self._rows[key][rule] = row
            if row["due_on"] is not None and row["due_on"] <= as_of:
                self._due[key].add(rule)

    def rules_of(self, institution: int) -> Collection[str]:
        """The rules that must judge an institution; all where what they said is not known."""
        if not self._may_keep(institution):
            return self._book.rules
        touched = self._last[institution].touched
        if institution == OFFICE:  # of statements of unknown accounts nobody marks anything
            touched |= Touched.STATEMENTS
        concerned = _reading(self._book, touched) | self._due[institution]
        if touched & _data_of_facts(_OWED, self._book):
            concerned |= {*self._breached(institution)}
        return concerned or self._book.rules

    def _breached(self, institution: int) -> Iterator[str]:
        """Rules whose breaches name contracts: whether one is of the past its money decides."""
        for name, row in self._rows[institution].items():
            columns = self._book.facts[self._book.rules[name].fact].columns
            if row["breaches"] and {"contract_id", "contract_ids"} & {*columns}:
                yield name

    def since(self, institution: int) -> Day:
        """The day from which on rules may judge an institution alone; the first, where all days."""
        settled = (row["settled"] for row in self._rows[institution].values())
        day = max((each["before"] for each in settled if each), default=FIRST_DAY)
        if day == FIRST_DAY or institution in self._tied:
            return FIRST_DAY
        return day if day <= self._last[institution].touched_from else FIRST_DAY

    def window_of(self, institutions: Collection[int], rules: Collection[str]) -> Window:
        """Which of the rules can judge all of these from a day on alone.

        The office itself has no days that a rule would keep apart.
        """
        own = [key for key in institutions if key != OFFICE]
        days = {self.since(key) for key in own}
        if len(days) != 1 or FIRST_DAY in days:
            return Window()
        (since,) = days
        settled: dict[str, dict[int, Settled]] = {}
        for rule in rules:
            if all(self._may_look_back(self._book.rules[rule], key, since) for key in own):
                rows = {key: self._rows[key].get(rule) for key in own}
                settled[rule] = {
                    key: Settled.from_json(row["settled"]) for key, row in rows.items() if row
                }
        return Window(since, frozenset(settled), settled)

    def touched(self, institutions: Collection[int]) -> Touched:
        """The data of any of these that the last check does not know."""
        touched = Touched.NOTHING
        for key in institutions:
            known = self._may_keep(key)
            touched |= Touched(self._last[key].touched) if known else Touched.EVERYTHING
        return touched

    def kept(self, institution: int) -> dict[str, Row | None]:
        """By fact the row that the last check kept of an institution and that still holds."""
        if not self._may_keep(institution):
            return {}
        return {
            name: row
            for name, row in (self._last[institution].kept or {}).items()
            if not _data_of_facts(name, self._book) & self._last[institution].touched
            and not self._is_over(name, row)
        }

    def _is_over(self, fact: str, row: Row | None) -> bool:
        days = (row[name] for name in self._book.facts[fact].head.kept[1:]) if row else ()
        return any(day is not None and day <= self._as_of for day in days)

    def all_due(self) -> Iterator[tuple[int, Day]]:
        """The days on which all rules must judge again those that not all do today."""
        for key, last in self._last.items():
            if last.all_due_on is not None and self._may_keep(key):
                yield key, last.all_due_on

    def _may_keep(self, institution: int) -> bool:
        last = self._last.get(institution)
        return (
            last is not None
            and last.touched & Touched.EVERYTHING != Touched.EVERYTHING
            and last.rule_book == self._book.version
            and last.checked_as_of is not None
            and last.checked_as_of <= self._as_of
            and (last.all_due_on is None or last.all_due_on > self._as_of)
        )

    def _may_look_back(self, rule: Rule, institution: int, since: Day) -> bool:
        reach = self._book.facts[rule.fact].head.reach
        touched_from = self._last[institution].touched_from
        if reach is None or not may_look_back(rule, self._book) or touched_from - reach < since:
            return False
        row = self._rows[institution].get(rule.id)
        if row is None:  # no subjects so far, and so nothing that could be kept of them
            return not adds_up(rule, self._book)
        settled = row["settled"]
        return (
            settled is not None
            and settled["before"] == since
            and (settled["due_on"] is None or settled["due_on"] > self._as_of)
        )


@lru_cache(maxsize=64)
def _reading(book: RuleBook, touched: int) -> frozenset[str]:
    """The rules that read any of the data that were touched."""
    return frozenset(rule.id for rule in book.rules.values() if data_read(rule, book) & touched)


def data_read(rule: Rule, book: RuleBook) -> Touched:
    """The data that a rule reads, in its fact and in all that this reads."""
    return _data_of_facts(rule.fact, book)


@lru_cache(maxsize=256)
def _data_of_facts(name: str, book: RuleBook) -> Touched:
    """The data that a fact reads, and all facts that it reads."""
    read = Touched.NOTHING
    for fact in (book.facts[each] for each in list_read(book, name)):
        for table in {*fact.uses} - book.facts.keys():
            if table == "match" and fact.head.matches:
                for kind in fact.head.matches:
                    read |= KINDS_OF_MATCHES[kind]
            else:
                read |= data_of(table)
    return read
