"""What will happen in a simulation, drawn from a seed before anything is done.

The plan is the measure: what editions ought to hold is computed from it alone, by the terms written
here, and never by asking the product.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from feewatch.casework.workdays import add_working_days, is_working_day
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import LAST_DAY, Day, date_of, day_of
from feewatch.simulate.hearings import (
    AFTER_PROPOSAL,
    SILENT,
    Answer,
    Course,
    Said,
    draw_course,
    draw_objection,
)

DISTRICTS = ("370702", "370703", "370724")
OFFICE, OFFICE_DISTRICT = "示例市教育局", "370700"
LAW = "示例市校外培训条例"
START = day_of(dt.date(2025, 11, 3))
ORDER_36 = day_of(dt.date(2026, 4, 1))
HOLD_DAYS, WINDOW_DAYS = 10, 5
#: The last days of a white proof's window, counted back from the cut-off.
_WINDOW_FIRST, _WINDOW_LAST = 34, 7
#: By class: months before a repair, months of publication, from Order 36 on and before it.
_NEW = {"minor": (0, 3), "general": (3, 12), "serious": (12, 36)}
_OLD = {"minor": (0, 3), "general": (3, 36), "serious": (12, 36)}
_CLASSES = {
    "warning": "minor", "public_criticism": "minor", "large_fine": "general",
    "confiscation": "general", "licence_revoked": "serious", "closed": "serious",
}  # fmt: skip
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王", "永胜建华志强文"


class School(NamedTuple):
    """An institution, and when the proof of its white place fails."""

    number: int
    uscc: str
    name: str
    district: str
    head: str  # its legal representative, who is never named
    licence: tuple[Day, Day]  # last day of the first licence, first day of the next
    untold: tuple[Day, Day] | None  # days of which no statement tells, both included
    word: str  # of the officer on a hold: keep, remove, or none
    word_after: int  # days

    def proves(self, cut_off: Day) -> bool:
        """Whether the white list's conditions are all met at a cut-off, decisions apart."""
        last, renewed = self.licence
        if last < cut_off < renewed:
            return False
        if self.untold is None:
            return True
        return cut_off - _WINDOW_LAST < self.untold[0] or cut_off - _WINDOW_FIRST > self.untold[1]


@dataclass
class Matter:
    """One decision from its notice to its end."""

    number: int
    school: School
    list: str
    sanction: str
    necessary: bool
    served_on: Day
    until: Day  # last day of the window
    decided_on: Day
    proposed: dt.datetime
    reviewed: dt.datetime
    approved: dt.datetime | None  # None: sent back by the reviewer
    ended: dt.datetime | None = None
    ending: str = ""  # repaired, revoked, void, changed
    corrected: dt.datetime | None = None
    bad: str = ""  # what somebody tries with it that must be refused
    again: bool = False  # entered anew after its revocation
    course: Course = SILENT  # what its party does about the notice
    objection: Said | None = None  # against the decision

    @property
    def document(self) -> str:
        """The number of the document."""
        return f"示教罚字〔{date_of(self.decided_on).year}〕第{self.number}号"

    @property
    def notice(self) -> str:
        """The number of the notice; empty where it is on file only as a record of its service."""
        year = date_of(self.served_on).year
        return "" if self.course.name == "none" else f"示教罚告字〔{year}〕第{self.number}号"

    @property
    def said(self) -> tuple[Said, ...]:
        """All that its party says."""
        return (*self.course.said, *((self.objection,) if self.objection else ()))

    @property
    def months(self) -> tuple[int, int]:
        """Months before a repair, and of publication, by the law of the document's day."""
        return (_NEW if self.decided_on >= ORDER_36 else _OLD)[_CLASSES[self.sanction]]

    @property
    def is_shown(self) -> bool:
        """Whether it is published at all."""
        return _CLASSES[self.sanction] != "minor" or self.necessary

    @property
    def last_day(self) -> Day:
        """The last day of its publication."""
        return months_later(self.decided_on, self.months[1])

    @property
    def repairable(self) -> Day:
        """The first day of a repair."""
        return months_later(self.decided_on, self.months[0])

    def is_public(self, cut_off: Day, at: dt.datetime) -> bool:
        """Whether an edition of a cut-off that goes out at a moment ought to hold it."""
        if not self.is_shown or self.approved is None or self.approved >= at:
            return False
        if self.ended is not None and self.ended < at:
            on = day_of(self.ended.date())
            if self.ending != "repaired" or on <= cut_off:
                return False
        return max(self.decided_on, self.until + 1) <= cut_off <= self.last_day


#: What ``credit_red`` asks beside a grade A: months without a decision, months a grade counts.
CLEAR_MONTHS, GRADE_MONTHS = 24, 18
#: As many schools of each year as people grade.
GRADED = 30


class GradeRound(NamedTuple):
    """The grades of a year: told on a day, set and confirmed after the time for objections."""

    year: int
    told: dt.datetime
    set_at: dt.datetime
    schools: tuple[School, ...]

    @property
    def counts_until(self) -> Day:
        """The last day on which they count."""
        return months_later(day_of(dt.date(self.year, 12, 31)), GRADE_MONTHS)


class Theft(NamedTuple):
    """The signing key is copied by a stranger; the office notices, turns it and revokes it."""

    at: dt.datetime
    noticed: dt.datetime


@dataclass
class Plan:
    """All that will happen."""

    seed: int
    last_day: Day
    schools: list[School]
    matters: list[Matter]
    outages: list[tuple[Day, Day]]
    rotations: list[dt.datetime]  # of the signing key
    theft: Theft
    rounds: list[GradeRound]
    by_uscc: Mapping[str, School] = field(default_factory=dict)

    def is_down(self, day: Day) -> bool:
        """Whether no scheduler works on a day."""
        return any(first <= day <= last for first, last in self.outages)

    def due_days(self) -> list[Day]:
        """The days of the editions that the office owes: 1st and 15th, or the next working day."""
        written = (day for day in self.days() if date_of(day).day in (1, 15))
        moved = dict.fromkeys(_working(day) for day in written)
        return [day for day in moved if day <= self.last_day]

    def days(self) -> Iterator[Day]:
        """Every day of the simulation."""
        return iter(range(START, self.last_day + 1))


def draw(seed: int, years: float, institutions: int) -> Plan:
    """The plan of a seed."""
    rng = Random(f"feewatch/{seed}")  # noqa: S311 - no secret is made of it
    last_day = START + round(365 * years) - 1
    schools = [_school(rng, number, last_day) for number in range(1, institutions + 1)]
    matters = _matters(rng, schools, last_day)
    turn = at_hour(rng.randrange(START + 30, last_day), 17)
    outages, rounds = _outages(rng, last_day), _rounds(rng, schools, last_day)
    stolen = at_hour(rng.randrange(START + 20, last_day - 8), 3)
    theft = Theft(stolen, stolen + dt.timedelta(days=rng.randrange(1, 8), hours=13))
    plan = Plan(seed, last_day, schools, matters, outages, [turn], theft, rounds)
    plan.by_uscc = {school.uscc: school for school in schools}
    return plan


def _rounds(rng: Random, schools: list[School], last_day: Day) -> list[GradeRound]:
    """Each year's grades in the spring after it."""
    rounds = []
    for year in range(date_of(START).year, date_of(last_day).year):
        told, set_on = day_of(dt.date(year + 1, 1, 12)), day_of(dt.date(year + 1, 2, 2))
        if set_on < last_day:
            chosen = tuple(rng.sample(schools, min(GRADED, len(schools))))
            rounds.append(GradeRound(year, at_hour(told, 14), at_hour(set_on, 14), chosen))
    return rounds


def months_later(day: Day, months: int) -> Day:
    """The same day of a later month, or its last one."""
    date = date_of(day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    most = calendar.monthrange(year, month + 1)[1]
    return day_of(dt.date(year, month + 1, min(date.day, most)))


def _school(rng: Random, number: int, last_day: Day) -> School:
    body = f"52{DISTRICTS[number % 3]}{number:09d}"
    licence, untold = (LAST_DAY, LAST_DAY), None
    fails = rng.random()
    if fails < 0.02:
        ends = rng.randrange(START + 10, last_day)
        licence = (ends, LAST_DAY if rng.random() < 0.3 else ends + rng.randrange(2, 60))
    elif fails < 0.04:
        first = rng.randrange(START, last_day)
        untold = (first, first + rng.randrange(1, 40))
    return School(
        number, body + check_character(body), f"示例第{number}培训中心", DISTRICTS[number % 3],
        rng.choice(_SURNAMES) + rng.choice(_GIVEN) + rng.choice(_GIVEN), licence, untold,
        rng.choice(("keep", "remove", "none")), rng.randrange(1, 12),
    )  # fmt: skip


def _matters(rng: Random, schools: list[School], last_day: Day) -> list[Matter]:
    """About three a week; one institution has one at a time."""
    matters: list[Matter] = []
    free = rng.sample(schools, len(schools))
    day = START + 2
    while day < last_day - 25 and free:
        matters.append(_matter(rng, len(matters) + 1, free.pop(), day))
        day += rng.randrange(1, 5)
    return matters


def _matter(rng: Random, number: int, school: School, served_on: Day) -> Matter:
    until = add_working_days(served_on, WINDOW_DAYS + rng.choice((0, 0, 3))).day
    sanction = rng.choice(tuple(_CLASSES))
    is_grave = _CLASSES[sanction] != "minor"
    course = draw_course(rng, served_on, until, is_grave=is_grave)
    decided_on = max(until + rng.randrange(1, 8), course.ready)
    is_open = course.name in AFTER_PROPOSAL
    proposed = at_hour(decided_on + (0 if is_open else rng.randrange(4)), 10, number)
    reviewed = proposed + dt.timedelta(days=rng.randrange(3), hours=2)
    approved = reviewed + dt.timedelta(days=rng.randrange(3), hours=2)
    is_refused = rng.random() < 0.1 or course.name == "upheld"
    if is_open:
        answer = Answer(proposed + dt.timedelta(hours=1), AFTER_PROPOSAL[course.name])
        course = course._replace(said=(course.said[0]._replace(answers=(answer,)),))
    matter = Matter(
        number, school, rng.choice(("black", "black", "credit_black", "notice")), sanction,
        not is_grave and rng.random() < 0.5, served_on, until, decided_on,
        proposed, reviewed, None if is_refused else approved,
        bad=rng.choice(("", *ATTEMPTS)), course=course,
    )  # fmt: skip
    if matter.notice and matter.bad == "no-record":
        matter.bad = "notice-unnamed"  # its record of service is on file
    if matter.approved is not None:
        _end(rng, matter, approved)
        if rng.random() < 0.15:
            matter.corrected = approved + dt.timedelta(hours=20)
        if rng.random() < 0.3:
            _object(rng, matter, approved)
    return matter


def _object(rng: Random, matter: Matter, approved: dt.datetime) -> None:
    """What an institution says afterwards; where the office agrees, the decision is revoked."""
    objection = draw_objection(rng, approved)
    if matter.ended is not None and matter.ended <= objection.made:
        return
    matter.objection = objection
    if objection.answers and objection.answers[-1].outcome == "upheld":
        revoked = objection.answers[-1].at + dt.timedelta(hours=2)
        if matter.ended is None or revoked < matter.ended:
            matter.ended, matter.ending, matter.again = revoked, "revoked", False


def _end(rng: Random, matter: Matter, approved: dt.datetime) -> None:
    fate = rng.random()
    if fate < 0.25:
        first = max(matter.repairable, day_of(approved.date()) + 2)
        matter.ended, matter.ending = (
            at_hour(first + rng.randrange(20), 15, matter.number),
            "repaired",
        )
    elif fate < 0.5:
        later = approved + dt.timedelta(days=rng.randrange(2, 90), hours=1)
        matter.ended, matter.ending = later, rng.choice(("revoked", "void", "changed"))
        matter.again = matter.ending == "revoked" and rng.random() < 0.5
    if matter.ended is not None and day_of(matter.ended.date()) > matter.last_day:
        matter.ended, matter.ending, matter.again = None, "", False


#: What people try that must be refused.
ATTEMPTS = (
    "approve-unreviewed", "proposer-reviews", "reviewer-approves", "natural-person", "future",
    "short-window", "notice-after", "no-record", "class-typed", "repair-early", "no-number",
    "stranger", "elsewhere", "alone-corrects", "name-differs", "phone", "party-elsewhere",
)  # fmt: skip


def _outages(rng: Random, last_day: Day) -> list[tuple[Day, Day]]:
    outages, day = [], START + 20
    while day < last_day - 20:
        outages.append((day, day + rng.choice((0, 1, 2, 3, 12))))
        day += rng.randrange(40, 120)
    return outages


def at_hour(day: Day, hour: int, seconds: int = 0) -> dt.datetime:
    """A moment of a day, a little after the hour where wanted."""
    moment = dt.datetime.combine(date_of(day), dt.time(hour), SHANGHAI)
    return moment + dt.timedelta(seconds=seconds % 3000)


def hold_due(since: Day, today: Day) -> Day:
    """The last day of a hold that begins with an edition of a cut-off that goes out on a day."""
    return add_working_days(max(since, today), HOLD_DAYS).day


def _working(day: Day) -> Day:
    while not is_working_day(day):
        day += 1
    return day
