"""What the documents of security name is there, and what they count is so."""

import re
from collections import Counter
from pathlib import Path

import pytest

from feewatch.config import Limits, Web
from feewatch.services.intake import attachments
from feewatch.services.rounds import visiting
from feewatch.sheets import harmless

ROOT = Path(__file__).parent.parent
NAMING = [
    "SECURITY.md",
    *(f"docs/{name}.md" for name in ("threat-model", "asvs", "dengbao", "pia")),
]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: A path of the tree; what an installation has lies elsewhere.
PATH = re.compile(r"(?:feewatch|tests|docs|rules|\.ci)/[\w./-]*\w|[\w-]+\.(?:md|lock|toml)")
OFFICE = {"feewatch.toml"}
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
LEVELS = ("1", "2")


def paths_named(text):
    spans = re.findall(r"`([^`\n]+)`", text)
    return {span.partition("::")[0] for span in spans if PATH.fullmatch(span.partition("::")[0])}


def rows_of(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("name", NAMING)
def test_files_and_tests_that_are_named_exist(name):
    paths = paths_named((ROOT / name).read_text(encoding="utf-8")) - OFFICE
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_tests_that_are_named_by_function_exist():
    for name in NAMING:
        text = (ROOT / name).read_text(encoding="utf-8")
        for path, function in re.findall(r"`(tests/[\w/.-]+)::(\w+)`", text):
            assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), function


def test_the_counts_of_the_asvs_are_those_of_its_table():
    rows = rows_of((ROOT / "docs/asvs.md").read_text(encoding="utf-8"))
    asked = [row for row in rows if re.fullmatch(r"V\d+\.\d+\.\d+", row[0])]
    assert len({row[0] for row in asked}) == len(asked)
    counts = Counter((row[3], row[1]) for row in asked)
    head = {
        row[0]: [int(cell) for cell in row[1:]]
        for row in rows
        if len(row) == 4 and row[3].isdigit()
    }
    standings = ("met", "partly", "not met", "not applicable")
    for standing in standings:
        by_level = [counts[standing, level] for level in LEVELS]
        assert head[standing] == [*by_level, sum(by_level)], standing
    assert head["all"] == [
        sum(column) for column in zip(*(head[s] for s in standings), strict=True)
    ]
    assert sum(counts.values()) == head["all"][-1]
    assert head["all"] == [70, 183, 253]  # so many the standard has


def test_the_sizes_that_are_told_are_those_of_the_code():
    page = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    told = {row[0]: row[1] for row in rows_of(page.partition("## Sizes")[2].partition("\n## ")[0])}
    figures = {name: [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", cell)]
               for name, cell in told.items()}  # fmt: skip
    assert figures["file sent to the site or the API"] == [Web().max_upload_mb]
    assert figures["entries of a file sent by an institution"] == [Limits().entries_a_file]
    assert figures["cells of a workbook's sheet, rows by columns"] == [harmless.MAX_CELLS]
    unpacked = [harmless.MAX_UNPACKED_BYTES // 1_000_000, harmless.MAX_RATIO]
    assert figures["a workbook unpacked"] == unpacked
    assert figures["an XLS"] == [harmless.MAX_OLE_BYTES // 1_000_000]
    assert figures["attachment of a case"] == [attachments.MOST_MB]
    assert told["photo of a visit, of which there are 12"] == f"{visiting.MOST_MB} MB"
    assert visiting.MOST_PHOTOS == 12


def test_what_is_met_says_where():
    rows = rows_of((ROOT / "docs/asvs.md").read_text(encoding="utf-8"))
    silent = [row[0] for row in rows if row[0].startswith("V") and row[3] == "met" and not row[4]]
    assert silent == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
