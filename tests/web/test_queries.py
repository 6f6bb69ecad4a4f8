"""How many statements each page of the office costs: bounded, whatever the office holds."""

import pytest
from sqlalchemy import insert, update
from standings import keep_standings

from feewatch.services.intake.matching import match_changed
from feewatch.store.counting import counted
from feewatch.store.state import mark_changed
from feewatch.store.tables import checks, registers
from tests.web.conftest import LUZHI, day, without_token

#: By page what it may cost at most; each with the log-in's own look.
PAGES = {
    "/desk/today": 12,
    "/desk/district/": 35,
    "/desk/": 10,
    "/desk/?by=rule": 10,
    "/desk/?by=none": 10,
    "/desk/alerts": 20,
    "/desk/alerts/A0red": 40,
    "/desk/matters/1": 25,
    "/desk/cases/": 20,
    "/desk/institutions": 20,
    f"/desk/institutions/{LUZHI}": 25,  # a look is put on record by six of them
    "/desk/statements": 30,  # reading account numbers is put on record
    "/desk/statements/missing": 20,
    "/desk/files": 20,
    "/desk/quarantine/": 20,
    "/desk/matching/": 25,  # whatever its rows: tests/services/intake/test_matching.py
    "/desk/proposals/": 20,
    "/desk/premises": 25,
    "/desk/clues": 25,
    "/desk/confirmations/": 20,
    "/desk/noise": 20,
    "/desk/editions/": 25,
    "/desk/publication/recalls": 20,
    "/desk/push/": 20,
    "/desk/report": 15,  # at a second look
    "/desk/report.json": 15,
    "/desk/ledger": 25,
    "/desk/white/": 20,
    "/desk/publication/": 200,  # most of it the rule book's tables, whatever the districts
}


@pytest.fixture
def cost(app):
    """How many statements the database was asked since the last time."""
    with counted(app.database) as asked:
        before = 0

        def count() -> int:
            nonlocal before
            number, before = asked.since(before), asked.total
            return number

        yield count


@pytest.mark.parametrize("role", ["officer", "reviewer", "administrator"])
def test_no_page_of_the_desk_costs_more_than_its_bound(as_user, cost, role):
    client = as_user(role)
    spent = {}
    for address in PAGES:
        client.get(address)  # a first look begins a visit, and what it counts is kept
        cost()
        assert client.get(address).status_code == 200, address
        spent[address] = cost()
    assert {address: n for address, n in spent.items() if n > PAGES[address]} == {}


def test_the_status_of_an_institution_is_read_from_what_the_last_check_kept(app, as_user, cost):
    check_office(app)
    school = as_user("luzhi")
    school.get("/own/")
    cost()
    assert school.get("/own/").status_code == 200
    assert cost() <= 20


@pytest.mark.parametrize(
    ("who", "address"),
    [("officer", f"/desk/institutions/{LUZHI}/ledger"), ("luzhi", "/own/ledger")],
)
def test_a_month_that_was_worked_out_is_read_again_until_the_data_change(
    app, as_user, cost, who, address
):
    match_changed(app)
    client = as_user(who)
    before = without_token(client.get(address).text)
    cost()
    assert without_token(client.get(address).text) == before
    assert cost() <= 15
    with app.database.transaction() as tx:
        tx.execute(update(registers.contract).values(fee_fen=registers.contract.c.fee_fen + 777_77))
        mark_changed(tx, [1])
    cost()
    assert without_token(client.get(address).text) != before
    assert cost() > 100
    match_changed(app)


def test_a_report_is_worked_out_again_once_anything_changed(app, as_user, cost):
    officer = as_user("officer")
    officer.get("/desk/report")
    with app.database.transaction() as tx:
        mark_changed(tx, [1])
    cost()
    officer.get("/desk/report")
    assert cost() > 40


def test_the_state_of_the_system_is_told_in_few_statements_however_many_jobs_there_are(
    as_user, cost
):
    client = as_user("administrator")
    client.get("/desk/health/")
    cost()
    assert client.get("/desk/health/").status_code == 200
    assert cost() <= 30


def check_office(app):
    """A check that found nothing, and what it kept."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(checks.check_run),
            {"at": "2026-07-15T01:30:00+08:00", "as_of": day("2026-07-15"), "full": False}
            | {"rule_book": "rb", "counts": {}},
        )
    keep_standings(app)


def test_early_warning_reads_what_the_last_check_kept(app, as_user, cost):
    check_office(app)
    officer = as_user("officer")
    cost()
    page = officer.get("/desk/early-warning")
    assert "鲁智01号培训中心" in page.text
    assert cost() <= 15
    assert "鲁智01号培训中心" not in officer.get("/desk/early-warning?verdict=covered").text
