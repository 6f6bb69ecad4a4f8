"""What an office installs is written down: versions with hashes, licences that may be given on."""

import json
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("postgres", "gm", "oidc")
#: A separate library, used unchanged, where an office chooses PostgreSQL.
LIBRARIES = {"psycopg", "psycopg-binary"}


def wanted():
    named = [*PROJECT["dependencies"]]
    for extra in EXTRAS:
        named += PROJECT["optional-dependencies"].get(extra, [])
    return [Requirement(each) for each in named]


def locked(name="requirements.lock"):
    text = (ROOT / name).read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", text):
        head = re.match(r"([\w.\[\],-]+)==([^\s;\\]+)", block)
        assert head is not None, block[:60]
        name = canonicalize_name(head[1].partition("[")[0])
        found[name] = (head[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
    return found


def test_every_dependency_is_locked_at_a_version_that_is_allowed_with_hashes():
    found = locked()
    for requirement in wanted():
        version, hashes = found[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement
        assert hashes, requirement
    assert all(hashes for _, hashes in found.values())


def test_what_builds_a_wheel_is_locked_at_a_version_that_is_allowed_with_a_hash():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    found = locked("build.lock")
    for requirement in map(Requirement, build["requires"]):
        version, hashes = found.pop(canonicalize_name(requirement.name))
        assert requirement.specifier.contains(version)
        assert hashes
    assert found == {}


def test_the_bill_of_materials_names_what_is_locked_with_a_licence_that_may_be_given_on():
    bill = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text(encoding="utf-8"))
    parts = {canonicalize_name(each["name"]): each for each in bill["components"]}
    found = locked()
    missing = {name for name in found if name not in parts}
    assert missing <= {"colorama", "tzdata", "pywin32"}, "only what other systems need"
    for name, part in parts.items():
        assert part["version"] == found[name][0], name
        told = json.dumps(part.get("licenses", []))
        assert part.get("licenses"), name
        assert "GPL" not in told or name in LIBRARIES, told
    assert str(ROOT) not in json.dumps(bill)
