"""Lines outside a table: whose account, which days, balances and control totals, by their labels.

A label stands in a cell with its value in the next one, in one cell as ``label:value``, or in a
line of labels above a line of values.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements import cells
from feewatch.statements.columns import StatedRow
from feewatch.statements.dialects import Dialect, column_key

#: Labels that mean the same in every bank's files; a layout adds its own.
_COMMON: Mapping[str, tuple[str, ...]] = {
    "account": (
        "账号", "帐号", "账户", "帐户", "卡号", "本方账号", "查询账号", "查询帐号", "选择账号",
        "企业账号", "账户号码", "银行账号", "结算账号", "客户账号", "账号/卡号", "卡号/账号",
    ),
    "account_name": (
        "户名", "账户名称", "帐户名称", "账户户名", "本方户名", "客户名称", "单位名称", "企业名称",
        "公司名称",
    ),
    "currency": ("币种", "币别", "货币", "账户币种"),
    "period": (
        "起止日期", "起讫日期", "日期范围", "查询期间", "查询时间范围", "查询起止日期",
        "交易日期范围", "对账期间",
    ),
    "from": ("起始日期", "开始日期", "查询开始日期", "查询起始日期"),
    "to": ("截止日期", "截至日期", "结束日期", "终止日期", "查询结束日期", "查询截止日期"),
    "opening": ("期初余额", "上期余额", "上期结余"),
    "closing": ("期末余额",),
    "totals": ("合计", "总计", "人民币合计", "合计金额"),
    "out_count": (
        "借方总笔数", "借方交易笔数", "借方笔数", "借方发生总笔数", "借方累计笔数", "总支出笔数",
        "支出总笔数", "支出笔数", "汇总支出笔数",
    ),
    "out_sum": (
        "借方总金额", "借方交易金额", "借方合计", "借方合计金额", "借方发生总额", "总支出",
        "总支出金额", "支出总金额", "支出合计", "汇总支出金额",
    ),
    "in_count": (
        "贷方总笔数", "贷方交易笔数", "贷方笔数", "贷方发生总笔数", "贷方累计笔数", "总收入笔数",
        "收入总笔数", "收入笔数", "汇总收入笔数",
    ),
    "in_sum": (
        "贷方总金额", "贷方交易金额", "贷方合计", "贷方合计金额", "贷方发生总额", "总收入",
        "总收入金额", "收入总金额", "收入合计", "汇总收入金额",
    ),
    "count": ("总笔数", "合计笔数", "交易笔数", "交易总笔数", "明细笔数"),
    "skipped": (
        "本页合计", "本页小计", "本页累计", "小计", "承前页", "承前页余额", "过次页", "本月合计",
        "本月累计", "本年累计", "累计",
    ),
}  # fmt: skip
_SIDES = ("out_count", "out_sum", "in_count", "in_sum")
#: A colon that ends a label; one after a digit is a time of day's.
_COLON = re.compile(r"\s*(?<!\d):\s*")
_UNITS = "笔元 "


@dataclass
class Head:
    """What stands outside the table, the first statement of each winning."""

    account: str | None = None
    account_name: str | None = None
    currency: str | None = None
    period: tuple[Day, Day] | None = None
    ends: dict[str, Day] = field(default_factory=dict)
    opening_fen: int | None = None
    closing_fen: int | None = None
    controls: dict[str, int] = field(default_factory=dict)  # counts, and sums in fen


class Unreadable(ValueError):
    """A line outside the table states something that cannot be read: ``(field, text)``."""


class Outside:
    """Takes the lines that are no rows, in their order."""

    def __init__(self, dialect: Dialect) -> None:
        self.head = Head()
        self._labels = {
            label: name
            for words in (_COMMON, dialect.head)
            for name, labels in words.items()
            for label in labels
        }
        if dialect.reversed:
            self._labels |= {
                label: f"{'in' if name.startswith('out') else 'out'}{name[name.index('_') :]}"
                for label, name in self._labels.items()
                if name in _SIDES and label[0] in "借贷"
            }
        self._above: dict[int, str] = {}  # labels of the line before, whose values come now

    def claims(self, values: Sequence[str]) -> bool:
        """Whether a line under the header is none of its rows: it begins with a label."""
        first = values[0] or next(filter(None, values), "")
        return self.awaits_values or self.is_label(first)

    @property
    def awaits_values(self) -> bool:
        """Whether the next line holds the values of labels above it."""
        return bool(self._above)

    def is_label(self, cell: str) -> bool:
        """Whether a cell names something outside the table."""
        return column_key(cell).rstrip(":") in self._labels

    def take(self, values: Sequence[str], sides: tuple[int, int]) -> None:
        """Take a line; ``sides`` are the places of the columns money out and in.

        Raises: Unreadable.
        """
        above, self._above = self._above, {}
        if above:
            told = {name: [values[at]] for at, name in above.items() if at < len(values)}
        else:
            told = self._told(values)
        for name, texts in told.items():
            try:
                self._note(name, [each for each in texts if each.strip()], values, sides)
            except ValueError:
                raise Unreadable(name, cells.shown(",".join(texts))) from None

    def _told(self, values: Sequence[str]) -> dict[str, list[str]]:
        """What a line tells: each label's field with the cells up to the next label."""
        told: defaultdict[str, list[str]] = defaultdict(list)
        labels: dict[int, str] = {}
        current = None
        for at, cell in enumerate(values):
            if not cell.strip():
                continue
            name = self._labels.get(column_key(cell).rstrip(":"))
            if name is not None:
                current = labels[at] = name
                told[name] = told[name]
                continue
            within = self._within(cell)
            for name, text in within:
                told[name].append(text)
            if within:
                current = None
            elif current is not None:
                told[current].append(cell)
        if len(labels) > 1 and not any(told.values()):
            self._above = labels
        return told

    def _within(self, cell: str) -> list[tuple[str, str]]:
        """``label:value label:value`` of one cell."""
        parts = _COLON.split(normalise(cell))
        found: list[tuple[str, str]] = []
        label = parts[0]
        for n, part in enumerate(parts[1:], 2):
            value, following = part, ""
            if n < len(parts):
                value, _, following = part.rpartition(" ")
            name = self._labels.get(column_key(label))
            if name is not None:
                found.append((name, value))
            label = following
        return found

    def _note(
        self, name: str, texts: list[str], values: Sequence[str], sides: tuple[int, int]
    ) -> None:
        head = self.head
        if name == "totals":
            out, into = (values[at] if 0 <= at < len(values) else "" for at in sides)
            stated = cells.amount(out), cells.amount(into)
            if stated != (None, None):
                head.controls |= {"out_sum": stated[0] or 0, "in_sum": stated[1] or 0}
        elif not texts or name == "skipped":
            return
        elif name == "account":
            number = cells.account(normalise(texts[0]).partition("(")[0])
            if any(each.isdigit() or each == "*" for each in number):  # else it is a name
                head.account = head.account or number
        elif name == "account_name":
            head.account_name = head.account_name or cells.word(texts[0])
        elif name == "currency":
            head.currency = head.currency or texts[0].strip()
        elif name in ("from", "to"):
            head.ends[name] = cells.day_and_time(texts[0])[0]
            if len(head.ends) > 1:
                head.period = head.period or (head.ends["from"], head.ends["to"])
        elif name == "period":
            first, last, *_ = cells.find_days(" ".join(texts))
            head.period = first, last
        elif name == "opening":
            head.opening_fen = cells.amount(texts[0].strip(_UNITS))
        elif name == "closing":
            head.closing_fen = cells.amount(texts[0].strip(_UNITS))
        else:
            self._note_control(name, texts[0].strip(_UNITS + "共"))

    def _note_control(self, name: str, text: str) -> None:
        stated = cells.amount(text)
        if stated is None:
            return
        if name.endswith("count"):
            if stated % 100:
                raise ValueError(text)
            stated //= 100
        self.head.controls[name] = abs(stated)


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
        amounts = _of_side(rows, name, by_sign=by_sign)
        if name.endswith("count"):
            is_so = 0 <= stated - len(amounts) <= nothing
            told, found = str(stated), str(len(amounts))
        else:
            is_so = stated == abs(sum(amounts))
            told, found = format_yuan(stated), format_yuan(abs(sum(amounts)))
        if not is_so:
            text = Text(
                f"{_COMMON[name][0]}应为 {told},明细为 {found}",
                f"{name} is stated as {told}, the rows come to {found}",
            )
            return Problem("STATEMENT-TOTALS", text)
    return None


def _of_side(rows: Sequence[StatedRow], name: str, *, by_sign: bool) -> list[int]:
    if name == "count":
        return [row.amount_fen for row in rows]
    sign = -1 if name.startswith("out") else 1
    return [
        row.amount_fen
        for row in rows
        if row.amount_fen * (-1 if row.reversal and not by_sign else 1) * sign > 0
    ]
