"""How an honest school's money moves: fees in, releases in step, refunds, charges, deposits."""

from random import Random

from feewatch.demo import names
from feewatch.demo.model import (
    AS_OF,
    EARLIER,
    FIRST_DAY,
    Account,
    Contract,
    Entry,
    Payment,
    Refund,
    School,
    cumulated,
    day,
)
from feewatch.kernel.days import Day, date_of, month_length

_MEMOS = ("学费 {no}", "培训费{no}", "{no}", "缴费 {no} 全款", "合同{wide}学费", "{spaced} 学费")
_INTEREST_DAY = day("2026-06-21")


def book(rng: Random, account: Account, on: Day, amount_fen: int, memo: str, who: str = "",
         who_account: str = "") -> Entry:  # fmt: skip
    """One more row of an account."""
    time = f"{rng.randint(8, 17):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
    entry = Entry(on, time, amount_fen, memo, who, who_account)
    account.entries.append(entry)
    return entry


def is_working_day(on: Day) -> bool:
    """Monday to Friday."""
    return date_of(on).weekday() < 5


def named(rng: Random, contract: Contract) -> str:
    """A memo that names the contract in one of the ways in which people write numbers."""
    no = contract.contract_no
    wide = "".join(chr(ord(character) + 0xFEE0) for character in no)
    return rng.choice(_MEMOS).format(no=no, wide=wide, spaced=f"{no[:4]} {no[4:]}")


def collect(rng: Random, school: School) -> None:
    """Bring the fees to the fee account, within three days."""
    account = school.fee_account
    if account is None:
        return
    for contract in school.contracts:
        if contract.payments is None:
            contract.payments = _honest_payments(rng, contract)
        for payment in contract.payments:
            on = contract.paid_on + payment.days_late
            if FIRST_DAY <= on <= AS_OF:
                payer = payment.payer or contract.parent
                book(rng, account, on, payment.amount_fen, payment.memo, payer)


def _honest_payments(rng: Random, contract: Contract) -> list[Payment]:
    if rng.random() < 0.35:
        part = contract.fee_fen * rng.randint(2, 6) // 1000 * 100
        return [
            Payment(rng.randint(0, 1), part, named(rng, contract)),
            Payment(rng.randint(1, 3), contract.fee_fen - part, named(rng, contract)),
        ]
    return [Payment(rng.randint(0, 3), contract.fee_fen, named(rng, contract))]


def refund(rng: Random, school: School, contract: Contract, *, full: bool = False,
           short_fen: int = 0) -> None:  # fmt: skip
    """Pay back what is not consumed (all of it where no lesson was held) on request, or less."""
    account = school.fee_account
    assert account is not None
    requested_on = contract.starts_on - 1 if full else contract.starts_on + 20
    contract.stopped_on = requested_on
    contract.held = {d: n for d, n in contract.held.items() if d <= requested_on}
    amount = contract.fee_fen - contract.consumed(requested_on) - short_fen
    number = f"TF26{school.n:02d}{len(school.refunds):03d}"
    school.refunds.append(Refund(number, contract.contract_no, requested_on, amount))
    contract.refunded_fen = amount
    memo = rng.choice((f"退费 {number}", f"退款{contract.contract_no}"))
    book(rng, account, requested_on + 3, -amount, memo, contract.parent)


def release(rng: Random, school: School) -> None:
    """Draw what the lessons have earned, up to the day before; plants may overdraw on a day."""
    account = school.fee_account
    if account is None or not school.in_custody:
        return
    growth = cumulated(school.contracts)
    released = consumed = 0
    for on in range(FIRST_DAY, AS_OF + 1):
        earned_before = consumed
        consumed += growth[on]
        if on in school.excess:
            per_mille, fen = school.excess[on]
            due = consumed + consumed * per_mille // 1000 + fen - released
            assert due > 0 or (per_mille, fen) <= (10, 0)
        elif is_working_day(on) and (school.release_days is None or on in school.release_days):
            due = earned_before - released
        else:
            continue
        if due > 0:
            released += due
            pay_out(rng, school, account, on, due)


def pay_out(rng: Random, school: School, account: Account, on: Day, amount_fen: int) -> None:
    """One release and what the bank takes for it."""
    to, number = school.release_to or school.name, school.settlement_no
    if school.release_to:
        number = names.account_no(rng, school.n * 10 + 8)
    book(rng, account, on, -amount_fen, "划拨已消课资金", to, number)
    if school.charge_fen:
        book(rng, account, on, -school.charge_fen, "手续费")


def spend(rng: Random, school: School) -> None:
    """The daily expenses of a school whose fees are not in custody: many and small."""
    account = school.fee_account
    if account is None or school.in_custody:
        return
    for on in range(FIRST_DAY, AS_OF + 1):
        if is_working_day(on):
            for _ in range(rng.randint(2, 5)):
                vendor = rng.choice(names.VENDORS)
                book(rng, account, on, -rng.randint(20_00, 150_00), f"{vendor[2:4]}费", vendor)
        if date_of(on).day == 10:
            book(rng, account, on, -6_000_00, "房租", "虚构置业服务部")
            book(rng, account, on, -rng.randint(70, 95) * 100_00, "代发工资", "代发工资户")


def keep_accounts(rng: Random, school: School) -> None:
    """Interest and the monthly charge on every account that has statements."""
    for account in school.of("fee") + school.of("deposit"):
        book(rng, account, _INTEREST_DAY, rng.randint(5_00, 90_00), "利息")
        for month in (4, 5, 6, 7):
            first = day(f"2026-{month:02d}-01")
            on = first + rng.randrange(month_length(2026, month))
            book(rng, account, on, -10_00, "账户管理费")


def sweep(rng: Random, school: School) -> None:
    """Fees arrive on a collecting account and go on to the custody account every working day."""
    main, collecting = school.of("fee")[:2]
    collecting.style = main.style = "csv"
    arrivals = [e for e in main.entries if e.amount_fen > 0]
    for entry in arrivals:
        main.entries.remove(entry)
        collecting.entries.append(entry)
    waiting = 0
    for on in range(FIRST_DAY, AS_OF):
        if waiting and is_working_day(on):
            out = book(rng, collecting, on, -waiting, "归集划转", school.name, main.account_no)
            into = book(rng, main, on, waiting, "归集划转", school.name, collecting.account_no)
            out.time, into.time = "07:30:00", "07:30:05"
            waiting = 0
        waiting += sum(e.amount_fen for e in arrivals if e.booked_on == on)


def make_mistake(rng: Random, account: Account, amount_fen: int) -> None:
    """The bank books something by mistake and takes it back the next day."""
    on = FIRST_DAY + rng.randint(30, 80)
    payer = names.person(rng)
    book(rng, account, on, amount_fen, "转账", payer)
    wrong = book(rng, account, on + 1, -amount_fen, "冲正", payer)
    wrong.reversal = True


def settle(rng: Random, school: School) -> None:
    """Sort all accounts and give them opening balances with which nothing runs short."""
    for account in school.accounts:
        account.sort()
    fee_accounts = school.of("fee")
    for account in fee_accounts:
        account.opening_fen = school.cushion_fen - account.lowest()
    if school.in_custody and fee_accounts:
        held = sum(a.balance(a.last_day or AS_OF) for a in fee_accounts)
        owed = school.liability(AS_OF) + school.unexplained_fen
        short = owed + school.cushion_fen - held
        fee_accounts[0].opening_fen += max(0, short)
    for account in school.of("deposit"):
        needed = max(school.deposit_needed(), school.deposit_needed(EARLIER))
        needed -= account.balance(account.last_day or AS_OF)
        account.opening_fen = needed + rng.randint(2_000_00, 30_000_00)
