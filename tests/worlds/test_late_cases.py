"""Refund terms, days off, stages and months on both sides of their limits, on both databases."""

import datetime as dt

import pytest
from worlds.builder import AS_OF, School, build
from worlds.test_boundaries import BREACH, CLEAN, NONE, UNKNOWN, contract, with_course, with_facts

from feewatch.kernel import clock
from feewatch.kernel.days import date_of, parse_day
from feewatch.services import casework, users
from feewatch.services.alerts import list_alerts
from feewatch.services.checking import list_findings, run_check
from feewatch.store import matters


def refund(asked, paid=(), starts="2026-05-02", due="750.00", held=10):
    """A contract of 1,000.00 with 10 of 40 lessons held, refunded in parts: (day, yuan)."""

    def change(school):
        number = school.contract(paid_on="2026-05-02", starts_on=starts)
        if held:
            school.lessons.append((number, "2026-05-20", held))
        refund_no = f"TF{school.number}"
        school.refunds.append({"refund_no": refund_no, "contract_no": number, "requested_on": asked,
                               "amount": due, "cause": "consumer", "uscc": school.uscc})  # fmt: skip
        school.entries += [(day, f"-{yuan}", "王女士", f"退费 {refund_no}") for day, yuan in paid]

    return change


def before_start(asked, paid):
    return refund(asked, [(paid, "1000.00")], starts="2026-07-20", due="1000.00", held=0)


def taught(*days, stage="primary", subject="academic"):
    def change(school):
        number = school.contract(paid_on="2026-05-02", lessons="60")
        school.lessons += [(number, day, 2) for day in days]

    return with_facts(with_course(change, stage=stage), subject=subject)


def preschool(subject="academic", **course):
    return with_facts(with_course(contract(), stage="preschool", **course), subject=subject)


DANCE = {"title": "舞蹈", "discipline": "舞蹈"}
CASES = [
    # 19 June 2026 is a public holiday: five working days after Friday the 12th end on the 22nd
    ("REF-LATE", "开课前第五个工作日", before_start("2026-06-12", "2026-06-22"), CLEAN),
    ("REF-LATE", "开课前第六个工作日", before_start("2026-06-12", "2026-06-23"), BREACH),
    ("REF-LATE", "开课后第 15 日", refund("2026-06-01", [("2026-06-16", "750.00")]), CLEAN),
    ("REF-LATE", "开课后第 16 日", refund("2026-06-01", [("2026-06-17", "750.00")]), BREACH),
    ("REF-LATE", "开课当日申请按 15 日", refund("2026-06-01", [("2026-06-16", "750.00")], "2026-06-01"), CLEAN),
    ("REF-LATE", "开课前一日申请按工作日", refund("2026-05-31", [("2026-06-08", "750.00")], "2026-06-01"), BREACH),
    ("REF-LATE", "未退满 15 日", refund("2026-07-16"), NONE),
    ("REF-LATE", "未退第 16 日", refund("2026-07-15"), BREACH),
    ("REF-LATE", "少一分", refund("2026-06-01", [("2026-06-05", "749.99")]), BREACH),
    ("REF-LATE", "分两次退足", refund("2026-06-01", [("2026-06-05", "700.00"), ("2026-06-16", "50.00")]), CLEAN),
    ("REF-LATE", "第二次已逾期", refund("2026-06-01", [("2026-06-05", "700.00"), ("2026-06-17", "50.00")]), BREACH),
    ("REF-LATE", "未填金额按消课", refund("2026-06-01", [("2026-06-05", "750.00")], due=""), CLEAN),
    ("REF-LATE", "未填金额而未退", refund("2026-06-01", due=""), BREACH),
    ("REF-LATE", "无款可退", refund("2026-06-01", due="0.00"), CLEAN),
    ("REF-LATE", "未填开课日而两种期限之间", refund("2026-06-12", [("2026-06-25", "750.00")], ""), UNKNOWN),
    ("REF-LATE", "流水未覆盖", refund("2026-04-20"), UNKNOWN),
    ("REF-LATE", "山东生效前一天", refund("2025-11-04"), NONE),
    ("REF-LATE", "山东生效当天", refund("2025-11-05"), UNKNOWN),
    ("REF-LATE", "江苏无期限规定", with_facts(refund("2026-06-01"), district="320104"), NONE),
    ("REF-LATE", "成都", with_facts(refund("2026-06-01"), district="510104"), BREACH),
    ("REF-LATE", "四川其他市", with_facts(refund("2026-06-01"), district="510302"), NONE),
    ("TIME-ACADEMIC", "周六", taught("2026-07-11"), BREACH),
    ("TIME-ACADEMIC", "调休上班的周六", taught("2026-05-09"), UNKNOWN),
    ("TIME-ACADEMIC", "周五且无校历", taught("2026-07-10"), UNKNOWN),
    ("TIME-ACADEMIC", "周五放假", taught("2026-06-19"), BREACH),
    ("TIME-ACADEMIC", "有一次在周日", taught("2026-07-10", "2026-07-12"), BREACH),
    ("TIME-ACADEMIC", "高中不适用", taught("2026-07-11", stage="senior"), NONE),
    ("TIME-ACADEMIC", "非学科不适用", taught("2026-07-11", subject="arts"), NONE),
    ("TIME-ACADEMIC", "生效前的周日", taught("2021-10-24"), NONE),
    ("TIME-ACADEMIC", "生效后的周日", taught("2021-10-31"), BREACH),
    ("STAGE-PRESCHOOL", "学科类机构", preschool(), BREACH),
    ("STAGE-PRESCHOOL", "学科类机构教舞蹈", preschool(**DANCE), BREACH),
    ("STAGE-PRESCHOOL", "艺术机构教数学", preschool("arts"), BREACH),
    ("STAGE-PRESCHOOL", "艺术机构教舞蹈", preschool("arts", **DANCE), CLEAN),
    ("STAGE-PRESCHOOL", "线上舞蹈", preschool("arts", mode="online", **DANCE), BREACH),
    ("STAGE-PRESCHOOL", "小学不适用", with_course(contract(), stage="primary"), NONE),
    ("STAGE-PRESCHOOL", "生效前一天开课", preschool(starts_on="2021-10-28"), NONE),
    ("STAGE-PRESCHOOL", "生效当天开课", preschool(starts_on="2021-10-29"), BREACH),
]  # fmt: skip


def test_every_case_comes_out_as_its_title_says(any_app, tmp_path):
    schools = []
    for number, (_, _, change, _) in enumerate(CASES, 1):
        school = School(number)
        change(school)
        schools.append(school)
    build(any_app, schools, tmp_path / "world")
    found: dict[tuple[str, str], set[str]] = {}
    for each in list_findings(any_app, parse_day(AS_OF)):
        found.setdefault((each.identity.rule, each.identity.uscc), set()).add(each.outcome)
    wrong = [
        (rule, title, expected, sorted(found.get((rule, school.uscc), set())))
        for school, (rule, title, _, expected) in zip(schools, CASES, strict=True)
        if found.get((rule, school.uscc), set()) != ({expected} if expected else set())
    ]
    assert wrong == []


def test_a_late_refund_names_its_days(any_app, tmp_path):
    school = School(1)
    before_start("2026-06-12", "2026-06-23")(school)
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day(AS_OF))
    (alert,) = list_alerts(any_app, status=None, rule="REF-LATE", uscc=None)
    assert (alert["subject"], alert["on"]) == ({"kind": "refund", "id": "TF1"}, "2026-06-12")
    assert (alert["measured"], alert["limit"], alert["unit"]) == (11, 10, "days")
    assert (alert["authority"], alert["severity"]) == ("local", "orange")
    assert {"record": "refund", "id": "TF1"} in alert["evidence"]
    assert "1000.00 yuan due by 2026-06-22" in alert["calculation"]["en"]


def months(receipts, refunded, *, first="2026-05-01", earlier=True):
    """Receipts of 6,000.00 and refunds of 300.00 in May to July, then an August of its own."""
    school = School(1, period=(first, "2026-08-31"), opening="50000.00")
    school.entries = [("2026-06-10", "6000.00", "王女士", "其他")] if earlier else []
    if earlier:
        school.entries.append(("2026-07-10", "-300.00", "王女士", "退费"))
    school.entries += [("2026-08-10", receipts, "王女士", "其他")]
    school.entries += [("2026-08-20", f"-{yuan}", "王女士", "退费") for yuan in refunded]
    return school


@pytest.mark.parametrize(
    ("school", "outcome"),
    [
        (months("999.99", ["200.01"]), BREACH),
        (months("1000.00", ["200.01"]), CLEAN),
        (months("999.99", ["200.00"]), CLEAN),
        (months("999.99", []), CLEAN),
        (months("999.99", ["200.01"], first="2026-05-02"), UNKNOWN),
        (months("999.99", [], first="2026-05-02"), CLEAN),
    ],
)
def test_receipts_below_half_with_refunds_over_twice_the_mean(any_app, tmp_path, school, outcome):
    build(any_app, [school], tmp_path / "world")
    as_of = parse_day("2026-08-31")
    found = [
        each.outcome
        for each in list_findings(any_app, as_of, rules=["FLOW-DROP"])
        if each.identity.subject_id.endswith("/2026-08")
    ]
    assert found == [outcome]


@pytest.mark.parametrize(
    ("refunded", "opening", "severity"),
    [
        (["5000.00"] * 4, "50000.00", "notice"),
        (["5000.00"] * 3 + ["2500.00", "2499.99"], "50000.00", "notice"),
        (["5000.00"] * 3 + ["2500.00", "2500.00"], "50000.00", "orange"),
        (["9000.00"], "2700.00", "red"),  # 600.00 are left for a fee of 1,000.00
        (["9000.00"], "3500.00", "notice"),
    ],
)
def test_how_grave_a_drop_is(any_app, tmp_path, refunded, opening, severity):
    school = months("999.99", refunded)
    school.opening = opening
    school.contract(paid_on="2026-05-02", arrives="")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, parse_day("2026-08-31"))
    (alert,) = list_alerts(any_app, status=None, rule="FLOW-DROP", uscc=None)
    assert (alert["severity"], alert["on"]) == (severity, "2026-08-31")
    # the inflow of August is no evidence of a surge of refunds, each refund is
    assert len([each for each in alert["evidence"] if "line" in each]) == len(refunded)


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
            casework.step(any_app, number, name, actor=actor, reason="督办", **rest)

    number = casework.open_case(any_app, [matter], actor="li", reason="立案")
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
    step("close", "2026-08-26", actor="wang")
    assert all(each["recovered_on"] for each in overdue("2026-08-27"))
