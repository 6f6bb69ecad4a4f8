"""Addresses that a machine thinks up: no page of the site stumbles over what they ask."""

import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feewatch.kernel import clock
from feewatch.services.demo import shown_at
from feewatch.store.tables.casework import alert, case_file
from feewatch.store.tables.ledger import statement
from feewatch.store.tables.registers import institution
from tests.web.town import Town

FEW, MANY = 150, 5_000
ALL = [HealthCheck.too_slow]
#: Names of arguments that some page reads, and one that none does.
NAMES = (
    "page", "severity", "rule", "authority", "status", "institution", "district", "historic",
    "state", "text", "list", "channel", "as_of", "window", "run", "parameter", "value", "draft",
    "place", "from", "to", "next", "unheard_of",
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "", "\x00", "\x1b[2J", "9" * 10_000, "-1", "0", "1e999999", "1e-999999", "NaN", "inf",
            "１２", "²", "٣", "2026-02-30", "0000-00-00", "0001-01-01", "2018-01-01", "2099-12-31",
            "9999-12-31", "2026-07-31T00:00", "370700", "000000", "\u202e", "\ufdfa" * 40, "🏫",
            "%", "_", "'", '"', "\\", "../..", "//evil", "<script>", "{{7*7}}", "float_up", "0.05",
            "60", "yes", "open", "red", "white", "accepted", "upload",
        ]
    ),
)  # fmt: skip
ROLES = ("public", "institution", "viewer", "officer", "rule_editor", "administrator")


class Desk:
    """Everything that may be asked, and those who ask."""

    def __init__(self, town: Town) -> None:
        rules = town.site.url_map.iter_rules()
        self.pages = sorted({rule.rule for rule in rules if "GET" in (rule.methods or ())})
        self.browsers = [town.enter(role)[0] for role in ROLES]
        self.parts = {
            "uscc": town.keys(institution.c.uscc)[0],
            "alert_id": town.keys(alert.c.id)[0],
            "sha256": town.keys(statement.c.file_sha256)[0],
            "number": town.keys(case_file.c.number)[0],
            "district": "370702",
            "folder": "1",
            "kind": "contracts",
            "name": "white",
        }


@pytest.fixture(scope="module")
def desk(town: Town) -> Desk:
    with clock.fixed(shown_at()):
        return Desk(town)


def never_stumbles(desk: Desk, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(desk.pages))
    path = re.sub(
        r"<(?:[^<>]*:)?(\w+)>",
        lambda part: quote(
            data.draw(st.one_of(st.just(desk.parts.get(part[1], "1")), VALUES)) or "-", safe=""
        ),
        rule,
    )
    asked = data.draw(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6))
    browser = data.draw(st.sampled_from(desk.browsers))
    address = f"{path}?{urlencode(asked)}"
    with clock.fixed(shown_at()), browser.get(address) as answer:
        assert answer.status_code < 500, (path, asked)
        assert answer.status_code != 200 or answer.data


@given(data=st.data())
@settings(max_examples=FEW, deadline=None, derandomize=True, suppress_health_check=ALL)
def test_no_page_stumbles_over_its_address(desk, data):
    never_stumbles(desk, data)


@pytest.mark.long
@given(data=st.data())
@settings(max_examples=MANY, deadline=None, suppress_health_check=ALL)
def test_no_page_stumbles_over_its_address_at_length(desk, data):
    never_stumbles(desk, data)
