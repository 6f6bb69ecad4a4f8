"""What the page of an institution need not ask for, as there is none of it."""

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.config import Config
from feewatch.store.pages.presence import find_parts
from feewatch.store.tables import ledger, places, registers

USCC = "91370702MA3TEST001"


@pytest.fixture
def tx(tmp_path):
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        rows = [{"id": 1, "uscc": USCC}, {"id": 2, "uscc": "OTHER"}]
        tx.execute(insert(registers.institution), rows)
        given = {"id": 1, "account_no": "N1", "institution_id": 1, "bank": "B", "kind": "fee"}
        tx.execute(insert(registers.account), given | {"imported_on": 0})
        yield tx
    app.database.dispose()


def statement(tx, first, last):
    values = {"file_sha256": f"{first}", "n": 1, "account_no": "N1", "currency": "CNY"}
    values |= {"account_id": 1, "institution_id": 1, "from_day": first, "to_day": last}
    values |= {"entries": 0, "problems": [], "status": "accepted", "recorded_at": ""}
    tx.execute(insert(ledger.statement), values)


def test_of_an_institution_without_anything_there_is_nothing(tx):
    parts = find_parts(tx, 1, USCC)
    assert parts.checked_as_of is None
    assert not any(parts[1:])


def test_a_site_and_a_succession_are_there(tx):
    tx.execute(insert(places.site), {"institution_id": 1, "site_no": "S1", "district": "370702"})
    held = {"institution_id": 2, "holder_id": 1, "from_day": 1, "to_day": 2}
    tx.execute(insert(places.holding), held)
    parts = find_parts(tx, 1, USCC)
    assert parts.sites
    assert parts.tenures
    assert parts.charges  # those of the contracts that moved to it
    assert not find_parts(tx, 2, "OTHER").sites


@pytest.mark.parametrize(("second", "told_twice"), [((11, 20), False), ((10, 20), True)])
def test_days_are_told_twice_from_the_first_shared_day_on(tx, second, told_twice):
    statement(tx, 1, 10)
    statement(tx, *second)
    assert find_parts(tx, 1, USCC).told_twice is told_twice
