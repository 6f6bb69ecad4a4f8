"""Breaches planted in prices and courses, each beside a look-alike exactly at the limit.

A plant runs after the honest contracts are signed and before their money comes in.
"""

from random import Random

from feewatch.demo.enrolment import add_course, guided_yuan, sign
from feewatch.demo.model import AS_OF, Contract, School, day


def expect_reference(school: School, contract: Contract) -> None:
    """PRICE-REFERENCE where a senior contract costs more than junior lessons may."""
    course = contract.course
    limit_fen = guided_yuan(course.class_size) * 110 * course.minutes * contract.lessons
    if school.subject == "academic" and contract.fee_fen * 45 > limit_fen:
        school.expect("PRICE-REFERENCE", "contract", contract.contract_no, contract.paid_on)


def over_reference(rng: Random, school: School) -> None:
    """PRICE-REFERENCE a fen over the price for junior of the class; exactly at it passes."""
    for size, minutes in ((9, 45), (10, 60), (36, 90)):
        most_fen = guided_yuan(size) * 110 * 20 * minutes // 45
        course = add_course(school, "物理", "senior", size, minutes, most_fen // 20)
        for fee_fen in (most_fen + 1, most_fen):
            contract = sign(rng, school, course, paid_on=day("2026-05-20"), lessons=20,
                            fee_fen=fee_fen)  # fmt: skip
            expect_reference(school, contract)


def posted_over(_: Random, school: School) -> None:
    """PRICE-POSTED a fen over price and float; exactly at it, and senior courses, pass."""
    for size, minutes, stage in ((9, 45, "primary"), (10, 40, "junior"), (9, 45, "senior")):
        most_fen = guided_yuan(size) * 110 * minutes // 45
        for price_fen in (most_fen, most_fen + 1):
            course = add_course(school, "语文", stage, size, minutes, price_fen)
            if price_fen > most_fen and stage != "senior":
                school.expect("PRICE-POSTED", "course", course.course_id, AS_OF)


def above_the_posted_price(rng: Random, school: School) -> None:
    """PRICE-PUBLISH more than a fen a lesson over what is posted; a fen passes."""
    price_fen = 30_00 if school.subject == "academic" else 60_00
    discipline = "语文" if school.subject == "academic" else school.courses[0].discipline
    course = add_course(school, discipline, "primary", 8, 45, price_fen)
    for over_fen in (20, 21, 90_00):
        contract = sign(rng, school, course, paid_on=day("2026-05-13"), lessons=20,
                        fee_fen=price_fen * 20 + over_fen)  # fmt: skip
        if over_fen > 20:
            school.expect("PRICE-PUBLISH", "contract", contract.contract_no, contract.paid_on)


def more_is_collected(rng: Random, school: School) -> None:
    """PRICE-EXTRA on money collected beside the fee; nothing, and other subjects, pass."""
    for other_fen in (0, 1, 80_00):
        contract = sign(rng, school, school.courses[0], paid_on=day("2026-06-03"), lessons=20)
        contract.other_fen = other_fen
        if other_fen and school.subject == "academic":
            school.expect("PRICE-EXTRA", "contract", contract.contract_no, contract.paid_on)


def in_disguise(_: Random, school: School) -> None:
    """SUBJ-DISGUISED by discipline and by title; what only sounds alike passes."""
    own = school.courses[0].discipline
    for discipline, title, academic in (
        ("数学", "周末班", True),
        ("益智", "小学数学提高", True),
        (own, "三年级语文同步", True),
        (own, "剑桥少儿英语戏剧", True),
        (own, "物理实验营", True),
        (own, "趣味历史", True),
        (own, "戏剧英语", False),
        (own, "戏剧英语口语", True),
        (own, "传统文化学习", False),
        (own, f"{own}基础班", False),
    ):
        course = add_course(school, discipline, "primary", 8, 60, 60_00, title)
        if academic:
            school.expect("SUBJ-DISGUISED", "course", course.course_id, AS_OF)
