"""Alembic migrations of the database, run by ``feewatch init``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from feewatch.store import chain, guards
from feewatch.store.database import Database
from feewatch.store.migrations import find_revision, newest


def config_of_scripts() -> Config:
    """Where alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(database: Database) -> None:
    """Bring the database to the present version; a new database is created."""
    if find_revision(database) == newest():
        return
    config = config_of_scripts()
    with database.transaction() as connection:
        chain.forget(connection)
        config.attributes["connection"] = connection
        is_chained = inspect(connection).has_table("audit_head")
        guards.remove(connection)
        command.upgrade(config, "head")
        if not is_chained:
            chain.begin_chain(connection)
        guards.install(connection)


def write_revision(database: Database, message: str) -> None:
    """For developers: write a migration from the difference between tables and database."""
    config = config_of_scripts()
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
