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
    if is_current(database):
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


def is_current(database: Database) -> bool:
    """Whether the database exists at the present version."""
    path = database.url.database
    if database.is_sqlite and path and not Path(path).exists():
        return False
    with database.reading() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision == newest()


@cache
def newest() -> str | None:
    """The present version: the last of the chain, which every command asks for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def write_revision(database: Database, message: str) -> None:
    """For developers: write a migration from the difference between tables and database."""
    config = _config()
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
