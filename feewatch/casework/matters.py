"""Which matter a breach belongs to, and what a matter comes to from its members."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from feewatch.engine.findings import SEVERITIES, Breach
from feewatch.kernel.days import Day

#: From the weakest claim to the strongest.
AUTHORITIES = ("preset", "local", "law")


class Key(NamedTuple):
    """What the members of a matter share; historic alerts lie in matters of their own."""

    institution_id: int
    uscc: str
    rule: str
    cause: str
    historic: bool


class OpenMatter(NamedTuple):
    """A matter that still takes members, with the days it spans."""

    matter_id: int
    first_day: Day
    last_day: Day


class Group(NamedTuple):
    """Breaches that form a new matter, or join one."""

    matter_id: int | None
    breaches: list[Breach]


class Member(NamedTuple):
    """What an alert that is not withdrawn adds to its matter."""

    severity: str
    authority: str
    amount_fen: int | None
    on: Day


class Summary(NamedTuple):
    """What a matter shows of its members: the names are those of its columns."""

    alerts: int
    sum_fen: int | None
    severity: str
    authority: str
    first_day: Day
    last_day: Day


def key_of(breach: Breach) -> Key:
    """The key of the matters a breach may belong to; 0 stands for no institution."""
    uscc, rule = breach.identity.uscc, breach.identity.rule
    return Key(breach.institution_id or 0, uscc, rule, breach.cause, breach.historic)


def group(breaches: Iterable[Breach], places: dict[Key, list[OpenMatter]]) -> list[Group]:
    """The matters of new breaches, the same whatever their order.

    A breach with ``spell_days`` joins what lies that many days or less from it, so a breach
    between two groups of one batch makes them one; matters on record are never merged, the
    earlier one takes the breach.
    """
    groups: list[Group] = []
    ordered = sorted(breaches, key=lambda each: (key_of(each), each.identity.on, each.identity))
    for key, members in groupby(ordered, key=key_of):
        groups += _spells(list(members), places.get(key, ()))
    return groups


def _spells(breaches: Sequence[Breach], places: Sequence[OpenMatter]) -> list[Group]:
    reach = breaches[0].spell_days
    if reach is None:
        target = min((place.matter_id for place in places), default=None)
        return [Group(target, list(breaches))]
    spans: list[tuple[Day, Day, OpenMatter | Breach]] = [
        *((place.first_day, place.last_day, place) for place in places),
        *((breach.identity.on, breach.identity.on, breach) for breach in breaches),
    ]
    spells: list[tuple[list[OpenMatter], list[Breach]]] = []
    end: Day | None = None
    for first, last, span in sorted(spans, key=lambda each: each[:2]):
        if end is None or first > end + reach:
            spells.append(([], []))
            end = last
        end = max(end, last)
        spans_of_spell, members = spells[-1]
        if isinstance(span, OpenMatter):
            spans_of_spell.append(span)
        else:
            members.append(span)
    return [
        Group(spans_of_spell[0].matter_id if spans_of_spell else None, members)
        for spans_of_spell, members in spells
        if members
    ]


def summarise(members: Iterable[Member]) -> Summary:
    """What members, at least one, come to: count, sum, gravest severity, strongest authority."""
    listed = list(members)
    amounts = [member.amount_fen for member in listed if member.amount_fen is not None]
    return Summary(
        alerts=len(listed),
        sum_fen=sum(amounts) if amounts else None,
        severity=gravest(member.severity for member in listed),
        authority=max((member.authority for member in listed), key=AUTHORITIES.index),
        first_day=min(member.on for member in listed),
        last_day=max(member.on for member in listed),
    )


def gravest(severities: Iterable[str]) -> str:
    """The most severe of at least one severity."""
    return max(severities, key=SEVERITIES.index)
