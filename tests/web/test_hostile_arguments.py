"""Every argument that a page reads, with what no person types: refused at once, and never a 500.

Which arguments a page reads is seen by looking on while it reads them.
"""

import re
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict

from feewatch.kernel import clock
from feewatch.services.demo import shown_at
from feewatch.store.tables.casework import alert, case_file
from feewatch.store.tables.ledger import statement
from feewatch.store.tables.registers import institution
from feewatch.web.access import entry_of
from tests.web.town import Town

HOSTILE = [
    "1e999999", "9" * 100_000, "-1", "NaN", "inf", "9999-12-31", "\x00", "字" * 10_000, "٣", "²",
    "0001-01-01", "1e-999999", "0x" + "f" * 10_000, "2026-02-30", "9" * 18, "９", "9999-12", "-0",
]  # fmt: skip
#: Where time is short, one value an argument of every fifth page.
FEW, EACH = 1, 5
#: Arguments of which others are only read where they are in order.
TRIED = "parameter=float_up&value=0.05&place=370700&from=2026-01-01&to=2026-07-31"
STARTS = {
    "/desk/backtest": f"run=1&{TRIED}",
    "/desk/backtest.csv": TRIED,
    "/desk/drafts/": "run=1&as_of=2026-07-31",
}
READERS = ("administrator", "officer", "institution", "rule_editor", "reviewer", "publisher")
#: No refusal costs more of the processor than so many plain answers.
MOST_TIMES = 5
_READ: set[str] = set()


class _WatchedArguments(ImmutableMultiDict):
    """Arguments of an address that note which of them are asked for."""

    def get(self, key, *more, **named):
        _READ.add(key)
        return super().get(key, *more, **named)

    def getlist(self, key, *more, **named):
        _READ.add(key)
        return super().getlist(key, *more, **named)

    def __contains__(self, key):
        _READ.add(key)
        return super().__contains__(key)


class _WatchedRequest(Request):
    parameter_storage_class = _WatchedArguments


@pytest.fixture(scope="module")
def watched(town: Town) -> Iterator[Town]:
    plain, town.site.request_class = town.site.request_class, _WatchedRequest
    yield town
    town.site.request_class = plain


def pages(town: Town) -> Iterator[tuple[str, FlaskClient]]:
    """An address of every page that is read, and somebody who may read it."""
    parts = {
        "uscc": town.keys(institution.c.uscc)[0], "alert_id": town.keys(alert.c.id)[0],
        "sha256": town.keys(statement.c.file_sha256)[0], "number": town.keys(case_file.c.number)[0],
        "district": "370702", "folder": "1", "kind": "contracts", "name": "white",
    }  # fmt: skip
    browsers: dict[str, FlaskClient] = {}
    for rule in sorted(town.site.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or rule.endpoint == "account.logout":
            continue
        may_enter = entry_of(town.site, rule.endpoint)
        role = next((each for each in READERS if each in may_enter), "public")
        if role not in browsers:
            browsers[role] = town.enter(role)[0]
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda part: str(parts.get(part[1], 1)), rule.rule)
        yield path, browsers[role]


def seconds(browser: FlaskClient, address: str) -> float:
    """The processor's time for an answer, which is no fault of the site."""
    begun = time.process_time()
    with browser.get(address) as answer:
        assert answer.status_code < 500, address[:200]
        assert "Traceback" not in answer.text if answer.mimetype == "text/html" else True
    return time.process_time() - begun


def read_by(browser: FlaskClient, path: str) -> tuple[list[str], float]:
    """The arguments that a page reads, and what a plain answer costs."""
    _READ.clear()
    cost = max(seconds(browser, f"{path}?{STARTS.get(path, '')}"), 0.05)
    return sorted(_READ - {"lang"}), cost


def check(town: Town, few: int, each: int = 1) -> int:
    tried = 0
    for number, (path, browser) in enumerate(pages(town)):
        if number % each and path not in STARTS:
            continue
        names, cost = read_by(browser, path)
        good = dict(pair.split("=") for pair in STARTS.get(path, "").split("&") if pair)
        for place, name in enumerate(names):
            for n in range(few):
                value = HOSTILE[(tried + place + n * 7) % len(HOSTILE)]
                address = f"{path}?{urlencode(good | {name: value})}"
                spent = seconds(browser, address)
                if spent > MOST_TIMES * cost:  # something else may have had the processor
                    spent = seconds(browser, address)
                assert spent <= MOST_TIMES * cost, (path, name, value[:20], spent, cost)
                tried += 1
    return tried


def test_no_argument_of_any_page_stumbles_or_costs(watched):
    with clock.fixed(shown_at()):
        assert check(watched, FEW, EACH) > 20


@pytest.mark.long
def test_no_argument_of_any_page_stumbles_or_costs_at_length(watched):
    with clock.fixed(shown_at()):
        assert check(watched, len(HOSTILE)) > 2_000
