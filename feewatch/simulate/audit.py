"""What the published files hold, against what the plan says they ought to: counts of both.

Reads the files on disk as anybody may, the moments at which editions went out, and the plan. It
asks no service what is right.
"""

import datetime as dt
import hashlib
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.kernel.days import Day, date_of, day_of, parse_day
from feewatch.kernel.text import Text
from feewatch.publication.signing import read_signed
from feewatch.services.lists.keys import find_own_keys
from feewatch.services.lists.verification import verify
from feewatch.simulate.acts import CORRECTED
from feewatch.simulate.plan import (
    CLEAR_MONTHS,
    DISTRICTS,
    START,
    Matter,
    Plan,
    at_hour,
    hold_due,
    months_later,
)
from feewatch.simulate.run import Ran
from feewatch.store.pages.editions import list_editions

#: Every invariant, in the order of the report.
INVARIANTS: dict[str, Text] = {
    "without_document": Text("没有决定的条目", "entries without document"),
    "past_term": Text("超过公示期的条目", "entries past their term"),
    "open_window": Text("陈述申辩期内的条目", "entries during an open window"),
    "ended": Text("决定已失效的条目", "entries whose decision ended"),
    "two_lists": Text("同时在红黑名单", "on two lists"),
    "fewer_persons": Text("少于三人办理的条目", "by fewer than three persons"),
    "natural_persons": Text("写有自然人的条目", "entries that name a natural person"),
    "entries_missing": Text("应有而无的条目", "entries missing"),
    "wrong_content": Text("内容与决定不符的条目", "entries unlike their decision"),
    "white_unproven": Text("未证明也无暂缓的白名单", "white places without proof or hold"),
    "white_lost": Text("被误移出的白名单", "white places lost"),
    "red_unearned": Text("未满足条件的信用红名单", "red places without grade or conditions"),
    "red_lost": Text("应有而无的信用红名单", "red places lost"),
    "removals_unpublished": Text("未公布的移出", "removals unpublished"),
    "late_removals": Text("逾时的移出", "removals late"),
    "editions_missing": Text("缺少的版次", "editions missing"),
    "not_verifying": Text("不能核验的版次", "editions that do not verify"),
    "chain_broken": Text("版次链断裂", "breaks of the chain"),
    "forgeries": Text("通过核验的伪造版次", "forged editions that verify"),
    "stale_writes": Text("失去租约后的写入", "writes of a scheduler without lease"),
    "acts_astray": Text("结果与计划不符的操作", "acts that ended otherwise than planned"),
}
#: More editions than any simulation has.
_ALL = 100_000
_DECIDED = ("black", "credit_black", "notice")
_BLACK, _RED = ("black", "credit_black"), ("white", "credit_red")


class PublishedEdition(NamedTuple):
    """An edition as it lies on disk, and when it went out."""

    district: str
    number: int
    cut_off: Day
    at: dt.datetime
    content: dict[str, Any]


@dataclass
class Audit:
    """Violations and how many things were looked at, by invariant."""

    broken: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def hold(self, name: str, is_well: bool, example: str) -> None:
        """Count one look at an invariant."""
        self.looked[name] += 1
        if not is_well:
            self.broken[name] += 1
            if self.broken[name] <= 3:
                self.examples.append(f"{name}: {example}")


def audit(ran: Ran, plan: Plan) -> Audit:
    """Every invariant over everything that was published."""
    result = Audit()
    by_district = {place: _read(ran, place) for place in DISTRICTS}
    matters: dict[str, list[Matter]] = {place: [] for place in DISTRICTS}
    for matter in plan.matters:
        matters[matter.school.district].append(matter)
    for place, editions in by_district.items():
        white = _White(result, ran, plan, place)
        red = _Red(result, ran, plan, place)
        previous: PublishedEdition | None = None
        for edition in editions:
            _entries(result, edition, matters[place], plan)
            _changes(result, previous, edition)
            white.follow(edition, matters[place])
            red.follow(edition, matters[place])
            previous = edition
        _due(result, plan, editions)
        _removals(result, ran, editions, matters[place])
        _verify(result, ran, plan, place, len(editions))
        _forge(result, ran, editions)
    for _ in range(ran.stale_rounds):
        result.looked["stale_writes"] += 1
    result.broken["stale_writes"] += ran.stale_writes
    result.looked["acts_astray"] = ran.desk.done.total() + ran.desk.refused.total()
    result.broken["acts_astray"] += len(ran.desk.unexpected)
    result.examples += ran.desk.unexpected[:5]
    return result


def _read(ran: Ran, place: str) -> list[PublishedEdition]:
    """The editions of a district from their files; the record tells when each went out."""
    with ran.app.database.reading() as tx:
        rows = list_editions(tx, place, limit=_ALL)
    editions = []
    for row in reversed(rows):
        file = ran.app.editions / place / str(row.number) / "edition.json"
        content = json.loads(file.read_bytes())
        cut_off = parse_day(content["cut_off"])
        assert cut_off is not None
        moment = dt.datetime.fromisoformat(row.published_at)
        editions.append(PublishedEdition(place, row.number, cut_off, moment, content))
    return editions


def _entries(
    result: Audit, edition: PublishedEdition, matters: Iterable[Matter], plan: Plan
) -> None:
    """Each entry of a decided list rests on a matter of the plan, and each matter has its entry."""
    by_document: dict[str, Matter] = {matter.document: matter for matter in matters}
    cut_off, at, lists = edition.cut_off, edition.at, edition.content["lists"]
    shown: set[tuple[str, str]] = set()
    names: dict[str, set[str]] = {name: {row["uscc"] for row in lists[name]} for name in lists}
    for name in _DECIDED:
        for row in lists.get(name, ()):
            where = f"{edition.district}/{edition.number} {name} {row.get('document')}"
            found = by_document.get(row.get("document", ""))
            result.hold(
                "without_document",
                found is not None and found.list == name and found.school.uscc == row["uscc"],
                where,
            )
            school = plan.by_uscc.get(row["uscc"])
            result.hold("natural_persons", school is not None and school.name == row["name"], where)
            if found is None:
                continue
            shown.add((name, found.document))
            result.hold("past_term", cut_off <= found.last_day, where)
            result.hold("open_window", cut_off > found.until, where)
            has_ended = found.ended is not None and found.ended < at
            result.hold("ended", not has_ended or found.is_public(cut_off, at), where)
            result.hold("fewer_persons", found.approved is not None and found.approved < at, where)
            is_right = (
                row["decided_on"] == date_of(found.decided_on).isoformat()
                and row["last_day"] == date_of(found.last_day).isoformat()
                and row["earliest_repair"] == date_of(found.repairable).isoformat()
                and (row["basis"]["clause"] == CORRECTED) == _is_corrected(found, at)
            )
            result.hold("wrong_content", is_right or edition.content["kind"] == "correction", where)
    for red in _RED:
        for black in _BLACK:
            both = names.get(red, set()) & names.get(black, set())
            result.hold("two_lists", not both, f"{edition.district}/{edition.number} {both}")
    if edition.content["kind"] != "correction":
        for matter in matters:
            if matter.is_public(cut_off, at):
                where = f"{edition.district}/{edition.number} lacks {matter.document}"
                result.hold("entries_missing", (matter.list, matter.document) in shown, where)


def _is_corrected(matter: Matter, at: dt.datetime) -> bool:
    if matter.corrected is None or matter.approved is None:
        return False
    done = matter.ended is None or matter.corrected < matter.ended
    return done and matter.corrected < at


def _changes(result: Audit, previous: PublishedEdition | None, edition: PublishedEdition) -> None:
    """What an edition adds and removes is told in it, and it names the one before by its hash."""
    where = f"{edition.district}/{edition.number}"
    before = {} if previous is None else _keys(previous.content["lists"])
    after = _keys(edition.content["lists"])
    told = {
        (row["change"], row["list"], row["uscc"], row.get("document", ""))
        for row in edition.content["delta"]
    }
    for gone in sorted(before.keys() - after.keys()):
        result.hold("removals_unpublished", ("removed", *gone) in told, f"{where} {gone}")
    if previous is not None:
        result.hold("chain_broken", edition.number == previous.number + 1, where)


def _keys(lists: Mapping[str, list[dict[str, Any]]]) -> dict[tuple[str, str, str], None]:
    return {
        (name, row["uscc"], row.get("document", "")): None for name in lists for row in lists[name]
    }


class _Words:
    """Who stays on a list for the time being, as a large share leaves by two persons' word."""

    def __init__(self, ran: Ran, place: str) -> None:
        self._agreed = [moment for moment, each in ran.desk.agreed if each == place]
        self._asked: set[str] = set()
        self._asked_at: dt.datetime | None = None

    def stay(self, at: dt.datetime, before: set[str], leaving: set[str]) -> set[str]:
        """Those of ``leaving`` who stay in an edition that goes out at a moment."""
        since = self._asked_at
        is_agreed = since is not None and any(since < each <= at for each in self._agreed)
        if 3 * len(leaving) <= len(before) or (is_agreed and leaving <= self._asked):
            return set()
        self._asked, self._asked_at = leaving, at
        return leaving


class _White:
    """The white list of a district as it ought to be, edition by edition."""

    def __init__(self, result: Audit, ran: Ran, plan: Plan, place: str) -> None:
        self._result = result
        self._second = _Words(ran, place)
        self._schools = [school for school in plan.schools if school.district == place]
        self._words = ran.desk.words
        self._listed: set[str] = set()
        self._holds: dict[str, tuple[Day, Day, dt.datetime]] = {}

    def follow(self, edition: PublishedEdition, matters: list[Matter]) -> None:
        actual = {row["uscc"] for row in edition.content["lists"]["white"]}
        if edition.content["kind"] != "correction":
            self._listed = self._expect(edition, matters)
        for school in self._schools:
            where = f"{edition.district}/{edition.number} {school.uscc}"
            if school.uscc in actual:
                self._result.hold("white_unproven", school.uscc in self._listed, where)
            if school.uscc in self._listed:
                self._result.hold("white_lost", school.uscc in actual, where)

    def _expect(self, edition: PublishedEdition, matters: list[Matter]) -> set[str]:
        cut_off, at = edition.cut_off, edition.at
        barred = {
            matter.school.uscc
            for matter in matters
            if matter.list in _BLACK and matter.is_public(cut_off, at)
        }
        listed, holds = set(), dict(self._holds)
        for school in self._schools:
            uscc = school.uscc
            if uscc in barred or (uscc not in self._listed and not school.proves(cut_off)):
                self._holds.pop(uscc, None)
            elif school.proves(cut_off) or self._is_held(uscc, cut_off, at):
                listed.add(uscc)
                if school.proves(cut_off):
                    self._holds.pop(uscc, None)
        stay = self._second.stay(at, self._listed, self._listed - listed - barred)
        self._holds |= {uscc: holds[uscc] for uscc in stay if uscc in holds}
        return listed | stay

    def _is_held(self, uscc: str, cut_off: Day, at: dt.datetime) -> bool:
        """Whether a place without proof is kept; a hold begins where there is none."""
        fresh = cut_off, hold_due(cut_off, day_of(at.date())), at
        since, due, begun = self._holds.setdefault(uscc, fresh)
        word = next(
            (
                each.word
                for each in self._words
                if each.uscc == uscc and each.since == since and begun < each.moment < at
            ),
            "",
        )
        stays = word == "keep" or (not word and cut_off <= due)
        if not stays:
            self._holds.pop(uscc)
        return stays


class _Red:
    """The red list of a district as it ought to be, edition by edition.

    Who was graded A by two persons, is white, and has no decision against it.
    """

    def __init__(self, result: Audit, ran: Ran, plan: Plan, place: str) -> None:
        self._result, self._plan, self._grades = result, plan, ran.desk.grades
        self._second = _Words(ran, place)
        self._listed: set[str] = set()

    def follow(self, edition: PublishedEdition, matters: list[Matter]) -> None:
        lists = edition.content["lists"]
        shown = {row["uscc"] for row in lists["credit_red"]}
        white = {row["uscc"] for row in lists["white"]}
        if edition.content["kind"] == "correction":
            self._listed = shown
            return
        cut_off, at = edition.cut_off, edition.at
        rounds = [
            each for each in self._plan.rounds
            if each.set_at < at and day_of(each.set_at.date()) <= cut_off
        ]  # fmt: skip
        latest: dict[str, int] = {
            school.uscc: each.year for each in rounds for school in each.schools
            if (school.uscc, each.year) in self._grades
        }  # fmt: skip
        until = {each.year: each.counts_until for each in rounds}
        barred = {matter.school.uscc for matter in matters if _bars(matter, cut_off, at)}
        counting = {
            uscc for uscc, year in latest.items() if cut_off <= until[year] and uscc not in barred
        }
        earned = {
            uscc for uscc in counting & white if self._grades[uscc, latest[uscc]] == "A"
        }  # fmt: skip
        earned |= self._second.stay(at, self._listed, (self._listed & counting) - earned)
        for uscc in sorted(shown | earned):
            where = f"{edition.district}/{edition.number} {uscc}"
            if uscc in shown:
                self._result.hold("red_unearned", uscc in earned, where)
            else:
                self._result.hold("red_lost", False, where)
        self._result.looked["red_lost"] += len(shown & earned)
        self._listed = shown


def _bars(matter: Matter, cut_off: Day, at: dt.datetime) -> bool:
    """Whether a decision that counts is against a place on the red list."""
    if matter.approved is None or matter.approved >= at:
        return False
    if matter.ended is not None and matter.ended < at:
        on = day_of(matter.ended.date())
        if matter.ending != "repaired" or on <= cut_off:
            return False
    is_recent = months_later(matter.decided_on, CLEAR_MONTHS) > cut_off
    is_black = matter.list in _BLACK and (not matter.is_shown or cut_off <= matter.last_day)
    return is_recent or is_black


def _due(result: Audit, plan: Plan, editions: list[PublishedEdition]) -> None:
    """Every day on which an edition is due has one, whatever was down, but those at the end."""
    cut_offs = {edition.cut_off for edition in editions}
    last = next(day for day in range(plan.last_day, START, -1) if not plan.is_down(day))
    for day in plan.due_days():
        if day <= last:
            name = f"{editions[0].district} {date_of(day)}" if editions else str(day)
            result.hold("editions_missing", day in cut_offs, name)


def _removals(
    result: Audit, ran: Ran, editions: list[PublishedEdition], matters: list[Matter]
) -> None:
    """A name leaves with the first look of a scheduler after its decision ended or ran out."""
    for matter in matters:
        key = (matter.list, matter.school.uscc, matter.document)
        ends = at_hour(matter.last_day + 1, 0)
        if matter.ended is not None and matter.ended < ends:
            ends = matter.ended
        place = bisect_left(ran.rounds, ends)
        if place >= len(ran.rounds):
            continue
        deadline = ran.rounds[place] + dt.timedelta(minutes=1)
        before = [each for each in editions if each.at < ends]
        if not before or key not in _keys(before[-1].content["lists"]):
            continue
        later = [each for each in editions if each.at <= deadline]
        is_gone = key not in _keys(later[-1].content["lists"])
        result.hold("late_removals", is_gone, f"{matter.document} by {deadline}")


def _verify(result: Audit, ran: Ran, plan: Plan, place: str, count: int) -> None:
    """The files of each edition by their own hash, and the chain from the latest with the keys."""
    report = verify(
        ran.app.config, str(ran.app.editions / place), key_file=None,
        as_of=max(day for day in plan.days() if not plan.is_down(day)),
    )  # fmt: skip
    faulty = {fault.file for fault in report.faults}
    for _ in range(count - len(faulty)):
        result.hold("not_verifying", True, "")
    for fault in report.faults:
        result.hold("not_verifying", False, f"{place} {fault.file}: {fault.text.en}")
    previous = None
    for number in range(1, count + 1):
        content = (ran.app.editions / place / str(number) / "edition.json").read_bytes()
        named = json.loads(content)["previous_sha256"]
        result.hold("chain_broken", named == previous, f"{place}/{number}")
        previous = hashlib.sha256(content).hexdigest()


def _forge(result: Audit, ran: Ran, editions: list[PublishedEdition]) -> None:
    """What a thief signs with the key that was stolen counts nowhere once it is revoked."""
    thief = ran.desk.thief
    if thief is None:
        return
    keys = find_own_keys(ran.app.config) or {}
    for edition in editions:
        bare = {name: value for name, value in edition.content.items() if name != "signatures"}
        forged = thief.sign(bare | {"lists": {name: [] for name in bare["lists"]}})
        document, _ = read_signed(forged, keys)
        result.hold("forgeries", document is None, f"{edition.district}/{edition.number}")


def digest(ran: Ran) -> str:
    """A hash over all that was published, but for signatures and hashes made with new keys."""
    total = hashlib.sha256()
    for place in DISTRICTS:
        for edition in _read(ran, place):
            bare = {
                key: value
                for key, value in edition.content.items()
                if key not in ("signatures", "previous_sha256")
            }
            line = json.dumps([edition.at.isoformat(), bare], sort_keys=True, ensure_ascii=False)
            total.update(line.encode())
    return total.hexdigest()
