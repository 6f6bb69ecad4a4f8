"""Breaches planted in lesson records and refunds, each beside a look-alike exactly at the limit.

Plants of contracts run before their money comes in; ``set_*`` once all lessons are held.
"""

from collections import Counter
from random import Random

from feewatch.demo.enrolment import add_course, sign
from feewatch.demo.model import AS_OF, Contract, Course, School, day
from feewatch.demo.plants_money import Plant
from feewatch.kernel.days import Day, format_day

#: A Monday on which the lessons of two weeks are confirmed together.
_CONFIRMED_ON = day("2026-06-22")
_UNCONFIRMED_DAYS = 14


def _course(school: School) -> Course:
    return add_course(school, school.courses[0].discipline, "primary", 8, 60, 60_00)


def _held(rng: Random, school: School, course: Course, paid_on: str, starts_on: str,
          held: dict[str, int], ends_on: str = "") -> Contract:  # fmt: skip
    """A contract of 20 lessons with exactly these lessons held."""
    ends = day(ends_on) if ends_on else None
    contract = sign(rng, school, course, paid_on=day(paid_on), lessons=20,
                    starts_on=day(starts_on), ends_on=ends)  # fmt: skip
    contract.teach, contract.held = False, {day(on): lessons for on, lessons in held.items()}
    return contract


def whole_days(rng: Random, school: School) -> None:
    """CON-DAY over six hours of a student, in one course or in two; six hours pass."""
    course, other = _course(school), _course(school)
    for lessons, more, on in ((6, 0, "2026-05-16"), (7, 0, "2026-05-17"), (3, 3, "2026-05-23"),
                              (4, 3, "2026-05-24")):  # fmt: skip
        first = _held(rng, school, course, "2026-05-04", "2026-05-06", {on: lessons})
        if more:
            second = _held(rng, school, other, "2026-05-05", "2026-05-06", {on: more})
            second.student = first.student
        if lessons + more > 6:
            subject = f"{school.uscc}/{first.student}/{on}"
            school.expect("CON-DAY", "student_day", subject, day(on))


def outside_the_contract(rng: Random, school: School) -> None:
    """CON-OUTSIDE before the fee, before the first day, after the last; those days pass."""
    course = _course(school)
    for paid_on, starts_on, ends_on, held, first in (
        ("2026-06-10", "2026-06-01", "2026-07-20", {"2026-06-10": 2}, ""),
        ("2026-06-10", "2026-06-01", "2026-07-20", {"2026-06-09": 1, "2026-06-16": 2}, "06-09"),
        ("2026-05-04", "2026-05-20", "2026-07-20", {"2026-05-20": 2}, ""),
        ("2026-05-04", "2026-05-20", "2026-07-20", {"2026-05-19": 2, "2026-05-26": 2}, "05-19"),
        ("2026-05-04", "2026-05-06", "2026-06-15", {"2026-05-12": 2, "2026-06-15": 2}, ""),
        ("2026-05-04", "2026-05-06", "2026-06-15", {"2026-06-16": 2}, "06-16"),
        ("2026-05-04", "2026-05-06", "2026-06-15", {"2026-06-17": 2, "2026-07-16": 2}, "06-17"),
    ):
        contract = _held(rng, school, course, paid_on, starts_on, held, ends_on)
        if first:
            on = day(f"2026-{first}")
            school.expect("CON-OUTSIDE", "contract", contract.contract_no, on)


def more_than_bought(rng: Random, school: School) -> None:
    """CON-OVER on the lesson after the last one bought; all of them pass."""
    days = [format_day(day("2026-05-11") + 4 * k) for k in range(11)]
    for lessons in (20, 21):
        held = dict.fromkeys(days[:10], 2) | ({days[10]: 1} if lessons > 20 else {})
        contract = _held(rng, school, _course(school), "2026-05-04", "2026-05-06", held)
        if lessons > 20:
            school.expect("CON-OVER", "contract", contract.contract_no, day(days[10]))


def renewed_early(rng: Random, school: School) -> None:
    """FEE-EARLY-RENEW with 21 lessons left and over a month ahead; 20, or a month, pass."""
    course, begins = _course(school), day("2026-04-27")
    for taught, starts_on in ((19, "2026-07-11"), (20, "2026-07-11"), (19, "2026-07-10")):
        first = sign(rng, school, course, paid_on=day("2026-04-20"), lessons=40, starts_on=begins)
        first.teach = False
        first.held = {begins + 4 * k: min(2, taught - 2 * k) for k in range(10)}
        renewal = sign(rng, school, course, paid_on=day("2026-06-10"), lessons=20,
                       starts_on=day(starts_on))  # fmt: skip
        renewal.renews, renewal.student = first.contract_no, first.student
        if (taught, starts_on) == (19, "2026-07-11"):
            school.expect("FEE-EARLY-RENEW", "contract", renewal.contract_no, renewal.paid_on)


def refunded_short(rng: Random, school: School) -> None:
    """REF-SHORT by more than a fen; a fen passes."""
    for short_fen in (0, 1, 2, 150_00):
        contract = sign(rng, school, _course(school), paid_on=day("2026-04-27"), lessons=40,
                        starts_on=day("2026-05-06"))  # fmt: skip
        contract.short_fen = short_fen
        if short_fen > 1:
            # the only request of the contract; it is numbered when it is made
            school.expect_refund("REF-SHORT", contract)


def many_lessons(rng: Random, school: School) -> None:
    """Contracts enough for a school of any size to confirm as many lessons as a rule looks at."""
    for k in range(16):
        sign(rng, school, _course(school), paid_on=day("2026-05-04") + k % 5, lessons=40,
             starts_on=day("2026-05-11") + k % 7)  # fmt: skip


def released_on(weekday: int) -> Plant:
    """Money leaves on one day of the week (Monday 0) only."""

    def before(_: Random, school: School) -> None:
        first = _CONFIRMED_ON + weekday
        weeks = range(-12, (AS_OF - first) // 7 + 1)
        school.release_days = tuple(first + 7 * week for week in weeks)

    return before


def set_confirmed_at_once(_: Random, school: School) -> None:
    """CON-BURST: two weeks of lessons are confirmed on one day, three days before a release.

    A release on the fourth day after comes too late to count.
    """
    lessons: Counter[Day] = Counter()
    for contract in school.contracts:
        for held_on, count in contract.held.items():
            if _CONFIRMED_ON - _UNCONFIRMED_DAYS <= held_on < _CONFIRMED_ON:
                contract.confirmed[held_on] = _CONFIRMED_ON
            lessons[contract.confirmed.get(held_on, held_on)] += count
    before = sum(lessons[_CONFIRMED_ON - back] for back in range(1, 31))
    assert lessons[_CONFIRMED_ON] >= 50
    assert lessons[_CONFIRMED_ON] * 30 > before * 5
    assert school.release_days is not None
    if any(_CONFIRMED_ON <= on <= _CONFIRMED_ON + 3 for on in school.release_days):
        subject = f"{school.uscc}/{format_day(_CONFIRMED_ON)}"
        school.expect("CON-BURST", "institution_day", subject, _CONFIRMED_ON)


def set_nobody_answers(_: Random, school: School) -> None:
    """CON-SILENT: in July more than half of the lessons are confirmed by silence; in June half."""
    _fall_silent(school, day("2026-06-01"), day("2026-06-30"), over_half=False)
    _fall_silent(school, day("2026-07-01"), AS_OF, over_half=True)
    school.expect("CON-SILENT", "institution_month", f"{school.uscc}/2026-07", AS_OF)


def _fall_silent(school: School, first: Day, last: Day, *, over_half: bool) -> None:
    rows = [
        (contract, on, count)
        for contract in school.contracts
        for on, count in contract.held.items()
        if first <= on <= last
    ]
    total, silent = sum(count for _, _, count in rows), 0
    assert total >= 20
    for contract, on, count in rows:
        if 2 * silent > total or (not over_half and 2 * (silent + count) > total):
            break
        contract.silent.add(on)
        silent += count
