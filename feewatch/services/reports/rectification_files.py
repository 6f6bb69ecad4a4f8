"""The ledger of rectification as an office prints it: a workbook on A4 across, and CSV.

Every cell is a text or an amount, never a formula.
"""

from collections.abc import Callable, Iterable

from feewatch.casework.states import SEVERITY_WORDS
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.money import format_yuan
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.services.reports.rectification import NOBODY, RectificationRow, progress
from feewatch.sheets.quoting import write_csv

TITLE = "校外培训机构问题整改台账"
_NO_WORD = "—"


def _title(row: RectificationRow) -> str:
    return f"{row.title.zh}（{row.alerts} 条，数据显示已消除 {row.recovered} 条）"


def _closed(row: RectificationRow) -> str:
    return f"{iso_or_none(row.closed_on)} {row.closed_by}" if row.closed_on else _NO_WORD


def _rechecked(row: RectificationRow) -> str:
    if row.rechecked_on is not None:
        words = row.recheck_result or _NO_WORD
        return f"{iso_or_none(row.rechecked_on)} {row.rechecked_by}：{words}"
    return f"应于 {iso_or_none(row.recheck_on)} 前" if row.recheck_on is not None else _NO_WORD


def _repeated(row: RectificationRow) -> str:
    if row.recurred_on is not None:
        return f"是（{iso_or_none(row.recurred_on)} 再次发现）"
    return f"是（重新整改 {row.reopened} 次）" if row.reopened else "否"


_Cells = dict[str, tuple[int, Callable[[RectificationRow], str]]]
#: Head, width in characters, what stands below it.
_COLUMNS: _Cells = {
    "案号": (17, lambda row: row.number),
    "机构": (18, lambda row: f"{row.institution.zh} {row.uscc}".strip()),
    "区划": (8, lambda row: row.district),
    "等级": (6, lambda row: SEVERITY_WORDS[row.severity].zh),
    "问题": (24, _title),
    "金额（元）": (13, lambda row: "" if row.sum_fen is None else format_yuan(row.sum_fen)),
    "依据": (22, lambda row: "；".join(row.basis)),
    "责任人": (9, lambda row: row.owner or NOBODY.zh),
    "责任单位": (11, lambda row: row.department.zh or _NO_WORD),
    "措施": (28, lambda row: row.measure.zh),
    "文书": (14, lambda row: "；".join(row.papers) or _NO_WORD),
    "时限": (11, lambda row: iso_or_none(row.deadline) or _NO_WORD),
    "进度": (14, lambda row: progress(row).zh),
    "整改结果": (22, lambda row: row.result or _NO_WORD),
    "销号": (14, _closed),
    "回头看": (18, _rechecked),
    "是否反复": (11, _repeated),
}
_AMOUNT = list(_COLUMNS).index("金额（元）")


def rectification_workbook(rows: Iterable[RectificationRow], office: str) -> bytes:
    """The ledger as a workbook; the head stays in sight and on every printed page."""
    listed = list(rows)
    heads = [Cell(head) for head in ("序号", *_COLUMNS)]
    table = [heads, *(_line(place, row) for place, row in enumerate(listed, 1)), _total(listed)]
    widths = (5, *(width for width, _ in _COLUMNS.values()))
    page = WorkbookPage("整改台账", table, widths=widths, heading=f"{office} {TITLE}".strip())
    return write_workbook([page])


def rectification_csv(rows: Iterable[RectificationRow]) -> bytes:
    """The same for a spreadsheet."""
    heads = ["序号", *_COLUMNS]
    lines = [[str(place), *_texts(row)] for place, row in enumerate(rows, 1)]
    return write_csv([heads, *lines])


def _texts(row: RectificationRow) -> list[str]:
    return [text(row) for _, text in _COLUMNS.values()]


def _line(place: int, row: RectificationRow) -> list[Cell]:
    cells = [Cell(text) for text in _texts(row)]
    cells[_AMOUNT] = Cell("", fen=row.sum_fen)
    return [Cell(str(place)), *cells]


def _total(rows: list[RectificationRow]) -> list[Cell]:
    cells = [Cell("") for _ in _COLUMNS]
    cells[_AMOUNT] = Cell("", fen=sum(row.sum_fen or 0 for row in rows))
    return [Cell("合计"), *cells]
