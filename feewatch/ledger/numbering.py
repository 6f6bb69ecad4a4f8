"""Which references are no ids of the bank's, so that they keep no rows apart.

Pure. A reference is an id only where it names one row of the account. Ordinals and numbers that
restart with each file are none, and neither are numbers made anew at each download.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import combinations
from typing import NamedTuple

from feewatch.ledger.tellers import DayTellers


class NumberedRow(NamedTuple):
    """A row with a reference."""

    statement_id: int
    amount_fen: int
    reference: str


class NoIds(NamedTuple):
    """References that are no ids: those of a word, and all of a statement."""

    references: frozenset[str] = frozenset()
    statements: frozenset[int] = frozenset()

    def holds(self, statement_id: int, reference: str | None) -> bool:
        """Whether a row's reference is no id."""
        return reference in self.references or statement_id in self.statements

    def joined(self, statements: Collection[int]) -> "NoIds":
        """These, and all of some more statements."""
        return self._replace(statements=self.statements.union(statements))


class Downloads:
    """Finds the statements whose numbers another one, telling the same money, does not share."""

    def __init__(self) -> None:
        self._sharing: set[tuple[int, int]] = set()
        self._alike: Counter[tuple[int, int]] = Counter()  # rows with the amount of one there
        self._fewest: Counter[tuple[int, int]] = Counter()  # rows of the one that has fewer

    def add(self, rows: Iterable[NumberedRow], tellers: DayTellers) -> None:
        """Take in the rows of a day; parts that chain tell different money."""
        amounts: defaultdict[int, Counter[int]] = defaultdict(Counter)
        named: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
        for statement, amount, reference in rows:
            amounts[statement][amount] += 1
            named[statement].add((amount, reference))
        for pair in combinations(sorted(amounts), 2):
            one, other = pair
            if pair in self._sharing or tellers.are_parts(one, other):
                continue
            if named[one] & named[other]:
                self._sharing.add(pair)
            self._alike[pair] += (amounts[one] & amounts[other]).total()
            self._fewest[pair] += min(amounts[one].total(), amounts[other].total())

    def list_made_anew(self) -> set[int]:
        """Those of which at least half of the rows told twice are alike, and no number is."""
        return {
            statement
            for pair, rows in self._alike.items()
            if rows and rows * 2 >= self._fewest[pair] and pair not in self._sharing
            for statement in pair
        }
