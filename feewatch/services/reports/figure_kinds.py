"""What a figure of the report of a period is: which rows it counts, in words, of which source.

A figure that nothing tells is None, and is shown as unknown: never as zero and never as good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from feewatch.kernel.text import Text

Where = Mapping[str, Sequence[str]]
#: Sections of the report, in order.
SECTIONS: dict[str, Text] = {
    "found": Text("督查发现", "found"),
    "asked": Text("督办反馈", "asked and answered"),
    "rectified": Text("整改销号", "rectified and closed"),
    "recheck": Text("回头看", "looked at again"),
    "objections": Text("陈述申辩", "objections"),
    "money": Text("预收资金监管", "prepaid money"),
    "statements": Text("对账单报送", "statements"),
    "institutions": Text("机构", "institutions"),
    "campaign": Text("证照清理与线索", "missing papers and clues"),
    "lists": Text("名单公示", "published lists"),
    "rounds": Text("督导走访与部门协调", "visits and meetings of departments"),
}
RULE_GROUPS: dict[str, Text] = {
    "FEE": Text("收费", "fees"),
    "PRICE": Text("价格", "prices"),
    "ACC": Text("专用账户", "supervised accounts"),
    "BAL": Text("资金余额", "balances"),
    "DEP": Text("风险保证金", "risk deposits"),
    "REL": Text("资金拨付", "release of money"),
    "REF": Text("退费", "refunds"),
    "OUT": Text("资金流出", "outflows"),
    "FLOW": Text("资金流动", "flows"),
    "CON": Text("合同与消课", "contracts and lessons"),
    "SUBJ": Text("培训内容", "subjects"),
    "STAGE": Text("学段", "stages"),
    "TIME": Text("培训时间", "hours of teaching"),
    "DATA": Text("数据报送", "data"),
    "CASE": Text("案件办理", "cases"),
    "VISIT": Text("督学走访", "visits"),
}


@dataclass(frozen=True)
class FigureKind:
    """One figure: the rows of its source with these words, or what their amounts come to."""

    id: str
    section: str
    title: Text
    unit: str  # count, fen, days, ratio
    how: Text
    source: str
    where: Where = field(default_factory=dict)
    value: str = "rows"  # or amount: the sum, unknown where no row tells one
    by: tuple[str, ...] = ()  # words by which it is broken down
    over: str = ""  # of a ratio: the figure that it is divided by
    is_whole: bool = True  # whether it is a figure besides its parts

    def narrowed(self, word: str, value: str) -> "FigureKind":
        """The part of it with one word; its id says so."""
        return replace(
            self,
            id=f"{self.id}:{word}={value}",
            where={**self.where, word: (value,)},
            by=(),
            is_whole=True,
        )


def figure(
    key: str, section: str, zh: str, en: str, how_zh: str, how_en: str, source: str, *,
    unit: str = "count", value: str = "rows", by: tuple[str, ...] = (), over: str = "",
    is_whole: bool = True, **where: str | Sequence[str],
) -> FigureKind:  # fmt: skip
    """A figure; ``where``: the words of the rows that it counts."""
    words = {
        name: (each,) if isinstance(each, str) else tuple(each) for name, each in where.items()
    }
    title, how = Text(zh, en), Text(how_zh, how_en)
    return FigureKind(key, section, title, unit, how, source, words, value, by, over, is_whole)
