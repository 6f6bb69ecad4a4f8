"""The benchmarks there are, by name."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from feewatch.bench import (
    check,
    desk,
    editions,
    ingest,
    matching,
    memory,
    nation,
    operation,
    papers,
    public,
    waiting,
)
from feewatch.bench.figures import Figure
from feewatch.bench.machine import machine_facts
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.text import Text


class Bench(NamedTuple):
    """A benchmark: ``run`` takes the fraction of the full size and tells figures as they come."""

    title: Text
    run: Callable[..., Iterator[Figure]]
    keeps_world: bool = False  # whether ``run`` takes a folder in which its world is kept


BENCHES: dict[str, Bench] = {
    "check": Bench(check.TITLE, check.run),
    "desk": Bench(desk.TITLE, desk.run, keeps_world=True),
    "editions": Bench(editions.TITLE, editions.run),
    "ingest": Bench(ingest.TITLE, ingest.run),
    "matching": Bench(matching.TITLE, matching.run),
    "memory": Bench(memory.TITLE, memory.run, keeps_world=True),
    "nation": Bench(nation.TITLE, nation.run, keeps_world=True),
    "operation": Bench(operation.TITLE, operation.run, keeps_world=True),
    "papers": Bench(papers.TITLE, papers.run),
    "public": Bench(public.TITLE, public.run),
    "waiting": Bench(waiting.TITLE, waiting.run, keeps_world=True),
}


def get_bench(name: str) -> Bench:
    """The benchmark of a name.

    Raises: NotFoundError.
    """
    if name not in BENCHES:
        known = ", ".join(BENCHES)
        raise NotFoundError(
            "BENCH-UNKNOWN",
            f"没有基准 {name}，可用：{known}",
            f"no benchmark {name}; known: {known}",
        )
    return BENCHES[name]


def result_of(
    name: str, scale: float, figures: list[Figure], *, is_broken_off: bool = False
) -> dict[str, Any]:
    """A run of a benchmark as JSON: what was measured, on which machine, on which day."""
    return {
        "bench": name,
        "title": BENCHES[name].title._asdict(),
        "scale": scale,
        "on": format_day(today()),
        "machine": machine_facts(),
        "figures": [each.as_json() for each in figures],
    } | ({"broken_off": True} if is_broken_off else {})
