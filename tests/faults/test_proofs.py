"""The document of proofs of operation names tests that there are, one at least for each finding."""

import re
from pathlib import Path

import pytest

TEXT = Path("docs/proofs-of-operation.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
FINDINGS = ("F2", *(f"F{number}" for number in range(5, 16)))


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_each_test_that_is_named_is_there(file):
    text = Path(file).read_text("utf-8")
    assert [name for path, name in NAMED if path == file and f"def {name}(" not in text] == []


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_finding_has_its_row_with_a_test(finding):
    rows = [line for line in TEXT.splitlines() if line.startswith(f"| {finding} |")]
    assert len(rows) == 1
    assert "::test_" in rows[0]
