"""The measured part of docs/scale.md and its pictures, made from the records in ``benchmarks/``.

What is measured is shown as recorded; what is worked out from it says so. Nothing is measured here.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bench.drawing import Chart, draw
from feewatch.bench.record import RESULTS, with_section

PAGE = Path("docs/scale.md")
IMAGES = Path("docs/images")
ENGINES = ("SQLite", "PostgreSQL", "DuckDB", "Spark")
#: What the large world has: entries of an institution in a year.
ENTRIES_A_YEAR = 500
#: Of an office that keeps five years, all of which a full check judges.
YEARS = 5
#: Who, how many districts, each of which is judged by itself, and how many institutions.
PLACES = (("a city", 10, 2_000), ("a province", 100, 15_000), ("the nation", 2_800, 120_000))
#: A machine as offices have them, of which the check may take half for six hours of the night.
CORES, NIGHT_HOURS, SHARE = 8, 6, 0.5
#: Runs of an engine that say what a fault or fewer workers cost, and nothing of its growth.
_ASIDE = re.compile("killed|one worker")
_WHOLE_BOOK = ": the whole book"
_GIGABYTE = 10**9
_REACHED = {None: "", True: "yes", False: "**no**"}
_NOT_RECORDED = "**Not recorded yet**: `feewatch bench nation --write` puts the figures here."
_SMALL = (
    "**This record is not of full size.** Start-up outweighs the data, and what is fitted to it "
    "says little of a city: a run at full size replaces it."
)


class Point(NamedTuple):
    """What an engine took for so many entries, as recorded."""

    name: str
    entries: int
    of: Mapping[str, float]


class Model(NamedTuple):
    """What an engine takes for any number of entries, as far as the points tell."""

    fixed_cpu_seconds: float
    cpu_seconds_an_entry: float
    points: int

    def cpu_seconds(self, entries: float, runs: int = 1) -> float:
        """Processor seconds of full checks of so many districts, that have so many entries."""
        return runs * self.fixed_cpu_seconds + self.cpu_seconds_an_entry * entries


def write(folder: Path) -> None:
    """Make the measured parts and the pictures anew, in a clone that has the page."""
    if not (folder / PAGE).is_file():
        return
    records = read_records(folder)
    page = (folder / PAGE).read_text(encoding="utf-8")
    for name, lines in sections(records).items():
        page = with_section(page, name, "".join(f"{line}\n" for line in lines))
    (folder / PAGE).write_text(page, encoding="utf-8")
    for name, picture in pictures(records).items():
        (folder / IMAGES / name).write_text(picture, encoding="utf-8", newline="\n")


def read_records(folder: Path) -> dict[str, dict[str, Any]]:
    """All recorded runs by the name of their benchmark."""
    files = sorted((folder / RESULTS).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def sections(records: Mapping[str, dict[str, Any]]) -> dict[str, list[str]]:
    """The measured parts in lines of Markdown, by the names of their places on the page.

    What needs the four engines is there once they were recorded.
    """
    peers = {"peers": _peers(records)}
    if "nation" not in records:
        return peers | {"machine": [_NOT_RECORDED]}
    nation = records["nation"]
    points = list_points(nation)
    return peers | {
        "machine": _machine(nation),
        "measured": _measured(points),
        "fitted": _fitted(points),
        "needed": _needed(points),
    }


def _machine(nation: Mapping[str, Any]) -> list[str]:
    machine = nation["machine"]
    told = (
        f"{nation['on']}, scale {nation['scale']:g}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_mb'] / 1024:.0f} GB, Python {machine['python']}."
    )
    return [told] if nation["scale"] >= 1 else [told, "", _SMALL]


def list_points(nation: Mapping[str, Any]) -> list[Point]:
    """What the engines took, in the order of the record."""
    costs = [each for each in nation["figures"] if each["name"]["en"].endswith(_WHOLE_BOOK)]
    return [
        Point(each["name"]["en"].removesuffix(_WHOLE_BOOK), int(each["of"]["entries"]), each["of"])
        for each in costs
    ]


def growing(points: Iterable[Point], engine: str) -> list[Point]:
    """The points of an engine by which its growth is told, rising."""
    own = [
        each
        for each in points
        if re.match(r"\w+", each.name)[0] == engine and not _ASIDE.search(each.name)  # type: ignore[index]
    ]
    return sorted(own, key=lambda each: each.entries)


def fit(points: Sequence[Point]) -> Model:
    """The slope between the two largest points, and what it leaves of the largest.

    A single point is taken as growing with the data from nothing.
    """
    last = points[-1]
    if len(points) == 1:
        return Model(0.0, last.of["cpu_seconds"] / last.entries, 1)
    before = points[-2]
    slope = (last.of["cpu_seconds"] - before.of["cpu_seconds"]) / (last.entries - before.entries)
    return Model(max(last.of["cpu_seconds"] - slope * last.entries, 0.0), slope, len(points))


def pictures(records: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """CPU time and memory by entries, a line an engine, by the names of their files."""
    if "nation" not in records:
        return {}
    points = list_points(records["nation"])
    return {
        f"scale-{name}.svg": draw(
            Chart(title, "entries", up, {
                engine: [(each.entries, each.of[of]) for each in own]
                for engine in ENGINES if (own := growing(points, engine))
            })
        )
        for name, of, title, up in (
            ("time", "cpu_seconds", "The whole book: CPU time by engine", "CPU seconds"),
            ("memory", "peak_mb", "The whole book: peak memory by engine", "MB"),
        )
    }  # fmt: skip


def _measured(points: Sequence[Point]) -> list[str]:
    rows = [
        [
            each.name, f"{each.entries:,}", f"{each.of['findings']:,.0f}",
            f"{each.of['cpu_seconds']:,g}", f"{each.of['seconds']:,g}", f"{each.of['peak_mb']:,g}",
        ]
        for each in points
    ]  # fmt: skip
    heads = ["engine", "entries", "outcomes", "CPU s", "wall s", "peak MB"]
    shown = [
        "", "![CPU time by entries](images/scale-time.svg)",
        "", "![Memory by entries](images/scale-memory.svg)",
    ]  # fmt: skip
    return [*_table(heads, rows), *shown]


def _fitted(points: Sequence[Point]) -> list[str]:
    rows = []
    for engine in ENGINES:
        if own := growing(points, engine):
            model = fit(own)
            rows.append([
                engine, f"{model.points}", f"{model.fixed_cpu_seconds:.3g}",
                f"{model.cpu_seconds_an_entry * 1e6:.3g}",
                f"{own[-1].of['peak_mb']:,g} at {own[-1].entries:,}", _bytes_an_entry(own[0]),
            ])  # fmt: skip
    heads = [
        "engine", "points", "fixed CPU s", "CPU s a million entries", "peak MB, measured",
        "bytes an entry",
    ]  # fmt: skip
    return _table(heads, rows)


def _bytes_an_entry(point: Point) -> str:
    """What lies on disk for an entry with all registers beside it, and for its outcomes."""
    told = {
        "database_bytes": "database", "export_bytes": "export", "findings_bytes": "outcomes",
    }  # fmt: skip
    return ", ".join(
        f"{word} {point.of[name] / point.entries:,.0f}"
        for name, word in told.items()
        if name in point.of
    )


def _needed(points: Sequence[Point]) -> list[str]:
    models = {engine: fit(own) for engine in ENGINES if (own := growing(points, engine))}
    stored = {
        name: max(each.of[name] / each.entries for each in points if name in each.of)
        for name in ("database_bytes", "export_bytes", "findings_bytes")
        if any(name in each.of for each in points)
    }
    rows = []
    for place, districts, institutions in PLACES:
        entries = institutions * ENTRIES_A_YEAR * YEARS
        disk = entries * sum(stored.values()) / _GIGABYTE
        rows += [
            [
                f"{place}, {districts:,} districts, {institutions:,} institutions",
                f"{entries:,}", engine, f"{seconds / 3600:,.2f}", f"{_machines(seconds)}",
                f"{disk:,.1f}",
            ]
            for engine, model in models.items()
            for seconds in (model.cpu_seconds(entries, districts),)
        ]  # fmt: skip
    heads = [
        "who", "entries", "engine", "CPU hours a full check",
        f"machines of {CORES} cores, {NIGHT_HOURS} hours a night, half of them", "GB on disk",
    ]  # fmt: skip
    return _table(heads, rows)


def _machines(cpu_seconds: float) -> int:
    return ceil(cpu_seconds / (CORES * NIGHT_HOURS * 3600 * SHARE))


def _peers(records: Mapping[str, dict[str, Any]]) -> list[str]:
    rows = [
        [f"`{name}`", figure["name"]["en"], f"{figure['value']:,g} {figure['unit']}".strip(),
         figure["target"] or "", _REACHED[figure["reached"]], f"{record['scale']:g}"]
        for name, record in records.items()
        for figure in record["figures"]
        if " against " in figure["name"]["en"] or "differ from" in figure["name"]["en"]
    ]  # fmt: skip
    return _table(
        ["benchmark", "what against what", "measured", "target", "reached", "scale"], rows
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (heads, ["---"] * len(heads), *rows)]
