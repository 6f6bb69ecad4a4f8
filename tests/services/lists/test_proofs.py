"""The document that says which test shows what names tests that there are."""

import re
from pathlib import Path

import pytest

NAMED = re.findall(
    r"`(tests/[\w/]+\.py)::(\w+)`", Path("docs/proofs-of-lists.md").read_text("utf-8")
)
FINDINGS = ("F3", "F4", "F5", "F6", "F7", "F8", "F16", "attack 10", "attack 55", "attack 57",
            "attack 58", "attack 59")  # fmt: skip


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_each_test_that_is_named_is_there(file):
    text = Path(file).read_text("utf-8")
    assert [name for path, name in NAMED if path == file and f"def {name}(" not in text] == []


def test_each_finding_has_its_row_with_a_test():
    rows = Path("docs/proofs-of-lists.md").read_text("utf-8").splitlines()
    lacking = [
        name
        for name in FINDINGS
        if not any(row.startswith(f"| {name} |") and "::test_" in row for row in rows)
    ]
    assert lacking == []
