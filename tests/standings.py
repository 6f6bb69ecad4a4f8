"""Where institutions stand, kept as of a check that ended without keeping it."""

from sqlalchemy import select

from feewatch.kernel.aside import HERE
from feewatch.services.check.keeping import AT_ONCE, write_standings
from feewatch.store.tables.checks import check_run


def last_check(app):
    """The key and the day of the last check on file."""
    with app.database.reading() as tx:
        return tx.execute(
            select(check_run.c.id, check_run.c.as_of).order_by(check_run.c.id.desc())
        ).first()


def keep_standings(app, *, at_once=AT_ONCE):
    end = write_standings(app, *last_check(app), HERE, at_once=at_once)
    with app.database.transaction() as tx:
        end(tx)
