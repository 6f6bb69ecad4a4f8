"""The places of a template: each under its Chinese name and its identifier, as registers have."""

from collections.abc import Mapping

#: Of a paper as a whole, ``{{文号}}`` or ``{{number}}``.
FIELDS: Mapping[str, str] = {
    "office": "机关名称",
    "number": "文号",
    "title": "文种",
    "recipient": "受文单位",
    "institution": "机构名称",
    "uscc": "统一社会信用代码",
    "case": "案件编号",
    "department": "主管部门",
    "confirmation": "函证编号",
    "day": "成文日期",
    "deadline": "办理期限",
    "reason": "事由",
    "matter_count": "事项数",
    "alert_count": "情形数",
    "sum": "金额合计",
    "first_day": "最早日期",
    "last_day": "最晚日期",
    "made_by": "制作人",
    "owner": "责任人",
    "opened_on": "立案日期",
    "told_on": "告知日期",
    "answered_on": "反馈日期",
    "closed_on": "销号日期",
    "standing": "数据现状",
    "remedies": "救济途径",
    "copies": "抄送",
    "has_hints": "提示说明",
    "more_rows": "未列行数",
}
#: Of the items of a list, ``{{事项.名称}}`` or ``{{matters.title}}``: what holds one is repeated.
LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "matters": (
        "事项",
        {
            "n": "序号", "title": "名称", "facts": "事实", "count": "情形数", "sum": "金额",
            "first_day": "起", "last_day": "止", "authority": "依据类别", "law": "依据",
            "department": "主管部门",
            "cure": "整改要求", "standing": "数据现状",
        },
    ),
    "hints": (
        "提示事项",
        {
            "n": "序号", "title": "名称", "facts": "事实", "count": "情形数", "sum": "金额",
            "first_day": "起", "last_day": "止", "authority": "依据类别", "law": "依据",
            "department": "主管部门",
            "cure": "整改要求", "standing": "数据现状",
        },
    ),
    "alerts": (
        "明细",
        {
            "n": "序号", "matter": "事项序号", "day": "日期", "subject": "对象",
            "measured": "实测", "limit": "限值", "calculation": "算式", "standing": "数据现状",
        },
    ),
    "rows": (
        "证据",
        {"alert": "明细序号", "place": "来源", "day": "日期", "sum": "金额", "content": "内容"},
    ),
    "laws": (
        "法律依据",
        {
            "n": "序号", "document": "文件", "number": "文号", "article": "条款",
            "effective": "施行日期", "certainty": "核读程度", "says": "大意",
        },
    ),
    "events": (
        "经过",
        {"day": "日期", "step": "步骤", "actor": "经办人", "reason": "说明"},
    ),
    "papers": (
        "文书",
        {"number": "文号", "title": "文种", "served_on": "送达日期", "way": "送达方式"},
    ),
    "items": (
        "函证",
        {
            "n": "序号", "account": "账号", "days": "起止日期", "opening": "期初余额",
            "closing": "期末余额", "count": "笔数", "in": "收入合计", "out": "支出合计",
        },
    ),
}  # fmt: skip


def _names() -> dict[str, str]:
    names = {zh: name for name, zh in FIELDS.items()} | {name: name for name in FIELDS}
    for list_name, (list_zh, columns) in LISTS.items():
        for column, zh in columns.items():
            names[f"{list_zh}.{zh}"] = names[f"{list_name}.{column}"] = f"{list_name}.{column}"
    return names


#: Every name under which a place may stand in a template, and its identifier.
NAMES: Mapping[str, str] = _names()
