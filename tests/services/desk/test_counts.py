"""The inbox's counts, groups and gravest matters against the same worked out row by row."""

from collections import Counter, defaultdict
from itertools import product
from random import Random

import pytest
from sqlalchemy import insert

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.store.pages import inbox_groups
from feewatch.store.pages.inbox import Wanted
from feewatch.store.tables.casework import matter

TODAY = parse_day("2026-07-15")
PLACES = ("370702", "370783", "110105")
RULES = ("FEE-SPLIT", "REL-SYNC", "BAL-COVER")
STATUSES = ("open", "in_case", "closed")
OWNERS = ("anna", "boris", None)
SCOPES = (Scope(), Scope("370700"), Scope("370702"))
ASKED = [
    Wanted(status="open"),
    Wanted(historic=None),
    Wanted(status="open", severity="red"),
    Wanted(rule="REL-SYNC", owner="anna"),
    Wanted(unowned=True, district="370700"),
    Wanted(not_ended=True, authority="preset"),
]


def make_rows(rng):
    return [
        {"id": key, "institution_id": None, "uscc": f"U{rng.randrange(9)}", "cause": "",
         "district": rng.choice(PLACES), "rule": rng.choice(RULES),
         "status": rng.choice(STATUSES), "severity": rng.choice(SEVERITIES),
         "authority": rng.choice(("law", "preset")), "alerts": 1,
         "sum_fen": rng.choice((None, 100, 900, 5_000)), "first_day": TODAY, "last_day": TODAY,
         "historic": rng.random() < 0.2, "opened_at": f"2026-0{rng.randrange(1, 7)}-01T08:00:00",
         "owner": rng.choice(OWNERS)}
        for key in range(1, 241)
    ]  # fmt: skip


def meets(row, scope, wanted, without=""):
    tests = {
        "severity": not wanted.severity or row["severity"] == wanted.severity,
        "status": not wanted.status or row["status"] == wanted.status,
        "authority": not wanted.authority or row["authority"] == wanted.authority,
        "rule": not wanted.rule or row["rule"] == wanted.rule,
        "district": row["district"].startswith(wanted.district.rstrip("0")),
        "owner": row["owner"] is None if wanted.unowned
        else not wanted.owner or row["owner"] == wanted.owner,
    }  # fmt: skip
    return (
        row["district"].startswith(scope.district.rstrip("0"))
        and wanted.historic in (None, row["historic"])
        and (not wanted.not_ended or row["status"] in ("open", "in_case"))
        and all(test for name, test in tests.items() if name != without)
    )


def order(row):
    sum_fen = -1 if row["sum_fen"] is None else row["sum_fen"]
    return -SEVERITIES.index(row["severity"]), -sum_fen, row["id"]


@pytest.mark.parametrize("seed", range(3))
def test_counts_groups_and_gravest_are_those_of_the_rows(any_app, seed):
    rows = make_rows(Random(seed))
    with any_app.database.transaction() as tx:
        tx.execute(insert(matter), rows)
    with any_app.database.reading() as tx:
        for scope, wanted in product(SCOPES, ASKED):
            check_facets(tx, rows, scope, wanted)
            for by, column in (("institution", "uscc"), ("rule", "rule")):
                check_groups(tx, rows, scope, wanted, by, column)


def check_facets(tx, rows, scope, wanted):
    facets, total = inbox_groups.count_facets(tx, scope, wanted, TODAY)
    assert total == sum(meets(row, scope, wanted) for row in rows)
    for name, counts in facets.items():
        met = Counter(row[name] or "" for row in rows if meets(row, scope, wanted, name))
        assert counts == met, (scope, wanted, name)


def check_groups(tx, rows, scope, wanted, by, column):
    members = defaultdict(list)
    for row in rows:
        if meets(row, scope, wanted):
            members[row[column]].append(row)
    groups, number = inbox_groups.list_groups(tx, scope, wanted, TODAY, by=by, limit=3, offset=0)
    assert number == len(members)
    beyond = inbox_groups.list_groups(tx, scope, wanted, TODAY, by=by, limit=3, offset=90)
    assert beyond == ([], len(members))
    for group in groups:
        own = members[group.value]
        sums = [row["sum_fen"] for row in own if row["sum_fen"] is not None]
        assert (group.matters, group.sum_fen) == (len(own), sum(sums) if sums else None)
    values = [group.value for group in groups]
    shown = inbox_groups.list_gravest(tx, scope, wanted, TODAY, by=by, groups=groups, most=4)
    listed = defaultdict(list)
    for line in shown:
        listed[getattr(line, column)].append(line.id)
    assert listed == {
        value: [row["id"] for row in sorted(members[value], key=order)[:4]] for value in values
    }
