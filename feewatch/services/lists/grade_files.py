"""Grades as an office prints them: a workbook, and CSV. Texts alone, no formulas."""

from collections.abc import Callable, Iterable
from pathlib import Path

from feewatch.credit.grades import NOT_GRADED, STATUSES, format_points
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import UnavailableError
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.services.lists.grade_pages import GradeRow
from feewatch.sheets.quoting import write_csv

TITLE = "校外培训机构信用评价结果"


def _lines(row: GradeRow) -> str:
    return "；".join(
        f"{line['on']} {line['title']['zh']}：{line['fact']['zh']}，{line['counted']}"
        for line in row.grade["lines"]
    )


def _missing(row: GradeRow) -> str:
    return "；".join(text["zh"] for text in row.grade["missing"])


#: Head, width in characters, what stands below it.
_COLUMNS: dict[str, tuple[int, Callable[[GradeRow], str]]] = {
    "评价期": (9, lambda row: row.grade["period"]),
    "统一社会信用代码": (20, lambda row: row.grade["uscc"]),
    "机构": (24, lambda row: row.grade["name"]),
    "区划": (8, lambda row: row.grade["district"]),
    "得分": (8, lambda row: format_points(row.grade["points"])),
    "计算等级": (8, lambda row: row.grade["computed"] or NOT_GRADED.zh),
    "评定等级": (8, lambda row: row.grade["set_grade"] or ""),
    "状态": (9, lambda row: STATUSES[row.grade["status"]].zh),
    "加减分": (50, _lines),
    "缺少的资料": (24, _missing),
    "异议期至": (11, lambda row: iso_or_none(row.grade["objection_until"]) or ""),
    "评定日": (11, lambda row: iso_or_none(row.grade["set_on"]) or ""),
    "评定人": (10, lambda row: row.grade["set_by"] or ""),
    "理由": (24, lambda row: row.grade["reason"] or ""),
    "下次检查": (11, lambda row: iso_or_none(row.next_check and row.next_check.due) or ""),
}


def grades_workbook(rows: Iterable[GradeRow], office: str) -> bytes:
    """The grades as a workbook."""
    table = [
        [Cell(head) for head in _COLUMNS],
        *([Cell(text) for text in _texts(row)] for row in rows),
    ]
    widths = tuple(width for width, _ in _COLUMNS.values())
    page = WorkbookPage("信用评价", table, widths=widths, heading=f"{office} {TITLE}".strip())
    return write_workbook([page])


def grades_csv(rows: Iterable[GradeRow]) -> bytes:
    """The same for a spreadsheet."""
    return write_csv([[*_COLUMNS], *(_texts(row) for row in rows)])


def _texts(row: GradeRow) -> list[str]:
    return [text(row) for _, text in _COLUMNS.values()]


def write_grades(path: Path, rows: Iterable[GradeRow], office: str) -> None:
    """Write the grades to a file, as CSV where its name says so.

    Raises: UnavailableError.
    """
    is_csv = path.suffix.lower() == ".csv"
    content = grades_csv(rows) if is_csv else grades_workbook(rows, office)
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {path}", f"cannot write {path}: {fault.strerror}"
        ) from None
