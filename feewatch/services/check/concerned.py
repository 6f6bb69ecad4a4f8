"""Which rules a change concerns: the others say of an institution what they said before.

An outcome changes with the data that its rule reads, with the rule book, or on a day that the rule
names itself (docs/adr/0005-due-days.md). Where none of that came, the last check still holds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache

from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.compiler import list_read
from feewatch.kernel.days import Day
from feewatch.store.check import checks
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Transaction
from feewatch.store.state import TABLES, Touched


class LastChecks:
    """The last checks of some institutions, and which rules must judge each of them today."""

    def __init__(
        self, tx: Transaction, book: RuleBook, as_of: Day, institutions: Collection[int]
    ) -> None:
        self._book, self._as_of = book, as_of
        self._last = {
            each.institution_id: each for each in checks.list_last_checks(tx, institutions)
        }
        #: Counts of the last check of those that not all rules have to judge.
        self.results = checks.list_results(tx, [key for key in institutions if self._may_keep(key)])
        self._due: defaultdict[int, set[str]] = defaultdict(set)
        for row in self.results:
            if row["due_on"] is not None and row["due_on"] <= as_of:
                self._due[row["institution_id"]].add(row["rule"])

    def rules_of(self, institution: int) -> Collection[str]:
        """The rules that must judge an institution; all where what they said is not known."""
        if not self._may_keep(institution):
            return self._book.rules
        touched = self._last[institution].touched
        if institution == OFFICE:  # of statements of unknown accounts nobody marks anything
            touched |= Touched.STATEMENTS
        concerned = _reading(self._book, touched)
        return concerned | self._due[institution] or self._book.rules

    def all_due(self) -> Iterator[tuple[int, Day]]:
        """The days on which all rules must judge again those that not all do today."""
        for key, last in self._last.items():
            if last.all_due_on is not None and self._may_keep(key):
                yield key, last.all_due_on

    def _may_keep(self, institution: int) -> bool:
        last = self._last.get(institution)
        return (
            last is not None
            and last.touched != Touched.EVERYTHING
            and last.rule_book == self._book.version
            and last.checked_as_of is not None
            and last.checked_as_of <= self._as_of
            and (last.all_due_on is None or last.all_due_on > self._as_of)
        )


@lru_cache(maxsize=64)
def _reading(book: RuleBook, touched: int) -> frozenset[str]:
    """The rules that read any of the data that were touched."""
    return frozenset(rule.id for rule in book.rules.values() if data_read(rule, book) & touched)


def data_read(rule: Rule, book: RuleBook) -> Touched:
    """The data that a rule reads, in its fact and in all that this reads."""
    read = Touched(0)
    for fact in list_read(book, rule.fact):
        for table in book.facts[fact].uses:
            if table not in book.facts:
                read |= next(
                    (data for data, names in TABLES.items() if table in names), Touched.REST
                )
    return read
