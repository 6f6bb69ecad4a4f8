"""The white and the red list of a district as the plan wants them, edition by edition."""

import datetime as dt

from feewatch.kernel.days import Day, day_of
from feewatch.simulate.invariants import Audit, PublishedEdition
from feewatch.simulate.plan import CLEAR_MONTHS, Matter, Plan, hold_due, months_later
from feewatch.simulate.run import Ran

BLACK = ("black", "credit_black")


class Words:
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


class White:
    """The white list of a district as it ought to be, edition by edition."""

    def __init__(self, result: Audit, ran: Ran, plan: Plan, place: str) -> None:
        self._result = result
        self._second = Words(ran, place)
        self._schools = [school for school in plan.schools if school.district == place]
        self._words = ran.desk.words
        self._listed: set[str] = set()
        self._holds: dict[str, tuple[Day, Day, dt.datetime]] = {}

    def follow(self, edition: PublishedEdition, matters: list[Matter]) -> None:
        """Hold the next edition against what it ought to list."""
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
            if matter.list in BLACK and matter.is_public(cut_off, at)
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


class Red:
    """The red list of a district as it ought to be, edition by edition.

    Who was graded A by two persons, is white, and has no decision against it.
    """

    def __init__(self, result: Audit, ran: Ran, plan: Plan, place: str) -> None:
        self._result, self._plan, self._grades = result, plan, ran.desk.grades
        self._second = Words(ran, place)
        self._listed: set[str] = set()

    def follow(self, edition: PublishedEdition, matters: list[Matter]) -> None:
        """Hold the next edition against what it ought to list."""
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
    is_black = matter.list in BLACK and (not matter.is_shown or cut_off <= matter.last_day)
    return is_recent or is_black
