"""What late refunds, falling months and overdue cases say and do; scenarios hold their limits."""

import datetime as dt

from worlds.builder import AS_OF, School, build

from feewatch.kernel import clock
from feewatch.kernel.days import date_of, parse_day
from feewatch.services.cases import steps
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.cases.closing import StepGiven
from feewatch.services.check.checking import run_check
from feewatch.services.people import users
from feewatch.store.cases import matters


def late_refund():
    """A contract of 1,000.00 that has not begun, refunded on the sixth working day."""
    school = School(1)
    number = school.contract(paid_on="2026-05-02", starts_on="2026-07-20")
    request = {"refund_no": "TF1", "contract_no": number, "uscc": school.uscc}
    school.refunds.append(
        request | {"requested_on": "2026-06-12", "amount": "1000.00", "cause": "consumer"}
    )
    school.entries.append(("2026-06-23", "-1000.00", "王女士", "退费 TF1"))
    return school


def test_a_late_refund_names_its_days(any_app, tmp_path):
    build(any_app, [late_refund()], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = list_alerts(any_app, status=None, rule="REF-LATE", uscc=None)
    assert (alert["subject"], alert["on"]) == ({"kind": "refund", "id": "TF1"}, "2026-06-12")
    assert (alert["measured"], alert["limit"], alert["unit"]) == (11, 10, "days")
    assert (alert["authority"], alert["severity"]) == ("local", "orange")
    assert {"record": "refund", "id": "TF1"} in alert["evidence"]
    assert "1000.00 yuan due by 2026-06-22" in alert["calculation"]["en"]


def test_each_refund_of_a_month_that_drops_is_evidence_and_no_receipt(any_app, tmp_path):
    """After 6,000.00 in and 300.00 out in three months: 999.99 in and two refunds in August."""
    school = School(1, period=("2026-05-01", "2026-08-31"))
    school.entries = [
        ("2026-06-10", "6000.00", "王女士", "其他"),
        ("2026-07-10", "-300.00", "王女士", "退费"),
        ("2026-08-10", "999.99", "王女士", "其他"),
        ("2026-08-20", "-5000.00", "王女士", "退费"),
        ("2026-08-21", "-5000.00", "王女士", "退费"),
    ]
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day("2026-08-31"))
    (alert,) = list_alerts(any_app, status=None, rule="FLOW-DROP", uscc=None)
    assert alert["on"] == "2026-08-31"
    assert len([each for each in alert["evidence"] if "line" in each]) == 2


def test_a_case_is_overdue_on_the_first_working_day_after_its_deadline(any_app, tmp_path):
    """Friday 2026-08-14: the weekend asks nothing, Monday is one working day past it."""
    school = School(1)
    school.contract(arrives="")
    build(any_app, [school], tmp_path / "world")
    for name in ("li", "wang"):
        secret = f"correct horse of {name}"
        users.add_user(any_app, name, "officer", password=secret, district="370702", actor="t")
    run_check(any_app, parse_day(AS_OF))
    with any_app.database.reading() as tx:
        (matter,) = [m["id"] for m in matters.list_matters(tx) if m["rule"] == "ACC-OFF"]

    def step(name, day, actor="li", **rest):
        moment = dt.datetime.combine(date_of(parse_day(day)), dt.time(9), clock.SHANGHAI)
        with clock.fixed(moment):
            steps.step(any_app, number, name, actor=actor, reason="督办", **rest)

    number = steps.open_case(any_app, [matter], actor="li", reason="立案")
    step("triage", "2026-08-03")
    step("notify", "2026-08-03", deadline=parse_day("2026-08-14"))

    def overdue(day):
        run_check(any_app, parse_day(day))
        return list_alerts(any_app, status=None, rule="CASE-OVERDUE", uscc=None)

    assert overdue("2026-08-13") == overdue("2026-08-16") == []
    (alert,) = overdue("2026-08-17")
    assert (alert["subject"], alert["on"]) == ({"kind": "case", "id": number}, "2026-08-14")
    assert (alert["measured"], alert["severity"], alert["authority"]) == (1, "red", "preset")
    assert alert["evidence"] == [{"record": "case", "id": number}]
    step("submit", "2026-08-18")
    step("return", "2026-08-18", deadline=parse_day("2026-08-24"))
    (alert,) = overdue("2026-08-19")
    assert (alert["recovered_on"], alert["status"]) == ("2026-08-19", "open")
    first, second = overdue("2026-08-25")
    assert {each["on"] for each in (first, second)} == {"2026-08-14", "2026-08-24"}
    step("submit", "2026-08-26")
    step("close", "2026-08-26", actor="wang", given=StepGiven(against_data="书面核实"))
    assert all(each["recovered_on"] for each in overdue("2026-08-27"))
