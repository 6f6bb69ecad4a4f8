"""Which schools the district has: those with something planted, and honest ones up to its size."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from feewatch.demo import plants_charges as charges
from feewatch.demo import plants_contracts as contracts
from feewatch.demo import plants_data as data
from feewatch.demo import plants_families as families
from feewatch.demo import plants_flows as flows
from feewatch.demo import plants_money as money
from feewatch.demo import plants_prices as prices
from feewatch.demo import plants_teaching as teaching
from feewatch.demo.model import AS_OF, PlannedCase, School, day
from feewatch.demo.plants_money import Plant
from feewatch.demo.statements import BankFile

FilePlant = Callable[[Random, School, list[BankFile]], None]


@dataclass(frozen=True)
class Scenario:
    """How a school is held, what it teaches, and what is planted in it, step by step."""

    custody: str
    subject: str
    before: tuple[Plant, ...] = ()
    sign: tuple[Plant, ...] = ()
    book: tuple[Plant, ...] = ()
    set: tuple[Plant, ...] = ()
    file: tuple[FilePlant, ...] = ()
    two_accounts: bool = False
    succeeds: bool = False  # takes over the contracts of the school before it in the list
    case: PlannedCase | None = None

    @property
    def honest(self) -> bool:
        """Whether nothing is planted."""
        planted = self.before or self.sign or self.book or self.set or self.file
        return not (planted or self.succeeds)


BANK, DEPOSIT, BOTH = "bank_custody", "risk_deposit", "both"

PLANTED = (
    # fees and prices
    Scenario(BANK, "academic", sign=(
        contracts.too_many_lessons, contracts.over_price, families.on_days_off),
        case=PlannedCase("FEE-HOURS-60", day("2026-07-10"))),
    Scenario(DEPOSIT, "arts", sign=(contracts.too_many_lessons, contracts.too_dear),
             case=PlannedCase("FEE-CAP-5000", AS_OF - 1)),
    Scenario(BANK, "academic", sign=(contracts.too_dear, contracts.too_early)),
    Scenario(BANK, "sports", sign=(contracts.too_long, families.in_pieces),
             case=PlannedCase("FEE-SPAN-3M", AS_OF)),  # its last day is not yet over
    Scenario(BOTH, "science", sign=(contracts.too_early, contracts.too_long)),
    Scenario(DEPOSIT, "academic", sign=(contracts.over_price, families.in_pieces,
                                        families.for_the_smallest)),
    Scenario(BANK, "arts", sign=(contracts.on_loan, families.refunded_late)),
    Scenario(DEPOSIT, "science", sign=(contracts.on_loan, contracts.too_many_lessons)),
    Scenario(DEPOSIT, "academic", sign=(
        prices.posted_over, prices.over_reference, prices.more_is_collected)),
    Scenario(BOTH, "academic", sign=(prices.over_reference, prices.above_the_posted_price)),
    Scenario(BANK, "arts", sign=(prices.in_disguise, prices.above_the_posted_price)),
    Scenario(DEPOSIT, "sports", sign=(prices.in_disguise, prices.more_is_collected,
                                      teaching.renewed_early)),
    # lessons and refunds
    Scenario(BANK, "science", sign=(
        teaching.whole_days, teaching.outside_the_contract, teaching.renewed_early)),
    Scenario(DEPOSIT, "arts", sign=(
        teaching.whole_days, teaching.outside_the_contract, teaching.more_than_bought)),
    Scenario(BOTH, "sports", sign=(teaching.more_than_bought, teaching.refunded_short)),
    Scenario(BANK, "arts", before=(teaching.released_on(3),), sign=(teaching.many_lessons,),
             set=(teaching.set_confirmed_at_once,)),
    Scenario(BOTH, "science", before=(teaching.released_on(3),), sign=(teaching.many_lessons,),
             set=(teaching.set_confirmed_at_once,)),
    Scenario(BANK, "sports", before=(teaching.released_on(4),), sign=(teaching.many_lessons,),
             set=(teaching.set_confirmed_at_once,)),
    Scenario(BANK, "arts", sign=(teaching.many_lessons,), set=(teaching.set_nobody_answers,)),
    Scenario(BOTH, "sports", sign=(teaching.many_lessons,), set=(teaching.set_nobody_answers,)),
    # the account
    Scenario(BANK, "arts", before=(money.before_no_account,)),
    Scenario(BANK, "sports", before=(money.before_no_account_any_more,)),
    Scenario(DEPOSIT, "sports", before=(money.before_no_deposit,)),
    Scenario(BOTH, "arts", before=(money.before_no_deposit,)),
    Scenario(DEPOSIT, "science", before=(money.before_no_fee_account,)),
    Scenario(DEPOSIT, "academic", before=(money.before_deposit_closed,)),
    Scenario(BANK, "science", sign=(contracts.money_missing,)),
    Scenario(DEPOSIT, "academic", sign=(contracts.money_missing, contracts.money_unexplained)),
    Scenario(BANK, "arts", sign=(contracts.money_unexplained,)),
    # what is drawn, what is left
    Scenario(BANK, "sports", before=(money.overdraw(
        ("2026-05-20", 10, 0), ("2026-06-10", 10, 1)),)),
    Scenario(BANK, "arts", before=(money.overdraw(
        ("2026-06-08", 50, 0), ("2026-06-09", 80, 0), ("2026-06-10", 120, 0)),)),
    Scenario(BOTH, "science", before=(money.overdraw(
        ("2026-05-27", 0, 0), ("2026-06-24", 200, 0)),)),
    Scenario(BANK, "sports", sign=(contracts.carry_over,), set=(money.covered(900),)),
    Scenario(BANK, "academic", sign=(contracts.carry_over,), set=(money.covered(1000, -1),)),
    Scenario(BOTH, "arts", sign=(contracts.carry_over,), set=(money.covered(970),)),
    Scenario(BANK, "science", sign=(contracts.carry_over,), set=(money.covered(1000),)),
    Scenario(BANK, "sports", sign=(contracts.carry_over, contracts.money_unexplained),
             set=(money.covered(1000),)),
    Scenario(BANK, "arts", sign=(contracts.carry_over, contracts.money_unexplained),
             set=(money.covered(995),)),
    Scenario(BANK, "arts", before=(families.dwindling(1),), set=(money.set_minimum,)),
    Scenario(DEPOSIT, "sports", before=(families.dwindling(5),), set=(money.set_minimum,)),
    Scenario(BOTH, "academic", before=(families.dwindling(2),), set=(money.set_minimum,)),
    Scenario(DEPOSIT, "arts", set=(money.deposited(1000, -1),)),
    Scenario(DEPOSIT, "science", set=(money.deposited(500),)),
    Scenario(BOTH, "sports", set=(money.deposited(950),)),
    Scenario(DEPOSIT, "academic", sign=(contracts.cancelled_in_time,),
             set=(money.deposited(1000),)),
    # large and private payments
    Scenario(DEPOSIT, "academic", set=(money.drawn(200_000_00, 80_000_01),)),
    Scenario(DEPOSIT, "academic", set=(money.drawn(200_000_00, 80_000_00),)),
    Scenario(DEPOSIT, "academic", set=(money.drawn(110_000_00, 50_000_00),)),
    Scenario(DEPOSIT, "academic", set=(money.drawn(110_000_00, 50_000_01),)),
    Scenario(DEPOSIT, "sports", book=(money.book_building_work,), set=(money.set_building_work,)),
    Scenario(BANK, "science", before=(money.before_emptied,), sign=(contracts.crash_courses,),
             set=(money.set_emptied,)),
    Scenario(DEPOSIT, "arts", book=(money.book_private_payments,)),
    Scenario(DEPOSIT, "academic", book=(money.book_private_payments,)),
    Scenario(DEPOSIT, "academic", book=(flows.book_other_purposes,)),
    Scenario(DEPOSIT, "arts", before=(flows.before_nature("non_profit"),),
             book=(flows.book_other_purposes, flows.book_deposit_spent)),
    Scenario(DEPOSIT, "sports", before=(flows.before_nature("for_profit"),),
             book=(flows.book_other_purposes, flows.book_round_trips)),
    Scenario(BANK, "science", before=(flows.before_old_deposit,), book=(flows.book_deposit_spent,)),
    Scenario(BANK, "arts", before=(flows.before_settlement_account,),
             book=(flows.book_strange_payees,)),
    # who comes and goes
    Scenario(DEPOSIT, "arts", before=(flows.licence_ends(None),),
             sign=(flows.paid_as_the_licence_ends,)),
    Scenario(BANK, "sports", before=(flows.licence_ends(29),),
             sign=(flows.paid_as_the_licence_ends,)),
    Scenario(DEPOSIT, "science", before=(flows.licence_ends(30),),
             sign=(flows.paid_as_the_licence_ends,)),
    Scenario(DEPOSIT, "arts", before=(flows.before_enrolment_week,),
             sign=(flows.enrolment_week(11),)),
    Scenario(BANK, "science", before=(flows.before_enrolment_week,),
             sign=(flows.enrolment_week(14),)),
    Scenario(DEPOSIT, "sports", before=(flows.before_enrolment_week,),
             sign=(flows.enrolment_week(10),)),
    Scenario(BANK, "arts", before=(flows.gone_dark(31),)),
    Scenario(DEPOSIT, "sports", before=(flows.gone_dark(40),)),
    Scenario(BANK, "science", before=(flows.gone_dark(30),)),
    Scenario(BANK, "arts", before=(flows.gone_dark(31, closed=True),)),
    # charges, endings, mergers
    Scenario(BANK, "arts", sign=(charges.in_instalments,)),
    Scenario(DEPOSIT, "sports", sign=(charges.in_instalments,)),
    Scenario(BANK, "science", sign=(charges.settled,)),
    Scenario(BANK, "arts", before=(charges.before_merging,)),
    Scenario(BANK, "arts", succeeds=True),
    # the files
    Scenario(BANK, "sports", before=(data.silent_for(8, "daily", 7),)),
    Scenario(BANK, "arts", before=(data.silent_for(7, "", 7),)),
    Scenario(BANK, "science", before=(data.silent_for(15, "weekly", 14),)),
    Scenario(BANK, "academic", before=(data.silent_for(14, "weekly", 14),)),
    Scenario(DEPOSIT, "sports", before=(data.silent_for(39, "monthly", 38),)),
    Scenario(DEPOSIT, "arts", before=(data.silent_for(38, "monthly", 38),)),
    Scenario(BANK, "arts", before=(data.never_seen("2026-06-01"),)),
    Scenario(BANK, "sports", before=(data.never_seen("2026-07-24"),)),
    Scenario(BANK, "sports", set=(data.days_missing(1),)),
    Scenario(BANK, "arts", set=(data.days_missing(12),)),
    Scenario(BOTH, "science", set=(data.days_missing(3),)),
    Scenario(BANK, "academic", set=(data.days_missing(0),)),
    Scenario(BANK, "arts", set=(data.set_row_to_hide,), file=(data.file_row_hidden,)),
    Scenario(DEPOSIT, "science", set=(data.set_row_to_hide,), file=(data.file_row_hidden,)),
    Scenario(BANK, "sports", file=(data.file_tampered,)),
    Scenario(BOTH, "arts", file=(data.file_tampered, data.file_incomplete)),
    Scenario(BANK, "science", file=(data.file_tampered_second, data.file_strange_beside_own)),
    Scenario(BANK, "arts", file=(data.file_strange_account,)),
    Scenario(BANK, "arts", set=(data.told_alone(46),), file=(data.file_told_alone,)),
    Scenario(DEPOSIT, "sports", set=(data.told_alone(60),), file=(data.file_told_alone,)),
    Scenario(BANK, "science", set=(data.told_alone(45),), file=(data.file_told_alone,)),
    Scenario(BANK, "sports", file=(data.file_typed_over,)),
)  # fmt: skip

#: Honest schools take turns in these forms.
HONEST = (
    Scenario(BANK, "arts"),
    Scenario(BANK, "academic", two_accounts=True),
    Scenario(DEPOSIT, "sports"),
    Scenario(BANK, "science", two_accounts=True),
    Scenario(BOTH, "arts"),
    Scenario(BANK, "sports"),
)


def schools(count: int) -> list[Scenario]:
    """All planted schools, and honest ones until there are so many."""
    rest = max(0, count - len(PLANTED))
    return [*PLANTED, *(HONEST[k % len(HONEST)] for k in range(rest))]
