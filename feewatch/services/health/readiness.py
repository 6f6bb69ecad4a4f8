"""Whether this process can serve now: asked every few seconds, so it reads next to nothing."""

from feewatch.bootstrap import App
from feewatch.kernel.errors import Refusal
from feewatch.store.database import is_of_machine
from feewatch.store.migrations import find_revision, newest


def list_unready(app: App) -> list[str]:
    """What keeps the site from serving, by name; nothing where it can."""
    unready = []
    if not _has_database(app):
        unready.append("database")
    if not (app.keys / "session.key").is_file():
        unready.append("keys")
    return unready


def _has_database(app: App) -> bool:
    try:
        return find_revision(app.database) == newest()
    except Refusal:
        return False
    except Exception as fault:
        if is_of_machine(fault):
            return False
        raise
