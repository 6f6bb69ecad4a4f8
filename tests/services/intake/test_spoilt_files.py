"""Spoilt files: none raises, hangs, eats the memory or changes the ledger on refusal."""

import json
import subprocess
import sys
from pathlib import Path

import oldbooks
import pytest
import spoilt

from feewatch.statements.dialects import load_dialects
from feewatch.statements.reading import read

MOST_MEGABYTES = 512


def watched(folder: Path, seed: int, count: int, *how: str) -> dict[str, object]:
    """What a process of its own, whose memory is its own too, says of so many spoilt files."""
    command = [sys.executable, spoilt.__file__, str(folder), str(seed), str(count), *how]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(spoilt.__file__).parent, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # the table of outcomes, shown by pytest -s
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "count", [60, pytest.param(2000, marks=pytest.mark.long)], ids=["60", "2000"]
)
def test_spoilt_files_are_taken_or_refused_and_do_no_harm(tmp_path: Path, count: int) -> None:
    told = watched(tmp_path, 20260723, count)
    assert told["count"] == count
    assert told["faults"] == []
    assert told["peak_megabytes"] < MOST_MEGABYTES
    ways = {each.partition(":")[0] for each in told["outcomes"]}
    assert ways >= spoilt.WAYS.keys()


@pytest.mark.parametrize(
    "count", [60, pytest.param(2000, marks=pytest.mark.long)], ids=["60", "2000"]
)
def test_a_folder_of_spoilt_files_is_taken_in_by_one_run(tmp_path: Path, count: int) -> None:
    told = watched(tmp_path, 20261128, count, "folder")
    assert told["faults"] == []
    assert told["count"] == count
    assert told["peak_megabytes"] < MOST_MEGABYTES


def test_the_workbooks_that_are_spoilt_are_sound_before_in_every_layout() -> None:
    layouts = load_dialects()
    for name, cells in spoilt.layout_cells().items():
        for content in (spoilt.saved(cells), oldbooks.old_workbook("明细", cells)):
            found = read(content, name, layouts)
            assert found.dialect is not None
            assert name.startswith(found.dialect), name
            assert [each.faults for each in found.statements] == [[]], (name, found.problems)
