"""Spoilt files: none raises, hangs, eats the memory or changes the ledger on refusal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spoilt

MOST_MEGABYTES = 512


def watched(folder: Path, seed: int, count: int) -> dict[str, object]:
    """What a process of its own, whose memory is its own too, says of so many spoilt files."""
    command = [sys.executable, spoilt.__file__, str(folder), str(seed), str(count)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(spoilt.__file__).parent, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # the table of outcomes, shown by pytest -s
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "count", [150, pytest.param(2000, marks=pytest.mark.long)], ids=["150", "2000"]
)
def test_spoilt_files_are_taken_or_refused_and_do_no_harm(tmp_path: Path, count: int) -> None:
    told = watched(tmp_path, 20260723, count)
    assert told["count"] == count
    assert told["faults"] == []
    assert told["peak_megabytes"] < MOST_MEGABYTES
    ways = {each.partition(":")[0] for each in told["outcomes"]}
    assert ways >= {way for way, (kind, *_) in spoilt.WAYS.items() if kind != "xls"}
