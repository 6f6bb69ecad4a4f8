"""Contracts in instalments, how one ends, and a merger, each beside a look-alike at the limit."""

from random import Random

from feewatch.demo.enrolment import add_course, sign
from feewatch.demo.model import AS_OF, MERGED_ON, Charge, Contract, Course, Payment, School, day
from feewatch.demo.money import book, named
from feewatch.kernel.days import Day, format_day

#: What a family lets the school keep when both agree that the contract ends.
_KEPT_FEN = 140_00


def in_instalments(rng: Random, school: School) -> None:
    """FEE-HOURS-60, FEE-CAP-5000, FEE-SPLIT and ACC-OFF on charges; lawful instalments pass."""
    course = add_course(school, school.courses[0].discipline, "primary", 8, 60, 140_00)
    spring, summer = day("2026-04-20"), day("2026-06-22")
    _charge(rng, school, course, (spring, 3_000_00, 50), (summer, 3_000_00, 50))
    contract = _charge(rng, school, course, (spring, 3_600_00, 61), (summer, 2_400_00, 39))
    school.expect("FEE-HOURS-60", "charge", f"{contract.contract_no}/1", spring)
    contract = _charge(rng, school, course, (spring, 5_000_00, 40), (summer, 5_000_01, 40))
    school.expect("FEE-CAP-5000", "charge", f"{contract.contract_no}/2", summer)
    # two of three are due and paid
    contract = _charge(rng, school, course, (spring, 1_500_00, 15), (summer, 1_500_00, 15))
    contract.charges.append(Charge(AS_OF + 20, 1_000_00, 10, None))
    contract.fee_fen, contract.lessons = 4_000_00, 40
    contract = _charge(
        rng, school, course, (spring, 2_000_00, 15), (day("2026-05-25"), 2_000_00, 15),
        (day("2026-06-29"), 2_000_00, 15),
    )  # fmt: skip
    assert contract.payments is not None
    contract.payments.pop()  # the last one never reached the account
    school.expect("ACC-OFF", "charge", f"{contract.contract_no}/3", day("2026-06-29"))
    for gap in (30, 31):
        second = spring + gap
        contract = _charge(rng, school, course, (spring, 2_600_00, 20), (second, 2_600_00, 20))
        if gap == 30:
            key = f"{school.uscc}/{contract.student}/{course.course_id}/{format_day(second)}"
            school.expect("FEE-SPLIT", "student", key, second)


def _charge(
    rng: Random, school: School, course: Course, *charges: tuple[Day, int, int]
) -> Contract:
    """A contract charged on some days: (paid on, fen, lessons); all of it arrives in time."""
    first = charges[0][0]
    contract = sign(
        rng, school, course, paid_on=first, lessons=sum(each[2] for each in charges),
        fee_fen=sum(each[1] for each in charges),
    )  # fmt: skip
    contract.charges = [Charge(paid_on, fen, taught, paid_on) for paid_on, fen, taught in charges]
    contract.payments = [
        Payment(paid_on - first + rng.randint(0, 3), fen, named(rng, contract))
        for paid_on, fen, _ in charges
    ]
    return contract


def settled(rng: Random, school: School) -> None:
    """REF-SHORT where a refund falls short; agreed between both, the same ends the contract."""
    for is_agreed in (True, False):
        contract = sign(rng, school, school.courses[0], paid_on=day("2026-05-08"), lessons=40)
        contract.short_fen = _KEPT_FEN
        if is_agreed:
            contract.ended_on, contract.settlement = contract.starts_on + 23, "agreed"
        else:
            school.expect_refund("REF-SHORT", contract)


def before_merging(_: Random, school: School) -> None:
    """Nobody enrols any more, and lessons end before another school takes over."""
    school.enrol_until, school.taught_until = day("2026-06-26"), MERGED_ON - 5


def merge(rng: Random, old: School, new: School) -> None:
    """Hand the contracts of a school to another, and the money that is owed on them."""
    old.successor = new
    there, here = old.fee_account, new.fee_account
    assert there is not None
    assert here is not None
    owed = old.liability(AS_OF)
    out = book(rng, there, MERGED_ON, -owed, "承继划转", new.name, here.account_no)
    into = book(rng, here, MERGED_ON, owed, "承继划转", old.name, there.account_no)
    out.time, into.time = "10:00:00", "10:00:05"
    there.sort()
    here.sort()
