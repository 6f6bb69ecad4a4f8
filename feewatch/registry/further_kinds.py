"""Charges, sites, successions, premises and clues as tables of columns."""

from feewatch.registry import cells
from feewatch.registry.cells import Whole, WordChoice, day, yuan
from feewatch.registry.columns import Kind, may, must
from feewatch.registry.records import Charge, Clue, Premises, Site, Succession

_STATES_OF_PREMISES = {
    "unlicensed": "无证无照",
    "no_licence": "有照无证",
    "no_business": "有证无照",
    "licensed": "证照齐全",
}
_DISPOSALS = {"open": "待处置", "completed": "已补办", "closed": "已取缔", "transferred": "已移送"}
_SOURCES = {
    "12345": "12345热线",
    "12391": "12391热线",
    "visit": "走访",
    "letter": "信访",
    "online": "网络",
    "other": "其他",
}
_STATES_OF_CLUES = {
    "open": "待核",
    "linked": "已并入",
    "unfounded": "不实",
    "closed": "已办结",
}

FURTHER_KINDS = (
    Kind(
        "charges",
        "收费明细",
        Charge._make,
        ("uscc", "contract_no", "charge_no"),
        (
            must("contract_no", "合同编号", cells.number(60)),
            must("charge_no", "序号", cells.number(20)),
            must("due_on", "应缴日期", day),
            must("amount", "金额", yuan, "amount_fen"),
            may("lessons", "课时数", Whole(0)),
            may("starts_on", "开课日期", day),
            may("ends_on", "结课日期", day),
            may("paid_on", "缴费日期", day),
            may("uscc", "统一社会信用代码", cells.uscc),
        ),
        ordered=(("starts_on", "ends_on"),),
    ),
    Kind(
        "sites",
        "教学点",
        Site._make,
        ("uscc", "site_no"),
        (
            must("uscc", "统一社会信用代码", cells.uscc),
            must("site_no", "教学点编号", cells.number(40), "", "教学点"),
            must("district", "行政区划代码", cells.district),
            may("name", "教学点名称", cells.untraceable(200)),
            may("address", "地址", cells.untraceable(200)),
            may("licence_no", "办学许可证号", cells.untraceable(80)),
            may("opened_on", "启用日期", day),
            may("closed_on", "停用日期", day),
        ),
        ordered=(("opened_on", "closed_on"),),
    ),
    Kind(
        "successions",
        "承继",
        Succession._make,
        ("uscc", "to_uscc", "on_day"),
        (
            must("from_uscc", "原机构", cells.uscc, "uscc"),
            must("to_uscc", "承继机构", cells.uscc),
            must("on", "生效日期", day, "on_day"),
            may("document", "文号", cells.untraceable(120)),
        ),
        is_compared=True,
    ),
    Kind(
        "premises",
        "场所",
        Premises._make,
        ("premises_no",),
        (
            must("premises_no", "场所编号", cells.number(60), "", "编号"),
            must("district", "行政区划代码", cells.district),
            must("address", "地址", cells.untraceable(200)),
            must("found_on", "发现日期", day),
            may("found_by", "发现人", cells.untraceable(80)),
            may("name", "场所名称", cells.untraceable(200)),
            must("state", "证照状态", WordChoice(_STATES_OF_PREMISES)),
            may("disposal", "处置", WordChoice(_DISPOSALS), when_empty="open"),
            may("disposed_on", "处置日期", day),
            may("uscc", "统一社会信用代码", cells.uscc),
        ),
        ordered=(("found_on", "disposed_on"),),
    ),
    Kind(
        "clues",
        "线索",
        Clue._make,
        ("clue_no",),
        (
            must("clue_no", "线索编号", cells.number(60), "", "编号"),
            must("received_on", "接收日期", day),
            must("source", "来源", WordChoice(_SOURCES)),
            must("district", "行政区划代码", cells.district),
            must("text", "主题", cells.untraceable(500)),
            may("uscc", "统一社会信用代码", cells.uscc),
            may("address", "地址", cells.untraceable(200)),
            may("state", "状态", WordChoice(_STATES_OF_CLUES), when_empty="open"),
            may("answered_on", "答复日期", day),
            may("due_on", "答复期限", day),
        ),
        ordered=(("received_on", "answered_on"), ("received_on", "due_on")),
    ),
)
