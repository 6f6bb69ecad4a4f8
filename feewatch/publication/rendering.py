"""An edition for people: one CSV a list and a page that prints; nothing the document lacks."""

from collections.abc import Mapping
from html import escape
from typing import Any

from feewatch.credit.decisions import GRAVITIES
from feewatch.credit.lists import LISTS, UNRATED
from feewatch.kernel.text import Text
from feewatch.publication.edition import Entry
from feewatch.sheets.quoting import write_csv

EDITION_FILE = "edition.json"
PAGE_FILE = "index.html"

_WHO = {"uscc": Text("统一社会信用代码", "credit code"), "name": Text("名称", "name")}
_WHITE = _WHO | {"subject": Text("培训类别", "subject")}
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
    "correction": Text("更正版(仅移出)", "correction (removals only)"),
    "removals": Text("仅移出", "removals only"),
}
_STYLE = """\
body{font:16px/1.6 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;color:#1b1b1b;
margin:2rem auto;max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}caption{text-align:left}
th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}th{background:#f1f1f1}small,dt{color:#4d4d4d}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0;
overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;font-size:10.5pt}tr{break-inside:avoid}
thead{display:table-header-group}}
"""


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
    title = f"{escape(document['office'])} 校外培训机构名单 第 {document['number']} 期"
    lists = "".join(_list(name, entries) for name, entries in document["lists"].items())
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{title}<br><small lang=en>Lists of training institutions, edition "
        f"{document['number']}</small></h1>\n{_head(document)}{lists}"
        f"{_unrated(document['unrated'])}{_delta(document['delta'])}</body></html>\n"
    )


def _head(document: Mapping[str, Any]) -> str:
    rows = {
        Text("行政区划", "district"): document["district"],
        Text("截止日", "cut-off"): document["cut_off"],
        Text("版别", "kind"): _KINDS[document["kind"]].both(),
        Text("规则库版本", "rule book"): document["rule_book"],
        Text("上一期哈希", "previous edition (SHA-256)"): document["previous_sha256"] or "-",
    }
    cells = (f"<dt>{_both(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f"<dl>{''.join(cells)}</dl>\n"


def _list(name: str, entries: list[Entry]) -> str:
    columns = _columns(name)
    rows = [[_cell(entry, key) for key in columns] for entry in entries]
    return _table(LISTS[name], list(columns.values()), rows)


def _unrated(entries: list[Entry]) -> str:
    rows = [[_cell(entry, key) for key in _WHO] for entry in entries]
    return _table(UNRATED, list(_WHO.values()), rows)


def _delta(changes: list[Entry]) -> str:
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
    return _table(Text("与上一期相比", "compared with the previous edition"), head, rows)


def _table(title: Text, head: list[Text], rows: list[list[Text]]) -> str:
    titles = "".join(f'<th scope="col">{_both(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_both(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not rows:
        body = f'<tr><td colspan="{len(head)}">{_both(Text("无", "none"))}</td></tr>'
    return (
        f"<h2>{_both(title)} ({len(rows)})</h2>\n"
        f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>\n"
    )


def _both(text: Text) -> str:
    zh, en = escape(text.zh), escape(text.en)
    return zh if zh == en else f'{zh}<br><small lang="en">{en}</small>'


def _columns(name: str) -> dict[str, Text]:
    return _WHITE if name in ("white", "credit_red") else _DECIDED


def _cell(entry: Entry, key: str) -> Text:
    value = entry[key]
    if key == "subject":
        return _SUBJECTS[value]
    if key == "class":
        return GRAVITIES[value]
    shown = f"{value['document']} {value['clause']}" if key == "basis" else value or ""
    return Text(shown, shown)
