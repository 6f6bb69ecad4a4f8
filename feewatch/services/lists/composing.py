"""What the next edition of each district would hold: read once for all districts, then compared.

Composes and decides nothing else: writes no row and no file.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.config import Publication
from feewatch.credit.decisions import Decision
from feewatch.credit.eligibility import Assessment
from feewatch.credit.holds import Held, Hold, hold
from feewatch.credit.lists import BLACKS, CREDIT_RED, DECIDED, LISTS, WHITE
from feewatch.credit.white_terms import WhiteTerms
from feewatch.engine.law import nearest
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.places import ancestry
from feewatch.kernel.text import Text
from feewatch.publication import edition as editing
from feewatch.publication.choice import (
    ListChoice,
    choose,
    existing_lists,
    leaving,
    refer_to_notices,
)
from feewatch.publication.edition import (
    Entry,
    EntryKey,
    Gates,
    Kind,
    ListChange,
    Lists,
    key_of,
)
from feewatch.services.check.rulebook import rule_book as read_rule_book
from feewatch.services.lists.gathering import DistrictRecord
from feewatch.services.lists.red import RedRecord, read_red, with_red
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, editions, holds, recalls, second_words
from feewatch.store.lists.editions import Edition

#: The codes under which refusals of an edition are known.
GATE_CODE, SECOND_CODE = "GATE-ADDITIONS", "SECOND-WORD"
_MILLION = 1_000_000
RECALLED = Text("登载有误，已撤回", "published in error and recalled")


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


class Presets(NamedTuple):
    """The office's parameters of publication in force on a day."""

    second_share: Fraction
    correction_hours: int
    add_days: Callable[[Day, int], Day]  # so many working days after a day
    holds_from: Day  # a hold that begins now has its days from here on


class Material(NamedTuple):
    """What is on file of one district at a cut-off."""

    district: str
    assessments: Sequence[Assessment] = ()
    decisions: Sequence[Decision] = ()
    terms: WhiteTerms | None = None  # none for what only takes entries out
    latest: Edition | None = None
    running: Mapping[str, Hold] = {}
    left: Collection[str] = ()  # credit codes that left the white list undecided
    recalls: Sequence[Record] = ()
    words: Sequence[Record] = ()
    red: RedRecord | None = None  # none for what only takes entries out


def read_presets(app: App, day: Day, *, is_made_up: bool = False) -> Presets:
    """The parameters in force on a day at the office's place.

    ``is_made_up``: an edition that the clock makes up gives the office its days from today on.
    """
    book, chain = read_rule_book(app), ancestry(app.config.office.district)

    def value(name: str) -> int:
        found = nearest(book.parameters[name].values, chain, day)
        assert found is not None  # the shipped book has one for the nation
        assert isinstance(found.value, int)
        return found.value

    return Presets(
        Fraction(value("second_word_share"), _MILLION),
        value("correction_hours"),
        lambda since, days: add_working_days(since, days, app.holidays).day,
        max(day, today()) if is_made_up else day,
    )


def add_to_all(
    app: App, tx: Transaction, cut_off: Day, records: Iterable[DistrictRecord]
) -> Iterator[Material]:
    """The material of every district, in as many statements for one as for a hundred."""
    latest = editions.list_latest(tx)
    running, left = holds.list_all_running(tx), holds.list_left(tx)
    recalled = _by_district(recalls.list_standing(tx))
    words = _by_district(second_words.list_words(tx))
    red = read_red(app, tx, cut_off)
    for record in records:
        place = record.district
        yield Material(
            *record, latest.get(place), running.get(place, {}), left.get(place, ()),
            recalled.get(place, ()), words.get(place, ()), red,
        )  # fmt: skip


def refresh(tx: Transaction, material: Material) -> Material:
    """The same with what may have changed since: editions, decisions, holds, recalls, words."""
    place = material.district
    return material._replace(
        latest=editions.find_latest(tx, place),
        decisions=decisions.list_decisions(tx, place),
        running=holds.list_running(tx, place),
        left=holds.list_left(tx, place).get(place, ()),
        recalls=recalls.list_standing(tx, place),
        words=second_words.list_words(tx, place),
    )


def compose(
    config: Publication, presets: Presets, material: Material, cut_off: Day
) -> EditionDraft:
    """The regular edition without what gates hold back; who needs a second word stays in it."""
    place, latest, terms = material.district, material.latest, material.terms
    assert terms is not None
    before = None if latest is None else lists_of(latest)
    choice = choose(
        material.assessments,
        material.decisions,
        existing_lists(config.list_basis, place),
        cut_off,
    )
    places = hold(
        (before or {}).get(WHITE, ()), choice.assessments, material.running, cut_off,
        lambda since: presets.add_days(max(since, presets.holds_from), terms.hold_days),
    )  # fmt: skip
    choice = choice.with_held(places, material.left)
    if material.red is not None:
        choice = with_red(material.red, choice, place)
    lists = _without(choice.lists, recalled_entries(material.recalls))
    changes = _compare(before or {}, lists, choice, material)
    gates = Gates(config.max_added_share, config.max_added_floor)
    texts = editing.check_gates(before, changes, gates)
    leaves = _leaves(before or {}, changes, presets, material.decisions, choice)
    draft = EditionDraft(
        lists, choice, "regular", changes, leaves=leaves, places=places, wanted=changes
    )
    if texts:
        assert before is not None
        kept = choice.keep_until_public(before, editing.without_additions(before, lists))
        kept = _without(kept, recalled_entries(material.recalls))
        draft = replace(
            draft, lists=kept, kind="removals", changes=_compare(before, kept, choice, material),
            objections=tuple(Objection(GATE_CODE, text) for text in texts),
        )  # fmt: skip
    return _keep_for_second(draft, before or {}, material)


def correct(config: Publication, material: Material, cut_off: Day) -> EditionDraft | None:
    """What must leave the latest edition at once, and nothing else; None where nothing must.

    Whose decision fell or ran out, what was recalled; a recalled edition gives way to the one
    before it.
    """
    latest = material.latest
    if latest is None:
        return None
    existing = existing_lists(config.list_basis, material.district)
    gone = leaving(decided_of(latest), material.decisions, existing, cut_off)
    gone |= recalled_entries(material.recalls)
    if not gone:  # mostly: a look that finds nothing does not read the whole edition
        return None
    before = lists_of(latest)
    kept = _without(before, gone)
    if kept == before:
        return None
    choice = choose([], material.decisions, existing, cut_off)._replace(
        unrated=latest.read()["unrated"]
    )
    return EditionDraft(kept, choice, "correction", _compare(before, kept, choice, material))


def list_uncorrected(config: Publication, tx: Transaction, day: Day) -> list[str]:
    """Districts of whose latest edition something must leave by a day.

    As many statements for one as for a hundred: most of the time there is none, and none is locked.
    """
    decided: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions.list_decisions(tx):
        decided[decision.district].append(decision)
    recalled = _by_district(recalls.list_standing(tx))
    found = []
    for place, latest in editions.list_latest(tx).items():
        material = Material(
            place, decisions=decided[place], latest=latest, recalls=recalled.get(place, ())
        )
        at = max(day, latest.cut_off)
        if is_recalled(material) or correct(config, material, at) is not None:
            found.append(place)
    return found


def is_recalled(material: Material) -> bool:
    """Whether the latest edition as a whole was recalled and still stands."""
    return material.latest is not None and any(
        not row["list"]
        and row["done_number"] is None
        and row["edition_number"] == material.latest.number
        for row in material.recalls
    )


def step_back(
    config: Publication,
    presets: Presets,
    material: Material,
    previous: Edition | None,
    cut_off: Day,
) -> EditionDraft:
    """The edition before the latest put in its place again, but for what may not be listed now."""
    latest = material.latest
    assert latest is not None
    before = lists_of(latest)
    existing = existing_lists(config.list_basis, material.district)
    earlier = lists_of(previous) if previous else {}
    gone = leaving(earlier, material.decisions, existing, cut_off) | recalled_entries(
        material.recalls
    )
    lists = _without({name: earlier.get(name, []) for name in sorted({*existing, *earlier})}, gone)
    barred = {
        each.uscc for each in material.decisions if each.list in BLACKS and each.is_public(cut_off)
    }
    lists[WHITE] = [entry for entry in lists[WHITE] if entry["uscc"] not in barred]
    unrated = previous.read()["unrated"] if previous else []
    choice = choose([], material.decisions, existing, cut_off)._replace(unrated=unrated)
    why = Text(f"第 {latest.number} 期有误，已撤回", f"edition {latest.number} was recalled")
    changes = editing.compare(before, lists, lambda *_: why, lambda *_: why)
    leaves = _leaves(before, changes, presets, material.decisions, choice)
    draft = EditionDraft(lists, choice, "correction", changes, leaves=leaves, wanted=changes)
    return _held_for_second(draft, config, material, cut_off)


def lists_of(edition: Edition) -> Lists:
    """The lists of an edition."""
    lists: Lists = edition.read()["lists"]
    return lists


@lru_cache(maxsize=256)
def decided_of(edition: Edition) -> Lists:
    """The entries of an edition that rest on decisions, by list; not to be changed."""
    return {
        name: [entry for entry in entries if "document" in entry]
        for name, entries in lists_of(edition).items()
    }


def recalled_entries(rows: Sequence[Record]) -> set[tuple[str, EntryKey]]:
    """The entries that stand recalled, by list."""
    return {
        (row["list"], EntryKey(row["uscc"], "" if row["uscc"] else row["name"], row["document"]))
        for row in rows
        if row["list"] and row["cause"] == "recall"
    }


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


def _leaves(
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


def _keep_for_second(draft: EditionDraft, before: Lists, material: Material) -> EditionDraft:
    """The draft, in which those who leave by a second word stay until it is given.

    Nothing else waits for it: neither a decision that is due nor anybody's removal by one.
    """
    if material.latest is None or _is_consented(draft.leaves, material.words):
        return draft
    kept = {leave.list: {entry["uscc"] for entry in leave.asked} for leave in draft.leaves}
    white = kept.get(WHITE, set())
    # who stays white does not leave the other for want of it
    kept[CREDIT_RED] = kept.get(CREDIT_RED, set()) | (white - draft.choice.settled)
    lists = editing.arrange(
        {name: _with_kept(entries, before.get(name, ()), kept.get(name, ()))
         for name, entries in draft.lists.items()}
    )  # fmt: skip
    refer_to_notices(lists)
    places = draft.places
    if places is not None:
        ended = {uscc: why for uscc, why in places.ended.items() if uscc not in white}
        places = places._replace(ended=ended, neutral=places.neutral - white)
    unrated = [entry for entry in draft.choice.unrated if entry["uscc"] not in white]
    choice = draft.choice._replace(unrated=unrated)
    return replace(
        draft, lists=lists, choice=choice, places=places,
        changes=_compare(before, lists, choice, material),
        objections=(*draft.objections, Objection(SECOND_CODE, _second_text(draft.leaves))),
    )  # fmt: skip


def _with_kept(
    entries: Sequence[Entry], before: Sequence[Entry], kept: Collection[str]
) -> list[Entry]:
    present = {entry["uscc"] for entry in entries}
    return [
        *entries,
        *(each for each in before if each["uscc"] in kept and each["uscc"] not in present),
    ]


def _held_for_second(
    draft: EditionDraft, config: Publication, material: Material, cut_off: Day
) -> EditionDraft:
    """A draft that steps back; without the second word that it needs, what must leave by law."""
    if material.latest is None or _is_consented(draft.leaves, material.words):
        return draft
    objection = Objection(SECOND_CODE, _second_text(draft.leaves))
    rest = correct(config, material, cut_off)
    rest = rest or EditionDraft(lists_of(material.latest), draft.choice, "removals", [])
    return replace(
        rest, kind="removals", objections=(*draft.objections, objection), leaves=draft.leaves,
        wanted=draft.wanted,
    )  # fmt: skip


def _is_consented(leaves: Sequence[Leave], words: Sequence[Record]) -> bool:
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


def _second_text(leaves: Sequence[Leave]) -> Text:
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


def _without(lists: Lists, gone: set[tuple[str, EntryKey]]) -> Lists:
    touched = {name for name, _ in gone}
    return {
        name: [entry for entry in entries if (name, key_of(entry)) not in gone]
        if name in touched
        else entries
        for name, entries in lists.items()
    }


def _compare(
    before: Lists, after: Lists, choice: ListChoice, material: Material
) -> list[ListChange]:
    recalled = recalled_entries(material.recalls)

    def why_removed(name: str, entry: Entry) -> Text:
        is_recalled = (name, key_of(entry)) in recalled
        return RECALLED if is_recalled else choice.why_removed(name, entry)

    return editing.compare(before, after, choice.why_added, why_removed)


def _by_district(rows: Sequence[Record]) -> dict[str, list[Record]]:
    grouped: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        grouped[row["district"]].append(row)
    return grouped
