"""Who resets a log-in cannot use it: for a day it decides nothing, unless a second one confirms."""

import datetime as dt

import pytest

from feewatch.kernel import clock
from feewatch.kernel.errors import ConflictError, ForbiddenError
from feewatch.kernel.people import DECIDERS, OFFICE
from feewatch.services.people import holding, users
from feewatch.services.people.acting import get_acting

MONDAY = dt.datetime.fromisoformat("2026-08-03T10:00:00+08:00")
PASSWORD = "a long and unusual word 77"


@pytest.fixture
def office(any_app):
    with clock.fixed(MONDAY):
        for name, role in (("li", "officer"), ("gu", "administrator"), ("he", "administrator")):
            users.add_user(any_app, name, role, password=PASSWORD, actor="cli")
        users.reset_password(any_app, "li", "another unusual word 78", actor="gu")
    return any_app


def decide(app, moment, name="li"):
    with clock.fixed(moment), app.database.reading() as tx:
        return get_acting(tx, name, DECIDERS)


def test_a_log_in_that_another_reset_decides_nothing_for_a_day(office):
    for hours in (0, 23):
        with pytest.raises(ForbiddenError) as refused:
            decide(office, MONDAY + dt.timedelta(hours=hours))
        assert refused.value.code == "LOGIN-HELD"
    with clock.fixed(MONDAY), office.database.reading() as tx:
        assert get_acting(tx, "li", OFFICE).name == "li", "reading goes on"
    assert decide(office, MONDAY + dt.timedelta(hours=24)).name == "li"


def test_a_second_administrator_confirms_and_nobody_else(office):
    for name, code in (("gu", "SECOND-OFFICER"), ("li", "ROLE"), ("nobody", "USER-UNKNOWN")):
        with clock.fixed(MONDAY), pytest.raises(ForbiddenError) as refused:
            holding.confirm(office, "li", actor=name)
        assert refused.value.code == code
    with clock.fixed(MONDAY):
        holding.confirm(office, "li", actor="he")
    assert decide(office, MONDAY).name == "li"
    with clock.fixed(MONDAY), pytest.raises(ConflictError):
        holding.confirm(office, "li", actor="he")


def test_an_administrator_whose_log_in_was_reset_confirms_nothing_either(office):
    with clock.fixed(MONDAY):
        users.reset_password(office, "he", "another unusual word 79", actor="gu")
        with pytest.raises(ForbiddenError) as refused:
            holding.confirm(office, "li", actor="he")
    assert refused.value.code == "LOGIN-HELD"
