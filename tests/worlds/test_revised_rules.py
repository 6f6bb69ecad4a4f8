"""Deposits that leave after a change of mode, and sums due told exactly: cases of the review."""

from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.registers.importing import import_registers


def alerts_of(app, rule):
    return list_alerts(app, status=None, rule=rule, uscc=None)


def test_a_deposit_that_leaves_after_a_change_to_bank_custody_is_seen(any_app, tmp_path):
    """Custody changes on 2026-06-01; the next day 50,000.00 go to the representative."""
    school = School(1, opening="50000.00", account={"kind": "deposit"})
    school.facts["custody"] = "risk_deposit"
    school.entries = [("2026-06-02", "-50000.00", "赵校长", "往来")]
    build(any_app, [school], tmp_path / "world")
    path = tmp_path / "institutions.csv"
    path.write_text(
        "uscc,name,district,subject,nature,custody,legal_representative,valid_from\n"
        f"{school.uscc},测试1号,370702,academic,non_profit,bank_custody,赵校长,2026-06-01\n",
        encoding="utf-8",
    )
    assert import_registers(any_app, "institutions", path, actor="test").as_json()["bad"] == 0
    run_check(any_app, parse_day(AS_OF))
    (pledge,), (person,) = alerts_of(any_app, "DEP-PLEDGE"), alerts_of(any_app, "OUT-PERSON")
    assert (pledge["measured"], pledge["severity"], pledge["on"]) == (
        5_000_000,
        "red",
        "2026-06-02",
    )
    assert (person["measured"], person["severity"], person["authority"]) == (
        5_000_000, "orange", "preset",
    )  # fmt: skip


def test_the_sum_due_is_told_to_the_fen(any_app, tmp_path):
    """4,000.00 for 40 lessons and 8 gifts, 12 held: 3,000.00 are due; 2,800.00 came."""
    school = School(1)
    number = school.contract("2026-05-02", fee="4000.00", lessons="40", gift_lessons="8")
    school.lessons = [(number, "2026-05-20", 12)]
    request = {"refund_no": "TF1", "contract_no": number, "uscc": school.uscc}
    school.refunds = [request | {"requested_on": "2026-06-01", "amount": "", "cause": "consumer"}]
    school.entries.append(("2026-06-03", "-2800.00", "王女士", "退费 TF1"))
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = alerts_of(any_app, "REF-LATE")
    assert "3000.00 yuan due by 2026-06-16" in alert["calculation"]["en"]
    assert alerts_of(any_app, "REF-SHORT") == []  # what the gifts are worth, the contract says


def test_a_fen_of_rounding_is_no_late_refund(any_app, tmp_path):
    """A third of 1,000.00 is 333.33, 666.67 are due: 666.66 do, 666.65 do not."""
    school = School(1)
    for n, paid in enumerate(("666.66", "666.65"), 1):
        number = school.contract("2026-05-02", lessons="3")
        school.lessons.append((number, "2026-05-20", 1))
        request = {"refund_no": f"TF{n}", "contract_no": number, "uscc": school.uscc}
        school.refunds.append(
            request | {"requested_on": "2026-06-01", "amount": "", "cause": "institution"}
        )
        school.entries.append(("2026-06-03", f"-{paid}", "王女士", f"退费 TF{n}"))
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = alerts_of(any_app, "REF-LATE")
    assert alert["subject"]["id"] == "TF2"
    assert "666.67 yuan due" in alert["calculation"]["en"]
