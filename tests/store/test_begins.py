"""What begins with a text is found letter by letter, from an index, on either database."""

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select

from feewatch.store.begins import begins
from feewatch.store.tables.casework import alert

TEXTS = ["HT1/1", "HT1/2", "ht1/3", "HT10", "HT_1/1", "HTx1/1", "100%/1", "100x/1", "a\\b/1", "a/b"]


@pytest.mark.parametrize("first", ["HT1/", "HT_1/", "100%/", "a\\b/", "a/", "%", "_", "\\", "没有"])
def test_no_letter_stands_for_another(any_app, first):
    words = Table("words_begun", MetaData(), Column("word", String(200)))
    with any_app.database.transaction() as tx:
        words.create(tx)
        tx.execute(insert(words), [{"word": word} for word in TEXTS])
        found = set(tx.scalars(select(words.c.word).where(begins(words.c.word, first))))
    assert found == {word for word in TEXTS if word.startswith(first)}


def test_the_charges_of_a_contract_are_found_from_an_index(any_app):
    query = select(alert.c.matter_id).where(begins(alert.c.subject_id, "HT0007700003/"))
    words = {"sqlite": "EXPLAIN QUERY PLAN", "postgres": "EXPLAIN"}[any_app.database.dialect]
    with any_app.database.transaction() as tx:
        if words == "EXPLAIN":
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is gone through
        compiled = query.compile(tx.engine, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row) for row in tx.exec_driver_sql(f"{words} {compiled}"))
    assert "ix_alert_subject_id" in plan
    assert "subject_id>?" in plan or "Index Cond" in plan
