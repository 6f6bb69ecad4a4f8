"""The migrations make exactly the tables that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from feewatch.store import migrations
from feewatch.store.migrations.applying import config_of_scripts
from feewatch.store.tables import metadata


def test_migrated_databases_differ_in_nothing_from_the_tables(any_app):
    with any_app.database.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_the_names_of_files_tell_all_versions_and_the_newest_as_alembic_finds_them(any_app):
    scripts = ScriptDirectory.from_config(config_of_scripts())
    assert [migrations.newest()] == scripts.get_heads()
    known = [script.revision for script in scripts.walk_revisions()]
    assert known[::-1] == migrations._list_revisions()
    assert not migrations.is_known("9999")
    with any_app.database.reading() as tx:
        standing = MigrationContext.configure(tx).get_current_revision()
    assert migrations.find_revision(any_app.database) == standing == migrations.newest()
