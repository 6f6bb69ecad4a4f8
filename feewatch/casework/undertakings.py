"""What an institution undertakes to do by a day, as far as the data can show it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import Text

KINDS: dict[str, Text] = {
    "refund": Text("退还学费", "refund"),
    "top_up": Text("补足资金", "top up"),
    "statement": Text("补报对账单", "hand in statements"),
    "other": Text("其他", "other"),
}
#: As many contracts or accounts as one undertaking names.
MOST_ITEMS = 200
_LINE = re.compile(r"([^\s,，;；:：]+)[\s,，;；:：]*(.*)")


@dataclass(frozen=True, slots=True)
class Promise:
    """One undertaking before it is put on record."""

    kind: str
    due_on: Day
    text: str = ""
    matter_id: int | None = None  # of a top-up: whose breach it ends
    #: Of a refund: contract numbers with fen; None: what was asked back and is not paid.
    contracts: tuple[tuple[str, int | None], ...] = ()
    covers_to: Day | None = None  # of statements: the day up to which they tell
    account_nos: tuple[str, ...] = ()  # of statements; none: every fee and deposit account


@dataclass(frozen=True, slots=True)
class Paid:
    """One refund that the bank shows for a contract."""

    booked_on: Day
    amount_fen: int
    file_sha256: str
    line: int


def day_reached(refunds: Iterable[Paid], amount_fen: int) -> Day | None:
    """The day on which refunds together reach an amount; None where they do not."""
    total = 0
    for refund in sorted(refunds, key=lambda refund: refund.booked_on):
        total += refund.amount_fen
        if total >= amount_fen:
            return refund.booked_on
    return None


def read_contract_lines(text: str) -> tuple[tuple[str, int | None], ...]:
    """Contracts and amounts as a person types them: one a line, a number and yuan if any.

    Raises: InvalidInputError.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(_read_line(line) for line in lines)


def _read_line(line: str) -> tuple[str, int | None]:
    parts = _LINE.fullmatch(line)
    number, rest = parts.groups() if parts else (line, "")
    amount = parse_yuan(rest.removesuffix("元").strip()) if rest else None
    if rest and (amount is None or amount <= 0):
        raise InvalidInputError(
            "UNDERTAKING-AMOUNT",
            f"“{line}”：合同编号之后应为金额（元）",
            f"{line!r}: after the contract number comes an amount in yuan",
        )
    return number, amount
