"""At which version a database stands, which every command asks.

What changes it stands apart (``applying``): to load alembic takes a third of the time in which a
command begins.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text

from feewatch.store.database import Database

_HERE = Path(__file__).parent
_STANDING = text("SELECT version_num FROM alembic_version")


def find_revision(database: Database) -> str | None:
    """The version at which a database stands; None where there is none, or an empty one."""
    path = database.url.database
    if database.is_sqlite and path and not Path(path).exists():
        return None
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(_STANDING)
        return revision


def newest() -> str:
    """The present version: the last of the chain."""
    return _list_revisions()[-1]


def is_known(revision: str) -> bool:
    """Whether this release knows a version: the present one or an earlier one."""
    return revision in _list_revisions()


@cache
def _list_revisions() -> list[str]:
    """All versions in their order: each stands at the beginning of the name of its file."""
    return sorted(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py"))
