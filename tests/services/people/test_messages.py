"""Messages: told once a day, to those whom it concerns, in the transaction of the act."""

import datetime as dt

import pytest
from sqlalchemy import insert, select

from feewatch.kernel import clock
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.text import Text
from feewatch.services import messages
from feewatch.services.people.acting import find_person
from feewatch.store.people import users
from feewatch.store.tables.papers import message
from feewatch.store.tables.registers import institution

MORNING = dt.datetime(2026, 9, 21, 9, 0, tzinfo=clock.SHANGHAI)
PEOPLE = [
    ("county", "officer", "370702", None),
    ("city", "officer", "370700", None),
    ("nation", "officer", None, None),
    ("viewer", "viewer", "370702", None),
    ("school", "institution", None, 1),
    ("deputy", "institution", None, 1),
    ("other", "institution", None, 2),
]


@pytest.fixture
def office(any_app):
    with any_app.database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": "U1"}, {"uscc": "U2"}])
        for name, role, district, key in PEOPLE:
            users.add(tx, name, role, district, key, "x")
    with clock.fixed(MORNING):
        yield any_app


def tell(app, text="案件已送达", address="/own/cases/1#e1", **to):
    with app.database.transaction() as tx:
        return messages.tell(
            tx, kind="case_notified", object="1", text=Text(text, "served"), address=address, **to
        )


def tell_office(app, **to):
    words = {
        "kind": "answer_in",
        "object": "1",
        "text": Text("反馈", "answer"),
        "address": "/desk/",
    }
    with app.database.transaction() as tx:
        return messages.tell_office(tx, **words, **to)


def told(app):
    """Who was told, by name."""
    return {
        name for name, *_ in PEOPLE if messages.list_messages(app, find_person(app, name), 1).total
    }


def test_the_same_thing_is_told_once_a_day(office):
    assert tell(office, to_institution=1)
    assert not tell(office, to_institution=1)
    with clock.fixed(MORNING + dt.timedelta(days=1)):
        assert tell(office, to_institution=1)


@pytest.mark.parametrize("other", [{"text": "案件已退回"}, {"address": "/own/cases/1#e2"}])
def test_another_thing_of_the_same_day_is_told(office, other):
    tell(office, to_institution=1)
    assert tell(office, to_institution=1, **other)


def test_an_institution_is_told_through_all_its_people_and_nobody_else(office):
    tell(office, to_institution=1)
    assert told(office) == {"school", "deputy"}


def test_a_person_reads_and_the_mark_goes(office):
    school, deputy = (find_person(office, name) for name in ("school", "deputy"))
    tell(office, to_institution=1)
    tell(office, to_user=school.id)
    assert (messages.count_unread(office, school), messages.count_unread(office, deputy)) == (2, 1)
    messages.mark_all_read(office, deputy)
    assert (messages.count_unread(office, school), messages.count_unread(office, deputy)) == (1, 0)


def test_who_opens_a_message_has_read_it_and_the_first_moment_stays(office):
    school = find_person(office, "school")
    tell(office, to_user=school.id)
    (row,) = messages.list_messages(office, school, 1).rows
    assert messages.open_message(office, school, row.id).address == "/own/cases/1#e1"
    with clock.fixed(MORNING + dt.timedelta(hours=1)):
        messages.open_message(office, school, row.id)
    with office.database.reading() as tx:
        assert tx.scalar(select(message.c.read_at)) == "2026-09-21T09:00:00+08:00"


def test_nobody_opens_the_message_of_another(office):
    tell(office, to_institution=1)
    with office.database.reading() as tx:
        key = tx.scalar(select(message.c.id))
    with pytest.raises(NotFoundError):
        messages.open_message(office, find_person(office, "other"), key)


def test_the_office_is_told_through_those_whom_it_concerns(office):
    assert tell_office(office, district="370702", people=["viewer", None]) == 1
    assert told(office) == {"viewer"}


@pytest.mark.parametrize(
    ("district", "nearest"), [("370702", "county"), ("370703", "city"), ("320102", "nation")]
)
def test_where_it_concerns_nobody_in_particular_the_nearest_officers_are_told(
    office, district, nearest
):
    tell_office(office, district=district)
    assert told(office) == {nearest}


def test_who_did_it_is_not_told(office):
    assert tell_office(office, district="370702", but="county") == 0


def test_nothing_is_told_of_an_act_that_did_not_happen(office):
    def act():
        with office.database.transaction() as tx:
            messages.tell(
                tx, to_institution=1, kind="case_closed", object="1", text=Text("销", "c"),
                address="/own/",
            )  # fmt: skip
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert told(office) == set()
