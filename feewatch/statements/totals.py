"""Control totals of a bank's table: which words name them, and whether the rows come to them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from feewatch.kernel.money import format_yuan, parse_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.columns import Rows, StatedRow

_OUT, _IN = "借方|支出|付款|付出|转出|支取", "贷方|收入|收款|转入|存入"
_FILLER = "累计|合计|总计|汇总|交易|发生|本期|本次|期间|总|共"
#: A label of one side: what it counts or sums, in whatever order the words stand.
_LABEL = re.compile(
    rf"(?:{_FILLER})*(?:(?P<out>{_OUT})|(?P<in>{_IN}))?(?:{_FILLER})*"
    rf"(?P<count>笔数|次数)?(?P<sum>金额|发生额|总额|额)?(?:{_FILLER})*(?:\(元\)|/元)?"
)
#: ``借方 3 笔 1,800.00 元`` within a sentence.
_SENTENCE = re.compile(
    rf"(?:(?P<out>{_OUT})|(?P<in>{_IN}))[^\d借贷收支付]*?(?P<count>\d{{1,9}})\s*笔"
    r"(?:[^\d借贷收支付笔]*?(?P<sum>\d[\d,]*\.\d\d))?"
)
#: A count with its sum, as the value of one label.
COUNT_AND_SUM = re.compile(r"(\d{1,9})\s*笔[^\d]*(\d[\d,]*(?:\.\d\d)?)\s*元?")
_ALL = re.compile(r"共(?:计|有)?[:\s]*(\d{1,9})\s*笔")
_LONGEST_LABEL, _LONGEST_CELL = 16, 200
#: Words of lines that sum up the rows since the last one of them.
_PAGE_WORDS = frozenset({"本页合计", "本页小计", "小计", "本日合计", "当日合计"})
_NAMES = {
    "out_count": "借方总笔数", "out_sum": "借方总金额", "in_count": "贷方总笔数",
    "in_sum": "贷方总金额", "count": "总笔数",
}  # fmt: skip


class PageTotal(NamedTuple):
    """What a line among the rows says that those above it come to; None where it says nothing."""

    line: int
    out_fen: int | None
    in_fen: int | None


def total_of(key: str) -> str | None:
    """Which control total a label in the form of ``column_key`` names."""
    found = _LABEL.fullmatch(key) if 2 < len(key) <= _LONGEST_LABEL else None
    if found is None:
        return None
    side = "out" if found["out"] else "in" if found["in"] else ""
    is_summed = found["sum"] or re.search(_FILLER, key)
    if found["count"] and not found["sum"]:
        return f"{side}_count" if side else "count"
    return f"{side}_sum" if side and is_summed and not found["count"] else None


def is_page_word(key: str) -> bool:
    """Whether a word names the total of the rows since the last such line."""
    return key in _PAGE_WORDS


def totals_within(cell: str) -> dict[str, int]:
    """Counts, and sums in fen, that a sentence states."""
    if len(cell) > _LONGEST_CELL or "笔" not in cell:
        return {}
    text = normalise(cell)
    told: dict[str, int] = {}
    for found in _SENTENCE.finditer(text):
        side = "out" if found["out"] else "in"
        told[f"{side}_count"] = int(found["count"])
        fen = parse_yuan(found["sum"]) if found["sum"] else None
        if fen is not None:
            told[f"{side}_sum"] = fen
    if (count := _ALL.search(text)) is not None:
        told["count"] = int(count[1])
    return told


def compare_pages(pages: Sequence[PageTotal], rows: Rows) -> Problem | None:
    """The first line among the rows whose totals those above it do not come to."""
    if not pages:
        return None
    told = sorted(
        (line, amount)
        for lines, amounts in rows.columns("line", "amount_fen")
        for line, amount in zip(lines, amounts, strict=True)
    )
    start = 0
    for page in pages:
        since = [amount for line, amount in told if start < line < page.line]
        before = [amount for line, amount in told if line < page.line]
        if not any(_fits(page, amounts) for amounts in (since, before)):
            stated = " / ".join(
                format_yuan(fen) for fen in (page.out_fen, page.in_fen) if fen is not None
            )
            text = Text(
                f"本页合计 {stated} 与其上明细不符",
                f"the totals {stated} of a page differ from the rows above",
            )
            return Problem("STATEMENT-TOTALS", text, line=page.line)
        start = page.line
    return None


def _fits(page: PageTotal, amounts: Sequence[int]) -> bool:
    out = -sum(each for each in amounts if each < 0)
    into = sum(each for each in amounts if each > 0)
    stated = (page.out_fen, out), (page.in_fen, into)
    return all(fen is None or abs(fen) == known for fen, known in stated)


def compare_controls(controls: Mapping[str, int], rows: Sequence[StatedRow]) -> Problem | None:
    """The first control total that the rows do not come to.

    Banks count a correction in red ink on its own side or on the other; rows of nothing on either.
    """
    if not controls:
        return None
    differing = [_first_differing(controls, rows, by_sign=by_sign) for by_sign in (True, False)]
    return differing[0] if all(differing) else None


def _first_differing(
    controls: Mapping[str, int], rows: Sequence[StatedRow], *, by_sign: bool
) -> Problem | None:
    nothing = sum(1 for row in rows if not row.amount_fen)
    for name, stated in controls.items():
        amounts = list(_of_side(rows, name, by_sign=by_sign))
        if name.endswith("count"):
            is_so = 0 <= stated - len(amounts) <= nothing
            told, found = str(stated), str(len(amounts))
        else:
            is_so = stated == abs(sum(amounts))
            told, found = format_yuan(stated), format_yuan(abs(sum(amounts)))
        if not is_so:
            text = Text(
                f"{_NAMES[name]}应为 {told}，明细为 {found}",
                f"{name} is stated as {told}, the rows come to {found}",
            )
            return Problem("STATEMENT-TOTALS", text)
    return None


def _of_side(rows: Sequence[StatedRow], name: str, *, by_sign: bool) -> Iterator[int]:
    sign = -1 if name.startswith("out") else 1
    for row in rows:
        turned = -1 if row.reversal and not by_sign else 1
        if name == "count" or row.amount_fen * turned * sign > 0:
            yield row.amount_fen
