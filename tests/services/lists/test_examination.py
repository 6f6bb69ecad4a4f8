"""The doctor says what is wrong with published editions, in the database and on disk."""

import pytest
from sqlalchemy import update

from feewatch.kernel.clock import fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError
from feewatch.services.lists.examination import list_edition_complaints
from feewatch.store import guards
from feewatch.store.tables import publication

JULY = parse_day("2026-07-31")


def complaints(town, day=JULY):
    with fixed(town.moment(day)):
        return list_edition_complaints(town.app)


def test_whole_editions_give_no_cause(town):
    assert complaints(town) == []
    town.publish()
    assert complaints(town) == []


def test_a_row_altered_in_the_database_is_told_with_what_mends_it(town):
    town.publish()
    with town.app.database.transaction() as tx, guards.passing(tx, "an attack"):
        tx.execute(update(publication.edition).values(document="{}"))
    (told,) = complaints(town)
    assert "370702 第 1 期的内容与签名不符" in told.text.zh
    assert "恢复数据库" in told.cure.zh


def test_a_file_altered_on_disk_and_a_timestamp_run_out_are_told(town):
    town.publish()
    path = town.app.editions / "370702" / "1" / "白名单.csv"
    content = path.read_bytes()
    path.write_bytes(content + b"x")
    (told,) = complaints(town)
    assert "白名单.csv" in told.text.zh
    assert "feewatch publish" in told.cure.en
    path.write_bytes(content)
    (told,) = complaints(town, JULY + 8)
    assert "时效已于 2026-08-07 届满" in told.text.zh
    assert "scheduler" in told.cure.en


def exchange_first(town):
    """Another signed edition lies in the place of the first one."""
    first, second = (town.app.editions / "370702" / number / "edition.json" for number in "12")
    first.chmod(0o600)
    first.write_bytes(second.read_bytes())


def test_an_earlier_edition_that_is_another_one_on_disk_is_told(town):
    for day in (JULY, JULY + 1, JULY + 2):
        town.add(20 + day - JULY)
        town.publish(day)
    assert complaints(town, JULY + 2) == []
    exchange_first(town)
    told = [each.text.zh for each in complaints(town, JULY + 2)]
    assert "370702 第 1 期在磁盘上的是另一版" in told


def test_nothing_is_published_past_an_earlier_edition_that_is_another_one(town):
    for day in (JULY, JULY + 1, JULY + 2):
        town.add(20 + day - JULY)
        town.publish(day)
    exchange_first(town)
    town.add(30)
    with pytest.raises(ConflictError, match="restore the database first"):
        town.publish(JULY + 3)
