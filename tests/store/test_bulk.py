"""Many rows are the same rows on either database, copied or inserted one by one."""

import pytest
from sqlalchemy import func, insert, select

from feewatch.services.audit.verifying import verify
from feewatch.store import audit, bulk, kept
from feewatch.store.registers.registers import RecordChange, record_changes
from feewatch.store.tables import registers as tables

MANY = bulk._COPIED + 1
ODD = ("a\tb", "c\nd", "e\\f", "\\N", "“引”", "", None)


def contracts(count):
    return [
        {
            "institution_id": 1, "contract_no": f"HT{n}", "course_id": f"课\t{n}\\",
            "student": "S\n1", "basis": "hours", "fee_fen": n * 10**12, "payment": "prepaid",
            "channel": ODD[n % len(ODD)], "gift_lessons": n % 3,
        }
        for n in range(count)
    ]  # fmt: skip


def stored(tx):
    columns = [column for column in tables.contract.c if column.name != "id"]
    return [tuple(row) for row in tx.execute(select(*columns).order_by(tables.contract.c.id))]


def test_few_rows_are_inserted_and_the_same_as_if_they_were_copied(postgres_app, monkeypatch):
    rows = [tuple(row.values()) for row in contracts(len(ODD))]
    pictures = []
    for few in (0, len(rows)):
        monkeypatch.setattr(bulk, "_FEW", few)
        with postgres_app.database.trying() as tx:
            tx.execute(insert(tables.institution).values(id=1, uscc="52370702651728628K"))
            bulk.insert_rows(tx, tables.contract, list(contracts(1)[0]), rows)
            bulk.insert_rows(tx, tables.contract, list(contracts(1)[0]), ())
            pictures.append(stored(tx))
    assert len(pictures[0]) == len(rows)
    assert pictures[0] == pictures[1]


def test_copied_rows_are_those_that_are_inserted_one_by_one(any_app, monkeypatch):
    pictures = []
    for least in (1, MANY + 1):
        monkeypatch.setattr(bulk, "_COPIED", least)
        with any_app.database.trying() as tx:
            tx.execute(insert(tables.institution).values(id=1, uscc="52370702651728628K"))
            bulk.insert_values(tx, tables.contract, contracts(MANY))
            pictures.append(stored(tx))
    assert len(pictures[0]) == MANY
    assert pictures[0] == pictures[1]


def test_many_rows_of_history_are_covered_by_the_act_that_writes_them(any_app):
    changes = [
        RecordChange(None, f"HT{n}", {}, {"fee": n, "名": "王", "\t": None} if n % 2 else {})
        for n in range(MANY)
    ]
    with any_app.database.transaction() as tx:
        audit.record(tx, "officer", "register.import", "file")
        record_changes(tx, "contracts", changes, actor="officer", file_sha256="0" * 64)
    proof = verify(any_app)
    assert proof.is_good
    with any_app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(tables.register_change)) == MANY


@pytest.mark.parametrize("count", [1, MANY])
def test_kept_answers_are_asked_for_again_after_many_rows(any_app, count):
    with any_app.database.reading() as tx:
        before = kept.read_mark(tx)
    with any_app.database.transaction() as tx:
        rows = [{"uscc": f"5237070265172{n:04d}K"} for n in range(count)]
        bulk.insert_values(tx, tables.institution, rows)
    with any_app.database.reading() as tx:
        assert kept.read_mark(tx) != before


def test_what_is_copied_goes_with_its_transaction(postgres_app):
    rows = [{"uscc": f"52{n:015d}K"} for n in range(MANY)]

    def give_up():
        with postgres_app.database.transaction() as tx:
            bulk.insert_values(tx, tables.institution, rows)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    with postgres_app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(tables.institution)) == 0


@pytest.mark.parametrize("count", [0, 1, 40, 41, 239, 240, 241, 240 + 40 + 3])
def test_rows_go_in_whole_and_in_order_however_many_there_are(any_app, count):
    rows = [(f"5237070265172{n:04}K",) for n in range(count)]
    with any_app.database.trying() as tx:
        bulk.insert_rows(tx, tables.institution, ("uscc",), iter(rows))
        query = select(tables.institution.c.uscc).order_by(tables.institution.c.id)
        assert [tuple(row) for row in tx.execute(query)] == rows
