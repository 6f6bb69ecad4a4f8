"""Keeps results: ``benchmarks/NAME.json``, and the benchmark's own section of a page."""

import json
from pathlib import Path
from typing import Any

from feewatch.kernel.errors import InvalidInputError

PAGE = Path("docs/benchmarks.md")
RESULTS = Path("benchmarks")


def write(folder: Path, result: dict[str, Any]) -> None:
    """Put a result in place of the one before, in a clone of the project.

    Raises: InvalidInputError where the folder is no clone.
    """
    check_clone(folder)
    name = result["bench"]
    text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    (folder / RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    page = (folder / PAGE).read_text(encoding="utf-8")
    (folder / PAGE).write_text(with_section(page, name, as_section(result)), encoding="utf-8")


def check_clone(folder: Path) -> None:
    """Refuse a folder that has no page of benchmarks.

    Raises: InvalidInputError.
    """
    if not (folder / PAGE).is_file() or not (folder / RESULTS).is_dir():
        raise InvalidInputError(
            "BENCH-CLONE",
            f"--write 须在项目目录中运行（找不到 {PAGE}）",
            f"--write works in a clone of the project: there is no {PAGE} here",
        )


def with_section(page: str, name: str, section: str) -> str:
    """The page with the section of a benchmark replaced, or added at its end."""
    start, end = f"<!-- bench {name} -->\n", f"<!-- end of {name} -->\n"
    before, found, rest = page.partition(start)
    if not found:
        return f"{page.rstrip()}\n\n{start}{section}{end}"
    return before + start + section + end + rest.partition(end)[2]


def as_section(result: dict[str, Any]) -> str:
    """A result as a section in Markdown."""
    machine = result["machine"]
    facts = (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_mb'] / 1024:.0f} GB, "
        f"{machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']}; "
        f"{result['on']}; scale {result['scale']:g}."
    )
    if result.get("broken_off"):
        facts += " **Broken off**: what comes after the last figure was not measured."
    rows = ["| figure | measured | target | reached | made from |", "|---|---|---|---|---|"]
    rows += [_row(each) for each in result["figures"]]
    lines = [
        f"## `feewatch bench {result['bench']}`: {result['title']['en']}", "", facts, "", *rows, "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(figure: dict[str, Any]) -> str:
    reached = {None: "", True: "yes", False: "**no**"}[figure["reached"]]
    of = ", ".join(f"{name.replace('_', ' ')} {value:,g}" for name, value in figure["of"].items())
    value = figure["value"]
    measured = "left out" if value is None else f"{value:,g} {figure['unit']}".strip()
    return f"| {figure['name']['en']} | {measured} | {figure['target'] or ''} | {reached} | {of} |"
