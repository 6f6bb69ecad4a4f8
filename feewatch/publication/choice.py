"""Which names stand on which list at a cut-off: decisions and assessments become entries."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from feewatch.config import ListBasis
from feewatch.credit.decisions import SERIOUS_LEVELS, Decision
from feewatch.credit.eligibility import Assessment
from feewatch.credit.holds import Held
from feewatch.credit.lists import (
    ALWAYS,
    CREDIT_BLACK,
    CREDIT_RED,
    DECIDED,
    LISTS,
    NOT_DECIDED,
    NOTICE,
    PENDING,
    UNRATED,
    WHITE,
)
from feewatch.credit.red import GRADED, RedStanding, red_entry
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text
from feewatch.publication.edition import Entry, EntryKey, Lists, arrange, key_of


class ListChoice(NamedTuple):
    """What a district's edition would hold, and where its reasons come from."""

    lists: Lists
    unrated: list[Entry]
    assessments: Mapping[str, Assessment]  # by credit code
    decisions: Mapping[EntryKey, list[Decision]]
    cut_off: Day
    neutral: frozenset[str] = frozenset()  # credit codes that leave because nobody decided in time
    red: Mapping[str, RedStanding] = MappingProxyType({})  # of those with a grade that was set

    def with_held(self, held: Held, left: Collection[str] = ()) -> "ListChoice":
        """The same with white places that are held, and those unrated that nobody decided of.

        ``left``: credit codes that left in that way before this edition.
        """
        kept = {entry["uscc"] for entry in held.entries}
        lists = arrange({**self.lists, WHITE: [*self.lists[WHITE], *held.entries]})
        refer_to_notices(lists)
        white = {entry["uscc"] for entry in lists[WHITE]}
        pending = {uscc for uscc in held.neutral if uscc not in white}
        # what computations alone say against one that left so is no public word either
        pending |= {uscc for uscc in left if uscc not in white and self._is_undecided(uscc)}
        unrated = [entry for entry in self.unrated if entry["uscc"] not in {*kept, *pending}]
        unrated += [
            {"uscc": uscc, "name": self.assessments[uscc].standing.name, "state": PENDING}
            for uscc in sorted(pending)
        ]
        return self._replace(lists=lists, unrated=unrated, neutral=held.neutral)

    def _is_undecided(self, uscc: str) -> bool:
        """Whether only facts and computations are against a place, though none is missing."""
        assessment = self.assessments.get(uscc)
        if assessment is None or assessment.state != "not_listed":
            return False
        return not _decided_by(assessment)

    def keep_until_public(self, before: Lists, kept: Lists) -> Lists:
        """Lists whose additions wait, with white places that end only when a decision is public."""
        public = {entry["document"] for name in DECIDED for entry in kept.get(name, ())}
        present = {entry["uscc"] for entry in kept[WHITE]}
        waiting = [
            entry
            for entry in before.get(WHITE, ())
            if entry["uscc"] not in present
            and (assessment := self.assessments.get(entry["uscc"])) is not None
            and (documents := _decided_by(assessment))
            and not documents & public
        ]
        return arrange({**kept, WHITE: [*kept[WHITE], *waiting]})

    def with_red(self, standings: Mapping[str, RedStanding], *, with_grade: bool) -> "ListChoice":
        """The same with those on ``credit_red``, where it exists, whose grade meets all conditions.

        ``standings``: of institutions of the district, by credit code.
        """
        if CREDIT_RED not in self.lists:
            return self
        entries = [
            red_entry(standing, self.assessments[uscc].standing.subject, with_grade=with_grade)
            for uscc, standing in standings.items()
            if standing.is_red and uscc in self.assessments
        ]
        lists = arrange({**self.lists, CREDIT_RED: entries})
        return self._replace(lists=lists, red=standings)

    @property
    def settled(self) -> frozenset[str]:
        """Credit codes off ``credit_red`` by decisions or by the day on which a grade ran out."""
        return frozenset(uscc for uscc, standing in self.red.items() if standing.is_settled)

    def why_added(self, name: str, entry: Entry) -> Text:
        """The public reason of an addition."""
        if "document" in entry:
            return Text(f"依据{entry['document']}", f"by {entry['document']}")
        if name == CREDIT_RED:
            return GRADED
        return Text("符合白名单全部条件", "all conditions of the white list are proven")

    def why_removed(self, name: str, entry: Entry) -> Text:
        """The public reason of a removal."""
        if "document" in entry:
            for decision in self.decisions.get(key_of(entry), ()):
                ended = decision.why_gone(self.cut_off)
                if ended is not None:
                    return ended
            return Text("名单或其依据已变更", "the list or its legal basis changed")
        assessment = self.assessments.get(entry["uscc"])
        if assessment is None:
            return Text("已不在本区登记", "is on the register of this district no more")
        if name == CREDIT_RED:
            standing = self.red.get(entry["uscc"])
            return UNRATED if standing is None else standing.public_reason
        if entry["uscc"] in self.neutral:
            return NOT_DECIDED
        return assessment.public_reason


def choose(
    assessments: Iterable[Assessment],
    decisions: Iterable[Decision],
    existing: frozenset[str],
    cut_off: Day,
) -> ListChoice:
    """The entries of every list that exists in the district."""
    lists: Lists = {name: [] for name in existing}
    by_uscc = {assessment.standing.uscc: assessment for assessment in assessments}
    lists[WHITE] = [
        _proven(assessment) for assessment in by_uscc.values() if assessment.state == "white"
    ]
    by_key: dict[EntryKey, list[Decision]] = {}
    shown: set[tuple[str, EntryKey]] = set()
    for decision in decisions:
        entry = _decided(decision)
        by_key.setdefault(key_of(entry), []).append(decision)
        name = _list_of(decision, existing)
        # two lists without a basis meet on the notice board: one document is shown once
        if decision.is_public(cut_off) and (name, key_of(entry)) not in shown:
            shown.add((name, key_of(entry)))
            lists[name].append(entry)
    refer_to_notices(lists)
    unrated = [
        {"uscc": assessment.standing.uscc, "name": assessment.standing.name}
        for assessment in by_uscc.values()
        if assessment.state == "unrated"
    ]
    return ListChoice(arrange(lists), unrated, by_uscc, by_key, cut_off)


def refer_to_notices(lists: Lists) -> None:
    """Say of a white row that its institution stands on the notice board too."""
    noticed = {entry["uscc"] for entry in lists[NOTICE]}
    lists[WHITE] = [
        _referred(entry, entry["uscc"] in noticed) if "see" in entry or noticed else entry
        for entry in lists[WHITE]
    ]


def _referred(entry: Entry, is_noticed: bool) -> Entry:
    kept = {name: value for name, value in entry.items() if name != "see"}
    return kept | {"see": NOTICE} if is_noticed else kept


def _decided_by(assessment: Assessment) -> set[str]:
    """The documents of the public decisions that are against a white place."""
    return {
        line.datum
        for line in assessment.lines
        if line.code == "DECISION" and line.verdict == "failed"
    }


def leaving(
    lists: Lists, decisions: Iterable[Decision], existing: frozenset[str], cut_off: Day
) -> set[tuple[str, EntryKey]]:
    """Entries that rest on a decision of which none bears them any more."""
    borne = {
        (_list_of(decision, existing), key_of(_decided(decision)))
        for decision in decisions
        if decision.why_gone(cut_off) is None
    }
    resting = {
        (name, key_of(entry))
        for name, entries in lists.items()
        for entry in entries
        if "document" in entry
    }
    return resting - borne


def existing_lists(bases: Iterable[ListBasis], district: str) -> frozenset[str]:
    """Lists that exist in a district: one without a legal basis there, or one too low, does not."""
    based = {
        each.list
        for each in bases
        if covers(each.jurisdiction, district)
        and (each.list != CREDIT_BLACK or each.level in SERIOUS_LEVELS)
    }
    return ALWAYS | (based & LISTS.keys())


def _list_of(decision: Decision, existing: frozenset[str]) -> str:
    return decision.list if decision.list in existing else NOTICE


def _proven(assessment: Assessment) -> Entry:
    standing = assessment.standing
    return {"uscc": standing.uscc, "name": standing.name, "subject": standing.subject}


def _decided(decision: Decision) -> Entry:
    return {
        "uscc": decision.uscc,
        "name": decision.name,
        "document": decision.document,
        "decided_on": format_day(decision.decided_on),
        "authority": decision.authority,
        "basis": dict(decision.basis),
        "class": decision.gravity,
        "publish_from": iso_or_none(decision.publish_from),
        "last_day": iso_or_none(decision.last_day),
        "earliest_repair": iso_or_none(decision.earliest_repair),
        "reason": decision.reason,
    }
