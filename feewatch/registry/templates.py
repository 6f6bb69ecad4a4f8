"""Workbooks to fill in, one a kind: drop-downs, notes, a sample on a sheet of its own.

The first sheet imports as it is; the sample, being on another sheet, needs no removing.
"""

from feewatch.kernel.text import Text
from feewatch.registry import cells
from feewatch.registry.columns import Column, Kind
from feewatch.registry.kinds import KINDS
from feewatch.registry.recognition import NOTES_SHEET, SAMPLE_SHEET
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook

_USCC = "52370702651728628K"
#: A row that reads without fault, by the names of the columns; others stay empty.
SAMPLES: dict[str, dict[str, str]] = {
    "institutions": {
        "uscc": _USCC,
        "name": "示例培训中心",
        "district": "370702",
        "subject": "文化艺术类",
        "nature": "非营利性",
        "custody": "银行托管",
        "licence_no": "教民137070270000018号",
        "licence_until": "2028-12-31",
        "related_parties": "示例文化有限公司;示例投资有限公司",
        "supervised_from": "2026-01-01",
    },
    "accounts": {
        "uscc": _USCC,
        "account_no": "26601891581262337000",
        "bank": "示例银行潍坊分行",
        "kind": "收费专用账户",
        "opened_on": "2026-01-01",
        "statement_cycle": "月",
    },
    "courses": {
        "course_id": "KC001",
        "uscc": _USCC,
        "title": "少儿舞蹈基础班",
        "discipline": "舞蹈",
        "stage": "小学",
        "mode": "线下",
        "class_size": "20",
        "lesson_minutes": "45",
        "lessons": "40",
        "price_per_lesson": "70.00",
    },
    "contracts": {
        "contract_no": "HT2026-0001",
        "uscc": _USCC,
        "course_id": "KC001",
        "student": "S0123456789abcdef",
        "basis": "按课时",
        "lessons": "40",
        "gift_lessons": "2",
        "starts_on": "2026-03-01",
        "ends_on": "2026-05-31",
        "fee": "2800.00",
        "paid_on": "2026-02-20",
        "channel": "银行",
        "payment": "预付",
    },
    "lessons": {
        "contract_no": "HT2026-0001",
        "held_on": "2026-03-07",
        "lessons": "2",
        "confirmed_on": "2026-03-07",
        "confirmed_by": "家长",
        "uscc": _USCC,
    },
    "refunds": {
        "refund_no": "TF2026-0001",
        "contract_no": "HT2026-0001",
        "requested_on": "2026-04-10",
        "amount": "1400.00",
        "cause": "学员",
        "uscc": _USCC,
    },
    "approvals": {
        "uscc": _USCC,
        "kind": "换行",
        "document": "示教备〔2026〕1号",
        "from": "2026-05-01",
        "until": "2026-05-31",
    },
    "charges": {
        "contract_no": "HT2026-0001",
        "charge_no": "1",
        "due_on": "2026-02-20",
        "amount": "2800.00",
        "lessons": "40",
        "paid_on": "2026-02-20",
        "uscc": _USCC,
    },
    "sites": {
        "uscc": _USCC,
        "site_no": "JXD01",
        "district": "370703",
        "name": "示例培训中心寒亭教学点",
        "address": "示例路 1 号",
        "opened_on": "2026-03-01",
    },
    "successions": {
        "from_uscc": _USCC,
        "to_uscc": "52371003146412163U",
        "on": "2026-07-01",
        "document": "示教承〔2026〕1号",
    },
    "premises": {
        "premises_no": "CS2026-0001",
        "district": "370702",
        "address": "示例路 2 号",
        "found_on": "2026-04-01",
        "found_by": "联合检查组",
        "state": "无证无照",
        "disposal": "待处置",
    },
    "clues": {
        "clue_no": "XS2026-0001",
        "received_on": "2026-04-02",
        "source": "12345热线",
        "district": "370702",
        "text": "反映收费未进专用账户",
        "uscc": _USCC,
        "state": "待核",
    },
}
_NOTES = {
    "charge_no": Text("同一合同内不重复", "no two of a contract are alike"),
    "ended_on": Text("提前终止的日期", "where the contract ended before its time"),
    "settlement": Text("终止时余款如何结清", "how what was left was settled"),
    "student": Text(
        "不含个人信息的标识，不得填写姓名、电话或身份证号；feewatch tokenize 可由名册生成",
        "an opaque token, never a name, phone or identity number; feewatch tokenize makes it",
    ),
    "uscc": Text("18 位，含校验位", "18 characters with the check digit"),
    "related_parties": Text("多个名称以分号隔开", "names with a semicolon between"),
    "valid_from": Text("空：自始有效", "empty: from the beginning"),
}
_LESSONS_ZERO = Text("0 表示取消该日消课", "0 cancels the lessons of that day")


def file_name(kind: Kind) -> str:
    """The name of a kind's template."""
    return f"{kind.name}.xlsx"


def template(kind: Kind) -> bytes:
    """The workbook of a kind."""
    heads = [Cell(column.zh, describe(kind, column).both()) for column in kind.columns]
    sample = [Cell(SAMPLES[kind.name].get(column.name, "")) for column in kind.columns]
    bare = [Cell(column.zh) for column in kind.columns]
    rows = [[Cell(column.zh), Cell(column.name), *_words(kind, column)] for column in kind.columns]
    titles = [Cell(each) for each in ("列", "column", "说明", "meaning")]
    return write_workbook(
        [
            WorkbookPage(f"{kind.zh} {kind.name}", [heads], kind.columns),
            WorkbookPage(SAMPLE_SHEET, [bare, sample], kind.columns),
            WorkbookPage(NOTES_SHEET, [titles, *rows]),
        ]
    )


def templates() -> dict[str, bytes]:
    """The templates of all kinds by file name."""
    return {file_name(kind): template(kind) for kind in KINDS.values()}


def describe(kind: Kind, column: Column) -> Text:
    """What a column holds, for the person who fills it in."""
    must = Text("必填", "must be filled") if column.must_be_filled else Text("可空", "may be empty")
    parts = [must, _form_of(column)]
    if kind.name == "lessons" and column.name == "lessons":
        parts.append(_LESSONS_ZERO)
    if column.name in _NOTES:
        parts.append(_NOTES[column.name])
    texts = [part for part in parts if part.zh]
    return Text(";".join(part.zh for part in texts), "; ".join(part.en for part in texts))


def _words(kind: Kind, column: Column) -> list[Cell]:
    return [Cell(each) for each in describe(kind, column)]


def _form_of(column: Column) -> Text:
    if column.words:
        return Text(
            "下拉选择：" + "、".join(column.words.values()),
            "one of " + ", ".join(f"{zh} {value}" for value, zh in column.words.items()),
        )
    if column.read is cells.day:
        return Text("日期，如 2026-01-31", "a day such as 2026-01-31")
    if column.read is cells.yuan:
        return Text("金额（元），至多两位小数", "yuan, at most two decimals")
    if isinstance(column.read, cells.Whole):
        return Text("整数", "a whole number")
    if column.read is cells.district:
        return Text("6 位行政区划代码", "a division code of six digits")
    return Text("", "")
