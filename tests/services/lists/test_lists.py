"""What gives or takes a place on the white list, and what the public is told."""

import json
import shutil

import pytest
from sqlalchemy import update

from feewatch.kernel.days import parse_day
from feewatch.services.lists.verification import verify
from feewatch.store.tables import registers

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def test_who_proves_everything_stands_on_the_white_list(town):
    (found,) = town.publish()
    assert found.document["counts"] == {"white": 3, "black": 0, "notice": 0}
    assert (found.document["number"], found.document["previous_sha256"]) == (1, None)
    assert verify(
        town.app.config, str(town.app.editions / DISTRICT), key_file=None, as_of=JULY
    ).is_good


def test_an_unreviewed_alert_changes_no_byte_of_any_list(town, tmp_path, build_town):
    town.publish()
    town.add_alert(1)
    other = build_town(tmp_path / "other")
    for number in range(3):
        other.add(number)
    shutil.copy(town.app.keys / "signing.pem", other.app.keys / "signing.pem")
    other.publish()
    assert town.publish()[0].is_new is False
    town.publish(AUGUST)
    other.publish(AUGUST)
    assert town.files(2) == other.files(2)


OPENED = ("open", "open", "2026-07-01", None)
TRIAGED = ("triage", "triaged", "2026-07-02", None)


NOTIFIED = ("notify", "notified", "2026-07-05", "order")


@pytest.mark.parametrize(
    ("steps", "is_white"),
    [
        ([OPENED], True),
        ([OPENED, TRIAGED], True),
        ([OPENED, ("dismiss", "dismissed", "2026-07-05", None)], True),
        ([OPENED, ("notify", "notified", "2026-07-31", "order")], False),
        ([OPENED, ("notify", "notified", "2026-08-01", "order")], True),
        ([OPENED, ("notify", "notified", "2026-07-05", "hint")], True),
        ([OPENED, NOTIFIED, ("submit", "submitted", "2026-07-06", None)], False),
        ([OPENED, NOTIFIED, ("close", "closed", "2026-07-31", None)], True),
        ([OPENED, NOTIFIED, ("close", "closed", "2026-08-01", None)], False),
    ],
)
def test_a_confirmed_finding_excludes_once_its_order_is_served_until_the_case_is_closed(
    town, steps, is_white
):
    town.add_case(1, steps)
    assert ("机构0" in town.names(town.publish())) is is_white


def test_what_is_not_known_gives_no_place_but_a_public_state(town):
    town.add(7, covered=False)
    (found,) = town.publish()
    assert found.document["unrated"] == [{"uscc": town.uscc(7), "name": "机构7"}]
    assert "机构7" not in town.names([found])


def test_a_cover_that_fails_takes_the_place_without_telling_why(town):
    town.publish()
    town.outcomes[1] = {"BAL-COVER": "breach"}
    found = town.publish(AUGUST)
    assert town.why(found) == {("removed", "white", "机构0"): "不再符合白名单条件"}
    assert found[0].document["unrated"] == []
    content = json.dumps(found[0].document, ensure_ascii=False)
    assert "BAL-COVER" not in content
    assert "赵永胜" not in content


def test_a_licence_that_ends_takes_the_place(town):
    town.publish()
    fact = registers.institution_fact
    with town.app.database.transaction() as tx:
        tx.execute(update(fact).where(fact.c.institution_id == 2).values(licence_until=JULY))
    assert town.why(town.publish(AUGUST)) == {
        ("removed", "white", "机构1"): "办学许可证不在有效期内"
    }


def test_each_district_has_its_own_editions(town):
    town.add(8, district="370703")
    found = town.publish()
    assert [(each.district, each.document["counts"]["white"]) for each in found] == [
        (DISTRICT, 3),
        ("370703", 1),
    ]


def test_an_empty_register_gives_the_office_an_empty_edition(tmp_path, build_town):
    (found,) = build_town(tmp_path).publish()
    assert (found.district, found.document["counts"]) == (
        DISTRICT,
        {"white": 0, "black": 0, "notice": 0},
    )
