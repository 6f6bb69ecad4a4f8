"""What stands in the file of the list of grades."""

from typing import Any

from feewatch.credit.grades import NOT_GRADED, format_points
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.text import Text
from feewatch.web.labels import label
from feewatch.web.language import say
from feewatch.web.lists import ListColumn
from feewatch.web.regulator.list_columns import DISTRICT, INSTITUTION, STATUS, USCC
from feewatch.web.words import place_name


def _lines(row: Any) -> str:
    return "；".join(
        f"{line['on']} {say(line['title'])} {say(line['fact'])} {line['counted']}"
        for line in row.grade["lines"]
    )


GRADES = (
    ListColumn(Text("评价期", "period"), lambda row: row.grade["period"]),
    ListColumn(USCC, lambda row: row.grade["uscc"]),
    ListColumn(INSTITUTION, lambda row: row.grade["name"]),
    ListColumn(DISTRICT, lambda row: place_name(row.grade["district"])),
    ListColumn(Text("得分", "points"), lambda row: format_points(row.grade["points"])),
    ListColumn(Text("计算等级", "computed"), lambda row: row.grade["computed"] or say(NOT_GRADED)),
    ListColumn(Text("评定等级", "grade"), lambda row: row.grade["set_grade"] or ""),
    ListColumn(STATUS, lambda row: label("grade_status", row.grade["status"])),
    ListColumn(Text("加减分", "lines"), _lines),
    ListColumn(
        Text("缺少的资料", "missing"),
        lambda row: "；".join(say(text) for text in row.grade["missing"]),
    ),
    ListColumn(
        Text("异议期至", "objections until"), lambda row: iso_or_none(row.grade["objection_until"])
    ),
    ListColumn(Text("评定日", "set on"), lambda row: iso_or_none(row.grade["set_on"])),
    ListColumn(
        Text("下次检查", "next check"),
        lambda row: iso_or_none(row.next_check.due) if row.next_check else None,
    ),
)
