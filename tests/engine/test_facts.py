"""The facts that are shipped can be reviewed: none too long, each inner SELECT said in words."""

import re
import shutil

import pytest
import sqlglot
from sqlglot import exp

from feewatch.engine.loader import SHIPPED, load_rule_book, read_rule_book

BOOK = load_rule_book()
FACTS = list(BOOK.facts.values())
#: Past this many lines of SQL a fact wants to be two.
LONGEST = 80


def test_a_fault_of_a_head_is_a_fault_of_the_rule_book(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "rules")
    path = folder / "facts" / "lessons_consumed.sql"
    text = path.read_text(encoding="utf-8").replace("-- grain: institution_id, day\n", "")
    path.write_text(text, encoding="utf-8")
    (fault,) = read_rule_book([folder])[1]
    assert (fault.code, fault.file) == ("FACT-HEAD", "facts/lessons_consumed.sql")


@pytest.mark.parametrize("fact", FACTS, ids=[fact.id for fact in FACTS])
def test_a_jurist_can_review_each_fact(fact):
    """Not too long, and each inner SELECT says in both languages what it is for."""
    lines = [line for line in fact.sql.splitlines() if line.strip()[:2] not in ("", "--")]
    assert len(lines) <= LONGEST
    tree = sqlglot.parse_one(fact.sql, read="postgres")
    inner = [part.alias for part in tree.find_all(exp.CTE)]
    inner += [part.alias for part in tree.find_all(exp.Subquery) if part.alias]
    said = r"-- [^\n]*[\u4e00-\u9fff][^\n]* / [^\n]+\n"  # Chinese / English
    for name in inner:
        begins = rf"(?:{said}(?:WITH )?{name} AS \(\n|{name} AS \(\n +{said})"
        stands = rf"FROM \(\n +{said}(?:(?!FROM \().)*?\n *\) AS {name}\b"
        assert re.search(f"{begins}|{stands}", fact.sql, re.DOTALL), name


@pytest.mark.parametrize("fact", FACTS, ids=[fact.id for fact in FACTS])
def test_no_fact_looks_up_within_a_look_up(fact):
    """Spark refuses a look-up that reads the row of two levels above it."""
    tree = sqlglot.parse_one(fact.sql, read="postgres")
    nested = [node for node in tree.walk() if is_look_up(node) and is_within_look_up(node)]
    assert nested == []


def is_look_up(node):
    if isinstance(node, exp.Exists):
        return True
    return isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.From | exp.Join)


def is_within_look_up(node):
    parent = node.parent
    return parent is not None and (is_look_up(parent) or is_within_look_up(parent))
