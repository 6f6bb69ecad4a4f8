"""The words for stored values, in both languages."""

from feewatch.casework.cases import STATES, STEPS
from feewatch.casework.states import STATUSES
from feewatch.credit.decisions import GRAVITIES
from feewatch.credit.lists import LISTS
from feewatch.kernel.people import ROLES
from feewatch.kernel.text import Text
from feewatch.services.intake.advice import OFFICER, SENDER
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
        "student_day": Text("学员·日", "student and day"),
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
        "days": Text("记账日期不可能", "a day of booking that cannot be"),
        "unreadable": Text("无法读取", "cannot be read"),
    },
    "advice": OFFICER,
    "next": SENDER,
    "way": {
        "cli": Text("命令行", "command line"),
        "upload": Text("网页上传", "site"),
        "inbox": Text("收件文件夹", "inbox folder"),
        "api": Text("接口", "API"),
        "feed": Text("银行直连", "bank feed"),
    },
    "column": {  # others go by the name in the bank's own header
        "balance": Text("余额", "balance"),
    },
    "difference": {
        "added": Text("新增", "added"),
        "missing": Text("缺少", "missing"),
        "changed": Text("改变", "changed"),
    },
    "told": {  # of a record of evidence, beside the columns of its register
        "held_lessons": Text("已消课时", "lessons held"),
        "last_held_on": Text("最近上课日期", "last lesson"),
        "state": Text("状态", "state"),
        "severity": Text("等级", "severity"),
        "deadline": Text("期限", "deadline"),
        "opened_at": Text("立案", "opened"),
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
    "outcome": {
        "breach": Text("违反", "breach"),
        "compliant": Text("合规", "compliant"),
        "undetermined": Text("不能判定", "cannot judge"),
        "none": Text("不判定", "not judged"),
    },
    "verdict": {
        "short": Text("不足", "short"),
        "undetermined": Text("不能判定", "cannot judge"),
        "covered": Text("足额", "covered"),
        "nothing_owed": Text("无负债", "nothing owed"),
    },
    "gravity": GRAVITIES,
    "delta": {
        "added": Text("列入", "added"),
        "removed": Text("移出", "removed"),
        "changed": Text("更新", "changed"),
    },
    "role": ROLES,
}


def label(kind: str, value: str | None) -> str:
    """The word for a stored value in the language of the page; the value itself where unknown."""
    if value is None:
        return "—"
    return say(LABELS[kind].get(value, value))
