"""The law on a day in a place: rules, parameters and prices laid out as spans without overlap.

A rule is joined to its spans by district and law day, so one SQL statement judges every
institution of the nation by the value in force where and when its subject arose.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

from feewatch.engine.book import InForce, Parameter, ParameterValue, Price, Rule
from feewatch.kernel.days import LAST_DAY, Day
from feewatch.kernel.places import ancestry

COMPULSORY = ("primary", "junior")
#: Stages that prices are looked up for; where no place has a price for senior, that for junior
#: is the one referred to.
STAGES = (*COMPULSORY, "senior")
_REFERRED = {"senior": "junior"}
#: "No upper end" of a class-size range.
LARGEST_CLASS = 10**6

Dated = TypeVar("Dated", InForce, ParameterValue, Price)


@dataclass(frozen=True)
class Variant:
    """One combination of a rule's block in force and its parameter values."""

    block: InForce
    values: tuple[ParameterValue | None, ...]  # in the order of rule.parameters


class LawSpan(NamedTuple):
    """A district and a span of days in which a variant of a rule is the law."""

    district: str
    from_day: Day
    to_day: Day
    variant: int


def lay_out(
    rule: Rule, parameters: dict[str, Parameter], districts: Collection[str]
) -> tuple[tuple[Variant, ...], list[LawSpan]]:
    """The variants of a rule and the spans in which each applies, for the districts asked."""
    variants: dict[Variant, int] = {}
    spans: list[LawSpan] = []
    used = [parameters[name] for name in rule.parameters]
    for district in sorted(districts):
        chain = ancestry(district)
        for blocks in alternatives(rule.in_force):
            for start, end in cuts([*blocks, *(value for p in used for value in p.values)], chain):
                block = nearest(blocks, chain, start)
                if block is None:
                    continue
                values = tuple(nearest(p.values, chain, start) for p in used)
                number = variants.setdefault(Variant(block, values), len(variants))
                spans.append(LawSpan(district, start, end, number))
    return tuple(variants), spans


def law_changes(spans: Iterable[LawSpan], as_of: Day) -> dict[str, Day]:
    """For each district the first day after as-of on which a span begins or has ended."""
    first: dict[str, Day] = {}
    for span in spans:
        for day in (span.from_day, span.to_day + 1):
            if as_of < day <= LAST_DAY:
                first[span.district] = min(day, first.get(span.district, day))
    return first


def block_on(blocks: Sequence[InForce], chain: tuple[str, ...], day: Day) -> list[InForce]:
    """What is in force in a place on a day, the nearest of each group of subjects."""
    blocks_on_day = (nearest(alike, chain, day) for alike in alternatives(blocks))
    return [each for each in blocks_on_day if each is not None]


def alternatives(blocks: Sequence[InForce]) -> list[list[InForce]]:
    """Blocks that compete for the same subjects (same ``applies``): the nearest is the law."""
    groups: dict[str | None, list[InForce]] = {}
    for block in blocks:
        groups.setdefault(block.applies, []).append(block)
    return list(groups.values())


def cuts(
    dated: Iterable[InForce | ParameterValue | Price], chain: tuple[str, ...]
) -> list[tuple[Day, Day]]:
    """The spans between all days of change that matter in a place."""
    mine = [each for each in dated if _place(each) in chain]
    if not mine:
        return []
    starts = {each.from_day for each in mine} | {each.to_day + 1 for each in mine}
    edges = sorted(starts)
    return [(start, end - 1) for start, end in pairwise(edges)]


def _place(dated: InForce | ParameterValue | Price) -> str:
    return dated.place if isinstance(dated, Price) else dated.jurisdiction


def nearest(candidates: Iterable[Dated], chain: tuple[str, ...], day: Day) -> Dated | None:
    """What the nearest place of the chain has in force on a day; None where none has anything."""
    by_place: dict[str, Dated] = {
        _place(candidate): candidate
        for candidate in candidates
        if candidate.from_day <= day <= candidate.to_day
    }
    return next((by_place[place] for place in chain if place in by_place), None)


class PriceSpan(NamedTuple):
    """The guided price of a district for a stage, mode, range of class sizes and span of days."""

    district: str
    stage: str
    mode: str
    class_from: int
    class_to: int
    from_day: Day
    to_day: Day
    price: Price


def lay_out_prices(prices: Sequence[Price], districts: Collection[str]) -> list[PriceSpan]:
    """The nearest price of each district, laid out without overlap."""
    spans: list[PriceSpan] = []
    for district in sorted(districts):
        chain = ancestry(district)
        here = [each for each in prices if each.place in chain]
        for stage in STAGES:
            for mode in ("offline", "online"):
                shelves = [
                    [each for each in here if each.mode == mode and covers_stage(each.stage, asked)]
                    for asked in (stage, _REFERRED.get(stage))
                    if asked
                ]
                spans += _price_spans(district, stage, mode, shelves, chain)
    return spans


def covers_stage(stated: str, stage: str) -> bool:
    """Whether a price stated for a stage, or for all of compulsory school, is for this stage."""
    return stated == stage or (stated == "compulsory" and stage in COMPULSORY)


def _price_spans(
    district: str, stage: str, mode: str, shelves: list[list[Price]], chain: tuple[str, ...]
) -> list[PriceSpan]:
    """The spans of a stage; a later shelf decides only what no price of an earlier one does."""
    prices = [each for shelf in shelves for each in shelf]
    sizes = sorted({each.class_from for each in prices} | {each.class_to + 1 for each in prices})
    spans: list[PriceSpan] = []
    for smallest, above in pairwise(sizes):
        fitting = [
            [each for each in shelf if each.class_from <= smallest <= each.class_to]
            for shelf in shelves
        ]
        for start, end in cuts((each for shelf in fitting for each in shelf), chain):
            nearest_prices = (nearest(shelf, chain, start) for shelf in fitting)
            price = next((each for each in nearest_prices if each is not None), None)
            if price is not None:
                spans.append(
                    PriceSpan(district, stage, mode, smallest, above - 1, start, end, price)
                )
    return spans
