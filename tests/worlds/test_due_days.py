"""Days on which outcomes change by themselves: each is waited for, and judged when it comes."""

import pytest
from worlds.builder import School, build

from feewatch.kernel.days import parse_day
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.store.tables.checks import check_result


def outcome(app, rule, day):
    """What an incremental check keeps of a rule, and what judging anew says."""
    run_check(app, parse_day(day))
    with app.database.reading() as tx:
        rows = tx.execute(check_result.select().where(check_result.c.rule == rule)).mappings()
        kept = sum(row["breaches"] for row in rows)
    found = list_findings(app, parse_day(day), rules=[rule])
    assert kept == sum(each.outcome == "breach" for each in found), day
    return kept


def emptied():
    """A fee account that is emptied and closed on 2026-07-20, and a contract of 1,000.00."""
    school = School(1, opening="0.00", account={"closed_on": "2026-07-20"})
    school.period = ("2026-05-01", "2026-07-20")
    school.contract("2026-07-10")
    school.entries.append(("2026-07-20", "-1000.00", "某公司", "货款"))
    return school


@pytest.mark.parametrize("rule", ["BAL-COVER", "ACC-NONE"])
def test_an_account_that_closes_counts_from_its_closing_on(any_app, tmp_path, rule):
    build(any_app, [emptied()], tmp_path / "world")
    days = ("2026-07-18", "2026-07-19", "2026-07-20", "2026-07-31")
    assert [outcome(any_app, rule, day) for day in days] == [0, 0, 1, 1]


def test_money_that_no_contract_explains_is_claimed_from_the_day_it_comes(any_app, tmp_path):
    school = School(1, opening="0.00")
    school.entries = [("2026-07-20", "500.00", "李女士", "其他"),
                      ("2026-07-22", "-500.00", "某公司", "货款")]  # fmt: skip
    build(any_app, [school], tmp_path / "world")
    days = ("2026-07-19", "2026-07-20", "2026-07-21", "2026-07-22")
    assert [outcome(any_app, "BAL-COVER", day) for day in days] == [0, 0, 0, 1]


def test_an_approval_of_closure_ends(any_app, tmp_path):
    """No sign since 2026-05-31; closed by approval until 2026-07-20."""
    school = School(1, period=("2026-05-01", "2026-05-31"))
    school.contract("2026-05-10")
    school.approvals = [
        {"kind": "closure", "document": "批1", "from": "2026-06-01", "until": "2026-07-20"}
    ]
    build(any_app, [school], tmp_path / "world")
    days = ("2026-07-19", "2026-07-20", "2026-07-21")
    assert [outcome(any_app, "DATA-DARK", day) for day in days] == [0, 0, 1]


def test_a_licence_that_has_ended_is_asked_for_no_sign(any_app, tmp_path):
    school = School(1, period=("2026-05-01", "2026-05-31"), facts={"licence_until": "2026-07-20"})
    school.contract("2026-05-10")
    build(any_app, [school], tmp_path / "world")
    days = ("2026-07-19", "2026-07-20", "2026-07-21")
    assert [outcome(any_app, "DATA-DARK", day) for day in days] == [1, 1, 0]
