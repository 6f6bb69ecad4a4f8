"""What the next edition of each district would hold: read once for all districts, then compared.

Composes and decides nothing else: writes no row and no file.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from feewatch.config import Publication
from feewatch.credit.decisions import Decision
from feewatch.credit.holds import hold
from feewatch.credit.lists import BLACKS, CREDIT_RED, WHITE
from feewatch.kernel.days import Day
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
    ListChange,
    Lists,
    key_of,
)
from feewatch.services.lists.decided_entries import (
    DecidedEntries,
    decided_of,
    list_decided_entries,
    list_known_decisions,
)
from feewatch.services.lists.drafts import (
    GATE_CODE,
    SECOND_CODE,
    EditionDraft,
    Objection,
    is_consented,
    list_leaves,
    second_text,
)
from feewatch.services.lists.material import (
    Material,
    Presets,
    by_district,
    lists_of,
    recalled_entries,
)
from feewatch.services.lists.red import with_red
from feewatch.store.database import Database, Record, Transaction
from feewatch.store.lists import editions, recalls
from feewatch.store.lists.editions import Edition

RECALLED = Text("登载有误，已撤回", "published in error and recalled")


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
    leaves = list_leaves(before or {}, changes, presets, material.decisions, choice)
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


def list_uncorrected(
    config: Publication, database: Database, tx: Transaction, day: Day
) -> list[str]:
    """Districts of whose latest edition something must leave by a day; within ``reading``.

    As many statements for one as for a hundred: most of the time there is none, and none is locked.
    """
    decided: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in list_known_decisions(database, tx):
        decided[decision.district].append(decision)
    recalled = by_district(recalls.list_standing(tx))
    return [
        entries.head.district
        for entries in list_decided_entries(database, tx)
        if _must_correct(
            config, tx, entries, decided[entries.head.district],
            recalled.get(entries.head.district, ()), day,
        )
    ]  # fmt: skip


def _must_correct(
    config: Publication,
    tx: Transaction,
    entries: DecidedEntries,
    decided: Sequence[Decision],
    recalled: Sequence[Record],
    day: Day,
) -> bool:
    head, existing = entries.head, existing_lists(config.list_basis, entries.head.district)
    at = max(day, head.cut_off)
    if leaving(entries.lists, decided, existing, at):
        return True
    if not recalled:
        return False
    material = Material(
        head.district, decisions=decided, latest=editions.find_latest(tx, head.district),
        recalls=recalled,
    )  # fmt: skip
    return is_recalled(material) or correct(config, material, at) is not None


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
    leaves = list_leaves(before, changes, presets, material.decisions, choice)
    draft = EditionDraft(lists, choice, "correction", changes, leaves=leaves, wanted=changes)
    return _held_for_second(draft, config, material, cut_off)


def _keep_for_second(draft: EditionDraft, before: Lists, material: Material) -> EditionDraft:
    """The draft, in which those who leave by a second word stay until it is given.

    Nothing else waits for it: neither a decision that is due nor anybody's removal by one.
    """
    if material.latest is None or is_consented(draft.leaves, material.words):
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
        objections=(*draft.objections, Objection(SECOND_CODE, second_text(draft.leaves))),
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
    if material.latest is None or is_consented(draft.leaves, material.words):
        return draft
    objection = Objection(SECOND_CODE, second_text(draft.leaves))
    rest = correct(config, material, cut_off)
    rest = rest or EditionDraft(lists_of(material.latest), draft.choice, "removals", [])
    return replace(
        rest, kind="removals", objections=(*draft.objections, objection), leaves=draft.leaves,
        wanted=draft.wanted,
    )  # fmt: skip


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
