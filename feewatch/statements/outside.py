"""Lines outside a table: whose account, which days, balances and control totals, by their labels.

A label stands in a cell with its value in the next one, in one cell as ``label:value``, or in a
line of labels above a line of values.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements import cells
from feewatch.statements.dialects import Dialect, column_key
from feewatch.statements.periods import (
    Moment,
    is_sure,
    label_of,
    last_day,
    moment_in,
    range_of,
    range_within,
)
from feewatch.statements.totals import (
    COUNT_AND_SUM,
    PageTotal,
    is_page_word,
    total_of,
    totals_within,
)

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
    "opening": (
        "期初余额", "上期余额", "上期结余", "上期结转", "承前余额", "承上期", "上日余额",
        "昨日余额", "上月余额", "上月结余", "上月结转", "上年结转", "年初余额", "月初余额",
        "起始余额", "前期余额", "结转余额",
    ),
    "closing": (
        "期末余额", "本期余额", "本期结余", "月末余额", "日终余额", "截止余额", "结转下期",
        "结转下月",
    ),
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
        "本页合计", "本页小计", "本页累计", "本页余额", "小计", "承前页", "承前页余额", "承上页",
        "过次页", "过次页余额", "转下页", "本日合计", "本月合计", "本月累计", "本年累计", "累计",
    ),
}  # fmt: skip
_SIDES = ("out_count", "out_sum", "in_count", "in_sum")
#: What a foot tells and a head does not.
FOOT = frozenset({"closing", "totals", *_SIDES, "count", "skipped"})
#: Lines with these words may stand among the rows; those of the first tell a balance.
_BALANCES = ("opening", "closing", "skipped")
_AMONG_ROWS = (*_BALANCES, "totals")
#: Days by their labels; under a label that may as well be of the day on which somebody asked.
_ENDS, _PERHAPS = ("from", "to"), "perhaps"
_DAYS = (*_ENDS, "period", _PERHAPS)
#: Two days side by side, and the most cells of a line that names a range in several.
_APART = re.compile(r"\d日?\s+(?:(?:至|到|~|-+|—+)\s+)?\d{4}[-/.年\d]")
_MOST_CELLS = 6
#: What is no range though it looks like one is said, at most so often.
_MOST_NOTES = 5
#: A title before a range that has no label.
_TITLE = re.compile(r"(?:明细|对账|流水|交易|账单|清单|查询|期间|回单)")
#: A colon that ends a label; one after a digit is a time of day's.
_COLON = re.compile(r"\s*(?<!\d):\s*")
#: What parts the value before it from the next label of one cell.
_GAP = re.compile(r"[\s,;、|]+(?=[^\s,;、|]*\Z)")
_UNITS = "笔元¥ "


#: What may be the number of an account that no label names.
_NUMBER = re.compile(r"(?<![\d.,:*-])\d[\d*]{3,}(?:[ -]?[\d*]{2,}){1,6}(?![\d.,:*-])")
_FEWEST_DIGITS, _MOST_DIGITS = 10, 25
_LONGEST_CELL = 200
#: A stamp or a day, and not the number of an account.
_STAMP = re.compile(r"(?:19|20)\d{2}[- ]?(?:0[1-9]|1[0-2])[- ]?[0-3]\d")


@dataclass
class Head:
    """What stands outside the table, the first statement of each winning."""

    account: str | None = None
    account_name: str | None = None
    currency: str | None = None
    period: tuple[Day, Day] | None = None
    ends: dict[str, Moment] = field(default_factory=dict)
    pages: list[PageTotal] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    opening_fen: int | None = None
    closing_fen: int | None = None
    controls: dict[str, int] = field(default_factory=dict)  # counts, and sums in fen


class Unreadable(ValueError):
    """A line outside the table states something that cannot be read: ``(field, text)``."""


class Outside:
    """Takes the lines that are no rows, in their order."""

    def __init__(self, dialect: Dialect) -> None:
        self.head = Head()
        self._day_first, self._is_reversed = dialect.day_first, dialect.reversed
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
        self._words_among_rows = {
            word: name for word, name in self._labels.items() if name in _AMONG_ROWS
        }
        self._first_of_words = {word[0] for word in self._words_among_rows}
        self._above: dict[int, str] = {}  # labels of the line before, whose values come now

    def claims(self, values: Sequence[str]) -> bool:
        """Whether a line under the header is none of its rows: it begins with a label."""
        first = values[0] or next(filter(None, values), "")
        return self.awaits_values or self.is_label(first)

    def among_rows(self, cell: str) -> str | None:
        """What a cell means that makes its line none of the rows, though it stands among them."""
        if cell.lstrip()[:1] not in self._first_of_words:  # most cells are texts of payments
            return None
        return self._words_among_rows.get(column_key(cell))

    def kinds_of(self, values: Sequence[str]) -> set[str]:
        """What a line tells, by the names of its labels."""
        return set(self._above.values()) or set(self._told(values, is_asked=True))

    @property
    def awaits_values(self) -> bool:
        """Whether the next line holds the values of labels above it."""
        return bool(self._above)

    def is_label(self, cell: str) -> bool:
        """Whether a cell names something outside the table."""
        return self._meaning(cell) is not None

    def _meaning(self, cell: str) -> str | None:
        """What a cell names, where it is a label and nothing else."""
        key = column_key(cell).rstrip(":")
        name = self._labels.get(key) or label_of(key) or self._total_of(key)
        is_doubtful = name == "period" and key not in self._labels and not is_sure(key)
        return _PERHAPS if is_doubtful else name

    def take(self, number: int, values: Sequence[str], sides: tuple[int, int]) -> None:
        """Take a line; ``sides`` are the places of the columns money out and in.

        Raises: Unreadable.
        """
        above, self._above = self._above, {}
        if above:
            texts_by_name = {name: [values[at]] for at, name in above.items() if at < len(values)}
        else:
            texts_by_name = self._told(values)
            self._find_range(number, values, texts_by_name)
            self._note_sentences(values, texts_by_name)
        for name, texts in texts_by_name.items():
            if name == "skipped":
                self._note_page(number, values, sides)
                continue
            if name in _DAYS:
                self._note_days(number, name, " ".join(map(self._year_first, texts)))
                continue
            try:
                self._note(name, [each for each in texts if each.strip()], values, sides)
            except ValueError:
                raise Unreadable(name, cells.shown(",".join(texts))) from None

    def _total_of(self, key: str) -> str | None:
        name = total_of(key)
        if name is None or not self._is_reversed or key[:1] not in "借贷":
            return name
        return name.replace("out_", "in_") if name[:3] == "out" else name.replace("in_", "out_")

    def _told(self, values: Sequence[str], *, is_asked: bool = False) -> dict[str, list[str]]:
        """What a line tells: each label's field with the cells up to the next label.

        ``is_asked``: and no more; labels whose values the next line tells are not kept.
        """
        texts_by_name: defaultdict[str, list[str]] = defaultdict(list)
        labels: dict[int, str] = {}
        current = None
        for at, cell in enumerate(values):
            if not cell.strip():
                continue
            name = self._meaning(cell)
            if name is not None:
                current = labels[at] = name
                texts_by_name[name] = texts_by_name[name]
                continue
            within = self._within(cell)
            for name, text in within:
                texts_by_name[name].append(text)
            if within:
                current = None
            elif current is not None:
                texts_by_name[current].append(cell)
        if len(labels) > 1 and not any(texts_by_name.values()) and not is_asked:
            self._above = labels
        return texts_by_name

    def _within(self, cell: str) -> list[tuple[str, str]]:
        """``label:value label:value`` of one cell."""
        parts = _COLON.split(normalise(cell))
        pairs: list[tuple[str, str]] = []
        label = parts[0]
        for n, part in enumerate(parts[1:], 2):
            value, following = part, ""
            if n < len(parts):
                gap = _GAP.search(part)
                value, following = (part[: gap.start()], part[gap.end() :]) if gap else ("", part)
            name = self._meaning(label)
            if name is not None:
                pairs.append((name, value))
            label = following
        return pairs

    def _note_sentences(self, values: Sequence[str], told: Mapping[str, object]) -> None:
        """Take control totals that stand in the words of a sentence."""
        if set(told) <= {"totals"}:
            for cell in values:
                for name, stated in totals_within(cell).items():
                    self.head.controls.setdefault(name, stated)

    def _note_page(self, number: int, values: Sequence[str], sides: tuple[int, int]) -> None:
        """Take what a line among the rows says that those above come to."""
        if not any(is_page_word(column_key(each).rstrip(":")) for each in values if each):
            return
        out, into = (values[at] if 0 <= at < len(values) else "" for at in sides)
        page = PageTotal(number, cells.amount(out), cells.amount(into))
        if page[1:] != (None, None):
            self.head.pages.append(page)

    def _find_range(self, number: int, values: Sequence[str], told: dict[str, list[str]]) -> None:
        """Look for a range of days that no known label names."""
        if any(name in _DAYS for name in told):
            return
        filled = [each for each in values if each.strip()]
        for cell in filled:
            found = range_within(cell)
            if found is None:
                continue
            if _is_title(found[0]):
                told["period"] = [found[1]]
            else:
                self._doubt(number, cell)
            return
        if told or not 1 < len(filled) < _MOST_CELLS:
            return
        line = " ".join(filled)
        if range_of(line) is not None and _APART.search(line):
            self._doubt(number, line)

    def _note_days(self, number: int, name: str, text: str) -> None:
        """Take what a label says of the days."""
        head, days = self.head, range_of(text)
        if name in _ENDS and (moment := moment_in(text)) is not None:
            head.ends.setdefault(name, moment)
            if len(head.ends) > 1:
                first, last = head.ends["from"], head.ends["to"]
                head.period = head.period or (first.day, last_day(first, last))
        elif days is not None:
            head.period = head.period or days
        elif text.strip() and (name != _PERHAPS or range_within(text) is not None):
            self._doubt(number, text)

    def _doubt(self, number: int, told: str) -> None:
        """Say of a range that it was not understood."""
        quoted = cells.shown(told)
        text = Text(
            f"像是起止日期，但未能读懂，不作为对账期间：{quoted}",
            f"looks like a range of days, but was not understood and names none: {quoted}",
        )
        if len(self.head.notes) < _MOST_NOTES:
            self.head.notes.append(Problem("STATEMENT-PERIOD", text, line=number))

    def _year_first(self, text: str) -> str:
        return cells.year_first(text) if self._day_first else text

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
        elif name == "opening":
            head.opening_fen = cells.amount(texts[0].strip(_UNITS))
        elif name == "closing":
            head.closing_fen = cells.amount(texts[0].strip(_UNITS))
        else:
            both = COUNT_AND_SUM.fullmatch(normalise(texts[0]).strip("共 "))
            if both and "_" in name:
                side = name.partition("_")[0]
                self._note_control(f"{side}_count", both[1])
                self._note_control(f"{side}_sum", both[2])
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


def numbers_in(values: Sequence[str]) -> set[str]:
    """What a line holds that may be the number of an account, whatever it is called."""
    line = normalise(" ".join(each for each in values if len(each) < _LONGEST_CELL))
    numbers = (re.sub(r"[ -]", "", found) for found in _NUMBER.findall(line))
    return {
        number
        for number in numbers
        if _FEWEST_DIGITS <= len(number) <= _MOST_DIGITS and not _STAMP.match(number)
    }


def _is_title(before: str) -> bool:
    """Whether what stands before a range says that it is the one of the statement."""
    key = column_key(before).strip(":()自从由[]<>")
    return not key or label_of(key) is not None or (":" not in key and bool(_TITLE.search(key)))
