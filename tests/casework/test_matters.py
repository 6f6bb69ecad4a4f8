import itertools

import pytest

from feewatch.casework.matters import Key, Member, OpenMatter, group, key_of, summarise
from feewatch.engine.findings import Breach, Identity
from feewatch.kernel.text import Text

WORD = Text("字", "word")


def breach(on, cause="account", spell_days=3, historic=False, institution=1):
    return Breach(
        identity=Identity("BAL-MIN", "U1", "account_day", f"1/{on}", on),
        institution_id=institution,
        institution_name="甲",
        district="370702",
        rule_version="1",
        authority="preset",
        title=WORD,
        measured=1,
        limit=2,
        unit="fen",
        severity="yellow",
        calculation=WORD,
        basis=(),
        evidence=(),
        cure=WORD,
        cause=cause,
        spell_days=spell_days,
        amount_fen=1,
        historic=historic,
        is_state=False,
    )


def days_of(groups):
    return [(each.matter_id, [one.identity.on for one in each.breaches]) for each in groups]


def test_a_cause_alone_makes_one_matter():
    breaches = [breach(10, "course A", None), breach(99, "course A", None)]
    assert days_of(group(breaches, {})) == [(None, [10, 99])]


def test_other_causes_institutions_and_historic_alerts_lie_apart():
    breaches = [
        breach(10, "course A", None),
        breach(11, "course B", None),
        breach(12, "course A", None, historic=True),
        breach(13, "course A", None, institution=2),
    ]
    assert sorted(days_of(group(breaches, {}))) == [(None, [day]) for day in (10, 11, 12, 13)]


@pytest.mark.parametrize(("second", "expected"), [(13, [[10, 13]]), (14, [[10], [14]])])
def test_a_spell_reaches_as_far_as_its_days_and_no_further(second, expected):
    assert [days for _, days in days_of(group([breach(10), breach(second)], {}))] == expected


def test_the_order_of_breaches_does_not_matter():
    days = (10, 13, 16, 22)
    for order in itertools.permutations(days):
        found = days_of(group([breach(day) for day in order], {}))
        assert found == [(None, [10, 13, 16]), (None, [22])]


@pytest.mark.parametrize(
    ("on", "matter_id"), [(16, None), (17, 7), (22, 7), (25, 7), (28, 7), (29, None)]
)
def test_a_breach_joins_the_matter_whose_spell_it_touches(on, matter_id):
    places = {key_of(breach(0)): [OpenMatter(7, 20, 25)]}
    assert days_of(group([breach(on)], places)) == [(matter_id, [on])]


def test_breaches_that_lead_up_to_a_matter_join_it_together():
    places = {key_of(breach(0)): [OpenMatter(7, 20, 25)]}
    assert days_of(group([breach(14), breach(17), breach(11)], places)) == [(7, [11, 14, 17])]


def test_a_breach_between_two_matters_joins_the_earlier():
    places = {key_of(breach(0)): [OpenMatter(8, 20, 20), OpenMatter(7, 14, 14)]}
    assert days_of(group([breach(17)], places)) == [(7, [17])]


def test_no_institution_is_a_key_of_its_own():
    assert key_of(breach(1, institution=None)) == Key(0, "U1", "BAL-MIN", "account", False)


def test_a_matter_shows_count_sum_gravest_severity_and_strongest_authority():
    members = [
        Member("notice", "preset", 500, 12),
        Member("orange", "local", None, 10),
        Member("yellow", "law", 250, 11),
    ]
    assert summarise(members) == (3, 750, "orange", "law", 10, 12)


def test_without_amounts_there_is_no_sum():
    assert summarise([Member("notice", "preset", None, 1)]).sum_fen is None
