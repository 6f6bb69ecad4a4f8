"""The migrations make exactly the tables that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from feewatch.store.tables import metadata


def test_migrated_databases_differ_in_nothing_from_the_tables(any_app):
    with any_app.database.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
