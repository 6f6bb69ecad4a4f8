"""Puts the institutions of a check into groups that are judged and written one after another."""

from collections.abc import Collection
from itertools import chain
from typing import NamedTuple

from feewatch.kernel.gathering import gather, load_of
from feewatch.services.intake.matching import LIGHT_LOAD
from feewatch.store.check import checks
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Database, Transaction
from feewatch.store.intake import successors

#: Rows of statements and lessons that are judged on one snapshot: some seconds of work.
GROUP_LOAD = 200_000
#: The same where a server judges, whose statements have no lower priority: none takes long, and few
#: institutions change between the snapshot of a group and its writing.
SERVER_LOAD = 80_000
#: The same where a copy of them is judged column by column: 1.3 gigabytes of memory.
COLUMNAR_LOAD = 1_000_000
#: From this many on an institution is judged alone, after all the others.
HEAVY_LOAD = 600_000


def usual_load(database: Database) -> int:
    """What a group carries where the database itself judges it."""
    return GROUP_LOAD if database.is_sqlite else SERVER_LOAD


class CheckGroup(NamedTuple):
    """Institutions judged together; those that successions tie lie in one group."""

    institutions: frozenset[int]
    is_heavy: bool


def list_large(tx: Transaction, institutions: Collection[int]) -> set[int]:
    """Those that with all tied to them have too many rows for a writer to wait for."""
    units = successors.in_groups(tx, {*institutions} - {OFFICE})
    loads = checks.list_loads(tx, {*chain.from_iterable(units)})
    large = (unit for unit in units if load_of(unit, loads) > LIGHT_LOAD)
    return {*institutions}.intersection(chain.from_iterable(large))


def group_institutions(
    tx: Transaction, institutions: Collection[int], most: int
) -> list[CheckGroup]:
    """The groups of some institutions in the order of their work, the heavy ones last.

    ``most``: what the members of a group carry together; 0: none is with another, unless tied.
    """
    own = {*institutions} - {OFFICE}
    loads = checks.list_loads(tx, own)
    units = [frozenset(unit) & own for unit in successors.in_groups(tx, own)]
    units.sort(key=min)
    heavy = [unit for unit in units if load_of(unit, loads) >= HEAVY_LOAD]
    heavy.sort(key=lambda unit: (load_of(unit, loads), min(unit)))
    light = [unit for unit in units if load_of(unit, loads) < HEAVY_LOAD]
    if OFFICE in institutions:
        light.insert(0, frozenset({OFFICE}))
    groups = [CheckGroup(members, is_heavy=False) for members in gather(light, loads, most)]
    return [*groups, *(CheckGroup(unit, is_heavy=True) for unit in heavy)]
