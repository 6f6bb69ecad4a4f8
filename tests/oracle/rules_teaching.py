"""TIME-ACADEMIC, STAGE-PRESCHOOL: when academic courses are taught, and to whom."""

from collections.abc import Iterator
from datetime import date

from oracle.books import Books, Contract, Course, Lesson
from oracle.calendar_days import is_day_off
from oracle.rules_contracts import NOTICE_2021
from oracle.rules_patterns import ACADEMIC
from oracle.rules_prices import COMPULSORY
from oracle.verdicts import Verdict, Verdicts, found, outcome


def teaching_rules(books: Books) -> Verdicts:
    for each in books.contracts.values():
        yield from _on_days_off(books, each)
    for each in books.courses.values():
        day = each.starts or books.as_of
        if NOTICE_2021 <= day <= books.as_of:
            yield _preschool(books, each, day)


def _on_days_off(books: Books, contract: Contract) -> Verdicts:
    course = books.courses.get(contract.course_id)
    if course is not None and course.stage not in COMPULSORY:
        return
    rows = list(_taught(books, contract))
    if not rows:
        return
    off = [each for each in rows if _is_off(books, each.held_on)]
    unknown = any(_is_off(books, each.held_on) is None for each in rows)
    breach = False if not off and not unknown else (True if off and course else None)
    on = off[0].held_on if off else rows[-1].held_on
    yield Verdict("TIME-ACADEMIC", books.uscc, "contract", contract.number, on, outcome(breach),
                  sum(each.count for each in off), 0, "yellow")  # fmt: skip


def _taught(books: Books, contract: Contract) -> Iterator[Lesson]:
    for each in books.lessons.get(contract.number, ()):
        if each.count and each.held_on >= NOTICE_2021 and books.on(each.held_on).academic:
            yield each


def _is_off(books: Books, day: date) -> bool | None:
    """The school calendar of the nearest place that has one for the day; none: unknown."""
    if is_day_off(day):
        return True
    district = books.on(day).district
    for place in (district, district[:4] + "00", district[:2] + "0000"):
        for each in books.school_days:
            if each.place == place and each.first <= day <= each.last:
                return each.vacation
    return None


def _preschool(books: Books, course: Course, day: date) -> Verdict:
    discipline = found(course.discipline, ACADEMIC)
    academic = books.on(day).academic or discipline is not None
    online = course.mode == "online"
    breach = course.stage == "preschool" and (academic or online)
    return Verdict("STAGE-PRESCHOOL", books.uscc, "course", course.course_id, day, outcome(breach),
                   "线上" if online else discipline or "学科类", None, "yellow")  # fmt: skip
