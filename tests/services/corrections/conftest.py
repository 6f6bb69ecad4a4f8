"""A school with a breach on file, its person, and officers of the district."""

import pytest
from worlds import builder
from worlds.builder import School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.corrections import deciding, reading
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.people.acting import find_person
from feewatch.store.people import users

AS_OF = parse_day(builder.AS_OF)


class Office:
    """What the tests do over and over."""

    def __init__(self, app, folder):
        self.app, self.folder = app, folder

    def settle(self, *schools):
        """Take the schools in, give the first one a log-in, make officers, check."""
        build(self.app, list(schools), self.folder / "world")
        with self.app.database.transaction() as tx:
            for name, role, district, institution_id in [
                ("school", "institution", None, 1),
                ("machine", "api", None, 1),
                ("other", "institution", None, 2 if len(schools) > 1 else 1),
                ("li", "officer", "370702", None),
                ("wang", "reviewer", "370702", None),
                ("far", "officer", "370300", None),
                ("viewer", "viewer", "370702", None),
            ]:
                users.add(tx, name, role, district, institution_id, "x")
        return self.check()

    def check(self, as_of=AS_OF):
        return run_check(self.app, as_of)

    def hand_in(self, kind, *rows, by="school", reason="录入笔误", **options):
        """A file of dicts by a person; what it came to."""
        header = list(dict.fromkeys(name for row in rows for name in row))
        lines = [header, *([str(row.get(name, "")) for name in header] for row in rows)]
        data = "\n".join(",".join(line) for line in lines).encode()
        person = find_person(self.app, by)
        options = {"as_of": AS_OF} | options
        return hand_in(self.app, person, kind, "更正.csv", data, reason=reason, **options)

    def alerts(self, rule=None, **wanted):
        found = list_alerts(self.app, status=None, rule=rule, uscc=None)
        return [each for each in found if wanted.items() <= each.items()]

    def alert(self, rule):
        (alert,) = self.alerts(rule)
        return alert

    def proposals(self, by="li", state=""):
        scope = find_person(self.app, by).scope
        return [each.as_json() for each in reading.list_all_proposals(self.app, scope, state)]

    def effect(self, key, by="li"):
        scope = find_person(self.app, by).scope
        return reading.get_proposal(self.app, scope, key, with_effect=True).as_json()["effect"]

    def decide(self, step, *keys, by="li", reason="已核对合同原件"):
        deciding.decide(self.app, keys, step, actor=by, reason=reason)


@pytest.fixture
def office(any_app, tmp_path):
    return Office(any_app, tmp_path)


@pytest.fixture
def long_course():
    """A school that charged 61 lessons at once: FEE-HOURS-60."""
    school = School(1)
    school.contract(lessons="61")
    school.contract()
    return school
