"""Breaches planted in what leaves and enters accounts, and in schools that fall silent.

``before_*`` run on a new school, plants of contracts before their money comes in, ``book_*`` before
the accounts are settled.
"""

from random import Random

from feewatch.demo import names
from feewatch.demo.enrolment import add_course, open_account, sign
from feewatch.demo.model import AS_OF, Account, Approval, Contract, Entry, Payment, School, day
from feewatch.demo.money import book
from feewatch.demo.plants_money import Plant
from feewatch.kernel.days import format_day

_LICENCE_ENDS = day("2026-07-20")
_ENROLMENT_WEEK = day("2026-07-06")


def _readable(school: School) -> Account:
    """The fee account in a form that names the other side, which MT940 does not."""
    account = school.fee_account
    assert account is not None
    account.style = "camt" if account.style == "camt" else "csv"
    return account


def licence_ends(days_ahead: int | None) -> Plant:
    """The licence ends in July; a renewal was applied for so many days before, or never."""

    def before(_: Random, school: School) -> None:
        school.licence_until, school.enrol_until = _LICENCE_ENDS, _LICENCE_ENDS - 10
        if days_ahead is not None:
            school.renewal_applied_on = _LICENCE_ENDS - days_ahead

    return before


def paid_as_the_licence_ends(rng: Random, school: School) -> None:
    """ACC-LICENCE on money of the day after the last one; with a renewal in time it passes."""
    account, applied_on = _readable(school), school.renewal_applied_on
    in_time = applied_on is not None and applied_on <= _LICENCE_ENDS - 30
    for on in (_LICENCE_ENDS, _LICENCE_ENDS + 1):
        contract = sign(rng, school, school.courses[0], paid_on=on, lessons=20, payments=_unpaid)
        entry = book(rng, account, on, contract.fee_fen, f"学费 {contract.contract_no}",
                     contract.parent)  # fmt: skip
        if on > _LICENCE_ENDS and not in_time:
            school.expect_entry("ACC-LICENCE", account, entry)


def _unpaid(_: Contract) -> list[Payment]:
    return []


def before_enrolment_week(_: Random, school: School) -> None:
    """Nobody else pays in the week that ``enrolment_week`` fills."""
    school.enrol_until = _ENROLMENT_WEEK - 5


def enrolment_week(contracts: int) -> Plant:
    """FLOW-SPIKE where more than 50,000 yuan come in one week; ten times 5,000 yuan pass."""

    def sign_up(rng: Random, school: School) -> None:
        account = _readable(school)
        course = add_course(school, school.courses[0].discipline, "junior", 6, 90, 125_00)
        for k in range(contracts):
            contract = sign(rng, school, course, paid_on=_ENROLMENT_WEEK + k % 5, lessons=40)
            memo = f"学费 {contract.contract_no}"
            contract.payments = [Payment(0, contract.fee_fen, memo)]
        if contracts > 10:
            sunday = _ENROLMENT_WEEK + 6
            subject = f"{account.account_no}/{format_day(sunday)}"
            school.expect("FLOW-SPIKE", "account_week", subject, sunday)

    return sign_up


def gone_dark(days: int, *, closed: bool = False) -> Plant:
    """DATA-DARK where nothing was heard for over 30 days and no closure was approved."""

    def before(_: Random, school: School) -> None:
        last = AS_OF - days
        school.taught_until, school.enrol_until = last, last - 4
        for account in school.accounts:
            account.last_day = last
            school.expect("DATA-STALE", "account", account.account_no, AS_OF)
        if closed:
            document = f"潍教停〔2026〕{school.n:02d}号"
            school.approvals.append(Approval("closure", document, None, last + 1, AS_OF + 60))
        elif days > 30:
            school.expect("DATA-DARK", "institution", school.uscc, AS_OF)

    return before


def book_round_trips(rng: Random, school: School) -> None:
    """ACC-SELF on money that turns round in three days; a day more, less money, others pass."""
    account, company = _readable(school), "虚构环宇商贸公司"
    for first, second, fen, other, turns in (
        ("2026-05-12", "2026-05-15", 20_000_00, company, True),
        ("2026-05-26", "2026-05-28", -10_000_00, company, True),
        ("2026-06-02", "2026-06-06", 12_000_00, company, False),
        ("2026-06-15", "2026-06-16", 9_999_99, company, False),
        ("2026-06-23", "2026-06-24", 15_000_00, "虚构四方贸易行", False),
    ):
        entries = [book(rng, account, day(first), fen, "往来款", company),
                   book(rng, account, day(second), -fen, "往来款", other)]  # fmt: skip
        [arrived] = [entry for entry in entries if entry.amount_fen > 0]
        school.expect_entry("ACC-UNMATCHED", account, arrived)  # no contract explains it
        school.unexplained_fen += arrived.amount_fen
        if turns:
            school.expect_entry("ACC-SELF", account, entries[1])


def book_other_purposes(rng: Random, school: School) -> None:
    """OUT-PURPOSE and OUT-DIVIDEND on words of memo or payee; rent and a dance pass."""
    account = _readable(school)
    for text, amount_fen, memo, payee, rule in (
        ("2026-05-20", 8_000_00, "购买理财", "虚构金谷商行", "OUT-PURPOSE"),
        ("2026-06-03", 9_000_00, "货款", "虚构某某证券营业部", "OUT-PURPOSE"),
        ("2026-06-11", 5_000_00, "房租", "虚构城建投资集团", ""),
        ("2026-06-17", 3_000_00, "缴费", "虚构市社会保险基金管理中心", ""),
        ("2026-07-02", 7_000_00, "股东分红", "虚构海岱商行", "OUT-DIVIDEND"),
        ("2026-07-09", 6_000_00, "利润分配", "虚构海岱商行", "OUT-DIVIDEND"),
        ("2026-07-16", 2_000_00, "分红舞比赛服装", "虚构服装厂", ""),
    ):
        entry = book(rng, account, day(text), -amount_fen, memo, payee)
        if rule == "OUT-PURPOSE" or (rule and school.nature == "non_profit"):
            school.expect_entry(rule, account, entry)


def before_nature(nature: str) -> Plant:
    """A school of that nature."""

    def before(_: Random, school: School) -> None:
        school.nature = nature

    return before


def before_settlement_account(rng: Random, school: School) -> None:
    """What is released goes to a settlement account on the register, whose statements come too."""
    account = open_account(rng, school, "settlement")
    school.settlement_no = account.account_no
    _readable(school)


def book_strange_payees(rng: Random, school: School) -> None:
    """OUT-PAYEE on three releases to another account; all others arrive at the school's own."""
    fee_account, [settlement] = _readable(school), school.of("settlement")
    releases = [each for each in fee_account.entries if each.memo.startswith("划拨")]
    assert len(releases) > 6
    for k, entry in enumerate(releases):
        if k in (2, 3, 5):
            entry.counterparty_account = names.account_no(rng, school.n * 10 + 6)
            school.expect_entry("OUT-PAYEE", fee_account, entry)
        else:
            arrival = Entry(entry.booked_on, "18:30:00", -entry.amount_fen, entry.memo, school.name)
            settlement.entries.append(arrival)


def before_old_deposit(rng: Random, school: School) -> None:
    """A deposit account from the time before its fees came into bank custody."""
    open_account(rng, school, "deposit")


def book_deposit_spent(rng: Random, school: School) -> None:
    """DEP-PLEDGE on money that leaves the deposit, OUT-PERSON on that to the school's head.

    Charges pass, and so does money that is approved, comes back, or goes to the fee account.
    """
    [account], fee_account = school.of("deposit"), _readable(school)
    account.style = fee_account.style
    document = f"潍教监备〔2026〕{school.n:02d}用"
    first, last = day("2026-06-01"), day("2026-06-30")
    school.approvals.append(Approval("deposit_use", document, 5_000_00, first, last))
    for text, amount_fen, back in (
        ("2026-05-20", 8_000_00, ""),
        ("2026-06-05", 5_000_00, ""),
        ("2026-06-09", 5_000_01, ""),
        ("2026-07-01", 5_000_00, ""),
        ("2026-07-07", 9_000_00, "2026-07-08"),
        ("2026-07-14", 9_000_00, "2026-07-16"),
    ):
        entry = book(rng, account, day(text), -amount_fen, "划转", "虚构海岱商行")
        approved = first <= day(text) <= last and amount_fen <= 5_000_00
        if back:
            book(rng, account, day(back), amount_fen, "转回", "虚构海岱商行")
        if not approved and (not back or day(back) - day(text) > 1):
            school.expect_entry("DEP-PLEDGE", account, entry)
    entry = book(rng, account, day("2026-05-28"), -12_000_00, "备用金", school.legal_representative)
    for rule in ("DEP-PLEDGE", "OUT-PERSON"):
        school.expect_entry(rule, account, entry)
    on = day("2026-07-21")
    book(rng, account, on, -4_000_00, "划转", school.name, fee_account.account_no)
    book(rng, fee_account, on, 4_000_00, "划转", school.name, account.account_no)
