"""What an edition holds, how it differs from the one before, and which changes the gates let out.

No clock is read: the same lists, cut-off, rule book and previous edition give the same document.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.publication.signing import canonical, sha256

FORMAT = "feewatch-edition/2"
#: Editions of these formats are read; the first had no words on what its lists mean.
FORMATS = frozenset({"feewatch-edition/1", FORMAT})

Entry = dict[str, Any]
Lists = dict[str, list[Entry]]
#: A full edition, a correction that only removes, or what the gates let out of a refused one.
Kind = Literal["regular", "correction", "removals"]


class EntryKey(NamedTuple):
    """What makes two entries of a list the same: who, and by which document if by any."""

    uscc: str
    name: str  # only where there is no uscc
    document: str


class ListChange(NamedTuple):
    """One difference from the previous edition, with its reason."""

    list: str
    change: Literal["added", "removed", "changed"]
    entry: Entry
    reason: Text

    def as_json(self) -> dict[str, Any]:
        """The form in the edition."""
        return {
            "list": self.list,
            "change": self.change,
            **{key: self.entry[key] for key in ("uscc", "name", "document") if key in self.entry},
            "reason": self.reason._asdict(),
        }


class Gates(NamedTuple):
    """How much an edition may add to a list: a share of it or a number, whichever is more."""

    max_added_share: float
    max_added_floor: int

    def limit(self, size: int) -> int:
        """The most additions to a list of this size."""
        return max(self.max_added_floor, int(Fraction(str(self.max_added_share)) * size))


def key_of(entry: Entry) -> EntryKey:
    """The identity of an entry."""
    return EntryKey(*_turn(entry))


def arrange(lists: Mapping[str, list[Entry]]) -> Lists:
    """The lists in the order in which they are published."""
    return {name: sorted(entries, key=_turn) for name, entries in sorted(lists.items())}


def _turn(entry: Entry) -> tuple[str, str, str]:
    """The parts of the identity: made for each entry of a province, and several times."""
    uscc = entry["uscc"]
    return uscc, "" if uscc else entry["name"], entry.get("document", "")


def compare(
    before: Lists,
    after: Lists,
    why_added: Callable[[str, Entry], Text],
    why_removed: Callable[[str, Entry], Text],
) -> list[ListChange]:
    """Every difference, by list and entry, with its reason."""
    changes = []
    for name in sorted({*before, *after}):
        old = {key_of(entry): entry for entry in before.get(name, [])}
        new = {key_of(entry): entry for entry in after.get(name, [])}
        for key in sorted({*old, *new}):
            if key not in old:
                changes.append(ListChange(name, "added", new[key], why_added(name, new[key])))
            elif key not in new:
                changes.append(ListChange(name, "removed", old[key], why_removed(name, old[key])))
            elif old[key] != new[key]:
                changes.append(ListChange(name, "changed", new[key], _why_changed(new[key])))
    return changes


def _why_changed(entry: Entry) -> Text:
    """What rests on a decision changes only where a slip of the pen was corrected."""
    if "document" in entry:
        return Text("更正", "corrected")
    return Text("登载内容更新", "what is published was updated")


def check_gates(before: Lists | None, changes: list[ListChange], gates: Gates) -> list[Text]:
    """What the gates object to; a first edition has nothing to be measured against."""
    if before is None:
        return []
    faults = []
    for name in sorted({change.list for change in changes}):
        added = sum(change.list == name and change.change == "added" for change in changes)
        size = len(before.get(name, []))
        limit = gates.limit(size)
        if added > limit:
            faults.append(
                Text(
                    f"{name} 拟新增 {added} 条，超过上限 {limit} 条（上一期 {size} 条；"
                    "见配置 publication.max_added_share、max_added_floor)",
                    f"{name} would gain {added} entries, more than {limit} (previous edition: "
                    f"{size}; publication.max_added_share, max_added_floor)",
                )
            )
    return faults


def without_additions(before: Lists, after: Lists) -> Lists:
    """The lists with everything that leaves gone and nothing new."""
    kept = {}
    for name, entries in before.items():
        new = {key_of(entry): entry for entry in after.get(name, [])}
        kept[name] = [new[key_of(entry)] for entry in entries if key_of(entry) in new]
    # a list that came into being stays empty until its additions are let out
    return arrange({name: kept.get(name, []) for name in after})


def build(
    *,
    kind: Kind,
    office: str,
    district: str,
    number: int,
    cut_off: Day,
    rule_book: str,
    previous_sha256: str | None,
    lists: Lists,
    unrated: list[Entry],
    changes: list[ListChange],
    meanings: Mapping[str, Any],
) -> dict[str, Any]:
    """The document of an edition, not yet signed; ``meanings`` by list, of the rule book."""
    return {
        "format": FORMAT,
        "kind": kind,
        "office": office,
        "district": district,
        "number": number,
        "cut_off": format_day(cut_off),
        "rule_book": rule_book,
        "previous_sha256": previous_sha256,
        "lists": lists,
        "meanings": {name: meanings[name] for name in lists if name in meanings},
        "counts": {name: len(entries) for name, entries in lists.items()},
        "unrated": sorted(unrated, key=key_of),
        "delta": [change.as_json() for change in changes],
    }


def content_hash(lists: Lists) -> str:
    """The hash of the entries alone."""
    return sha256(canonical(lists))
