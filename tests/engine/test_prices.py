"""Guided prices: gaps and overlaps found by spans are those that trying every lesson finds."""

import random

import pytest

from feewatch.engine.book import Price
from feewatch.engine.law import LARGEST_CLASS, lay_out_prices
from feewatch.engine.loader import load_rule_book
from feewatch.engine.prices import gap_warnings, price_gaps, price_overlaps
from feewatch.kernel.days import LAST_DAY, parse_day

BOOK = load_rule_book()


def price(stage, sizes, days, mode="offline"):
    return Price("370700", "潍坊市", stage, mode, *sizes, 3200, 0, 45, *days, "", "V2", "in_force")


def covers(each, stage, size, day):
    return (
        each.stage in (stage, "compulsory")
        and each.class_from <= size <= each.class_to
        and each.from_day <= day <= each.to_day
    )


def some_prices(seed):
    """A few prices over 60 class sizes and 12 days, some of them clashing."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        first, start = chance.randint(1, 60), chance.randint(0, 9)
        last = chance.choice([chance.randint(first, 60), LARGEST_CLASS])
        end = chance.choice([chance.randint(start, 11), LAST_DAY])
        stage = chance.choice(["primary", "junior", "compulsory"])
        yield price(stage, (first, last), (start, end))


@pytest.mark.parametrize("seed", range(150))
def test_gaps_and_overlaps_are_those_of_every_single_lesson(seed):
    prices = list(some_prices(seed))
    without, twice = set(), False
    for stage in ("primary", "junior"):
        since = min((each.from_day for each in prices if covers_stage(each, stage)), default=13)
        for size in range(1, 61):
            for day in range(13):
                count = sum(covers(each, stage, size, day) for each in prices)
                twice |= count > 1
                if count == 0 and day >= since:
                    without.add((stage, size, day))
    named = [
        (gap.stage, size, day)
        for gap in price_gaps(prices)
        for size in range(gap.class_from, gap.class_to + 1)
        for day in range(gap.from_day, min(gap.to_day, 12) + 1)
    ]
    assert set(named) == without
    assert len(named) == len(set(named))
    assert bool(list(price_overlaps(prices))) == twice


def covers_stage(each, stage):
    return each.stage in (stage, "compulsory")


def test_a_gap_between_classes_is_told_in_words():
    sizes = ((1, 9), (11, 60))
    prices = [price("compulsory", each, (0, LAST_DAY)) for each in sizes]
    (gap,) = gap_warnings(prices)
    assert (
        gap.message.zh == "潍坊市 小学、初中 线下 班额 10–10 人 自 1970-01-01 起 没有价格，不能判定"
    )
    assert gap.message.en.startswith("370700 primary and junior offline, classes of 10–10")


def test_days_between_two_prices_are_a_gap():
    prices = [price("primary", (1, 60), (0, 9)), price("primary", (1, 60), (11, LAST_DAY))]
    (gap,) = gap_warnings(prices)
    assert "1970-01-11 to 1970-01-11: no price" in gap.message.en


def test_the_prices_shipped_have_one_known_gap():
    (gap,) = gap_warnings(BOOK.prices)
    assert gap.message.en == (
        "422800 primary and junior offline, classes of 1–60, from 2023-01-15 on: "
        "no price, cannot judge"
    )


def at(place, stage, fen):
    sizes, days = (1, LARGEST_CLASS), (0, LAST_DAY)
    return Price(place, place, stage, "offline", *sizes, fen, 0, 45, *days, "", "V2", "in_force")


@pytest.mark.parametrize(
    ("prices", "fen"),
    [
        ([at("370000", "senior", 1), at("370702", "junior", 2)], 1),
        ([at("370000", "junior", 1), at("370702", "compulsory", 2)], 2),
        ([at("370000", "compulsory", 1), at("370702", "primary", 2)], 1),
        ([at("370702", "primary", 2)], None),
    ],
    ids=["its own from above", "else that for junior, the nearest", "not for primary", "none"],
)
def test_senior_courses_have_the_price_for_senior_or_else_that_for_junior(prices, fen):
    spans = [each for each in lay_out_prices(prices, ["370702"]) if each.stage == "senior"]
    assert [each.price.price_fen for each in spans] == ([fen] if fen else [])


def test_a_price_for_senior_does_not_overlap_one_for_compulsory_school():
    assert list(price_overlaps([at("370702", "senior", 1), at("370702", "compulsory", 1)])) == []
    assert list(price_overlaps([at("370702", "senior", 1), at("370702", "senior", 2)]))


EDGES = {
    # district: (smallest size of a class, yuan) as the place states them
    "110108": ((1, 80), (10, 60), (36, 40)),
    "120101": ((1, 50), (10, 40), (36, 30)),
    "310101": ((1, 80), (10, 60), (36, 40)),
    "370702": ((1, 32), (10, 26), (36, 18)),
    "440303": ((1, 70), (11, 50), (21, 40), (31, 35)),
    "422801": ((1, 32), (11, 27), (35, 22)),
}


@pytest.mark.parametrize("district", EDGES)
def test_classes_begin_where_the_place_says(district):
    day = parse_day("2022-06-01")
    spans = [
        each
        for each in lay_out_prices(BOOK.prices, [district])
        if (each.stage, each.mode) == ("primary", "offline") and each.from_day <= day <= each.to_day
    ]
    by_size = [
        next(each.price.price_fen for each in spans if each.class_from <= size <= each.class_to)
        for size in range(1, 61)
    ]
    edges = [
        (size, fen // 100)
        for size, fen in enumerate(by_size, 1)
        if size == 1 or fen != by_size[size - 2]
    ]
    assert tuple(edges) == EDGES[district]
