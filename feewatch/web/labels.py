"""The words for stored values, in both languages."""

from feewatch.casework.answers import OUTCOMES, STANCES
from feewatch.casework.cases import ACTS, STATES, STEPS
from feewatch.casework.messages import KINDS as MESSAGE_KINDS
from feewatch.casework.papers import PAPERS, WAYS
from feewatch.casework.proposals import EVENTS, PROPOSAL_STEPS
from feewatch.casework.proposals import STATES as PROPOSAL_STATES
from feewatch.casework.standing import WORDS as STANDING_WORDS
from feewatch.casework.states import SEVERITY_WORDS, STATUSES
from feewatch.casework.subjects import KINDS as SUBJECT_KINDS
from feewatch.casework.undertakings import KINDS as UNDERTAKING_KINDS
from feewatch.credit.advance_notice import STATES as NOTICE_STATES
from feewatch.credit.conditions import TITLES as CONDITIONS
from feewatch.credit.decisions import ENDINGS, GRAVITIES
from feewatch.credit.decisions import STATUSES as DECISION_STATUSES
from feewatch.credit.grades import STATUSES as GRADE_STATUSES
from feewatch.credit.lists import LISTS
from feewatch.credit.objections import KINDS as SAID_KINDS
from feewatch.credit.objections import OUTCOMES as SAID_OUTCOMES
from feewatch.credit.objections import STATES as SAID_STATES
from feewatch.kernel.citation import CERTAINTY_WORDS
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.people import ROLES
from feewatch.kernel.text import Text
from feewatch.ledger.words import WORDS
from feewatch.registry.kinds import KINDS as REGISTER_KINDS
from feewatch.rounds.checklists import RESULTS
from feewatch.services.intake.advice import FILE_WORDS, OFFICER, REASON_WORDS, SENDER
from feewatch.services.jobs import JOB_TITLES
from feewatch.services.lists.white import SORTS as WHITE_SORTS
from feewatch.services.lists.white import STATES as WHITE_STATES
from feewatch.services.people.api_tokens import SCOPES
from feewatch.services.people.sessions import FACTORS
from feewatch.services.transfers.reading import STATES as TRANSFER_STATES
from feewatch.web.language import say

LABELS: dict[str, dict[str, Text]] = {
    "severity": SEVERITY_WORDS,
    "white_state": WHITE_STATES,
    "white_condition": CONDITIONS,
    "white_sort": WHITE_SORTS,
    "authority": {
        "law": Text("法定", "law"),
        "local": Text("地方规定", "local rule"),
        "preset": Text("监测提示", "monitoring hint"),
    },
    "certainty": CERTAINTY_WORDS,
    "factor": FACTORS,
    "scope": SCOPES,
    "status": STATUSES,
    "state": STATES,
    "step": {name: step.title for name, step in STEPS.items()}
    | {"open": Text("立案", "open a case")}
    | ACTS,
    "standing": STANDING_WORDS,
    "undertaking": UNDERTAKING_KINDS,
    "media": {
        "application/pdf": Text("PDF", "PDF"),
        "image/jpeg": Text("图片", "picture"),
        "image/png": Text("图片", "picture"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Text(
            "文档", "text"
        ),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Text(
            "表格", "workbook"
        ),
    },
    "paper": {kind: paper.title for kind, paper in PAPERS.items()},
    "served": WAYS,
    "department": DEPARTMENTS,
    "transfer": TRANSFER_STATES,
    "paper_state": {
        "served": Text("已送达", "served"),
        "unserved": Text("未送达", "not served"),
        "void": Text("已作废", "void"),
    },
    "subject": {
        "academic": Text("学科类", "academic"),
        "arts": Text("文化艺术类", "arts"),
        "sports": Text("体育类", "sports"),
        "science": Text("科技类", "science"),
        "other": Text("其他", "other"),
    },
    "stage": {
        "preschool": Text("学龄前", "before school"),
        "primary": Text("小学", "primary"),
        "junior": Text("初中", "junior"),
        "senior": Text("高中", "senior"),
    },
    "mode": {"offline": Text("线下", "offline"), "online": Text("线上", "online")},
    "basis": {
        "hours": Text("按课时", "lessons"),
        "period": Text("按培训周期", "period"),
        "both": Text("两者兼用", "both"),
    },
    "cause": {
        "institution": Text("机构原因", "the institution"),
        "consumer": Text("学员原因", "the family"),
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
    "kind": SUBJECT_KINDS,
    "visit_result": RESULTS,
    "message": MESSAGE_KINDS,
    "register": {name: Text(kind.zh, name) for name, kind in REGISTER_KINDS.items()},
    "import_count": {
        "new": Text("新增", "new"),
        "changed": Text("更新", "changed"),
        "proposed": Text("转为提请", "proposed"),
        "unchanged": Text("未变", "unchanged"),
        "bad": Text("有误", "bad"),
    },
    "stance": STANCES,
    "outcome_of_objection": OUTCOMES,
    "file": FILE_WORDS,
    "reason": REASON_WORDS,
    "advice": OFFICER,
    "next": SENDER,
    "way": {
        "cli": Text("命令行", "command line"),
        "upload": Text("网页上传", "site"),
        "inbox": Text("收件文件夹", "inbox folder"),
        "api": Text("接口", "API"),
        "feed": Text("银行直连", "bank feed"),
    },
    "word": WORDS
    | {"partly": Text("机构自报，部分日期银行已核对", "institution, some days confirmed")},
    "answer": {
        "asked": Text("待银行回函", "asked"),
        "proposed": Text("回函相符，待第二人确认", "agrees, to be confirmed"),
        "agrees": Text("相符，已确认", "agrees, confirmed"),
        "differs": Text("不符", "differs"),
    },
    "column": {  # others go by the name in the bank's own header
        "balance": Text("余额", "balance"),
    },
    "difference": {
        "added": Text("新增", "added"),
        "missing": Text("缺少", "missing"),
        "changed": Text("改变", "changed"),
    },
    "act": {
        "quarantine.release.proposed": Text("提议放行", "proposed to release"),
        "quarantine.release": Text("确认放行", "released"),
        "quarantine.reject.proposed": Text("提议拒收", "proposed to reject"),
        "quarantine.reject": Text("确认拒收", "rejected"),
        "quarantine.withdraw": Text("提交方撤回", "taken back by the sender"),
        "quarantine.re-examine": Text("重新检查", "examined again"),
    },
    "change": {
        "opened": Text("预警产生", "opened"),
        "raised": Text("等级上调", "raised"),
        "taken_back": Text("撤回错误检查日", "wrong day taken back"),
        "recovered": Text("情形已消除", "recovered"),
        "held": Text("待银行核对，暂不了结", "held until the bank confirms"),
        "relapsed": Text("再次出现", "back again"),
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
    "computing": {
        "waiting": Text("排队中", "in the queue"),
        "running": Text("计算中", "being computed"),
        "done": Text("已完成", "done"),
        "refused": Text("未受理", "refused"),
        "stopped": Text("已停止", "stopped"),
        "unfinished": Text("未完成", "unfinished"),
    },
    "verdict": {
        "short": Text("不足", "short"),
        "undetermined": Text("不能判定", "cannot judge"),
        "covered": Text("足额", "covered"),
        "nothing_owed": Text("无负债", "nothing owed"),
    },
    "instalment": {
        "paid": Text("已缴", "paid"),
        "late": Text("逾期未缴", "overdue"),
        "due": Text("今日应缴", "due today"),
        "upcoming": Text("未到期", "not yet due"),
        "dropped": Text("合同已终止", "contract ended"),
    },
    "gravity": GRAVITIES,
    "grade_status": GRADE_STATUSES,
    "grade_change": {
        "computed": Text("计算", "computed"),
        "told": Text("告知", "told"),
        "objected": Text("提出异议", "objected"),
        "answered": Text("答复异议", "objection answered"),
        "proposed": Text("拟评定", "proposed"),
        "declined": Text("未予同意", "refused"),
        "set": Text("评定", "set"),
        "corrected": Text("更正", "corrected"),
        "redrawn": Text("退回草稿", "a draft again"),
    },
    "decision": DECISION_STATUSES,
    "advance_notice": NOTICE_STATES,
    "said": SAID_KINDS,
    "said_state": SAID_STATES,
    "said_outcome": SAID_OUTCOMES,
    "decision_change": {
        "proposed": Text("拟定", "proposed"),
        "reviewed": Text("法制审核通过", "legal review passed"),
        "approved": Text("批准", "approved"),
        "refused": Text("不予通过", "refused"),
        "corrected": Text("更正", "corrected"),
        "added": Text("登记", "recorded"),
        **ENDINGS,
    },
    "level": {
        "law": Text("法律", "law"),
        "administrative_regulation": Text("行政法规", "administrative regulation"),
        "local_regulation": Text("地方性法规", "local statute"),
        "rule": Text("规章", "rule of a department"),
        "normative": Text("规范性文件", "normative document"),
    },
    "delta": {
        "added": Text("列入", "added"),
        "removed": Text("移出", "removed"),
        "changed": Text("更新", "changed"),
    },
    "role": ROLES,
    "request_way": {
        "site": Text("网站", "site"),
        "api": Text("接口", "API"),
        "shell": Text("命令行", "command line"),
        "clock": Text("定时任务", "scheduler"),
    },
    "wait": {
        "any": Text("等我处理", "for the office"),
        "answered": Text("已反馈待审", "answered"),
        "recurred": Text("销号后再现", "back again"),
        "overdue": Text("已逾期", "overdue"),
        "week": Text("七日内到期", "due soon"),
        "recheck": Text("回头看到期", "re-check due"),
        "undertaking": Text("承诺到期", "undertaking due"),
        "second": Text("待第二人销号", "second person to close"),
    },
    "matter_sort": {
        "severity": Text("等级", "severity"),
        "sum": Text("金额", "sum"),
        "age": Text("最早产生", "oldest"),
        "due": Text("期限", "deadline"),
        "name": Text("名称", "name"),
        "count": Text("数量", "count"),
    },
    "grouping": {
        "institution": Text("按机构", "by institution"),
        "rule": Text("按规则", "by rule"),
        "none": Text("不分组", "flat"),
    },
    "bulk": {
        "triage": Text("立案并研判", "open a case and triage"),
        "open": Text("立案", "open a case"),
        "dismiss": Text("不予处理", "dismiss"),
        "assign": Text("指定负责人", "assign"),
    },
    "case_sort": {
        "waits": Text("等我处理优先", "what waits first"),
        "deadline": Text("期限", "deadline"),
        "opened": Text("立案时间", "opened"),
        "severity": Text("等级", "severity"),
        "institution": Text("机构", "institution"),
        "sum": Text("金额", "sum"),
    },
    "job": JOB_TITLES,
    "parcel": {
        "waiting": Text("待推送", "waiting"),
        "sending": Text("推送中", "being sent"),
        "failed": Text("多次未成功", "given up on"),
        "sent": Text("已送出", "sent"),
        "none": Text("无需寄送", "for nobody"),
    },
    "site_part": {
        "public": Text("公示网页", "public pages"),
        "desk": Text("监管人员网页", "pages of regulators"),
        "own": Text("机构网页", "pages of institutions"),
        "api": Text("接口", "API"),
        "other": Text("其他", "other"),
    },
    "row_kind": {
        "alerts": Text("预警", "alerts"),
        "cases": Text("案件", "cases"),
        "files": Text("收到的文件", "files"),
        "statements": Text("对账单", "statements"),
        "pushes": Text("推送", "pushes"),
        "mails": Text("消息的邮件", "mails of messages"),
        "runs": Text("定时任务的运行", "runs of scheduled jobs"),
        "institutions": Text("机构", "institutions"),
        "entries": Text("流水", "entries"),
        "editions": Text("已公示的各期名单", "editions of lists"),
        "audit": Text("审计记录", "audit records"),
    },
    "run": {
        "running": Text("运行中", "running"),
        "done": Text("完成", "done"),
        "failed": Text("失败", "failed"),
        "missed": Text("错过", "missed"),
        "interrupted": Text("中断", "interrupted"),
    },
    "correction": PROPOSAL_STATES,
    "correction_step": {name: step.title for name, step in PROPOSAL_STEPS.items()},
    "correction_event": EVENTS,
    "effect": {
        "ended": Text("不再构成", "would end"),
        "opened": Text("新出现", "would open"),
        "lowered": Text("减轻", "would fall"),
        "raised": Text("加重", "would rise"),
    },
}


def label(kind: str, value: str | None) -> str:
    """The word for a stored value in the language of the page; the value itself where unknown."""
    if value is None:
        return "—"
    return say(LABELS[kind].get(value, value))
