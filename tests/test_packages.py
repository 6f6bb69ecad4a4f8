"""What is installed beside feewatch: with a lower bound that CI tries, and a reason on file."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]]


def name_of(requirement):
    return re.match(r"[\w-]+", requirement)[0]


def test_ci_installs_the_lowest_version_of_every_package_that_an_office_installs():
    printed = subprocess.run(
        [sys.executable, ROOT / ".ci/lowest"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [name_of(line) for line in printed] == [name_of(each) for each in NEEDED]
    assert all(re.fullmatch(r"[\w-]+(\[\w+\])?==[\d.]+", line) for line in printed)
    assert ".ci/lowest" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_every_package_has_its_reason_on_file():
    extras = (each for listed in PROJECT["optional-dependencies"].values() for each in listed)
    names = {name_of(each) for each in (*NEEDED, *extras)} - {"feewatch"}
    written = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if name not in written] == []
