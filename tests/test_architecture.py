"""The house is kept: direction of imports, one home for each foreign package, one clock."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import feewatch

ROOT = Path(feewatch.__file__).parent
#: From the front of the house to its back: a part may import itself and what stands before it.
ORDER = (
    "kernel", "config", "sheets", "statements", "ledger", "registry", "rounds", "engine",
    "casework", "schedule", "credit", "publication", "papers", "sealing", "store", "bootstrap",
    "founding", "logs", "gateways", "demo", "services", "web", "bench", "scheduler", "wsgi",
    "simulate", "cli",
)  # fmt: skip
#: Used from outside the package: by WSGI servers, developers, tests that look into the books.
FOR_OTHERS = {"application", "write_revision", "list_case_events", "list_runs"}
#: The same inside the two largest rooms, level by level: a sub-room or module may import itself and
#: what stands on an earlier line; what is not named stands before all of them.
SUB_ROOMS = {
    "services": (
        ("people",),
        ("intake",),
        ("ways_in", "registers", "check"),
        ("corrections",),
        ("cases", "trials", "lists"),
        ("rounds", "transfers", "packs", "province"),
        ("reports", "audit", "public"),
        ("retention",),
        ("backup",),
        ("desk",),
        ("jobs", "demo_grades", "demo_rounds"),
        ("demo",),
        ("timetable", "machine"),
        ("health",),
        ("duties",),
    ),
    "store": (
        ("people", "intake"),
        ("registers", "check"),
        ("cases", "lists"),
        ("pages",),
        ("rounds",),
        ("reports",),
        ("migrations",),
    ),
}
HOMES = {
    "flask": {"web"},
    "flask_wtf": {"web"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "requests": {"gateways"},
    "authlib": {"gateways"},
    "joserfc": {"gateways"},
    "smtplib": {"gateways"},
    "apscheduler": {"schedule", "scheduler"},
    "sqlglot": {"engine"},
    "prometheus_client": {"web"},
    "concurrent_log_handler": {"logs"},
    "lxml": {"statements", "papers", "web"},
}
FILES = sorted(path for path in ROOT.rglob("*.py") if "versions" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def faults(find: Callable[[Path], Any]) -> dict[str, Any]:
    """What is wrong with each file, of those with which something is."""
    by_file = {str(path.relative_to(ROOT)): find(path) for path in FILES}
    return {name: fault for name, fault in by_file.items() if fault}


def part_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


@cache
def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_run_only_towards_the_front_of_the_house():
    def backwards(path):
        part = part_of(path)
        behind = set() if part.startswith("__") else set(ORDER[ORDER.index(part) + 1 :])
        own = {name.split(".")[1] for name in imports(path) if name.startswith("feewatch.")}
        return own & behind

    assert faults(backwards) == {}


def level_of(room: str, inner: str) -> int:
    """Where a sub-room or module stands inside a room, 0 for what all may import."""
    levels = SUB_ROOMS[room]
    return next((n for n, level in enumerate(levels, 1) if inner in level), 0)


def test_sub_rooms_import_only_what_stands_before_them():
    def backwards(path):
        room = part_of(path)
        if room not in SUB_ROOMS:
            return set()
        inner = path.relative_to(ROOT / room).parts[0].removesuffix(".py")
        imported = {
            name.split(".")[2] for name in imports(path) if name.startswith(f"feewatch.{room}.")
        }
        least = max(level_of(room, inner), 1)
        return {name for name in imported if name != inner and level_of(room, name) >= least}

    assert faults(backwards) == {}


def test_every_sub_room_has_its_place():
    for room, levels in SUB_ROOMS.items():
        folders = {path.name for path in (ROOT / room).iterdir() if (path / "__init__.py").exists()}
        placed = {name for level in levels for name in level}
        assert folders - placed <= {"tables"}
        assert placed <= folders | {path.stem for path in (ROOT / room).glob("*.py")}


def test_each_foreign_package_has_one_home():
    def strayed(path):
        roots = {name.split(".")[0] for name in imports(path)}
        return {root for root in roots & set(HOMES) if part_of(path) not in HOMES[root]}

    assert faults(strayed) == {}


def test_no_import_hides_inside_a_function():
    def hidden(path):
        return [
            inner.lineno
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        ]

    assert faults(hidden) == {}


@cache
def calls(path: Path) -> set[str]:
    tree = tree_of(path)
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_only_the_kernel_reads_a_clock():
    read = {"dt.datetime.now", "datetime.now", "datetime.utcnow", "time.time", "dt.date.today"}
    assert set(faults(lambda path: calls(path) & read)) == {"kernel/clock.py"}


def test_only_the_store_commits():
    def commits(path):
        return {name for name in calls(path) if name.endswith((".commit", ".rollback"))}

    assert {name for name in faults(commits) if not name.startswith("store/")} == set()


def test_no_class_name_stands_for_two_things():
    named: dict[str, list[str]] = {}
    for path in FILES:
        if part_of(path) in {"demo", "bench", "simulate"}:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                named.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def stated(path: Path) -> Iterator[str]:
    """The names that a module gives to functions, classes and values, those of decorators apart."""
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if not any("." in ast.unparse(each) for each in node.decorator_list):  # views, commands
                yield node.name
        elif isinstance(node, ast.Assign):
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_nothing_stands_there_that_nothing_uses():
    """A name is used where it stands more often than it is given: in code or in a template."""
    texts = [path for path in ROOT.rglob("*") if path.suffix in {".py", ".html", ".mako"}]
    words = Counter(
        word for path in texts for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    )
    given = Counter(
        name
        for path in FILES
        for name in stated(path)
        if "versions" not in path.parts and not name.startswith("__")
    )
    unused = {name for name, times in given.items() if words[name] <= times}
    assert unused <= FOR_OTHERS


@pytest.mark.parametrize("document", ["docs/architecture.md", "CONTRIBUTING.md", "README.md"])
def test_every_file_that_a_document_names_is_there(document):
    text = (ROOT.parent / document).read_text(encoding="utf-8")
    named = set(re.findall(r"[\w./-]*/[\w.-]+\.(?:py|toml|sql)\b", text))
    missing = {n for n in named if not (ROOT / n).exists() and not (ROOT.parent / n).exists()}
    assert {n for n in missing if n.split("/")[0] not in {"layouts", "var", "PWD"}} == set()


def test_migrations_follow_one_another_by_number():
    """Two that were written at once get two numbers before both are on file."""
    steps = sorted((ROOT / "store" / "migrations" / "versions").glob("*.py"))
    numbers = [step.stem[:4] for step in steps]
    told = [re.findall(r'^(?:down_)?revision = (?:"(\d+)"|None)', step.read_text("utf-8"), re.M)
            for step in steps]  # fmt: skip
    assert numbers == [f"{number:04d}" for number in range(1, len(steps) + 1)]
    assert told == [[number, f"{int(number) - 1:04d}".replace("0000", "")] for number in numbers]
