"""Checks one after the other on a real database, and what they leave in its tables."""

import dataclasses
import random
import time

import pytest
from offices import initialise
from sqlalchemy import insert, select, update

from feewatch.casework.endings import Ending
from feewatch.casework.forms import alert_json
from feewatch.config import Config
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.kernel.citation import Citation
from feewatch.kernel.text import Text
from feewatch.store import guards
from feewatch.store.cases.alerts import existing_identities, list_alerts, list_events, reconcile
from feewatch.store.cases.matters import list_matters
from feewatch.store.tables import metadata
from feewatch.store.tables.casework import alert, alert_event, matter
from feewatch.store.tables.registers import institution

D1, D2, D3 = 20_000, 20_001, 20_100
WORD = Text("字", "word")
LAW = Citation("意见", "国办发〔2021〕1号", "第1条", None, "2021-10-29", "V1")


def breach(subject="HT-1", on=D1, rule="FEE", uscc="U1", institution_id=1, **changes):
    values = {
        "identity": Identity(rule, uscc, "contract", subject, on),
        "institution_id": institution_id,
        "institution_name": "甲培训",
        "district": "370702",
        "rule_version": "1",
        "authority": "law",
        "title": WORD,
        "measured": 600_000,
        "limit": 500_000,
        "unit": "fen",
        "severity": "yellow",
        "calculation": Text("6000 > 5000", "6000 > 5000"),
        "basis": (LAW,),
        "evidence": ({"record": "contract", "id": subject},),
        "cure": WORD,
        "cause": "course A",
        "spell_days": None,
        "amount_fen": 100,
        "historic": False,
        "is_state": False,
    }
    return Breach(**values | changes)


def compliant(each, cleared_on=None):
    identity = each.identity
    return {identity: Finding(identity, 1, "370702", "compliant", None, cleared_on)}


@pytest.fixture
def tx(tmp_path):
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as connection:
        connection.execute(insert(institution), [{"uscc": "U1"}, {"uscc": "U2"}])
        yield connection
    app.database.dispose()


def check(tx, breaches, present=None, as_of=D1, scope=None, rules=("FEE", "STATE")):
    return tuple(
        reconcile(
            tx,
            as_of=as_of,
            breaches=breaches,
            present=present or {},
            scope=scope,
            rules=rules,
            explain=lambda *_: Ending(Text("li 更正", "li corrected")),
        )
    )


def only(rows):
    (row,) = rows
    return row


def content(tx):
    tables = (each for each in metadata.sorted_tables if each.name.startswith(("alert", "matter")))
    return [tx.execute(select(each).order_by(*each.primary_key)).all() for each in tables]


def members(tx):
    by_matter = {}
    for row in list_alerts(tx):
        by_matter.setdefault(row["matter_id"], set()).add(row["id"])
    return sorted(map(sorted, by_matter.values()))


def test_a_breach_opens_an_alert_with_all_its_words_frozen(tx):
    assert check(tx, [breach()]) == (1, 0, 0)
    shown = alert_json(only(list_alerts(tx)), {})
    assert shown.pop("id").startswith("A")
    assert shown.pop("opened_at").endswith("+08:00")
    assert shown == {
        "rule": "FEE",
        "rule_version": "1",
        "authority": "law",
        "uscc": "U1",
        "institution": "甲培训",
        "district": "370702",
        "department": "education",
        "subject": {"kind": "contract", "id": "HT-1"},
        "on": "2024-10-04",
        "outcome": "breach",
        "measured": 600_000,
        "limit": 500_000,
        "unit": "fen",
        "severity": "yellow",
        "calculation": {"zh": "6000 > 5000", "en": "6000 > 5000"},
        "basis": [LAW.as_json()],
        "would_apply": [],
        "evidence": [{"record": "contract", "id": "HT-1"}],
        "cure": {"zh": "字", "en": "word"},
        "status": "open",
        "historic": False,
        "recovered_on": None,
        "withdrawn_reason": None,
        "held_on": None,
        "correction": None,
    }


def test_checking_again_changes_nothing(tx):
    breaches = [breach(f"HT-{n}", cause=f"course {n % 3}") for n in range(9)]
    check(tx, breaches)
    before = content(tx)
    assert check(tx, breaches[::-1], as_of=D2) == (0, 0, 0)
    assert content(tx) == before


def test_withdrawing_again_changes_nothing(tx):
    check(tx, [breach()])
    assert check(tx, []) == (0, 1, 0)
    before = content(tx)
    assert check(tx, [], as_of=D2) == (0, 0, 0)
    assert content(tx) == before


def test_the_order_of_breaches_leaves_the_same_tables(tx):
    breaches = [breach(f"HT-{n}", on=D1 + n, spell_days=2, uscc=f"U{n % 2}") for n in range(12)]
    check(tx, breaches)
    first = members(tx)
    guards.remove(tx)  # rolled back with the test
    for table in (alert_event, alert, matter):
        tx.execute(table.delete())
    random.Random(1).shuffle(breaches)
    check(tx, breaches)
    assert members(tx) == first


def test_a_matter_counts_and_sums_its_members_and_forgets_the_withdrawn(tx):
    one = breach("HT-1", on=D1, amount_fen=100, severity="red", authority="law")
    two = breach("HT-2", on=D3, amount_fen=250, severity="yellow", authority="preset")
    check(tx, [one, two])
    row = only(list_matters(tx))
    shown = ("alerts", "sum_fen", "first_day", "last_day", "severity", "authority", "status")
    assert [row[name] for name in shown] == [2, 350, D1, D3, "red", "law", "open"]
    assert check(tx, [two], compliant(one)) == (0, 1, 0)
    row = only(list_matters(tx))
    assert [row[name] for name in shown] == [1, 250, D3, D3, "yellow", "preset", "open"]
    assert check(tx, []) == (0, 1, 0)
    row = only(list_matters(tx))
    assert (row["alerts"], row["sum_fen"], row["status"]) == (0, None, "withdrawn")


def test_a_withdrawn_alert_keeps_its_row_and_says_why(tx):
    check(tx, [breach()])
    check(tx, [], compliant(breach()))
    row = only(list_alerts(tx, status="withdrawn"))
    assert row["withdrawn_reason"].startswith("数据更正后")
    assert [each["change"] for each in list_events(tx, row["id"])] == ["opened", "withdrawn"]


def test_a_breach_that_comes_back_opens_the_same_alert_on_its_new_numbers(tx):
    check(tx, [breach()])
    before = only(list_alerts(tx))
    check(tx, [])
    assert check(tx, [breach(measured=700_000)]) == (1, 0, 0)
    after = only(list_alerts(tx))
    same = ("id", "matter_id", "status", "opened_at", "withdrawn_reason")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["measured"] == 700_000
    assert only(list_matters(tx))["status"] == "open"


def test_a_rise_keeps_the_frozen_numbers_and_records_its_own(tx):
    check(tx, [breach()])
    check(tx, [breach(severity="red", measured=900_000)], as_of=D2)
    row = only(list_alerts(tx))
    assert (row["severity"], row["measured"]) == ("red", 600_000)
    event = list_events(tx, row["id"])[-1]
    assert event["change"] == "raised"
    assert event["detail"]["was"] == "yellow"
    assert event["detail"]["measured"] == 900_000
    assert only(list_matters(tx))["severity"] == "red"
    assert check(tx, [breach(severity="red", measured=900_000)], as_of=D3) == (0, 0, 0)
    assert len(list_events(tx, row["id"])) == 2


def test_paying_late_recovers_the_alert_and_keeps_its_status(tx):
    check(tx, [breach()])
    assert check(tx, [], compliant(breach(), cleared_on=D2), as_of=D3) == (0, 0, 1)
    row = only(list_alerts(tx))
    assert (row["status"], row["recovered_on"]) == ("open", D2)
    assert check(tx, [], compliant(breach(), cleared_on=D2), as_of=D3) == (0, 0, 0)


def test_a_state_opens_lasts_ends_and_opens_anew(tx):
    def state(day):
        return breach("U1", on=day, rule="STATE", is_state=True)

    assert check(tx, [state(D1)], as_of=D1) == (1, 0, 0)
    assert check(tx, [state(D2)], as_of=D2) == (0, 0, 0)
    assert check(tx, [], as_of=D3) == (0, 0, 1)
    assert check(tx, [state(D3 + 1)], as_of=D3 + 1) == (1, 0, 0)
    rows = list_alerts(tx)
    assert [(row["on_day"], row["recovered_on"]) for row in rows] == [(D1, D3), (D3 + 1, None)]


def test_a_check_touches_only_its_scope_and_its_rules(tx):
    one = breach("HT-1", uscc="U1", institution_id=1)
    two = breach("HT-2", uscc="U2", institution_id=2)
    none = breach("S1", uscc="", institution_id=None)
    check(tx, [one, two, none])
    assert check(tx, [], scope=[1], rules=["OTHER"]) == (0, 0, 0)
    assert check(tx, [], scope=[2]) == (0, 1, 0)
    assert check(tx, [], scope=[2, 0]) == (0, 1, 0)
    assert existing_identities(tx, None, ["FEE"]) == [one.identity]
    assert existing_identities(tx, [2, 0], ["FEE"]) == []


def test_new_members_join_the_open_matter_and_never_a_decided_one(tx):
    check(tx, [breach("HT-1")])
    check(tx, [breach("HT-1"), breach("HT-2")])
    assert only(list_matters(tx))["alerts"] == 2
    tx.execute(update(matter).values(status="closed"))
    tx.execute(update(alert).values(status="closed"))
    check(tx, [breach("HT-1"), breach("HT-2"), breach("HT-3")])
    assert sorted((row["status"], row["alerts"]) for row in list_matters(tx)) == [
        ("closed", 2),
        ("open", 1),
    ]


def test_a_member_that_joins_a_matter_in_a_case_is_in_the_case(tx):
    check(tx, [breach("HT-1")])
    tx.execute(update(matter).values(status="in_case"))
    check(tx, [breach("HT-1"), breach("HT-2")])
    assert {row["subject_id"]: row["status"] for row in list_alerts(tx)} == {
        "HT-1": "open",
        "HT-2": "in_case",
    }


def test_a_returning_member_of_a_decided_matter_opens_a_new_one(tx):
    check(tx, [breach("HT-1"), breach("HT-2")])
    check(tx, [breach("HT-2")])
    tx.execute(update(matter).values(status="dismissed"))
    tx.execute(update(alert).where(alert.c.status == "open").values(status="dismissed"))
    assert check(tx, [breach("HT-1"), breach("HT-2")]) == (1, 0, 0)
    assert sorted((row["status"], row["alerts"]) for row in list_matters(tx)) == [
        ("dismissed", 1),
        ("open", 1),
    ]


def test_a_first_import_of_five_thousand_alerts_takes_seconds(tx):
    breaches = [
        dataclasses.replace(breach(f"HT-{n}", on=D1 + n % 300), cause=f"course {n % 700}")
        for n in range(5_000)
    ]
    start = time.perf_counter()
    assert check(tx, breaches) == (5_000, 0, 0)
    opened = time.perf_counter()
    assert check(tx, breaches) == (0, 0, 0)
    again = time.perf_counter()
    assert len(list_matters(tx)) == 700
    assert opened - start < 10
    assert again - opened < 5
