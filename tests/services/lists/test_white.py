"""The conditions as pages and commands show them are those a publication computes."""

import pytest

from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.check.checking import run_check
from feewatch.services.lists import white
from feewatch.services.lists.holds import decide_hold
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.store.people import users
from feewatch.store.tables.registers import coverage
from tests.worlds.builder import AS_OF, School, build

DAY = parse_day(AS_OF)
NEXT = parse_day("2026-08-05")
DISTRICT = "370702"
ALL = Scope()


def proven(number):
    """A school that proves every condition on the last day of its statements."""
    school = School(number)
    school.lessons = [(school.contract("2026-07-01"), "2026-07-05", 1)]
    return school


@pytest.fixture
def town(any_app, tmp_path):
    """Three schools: one proven, one short by half, one without licence day and registers."""
    short = School(2, opening="0.00")
    short.lessons = [(short.contract("2026-07-01"), "2026-07-05", 1)]
    short.entries.append(("2026-07-10", "-500.00", "某公司", "货款"))
    bare = proven(3)
    bare.facts["licence_until"] = ""
    build(any_app, [proven(1), short, bare], tmp_path / "world")
    ensure_signing_key(any_app)
    with any_app.database.transaction() as tx:
        users.add(tx, "li", "officer", DISTRICT, None, "-")
        tx.execute(coverage.delete().where(coverage.c.institution_id == 3))
    return any_app


def codes(app, day=DAY, scope=ALL):
    view = white.read_white(app, scope, day)
    return {place.assessment.standing.name: place.codes for place in view.places}


def states(app, day=DAY):
    view = white.read_white(app, ALL, day)
    return {place.assessment.standing.name: place.state for place in view.places}


def test_each_school_has_every_condition_and_the_counts_add_up(town):
    view = white.read_white(town, Scope(), DAY)
    assert codes(town) == {
        "测试1号": (), "测试2号": ("BAL-COVER",), "测试3号": ("LICENCE", "REGISTERS"),
    }  # fmt: skip
    assert dict(view.counts) == {"BAL-COVER": 1, "LICENCE": 1, "REGISTERS": 1}
    assert dict(view.states) == {"next": 1, "lacking": 2}


def test_what_is_shown_is_what_a_publication_does(town):
    assert states(town) == {"测试1号": "next", "测试2号": "lacking", "测试3号": "lacking"}
    (edition,) = publish(town, DAY, actor="wang")
    assert [entry["name"] for entry in edition.document["lists"]["white"]] == ["测试1号"]
    assert states(town)["测试1号"] == "listed"
    late = parse_day("2026-09-10")  # statements end on 07-31
    assert states(town, late)["测试1号"] == "shaky"
    publish(town, late, actor="wang")
    place = white.get_white(town, Scope(), School(1).uscc, late)
    assert (place.state, format_day(place.due)) == ("hold", "2026-09-23")
    assert place.codes == ("STATEMENTS", "REGISTERS", "BAL-COVER")
    assert {place.status_of(line) for line in place.assessment.lacking} == {"hold"}
    decide_hold(town, School(1).uscc, "keep", actor="li", reason="银行系统停机，回函在案")
    assert states(town, late)["测试1号"] == "kept"


def test_a_shortfall_shows_its_money_since_when_and_who_can_mend_it(town):
    run_check(town, DAY)
    place = white.get_white(town, Scope(), School(2).uscc, DAY)
    [line] = place.assessment.lacking
    assert line.figure.zh == "500.00 元 / 应有 975.00 元"
    assert (line.since is not None, line.suppliers) == (True, ("institution",))
    shown = white.white_json(place, DAY)
    [lacking] = [each for each in shown["conditions"] if each["status"] != "met"]
    assert (lacking["code"], lacking["since"]) == ("BAL-COVER", format_day(line.since))


def test_a_list_is_narrowed_and_sorted(town):
    view = white.read_white(town, Scope(), DAY)

    def names(**wanted):
        return [each.assessment.standing.name for each in white.choose_places(view, **wanted)]

    assert names(lacking="LICENCE") == ["测试3号"]
    assert names(state="next") == ["测试1号"]
    assert names(district="370703") == []
    assert names(district="370700", sort="name") == ["测试1号", "测试2号", "测试3号"]
    assert names(sort="lacking") == ["测试3号", "测试2号", "测试1号"]


def test_nobody_sees_beyond_their_place(town):
    assert codes(town, scope=Scope("320100")) == {}
    with pytest.raises(NotFoundError):
        white.get_white(town, Scope("320100"), School(1).uscc, DAY)
    own = white.get_own_white(town, Scope(institution_id=2), DAY)
    assert own.assessment.standing.name == "测试2号"


def test_the_figures_behind_are_shown_as_the_offices(town):
    terms = {term.parameter: term for term in white.list_terms(town, DISTRICT, DAY)}
    assert terms["public_coverage_days"].value.zh == "35 日"
    assert terms["cover_slight_share"].value.zh == "1.00%"
    assert all(term.is_preset for term in terms.values())
