"""Reads a fact: one SELECT, and what its head says of its rows."""

from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from feewatch.engine.book import Fact
from feewatch.engine.fact_head import read_head
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: Columns of the table ``law`` beside the parameters of the rule that is judged.
_LAW_COLUMNS = {"law_id", "district", "from_day", "to_day", "variant", "authority"}


def read_fact(path: str, text: str, faults: list[Problem]) -> Fact:
    """The fact of a file; what is wrong with it is added to the faults."""
    name = Path(path).stem
    try:
        tree = sqlglot.parse_one(text, read="postgres")
    except (ParseError, TokenError) as fault:
        first = str(fault).splitlines()[0]
        faults.append(
            Problem("FACT-SYNTAX", Text(f"无法解析：{first}", f"does not parse: {first}"), path)
        )
        return Fact(name, text, (), (), joins_law=False)
    if not isinstance(tree, exp.Query):
        faults.append(Problem("FACT-SYNTAX", Text("应为一个 SELECT", "must be one SELECT"), path))
        return Fact(name, text, (), (), joins_law=False)
    head, in_head = read_head(text, tree.named_selects)
    faults += [Problem("FACT-HEAD", fault, path) for fault in in_head]
    local = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if table.name not in local]
    if head.kept and ({"law", "carried"} & {each.name for each in tables} or ":since" in text):
        wrong = Text("kept：不得读规定或首日", "kept: may read neither law nor a first day")
        faults.append(Problem("FACT-HEAD", wrong, path))
    law = {table.alias_or_name for table in tables if table.name == "law"}
    inside = {column.name for column in tree.find_all(exp.Column) if column.table in law}
    return Fact(
        name,
        text,
        tuple(tree.named_selects),
        tuple(sorted({table.name for table in tables})),
        "law_id" in tree.named_selects,
        tuple(sorted(inside - _LAW_COLUMNS)),
        head,
    )
