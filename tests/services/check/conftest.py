"""Four schools to be checked, and what stands of them on file."""

import pytest
from offices import initialise
from sqlalchemy import select
from worlds import builder
from worlds.builder import School, build

from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.services.check.checking import Check
from feewatch.store.tables.casework import alert, alert_event, matter
from feewatch.store.tables.checks import check_result, institution_state

AS_OF = parse_day(builder.AS_OF)
SCHOOLS = 4


def schools():
    """Each has a fee that never arrived and one that did."""
    made = []
    for number in range(1, SCHOOLS + 1):
        school = School(number)
        school.contract(arrives="")
        school.contract(fee="500.00")
        made.append(school)
    return made


@pytest.fixture
def office(any_app, tmp_path):
    build(any_app, schools(), tmp_path / "world")
    return any_app


@pytest.fixture
def calm(tmp_path):
    """The same world, checked by nobody yet and by nobody disturbed."""
    app = initialise(Config(tmp_path / "calm", Config(tmp_path).office))
    build(app, schools(), tmp_path / "calm-world")
    yield app
    app.database.dispose()


def told(app):
    """What stands of alerts, histories, matters, results and marks, without keys and times."""
    columns = {
        alert: ("id", "status", "severity", "opened_as_of", "recovered_on", "present", "uscc"),
        alert_event: ("alert_id", "as_of", "change", "reason"),
        matter: ("uscc", "rule", "cause", "status", "alerts", "sum_fen", "first_day", "last_day"),
        check_result: ("institution_id", "rule", "as_of", "evaluated", "breaches", "undetermined"),
        institution_state: ("institution_id", "to_check", "to_match", "checked_as_of", "due_on"),
    }
    with app.database.reading() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(select(*(table.c[name] for name in names)))))
            for table, names in columns.items()
        }


def one_by_one(app, **how):
    """A check in which each institution is a group of its own."""
    return Check(app, AS_OF, group_load=0, **how)
