"""Where institutions stand, kept as of a check that ended without keeping it."""

from sqlalchemy import select

from feewatch.kernel.aside import HERE
from feewatch.services.check.keeping import AT_ONCE, write_standings
from feewatch.services.check.rulebook import rule_book
from feewatch.services.check.writing import Run
from feewatch.store.tables.checks import check_run


def last_check(app):
    """The key and the day of the last check on file."""
    with app.database.reading() as tx:
        return tx.execute(
            select(check_run.c.id, check_run.c.as_of).order_by(check_run.c.id.desc())
        ).first()


def keep_standings(app, *, at_once=AT_ONCE):
    run = Run(*last_check(app), rule_book(app))
    end = write_standings(app, run, (), HERE, at_once=at_once)
    with app.database.transaction() as tx:
        end(tx)
