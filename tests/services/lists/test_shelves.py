"""Where editions on disk and on record differ nothing is begun anew; one place stops alone."""

import shutil

import pytest
from sqlalchemy import delete

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError
from feewatch.services.lists.press import FILES_CODE
from feewatch.store import guards
from feewatch.store.lists import editions
from feewatch.store.tables import publication

JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")
DISTRICT = "370702"


def numbers(town, district=DISTRICT):
    folder = town.app.editions / district
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def test_where_the_record_is_older_than_the_disk_nothing_is_published(town):
    """An empty database, or one of before, in the place of the one that was lost."""
    town.publish()
    town.publish(AUGUST)
    if len(numbers(town)) < 2:
        town.decide(0)
        town.publish(AUGUST + 1)
    assert numbers(town)[-1] >= 2
    before = town.files()
    with town.app.database.transaction() as tx, guards.passing(tx, "lost"):
        tx.execute(delete(publication.outbox))
        tx.execute(delete(publication.edition).where(publication.edition.c.number > 1))
    with pytest.raises(ConflictError) as refusal:
        town.publish(AUGUST + 30)
    assert refusal.value.code == "EDITION-RECORD"
    assert town.files() == before  # ``latest`` is where it was, and verifies
    with town.app.database.reading() as tx:
        assert [head.number for head in editions.list_heads(tx, DISTRICT)] == [1]


def test_where_another_edition_lies_on_disk_nothing_is_published(town):
    town.publish()
    document = town.app.editions / DISTRICT / "1" / "edition.json"
    document.write_bytes(document.read_bytes().replace("机构".encode(), "结构".encode(), 1))
    town.decide(0)
    with pytest.raises(ConflictError) as refusal:
        town.publish(AUGUST)
    assert refusal.value.code == "EDITION-RECORD"


def test_a_district_whose_folder_cannot_be_written_does_not_stop_the_others(town):
    town.add(40, district="370703")
    town.add(41, district="370704")
    blocked = town.app.editions / "370703"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where a folder should be")
    published = {each.district: each for each in town.publish()}
    assert [each.code for each in published["370703"].objections] == [FILES_CODE]
    assert numbers(town) == [1]
    assert numbers(town, "370704") == [1]
    blocked.unlink()
    town.publish()  # what is on record is laid down as soon as it can be
    assert numbers(town, "370703") == [1]
    shutil.rmtree(blocked)
