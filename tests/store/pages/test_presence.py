"""What the page of an institution need not ask for, as there is none of it."""

import pytest
from sqlalchemy import insert

from feewatch.store.pages.presence import find_parts
from feewatch.store.tables.ledger import source_file, statement
from feewatch.store.tables.places import holding, site
from feewatch.store.tables.registers import account, institution

USCC = "91370702MA3TEST001"


@pytest.fixture
def tx(database):
    with database.transaction() as tx:
        tx.execute(insert(institution), [{"id": 1, "uscc": USCC}, {"id": 2, "uscc": "OTHER"}])
        tx.execute(
            insert(account),
            {"id": 1, "account_no": "1", "institution_id": 1, "kind": "fee", "bank": "b"},
        )
        yield tx


def add_statements(tx, *spans):
    for n, (first, last) in enumerate(spans, 1):
        sha256 = f"{n:064x}"
        tx.execute(
            insert(source_file),
            {"sha256": sha256, "name": "f", "path": "f", "size": 1, "received_at": "", "status": ""},
        )
        tx.execute(
            insert(statement),
            {"account_id": 1, "institution_id": 1, "account_no": "1", "file_sha256": sha256, "n": 1,
             "from_day": first, "to_day": last, "status": "accepted", "opening_fen": 0,
             "closing_fen": 0},
        )  # fmt: skip


def test_of_an_institution_without_anything_there_is_nothing(tx):
    parts = find_parts(tx, 1, USCC)
    assert parts.checked_as_of is None
    assert not any(parts[1:])


def test_a_site_and_a_succession_are_there(tx):
    tx.execute(insert(site), {"institution_id": 1, "site_no": "S1", "district": "370702"})
    tx.execute(
        insert(holding), {"institution_id": 2, "holder_id": 1, "from_day": 1, "to_day": 2}
    )
    parts = find_parts(tx, 1, USCC)
    assert parts.sites
    assert parts.tenures
    assert parts.charges  # those of the contracts that moved to it
    assert not find_parts(tx, 2, "OTHER").sites


@pytest.mark.parametrize(("second", "told_twice"), [((11, 20), False), ((10, 20), True)])
def test_days_are_told_twice_from_the_first_shared_day_on(tx, second, told_twice):
    add_statements(tx, (1, 10), second)
    assert find_parts(tx, 1, USCC).told_twice is told_twice
