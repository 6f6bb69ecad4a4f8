"""Breaches planted in what families meet: fees in pieces, refunds, days off, the youngest.

A plant runs after the honest contracts are signed and before their money comes in, but for
``dwindling``, which runs on a new school.
"""

from random import Random

from feewatch.demo.enrolment import add_course, sign
from feewatch.demo.model import AS_OF, Contract, Refund, School, day
from feewatch.demo.money import book
from feewatch.demo.plants_money import Plant
from feewatch.demo.plants_prices import expect_reference
from feewatch.kernel.days import Day, format_day


def in_pieces(rng: Random, school: School) -> None:
    """FEE-SPLIT on fees, lessons and two courses of a discipline; sums at the limits pass."""
    discipline = "数学" if school.subject == "academic" else school.courses[0].discipline
    course = add_course(school, discipline, "senior", 8, 45, 150_00)
    other = add_course(school, discipline, "senior", 8, 45, 150_00)
    for first, second, gap, key in (
        ((20, 3_000_00, course), (20, 2_000_01, course), 30, course.course_id),
        ((40, 1_200_00, course), (21, 630_00, course), 12, course.course_id),
        ((20, 3_000_00, course), (20, 2_500_00, other), 7, discipline),
        ((20, 3_000_00, course), (20, 2_000_00, course), 9, ""),
        ((40, 1_200_00, course), (20, 600_00, other), 9, ""),
        ((20, 3_000_00, course), (20, 3_000_00, course), 31, ""),
        ((61, 1_830_00, course), (60, 1_800_00, course), 9, ""),
    ):  # fmt: skip
        student, paid_on = f"F{rng.getrandbits(40):010x}", day("2026-05-12")
        for (lessons, fee_fen, of), on in ((first, paid_on), (second, paid_on + gap)):
            contract = sign(rng, school, of, paid_on=on, lessons=lessons, fee_fen=fee_fen)
            contract.student = student
            expect_reference(school, contract)
            if lessons > 60:  # alone over the limit: not counted together with the other
                school.expect("FEE-HOURS-60", "contract", contract.contract_no, on)
        if key:
            on = paid_on + gap
            subject = f"{school.uscc}/{student}/{key}/{format_day(on)}"
            school.expect("FEE-SPLIT", "student", subject, on)


def _untaught(rng: Random, school: School, paid_on: str, starts_on: str) -> Contract:
    contract = sign(rng, school, school.courses[0], paid_on=day(paid_on), lessons=20,
                    starts_on=day(starts_on))  # fmt: skip
    contract.teach = False
    return contract


def _ask_back(rng: Random, school: School, contract: Contract, asked: Day, paid: Day | None) -> str:
    """Request the whole fee of an untaught contract, and pay it back on a day or never."""
    number = f"TF26{school.n:02d}{len(school.refunds):03d}"
    school.refunds.append(Refund(number, contract.contract_no, asked, contract.fee_fen))
    if paid is not None:
        account = school.fee_account
        assert account is not None
        contract.refunded_fen = contract.fee_fen
        book(rng, account, paid, -contract.fee_fen, f"退费 {number}", contract.parent)
    return number


def refunded_late(rng: Random, school: School) -> None:
    """REF-LATE a day after the term, before and after the first lesson; on its last day passes."""
    for starts_on, asked, paid, late in (
        ("2026-06-15", "2026-06-05", "2026-06-12", False),  # the fifth working day
        ("2026-06-29", "2026-06-12", "2026-06-23", True),  # the sixth: 19 June is a holiday
        ("2026-06-08", "2026-06-13", "2026-06-28", False),
        ("2026-06-08", "2026-06-13", "2026-06-29", True),
        ("2026-06-15", "2026-07-16", "", False),  # 15 days are not yet over
        ("2026-06-15", "2026-07-15", "", True),
    ):
        contract = _untaught(rng, school, "2026-06-01", starts_on)
        on = day(asked)
        number = _ask_back(rng, school, contract, on, day(paid) if paid else None)
        if late:
            school.expect("REF-LATE", "refund", number, on)


def on_days_off(rng: Random, school: School) -> None:
    """TIME-ACADEMIC on weekends and a public holiday; a make-up Saturday and seniors pass."""
    for held, stage, off in (
        ("2026-06-06", "primary", True),
        ("2026-06-07", "junior", True),
        ("2026-06-19", "primary", True),
        ("2026-05-09", "primary", False),
        ("2026-06-06", "senior", False),
    ):
        course = add_course(school, "数学", stage, 8, 45, 30_00)
        contract = sign(rng, school, course, paid_on=day("2026-05-01"), lessons=20,
                        starts_on=day("2026-05-08"))  # fmt: skip
        contract.teach, contract.held = False, {day(held): 2}
        if off:
            school.expect("TIME-ACADEMIC", "contract", contract.contract_no, day(held))


def for_the_smallest(_: Random, school: School) -> None:
    """STAGE-PRESCHOOL on courses before school age at an academic school; first graders pass."""
    for discipline, stage in (("数学", "preschool"), ("语文", "preschool"), ("绘本", "preschool"),
                              ("语文", "primary")):  # fmt: skip
        course = add_course(school, discipline, stage, 8, 45, 30_00)
        if stage == "preschool":
            school.expect("STAGE-PRESCHOOL", "course", course.course_id, AS_OF)


def dwindling(refunds: int) -> Plant:
    """FLOW-DROP: nobody pays in July any more and some are paid back, none of them before."""

    def before(rng: Random, school: School) -> None:
        school.enrol_until = day("2026-06-26")
        for _ in range(refunds):
            contract = _untaught(rng, school, "2026-06-20", "2026-07-18")
            _ask_back(rng, school, contract, day("2026-07-10"), day("2026-07-14"))
        school.expect("FLOW-DROP", "institution_month", f"{school.uscc}/2026-07", AS_OF)

    return before
