"""Each rule on both sides of its limit and of its day of change, on both databases.

Every case is an institution of one world; the title names the case in the outcome table.
"""

import pytest
from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.alerts import list_alerts
from feewatch.services.checking import list_findings, run_check

BREACH, CLEAN, UNKNOWN, NONE = "breach", "compliant", "undetermined", None


def contract(**given):
    return lambda school: school.contract(**given)


def with_facts(make, **facts):
    def change(school):
        school.facts |= facts
        make(school)

    return change


def with_course(make, **course):
    def change(school):
        school.course |= course
        make(school)

    return change


def paying(*entries, **account):
    def change(school):
        school.entries += entries
        school.account |= account

    return change


def release(yuan, consumed=16, day="2026-07-20"):
    """A release against 32 lessons of 3,200 yuan, of which some were held."""

    def change(school):
        number = school.contract(paid_on="2026-05-02", fee="3200.00", lessons="32")
        school.lessons += [(number, "2026-07-10", consumed)]
        school.entries.append((day, f"-{yuan}", "测试", "划拨已消课资金"))

    return change


def balance(opening):
    """One contract of 1,000.00 with nothing held: the liability is 1,000.00."""

    def change(school):
        school.contract()
        school.opening = opening
        school.entries = [
            ("2026-07-01", "1000.00", "王女士", f"学费 {school.contracts[0]['contract_no']}")
        ]

    return change


def outflow(yuan, opening="200000.00"):
    def change(school):
        school.opening = opening
        school.facts["custody"] = "risk_deposit"
        school.entries.append(("2026-07-20", f"-{yuan}", "某公司", "货款"))

    return change


def price(fee, lessons="1", minutes="45", size="9", paid_on="2026-07-01"):
    course = {"stage": "primary", "class_size": size, "lesson_minutes": minutes}
    return with_course(contract(fee=fee, lessons=lessons, paid_on=paid_on), **course)


CASES = [
    ("FEE-HOURS-60", "60 课时", contract(lessons="58", gift_lessons="2"), CLEAN),
    ("FEE-HOURS-60", "61 课时", contract(lessons="58", gift_lessons="3"), BREACH),
    ("FEE-HOURS-60", "未填课时", contract(lessons=""), UNKNOWN),
    ("FEE-HOURS-60", "按周期收费不看课时", contract(basis="period", lessons="99", ends_on="2026-07-30"), NONE),
    ("FEE-HOURS-60", "生效前一天", contract(lessons="61", paid_on="2021-10-28"), NONE),
    ("FEE-HOURS-60", "生效当天", contract(lessons="61", paid_on="2021-10-29"), BREACH),
    ("FEE-SPAN-3M", "差一天满 3 个月", contract(basis="period", starts_on="2026-01-31", ends_on="2026-04-29"), CLEAN),
    ("FEE-SPAN-3M", "月末满 3 个月", contract(basis="period", starts_on="2026-01-31", ends_on="2026-04-30"), BREACH),
    ("FEE-SPAN-3M", "11 月 29 日至 2 月 28 日", contract(basis="both", starts_on="2025-11-29", ends_on="2026-02-28"), BREACH),
    ("FEE-SPAN-3M", "闰年 2 月 28 日", contract(basis="period", starts_on="2023-11-29", ends_on="2024-02-28"), CLEAN),
    ("FEE-SPAN-3M", "闰年 2 月 29 日", contract(basis="period", starts_on="2023-11-29", ends_on="2024-02-29"), BREACH),
    ("FEE-SPAN-3M", "按课时不看跨度", contract(ends_on="2027-07-01"), NONE),
    ("FEE-CAP-5000", "非学科 5000.00", with_facts(contract(fee="5000.00"), subject="arts"), CLEAN),
    ("FEE-CAP-5000", "非学科 5000.01", with_facts(contract(fee="5000.01"), subject="arts"), BREACH),
    ("FEE-CAP-5000", "非学科生效前一天", with_facts(contract(fee="5000.01", paid_on="2022-12-28"), subject="arts"), NONE),
    ("FEE-CAP-5000", "非学科生效当天", with_facts(contract(fee="5000.01", paid_on="2022-12-29"), subject="arts"), BREACH),
    ("FEE-CAP-5000", "山东学科 2025-11-04", contract(fee="5000.01", paid_on="2025-11-04"), NONE),
    ("FEE-CAP-5000", "山东学科 2025-11-05", contract(fee="5000.01", paid_on="2025-11-05"), BREACH),
    ("FEE-CAP-5000", "外省学科", with_facts(contract(fee="9000.00"), district="320104"), NONE),
    ("FEE-EARLY-NEW", "恰早一个月", contract(paid_on="2026-05-31", starts_on="2026-06-30"), CLEAN),
    ("FEE-EARLY-NEW", "早一个月零一天", contract(paid_on="2026-05-29", starts_on="2026-06-30"), BREACH),
    ("FEE-EARLY-NEW", "3 月 31 日开课", contract(paid_on="2026-02-28", starts_on="2026-03-31"), CLEAN),
    ("FEE-EARLY-NEW", "3 月 31 日开课早一天", contract(paid_on="2026-02-27", starts_on="2026-03-31"), BREACH),
    ("FEE-EARLY-NEW", "续费不适用", contract(paid_on="2026-05-29", starts_on="2026-06-30", renews="HT1"), NONE),
    ("FEE-EARLY-NEW", "未填开课日", contract(starts_on=""), UNKNOWN),
    ("FEE-NO-LOAN", "贷款公司付款", paying(("2026-07-01", "500.00", "某小额贷款公司", "学费")), BREACH),
    ("FEE-NO-LOAN", "摘要写分期", paying(("2026-07-01", "500.00", "王女士", "分期")), BREACH),
    ("FEE-NO-LOAN", "信用卡分期除外", paying(("2026-07-01", "500.00", "王女士", "信用卡分期")), CLEAN),
    ("FEE-NO-LOAN", "付款方未知", paying(("2026-07-01", "500.00", "", "学费")), UNKNOWN),
    ("FEE-NO-LOAN", "付款方未知而摘要已足", paying(("2026-07-01", "500.00", "", "消费金融放款")), BREACH),
    ("PRICE-GUIDE", "恰为上限", price("35.20"), CLEAN),
    ("PRICE-GUIDE", "超一分", price("35.21"), BREACH),
    ("PRICE-GUIDE", "班额 10 人按中班", price("28.60", size="10"), CLEAN),
    ("PRICE-GUIDE", "班额 10 人超一分", price("28.61", size="10"), BREACH),
    ("PRICE-GUIDE", "40 分钟按比例", price("3128.88", lessons="100", minutes="40"), CLEAN),
    ("PRICE-GUIDE", "40 分钟按比例超一分", price("3128.89", lessons="100", minutes="40"), BREACH),
    ("PRICE-GUIDE", "价格生效前一天", price("99.00", paid_on="2022-01-06"), UNKNOWN),
    ("PRICE-GUIDE", "高中不适用", contract(fee="900.00", lessons="1"), NONE),
    ("PRICE-GUIDE", "待确认的价不判定", with_facts(price("99.00"), district="370602"), UNKNOWN),
    ("PRICE-GUIDE", "威海无价", with_facts(price("99.00"), district="371002"), UNKNOWN),
    ("ACC-NONE", "有账户", contract(), CLEAN),
    ("ACC-NONE", "缺保证金账户", with_facts(contract(), custody="risk_deposit"), BREACH),
    ("ACC-NONE", "91 天前的缴费不计", with_facts(contract(paid_on="2026-05-01"), custody="risk_deposit"), CLEAN),
    ("ACC-NONE", "90 天前的缴费仍计", with_facts(contract(paid_on="2026-05-02"), custody="risk_deposit"), BREACH),
    ("ACC-OFF", "到账", contract(), CLEAN),
    ("ACC-OFF", "未到账", contract(arrives=""), BREACH),
    ("ACC-OFF", "晚到但已到", contract(arrives="2026-07-20"), CLEAN),
    ("ACC-OFF", "缴费第三日", contract(paid_on="2026-07-28", arrives=""), BREACH),
    ("ACC-OFF", "不足三日不判定", contract(paid_on="2026-07-29", arrives=""), NONE),
    ("ACC-OFF", "流水未覆盖", contract(paid_on="2026-04-30", arrives=""), UNKNOWN),
    ("ACC-OFF", "先学后付", contract(payment="pay_after", paid_on="2026-07-01", arrives=""), NONE),
    ("ACC-UNMATCHED", "七日前对不上", paying(("2026-07-24", "77.00", "王女士", "学费")), BREACH),
    ("ACC-UNMATCHED", "不足七日", paying(("2026-07-25", "77.00", "王女士", "学费")), NONE),
    ("REL-SYNC", "恰多百分之一", release("1616.00"), CLEAN),
    ("REL-SYNC", "多百分之一零一分", release("1616.01"), BREACH),
    ("BAL-COVER", "余额恰等于负债", balance("0.00"), CLEAN),
    ("BAL-COVER", "余额少一分", balance("-0.01"), BREACH),
    ("BAL-MIN", "恰为最低余额", paying(("2026-07-01", "-100.00", "测试", "手续费"), minimum_balance="199900.00"), CLEAN),
    ("BAL-MIN", "低一分", paying(("2026-07-01", "-100.01", "测试", "手续费"), minimum_balance="199900.00"), BREACH),
    ("OUT-LARGE", "恰 40%", outflow("80000.00"), CLEAN),
    ("OUT-LARGE", "40% 零一分", outflow("80000.01"), BREACH),
    ("OUT-LARGE", "不超过 5 万元", outflow("50000.00", "60000.00"), CLEAN),
    ("OUT-LARGE", "5 万元零一分", outflow("50000.01", "60000.00"), BREACH),
    ("OUT-PERSON", "恰 1 万元", paying(("2026-07-01", "-10000.00", "赵校长", "借支")), CLEAN),
    ("OUT-PERSON", "1 万元零一分", paying(("2026-07-01", "-10000.01", "孙家商贸", "借支")), BREACH),
    ("OUT-PERSON", "他人", paying(("2026-07-01", "-10000.01", "孙家", "货款")), CLEAN),
    ("OUT-PERSON", "收款方被遮盖", paying(("2026-07-01", "-10000.01", "孙*商贸", "货款")), UNKNOWN),
]  # fmt: skip


def deposit(opening):
    """A deposit account against one fee of 1,000.00 paid after 2026-04-30."""

    def change(school):
        school.facts["custody"] = "risk_deposit"
        school.account["kind"] = "deposit"
        school.opening = opening
        school.contract(paid_on="2026-05-01", arrives="")

    return change


def stale(last):
    def change(school):
        school.period = ("2026-05-01", last)

    return change


CASES += [
    ("DEP-MIN", "恰为三个月预收费", deposit("1000.00"), CLEAN),
    ("DEP-MIN", "差一分", deposit("999.99"), BREACH),
    ("DATA-STALE", "第七日", stale("2026-07-24"), CLEAN),
    ("DATA-STALE", "第八日", stale("2026-07-23"), BREACH),
]


@pytest.fixture
def outcomes(any_app, tmp_path):
    """rule and title -> outcomes of the rule at the case's institution."""
    schools = []
    for number, (_, _, change, _) in enumerate(CASES, 1):
        school = School(number)
        change(school)
        schools.append(school)
    build(any_app, schools, tmp_path / "world")
    run_check(any_app, parse_day(AS_OF), full=True)
    found: dict[tuple[str, str], set[str]] = {}
    for each in list_findings(any_app, parse_day(AS_OF)):
        found.setdefault((each.identity.rule, each.identity.uscc), set()).add(each.outcome)
    return any_app, schools, found


def test_every_case_comes_out_as_its_title_says(outcomes):
    _, schools, found = outcomes
    wrong = []
    for school, (rule, title, _, expected) in zip(schools, CASES, strict=True):
        seen = found.get((rule, school.uscc), set())
        seen = seen - {CLEAN} if expected in (BREACH, UNKNOWN) else seen
        if seen != ({expected} if expected else set()):
            wrong.append((rule, title, expected, sorted(seen)))
    assert wrong == []


def test_the_line_of_arithmetic_names_price_place_class_and_day(outcomes):
    app, schools, _ = outcomes
    titles = [title for _, title, _, _ in CASES]
    school = schools[titles.index("超一分")]
    (alert,) = list_alerts(app, status=None, rule="PRICE-GUIDE", uscc=school.uscc)
    assert alert["calculation"]["en"] == (
        "35.21 yuan ÷ 1 lessons × 45/45 min = 35.21 > 32.00 × 1.10 = 35.20, over by 0.01 "
        "(潍坊市, 文号未录/no number on file, class of 9, paid 2026-07-01)"
    )
    assert (alert["measured"], alert["limit"]) == ("3521.0000", "3520.0000")
    assert (alert["authority"], alert["severity"]) == ("local", "orange")
    assert [each["certainty"] for each in alert["basis"]] == ["V2", "V2"]
