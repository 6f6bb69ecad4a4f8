"""Spark joins look-ups by their keys: what else is compared does not take the key out of them."""

import pytest
import sqlglot

from feewatch.engine.compiler import fact_sql
from feewatch.engine.look_ups import keep_keys
from feewatch.services.check.rulebook import shipped_book


def kept(sql):
    tree = sqlglot.parse_one(sql, read="postgres")
    keep_keys(tree)
    return tree.sql(dialect="spark")


@pytest.mark.parametrize(
    "condition",
    [
        "l.contract_id = c.id AND l.held_on < c.ended_on",
        "c.id = l.contract_id AND l.held_on < c.ended_on",
        "l.kind = 'x' AND l.contract_id = c.id AND (c.ended_on IS NULL OR l.held_on < c.ended_on)",
    ],
)
def test_a_key_beside_other_comparisons_stays_in_its_look_up(condition):
    sql = kept(f"SELECT (SELECT SUM(l.lessons) FROM lesson AS l WHERE {condition}) FROM c")
    assert sql.count("COALESCE(l.contract_id, l.contract_id)") == sql.count("COALESCE") == 1


@pytest.mark.parametrize(
    "sql",
    [
        # keys alone, and a day that no row around tells
        "SELECT (SELECT SUM(l.n) FROM l WHERE l.id = c.id AND l.day < :as_of) FROM c",
        # a sub-query that is joined, and one that only asks whether there is a row
        "SELECT 1 FROM c JOIN (SELECT l.id FROM l WHERE l.day < 5) AS m ON m.id = c.id",
        "SELECT 1 FROM c WHERE EXISTS (SELECT 1 FROM l WHERE l.id = c.id AND l.day < c.day)",
    ],
)
def test_what_spark_joins_by_itself_is_left_alone(sql):
    assert kept(sql) == sqlglot.parse_one(sql, read="postgres").sql(dialect="spark")


def test_look_ups_of_the_rule_book_are_written_so_for_spark_alone():
    facts = shipped_book().facts
    assert "COALESCE(l.contract_id, l.contract_id) = c.id" in fact_sql(
        facts["asked_refund"].sql, "spark"
    )
    for dialect in ("sqlite", "postgres", "duckdb"):
        written = fact_sql(facts["asked_refund"].sql, dialect)
        assert "COALESCE(l.contract_id" not in written
