"""Holds a release list of e-CNY contracts against the bank statement and the lessons on file.

Pure. It explains and counts nothing: the ledger is what it is, whatever this finds. What neither
statement nor register covers is unknown, never missing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.money import half_up

#: Days from a release to the bank's credit, likeliest first.
GAPS = (0, 1, -1)
_DATE = re.compile(r"(20\d\d)[-/](\d{1,2})[-/](\d{1,2})")

BankFate = Literal["single", "together", "not_seen", "unknown"]
LessonFate = Literal["agrees", "more", "less", "no_lesson", "unknown"]


class ContractRelease(NamedTuple):
    """One row of a release list: money that left the contract account for the institution."""

    key: int
    day: Day
    fen: int  # > 0
    into: str | None  # the account that received it; None: untold, masked or not on the register
    contract: int | None  # None: the row names none on file, or several
    lesson_on: Day | None  # None: the row tells no day of a lesson


class BankCredit(NamedTuple):
    """One entry by which a bank account of the institution received money."""

    key: int
    account_no: str
    day: Day
    fen: int
    is_of_list: bool  # whether its other side is a contract account, or its memo says so


class BankComparison(NamedTuple):
    """What became of each release in the bank's statement, and credits that no release explains."""

    fates: Mapping[int, BankFate]  # by release
    credits: Mapping[int, int]  # by release the credit that it is, or is part of
    unlisted: tuple[BankCredit, ...]  # of a contract account by the bank's word, in no list
    unjudged: int  # credits of the same kind of days that no list tells of


class LessonLine(NamedTuple):
    """What was released for the lessons of a contract on a day, against what they are worth."""

    contract: int
    held_on: Day
    released_fen: int
    releases: tuple[int, ...]
    due_fen: int | None  # None: not known
    fate: LessonFate


def lesson_day(memo: str | None) -> Day | None:
    """The one day that a memo names by itself; None where it names none, or several."""
    dates = filter(None, map(_DATE.fullmatch, (memo or "").split()))
    days = {parse_day("-".join(part.zfill(2) for part in date.groups())) for date in dates}
    return days.pop() if len(days) == 1 else None


def compare_with_bank(
    releases: Sequence[ContractRelease],
    incoming: Sequence[BankCredit],
    is_covered: Callable[[str, Day], bool],
    is_listed: Callable[[Day], bool],
) -> BankComparison:
    """Each release with the credit that it is: one by one first, then the sum of a day.

    ``is_covered``: whether the statements of an account tell of a day; ``is_listed``: whether the
    release lists do, without which no credit is missing in them. A credit is used once.
    """
    by_amount: defaultdict[tuple[str, Day, int], list[BankCredit]] = defaultdict(list)
    for each in sorted(incoming, key=lambda each: not each.is_of_list):
        by_amount[each.account_no, each.day, each.fen].append(each)
    found: dict[int, int] = {}
    fates: dict[int, BankFate] = {}

    def take(into: str, day: Day, fen: int) -> BankCredit | None:
        near = (by_amount[into, day + gap, fen] for gap in GAPS)
        credits_near = next((each for each in near if each), None)
        return credits_near.pop(0) if credits_near else None

    left: defaultdict[tuple[str, Day], list[ContractRelease]] = defaultdict(list)
    for release in releases:
        if release.into is None:
            fates[release.key] = "unknown"
        elif credit := take(release.into, release.day, release.fen):
            fates[release.key], found[release.key] = "single", credit.key
        else:
            left[release.into, release.day].append(release)
    for (into, day), together in left.items():
        lump = take(into, day, sum(each.fen for each in together)) if len(together) > 1 else None
        known = all(is_covered(into, day + gap) for gap in (0, 1))
        for release in together:
            fates[release.key] = "together" if lump else "not_seen" if known else "unknown"
            if lump:
                found[release.key] = lump.key
    used = set(found.values())
    of_none = [each for each in incoming if each.is_of_list and each.key not in used]
    unlisted = tuple(each for each in of_none if all(is_listed(each.day - gap) for gap in (0, 1)))
    return BankComparison(fates, found, unlisted, len(of_none) - len(unlisted))


def compare_with_lessons(
    releases: Iterable[ContractRelease],
    worth: Mapping[tuple[int, Day], int | None],
    is_covered: Callable[[Day], bool],
) -> list[LessonLine]:
    """What was released for each contract and day of lessons, against what these consumed.

    ``worth``: by contract and day what the lessons on file consume of the fee, None where the
    contract does not tell how many it has. ``is_covered``: whether lessons are known on a day.
    """
    groups: defaultdict[tuple[int, Day], list[ContractRelease]] = defaultdict(list)
    for release in releases:
        if release.contract is not None and release.lesson_on is not None:
            groups[release.contract, release.lesson_on].append(release)
    lines = []
    for (contract, held_on), some in sorted(groups.items(), key=lambda each: (each[0][1], each[0])):
        released = sum(each.fen for each in some)
        due = worth.get((contract, held_on))
        has_lesson = (contract, held_on) in worth
        fate = _fate(released, due, has_lesson=has_lesson, is_covered=is_covered(held_on))
        keys = tuple(each.key for each in some)
        lines.append(LessonLine(contract, held_on, released, keys, due, fate))
    return lines


def _fate(released: int, due: int | None, *, has_lesson: bool, is_covered: bool) -> LessonFate:
    if not has_lesson:
        return "no_lesson" if is_covered else "unknown"
    if due is None:
        return "unknown"
    if abs(released - due) <= 1:  # a list may round each lesson by itself
        return "agrees"
    return "more" if released > due else "less"


def worth_of(
    fee_fen: int, total_lessons: int | None, held: Iterable[tuple[Day, int]]
) -> dict[Day, int | None]:
    """By day what the lessons of a contract consume of its fee; of the whole rounded half up.

    ``held``: days in order, with how many lessons.
    """
    consumed: dict[Day, int | None] = {}
    upto = 0
    for day, lessons in held:
        if not total_lessons:
            consumed[day] = None
            continue
        before, upto = upto, upto + lessons
        consumed[day] = _share(fee_fen, upto, total_lessons) - _share(
            fee_fen, before, total_lessons
        )
    return consumed


def _share(fee_fen: int, lessons: int, of: int) -> int:
    """The part of a fee, half up, at most the whole."""
    return min(fee_fen, half_up(fee_fen * lessons, of))
