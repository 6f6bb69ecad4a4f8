"""An edition as composed: what holds it, and who would leave by whose word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from feewatch.credit.decisions import Decision
from feewatch.credit.holds import Held
from feewatch.credit.lists import CREDIT_RED, DECIDED, LISTS
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.publication import edition as editing
from feewatch.publication.choice import (
    ListChoice,
)
from feewatch.publication.edition import (
    Entry,
    Kind,
    ListChange,
    Lists,
)
from feewatch.services.lists.material import Presets
from feewatch.store.database import Record
from feewatch.store.lists.editions import Edition

#: The codes under which refusals of an edition are known.
GATE_CODE, SECOND_CODE = "GATE-ADDITIONS", "SECOND-WORD"


class Objection(NamedTuple):
    """Why an edition does not go out as it was composed."""

    code: str
    text: Text


class Leave(NamedTuple):
    """How many of a list would leave at once."""

    list: str
    entries: tuple[Entry, ...]
    size: int  # of the list before
    asked: tuple[Entry, ...]  # those that leave by a second word; empty where the share is small

    @property
    def needs_second(self) -> bool:
        """Whether a second person must agree."""
        return bool(self.asked)

    @property
    def percent(self) -> int:
        """The share in whole per cent, rounded down."""
        return 100 * len(self.entries) // self.size


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """The next edition of a district as composed, and what holds it."""

    lists: Lists
    choice: ListChoice
    kind: Kind
    changes: list[ListChange]
    objections: tuple[Objection, ...] = ()
    leaves: tuple[Leave, ...] = ()  # of the whole edition, though it be held
    places: Held | None = (
        None  # what becomes of white places whose proof fails; none of corrections
    )
    #: The whole edition where what goes out is less.
    wanted: list[ListChange] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Whether it is less than a whole edition: what waits for a second word is no less."""
        return bool(self.objections) and self.kind != "regular"

    def goes_out(self, latest: Edition | None, cut_off: Day) -> bool:
        """Whether there is an edition to make of it."""
        if latest is None:
            return True
        if self.is_held:
            return any(change.change == "removed" for change in self.changes)
        return latest.cut_off < cut_off or bool(self.changes)


def digest_of(leaves: Sequence[Leave]) -> tuple[dict[str, Any], str]:
    """Who would leave which list by a second word, and the hash of that."""
    leaving = {
        leave.list: {
            "size": leave.size,
            "entries": [{name: entry[name] for name in ("uscc", "name")} for entry in leave.asked],
        }
        for leave in leaves
        if leave.needs_second
    }
    return leaving, editing.content_hash({name: [value] for name, value in leaving.items()})


def list_leaves(
    before: Lists,
    changes: Sequence[ListChange],
    presets: Presets,
    decisions: Sequence[Decision],
    choice: ListChoice,
) -> tuple[Leave, ...]:
    """By list what leaves; what leaves by a decision has had its three persons already."""
    barred = {each.uscc for each in decisions if each.uscc and each.is_public(choice.cut_off)}
    found = []
    for name in LISTS:
        entries = tuple(
            change.entry for change in changes if (change.list, change.change) == (name, "removed")
        )
        if not entries:
            continue
        size = len(before[name])
        settled = barred | choice.settled if name == CREDIT_RED else barred
        undecided = tuple(entry for entry in entries if entry["uscc"] not in settled)
        is_large = Fraction(len(undecided), size) > presets.second_share
        asked = undecided if is_large and name not in DECIDED else ()
        found.append(Leave(name, entries, size, asked))
    return tuple(found)


def is_consented(leaves: Sequence[Leave], words: Sequence[Record]) -> bool:
    """Whether two persons agreed that all who would leave by their word do."""
    wanted = {(leave.list, entry["uscc"]) for leave in leaves for entry in leave.asked}
    return not wanted or any(
        wanted
        <= {
            (name, entry["uscc"])
            for name, part in word["leaving"].items()
            for entry in part["entries"]
        }
        for word in words
        if word["second_by"]
    )


def second_text(leaves: Sequence[Leave]) -> Text:
    """What waits for another person's word."""
    large = [leave for leave in leaves if leave.needs_second]
    zh = "；".join(
        f"{LISTS[each.list].zh}将移出 {len(each.entries)} 家，占 {each.size} 家的 {each.percent}%"
        for each in large
    )
    en = "; ".join(
        f"{len(each.entries)} of {each.size} ({each.percent} %) would leave "
        f"the {LISTS[each.list].en}"
        for each in large
    )
    return Text(
        f"{zh}，须由另一人同意后发布（publish --second）",
        f"{en}: another person must agree first (publish --second)",
    )
