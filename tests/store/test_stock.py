"""PostgreSQL counts what was just imported before rules are planned over it."""

from sqlalchemy import insert, text

from feewatch.store.tables.registers import institution

COUNTED = text("SELECT reltuples FROM pg_class WHERE relname = 'institution'")


def test_a_table_that_grew_is_counted_and_one_that_did_not_is_not(postgres_app):
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": f"U{n}"} for n in range(1000)])
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    database.take_stock()
    with database.transaction() as tx:
        assert tx.scalar(COUNTED) == 1000
        tx.execute(insert(institution), [{"uscc": f"V{n}"} for n in range(60)])
        tx.execute(text("SELECT pg_stat_force_next_flush()"))
    database.take_stock()
    with database.reading() as tx:
        assert tx.scalar(COUNTED) == 1000
