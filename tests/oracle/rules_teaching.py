"""TIME-ACADEMIC, STAGE-PRESCHOOL, CON-DAY, CON-OUTSIDE: when courses are taught, and to whom."""

from collections.abc import Iterator
from datetime import date

from oracle.books import Books
from oracle.calendar_days import is_day_off
from oracle.records import Contract, Course, Lesson
from oracle.rules_contracts import NOTICE_2021
from oracle.rules_patterns import ACADEMIC, NO_DISGUISE
from oracle.rules_prices import COMPULSORY
from oracle.verdicts import Verdict, Verdicts, found, outcome


def teaching_rules(books: Books) -> Verdicts:
    for each in books.contracts.values():
        yield from _on_days_off(books, each)
        yield from _outside(books, each)
    yield from _long_days(books)
    for each in books.courses.values():
        day = each.starts or books.as_of
        if NOTICE_2021 <= day <= books.as_of:
            yield _preschool(books, each, day)


def _on_days_off(books: Books, contract: Contract) -> Verdicts:
    course = books.course_of(contract)
    if course is not None and course.stage not in COMPULSORY:
        return
    rows = list(_taught(books, contract))
    if not rows:
        return
    places = {each: _is_off(books.holder(contract, each.held_on), each.held_on) for each in rows}
    off = [each for each in rows if places[each]]
    unknown = None in places.values()
    breach = False if not off and not unknown else (True if off and course else None)
    on = off[0].held_on if off else rows[-1].held_on
    if not books.holds(contract, on):
        return
    yield Verdict("TIME-ACADEMIC", books.uscc, "contract", contract.number, on, outcome(breach),
                  sum(each.count for each in off), 0, "yellow")  # fmt: skip


def _taught(books: Books, contract: Contract) -> Iterator[Lesson]:
    for each in books.lessons.get(contract.number, ()):
        facts = books.holder(contract, each.held_on).on(each.held_on)
        if each.count and each.held_on >= NOTICE_2021 and facts.academic:
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
    discipline = found(course.discipline.replace(NO_DISGUISE, "|"), ACADEMIC)
    academic = books.on(day).academic or discipline is not None
    online = course.mode == "online"
    breach = course.stage == "preschool" and (academic or online)
    return Verdict("STAGE-PRESCHOOL", books.uscc, "course", course.course_id, day, outcome(breach),
                   "线上" if online else discipline or "学科类", None, "yellow")  # fmt: skip


def _long_days(books: Books) -> Verdicts:
    """CON-DAY: the minutes of all lessons that a student had on a day."""
    held: dict[tuple[str, date], list[tuple[int, int | None]]] = {}
    for each in books.contracts.values():
        course = books.course_of(each)
        for row in books.lessons.get(each.number, ()):
            held_here = row.held_on >= NOTICE_2021 and books.holds(each, row.held_on)
            if row.count and held_here:
                minutes = course and row.count * course.minutes
                held.setdefault((each.student, row.held_on), []).append((row.count, minutes))
    for (student, day), rows in held.items():
        known = sum(minutes for _, minutes in rows if minutes is not None)
        complete = all(minutes is not None for _, minutes in rows)
        breach = True if known > 360 else (False if complete else None)
        yield Verdict("CON-DAY", books.uscc, "student_day", f"{books.uscc}/{student}/{day}", day,
                      outcome(breach), known, 360, "orange")  # fmt: skip


def _outside(books: Books, contract: Contract) -> Verdicts:
    """CON-OUTSIDE: lessons before the money, before the first day or after the last."""
    rows = [each for each in books.lessons.get(contract.number, ()) if each.count]
    if not rows:
        return
    early, late = [], []
    for each in rows:
        unpaid = not contract.pay_after and contract.paid_on and each.held_on < contract.paid_on
        if unpaid or (contract.starts and each.held_on < contract.starts):
            early.append(each)
        elif contract.ends and each.held_on > contract.ends:
            late.append(each)
    outside = [*early, *late]
    on = min((each.held_on for each in outside), default=max(each.held_on for each in rows))
    if on < NOTICE_2021 or not books.holds(contract, on):
        return
    known = contract.starts is not None and contract.ends is not None
    breach = True if outside else (False if known else None)
    soon = not early and all((each.held_on - contract.ends).days <= 30 for each in late)
    yield Verdict("CON-OUTSIDE", books.uscc, "contract", contract.number, on, outcome(breach),
                  sum(each.count for each in outside), 0,
                  "notice" if soon else "yellow")  # fmt: skip
