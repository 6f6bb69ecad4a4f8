"""What the desk keeps equals what it would read anew, whatever anybody does, on both databases."""

import contextlib
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import delete, event, insert, select, update

from feewatch.kernel import clock
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.cases import steps
from feewatch.services.cases.desk import get_own_institution
from feewatch.services.desk.bulk import act_on_many
from feewatch.services.desk.inbox import GROUPS, read_inbox
from feewatch.services.desk.today import count_marks, read_today
from feewatch.services.people.users import get_user
from feewatch.store.database import Database
from feewatch.store.kept import KeptAnswers
from feewatch.store.pages.inbox import Wanted
from feewatch.store.state import mark_changed, mark_matched
from feewatch.store.tables import casework, ledger
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


def statements_of(app, look):
    """How many statements a look sends to the database."""
    sent = []
    event.listen(app.database.engine, "before_cursor_execute", lambda *_: sent.append(1))
    look()
    return len(sent)


def looks(app):
    officer = get_user(app, "officer")
    return {
        "inbox": lambda: read_inbox(app, Scope(), Wanted(status="open"), "none", 1),
        "menu": lambda: count_marks(app, officer),
        "institution": lambda: get_own_institution(app, Scope(institution_id=1)),
    }


def write(app, table, **values):
    with app.database.transaction() as tx:
        tx.execute(update(table).values(**values))


@pytest.mark.parametrize("page", ["inbox", "menu", "institution"])
def test_files_of_others_make_no_answer_old_that_does_not_show_them(office, page):
    look = looks(office)[page]
    look()
    kept = statements_of(office, look)
    write(office, ledger.entry, memo="x")
    write(office, ledger.account_coverage, to_day=day("2026-02-01"))
    assert statements_of(office, look) == kept
    write(office, casework.alert, severity="red")
    write(office, casework.matter, severity="red")
    assert statements_of(office, look) > kept


def test_the_page_of_an_institution_is_read_anew_after_a_file_of_its_own_and_a_check(office):
    with office.database.transaction() as tx:
        mark_changed(tx, [1, 2])
    look = looks(office)["institution"]
    look()
    kept = statements_of(office, look)
    with office.database.transaction() as tx:
        mark_changed(tx, [2])
    assert statements_of(office, look) == kept
    for change in (lambda tx: mark_changed(tx, [1]), lambda tx: mark_matched(tx, [1])):
        with office.database.transaction() as tx:
            change(tx)
        assert statements_of(office, look) > kept


def test_a_list_that_leaves_the_program_is_not_behind_a_check_at_work(office):
    """Its length decides what is read of it, and stands on record."""
    wanted = Wanted(status="open")
    before = read_inbox(office, Scope(), wanted, "none", 1)
    with office.database.for_long_work(0).transaction() as tx:
        tx.execute(update(casework.matter).where(casework.matter.c.id == 1).values(status="closed"))
    assert read_inbox(office, Scope(), wanted, "none", 1).page.total == before.page.total
    left = read_inbox(office, Scope(), wanted, "none", 1, keeps=False).page
    assert left.total == len(left.rows) == before.page.total - 1
