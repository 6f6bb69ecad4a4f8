"""Breaches planted in accounts and flows, each beside a look-alike exactly at the limit.

``before_*`` run on a new school, ``book_*`` before its accounts are settled, ``set_*`` after.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from feewatch.demo import names
from feewatch.demo.model import AS_OF, Account, Approval, School, day
from feewatch.demo.money import book
from feewatch.kernel.days import format_day

Plant = Callable[[Random, School], None]
_LARGE_ON = day("2026-06-10")


def before_no_account(_: Random, school: School) -> None:
    """ACC-NONE: fees are taken and there is no account at all."""
    school.accounts = []
    school.expect("ACC-NONE", "institution", school.uscc, AS_OF)


def before_no_account_any_more(_: Random, school: School) -> None:
    """No account either, but the last fee is 91 days old: passes."""
    school.accounts = []
    school.enrol_until = AS_OF - 91


def before_no_fee_account(_: Random, school: School) -> None:
    """ACC-NONE: there is a deposit, but no account for the fees."""
    school.accounts = school.of("deposit")
    school.expect("ACC-NONE", "institution", school.uscc, AS_OF)


def before_no_deposit(_: Random, school: School) -> None:
    """ACC-NONE: no deposit account where the custody mode needs one."""
    school.accounts = school.of("fee")
    school.expect("ACC-NONE", "institution", school.uscc, AS_OF)


def before_deposit_closed(_: Random, school: School) -> None:
    """ACC-NONE, DEP-MIN: the deposit account was closed at the end of June and holds nothing."""
    account = school.of("deposit")[0]
    account.closed_on, account.last_day = day("2026-06-30"), day("2026-06-29")
    school.expect("ACC-NONE", "institution", school.uscc, AS_OF)
    school.expect("DEP-MIN", "institution", school.uscc, AS_OF)


def _round(school: School) -> None:
    school.round_prices = True
    school.courses = [replace(c, price_fen=c.price_fen // 100 * 100) for c in school.courses]


def overdraw(*steps: tuple[str, int, int]) -> Plant:
    """REL-SYNC on each (day, per mille, fen) over what is consumed, where that is over 1 %."""

    def before(_: Random, school: School) -> None:
        _round(school)
        school.enrol_until = day("2026-05-15")  # there must be lessons to overdraw
        for text, per_mille, fen in steps:
            school.excess[day(text)] = (per_mille, fen)
            if (per_mille, fen) > (10, 0):
                school.expect("REL-SYNC", "institution_day", f"{school.uscc}/{text}", day(text))

    return before


def before_emptied(_: Random, school: School) -> None:
    """OUT-LARGE and OUT-PERSON: all that is earned goes at once, to the legal representative."""
    school.release_days = (day("2026-07-15"),)
    school.release_to = school.legal_representative
    school.accounts[0].style = "csv"


def set_emptied(_: Random, school: School) -> None:
    """The alerts of ``before_emptied``."""
    account = school.accounts[0]
    on = day("2026-07-15")
    [entry] = [e for e in account.entries if e.memo.startswith("划拨") and e.booked_on == on]
    assert -entry.amount_fen * 5 > account.balance(on - 7) * 2
    assert -entry.amount_fen > 50_000_00
    school.expect_entry("OUT-PERSON", account, entry)
    _expect_window(school, account, "2026-07-15")


def _expect_window(school: School, account: Account, on: str) -> None:
    school.expect("OUT-LARGE", "account_window", f"{account.account_no}/{on}", day(on))


def covered(per_mille: int, fen: int = 0) -> Plant:
    """BAL-COVER where the balance is less than such a share of the claims (plus some fen)."""

    def set_balance(_: Random, school: School) -> None:
        [account] = school.of("fee")
        owed = school.liability(AS_OF) + school.unexplained_fen
        account.opening_fen += owed * per_mille // 1000 + fen - account.balance(AS_OF)
        assert account.opening_fen + account.lowest() > 0
        if account.balance(AS_OF) < owed:
            school.expect("BAL-COVER", "institution", school.uscc, AS_OF)

    return set_balance


def set_minimum(_: Random, school: School) -> None:
    """BAL-MIN on the three lowest days; a day exactly at the minimum passes."""
    account = school.fee_account
    assert account is not None
    closings = account.closings()
    account.minimum_fen = sorted(set(closings.values()))[3]
    for on, closing_fen in closings.items():
        if closing_fen < account.minimum_fen:
            subject = f"{account.account_no}/{format_day(on)}"
            school.expect("BAL-MIN", "account_day", subject, on)


def deposited(per_mille: int, fen: int = 0) -> Plant:
    """DEP-MIN where the deposit is less than such a share of what must lie there, and some fen."""

    def set_balance(_: Random, school: School) -> None:
        [account] = school.of("deposit")
        needed = school.deposit_needed()
        account.opening_fen += needed * per_mille // 1000 + fen - account.balance(AS_OF)
        assert account.opening_fen > 0
        if account.balance(AS_OF) < needed:
            school.expect("DEP-MIN", "institution", school.uscc, AS_OF)

    return set_balance


def drawn(before_fen: int, out_fen: int) -> Plant:
    """OUT-LARGE on a deposit account where over 40 % and over 50,000 yuan of it go at once."""

    def set_deposit(rng: Random, school: School) -> None:
        [account] = school.of("deposit")
        document = f"潍教监备〔2026〕{school.n:02d}号"
        school.approvals.append(
            Approval("deposit_cut", document, out_fen, _LARGE_ON - 5, _LARGE_ON + 5)
        )
        account.entries.clear()
        for text in ("2026-04-08", "2026-05-08", "2026-07-08"):
            book(rng, account, day(text), -10_00, "账户管理费")
        book(rng, account, _LARGE_ON, -out_fen, "保证金调减", school.name, school.settlement_no)
        back_fen = out_fen + max(0, school.deposit_needed() - before_fen) + 100_00
        book(rng, account, _LARGE_ON + 12, back_fen, "补缴保证金", school.name,
             school.settlement_no)  # fmt: skip
        account.sort()
        account.opening_fen = before_fen - sum(
            e.amount_fen for e in account.entries if e.booked_on < _LARGE_ON
        )
        if out_fen * 5 > before_fen * 2 and out_fen > 50_000_00:
            _expect_window(school, account, format_day(_LARGE_ON))
        assert account.balance(_LARGE_ON - 1) == before_fen

    return set_deposit


def book_building_work(rng: Random, school: School) -> None:
    """OUT-LARGE on a fee account: one bill for building work."""
    [account] = school.of("fee")
    book(rng, account, day("2026-06-17"), -90_000_00, "装修工程款", "虚构装饰工程公司")
    _expect_window(school, account, "2026-06-17")


def set_building_work(_: Random, school: School) -> None:
    """The bill is over 40 % of what lay there a week before."""
    [account] = school.of("fee")
    assert account.balance(day("2026-06-10")) * 2 < 90_000_00 * 5


def book_private_payments(rng: Random, school: School) -> None:
    """OUT-PERSON over 10,000 yuan to those behind the school; 10,000.00 and strangers pass."""
    [account] = school.of("fee")
    account.style = "camt" if account.style == "camt" else "csv"  # MT940 names no payee
    person, company = school.related
    for text, amount_fen, payee, memo in (
        ("2026-04-22", 10_000_01, school.legal_representative, "备用金"),
        ("2026-05-13", 26_000_00, company, "货款"),
        ("2026-06-24", 12_000_00, person, "工资"),
        ("2026-07-08", 10_000_00, school.legal_representative, "备用金"),
        ("2026-07-22", 18_000_00, "虚构教具有限公司", "教具款"),
    ):
        number = names.account_no(rng, school.n * 10 + 7)
        entry = book(rng, account, day(text), -amount_fen, memo, payee, number)
        if amount_fen > 10_000_00 and payee != "虚构教具有限公司":
            school.expect_entry("OUT-PERSON", account, entry)
