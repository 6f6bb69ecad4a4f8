"""Lessons and refund requests of a made institution, around what the contracts hold."""

import random
from datetime import date, timedelta

from oracle import records
from oracle.amounts import consumed
from oracle.calendar_days import plus
from oracle.opening import open_books
from oracle.world import World, yuan


def teach(world: World, rng: random.Random, uscc: str) -> None:
    """Lessons every few days from the first on, up to about the number sold; some never begin."""
    until = plus(world.ends(uscc), -rng.choice((0, 0, 1, 8)))
    world.covers[uscc] = rng.choice(((date(2020, 1, 1), world.as_of), (date(2020, 1, 1), until),
                                     (date(2026, 5, 25), date(2026, 7, 10)), None))  # fmt: skip
    if uscc in world.complete:
        world.covers[uscc] = (date(2020, 1, 1), world.as_of)
    silence = rng.choice((0.0, 0.3, 0.5, 0.8))
    for row in world.rows("contracts", uscc):
        each = records.contract(row)
        if rng.random() < 0.3 or each.paid_on is None or each.paid_on.year < 2025:
            continue
        wanted = max(1, (each.total or 20) + rng.choice((-30, -20, -1, 0, 1)))
        _lessons_of(world, rng, each, min(wanted, 61), until, silence)
    if uscc not in world.fell_silent and rng.random() < 0.8:
        _burst(world, rng, uscc)
    _long_days(world, rng, uscc)
    used = {row["contract_no"] for row in world.rows("lessons", uscc)}
    if not used:
        world.covers[uscc] = None


def _row(uscc: str, number: str, day: date, count: int, by: str, confirmed: str) -> dict[str, str]:
    return {"contract_no": number, "held_on": str(day), "lessons": str(count),
            "confirmed_on": confirmed, "confirmed_by": by, "uscc": uscc}  # fmt: skip


def _lessons_of(world: World, rng: random.Random, each: records.Contract, wanted: int, until: date,
                silence: float) -> None:  # fmt: skip
    day = plus(max(each.starts or each.paid_on, date(2026, 4, 1)), rng.choice((0, 0, 0, 0, -1, -9)))
    uscc = next(row["uscc"] for row in world.tables["contracts"]
                if row["contract_no"] == each.number)  # fmt: skip
    steps = rng.choice(((1, 2, 5, 7), (7,)))
    while wanted > 0 and day <= until:
        count = min(wanted, rng.choice((1, 2, 2, 4, 10)))
        by = "silence" if rng.random() < silence else rng.choice(("parent", "institution"))
        confirmed = str(plus(day, rng.randint(0, 2))) if rng.random() < 0.5 else ""
        world.tables["lessons"].append(_row(uscc, each.number, day, count, by, confirmed))
        wanted -= count
        day += timedelta(rng.choice(steps))


def _long_days(world: World, rng: random.Random, uscc: str) -> None:
    """Days on which a student has lessons of one or two courses for 360 minutes, or for more."""
    minutes = {row["course_id"]: int(row["lesson_minutes"]) for row in world.rows("courses", uscc)}
    rows, contracts = world.rows("lessons", uscc), world.rows("contracts", uscc)
    for row in rng.sample(rows, min(len(rows), 4)):
        (own,) = (each for each in contracts if each["contract_no"] == row["contract_no"])
        same = [each for each in contracts if each["student"] == own["student"]]
        other, day = rng.choice(same), row["held_on"]
        numbers = {each["contract_no"]: each["course_id"] for each in same}
        held = sum(int(each["lessons"]) * minutes.get(numbers[each["contract_no"]], 0)
                   for each in rows if each["held_on"] == day
                   and each["contract_no"] in numbers)  # fmt: skip
        taken = any(each["held_on"] == day and each["contract_no"] == other["contract_no"]
                    for each in rows)  # fmt: skip
        count = (360 - held) // minutes.get(other["course_id"], 45) + rng.choice((0, 0, 1))
        if count > 0 and not taken:
            confirmed = row["confirmed_on"] or day
            lesson = _row(uscc, other["contract_no"], date.fromisoformat(day), count, "parent",
                          confirmed)  # fmt: skip
            world.tables["lessons"].append(lesson)


def _burst(world: World, rng: random.Random, uscc: str) -> None:
    """One day on which as many lessons are confirmed as five times the mean, or one more."""
    day = plus(world.as_of, -rng.randint(5, 30))
    held = [row for row in world.rows("lessons", uscc)
            if plus(day, -30) <= records.lesson(row).confirmed_on < day]  # fmt: skip
    same = sum(int(row["lessons"]) for row in world.rows("lessons", uscc)
               if records.lesson(row).confirmed_on == day)  # fmt: skip
    wanted = max(sum(int(row["lessons"]) for row in held) // 6 + rng.choice((0, 1)),
                 rng.choice((49, 50))) - same  # fmt: skip
    taken = {(row["contract_no"], row["held_on"]) for row in world.rows("lessons", uscc)}
    numbers = [row["contract_no"] for row in world.rows("contracts", uscc)
               if (row["contract_no"], str(day)) not in taken]  # fmt: skip
    if wanted > 0 and numbers:
        row = _row(uscc, rng.choice(numbers), day, wanted, "parent", str(day))
        world.tables["lessons"].append(row)


def refunds(world: World, rng: random.Random, uscc: str) -> None:
    """Requests for some contracts, the amount around what is due, or left open."""
    opened = open_books(world, uscc)
    for each in opened.contracts.values():
        if each.home != uscc or rng.random() > 0.3 or each.paid_on is None:
            continue
        for n in range(rng.choice((1, 1, 2))):
            day = rng.choice((plus(world.as_of, -rng.randint(1, 60)), plus(world.as_of, -17),
                              date(2025, 4, 30), date(2025, 5, 1), date(2025, 11, 4),
                              date(2025, 11, 5), each.starts or world.as_of))  # fmt: skip
            if rng.random() < 0.2 and each.starts:
                day = plus(each.starts, -1)
            day = min(max(day, date(2025, 1, 2)), world.as_of)
            due = max(
                each.refundable(day) - (consumed(opened, each, day) or 0) - rng.choice((0, 1, 2)), 1
            )
            world.tables["refunds"].append({
                "refund_no": f"T{each.number}{n}", "contract_no": each.number, "uscc": uscc,
                "requested_on": str(day), "cause": rng.choice(("institution", "consumer", "")),
                "amount": yuan(due) if rng.random() < 0.8 else "",
            })  # fmt: skip
