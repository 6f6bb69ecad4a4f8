"""The rest of the rule book on both sides of its limits, on both databases."""

import pytest
from worlds.builder import AS_OF, School, build
from worlds.test_boundaries import (
    BREACH,
    CLEAN,
    NONE,
    UNKNOWN,
    contract,
    paying,
    with_course,
    with_facts,
)

from feewatch.kernel.days import parse_day
from feewatch.services.checking import list_findings


def renewal(held=20, paid_on="2026-05-29", starts_on="2026-06-30"):
    """A renewal of a contract of 40 lessons of which some were held by then."""

    def change(school):
        first = school.contract(paid_on="2026-05-02")
        if held:
            school.lessons.append((first, "2026-05-29", held))
        school.contract(paid_on=paid_on, starts_on=starts_on, renews=first)

    return change


def posted(yuan, **course):
    return with_course(contract(), stage="primary", class_size="9", price_per_lesson=yuan, **course)


def attended(count, lessons="40"):
    def change(school):
        number = school.contract(lessons=lessons)
        school.lessons.append((number, "2026-07-10", count))

    return change


def licence(until, applied=""):
    return with_facts(contract(), licence_until=until, renewal_applied_on=applied)


def released_to(number, settlement="9999000011112222"):
    def change(school):
        school.settlement_no = settlement and f"{settlement}{school.number}"
        to = school.settlement_no if number == "own" else number
        school.entries.append(("2026-07-01", "-100.00", "测试", "划拨", to))

    return change


def deposit_out(yuan="-500.00", memo="转出", back="", approval=None):
    def change(school):
        school.facts["custody"] = "risk_deposit"
        school.account["kind"] = "deposit"
        school.entries.append(("2026-07-01", yuan, "某公司", memo))
        if back:
            school.entries.append((back, "500.00", "某公司", "转回"))
        if approval:
            kind, amount = approval
            school.approvals.append({"kind": kind, "document": f"文{school.number}", "amount": amount,
                                     "from": "2026-06-01", "until": "2026-07-01"})  # fmt: skip

    return change


def mirrored(yuan="10000.00", back="2026-07-04", party="某公司", other="某公司"):
    def change(school):
        school.entries += [("2026-07-01", f"-{yuan}", party, "往来"), (back, yuan, other, "往来")]

    return change


def refunded(yuan, cause="consumer"):
    """A refund of a contract of 1,000.00 with 10 of 40 lessons held: 750.00 are due."""

    def change(school):
        number = school.contract(paid_on="2026-05-02")
        school.lessons.append((number, "2026-05-20", 10))
        refund_no = f"TF{school.number}"
        school.refunds.append({"refund_no": refund_no, "contract_no": number, "requested_on": "2026-06-01",
                               "amount": yuan, "cause": cause, "uscc": school.uscc})  # fmt: skip
        school.entries.append(("2026-06-03", f"-{yuan}", "王女士", f"退费 {refund_no}"))

    return change


def confirmed(silent, spoken):
    def change(school):
        number = school.contract(paid_on="2026-05-02", lessons="60")
        school.lessons += [(number, "2026-06-10", silent), (number, "2026-06-11", spoken)]
        school.confirmations |= {"2026-06-10": "silence", "2026-06-11": "parent"}

    return change


def burst(count, release="2026-07-13"):
    """Lessons held on a day against 60 in the 30 days before: five times the mean is 10."""

    def change(school):
        numbers = [school.contract(paid_on="2026-05-02", lessons="60") for _ in range(2)]
        school.lessons += [(numbers[0], "2026-06-20", 60), (numbers[1], "2026-07-10", count)]
        if release:
            school.entries.append((release, "-10.00", "测试", "划拨"))

    return change


def week(yuan, before="1000.00", first="2026-05-01"):
    def change(school):
        school.facts["custody"] = "risk_deposit"
        school.period = (first, AS_OF)
        school.entries += [
            ("2026-05-06", before, "王女士", "其他"),
            ("2026-07-28", yuan, "王女士", "其他"),
        ]

    return change


CASES = [
    ("FEE-EARLY-RENEW", "剩 20 课时", renewal(held=20), CLEAN),
    ("FEE-EARLY-RENEW", "剩 21 课时且早于一个月", renewal(held=19), BREACH),
    ("FEE-EARLY-RENEW", "剩 21 课时但一个月内", renewal(held=19, paid_on="2026-05-30"), CLEAN),
    ("FEE-EARLY-RENEW", "海南只看一个月", with_facts(renewal(held=20), district="460105"), BREACH),
    ("FEE-EARLY-RENEW", "原合同未登记", contract(paid_on="2026-05-29", starts_on="2026-06-30", renews="HTX"), UNKNOWN),
    ("PRICE-POSTED", "恰为上限", posted("35.20"), CLEAN),
    ("PRICE-POSTED", "超一分", posted("35.21"), BREACH),
    ("PRICE-POSTED", "未开课不判定", posted("99.00", starts_on="2026-08-01"), NONE),
    ("PRICE-PUBLISH", "多一分以内", with_course(contract(fee="4000.40", lessons="40"), price_per_lesson="100.00"), CLEAN),
    ("PRICE-PUBLISH", "多一分以上", with_course(contract(fee="4000.41", lessons="40"), price_per_lesson="100.00"), BREACH),
    ("PRICE-PUBLISH", "课程未登记", contract(course_id="NONE"), UNKNOWN),
    ("PRICE-EXTRA", "无代收费", contract(), CLEAN),
    ("PRICE-EXTRA", "代收一分", contract(other_fee="0.01"), BREACH),
    ("PRICE-EXTRA", "非学科不适用", with_facts(contract(other_fee="9.00"), subject="arts"), NONE),
    ("CON-OVER", "恰好消完", attended(40), CLEAN),
    ("CON-OVER", "多消一课时", attended(41), BREACH),
    ("CON-OVER", "未填课时", attended(1, lessons=""), UNKNOWN),
    ("ACC-LICENCE", "到期当日", licence("2026-07-01"), CLEAN),
    ("ACC-LICENCE", "到期次日", licence("2026-06-30"), BREACH),
    ("ACC-LICENCE", "提前 30 日申请", licence("2026-06-30", "2026-05-31"), CLEAN),
    ("ACC-LICENCE", "提前 29 日申请", licence("2026-06-30", "2026-06-01"), BREACH),
    ("ACC-LICENCE", "未登记有效期", licence(""), UNKNOWN),
    ("OUT-PAYEE", "划往结算账户", released_to("own"), CLEAN),
    ("OUT-PAYEE", "划往他户", released_to("1234"), BREACH),
    ("OUT-PAYEE", "收款账号未知", released_to(""), UNKNOWN),
    ("OUT-PAYEE", "未登记结算账户", released_to("1234", settlement=""), NONE),
    ("OUT-PURPOSE", "购买理财", paying(("2026-07-01", "-9.00", "", "购买理财")), BREACH),
    ("OUT-PURPOSE", "证券公司", paying(("2026-07-01", "-9.00", "某证券公司", "")), BREACH),
    ("OUT-PURPOSE", "房租", paying(("2026-07-01", "-9.00", "房东", "房租")), CLEAN),
    ("OUT-PURPOSE", "都未知", paying(("2026-07-01", "-9.00", "", "")), UNKNOWN),
    ("OUT-DIVIDEND", "分红", paying(("2026-07-01", "-9.00", "某人", "2025 年分红")), BREACH),
    ("OUT-DIVIDEND", "工资", paying(("2026-07-01", "-9.00", "某人", "工资")), CLEAN),
    ("OUT-DIVIDEND", "营利性不适用", with_facts(paying(("2026-07-01", "-9.00", "某人", "分红")), nature="for_profit"), NONE),
    ("SUBJ-DISGUISED", "非学科机构教数学", with_facts(contract(), subject="arts"), BREACH),
    ("SUBJ-DISGUISED", "思维课", with_facts(with_course(contract(), discipline="美术", title="创意思维"), subject="arts"), BREACH),
    ("SUBJ-DISGUISED", "舞蹈", with_facts(with_course(contract(), discipline="舞蹈", title="舞蹈"), subject="arts"), CLEAN),
    ("DEP-PLEDGE", "无批准", deposit_out(), BREACH),
    ("DEP-PLEDGE", "次日转回", deposit_out(back="2026-07-02"), CLEAN),
    ("DEP-PLEDGE", "第三日才转回", deposit_out(back="2026-07-03"), BREACH),
    ("DEP-PLEDGE", "批准之内", deposit_out(approval=("deposit_use", "500.00")), CLEAN),
    ("DEP-PLEDGE", "超出批准金额", deposit_out(approval=("deposit_use", "499.99")), BREACH),
    ("DEP-PLEDGE", "手续费不计", deposit_out(memo="手续费"), NONE),
    ("ACC-SELF", "三日内同额", mirrored(), BREACH),
    ("ACC-SELF", "第四日", mirrored(back="2026-07-05"), NONE),
    ("ACC-SELF", "一分之差不到一万", mirrored(yuan="9999.99"), NONE),
    ("ACC-SELF", "不同对方", mirrored(other="另一公司"), CLEAN),
    ("ACC-SELF", "对方未知", mirrored(other=""), UNKNOWN),
    ("REF-SHORT", "足额", refunded("750.00"), CLEAN),
    ("REF-SHORT", "少一分", refunded("749.99"), CLEAN),
    ("REF-SHORT", "少两分", refunded("749.98"), BREACH),
    ("CON-SILENT", "恰一半", confirmed(10, 10), CLEAN),
    ("CON-SILENT", "过半", confirmed(11, 10), BREACH),
    ("CON-SILENT", "不足 20 课时", confirmed(19, 0), CLEAN),
    ("CON-BURST", "50 课时", burst(50), BREACH),
    ("CON-BURST", "49 课时", burst(49), CLEAN),
    ("CON-BURST", "第三日后才划出", burst(50, release="2026-07-14"), CLEAN),
    ("DATA-DARK", "有近期流水", contract(), CLEAN),
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
    wrong = []
    for school, (rule, title, _, expected) in zip(schools, CASES, strict=True):
        seen = found.get((rule, school.uscc), set())
        seen = seen - {CLEAN} if expected in (BREACH, UNKNOWN) else seen
        if seen != ({expected} if expected else set()):
            wrong.append((rule, title, expected, sorted(seen)))
    assert wrong == []


@pytest.mark.parametrize(("as_of", "outcome"), [("2026-08-30", CLEAN), ("2026-08-31", BREACH)])
def test_an_institution_goes_dark_after_thirty_days(any_app, tmp_path, as_of, outcome):
    school = School(1)
    school.contract()
    build(any_app, [school], tmp_path / "world")
    (finding,) = list_findings(any_app, parse_day(as_of), rules=["DATA-DARK"])
    assert finding.outcome == outcome


def test_a_week_of_three_times_the_mean_is_a_spike_beyond_a_sum(any_app, tmp_path):
    """The twelve weeks before hold 200,000.00: three times their mean is 50,000.00."""
    schools = [School(1), School(2), School(3)]
    week("50000.00", before="200000.00")(schools[0])
    week("50000.01", before="200000.00")(schools[1])
    week("50000.01", before="200000.00", first="2026-05-05")(schools[2])
    build(any_app, schools, tmp_path / "world")
    as_of = parse_day("2026-08-02")
    weeks = [
        each.outcome
        for each in list_findings(any_app, as_of, rules=["FLOW-SPIKE"])
        if each.identity.on == as_of
    ]
    assert weeks == [CLEAN, BREACH, UNKNOWN]
