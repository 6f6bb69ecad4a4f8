"""How many statements each page of the office costs: bounded, whatever the office holds."""

import pytest
from sqlalchemy import insert

from feewatch.services.check.keeping import keep_standings
from feewatch.store.counting import counted
from feewatch.store.tables import checks
from tests.web.conftest import LUZHI, day

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
    "/desk/proposals/": 20,
    "/desk/premises": 25,
    "/desk/clues": 25,
    "/desk/confirmations/": 20,
    "/desk/noise": 20,
    "/desk/editions/": 25,
    "/desk/publication/recalls": 20,
    "/desk/push/": 20,
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
