"""What a school sells: courses, contracts within every limit, and the lessons it then gives."""

from collections import Counter
from collections.abc import Callable
from random import Random

from feewatch.demo import names
from feewatch.demo.model import Account, Contract, Course, Payment, School, day
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.places import ancestry

#: Guided prices of the city, yuan a lesson of 45 minutes, from a class size on; 10 % float on top.
_GUIDED = ((36, 18), (10, 26), (1, 32))
_SIZES = (6, 9, 10, 20, 35, 36)
_ACADEMIC = (("数学", "primary"), ("语文", "primary"), ("英语", "junior"), ("物理", "junior"))
_OTHER = {
    "arts": ("舞蹈", "美术", "声乐", "书法", "钢琴"),
    "sports": ("篮球", "游泳", "乒乓球", "跆拳道", "足球"),
    "science": ("机器人", "编程", "无人机", "航模"),
}
_HOLIDAYS = {day(text) for text in ("2026-04-06", "2026-05-01", "2026-05-04", "2026-05-05",
                                    "2026-06-19")}  # fmt: skip
_CHANNELS = ("bank", "platform", "")


def found(rng: Random, n: int, custody: str, subject: str) -> School:
    """A school with its accounts, not yet any pupils."""
    district = names.DISTRICTS[n % len(names.DISTRICTS)]
    assert "370700" in ancestry(district)
    for_profit = subject != "academic" and rng.random() < 0.4
    school = School(
        n=n,
        uscc=names.credit_code(rng, district, for_profit=for_profit),
        name=names.school_name(n, subject),
        district=district,
        subject=subject,
        nature="for_profit" if for_profit else "non_profit",
        custody=custody,
        legal_representative=names.person(rng),
        related=(names.person(rng), names.company(n)),
        settlement_no=names.account_no(rng, n * 10 + 9),
        cushion_fen=rng.randint(20_000_00, 60_000_00),
        charge_fen=rng.choice((100, 200, 500)),
    )
    open_account(rng, school, "fee")
    if custody != "bank_custody":
        open_account(rng, school, "deposit")
    school.courses = _courses(rng, school)
    return school


def guided_yuan(class_size: int) -> int:
    """The guided price of the city for a class of a size."""
    return next(yuan for size, yuan in _GUIDED if class_size >= size)


def open_account(rng: Random, school: School, kind: str, opened_on: str = "2025-09-01") -> Account:
    """One more account of the school."""
    account = Account(
        account_no=names.account_no(rng, school.n * 10 + len(school.accounts)),
        bank=rng.choice(names.BANKS),
        kind=kind,
        opened_on=day(opened_on),
        style=rng.choice(("csv", "csv", "mt940", "camt")),
    )
    school.accounts.append(account)
    return account


def _courses(rng: Random, school: School) -> list[Course]:
    courses = []
    for k in range(4):
        if school.subject == "academic":
            discipline, stage = _ACADEMIC[k]
            size = rng.choice(_SIZES)
            minutes = rng.choice((40, 45, 60, 90))
            price = guided_yuan(size) * rng.randint(80, 105) * minutes // 450 * 10
        else:
            discipline, stage = _OTHER[school.subject][k], rng.choice(("primary", "junior"))
            size, minutes = rng.choice((4, 8, 12, 20)), rng.choice((45, 60, 90))
            price = rng.randint(60, 100) * 100
        if school.round_prices:
            price = price // 100 * 100
        courses.append(
            Course(f"KC{school.n:02d}{k:02d}", f"{discipline}{k + 1}班", discipline, stage, size,
                   minutes, price)
        )  # fmt: skip
    return courses


def add_course(school: School, discipline: str, stage: str, size: int, minutes: int,
               price_fen: int, title: str = "") -> Course:  # fmt: skip
    """One more course."""
    number, name = f"KC{school.n:02d}{len(school.courses):02d}", title or f"{discipline}专项班"
    course = Course(number, name, discipline, stage, size, minutes, price_fen)
    school.courses.append(course)
    return course


def sign(
    rng: Random,
    school: School,
    course: Course,
    *,
    paid_on: Day,
    lessons: int,
    gift: int = 0,
    fee_fen: int | None = None,
    basis: str = "hours",
    starts_on: Day | None = None,
    ends_on: Day | None = None,
    payments: Callable[[Contract], list[Payment]] | None = None,
) -> Contract:
    """One more contract; what is not given is within every limit."""
    starts = paid_on + rng.randint(1, 14) if starts_on is None else starts_on
    length = 150 if basis == "hours" else 80
    contract = Contract(
        contract_no=f"HT26{school.n:02d}{len(school.contracts):04d}",
        course=course,
        student=names.student(rng),
        parent=names.person(rng),
        basis=basis,
        lessons=lessons,
        gift=gift,
        starts_on=starts,
        ends_on=starts + length if ends_on is None else ends_on,
        fee_fen=course.price_fen * lessons if fee_fen is None else fee_fen,
        paid_on=paid_on,
        channel=rng.choice(_CHANNELS),
    )
    if payments is not None:
        contract.payments = payments(contract)
    school.contracts.append(contract)
    return contract


def enrol(rng: Random, school: School, count: int) -> None:
    """So many honest contracts."""
    paid_on = school.enrol_from
    for _ in range(count):
        course = rng.choice(school.courses[:4])
        lessons = rng.choice((20, 24, 30, 36, 40, 48))
        gift = 0 if school.round_prices or rng.random() < 0.9 else rng.randint(1, 4)
        basis = rng.choices(("hours", "period", "both"), (80, 12, 8))[0]
        with_sibling = not school.round_prices and rng.random() < 0.04
        if not with_sibling:
            paid_on = rng.randint(school.enrol_from, school.enrol_until)
        contract = sign(
            rng, school, course, paid_on=paid_on, lessons=lessons, gift=gift, basis=basis
        )
        if with_sibling and len(school.contracts) > 1:
            pay_together(school.contracts[-2], contract)
        elif not school.round_prices and rng.random() < 0.15:
            make_fee_unique(rng, school, contract)


def make_fee_unique(rng: Random, school: School, contract: Contract, days_late: int = 2) -> None:
    """Let the amount alone say what is paid: no other fee of the school ends in such fen."""
    fee = contract.fee_fen
    while fee % 10 == 0 or fee in school.odd_fees:
        fee = contract.fee_fen - rng.randint(1, 99)
    school.odd_fees.add(fee)
    contract.fee_fen = fee
    contract.payments = [Payment(days_late, fee, rng.choice(("学费", "转账", "培训费")))]


def pay_together(first: Contract, second: Contract) -> None:
    """One transfer for two children."""
    if first.payments is None and first.paid_on == second.paid_on:
        memo = f"学费 {first.contract_no},{second.contract_no}"
        first.payments = [Payment(1, first.fee_fen + second.fee_fen, memo)]
        second.payments = []


#: A school has only so many teachers.
_MOST_A_DAY = 46


def teach(rng: Random, school: School) -> None:
    """Hold the lessons of all contracts, twice in a week where there is time, up to ``AS_OF``."""
    taught: Counter[Day] = Counter()
    for contract in school.contracts:
        if not contract.teach:
            continue
        left = contract.lessons + contract.gift
        last = min(school.taught_until, contract.ends_on)
        if contract.stopped_on is not None:
            last = min(last, contract.stopped_on)
        held_on = contract.starts_on + rng.randrange(5)
        while left > 0 and held_on <= last:
            # a lesson that falls on a holiday is left out, not crowded into the day after
            if _is_teaching_day(school, held_on) and taught[held_on] < _MOST_A_DAY:
                contract.held[held_on] = min(2, left)
                taught[held_on] += contract.held[held_on]
                left -= contract.held[held_on]
                held_on += 7
            elif date_of(held_on).weekday() >= 5 or taught[held_on] >= _MOST_A_DAY:
                held_on += 1
            else:
                held_on += 7


def _is_teaching_day(school: School, on: Day) -> bool:
    """Academic lessons keep off weekends and public holidays."""
    return school.subject != "academic" or (date_of(on).weekday() < 5 and on not in _HOLIDAYS)
