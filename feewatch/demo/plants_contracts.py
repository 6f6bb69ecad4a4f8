"""Breaches planted in contracts and receipts, each beside a look-alike exactly at the limit.

A plant runs after the honest contracts are signed and before their money comes in.
"""

from collections.abc import Iterable
from random import Random

from feewatch.demo.enrolment import add_course, make_fee_unique, sign
from feewatch.demo.model import AS_OF, FIRST_DAY, Contract, Course, Payment, School, day
from feewatch.demo.money import book, named
from feewatch.demo.plants_prices import expect_reference
from feewatch.kernel.days import Day, add_months


def _unpaid(_: Contract) -> list[Payment]:
    return []


def _some_day(rng: Random) -> Day:
    return rng.randint(FIRST_DAY + 5, AS_OF - 30)


def _plain_course(school: School) -> Course:
    """A course cheap enough that a long contract stays under every price and sum."""
    if school.subject == "academic":
        return add_course(school, "数学", "primary", 8, 45, 30_00)
    return add_course(school, school.courses[0].discipline, "primary", 8, 60, 60_00)


def too_many_lessons(rng: Random, school: School) -> None:
    """FEE-HOURS-60 on 61 lessons, on gifts and on both bases; 60 and period contracts pass."""
    course = _plain_course(school)
    for lessons, gift, basis in ((61, 0, "hours"), (56, 5, "hours"), (64, 0, "both")):
        contract = sign(rng, school, course, paid_on=_some_day(rng), lessons=lessons, gift=gift,
                        basis=basis)  # fmt: skip
        school.expect("FEE-HOURS-60", "contract", contract.contract_no, contract.paid_on)
    for lessons, gift, basis in ((60, 0, "hours"), (50, 10, "both"), (80, 0, "period")):
        sign(rng, school, course, paid_on=_some_day(rng), lessons=lessons, gift=gift, basis=basis)


def too_long(rng: Random, school: School) -> None:
    """FEE-SPAN-3M from three months on; a day less and contracts by the hour pass."""
    course = _plain_course(school)
    for start, basis, months, days in (
        ("2026-05-06", "period", 3, 0),
        ("2026-05-31", "period", 3, 0),
        ("2026-06-01", "both", 4, 14),
        ("2026-05-06", "period", 3, -1),
        ("2026-05-31", "both", 3, -1),
        ("2026-05-12", "hours", 6, 0),
    ):
        starts_on = day(start)
        ends_on = add_months(starts_on, months) + days
        contract = sign(rng, school, course, paid_on=starts_on - rng.randint(1, 20), lessons=40,
                        basis=basis, starts_on=starts_on, ends_on=ends_on)  # fmt: skip
        if basis != "hours" and days >= 0:
            school.expect("FEE-SPAN-3M", "contract", contract.contract_no, contract.paid_on)


def too_dear(rng: Random, school: School) -> None:
    """FEE-CAP-5000 from 5000.01 yuan on; 5000.00 passes, as do academic fees of before the rule."""
    if school.subject == "academic":
        course = add_course(school, "数学", "senior", 8, 45, 140_00)
        old = sign(rng, school, course, paid_on=day("2025-11-04"), starts_on=day("2025-11-06"),
                   lessons=40, fee_fen=5_600_00, payments=_unpaid)  # fmt: skip
        old.ends_on = day("2026-03-31")
        expect_reference(school, old)
    else:
        course = add_course(school, school.courses[0].discipline, "junior", 4, 90, 140_00)
    for fee_fen in (5_000_01, 5_300_00, 5_000_00):
        contract = sign(rng, school, course, paid_on=_some_day(rng), lessons=40, fee_fen=fee_fen)
        expect_reference(school, contract)
        if fee_fen > 5_000_00:
            school.expect("FEE-CAP-5000", "contract", contract.contract_no, contract.paid_on)


def too_early(rng: Random, school: School) -> None:
    """FEE-EARLY-NEW over a month ahead; a month to the day and renewals near the end pass."""
    course = _plain_course(school)
    for start, months, days in (("2026-06-16", 1, 1), ("2026-07-31", 1, 1), ("2026-08-20", 2, 0),
                                ("2026-06-16", 1, 0), ("2026-07-31", 1, 0)):  # fmt: skip
        starts_on = day(start)
        contract = sign(rng, school, course, paid_on=add_months(starts_on, -months) - days,
                        lessons=40, starts_on=starts_on)  # fmt: skip
        if (months, days) > (1, 0):
            school.expect("FEE-EARLY-NEW", "contract", contract.contract_no, contract.paid_on)
    first = sign(rng, school, course, paid_on=day("2026-05-20"), lessons=20)
    renewal = sign(rng, school, course, paid_on=day("2026-06-10"), lessons=20,
                   starts_on=day("2026-08-15"))  # fmt: skip
    renewal.renews, renewal.student = first.contract_no, first.student


def over_price(rng: Random, school: School) -> None:
    """PRICE-GUIDE a fen over price and float of each class size; exactly at it passes."""
    for size, guided, minutes, lessons, gift in (
        (9, 32, 45, 20, 0), (10, 26, 40, 30, 6), (35, 26, 60, 30, 0), (36, 18, 90, 24, 0),
    ):  # fmt: skip
        course = add_course(school, "语文", "junior", size, minutes, guided * 110 * minutes // 45)
        most_fen = guided * 110 * (lessons + gift) * minutes // 45
        for fee_fen in (most_fen + 1, most_fen):
            contract = sign(rng, school, course, paid_on=_some_day(rng), lessons=lessons, gift=gift,
                            fee_fen=fee_fen)  # fmt: skip
            if fee_fen > most_fen:
                school.expect("PRICE-GUIDE", "contract", contract.contract_no, contract.paid_on)
    senior = add_course(school, "物理", "senior", 8, 45, 110_00)
    contract = sign(rng, school, senior, paid_on=_some_day(rng), lessons=30)
    expect_reference(school, contract)


def on_loan(rng: Random, school: School) -> None:
    """FEE-NO-LOAN on lenders and their words; credit cards and paying after lessons pass."""
    account = school.fee_account
    assert account is not None
    account.style = "camt" if account.style == "camt" else "csv"  # MT940 names no payer
    for payer, memo, lent in (
        ("虚构海鸥小额贷款有限公司", "学费 {no}", True),
        ("虚构先行消费金融有限公司", "{no}", True),
        ("", "分期付款 {no}", True),
        ("", "先学后付 {no}", False),
        ("示例银行信用卡中心", "学费 {no}", False),
    ):
        contract = sign(rng, school, _plain_course(school), paid_on=_some_day(rng), lessons=40,
                        payments=_unpaid)  # fmt: skip
        entry = book(rng, account, contract.paid_on + 1, contract.fee_fen,
                     memo.format(no=contract.contract_no), payer or contract.parent)  # fmt: skip
        if lent:
            school.expect_entry("FEE-NO-LOAN", account, entry)


def money_missing(rng: Random, school: School) -> None:
    """ACC-OFF where nothing came, a fen is short, or three days are just over; later ones pass."""
    course = _plain_course(school)
    days = (_some_day(rng), _some_day(rng), AS_OF - 3)
    for paid_on, short_fen in zip(days, (None, 1, None), strict=True):
        contract = sign(rng, school, course, paid_on=paid_on, lessons=30, payments=_unpaid)
        if short_fen is not None:
            memo = f"学费 {contract.contract_no}"
            contract.payments = [Payment(1, contract.fee_fen - short_fen, memo)]
        school.expect("ACC-OFF", "contract", contract.contract_no, paid_on)
    sign(rng, school, course, paid_on=AS_OF - 2, lessons=30, payments=_unpaid)
    late = sign(rng, school, course, paid_on=_some_day(rng), lessons=30)
    late.payments = [Payment(3, late.fee_fen, named(rng, late))]
    early = sign(rng, school, course, paid_on=_some_day(rng), lessons=36)
    make_fee_unique(rng, school, early, days_late=-3)


def money_unexplained(rng: Random, school: School) -> None:
    """ACC-UNMATCHED on strangers' money and overpayment; money of less than a week ago passes."""
    account = school.fee_account
    assert account is not None
    for on, amount_fen in (
        (_some_day(rng), 6_789_13),
        (AS_OF - 7, 7_654_31),
        (AS_OF - 6, 8_765_43),
    ):
        entry = book(rng, account, on, amount_fen, "往来款", "虚构往来商行")
        school.unexplained_fen += amount_fen
        if on <= AS_OF - 7:
            school.expect_entry("ACC-UNMATCHED", account, entry)
    contract = sign(rng, school, _plain_course(school), paid_on=_some_day(rng), lessons=30,
                    payments=_unpaid)  # fmt: skip
    entry = book(rng, account, contract.paid_on, contract.fee_fen + 200_00,
                 f"学费 {contract.contract_no}", contract.parent)  # fmt: skip
    school.unexplained_fen += 200_00
    school.expect_entry("ACC-UNMATCHED", account, entry)


def carry_over(rng: Random, school: School) -> None:
    """Contracts paid before the statements begin, taught from April on."""
    for _ in range(len(school.contracts) // 2 + 3):
        starts_on = FIRST_DAY + rng.randint(1, 12)
        sign(rng, school, rng.choice(school.courses[:4]), paid_on=starts_on - rng.randint(14, 28),
             lessons=40, starts_on=starts_on, payments=_unpaid)  # fmt: skip


def crash_courses(rng: Random, school: School) -> None:
    """Many dear courses of spring that are all taught by the middle of July."""
    course = add_course(school, school.courses[0].discipline, "junior", 6, 90, 180_00)
    days: Iterable[Day] = (FIRST_DAY + 1 + k % 12 for k in range(40))
    for paid_on in days:
        sign(rng, school, course, paid_on=paid_on, lessons=24)


def cancelled_in_time(rng: Random, school: School) -> None:
    """A contract of these three months that is paid back in full counts nothing for the deposit."""
    contract = sign(rng, school, _plain_course(school), paid_on=day("2026-06-03"), lessons=40,
                    starts_on=day("2026-06-15"))  # fmt: skip
    contract.teach = False
    contract.cancelled = True
