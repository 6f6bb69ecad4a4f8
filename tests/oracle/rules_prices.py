"""PRICE-GUIDE, -REFERENCE and -POSTED against ``guided_prices.csv``, read with ``csv`` alone."""

import csv
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from oracle.amounts import shown
from oracle.books import Books
from oracle.records import Course
from oracle.verdicts import Verdict, Verdicts, outcome

FILE = Path(__file__).resolve().parents[2] / "rules" / "parameters" / "guided_prices.csv"
COMPULSORY = ("primary", "junior")


@dataclass(frozen=True)
class Price:
    place: str
    stages: tuple[str, ...]
    mode: str
    sizes: tuple[int, int]
    limit: Fraction  # fen a standard lesson, float included
    minutes: int
    first: date
    last: date
    confirmed: bool


def _read() -> list[Price]:
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return [
            Price(
                row["place_code"],
                COMPULSORY if row["stage"] == "compulsory" else (row["stage"],),
                row["mode"],
                (int(row["class_from"]), int(row["class_to"] or 9999)),
                Fraction(row["price_yuan"]) * 100 * (1 + Fraction(row["float_up"])),
                int(row["standard_minutes"]),
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"] or "9999-12-31"),
                row["status"] != "unconfirmed",
            )
            for row in csv.DictReader(file)
            if row["price_yuan"]
        ]


PRICES = _read()


def price_for(district: str, course: Course, day: date) -> Price | None:
    """The price of the nearest place that has one, whatever its status; senior or else junior."""
    found = _nearest(district, course, course.stage, day)
    return (
        _nearest(district, course, "junior", day)
        if not found and course.stage == "senior"
        else found
    )


def _nearest(district: str, course: Course, stage: str, day: date) -> Price | None:
    for place in (district, district[:4] + "00", district[:2] + "0000"):
        for each in PRICES:
            fits = each.place == place and stage in each.stages and course.mode == each.mode
            size = course.size is not None and each.sizes[0] <= course.size <= each.sizes[1]
            if fits and size and each.first <= day <= each.last:
                return each
    return None


def _judge(district: str, course: Course, day: date, per_lesson: Fraction | None):
    """(breach, measured, limit) of a price a lesson, brought to standard lessons."""
    price = price_for(district, course, day)
    if price is None or not price.confirmed or per_lesson is None:
        return None, None, None
    scaled = per_lesson * price.minutes / course.minutes
    return scaled > price.limit, shown(scaled), shown(price.limit)


def price_rules(books: Books) -> Verdicts:
    for each in books.contracts.values():
        if each.paid_on is None or each.paid_on > books.as_of:
            continue
        if not books.holds(each, each.paid_on):
            continue
        facts, course = books.on(each.paid_on), books.course_of(each)
        if not facts.academic:
            continue
        answer = (None, None, None)
        if course is not None:
            paid = Fraction(each.fee, each.total) if each.total else None
            answer = _judge(facts.district, course, each.paid_on, paid)
        for rule, stages, severity in (
            ("PRICE-GUIDE", COMPULSORY, "orange"),
            ("PRICE-REFERENCE", ("senior",), "notice"),
        ):
            if course is None or course.stage in stages:
                yield Verdict(rule, books.uscc, "contract", each.number, each.paid_on,
                              outcome(answer[0]), *answer[1:], severity)  # fmt: skip
    yield from _posted(books)


def _posted(books: Books) -> Verdicts:
    for each in books.courses.values():
        day = each.starts or books.as_of
        facts = books.on(day)
        if day > books.as_of or not facts.academic or each.stage not in COMPULSORY:
            continue
        breach, measured, limit = _judge(facts.district, each, day, Fraction(each.price))
        yield Verdict("PRICE-POSTED", books.uscc, "course", each.course_id, day,
                      outcome(breach), measured, limit, "yellow")  # fmt: skip
