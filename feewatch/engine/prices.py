"""Whether the guided prices on file are one price for every lesson: overlaps and gaps, by spans.

An overlap is a fault: neither price can be the law. A gap is a warning: there the rules cannot
judge, which may be right (a trial that ended) or a line that nobody entered.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby, pairwise
from typing import NamedTuple

from feewatch.engine.book import Price
from feewatch.engine.law import COMPULSORY, STAGES, covers_stage
from feewatch.kernel.days import LAST_DAY, Day, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: Class sizes that a price table must speak of.
SIZES = (1, 60)
_FILE = "parameters"
_MODES = {"offline": Text("线下", "offline"), "online": Text("线上", "online")}
_STAGES = {"primary": Text("小学", "primary"), "junior": Text("初中", "junior")}


def price_overlaps(prices: Iterable[Price]) -> Iterator[Problem]:
    """Two prices for the same lesson on the same day."""
    for _, group in groupby(sorted(prices, key=_shelf), _shelf):
        for first, second in combinations(group, 2):
            if _compete(first, second):
                yield Problem(
                    "RULE-OVERLAP",
                    Text(
                        f"{first.place_name} 两条价格重叠："
                        f"班额 {first.class_from}、{second.class_from}",
                        f"two prices of {first.place} overlap: class sizes from "
                        f"{first.class_from} and from {second.class_from}",
                    ),
                    _FILE,
                    None,
                    "guided_prices",
                )


def _shelf(price: Price) -> tuple[str, str]:
    return price.place, price.mode


def _compete(first: Price, second: Price) -> bool:
    return (
        any(covers_stage(first.stage, each) and covers_stage(second.stage, each) for each in STAGES)
        and max(first.class_from, second.class_from) <= min(first.class_to, second.class_to)
        and max(first.from_day, second.from_day) <= min(first.to_day, second.to_day)
    )


class PriceGap(NamedTuple):
    """Class sizes and days of a place, stage and mode for which it has no price on file."""

    place: str
    stage: str
    mode: str
    class_from: int
    class_to: int
    from_day: Day
    to_day: Day


def price_gaps(prices: Iterable[Price]) -> Iterator[PriceGap]:
    """What is without a price since the place's first price for that stage and mode."""
    for (place, mode), group in groupby(sorted(prices, key=_shelf), _shelf):
        on_shelf = list(group)
        for stage in COMPULSORY:
            mine = [each for each in on_shelf if covers_stage(each.stage, stage)]
            for (smallest, largest), (start, end) in _holes(mine):
                yield PriceGap(place, stage, mode, smallest, largest, start, end)


_Span = tuple[int, int]


def _holes(prices: Sequence[Price]) -> Iterator[tuple[_Span, _Span]]:
    """Ranges of class sizes with the spans of days in which no price covers them."""
    if not prices:
        return
    since = min(each.from_day for each in prices)
    first, last = SIZES
    edges = {first, last + 1}
    edges |= {size for each in prices for size in (each.class_from, each.class_to + 1)}
    inside = sorted(size for size in edges if first <= size <= last + 1)
    bands = [
        ((smallest, above - 1), tuple(_uncovered(prices, smallest, since)))
        for smallest, above in pairwise(inside)
    ]
    for spans, alike in groupby(bands, key=lambda band: band[1]):
        sizes = [band[0] for band in alike]
        yield from (((sizes[0][0], sizes[-1][1]), span) for span in spans)


def _uncovered(prices: Sequence[Price], size: int, since: Day) -> Iterator[_Span]:
    fitting = (each for each in prices if each.class_from <= size <= each.class_to)
    free = since
    for price in sorted(fitting, key=lambda each: each.from_day):
        if price.from_day > free:
            yield free, price.from_day - 1
        free = max(free, price.to_day + 1)
    if free <= LAST_DAY:
        yield free, LAST_DAY


def gap_warnings(prices: Sequence[Price]) -> Iterator[Problem]:
    """The gaps in words, those alike for both stages once."""
    names = {price.place: price.place_name for price in prices}
    gaps = sorted(price_gaps(prices), key=lambda gap: (gap.place, gap.mode, *gap[3:]))
    for gap, alike in groupby(gaps, key=lambda gap: gap._replace(stage="")):
        stages = [_STAGES[each.stage] for each in alike]
        zh = f"{names[gap.place]} {'、'.join(stage.zh for stage in stages)} {_MODES[gap.mode].zh}"
        en = f"{gap.place} {' and '.join(stage.en for stage in stages)} {_MODES[gap.mode].en}"
        sizes = f"{gap.class_from}–{gap.class_to}"
        days = _days(gap)
        yield Problem(
            "PRICE-GAP",
            Text(
                f"{zh} 班额 {sizes} 人 {days.zh} 没有价格，不能判定",
                f"{en}, classes of {sizes}, {days.en}: no price, cannot judge",
            ),
            _FILE,
            None,
            "guided_prices",
        )


def _days(gap: PriceGap) -> Text:
    start = format_day(gap.from_day)
    if gap.to_day == LAST_DAY:
        return Text(f"自 {start} 起", f"from {start} on")
    end = format_day(gap.to_day)
    return Text(f"{start} 至 {end}", f"{start} to {end}")
