"""Walks the chain link by link: which row was altered, removed, inserted, moved or cut off.

What it knows at the end is what every covered row must hash to. Never touches a database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from feewatch.kernel.text import Text

Row = Mapping[str, Any]
HashLink = Callable[[Row], str]

#: By which ``audit`` rows tell of rows that were taken away by rule.
PRUNE, ERASE, CARRY = "audit.prune", "record.erase", "record.carry"
GENESIS = "0" * 64
#: A row that was moved is looked for so many places away.
_FAR = 1_000


class Fault(NamedTuple):
    """What is not as it was put on record."""

    kind: str  # altered, removed, inserted, moved, cut_off, unreadable
    place: str  # "audit 17", "case_event 5", "file …", "edition 370702/3"
    text: Text

    def as_json(self) -> dict[str, str]:
        """The form of the command."""
        return {"kind": self.kind, "place": self.place, "message": self.text.both()}


class Vouched(NamedTuple):
    """What a covered row must hash to, by the word of which link."""

    number: int
    hash: str


class Walk:
    """The chain as it was walked so far."""

    def __init__(self, hash_link: HashLink) -> None:
        self._hash = hash_link
        self.first: tuple[int, str] | None = None  # number of the first link, the hash before it
        self.last = (0, GENESIS)
        self.rows = 0
        self.faults: list[Fault] = []
        self.covers: defaultdict[str, dict[str, Vouched]] = defaultdict(dict)
        self.hashes: dict[int, str] = {}
        self._wanted: set[int] = set()
        self._pruned: dict[int, str] = {}

    def remember(self, numbers: Iterable[int]) -> None:
        """Keep the hashes of these links, for anchors."""
        self._wanted |= set(numbers)

    def take(self, row: Row) -> None:
        """Look at the next link, in the order of numbers."""
        number, previous = self.last
        if self.first is None:
            self.first = (row["number"], row["previous"] or "")
        elif row["number"] != number + 1:
            self._fault(
                "removed", number + 1,
                f"缺少第 {number + 1} 至 {row['number'] - 1} 行",
                f"rows {number + 1} to {row['number'] - 1} are missing",
            )  # fmt: skip
        elif row["previous"] != previous and self._hash(row) == row["hash"]:
            self._fault(
                "altered", number,
                f"应接 {row['previous']}，实为 {previous}：该行被替换",
                f"the row after it expects {row['previous']}, it is {previous}: it was replaced",
            )  # fmt: skip
        if self._hash(row) != row["hash"]:
            self._tell_altered(row)
        self._note(row)
        self.rows += 1
        self.last = (row["number"], row["hash"] or "")
        if row["number"] in self._wanted:
            self.hashes[row["number"]] = row["hash"]

    def end(self, head: tuple[int, str] | None) -> None:
        """Hold the walk against the row of the head; then what is missing at the begin."""
        number, last = self.last
        if self.first is not None and self.first[0] > 1:
            before = self.first[0] - 1
            if self._pruned.get(before) != self.first[1]:
                self._fault(
                    "removed", 1,
                    f"缺少第 1 至 {before} 行，没有按期清理的记录",
                    f"rows 1 to {before} are missing, and no row tells that they were let go",
                )  # fmt: skip
        if head is None or head[0] > number:
            told = "?" if head is None else str(head[0])
            self._fault(
                "cut_off", number + 1,
                f"链尾应为第 {told} 行，现止于第 {number} 行",
                f"the chain ends with row {told}, the last one here is {number}",
            )  # fmt: skip
        elif head[0] < number:
            self._fault(
                "inserted", head[0] + 1,
                f"链尾为第 {head[0]} 行，其后还有行",
                f"the chain ends with row {head[0]}, and rows stand after it",
            )  # fmt: skip
        elif head[1] != last:
            self._fault(
                "altered", number,
                f"应为 {head[1]}，实为 {last}",
                f"its hash should be {head[1]} and is {last}",
            )  # fmt: skip

    def hold(self, number: int, hashed: str, name: str) -> bool:
        """Whether an anchor agrees with the chain; a fault is noted where it does not."""
        if self.first is not None and number < self.first[0]:
            return True  # let go by rule: see ``end``
        present = self.hashes.get(number)
        if present == hashed:
            return True
        if number > self.last[0]:
            self._fault(
                "cut_off", number,
                f"{name} 记有第 {number} 行，链现止于第 {self.last[0]} 行",
                f"{name} names row {number}, the chain ends with {self.last[0]}",
            )  # fmt: skip
        elif present is not None:
            self._fault(
                "altered", number,
                f"{name} 记为 {hashed}，实为 {present}：此行或其前的行被改写",
                f"{name} says {hashed}, it is {present}: this row or one before it was rewritten",
            )  # fmt: skip
        return False

    def _tell_altered(self, row: Row) -> None:
        number = row["number"]
        near = (
            number + step * sign for step in range(1, _FAR) for sign in (-1, 1)
        )  # the nearest first
        origin = next(
            (each for each in near if self._hash({**row, "number": each}) == row["hash"]), None
        )
        if origin is not None:
            self._fault(
                "moved", number,
                f"此处是原第 {origin} 行：行的次序被调换",
                f"row {origin} stands here: rows were put in another order",
            )  # fmt: skip
        else:
            expected = self._hash(row)
            self._fault(
                "altered", number,
                f"内容的哈希为 {expected}，记录为 {row['hash']}",
                f"its content hashes to {expected}, on record is {row['hash']}",
            )  # fmt: skip

    def _note(self, row: Row) -> None:
        for name, hashes in (row["covers"] or {}).items():
            known = self.covers[name]
            for key, value in hashes.items():
                known[key] = Vouched(row["number"], value)
        detail = row["detail"]
        if row["action"] == PRUNE:
            self._pruned[detail["up_to"]] = detail["hash"]
        elif row["action"] == ERASE:
            for key in detail["rows"]:
                self.covers[detail["table"]].pop(str(key), None)

    def _fault(self, kind: str, number: int, zh: str, en: str) -> None:
        place = Text(f"审计第 {number} 行：{zh}", f"audit row {number}: {en}")
        self.faults.append(Fault(kind, f"audit {number}", place))
