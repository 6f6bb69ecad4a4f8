"""双公示: decisions as rows of the form in which penalties are handed in for publication.

The columns are those of the national form as far as they are known (``docs/publicity.md`` says how
sure). Nothing is made up: a cell that must be filled and cannot is empty, and is told of.
"""

from collections.abc import Sequence
from typing import NamedTuple

from feewatch.credit.decisions import Decision
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.text import Text

#: 处罚类别 of the form, by sanction of ``credit_terms.toml``.
CATEGORIES = {
    "warning": "警告",
    "public_criticism": "通报批评",
    "simple_procedure": "其他",
    "fine": "罚款",
    "large_fine": "罚款",
    "huge_fine": "罚款",
    "confiscation": "没收违法所得、没收非法财物",
    "licence_suspended": "暂扣许可证件",
    "licence_revoked": "吊销许可证件",
    "enrolment_stopped": "限制开展生产经营活动",
    "business_stopped": "责令停产停业",
    "closed": "责令关闭",
    "banned": "限制从业",
    "listed_serious": "其他",
}
_FINES = frozenset({"fine", "large_fine", "huge_fine"})
_LICENCES = frozenset({"licence_suspended", "licence_revoked"})


class Submitter(NamedTuple):
    """Who hands the rows in, and the codes of the authorities that decided."""

    office: str
    office_uscc: str
    authority_uscc: str  # of the authority of the decision


class PublicityColumn(NamedTuple):
    """A column of the form: its head, and what it is in English."""

    head: str
    english: str


COLUMNS = tuple(
    PublicityColumn(head, english)
    for head, english in (
        ("行政相对人名称", "name of the party"),
        ("行政相对人类别", "kind of the party"),
        ("统一社会信用代码", "credit code"),
        ("法定代表人", "legal representative"),
        ("行政处罚决定书文号", "number of the document"),
        ("违法行为类型", "kind of the breach"),
        ("违法事实", "what happened"),
        ("处罚依据", "legal basis"),
        ("处罚类别", "kind of the sanction"),
        ("处罚内容", "what was imposed"),
        ("罚款金额（万元）", "fine in 10,000 yuan"),
        ("没收违法所得、没收非法财物的金额（万元）", "confiscated in 10,000 yuan"),
        ("暂扣或吊销证照名称及编号", "licence suspended or revoked"),
        ("处罚决定日期", "day of the decision"),
        ("处罚有效期", "valid until"),
        ("公示截止期", "published until"),
        ("处罚机关", "authority"),
        ("处罚机关统一社会信用代码", "credit code of the authority"),
        ("数据来源单位", "who hands it in"),
        ("数据来源单位统一社会信用代码", "credit code of who hands it in"),
        ("备注", "remarks"),
    )
)
HEADS = tuple(column.head for column in COLUMNS)
_SUM_OF_FINE, _SUM_CONFISCATED, _LICENCE, _REMARKS = HEADS[10], HEADS[11], HEADS[12], HEADS[20]


class PublicityRow(NamedTuple):
    """A decision as a row of the form, and the heads of columns that had to be filled."""

    document: str
    cells: tuple[str, ...]
    missing: tuple[str, ...]


def publicity_row(decision: Decision, representative: str, source: Submitter) -> PublicityRow:
    """A decision as a row of the form; days as the form writes them, sums in 10,000 yuan.

    ``representative``: of the party, by the register.
    """
    until = _day(decision.last_day)
    cells = (
        decision.name,
        "法人及非法人组织" if decision.uscc else "",
        decision.uscc,
        representative,
        decision.document,
        decision.reason,
        decision.facts,
        f"{decision.basis.get('document', '')}{decision.basis.get('clause', '')}",
        "；".join(dict.fromkeys(CATEGORIES.get(name, "其他") for name in decision.sanctions)),
        decision.content,
        _ten_thousands(decision.fine_fen),
        _ten_thousands(decision.confiscated_fen),
        decision.licence,
        _day(decision.decided_on),
        until,
        until,
        decision.authority,
        source.authority_uscc,
        source.office,
        source.office_uscc,
        "启用本系统前已生效" if decision.imported else "",
    )
    wanted = _wanted(decision.sanctions)
    missing = tuple(head for head, cell in zip(HEADS, cells, strict=True)
                    if head in wanted and not cell)  # fmt: skip
    return PublicityRow(decision.document, cells, missing)


def is_owed(decision: Decision) -> bool:
    """Whether a decision in force is to be handed in: what is not public is not, nor what was."""
    return decision.publish_from is not None and not decision.imported


def in_words(row: PublicityRow) -> Text:
    """What a row lacks."""
    english = {column.head: column.english for column in COLUMNS}
    return Text(
        f"{row.document} 缺：{'、'.join(row.missing)}",
        f"{row.document} lacks: {', '.join(english[head] for head in row.missing)}",
    )


def _wanted(sanctions: Sequence[str]) -> frozenset[str]:
    wanted = set(HEADS) - {_SUM_OF_FINE, _SUM_CONFISCATED, _LICENCE, _REMARKS}
    if _FINES & set(sanctions):
        wanted.add(_SUM_OF_FINE)
    if "confiscation" in sanctions:
        wanted.add(_SUM_CONFISCATED)
    if _LICENCES & set(sanctions):
        wanted.add(_LICENCE)
    return frozenset(wanted)


def _ten_thousands(fen: int | None) -> str:
    """Fen in 10,000 yuan, exactly, with no more decimals than it needs."""
    if fen is None:
        return ""
    whole, rest = divmod(fen, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _day(day: Day | None) -> str:
    return "" if day is None else date_of(day).strftime("%Y/%m/%d")
