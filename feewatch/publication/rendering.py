"""An edition for people: one CSV a list and a page that prints; nothing the document lacks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from feewatch.credit.decisions import GRAVITIES
from feewatch.credit.lists import LISTS, unrated_word
from feewatch.kernel.text import Text
from feewatch.publication.edition import Entry
from feewatch.sheets.quoting import write_csv

EDITION_FILE = "edition.json"
PAGE_FILE = "index.html"

_WHO = {"uscc": Text("统一社会信用代码", "credit code"), "name": Text("名称", "name")}
_WHITE = _WHO | {"subject": Text("培训类别", "subject"), "see": Text("备注", "remark")}
_DECIDED = _WHO | {
    "reason": Text("事由", "reason"),
    "class": Text("类别", "class"),
    "document": Text("文书号", "document"),
    "decided_on": Text("决定日期", "decided on"),
    "authority": Text("决定机关", "authority"),
    "basis": Text("依据", "legal basis"),
    "publish_from": Text("公示起", "shown from"),
    "last_day": Text("公示止", "shown until"),
    "earliest_repair": Text("最早可申请修复", "repair from"),
}
#: Of a white row whose institution stands on the notice board too.
SEE_NOTICE = Text("另见监管提示", "see the notices")
_SUBJECTS = {
    "academic": Text("学科类", "academic"),
    "arts": Text("文化艺术类", "arts"),
    "sports": Text("体育类", "sports"),
    "science": Text("科技类", "science"),
    "other": Text("其他", "other"),
}
_CHANGES = {
    "added": Text("列入", "added"),
    "removed": Text("移出", "removed"),
    "changed": Text("更新", "changed"),
}
_KINDS = {
    "regular": Text("定期版", "regular edition"),
    "correction": Text("更正版（仅移出）", "correction (removals only)"),
    "removals": Text("仅移出", "removals only"),
}
#: What a template has no value for must end the rendering and never print as nothing.
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)

#: Title, heads of the columns, rows of cells.
_PrintedTable = tuple[Text, list[Text], list[list[Text]]]


def render(document: Mapping[str, Any], signed: bytes) -> dict[str, bytes]:
    """Every file of an edition but its manifest, by file name."""
    files = {EDITION_FILE: signed, PAGE_FILE: render_page(document).encode()}
    for name, entries in document["lists"].items():
        files[f"{name}.csv"] = render_csv(name, entries)
    return files


def render_csv(name: str, entries: list[Entry]) -> bytes:
    """A list as CSV that a spreadsheet opens as it is: UTF-8 with BOM, no formulas."""
    columns = _columns(name)
    rows = [[_cell(entry, key).both() for key in columns] for entry in entries]
    return write_csv([[title.both() for title in columns.values()], *rows])


def render_page(document: Mapping[str, Any]) -> str:
    """The edition as one standalone page, Chinese first."""
    lists = [_list(name, entries) for name, entries in document["lists"].items()]
    return _TEMPLATES.get_template("edition.html").render(
        office=document["office"],
        number=document["number"],
        head=_head(document),
        tables=[*lists, _unrated(document["unrated"]), _delta(document["delta"])],
    )


def _head(document: Mapping[str, Any]) -> list[tuple[Text, str]]:
    return [
        (Text("行政区划", "district"), document["district"]),
        (Text("截止日", "cut-off"), document["cut_off"]),
        (Text("版别", "kind"), _KINDS[document["kind"]].both()),
        (Text("规则库版本", "rule book"), document["rule_book"]),
        (Text("上一期哈希", "previous edition (SHA-256)"), document["previous_sha256"] or "-"),
    ]


def _list(name: str, entries: list[Entry]) -> _PrintedTable:
    columns = _columns(name)
    rows = [[_cell(entry, key) for key in columns] for entry in entries]
    return LISTS[name], list(columns.values()), rows


def _unrated(entries: list[Entry]) -> _PrintedTable:
    rows = [[*(_cell(entry, key) for key in _WHO), unrated_word(entry)] for entry in entries]
    head = [*_WHO.values(), Text("状态", "state")]
    return Text("未评定", "not rated"), head, rows


def _delta(changes: list[Entry]) -> _PrintedTable:
    head = [
        Text("名单", "list"),
        Text("变动", "change"),
        *_WHO.values(),
        Text("原因", "reason"),
    ]
    rows = [
        [
            LISTS[change["list"]],
            _CHANGES[change["change"]],
            *(_cell(change, key) for key in _WHO),
            Text(**change["reason"]),
        ]
        for change in changes
    ]
    return Text("与上一期相比", "compared with the previous edition"), head, rows


def _columns(name: str) -> dict[str, Text]:
    return _WHITE if name in ("white", "credit_red") else _DECIDED


def _cell(entry: Entry, key: str) -> Text:
    if key == "see":
        return SEE_NOTICE if key in entry else Text("", "")
    value = entry[key]
    if key == "subject":
        return _SUBJECTS[value]
    if key == "class":
        return GRAVITIES[value]
    shown = f"{value['document']} {value['clause']}" if key == "basis" else value or ""
    return Text(shown, shown)
