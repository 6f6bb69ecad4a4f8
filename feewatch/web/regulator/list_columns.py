"""What stands in the files of the desk's lists: the columns of the pages, masked as on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from feewatch.casework.proposals import shown_key
from feewatch.credit.lists import unrated_word
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.text import Text
from feewatch.services.cases.places import CLUE_STATES, DISPOSALS, SOURCES, STATES
from feewatch.services.reports.handing_back import days_late
from feewatch.services.rounds.visiting import KINDS as VISIT_KINDS
from feewatch.web.formats import figure, moment, percent
from feewatch.web.labels import label
from feewatch.web.language import half, say
from feewatch.web.lists import ListColumn
from feewatch.web.sights import named_subject, shown_account, shown_memo, shown_payer
from feewatch.web.words import place_name, rule_title

USCC, INSTITUTION = Text("统一社会信用代码", "credit code"), Text("机构名称", "institution")
DISTRICT, SEVERITY = Text("区划", "district"), Text("等级", "severity")
STATUS, OWNER, SUM = (
    Text("状态", "status"),
    Text("负责人", "owner"),
    Text("金额（元）", "sum (yuan)"),
)
RULE, ACCOUNT = Text("规则", "rule"), Text("账号", "account")


def account_of(number: str | None) -> str:
    """An account number as the person may see it."""
    return shown_account(number) if number else ""


def problems_of(problems: Sequence[Mapping[str, Any]]) -> str:
    """The faults of a file on one line."""
    return "；".join(half(str(problem["message"])) for problem in problems[:5])


MATTERS = (
    ListColumn(Text("事项号", "matter"), lambda line: f"M{line.row.id}"),
    ListColumn(SUM, lambda line: line.row.sum_fen, "yuan"),
    ListColumn(Text("占比", "share"), lambda line: percent(line.share)),
    ListColumn(SEVERITY, lambda line: label("severity", line.row.severity)),
    ListColumn(USCC, lambda line: line.row.uscc),
    ListColumn(INSTITUTION, lambda line: line.row.name),
    ListColumn(DISTRICT, lambda line: place_name(line.row.district)),
    ListColumn(Text("事项", "matter"), lambda line: rule_title(line.row.rule)),
    ListColumn(RULE, lambda line: line.row.rule),
    ListColumn(Text("依据", "authority"), lambda line: label("authority", line.row.authority)),
    ListColumn(Text("预警数", "alerts"), lambda line: line.row.alerts, "whole"),
    ListColumn(Text("首日", "first day"), lambda line: iso_or_none(line.row.first_day)),
    ListColumn(Text("末日", "last day"), lambda line: iso_or_none(line.row.last_day)),
    ListColumn(Text("已过天数", "age in days"), lambda line: line.age_days, "whole"),
    ListColumn(OWNER, lambda line: line.owner),
    ListColumn(Text("案号", "case"), lambda line: line.row.case_number),
    ListColumn(Text("期限", "due"), lambda line: iso_or_none(line.row.deadline)),
    ListColumn(STATUS, lambda line: label("status", line.row.status)),
)
GATHERED = (
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(
        Text("名单", "list"),
        lambda row: label("list", row.list) if row.list else say(unrated_word(row.content)),
    ),
    ListColumn(Text("期号", "edition"), lambda row: row.number, "whole"),
    ListColumn(Text("依据", "basis"), lambda row: row.content.get("document", "")),
)
ALERTS = (
    ListColumn(Text("预警号", "alert"), lambda row: row.id),
    ListColumn(SEVERITY, lambda row: label("severity", row.severity)),
    ListColumn(Text("日期", "day"), lambda row: iso_or_none(row.on_day)),
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.institution_name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("预警", "alert"), lambda row: say(row.frozen["title"])),
    ListColumn(RULE, lambda row: row.rule),
    ListColumn(Text("依据", "authority"), lambda row: label("authority", row.authority)),
    ListColumn(Text("对象", "subject"), named_subject),
    ListColumn(Text("实测", "measured"), lambda row: figure(row.measured, row.unit)),
    ListColumn(Text("限值", "limit"), lambda row: figure(row.limit_value, row.unit)),
    ListColumn(SUM, lambda row: row.amount_fen, "yuan"),
    ListColumn(STATUS, lambda row: label("status", row.status)),
    ListColumn(Text("消除日期", "ended on"), lambda row: iso_or_none(row.recovered_on)),
)
CASES = (
    ListColumn(Text("案号", "number"), lambda row: row.number),
    ListColumn(SEVERITY, lambda row: label("severity", row.severity)),
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("事项数", "matters"), lambda row: row.matters or 0, "whole"),
    ListColumn(SUM, lambda row: None if row.sum_fen is None else int(row.sum_fen), "yuan"),
    ListColumn(Text("状态", "state"), lambda row: label("state", row.state)),
    ListColumn(Text("期限", "deadline"), lambda row: iso_or_none(row.deadline)),
    ListColumn(Text("立案", "opened"), lambda row: moment(row.opened_at)),
    ListColumn(Text("销号", "closed"), lambda row: iso_or_none(row.closed_on)),
    ListColumn(Text("回头看", "re-check"), lambda row: iso_or_none(row.recheck_on)),
    ListColumn(Text("再现", "back since"), lambda row: iso_or_none(row.recurred_on)),
    ListColumn(OWNER, lambda row: row.owner),
)
INSTITUTIONS = (
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("类别", "subject"), lambda row: label("subject", row.subject)),
    ListColumn(Text("机构性质", "nature"), lambda row: label("nature", row.nature)),
    ListColumn(Text("监管方式", "custody"), lambda row: label("custody", row.custody)),
    ListColumn(Text("许可证号", "licence"), lambda row: row.licence_no),
    ListColumn(Text("许可至", "licence until"), lambda row: iso_or_none(row.licence_until)),
    ListColumn(Text("未结事项", "open matters"), lambda row: int(row.open_matters), "whole"),
    ListColumn(Text("无法判定", "undetermined"), lambda row: int(row.undetermined), "whole"),
)
_STATEMENT = (
    ListColumn(ACCOUNT, lambda row: account_of(row.account_no)),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(Text("起", "from"), lambda row: iso_or_none(row.from_day)),
    ListColumn(Text("止", "to"), lambda row: iso_or_none(row.to_day)),
    ListColumn(Text("期初余额（元）", "opening (yuan)"), lambda row: row.opening_fen, "yuan"),
    ListColumn(Text("期末余额（元）", "closing (yuan)"), lambda row: row.closing_fen, "yuan"),
    ListColumn(Text("笔数", "entries"), lambda row: row.entries, "whole"),
    ListColumn(Text("文件", "file"), lambda row: row.file_name),
    ListColumn(Text("收到", "received"), lambda row: moment(row.received_at)),
    ListColumn(Text("来源", "whose word"), lambda row: label("word", row.word)),
    ListColumn(
        Text("原因", "reason"), lambda row: label("reason", row.reason) if row.reason else ""
    ),
    ListColumn(Text("问题", "faults"), lambda row: problems_of(row.problems)),
)
STATEMENTS = (ListColumn(STATUS, lambda row: label("file", row.status)), *_STATEMENT)
QUARANTINE = (
    *_STATEMENT,
    ListColumn(
        Text("提议", "proposed"),
        lambda row: label("act", f"quarantine.{row.decision}.proposed") if row.decision else "",
    ),
    ListColumn(Text("提议人", "proposed by"), lambda row: row.proposed_by),
)
FILES = (
    ListColumn(STATUS, lambda row: label("file", row.status)),
    ListColumn(Text("文件", "file"), lambda row: row.name),
    ListColumn(Text("收到", "received"), lambda row: moment(row.received_at)),
    ListColumn(Text("途径", "way"), lambda row: label("way", row.channel)),
    ListColumn(Text("提交人", "sender"), lambda row: row.actor),
    ListColumn(Text("来源", "whose word"), lambda row: label("word", row.provenance)),
    ListColumn(Text("版式", "layout"), lambda row: row.dialect),
    ListColumn(Text("问题", "faults"), lambda row: problems_of(row.problems)),
    ListColumn(Text("SHA-256", "SHA-256"), lambda row: row.sha256),
)
UNMATCHED = (  # rows: the institution's name and the money
    ListColumn(USCC, lambda row: row[1].uscc),
    ListColumn(INSTITUTION, lambda row: row[0]),
    ListColumn(ACCOUNT, lambda row: account_of(row[1].source.account_no)),
    ListColumn(Text("记账日期", "booked on"), lambda row: iso_or_none(row[1].entry.booked_on)),
    ListColumn(Text("金额（元）", "amount (yuan)"), lambda row: row[1].entry.amount_fen, "yuan"),
    ListColumn(Text("未匹配（元）", "unmatched (yuan)"), lambda row: row[1].unmatched_fen, "yuan"),
    ListColumn(
        Text("对方", "counterparty"),
        lambda row: shown_payer(row[1].entry.counterparty, row[1].source.account_no),
    ),
    ListColumn(
        Text("摘要", "memo"), lambda row: shown_memo(row[1].entry.memo, row[1].source.account_no)
    ),
    ListColumn(Text("原因", "why"), lambda row: say(row[1].reason)),
)
PROPOSALS = (
    ListColumn(Text("编号", "number"), lambda item: str(item.row.id)),
    ListColumn(USCC, lambda item: item.row.uscc),
    ListColumn(INSTITUTION, lambda item: item.row.name),
    ListColumn(DISTRICT, lambda item: place_name(item.row.district)),
    ListColumn(Text("登记册", "register"), lambda item: say(item.kind)),
    ListColumn(Text("资料", "row"), lambda item: shown_key(item.row.kind, item.row.key)),
    ListColumn(Text("理由", "why"), lambda item: item.row.reason),
    ListColumn(Text("提请人", "proposed by"), lambda item: item.row.proposed_by),
    ListColumn(Text("提请时间", "proposed at"), lambda item: moment(item.row.proposed_at)),
    ListColumn(STATUS, lambda item: label("correction", item.row.state)),
)
PREMISES = (
    ListColumn(Text("编号", "number"), lambda row: row.premises_no),
    ListColumn(Text("名称", "name"), lambda row: row.name),
    ListColumn(Text("地址", "address"), lambda row: row.address),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("证照状态", "papers"), lambda row: say(STATES[row.state])),
    ListColumn(Text("发现日期", "found on"), lambda row: iso_or_none(row.found_on)),
    ListColumn(Text("处置", "disposal"), lambda row: say(DISPOSALS[row.disposal])),
    ListColumn(Text("处置日期", "disposed on"), lambda row: iso_or_none(row.disposed_on)),
)
CLUES = (
    ListColumn(Text("编号", "number"), lambda row: row.clue_no),
    ListColumn(Text("接收日期", "received"), lambda row: iso_or_none(row.received_on)),
    ListColumn(Text("来源", "source"), lambda row: say(SOURCES[row.source])),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("主题", "subject"), lambda row: row.text),
    ListColumn(STATUS, lambda row: say(CLUE_STATES[row.state])),
    ListColumn(Text("答复日期", "answered on"), lambda row: iso_or_none(row.answered_on)),
    ListColumn(Text("答复期限", "due on"), lambda row: iso_or_none(row.due_on)),
    ListColumn(Text("逾期天数", "days late"), days_late, "whole"),
)
LETTERS = (
    ListColumn(Text("编号", "number"), lambda row: row.number),
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(Text("开户行", "bank"), lambda row: row.bank),
    ListColumn(Text("发函", "asked at"), lambda row: moment(row.at)),
    ListColumn(Text("份数", "statements"), lambda row: int(row.items), "whole"),
    ListColumn(Text("待银行回函", "asked"), lambda row: int(row.asked), "whole"),
    ListColumn(Text("待确认", "to confirm"), lambda row: int(row.proposed), "whole"),
    ListColumn(Text("相符", "agrees"), lambda row: int(row.agrees), "whole"),
    ListColumn(Text("不符", "differs"), lambda row: int(row.differs), "whole"),
)
MISSING = (
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(ACCOUNT, lambda row: account_of(row.account_no)),
    ListColumn(Text("账户类型", "kind"), lambda row: label("account", row.kind)),
    ListColumn(Text("开户行", "bank"), lambda row: row.bank),
    ListColumn(Text("缺少自", "missing since"), lambda row: iso_or_none(row.since)),
    ListColumn(Text("天数", "days"), lambda row: int(row.days), "whole"),
)
COVERED = (
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(ACCOUNT, lambda row: account_of(row.account_no)),
    ListColumn(Text("账户类型", "kind"), lambda row: label("account", row.kind)),
    ListColumn(Text("开户行", "bank"), lambda row: row.bank),
    ListColumn(Text("应有天数", "days asked for"), lambda row: int(row.days), "whole"),
    ListColumn(Text("已覆盖天数", "days covered"), lambda row: int(row.covered), "whole"),
)
EARLY_WARNING = (
    ListColumn(USCC, lambda each: each.uscc),
    ListColumn(INSTITUTION, lambda each: each.institution),
    ListColumn(DISTRICT, lambda each: place_name(each.district)),
    ListColumn(Text("判定", "verdict"), lambda each: label("verdict", each.verdict)),
    ListColumn(Text("覆盖率", "cover"), lambda each: percent(each.cover)),
    ListColumn(Text("缺口（元）", "short by (yuan)"), lambda each: each.shortfall_fen, "yuan"),
    ListColumn(Text("专户余额（元）", "balance (yuan)"), lambda each: each.balance_fen, "yuan"),
    ListColumn(Text("应有资金（元）", "claims (yuan)"), lambda each: each.claims_fen, "yuan"),
    ListColumn(Text("家庭", "families"), lambda each: each.families, "whole"),
    ListColumn(Text("合同", "contracts"), lambda each: each.contracts, "whole"),
    ListColumn(Text("流水至", "statements to"), lambda each: iso_or_none(each.balance_as_of)),
    ListColumn(Text("用尽日", "runs out"), lambda each: iso_or_none(each.run_out_on)),
    ListColumn(Text("原因", "reason"), lambda each: say(each.reason)),
)
WHITE = (
    ListColumn(USCC, lambda place: place.assessment.standing.uscc),
    ListColumn(INSTITUTION, lambda place: place.assessment.standing.name),
    ListColumn(DISTRICT, lambda place: place_name(place.assessment.standing.district)),
    ListColumn(STATUS, lambda place: label("white_state", place.state)),
    ListColumn(Text("缺项数", "how many lack"), lambda place: len(place.codes), "whole"),
    ListColumn(
        Text("所缺条件", "lacking"),
        lambda place: "；".join(say(line.text) for line in place.assessment.lacking),
    ),
    ListColumn(Text("缺失自", "since"), lambda place: iso_or_none(place.since)),
    ListColumn(Text("暂缓至", "hold until"), lambda place: iso_or_none(place.due)),
)
NOISE = (
    ListColumn(RULE, lambda noise: noise.rule),
    ListColumn(Text("名称", "title"), lambda noise: say(noise.title)),
    ListColumn(Text("预警", "alerts"), lambda noise: noise.counts["alerts"], "whole"),
    ListColumn(Text("占全部预警", "of all alerts"), lambda noise: percent(noise.share)),
    ListColumn(Text("撤回", "withdrawn"), lambda noise: noise.counts["withdrawn"], "whole"),
    ListColumn(Text("事项", "matters"), lambda noise: noise.counts["matters"], "whole"),
    ListColumn(Text("待办", "waiting"), lambda noise: noise.counts["waiting"], "whole"),
    ListColumn(Text("不予处理", "dismissed"), lambda noise: noise.counts["dismissed"], "whole"),
    ListColumn(
        Text("不予处理占已决", "dismissed of decided"), lambda noise: percent(noise.dismissed_share)
    ),
    ListColumn(Text("立案", "taken up"), lambda noise: noise.counts["taken_up"], "whole"),
)
VISITS = (
    ListColumn(Text("编号", "number"), lambda row: row.number),
    ListColumn(Text("走访日期", "visited on"), lambda row: iso_or_none(row.visited_on)),
    ListColumn(Text("类别", "kind"), lambda row: say(VISIT_KINDS[row.kind])),
    ListColumn(Text("走访人", "visited by"), lambda row: row.inspector),
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(Text("场所", "premises"), lambda row: row.premises_no),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("专项督导", "campaign"), lambda row: row.campaign_number),
    ListColumn(Text("不符合项", "not in order"), lambda row: row.failed, "whole"),
    ListColumn(Text("收到时间", "received"), lambda row: moment(row.received_at)),
)
