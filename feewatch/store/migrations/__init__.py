"""Alembic migrations of the database, run by ``feewatch init``."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from feewatch.store import chain, guards
from feewatch.store.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(database: Database) -> None:
    """Bring the database to the present version; a new database is created."""
    if find_revision(database) == newest():
        return
    config = _config()
    with database.transaction() as connection:
        chain.forget(connection)
        config.attributes["connection"] = connection
        is_chained = inspect(connection).has_table("audit_head")
        guards.remove(connection)
        command.upgrade(config, "head")
        if not is_chained:
            chain.begin_chain(connection)
        guards.install(connection)


def find_revision(database: Database) -> str | None:
    """The version at which a database stands; None where there is none, or an empty one."""
    path = database.url.database
    if database.is_sqlite and path and not Path(path).exists():
        return None
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The present version: the last of the chain, which every command asks for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this release knows a version: the present one or an earlier one."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def write_revision(database: Database, message: str) -> None:
    """For developers: write a migration from the difference between tables and database."""
    config = _config()
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
