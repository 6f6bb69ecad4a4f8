"""Puts units of work together to parts that are neither too many nor too large."""

from collections.abc import Iterable, Iterator, Mapping


def gather(
    units: Iterable[frozenset[int]], loads: Mapping[int, int], most: int
) -> Iterator[frozenset[int]]:
    """Units put together in their order, so that each whole carries no more than so much.

    A unit that carries more by itself stays whole.
    """
    members: frozenset[int] = frozenset()
    load = 0
    for unit in units:
        added = load_of(unit, loads)
        if members and load + added > most:
            yield members
            members, load = frozenset(), 0
        members, load = members | unit, load + added
    if members:
        yield members


def load_of(unit: Iterable[int], loads: Mapping[int, int]) -> int:
    """What the members of a unit carry together."""
    return sum(loads.get(member, 0) for member in unit)
