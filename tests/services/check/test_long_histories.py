"""A check after one statement reads what the statement touches, however long the history is.

Counted are steps of SQLite's machine, which are the same in each run, and not time.
"""

import pytest
from sqlalchemy import event, select

from feewatch.bench import check as bench
from feewatch.bench.large_world import Size
from feewatch.services.check.checking import run_check
from feewatch.services.intake.recording import ingest
from feewatch.store import state
from feewatch.store.tables.checks import institution_state

#: Entries of an institution: a year of them, and five.
YEAR, YEARS = 500, 2500
#: Steps between two looks.
GRAIN = 50
#: Rows a contract of its register alone: a few steps each, and of each statement.
MOST = 1.45


class Steps:
    """The steps that SQLite's machine does on all connections of an office while it is open."""

    def __init__(self, engine):
        self.count = 0
        self.statements = []
        event.listen(engine, "checkout", self._listen)
        event.listen(engine, "before_cursor_execute", self._read)

    def _listen(self, connection, *_):
        connection.set_progress_handler(self._note, GRAIN)

    def _read(self, _, __, statement, *___):
        self.statements.append(statement)

    def _note(self):
        self.count += GRAIN


def after_one_statement(folder, entries):
    """The steps of a check after one statement of an institution, and what it then keeps."""
    size = Size.of_entries(entries, 1)
    app = bench.made_office(folder, size, checked=True)
    with app.database.transaction() as tx:
        state.mark_changed(tx, [1])
    run_check(app, bench._AS_OF)
    (taken,) = ingest(app, [bench._statement(app, 1)], actor="test")
    assert taken.is_taken
    app.database.dispose()  # and open anew, so that all connections count
    steps = Steps(app.database.engine)
    run_check(app, bench._AS_OF)
    after = steps.count, kept(app), steps.statements.copy()
    run_check(app, bench._AS_OF, full=True)
    assert kept(app) == after[1]
    app.database.dispose()
    return after


def kept(app):
    """The rows of facts that the next check may take."""
    with app.database.reading() as tx:
        return tx.scalar(select(institution_state.c.kept).filter_by(institution_id=1))


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """What a check after one statement did, by the entries that the institution has."""
    folder = tmp_path_factory.mktemp("offices")
    return {each: after_one_statement(folder / str(each), each) for each in (YEAR, YEARS)}


def test_five_years_take_little_more_than_one(after):
    assert after[YEAR][0] > 100_000
    assert after[YEARS][0] < MOST * after[YEAR][0]


def test_what_all_contracts_owe_is_kept_for_the_next_check(after):
    owed = after[YEARS][1]["liability"]
    assert owed["institution_id"] == 1
    assert 0 < owed["low_fen"] <= owed["high_fen"]
    assert after[YEARS][1]["register_sign"]["day"] <= bench._AS_OF


def test_sums_of_before_are_set_out_once_for_all_rules_that_add_them_up(after):
    made = [each for each in after[YEARS][2] if "TABLE carried " in each]
    assert len(made) == 3  # empty, filled, and empty again


def test_the_calendar_is_bound_and_not_written_out(after):
    (insert,) = (each for each in after[YEARS][2] if "INTO calendar_day" in each)
    assert insert == "INSERT INTO calendar_day VALUES (?, ?, ?, ?, ?)"
