"""An office with three institutions, two inspectors, on a day in September 2026."""

import datetime as dt

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.config import Config, Office
from feewatch.kernel import clock
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.services.rounds.files import get_checklist
from feewatch.services.rounds.inspectors import assign
from feewatch.services.rounds.visiting import ItemSaid, VisitGiven, record_visit
from feewatch.store.people import users
from feewatch.store.tables.registers import institution, institution_fact

NOW = dt.datetime(2026, 9, 21, 9, 0, tzinfo=clock.SHANGHAI)
U1, U2, U3 = "52370702651728628K", "52370703123456789F", "523201041982410526"
PLACES = {U1: "370702", U2: "370702", U3: "320104"}


def populate(app):
    with app.database.transaction() as tx:
        for key, (uscc, district) in enumerate(PLACES.items(), 1):
            tx.execute(insert(institution).values(id=key, uscc=uscc))
            tx.execute(
                insert(institution_fact).values(
                    institution_id=key, valid_from=FIRST_DAY, valid_to=LAST_DAY, name=f"机构{key}",
                    district=district, subject="arts", nature="for_profit", custody="both",
                )
            )  # fmt: skip
        people = {"li": "officer", "zhao": "reviewer", "anna": "inspector", "boris": "inspector"}
        for name, role in people.items():
            users.add(tx, name, role, "370702", None, "x")
        users.add(tx, "far", "officer", "320104", None, "x")


class Rounds:
    """What the tests do over and over."""

    def __init__(self, app):
        self.app = app
        self.checklist = get_checklist(app, "wall-chart", clock.today())
        self.tokens = 0

    def assign(self, inspector, *usccs, **more):
        return assign(self.app, inspector, usccs, actor="li", reason="分片", **more)

    def given(self, uscc=U1, on="2026-09-21", **more):
        self.tokens += 1
        values = {"token": f"token-{self.tokens:012d}", "on": parse_day(on), "uscc": uscc}
        said = {item: ItemSaid(*each) for item, each in more.pop("said", {}).items()}
        if said:
            checklist = {"checklist": self.checklist.id, "version": self.checklist.version}
            values |= checklist | {"results": said}
        else:
            values["note"] = "走访"
        return VisitGiven(**(values | more))

    def visit(self, uscc=U1, on="2026-09-21", actor="anna", **more):
        return record_visit(self.app, self.given(uscc, on, **more), actor=actor)


@pytest.fixture
def rounds(tmp_path):
    app = initialise(Config(tmp_path / "home", Office(district="370702")))
    populate(app)
    with clock.fixed(NOW):
        yield Rounds(app)
    app.database.dispose()


@pytest.fixture
def any_rounds(any_app):
    populate(any_app)
    with clock.fixed(NOW):
        yield Rounds(any_app)
