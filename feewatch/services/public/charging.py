"""What an institution may charge: the rules of charging asked of one charge that a parent types.

By the rules' own expressions, parameters and prices of the day and place, so that a parent is told
what the office's check would say. Nothing is stored, and nothing of the ledger is read.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.book import (
    Authority,
    InForce,
    Parameter,
    ParameterValue,
    Price,
    Rule,
    RuleBook,
)
from feewatch.engine.judging import block_for, judge
from feewatch.engine.law import PriceSpan, lay_out_prices, nearest
from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day, add_months, format_day, months_ahead, months_between
from feewatch.kernel.money import group_yuan
from feewatch.kernel.places import ancestry
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book

#: The rules of what may be charged, in the order in which they are told.
RULES = (
    "PRICE-GUIDE", "PRICE-REFERENCE", "FEE-HOURS-60", "FEE-SPAN-3M", "FEE-CAP-5000",
    "FEE-EARLY-NEW", "PRICE-EXTRA",
)  # fmt: skip
STAGES = ("preschool", "primary", "junior", "senior")
SUBJECTS = ("academic", "arts", "sports", "science", "other")
MODES = ("offline", "online")
BASES = ("hours", "period", "both")
_MILLION = 1_000_000
_PRICED = ("PRICE-GUIDE", "PRICE-REFERENCE")
_NO_PRICE = Text(
    "本系统没有当地当日的政府指导价，不能计算，请查阅当地价格文件",
    "no guided price of that place and day is on file: this cannot be computed",
)
_UNCONFIRMED = Text(
    "当地价格待确认，不能据以计算", "the price on file for the place is unconfirmed"
)


@dataclass(frozen=True, slots=True)
class ChargeQuestion:
    """A charge as a parent describes it; what is not known is None."""

    district: str
    paid_on: Day
    subject: str
    stage: str
    mode: str = "offline"
    basis: str = "hours"
    class_size: int | None = None
    lesson_minutes: int | None = None
    total_lessons: int | None = None  # gifts included
    starts_on: Day | None = None
    ends_on: Day | None = None
    fee_fen: int | None = None
    other_fee_fen: int | None = None


class ChargeLine(NamedTuple):
    """What one rule says of a charge; ``is_breach`` is None where it cannot be judged."""

    rule: str
    title: Text
    limit: Text
    authority: Authority
    citations: tuple[Citation, ...]
    is_breach: bool | None
    department: Text


class ChargeAnswer(NamedTuple):
    """What every rule says that covers the charge, and the most that may be taken at once."""

    lines: list[ChargeLine]
    most_fen: int | None  # None: no limit can be computed

    @property
    def is_breach(self) -> bool | None:
        """Whether any rule is broken; None where none is and some cannot be judged."""
        verdicts = [line.is_breach for line in self.lines]
        return True if True in verdicts else None if None in verdicts else False


def assess_charge(app: App, charge: ChargeQuestion) -> ChargeAnswer:
    """What the rules in force in the place on the day of payment say of a charge."""
    book, lines, sums = rule_book(app), [], []
    for name in RULES:
        if name not in book.rules:
            continue
        line, most_fen = _assess(book, book.rules[name], charge)
        lines += [line] if line else []
        sums += [most_fen] if most_fen is not None else []
    return ChargeAnswer(lines, min(sums, default=None))


def _assess(
    book: RuleBook, rule: Rule, charge: ChargeQuestion
) -> tuple[ChargeLine | None, int | None]:
    """What a rule says of a charge, and the highest sum that it allows, if it limits one."""
    values, price = _values(book, rule, charge)
    block = block_for(rule, ancestry(charge.district), charge.paid_on, values)
    if block is None:
        return None, None
    most_fen = _most_fen(rule, values)
    limit = _limit(rule, charge, values, price, most_fen)
    citations = (*map(book.cite, block.basis), *_of_price(book, price))
    line = ChargeLine(
        rule.id, rule.title, limit, _authority(book, rule, block, charge), citations,
        _verdict(rule, values, price), rule.department,
    )  # fmt: skip
    return line, most_fen if block.authority != "preset" else None


def _verdict(rule: Rule, values: dict[str, Any], price: Price | None) -> bool | None:
    if rule.id in _PRICED and (price is None or not price.decides):
        return None
    is_breach: bool | None = judge(rule.breach, values)
    return is_breach


def _authority(book: RuleBook, rule: Rule, block: InForce, charge: ChargeQuestion) -> Authority:
    """A rule of law whose figure is the office's own is a preset."""
    values = (_figure(book.parameters[name], charge) for name in rule.parameters)
    is_preset = any(value is not None and value.source is None and value.value for value in values)
    return "preset" if is_preset else block.authority


def _figure(parameter: Parameter, charge: ChargeQuestion) -> ParameterValue | None:
    return nearest(parameter.values, ancestry(charge.district), charge.paid_on)


def _values(
    book: RuleBook, rule: Rule, charge: ChargeQuestion
) -> tuple[dict[str, Any], Price | None]:
    """Columns and parameters as the rule's facts would give them, with the price of the lesson."""
    values: dict[str, Any] = asdict(charge)
    start, end = charge.starts_on, charge.ends_on
    span = None if start is None or end is None else months_between(start, end)
    ahead = None if start is None else months_ahead(charge.paid_on, start)
    values |= {
        "renews": None, "turn": 1, "charge_id": 0, "lessons": charge.total_lessons,
        "most_lessons": charge.total_lessons, "span_months": span, "most_months": span,
        "lead_months_up": ahead, "lead_months": ahead,
        "other_fee_fen": charge.other_fee_fen or 0,
    }  # fmt: skip
    for name in rule.parameters:
        figure = _figure(book.parameters[name], charge)
        values[name] = None if figure is None else figure.value
    price = _find_price(book, charge) if rule.id in _PRICED else None
    decides = price is not None and price.decides
    for column in ("price_fen", "float_ppm", "standard_minutes"):
        values[column] = getattr(price, column) if decides else None
    return values, price


def _find_price(book: RuleBook, charge: ChargeQuestion) -> Price | None:
    """The guided price of the lesson; None where none is on file or the class is not known."""
    if charge.class_size is None:
        return None
    for span in _prices_of(book.version, charge.district, _Prices(book.prices)):
        if (
            (span.stage, span.mode) == (charge.stage, charge.mode)
            and span.class_from <= charge.class_size <= span.class_to
            and span.from_day <= charge.paid_on <= span.to_day
        ):
            return span.price
    return None


class _Prices:
    """The prices of a book; equal to any other, as the version of the book counts."""

    def __init__(self, prices: tuple[Price, ...]) -> None:
        self.prices = prices

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Prices)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _prices_of(version: str, district: str, prices: _Prices) -> list[PriceSpan]:
    del version
    return lay_out_prices(prices.prices, [district])


def _most_fen(rule: Rule, values: dict[str, Any]) -> int | None:
    """The highest sum at once by a rule that limits one; None where it cannot be computed."""
    if rule.id == "FEE-CAP-5000":
        cap: int | None = values["prepaid_fee_max"]
        return cap
    names = ("price_fen", "float_ppm", "standard_minutes", "total_lessons", "lesson_minutes")
    if rule.id not in _PRICED or any(values[name] is None for name in names):
        return None
    price, float_ppm, standard, lessons, minutes = (values[name] for name in names)
    most: int = price * (_MILLION + float_ppm) * lessons * minutes // (_MILLION * standard)
    return most


def _limit(
    rule: Rule,
    charge: ChargeQuestion,
    values: dict[str, Any],
    price: Price | None,
    most_fen: int | None,
) -> Text:
    """What a rule allows, in words."""
    if rule.id in _PRICED:
        return _price_in_words(charge, price, most_fen)
    if rule.id == "FEE-HOURS-60":
        most = values["prepaid_lessons_max"]
        return Text(
            f"一次最多收 {most} 课时（含赠送）", f"at most {most} lessons at once, gifts too"
        )
    if rule.id == "FEE-SPAN-3M":
        return _span_in_words(charge, values["prepaid_months_max"])
    if rule.id == "FEE-CAP-5000":
        sum_ = group_yuan(values["prepaid_fee_max"])
        return Text(f"一次最多收 {sum_} 元", f"at most {sum_} yuan at once")
    if rule.id == "FEE-EARLY-NEW":
        return _early_in_words(charge, values["early_months_max"])
    return Text("培训费以外不另收费用", "no fee beside the training fee")


def _span_in_words(charge: ChargeQuestion, months: int) -> Text:
    zh, en = f"一次最多收 {months} 个月", f"at most {months} months at once"
    if charge.starts_on is None:
        return Text(zh, en)
    last = format_day(add_months(charge.starts_on, months) - 1)
    return Text(f"{zh}（最迟上到 {last}）", f"{en} (until {last} at the latest)")


def _early_in_words(charge: ChargeQuestion, months: int) -> Text:
    zh, en = f"不早于开课前 {months} 个月", f"no earlier than {months} month before the start"
    if charge.starts_on is None:
        return Text(zh, en)
    first = format_day(add_months(charge.starts_on, -months))
    return Text(f"{zh}（{first} 起）", f"{en} (from {first})")


def _price_in_words(charge: ChargeQuestion, price: Price | None, most_fen: int | None) -> Text:
    if price is None:
        missing = Text("请填写班额", "state the size of the class")
        return missing if charge.class_size is None else _NO_PRICE
    if not price.decides:
        return _UNCONFIRMED
    per_lesson = price.price_fen * (_MILLION + price.float_ppm) // _MILLION
    unit, rise = group_yuan(per_lesson), price.float_ppm * 100 / _MILLION
    base, minutes = group_yuan(price.price_fen), price.standard_minutes
    zh = f"{price.place_name}：{base} 元 × (1 + {rise:g}%) = 每 {minutes} 分钟课时最高 {unit} 元"
    en = f"{price.place_name}: {base} yuan × (1 + {rise:g} %) = at most {unit} per {minutes} min"
    if price.status == "expired":
        zh, en = f"{zh}；价格文件已过试行期", f"{en}; the trial of that price is over"
    if most_fen is None:
        return Text(zh, en)
    whole, lessons, long = group_yuan(most_fen), charge.total_lessons, charge.lesson_minutes
    return Text(
        f"{zh}；{lessons} 课时 × {long} 分钟最高 {whole} 元",
        f"{en}; {lessons} lessons of {long} min: at most {whole} yuan",
    )


def _of_price(book: RuleBook, price: Price | None) -> tuple[Citation, ...]:
    """The document that sets the price, as far as it is on file."""
    if price is None or not price.decides:
        return ()
    if price.reference is not None:
        return (book.cite(price.reference),)
    return (Citation("", price.document, "", None, None, price.certainty),)
