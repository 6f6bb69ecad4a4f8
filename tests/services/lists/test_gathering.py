"""All districts are computed by one reader: each table is read once, however many there are."""

from functools import partial

from sqlalchemy import event

from feewatch.kernel.clock import fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.scheduler import Worker
from feewatch.services.lists.publisher import read_publisher_page

JULY = parse_day("2026-07-31")


def statements_of(town, work):
    """The SELECTs of a piece of work."""
    read = []

    def listen(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            read.append(statement)

    event.listen(town.app.database.engine, "before_cursor_execute", listen)
    work()
    event.remove(town.app.database.engine, "before_cursor_execute", listen)
    return read


def about(statements, table):
    return sum(f"FROM {table}" in statement for statement in statements)


def test_national_tables_are_read_once_however_many_districts_publish(town, tmp_path, build_town):
    many = build_town(tmp_path / "many")
    for number in range(12):
        many.add(number, district=f"3707{number + 10}")
    few = statements_of(town, lambda: town.publish(dry_run=True))
    tables = ("institution_fact", "account", "coverage", "told_days", "entry")
    for of_many in (
        statements_of(many, lambda: many.publish(dry_run=True)),
        statements_of(many, many.publish),
    ):
        for table in tables:
            assert about(of_many, table) == about(few, table), table


def test_a_preview_costs_the_same_however_many_districts_there_are(town, tmp_path, build_town):
    many = build_town(tmp_path / "many")
    for number in range(40):
        many.add(number, district=f"3707{number + 10}")
    for each in (town, many):
        each.publish()
    few = statements_of(town, lambda: town.publish(dry_run=True))
    assert len(statements_of(many, lambda: many.publish(dry_run=True))) == len(few)


def test_a_look_for_corrections_costs_the_same_however_many_districts_there_are(
    town, tmp_path, build_town
):
    """The entries of decisions are read once an edition: the second look asks for its head."""
    many = build_town(tmp_path / "many")
    for number in range(40):
        many.add(number, district=f"3707{number + 10}")
    looks = []
    for each in (town, many):
        each.publish()
        looks.append(
            [len(statements_of(each, partial(each.correct, JULY + days))) for days in (1, 2)]
        )
    assert looks[0] == looks[1]
    assert looks[0][1] < looks[0][0]


def test_districts_with_decisions_or_editions_alone_publish_too_in_the_order_of_codes(town):
    town.add(20, district="370703")
    town.add(21, district="370701")
    town.decide(0)
    assert [each.district for each in town.publish()] == ["370701", "370702", "370703"]
    with town.app.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE institution_fact SET district = '370704'")
    published = town.publish(JULY + 31)
    assert [each.district for each in published] == ["370701", "370702", "370703", "370704"]
    assert published[0].objections[0].code == "SECOND-WORD"  # all of its list would leave
    lost = town.publish(JULY + 31, dry_run=True)[0].draft
    assert [change.reason.zh for change in lost.wanted] == ["已不在本区登记"]


def test_an_office_without_anything_publishes_its_own_empty_district(tmp_path, build_town):
    empty = build_town(tmp_path / "empty")
    assert [each.district for each in empty.publish()] == [empty.app.config.office.district]


def test_the_next_editions_are_computed_when_first_looked_at_and_after_a_write(town):
    """What a scheduler notes of itself is no write: it would have every page asked anew."""
    with fixed(town.moment(JULY)):
        town.publish(JULY - 31)
        town.decide(0)
        first = statements_of(town, lambda: read_publisher_page(town.app, Scope()))
        worker = Worker(town.app)
        worker.renew()
        worker.tick("corrections")
        again = statements_of(town, lambda: read_publisher_page(town.app, Scope()))
        before = read_publisher_page(town.app, Scope())
        assert about(first, "institution_fact") > 0 == about(again, "institution_fact")
        assert len(again) < 10 < len(first)
        town.decide(1)
        after = read_publisher_page(town.app, Scope())
    (old,), (new,) = before.districts, after.districts
    assert new.change_count == old.change_count + 2  # onto one list, off another
    assert new.fingerprint != old.fingerprint
