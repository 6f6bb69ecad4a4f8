"""The tables of an edition: heads and cells of its lists, of those not rated, of what changed.

A cell is a text of no language or one in both; every form of an edition shows the same cells.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.credit.decisions import GRAVITIES
from feewatch.credit.lists import LISTS, unrated_word
from feewatch.kernel.text import Text
from feewatch.publication.edition import Entry

Cell = str | Text


class EditionTable(NamedTuple):
    """One table: ``name`` is that of the list, or ``unrated`` or ``delta``."""

    name: str
    title: Text
    heads: list[Text]
    rows: list[list[Cell]]


UNRATED_TABLE, DELTA_TABLE = "unrated", "delta"
_WHO = [Text("统一社会信用代码", "credit code"), Text("名称", "name")]
_WHITE = [*_WHO, Text("培训类别", "subject"), Text("备注", "remark")]
_DECIDED = [
    *_WHO,
    Text("事由", "reason"),
    Text("类别", "class"),
    Text("文书号", "document"),
    Text("决定日期", "decided on"),
    Text("决定机关", "authority"),
    Text("依据", "legal basis"),
    Text("公示起", "shown from"),
    Text("公示止", "shown until"),
    Text("最早可申请修复", "repair from"),
]
_DELTA = [Text("名单", "list"), Text("变动", "change"), *_WHO, Text("原因", "reason")]
#: Of a white row whose institution stands on the notice board too.
SEE_NOTICE = Text("另见监管提示", "see the notices")
_SUBJECTS = {
    "academic": Text("学科类", "academic"),
    "arts": Text("文化艺术类", "arts"),
    "sports": Text("体育类", "sports"),
    "science": Text("科技类", "science"),
    "other": Text("其他", "other"),
}
CHANGES = {
    "added": Text("列入", "added"),
    "removed": Text("移出", "removed"),
    "changed": Text("更新", "changed"),
}


def list_tables(document: Mapping[str, Any]) -> list[EditionTable]:
    """Every table of an edition in the order in which it is read."""
    held = document["lists"]
    named = [name for name in LISTS if name in held]
    return [
        *(list_table(name, held[name]) for name in named),
        EditionTable(
            UNRATED_TABLE, Text("未评定", "not rated"), [*_WHO, Text("状态", "state")],
            [[entry["uscc"], entry["name"], unrated_word(entry)] for entry in document["unrated"]],
        ),
        EditionTable(
            DELTA_TABLE, Text("与上一期相比", "compared with the previous edition"), _DELTA,
            [_change(change) for change in document["delta"]],
        ),
    ]  # fmt: skip


def list_table(name: str, entries: list[Entry]) -> EditionTable:
    """The table of one list."""
    if name in ("white", "credit_red"):
        return EditionTable(name, LISTS[name], _WHITE, [_white(entry) for entry in entries])
    return EditionTable(name, LISTS[name], _DECIDED, [_decided(entry) for entry in entries])


def _white(entry: Entry) -> list[Cell]:
    remark: Cell = SEE_NOTICE if "see" in entry else ""
    return [entry["uscc"], entry["name"], _SUBJECTS[entry["subject"]], remark]


def _decided(entry: Entry) -> list[Cell]:
    basis = entry["basis"]
    return [
        entry["uscc"],
        entry["name"],
        entry["reason"],
        GRAVITIES[entry["class"]],
        entry["document"],
        entry["decided_on"],
        entry["authority"],
        f"{basis['document']} {basis['clause']}",
        entry["publish_from"] or "",
        entry["last_day"] or "",
        entry["earliest_repair"] or "",
    ]


def _change(change: Entry) -> list[Cell]:
    who = [change["uscc"], change["name"]]
    reason = Text(**change["reason"])
    return [LISTS[change["list"]], CHANGES[change["change"]], *who, reason]
