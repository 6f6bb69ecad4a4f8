"""Chinese texts that people read use full-width punctuation (GB/T 15834)."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import feewatch

ROOT = Path(feewatch.__file__).parent
RULES = ROOT.parent / "rules"
#: What these hold is compared with bank files and registers, or is one.
DATA = {
    *("statements/cells.py", "statements/formats.py", "statements/headers.py"),
    *("statements/outside.py", "statements/periods.py", "statements/proposal.py"),
    *("registry/personal.py", "registry/profile.py", "registry/templates.py"),
    "services/trials/scenario_world.py",
    *("bench/uploading.py", "bench/check.py"),
}
HALF = re.compile(r"[\u3400-\u9fff）】》”][,;:!?(](?![:\d])|[,;:!?)](?=[\u3400-\u9fff（【《“])")
#: Signs of a pattern or of code, not of a sentence.
NO_SENTENCE = re.compile(r"\\[dwsb]|\(\?|\[\^|\|")
#: Keys of declarative files that hold sentences.
SENTENCES = {"zh", "title", "note", "reason", "says", "why"}
MODULES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0] != "demo" and str(path.relative_to(ROOT)) not in DATA
]
FILES = sorted([*ROOT.rglob("*.toml"), *RULES.rglob("*.toml")])


def docstrings(tree: ast.AST, *kinds: type[ast.AST]) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_of_the_code(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = [ast.Module, ast.ClassDef, ast.FunctionDef]
    if path.relative_to(ROOT).parts[0] == "cli":
        kinds.remove(ast.FunctionDef)  # that of a command is its help
    skipped = docstrings(tree, *kinds)
    wrong = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
        and HALF.search(node.value)
        and not NO_SENTENCE.search(node.value)
    ]
    assert wrong == []


def sentences(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from sentences(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner, key)
    elif isinstance(value, str) and key in SENTENCES:
        yield value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sentences_of_declarative_files(path):
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [text for text in sentences(told) if HALF.search(text)] == []


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.html")), ids=lambda path: path.name)
def test_sentences_of_pages(path):
    texts = re.findall(r"\bt\('((?:[^'\\]|\\.)*)'", path.read_text(encoding="utf-8"))
    assert [text for text in texts if HALF.search(text)] == []
