"""What the desk keeps equals what it would read anew, whatever anybody does, on both databases."""

import contextlib
import re
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import delete, event, insert, select, update

from feewatch.kernel import clock
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.cases import steps
from feewatch.services.desk.bulk import act_on_many
from feewatch.services.desk.inbox import GROUPS, read_inbox
from feewatch.services.desk.today import count_marks, read_today
from feewatch.services.people.users import get_user
from feewatch.store.database import Database
from feewatch.store.kept import BESIDE_MATTERS, KeptAnswers, Mark, read_mark
from feewatch.store.pages.inbox import SORTS, Wanted
from feewatch.store.tables import casework, ledger, metadata
from tests.web import conftest as world
from tests.web.conftest import NOW, day

ASKED = [Wanted(status="open"), Wanted(), Wanted(severity="red", sort="sum"), Wanted(owner="boris")]


@pytest.fixture
def office(any_app):
    with any_app.database.transaction() as tx:
        world._people(tx)
        world._registers(tx)
        world._ledger(tx)
        world._alerts(tx)
    with clock.fixed(NOW):
        yield any_app


def seen(app):
    """All that the pages show a few persons."""
    people = [get_user(app, name) for name in ("officer", "reviewer", "nanjing")]
    return (
        [read_inbox(app, Scope(), wanted, by, 1) for wanted in ASKED for by in GROUPS],
        [read_today(app, person, mine=mine) for person in people for mine in (True, False)],
        [count_marks(app, person) for person in people],
    )


def act(app, rng):
    """One act of an office, of which some are refused."""
    matters = rng.sample([1, 2, 3, 4], 2)
    with contextlib.suppress(Refusal):
        match rng.randrange(6):
            case 0 | 1:
                name = rng.choice(["triage", "open", "dismiss", "assign"])
                act_on_many(app, matters, name, actor="officer", reason="核实", owner="officer")
            case 2:
                with app.database.reading() as tx:
                    numbers = tx.scalars(select(casework.case_file.c.number)).all()
                if numbers:
                    steps.step(app, rng.choice(numbers), "triage", actor="officer", reason="核实")
            case 3:
                with app.database.transaction() as tx:
                    tx.execute(
                        update(casework.matter)
                        .where(casework.matter.c.id == matters[0])
                        .values(
                            sum_fen=rng.randrange(10**6), severity=rng.choice(["red", "notice"])
                        )
                    )
            case 4:
                with app.database.transaction() as tx:
                    tx.execute(
                        update(ledger.statement).values(
                            status=rng.choice(["accepted", "quarantined"])
                        )
                    )
            case 5:
                with app.database.transaction() as tx:
                    tx.execute(delete(ledger.account_coverage))
                    tx.execute(
                        insert(ledger.account_coverage),
                        {"account_id": 1, "institution_id": 1}
                        | {
                            "from_day": day("2026-01-01"),
                            "to_day": day("2026-01-01") + rng.randrange(200),
                        },
                    )


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_what_is_kept_equals_what_would_be_read_anew(office, seed):
    rng = Random(seed)
    other = replace(office, database=Database(office.config.database_url))
    before = seen(office)
    changes = 0
    for _ in range(12):
        act(rng.choice([office, other]), rng)
        kept = seen(office), seen(other)
        office.database.kept, other.database.kept = KeptAnswers(), KeptAnswers()
        anew = seen(office)
        assert kept == (anew, anew)
        changes += anew != before
        before = anew
    other.database.dispose()
    assert changes > 3


#: Each filter of the inbox by itself.
FILTERS = (
    {"severity": "red"}, {"rule": "OUT-LARGE"}, {"authority": "law"}, {"status": "open"},
    {"institution": "校"}, {"district": "370702"}, {"historic": None}, {"owner": "officer"},
    {"unowned": True}, {"since": "2026-01-01"}, {"until": "2026-12-31"}, {"not_ended": True},
    {"correcting": True}, {"text": "HT"}, {"text": "M1"}, {"text": "52370702"},
)  # fmt: skip


def test_the_inbox_reads_nothing_that_files_and_checks_write(office):
    """So that its answers stand while files come in and a check goes on."""
    read = set()

    def note(_connection, _cursor, statement, *_):
        read.update(name.lower() for name in re.findall(r"\b(?:FROM|JOIN)\s+\"?(\w+)", statement))

    event.listen(office.database.engine, "before_cursor_execute", note)
    sorted_by = [{"sort": sort} for sort in SORTS]
    for wanted in (Wanted(**each) for each in (*FILTERS, *sorted_by)):
        for by in GROUPS:
            read_inbox(office, Scope(), wanted, by, 1, keeps=False)
    event.remove(office.database.engine, "before_cursor_execute", note)
    assert {"matter", "institution_fact"} <= read
    assert read.isdisjoint(BESIDE_MATTERS)
    assert set(metadata.tables) >= BESIDE_MATTERS


def marks(app):
    with app.database.reading() as tx:
        return [read_mark(tx, mark) for mark in Mark]


def test_a_file_or_a_check_makes_no_answer_of_matters_old(office):
    with office.database.transaction() as tx:
        tx.execute(update(casework.matter).values(sum_fen=1))
    anything, of_matters = marks(office)
    with office.database.transaction() as tx:
        tx.execute(update(ledger.statement).values(status="accepted"))
    later, still = marks(office)
    assert later != anything
    assert still == of_matters
    with office.database.transaction() as tx:
        tx.execute(update(casework.matter).values(sum_fen=2))
    assert marks(office)[1] != still
