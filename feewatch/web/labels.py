"""The words for stored values, in both languages."""

from feewatch.casework.cases import STATES, STEPS
from feewatch.casework.states import STATUSES
from feewatch.credit.decisions import GRAVITIES
from feewatch.credit.lists import LISTS
from feewatch.kernel.text import Text
from feewatch.web.language import say

LABELS: dict[str, dict[str, Text]] = {
    "severity": {
        "red": Text("红色", "red"),
        "orange": Text("橙色", "orange"),
        "yellow": Text("黄色", "yellow"),
        "notice": Text("提示", "notice"),
    },
    "authority": {
        "law": Text("法定", "law"),
        "local": Text("地方规定", "local rule"),
        "preset": Text("监测提示", "monitoring hint"),
    },
    "certainty": {
        "V1": Text("已核对官方文本", "read in the official text"),
        "V2": Text(
            "据二手资料，待核对官方文本", "read in a secondary source, not yet in the original"
        ),
        "preset": Text("本机关预设指标，非法律规定", "the office's own indicator, no law"),
    },
    "status": STATUSES,
    "state": STATES,
    "step": {name: step.title for name, step in STEPS.items()}
    | {"open": Text("立案", "open a case")},
    "subject": {
        "academic": Text("学科类", "academic"),
        "arts": Text("文化艺术类", "arts"),
        "sports": Text("体育类", "sports"),
        "science": Text("科技类", "science"),
        "other": Text("其他", "other"),
    },
    "nature": {
        "non_profit": Text("非营利性", "non-profit"),
        "for_profit": Text("营利性", "for profit"),
    },
    "custody": {
        "bank_custody": Text("银行托管", "bank custody"),
        "risk_deposit": Text("风险保证金", "risk deposit"),
        "both": Text("两者并行", "both"),
    },
    "account": {
        "fee": Text("收费专用账户", "fee account"),
        "deposit": Text("风险保证金账户", "deposit account"),
        "settlement": Text("结算账户", "settlement account"),
    },
    "channel": {
        "wechat": Text("微信", "WeChat"),
        "alipay": Text("支付宝", "Alipay"),
        "unionpay": Text("银联", "UnionPay"),
        "platform": Text("监管平台", "platform"),
    },
    "kind": {
        "contract": Text("合同", "contract"),
        "course": Text("课程", "course"),
        "entry": Text("流水", "entry"),
        "student": Text("学员", "student"),
        "refund": Text("退费", "refund"),
        "account": Text("账户", "account"),
        "account_day": Text("账户·日", "account and day"),
        "account_week": Text("账户·周", "account and week"),
        "account_window": Text("账户·七日", "account and seven days"),
        "institution": Text("机构", "institution"),
        "institution_day": Text("机构·日", "institution and day"),
        "institution_month": Text("机构·月", "institution and month"),
        "statement": Text("对账单", "statement"),
        "case": Text("案件", "case"),
        "lesson": Text("消课", "lesson"),
        "refund_request": Text("退费申请", "refund request"),
        "approval": Text("备案批准", "approval"),
    },
    "file": {
        "accepted": Text("已接收", "accepted"),
        "duplicate": Text("重复文件", "duplicate"),
        "quarantined": Text("已隔离", "quarantined"),
        "rejected": Text("已拒收", "rejected"),
    },
    "reason": {
        "truncated": Text("文件不完整", "truncated"),
        "currency": Text("币种不是人民币", "currency other than CNY"),
        "unregistered": Text("账户未备案", "account not on the register"),
        "arithmetic": Text("金额勾稽不平", "the arithmetic does not hold"),
    },
    "advice": {  # to an officer
        "truncated": Text(
            "请机构从银行重新导出整个期间的文件再交；确认本份确属完整的，可以放行。",
            "Ask for the whole period anew from the bank; release this one only if it is complete.",
        ),
        "currency": Text(
            "不能放行：本系统只核算人民币。请机构改交人民币账户的对账单，本份拒收。",
            "It cannot be released: only yuan are counted. Ask for the yuan account, reject this.",
        ),
        "unregistered": Text(
            "不能放行：不知道这笔钱属于哪家机构。核实后导入该账户的登记，对账单自动重新检查；"
            "与本辖区无关的予以拒收。",
            "It cannot be released: nobody knows whose money this is. Import the account once it "
            "is verified and the statement is examined again by itself; reject what is not yours.",
        ),
        "arithmetic": Text(
            "请与银行原件核对标出的行。缺行、重行的，请机构重新导出；银行书面说明无误的，可以放行。",
            "Compare the marked rows with the bank's original. Where a row is missing or repeated "
            "ask for the file anew; release it where the bank explains in writing.",
        ),
    },
    "next": {  # to the one who handed a file in
        "accepted": Text("已计入账目，无需再做什么。", "It is in the ledger; nothing more to do."),
        "rejected": Text(
            "整份文件未被采用。请按说明处理，或从网银重新导出原始文件（不要手工修改）再上传。",
            "Nothing of the file was used. Mend what is said, or export it anew from the bank "
            "(unaltered) and send it again.",
        ),
        "truncated": Text(
            "请从网银重新导出整个期间的完整文件再上传。",
            "Export the whole period anew from the bank and send it again.",
        ),
        "currency": Text(
            "请上传人民币账户的对账单。", "Send the statement of the account kept in yuan."
        ),
        "unregistered": Text(
            "请先办理该账户的备案登记；登记后本对账单自动生效，不必重传。",
            "Have the account put on the register; the statement then counts by itself, without "
            "being sent again.",
        ),
        "arithmetic": Text(
            "请从网银重新导出原始文件（不要手工修改）再上传；仍不平的，请银行书面说明，交主管机关核处。",
            "Export it anew from the bank (unaltered) and send it again; if it still does not add "
            "up, give the office the bank's explanation in writing.",
        ),
    },
    "way": {
        "cli": Text("命令行", "command line"),
        "upload": Text("网页上传", "site"),
        "inbox": Text("收件文件夹", "inbox folder"),
        "api": Text("接口", "API"),
        "feed": Text("银行直连", "bank feed"),
    },
    "column": {
        "account": Text("账号", "account"),
        "currency": Text("币种", "currency"),
        "booked_on": Text("交易日期", "booking day"),
        "booked_time": Text("交易时间", "time"),
        "value_on": Text("起息日", "value day"),
        "out": Text("借方发生额", "money out"),
        "in": Text("贷方发生额", "money in"),
        "amount": Text("发生额", "amount"),
        "direction": Text("借贷标志", "direction"),
        "balance": Text("余额", "balance"),
    },
    "act": {
        "quarantine.release.proposed": Text("提议放行", "proposed to release"),
        "quarantine.release": Text("确认放行", "released"),
        "quarantine.reject.proposed": Text("提议拒收", "proposed to reject"),
        "quarantine.reject": Text("确认拒收", "rejected"),
        "quarantine.re-examine": Text("重新检查", "examined again"),
    },
    "change": {
        "opened": Text("预警产生", "opened"),
        "raised": Text("等级上调", "raised"),
        "recovered": Text("情形已消除", "recovered"),
        "reopened": Text("重新打开", "reopened"),
        "withdrawn": Text("撤回", "withdrawn"),
        "status": Text("状态变更", "status changed"),
    },
    "list": {name: Text(title.zh, title.en.capitalize()) for name, title in LISTS.items()},
    "gravity": GRAVITIES,
    "delta": {
        "added": Text("列入", "added"),
        "removed": Text("移出", "removed"),
        "changed": Text("更新", "changed"),
    },
    "role": {
        "viewer": Text("查看人员", "viewer"),
        "officer": Text("经办人员", "officer"),
        "reviewer": Text("复核人员", "reviewer"),
        "publisher": Text("发布人员", "publisher"),
        "rule_editor": Text("规则维护", "rule editor"),
        "administrator": Text("管理员", "administrator"),
        "institution": Text("机构用户", "institution"),
        "api": Text("接口用户", "program"),
    },
}


def label(kind: str, value: str | None) -> str:
    """The word for a stored value in the language of the page; the value itself where unknown."""
    if value is None:
        return "—"
    return say(LABELS[kind].get(value, value))
