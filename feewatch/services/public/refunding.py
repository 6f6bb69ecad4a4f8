"""What a refund would come to: an estimate from what a parent types, and what it cannot know.

In proportion to the lessons held, as the product computes what was consumed. Nothing is stored.
"""

from dataclasses import dataclass
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.engine.book import RuleBook
from feewatch.engine.law import block_on, nearest
from feewatch.engine.sources import READ, LawReference
from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.money import group_yuan, half_up
from feewatch.kernel.places import ancestry
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book

CAUSES = ("institution", "consumer")
#: The judicial interpretation on prepaid consumption: articles by what they are told for.
_SOURCE = "refund-2025"
_SEVEN_DAYS, _PRICED, _DISCOUNTED, _UNDISCOUNTED, _INTEREST, _GIFTS = (
    "第十四条", "第十五条", "第十八条", "第十九条", "第十六条", "第二十一条",
)  # fmt: skip
_COOLING_DAYS = 7
_TERMS = "REF-LATE"


@dataclass(frozen=True, slots=True)
class RefundQuestion:
    """A contract as a parent describes it; what is not known is None."""

    district: str
    fee_fen: int
    lessons: int
    gift_lessons: int
    held: int
    asked_on: Day
    cause: str = ""
    paid_on: Day | None = None
    starts_on: Day | None = None
    list_price_fen: int | None = None  # of a lesson, before any discount


class RefundLine(NamedTuple):
    """One sentence with the law that it rests on; ``is_known`` is False for what nobody can say."""

    says: Text
    citations: tuple[Citation, ...] = ()
    is_known: bool = True


class RefundEstimate(NamedTuple):
    """The estimate, in fen; ``undiscounted_fen`` is that at the price before discount."""

    consumed_fen: int
    refund_fen: int
    undiscounted_fen: int | None
    lines: list[RefundLine]


def estimate_refund(app: App, contract: RefundQuestion) -> RefundEstimate:
    """What would be paid back, with the law on file and what the estimate cannot know."""
    book, total = rule_book(app), contract.lessons + contract.gift_lessons
    held = min(contract.held, total)
    consumed = min(half_up(contract.fee_fen * held, total), contract.fee_fen)
    undiscounted = None
    if contract.cause == "consumer" and contract.list_price_fen is not None:
        undiscounted = max(contract.fee_fen - contract.list_price_fen * held, 0)
    lines = [
        *_amount_lines(book, contract, held, consumed),
        *_term_lines(app, book, contract),
        *_unknown_lines(book, contract),
    ]
    return RefundEstimate(consumed, contract.fee_fen - consumed, undiscounted, lines)


def _amount_lines(
    book: RuleBook, contract: RefundQuestion, held: int, consumed: int
) -> list[RefundLine]:
    fee, used = group_yuan(contract.fee_fen), group_yuan(consumed)
    rest = group_yuan(contract.fee_fen - consumed)
    total = contract.lessons + contract.gift_lessons
    sums = f"{fee} − {fee} × {held} ÷ {total} = {fee} − {used} = {rest}"
    pro_rata = Text(f"按比例：{sums} 元", f"in proportion: {sums} yuan")
    lines = [RefundLine(pro_rata, _cite(book, _PRICED))]
    if contract.cause == "consumer":
        by_list = Text(
            "因学员原因退费的，已上课时可能按打折前价格计算，退得更少",
            "where the family ends the contract, lessons held may count at the price before "
            "discount, and less is paid back",
        )
        lines.append(RefundLine(by_list, _cite(book, _UNDISCOUNTED)))
    elif contract.cause == "institution":
        discounted = Text(
            "非因学员原因退费的，已上课时按优惠后的价格计算",
            "where the family did not cause it, lessons held count at the discount price",
        )
        lines.append(RefundLine(discounted, _cite(book, _DISCOUNTED)))
    if contract.paid_on is not None and contract.asked_on - contract.paid_on <= _COOLING_DAYS:
        cooling = Text(
            f"付款（{format_day(contract.paid_on)}）未超过七日，可以请求返还本金；"
            "订约时已获得过相同服务的除外",
            f"paid on {format_day(contract.paid_on)}, within seven days: the principal may be "
            "asked back, unless the same service was had before",
        )
        lines.append(RefundLine(cooling, _cite(book, _SEVEN_DAYS)))
    return lines


def _term_lines(app: App, book: RuleBook, contract: RefundQuestion) -> list[RefundLine]:
    """By when it is to be paid, where the place says so."""
    rule, chain = book.rules.get(_TERMS), ancestry(contract.district)
    blocks = block_on(rule.in_force, chain, contract.asked_on) if rule else []
    if not blocks:
        text = Text(
            "本系统没有当地退费时限的文件：以合同约定为准",
            "no term for refunds of that place is on file: the contract decides",
        )
        return [RefundLine(text, is_known=False)]
    names = ("refund_working_days", "refund_days")
    figures = [nearest(book.parameters[name].values, chain, contract.asked_on) for name in names]
    before, after = (figure.value if figure else None for figure in figures)
    assert isinstance(before, int)  # the rule needs both
    assert isinstance(after, int)
    if contract.starts_on is None:
        text = Text(
            f"开课前申请的 {before} 个工作日内退，开课后申请的 {after} 日内退",
            f"within {before} working days before the course starts, {after} days after",
        )
    else:
        is_before = contract.asked_on < contract.starts_on
        last = (
            add_working_days(contract.asked_on, before, app.holidays).day
            if is_before
            else contract.asked_on + after
        )
        text = Text(
            f"最迟 {format_day(last)} 退（开课前 {before} 个工作日，开课后 {after} 日）",
            f"by {format_day(last)} ({before} working days before the start, {after} days after)",
        )
    return [RefundLine(text, tuple(map(book.cite, blocks[0].basis)))]


def _unknown_lines(book: RuleBook, contract: RefundQuestion) -> list[RefundLine]:
    unknown = [
        Text(
            "合同约定的扣除、违约责任和转让：请看合同",
            "deductions, penalties and transfers that the contract agrees on: see the contract",
        ),
        Text(
            "机构登记的消课是否与您的记录一致：不一致时请保留证据",
            "whether the lessons that the institution registers are those that you know of",
        ),
    ]
    lines = [RefundLine(text, is_known=False) for text in unknown]
    if contract.gift_lessons:
        gifts = Text("赠送课时如何折价", "what gift lessons are worth")
        lines.append(RefundLine(gifts, _cite(book, _GIFTS), is_known=False))
    interest = Text("利息", "interest")
    return [*lines, RefundLine(interest, _cite(book, _INTEREST), is_known=False)]


def _cite(book: RuleBook, article: str) -> tuple[Citation, ...]:
    """The article of the interpretation, where it is on file and was read."""
    reference = LawReference(_SOURCE, article)
    return (book.cite(reference),) if book.certainty_of(reference) in READ else ()
