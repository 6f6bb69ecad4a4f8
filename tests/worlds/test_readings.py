"""What the oracle of random worlds once found the engine to read otherwise than the texts do."""

import pytest
from worlds import builder
from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers


@pytest.fixture
def judged(any_app, tmp_path):
    """Builds a school and gives the outcomes of a rule by day."""

    def judge(rule, school):
        build(any_app, [school], tmp_path / "world")
        return [
            (each.identity.on - parse_day("2026-07-01"), each.outcome)
            for each in list_findings(any_app, parse_day(AS_OF), rules=[rule])
        ]

    return judge


@pytest.mark.parametrize(
    ("first", "outcome"), [("2026-07-14", "breach"), ("2026-07-15", "unknown")]
)
def test_a_balance_before_a_window_is_that_of_a_covered_day(any_app, tmp_path, first, outcome):
    """100,000.00 stand on 2026-07-10; 60,000.00 leave on 2026-07-20, seven days after the 13th.

    The balance of the 13th is the opening of the 14th; before the 15th nobody knows it.
    """
    school = School(1, opening="100000.00", period=("2026-05-01", "2026-07-10"))
    school.facts["custody"] = "risk_deposit"
    build(any_app, [school], tmp_path / "world")
    later = School(1, opening="100000.00", period=(first, AS_OF))
    later.entries.append(("2026-07-20", "-60000.00", "某公司", "货款"))
    builder._statement(later, tmp_path / "later.csv")
    list(ingest(any_app, [tmp_path / "later.csv"], actor="test"))
    day = parse_day("2026-07-20")
    found = [
        each.outcome
        for each in list_findings(any_app, parse_day(AS_OF), rules=["OUT-LARGE"])
        if each.identity.on == day
    ]
    assert found == ["undetermined" if outcome == "unknown" else outcome]


def test_an_overdrawn_balance_is_exceeded_without_end(any_app, tmp_path):
    school = School(1, opening="-0.01")
    school.entries.append(("2026-07-20", "-60000.00", "某公司", "货款"))
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = list_alerts(any_app, status=None, rule="OUT-LARGE", uscc=None)
    assert alert["measured"] == "∞"


def test_where_the_month_counts_alone_a_renewal_has_no_limit_of_lessons(any_app, tmp_path):
    school = School(1)
    school.facts["district"] = "460105"
    school.contract(paid_on="2026-05-29", starts_on="2026-06-30", renews="HTX")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = list_alerts(any_app, status=None, rule="FEE-EARLY-RENEW", uscc=None)
    assert (alert["measured"], alert["limit"]) == (None, None)


@pytest.mark.parametrize(
    ("arrives", "outcomes"),
    [("2026-07-01", [(0, "breach")]), ("2026-07-02", [(1, "undetermined")])],
)
def test_months_ahead_are_told_only_of_the_day_registered(judged, arrives, outcomes):
    """Paid before its first lesson, a pay-after contract is prepaid from the day of the receipt."""
    school = School(1)
    school.contract("2026-07-01", payment="pay_after", starts_on="2026-08-02", arrives=arrives)
    assert judged("FEE-EARLY-NEW", school) == outcomes


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_accounts_on_one_day_the_later_number_holds_the_later_entry(
    any_app, tmp_path, order
):
    """Whichever file came first: an alert is known by its entry."""
    school = School(1, period=("2026-05-01", "2026-06-30"))
    build(any_app, [school], tmp_path / "world")
    accounts = tmp_path / "accounts.csv"
    row = f"{school.uscc},{School(2).account_no},示例银行,fee\n"
    accounts.write_text(f"uscc,account_no,bank,kind\n{row}", encoding="utf-8")
    import_registers(any_app, "accounts", accounts, actor="test")
    for number in order:
        bank = School(number, period=("2026-07-01", AS_OF))
        sign = "-" if number == 1 else ""
        bank.entries.append(("2026-07-20", f"{sign}20000.00", "某公司", "往来"))
        builder._statement(bank, tmp_path / f"{number}.csv")
        list(ingest(any_app, [tmp_path / f"{number}.csv"], actor="test"))
    (found,) = list_findings(any_app, parse_day(AS_OF), rules=["ACC-SELF"])
    assert found.outcome == "breach"
    assert found.identity.subject_id == f"{School(2).account_no}/2026-07-20/2000000/1"
