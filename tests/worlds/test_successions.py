"""Money of two schools of which one succeeds the other: figures worked out by hand."""

import pytest
from sqlalchemy import select
from worlds.builder import build
from worlds.test_charges import DAY, arts, put

from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.intake.matching import list_unmatched
from feewatch.store.tables.ledger import match
from feewatch.store.tables.registers import refund_request

ON = "2026-06-10"


@pytest.fixture
def schools():
    return arts(1, opening="0.00"), arts(2, opening="0.00")


def judge(app, tmp_path, old, new):
    """Build both, let the new one succeed, and check."""
    build(app, [old, new], tmp_path / "world")
    row = {"from_uscc": old.uscc, "to_uscc": new.uscc, "on": ON, "document": "承1号"}
    put(app, tmp_path, "successions", [row])
    run_check(app, DAY)


def unmatched(app):
    """(credit code, yuan left over) of all money that belongs to no contract."""
    return [(each.uscc, each.unmatched_fen // 100) for each in list_unmatched(app)]


def measured(app, rule):
    """What the alerts of a rule measure, by subject."""
    alerts = list_alerts(app, status=None, rule=rule, uscc=None)
    return {each["subject"]["id"]: each["measured"] for each in alerts}


def test_a_contract_that_moved_is_paid_in_the_order_of_booking_whosever_account_it_reached(
    any_app, tmp_path, schools
):
    """The family pays the new school in full; what reaches the old one later is too much."""
    old, new = schools
    number = old.contract("2026-06-11", fee="800.00", arrives="")
    new.entries.append(("2026-06-11", "800.00", "王女士", f"学费 {number}"))
    old.entries.append(("2026-06-12", "300.00", "王女士", f"学费 {number}"))
    judge(any_app, tmp_path, old, new)
    assert unmatched(any_app) == [(old.uscc, 300)]


def test_money_of_one_day_pays_at_the_old_school_first(any_app, tmp_path, schools):
    old, new = schools
    number = old.contract("2026-06-11", fee="800.00", arrives="")
    new.entries.append(("2026-06-11", "800.00", "王女士", f"学费 {number}"))
    old.entries.append(("2026-06-11", "300.00", "王女士", f"学费 {number}"))
    judge(any_app, tmp_path, old, new)
    assert unmatched(any_app) == [(new.uscc, 300)]


def test_money_that_names_a_contract_goes_before_money_of_its_amount_at_the_other_school(
    any_app, tmp_path, schools
):
    old, new = schools
    number = old.contract("2026-06-12", fee="800.00", arrives="")
    old.entries.append(("2026-06-11", "800.00", "王女士", "学费"))
    new.entries.append(("2026-06-12", "800.00", "李女士", f"学费 {number}"))
    judge(any_app, tmp_path, old, new)
    assert unmatched(any_app) == [(old.uscc, 800)]


@pytest.mark.parametrize(("day", "kinds"), [("2026-06-09", ["receipt"]), (ON, [])])
def test_the_account_told_decides_whose_money_comes_in_whatever_name_stands_beside_it(
    any_app, tmp_path, schools, day, kinds
):
    """Some banks write the payee's own name beside the payer's account."""
    old, new = schools
    old.entries += [("2026-06-01", "500.00", "王女士", "学费"),
                    (day, "-500.00", "测试2号", "划转", new.account_no)]  # fmt: skip
    new.entries.append((day, "500.00", "测试2号", "划转", old.account_no))
    judge(any_app, tmp_path, old, new)
    assert [each.kind for each in list_unmatched(any_app, new.uscc)] == kinds


def test_a_refund_of_the_successors_own_contract_is_its_own(any_app, tmp_path, schools):
    """Though it only took over, and nothing of its own ever moved."""
    old, new = schools
    old.contract("2026-06-01", fee="800.00")
    number = new.contract("2026-06-01", fee="900.00")
    new.refunds.append(
        {"refund_no": "TF1", "contract_no": number, "amount": "300.00", "uscc": new.uscc,
         "requested_on": "2026-06-12", "cause": ""}
    )  # fmt: skip
    new.entries.append(("2026-06-14", "-300.00", "王女士", f"退费 {number}"))
    judge(any_app, tmp_path, old, new)
    with any_app.database.reading() as tx:
        (asked,) = tx.scalars(select(refund_request.c.id))
        answered = select(match.c.refund_request_id).where(match.c.kind == "refund")
        assert tx.scalars(answered).all() == [asked]


def test_days_before_the_succession_count_nothing_of_a_period_that_moved(
    any_app, tmp_path, schools
):
    """A contract by days is the new school's from its first day there and counts nothing before."""
    old, new = schools
    own = new.contract("2026-05-02", fee="1000.00", lessons="10")
    new.lessons = [(own, "2026-05-03", 1)]
    moved = {"basis": "period", "lessons": "", "ends_on": "2026-08-30"}
    old.contract("2026-05-02", fee="1210.00", starts_on="2026-05-02", **moved)
    taught = old.contract("2026-05-02", fee="1000.00", lessons="10")
    old.lessons = [(taught, "2026-05-03", 1)]
    new.entries.append(("2026-06-01", "-110.00", "测试2号", "划拨"))
    new.entries.append(("2026-06-11", "-30.00", "测试2号", "划拨"))
    judge(any_app, tmp_path, old, new)
    # 100 yuan consumed by 06-01; then two days of 10 yuan: 140 released of 120
    assert measured(any_app, "REL-SYNC") == {
        f"{new.uscc}/2026-06-01": 1000, f"{new.uscc}/2026-06-11": 2000
    }  # fmt: skip


def test_a_fee_split_by_a_merger_is_the_successors_breach(any_app, tmp_path, schools):
    """3,000 yuan at the old school, 3,000 more within thirty days at the new one."""
    old, new = schools
    old.contract("2026-06-01", fee="3000.00", lessons="30", student="S1")
    old.contract("2026-06-20", fee="3000.00", lessons="30", student="S1", arrives="")
    judge(any_app, tmp_path, old, new)
    assert measured(any_app, "FEE-SPLIT") == {
        f"{new.uscc}/S1/{old.course_id}/2026-06-20": 600000
    }  # fmt: skip


def test_what_both_charged_before_the_merger_is_added_up_at_neither(any_app, tmp_path, schools):
    old, new = schools
    old.contract("2026-06-01", fee="3000.00", lessons="30", student="S1")
    new.contract("2026-06-09", fee="3000.00", lessons="30", student="S1", course_id=new.course_id)
    judge(any_app, tmp_path, old, new)
    assert measured(any_app, "FEE-SPLIT") == {}
