"""An office with two institutions and its people, on a Monday morning in September 2026."""

import datetime as dt
import shutil

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.bootstrap import open_app
from feewatch.casework.endings import Ending
from feewatch.config import Config
from feewatch.engine.findings import Breach, Identity
from feewatch.kernel import clock
from feewatch.kernel.text import Text
from feewatch.services.cases import steps
from feewatch.services.cases.closing import StepGiven
from feewatch.store.cases import alerts, cases, matters
from feewatch.store.people import users
from feewatch.store.tables.registers import institution

MORNING = dt.datetime(2026, 9, 21, 9, 0, tzinfo=clock.SHANGHAI)
WORD = Text("字", "word")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    made = initialise(Config(folder=folder))
    populate(made)
    made.database.dispose()
    return folder


def populate(app):
    """Put institutions and people into an installation."""
    with app.database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": "U1"}, {"uscc": "U2"}])
        for name, role, district, institution_id in [
            ("li", "officer", "370702", None),
            ("wang", "officer", "370702", None),
            ("zhao", "reviewer", "370700", None),
            ("far", "officer", "370300", None),
            ("viewer", "viewer", "370702", None),
            ("school", "institution", None, 1),
            ("other", "institution", None, 2),
        ]:
            users.add(tx, name, role, district, institution_id, "x")
        users.add(tx, "gone", "officer", "370702", None, "x")
        users.change(tx, "gone", disabled=True)


@pytest.fixture
def any_desk(any_app):
    """The same office on each database in turn."""
    populate(any_app)
    with clock.fixed(MORNING):
        yield Desk(any_app)


@pytest.fixture
def desk(office, tmp_path):
    app = open_app(Config(folder=shutil.copytree(office, tmp_path / "office")))
    with clock.fixed(MORNING):
        yield Desk(app)
    app.database.dispose()


class Desk:
    """What the tests do over and over."""

    def __init__(self, app):
        self.app = app

    @staticmethod
    def breach(subject, institution_id=1, **changes):
        values = {
            "identity": Identity("FEE", f"U{institution_id}", "contract", subject, 20_000),
            "institution_id": institution_id,
            "institution_name": "甲培训",
            "district": "370702",
            "rule_version": "1",
            "authority": "law",
            "title": WORD,
            "measured": 2,
            "limit": 1,
            "unit": "fen",
            "severity": "yellow",
            "calculation": WORD,
            "basis": (),
            "evidence": (),
            "cure": WORD,
            "cause": subject,
            "spell_days": None,
            "amount_fen": None,
            "historic": False,
            "is_state": False,
        }
        return Breach(**values | changes)

    def check(self, *breaches):
        """Let a check find these breaches; the matters by their cause."""
        with self.app.database.transaction() as tx:
            alerts.reconcile(
                tx, as_of=20_000, breaches=breaches, present={}, scope=None, rules=["FEE"],
                explain=lambda *_: Ending(WORD),
            )  # fmt: skip
            return {row["cause"]: row["id"] for row in matters.list_matters(tx)}

    def open_one(self, **changes):
        """The number of a new case over one new matter."""
        found = self.check(self.breach("HT-1", **changes))
        return steps.open_case(self.app, [found["HT-1"]], actor="li", reason="立案")

    def open_over(self, *causes):
        """The number of a new case over the matters of these causes."""
        with self.app.database.reading() as tx:
            keys = {row["cause"]: row["id"] for row in matters.list_matters(tx)}
        return steps.open_case(self.app, [keys[cause] for cause in causes], actor="li", reason="立")

    def walk(self, number, way, actor="li"):
        """Take steps, named with spaces between."""
        for name in way.split():
            self.take(number, name, actor=actor)

    def take(self, number, name, *, actor="li", reason="理由", **more):
        """Take a step on the first day on which it may be, against the data where they object."""
        day, given = 0, StepGiven(**more)
        if name == "close":
            next_day = clock.today() + 1
            given = StepGiven(against_data="已书面核实", recheck_on=next_day, **more)
        if name == "recheck":
            day = 1
        with clock.fixed(MORNING + dt.timedelta(days=day)):
            return steps.step(self.app, number, name, actor=actor, reason=reason, given=given)

    def get_case(self, number):
        with self.app.database.reading() as tx:
            return cases.get_case(tx, number)

    def statuses(self):
        """The statuses found among matters, and among alerts."""
        with self.app.database.reading() as tx:
            in_matters = {row["status"] for row in matters.list_matters(tx)}
            in_alerts = {row["status"] for row in alerts.list_alerts(tx)}
        return in_matters, in_alerts
