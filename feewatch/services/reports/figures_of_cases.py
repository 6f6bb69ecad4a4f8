"""Figures on problems, cases, papers and objections."""

from feewatch.casework.cases import SETTLED, STATES
from feewatch.services.reports.figure_kinds import figure

_RUNNING = tuple(state for state in STATES if state not in SETTLED)
_SERVED = ("supervision_order", "rectification_order", "hint_letter", "transfer_letter")

CASE_FIGURES = (
    figure(
        "problems.found", "found", "发现问题", "problems found",
        "本期检查新形成的事项，历史事项和数据更正后撤回的不计",
        "matters that checks of the period opened, without historic and withdrawn ones",
        "matters_opened", by=("severity", "rules", "district"),
        historic="no", withdrawn="no",
    ),
    figure(
        "problems.found.fen", "found", "涉及金额", "money concerned",
        "上述事项的金额之和，未载金额的事项不计",
        "the sums of those matters; those that state none count nothing",
        "matters_opened", unit="fen", value="amount", historic="no", withdrawn="no",
    ),
    figure(
        "problems.confirmed", "found", "其中已核实督办", "of which confirmed",
        "上述事项中截至期末其案件已下发督办的",
        "those whose case was notified by the end of the period",
        "matters_opened", confirmed="yes", historic="no", withdrawn="no",
    ),
    figure(
        "problems.suspected", "found", "其中疑似、待核实", "of which suspected",
        "上述事项中截至期末尚未下发督办的，未经核实",
        "those not notified by the end of the period: not confirmed by anybody",
        "matters_opened", confirmed="no", historic="no", withdrawn="no",
    ),
    figure(
        "problems.withdrawn", "found", "数据更正后撤回", "withdrawn",
        "本期形成、因数据更正不再构成的事项",
        "matters opened in the period that corrected data showed never to have been",
        "matters_opened", withdrawn="yes",
    ),
    figure(
        "problems.historic", "found", "历史事项", "historic",
        "本期形成、对象早已结束且无未结资金的事项，另列",
        "matters of long ended subjects without money outstanding, listed apart",
        "matters_opened", historic="yes", withdrawn="no",
    ),
    figure(
        "cases.opened", "asked", "立案", "cases opened", "本期立案的案件", "cases opened",
        "steps", step="open",
    ),
    figure(
        "orders.issued", "asked", "下发督办单", "supervision orders issued",
        "文书登记簿中本期制作、未作废的督办单，加上本期下发督办而未制作任何文书的案件",
        "督办单 of the register made in the period and not void, and cases notified in it for "
        "which no paper was made",
        "orders", by=("district",),
    ),
    figure(
        "papers.rectification", "asked", "责令限期整改通知书", "orders to rectify",
        "文书登记簿中本期制作、未作废的", "of the register of papers, made in it and not void",
        "papers", paper="rectification_order",
    ),
    figure(
        "papers.hint", "asked", "监测提示函", "monitoring hints",
        "文书登记簿中本期制作、未作废的", "of the register of papers, made in it and not void",
        "papers", paper="hint_letter",
    ),
    figure(
        "papers.transfer", "asked", "移送函", "letters of transfer",
        "文书登记簿中本期制作、未作废的", "of the register of papers, made in it and not void",
        "papers", paper="transfer_letter",
    ),
    figure(
        "papers.unserved", "asked", "制作后未送达的文书", "papers not served",
        "本期制作的督办单、整改通知书、提示函、移送函中截至期末没有送达记录的",
        "papers of the period that go to somebody and have no record of service by its end",
        "papers", paper=_SERVED, served="no",
    ),
    figure(
        "problems.notified", "asked", "督办问题", "problems notified",
        "本期下发督办的案件中的事项", "matters of the cases notified in the period",
        "matters_stepped", step="notify",
    ),
    figure(
        "problems.notified.ended", "asked", "其中截至期末已销号", "of which closed by the end",
        "上述事项中截至期末其案件已销号的", "those whose case was closed by the last day",
        "matters_stepped", step="notify", ended="yes",
    ),
    figure(
        "answers.received", "asked", "收到整改反馈", "answers",
        "本期提交整改反馈的次数", "answers handed in", "steps", step="submit",
    ),
    figure(
        "answers.returned", "asked", "退回重改", "returned",
        "本期退回的次数", "answers returned", "steps", step="return",
    ),
    figure(
        "cases.escalated", "asked", "升级督办", "escalated",
        "本期升级的次数", "escalations", "steps", step="escalate",
    ),
    figure(
        "cases.dismissed", "asked", "不予处理案件", "cases dismissed",
        "本期不予处理的案件", "cases dismissed", "steps", step="dismiss",
    ),
    figure(
        "problems.rectified", "rectified", "完成整改问题", "problems rectified",
        "本期通过验收或销号的案件中的事项，同一事项只计一次",
        "matters of cases accepted or closed in the period, each once",
        "matters_stepped", step="rectified",
    ),
    figure(
        "cases.accepted", "rectified", "验收", "accepted", "本期验收的次数", "acceptances",
        "steps", step="accept",
    ),
    figure(
        "cases.closed", "rectified", "销号案件", "cases closed", "本期销号的次数", "closings",
        "steps", step="close", by=("district",),
    ),
    figure(
        "problems.closed", "rectified", "销号问题", "problems closed",
        "本期销号案件中的事项", "matters of cases closed in the period",
        "matters_stepped", step="close",
    ),
    figure(
        "problems.closed.standing", "rectified", "其中数据未显示消除",
        "of which not over by the data",
        "销号问题中截至期末数据未显示全部消除的，依答复或核查销号",
        "closed problems that the data do not show to be over by the last day",
        "matters_stepped", step="close", cured="no",
    ),
    figure(
        "problems.closed.fen", "rectified", "销号涉及金额", "money of problems closed",
        "本期销号案件中事项的金额之和", "the sums of matters of cases closed in the period",
        "matters_stepped", unit="fen", value="amount", step="close",
    ),
    figure(
        "cases.running", "rectified", "期末在办案件", "cases running at the end",
        "截至期末未销号、未不予处理的案件", "cases not settled by the end of the period",
        "cases_at_end", state=_RUNNING,
    ),
    figure(
        "cases.overdue", "rectified", "期末逾期案件", "cases overdue at the end",
        "上述案件中期限在期末之前的", "those of them whose deadline lay before the last day",
        "cases_at_end", overdue="yes", by=("district",),
    ),
    figure(
        "undertakings.due", "rectified", "到期整改承诺", "undertakings due",
        "应在本期兑现的承诺", "undertakings due in the period", "undertakings",
    ),
    figure(
        "undertakings.missed", "rectified", "未兑现整改承诺", "undertakings not kept",
        "其中截至期末未见兑现的", "those not seen to be done by the end of the period",
        "undertakings", done="no",
    ),
    figure(
        "rechecks.done", "recheck", "开展回头看", "looked at again",
        "本期回头看的次数", "re-checks made", "steps", step="recheck",
    ),
    figure(
        "rechecks.due", "recheck", "应于本期回头看", "due in the period",
        "现登记的回头看日期在本期的案件", "cases whose 回头看 is due in the period, as set now",
        "cases_at_end", recheck=("due_waiting", "due_done"),
    ),
    figure(
        "rechecks.missed", "recheck", "到期未回头看", "due and not made",
        "回头看日期在期末或之前、截至期末仍未开展的案件",
        "cases whose 回头看 was due by the end of the period and not made by then",
        "cases_at_end", recheck=("due_waiting", "earlier_waiting"),
    ),
    figure(
        "rechecks.failed", "recheck", "回头看后重新整改", "rectified again",
        "本期由回头看转入重新整改的次数", "re-checks after which a case was reopened",
        "steps", step="reopen", origin="rechecked",
    ),
    figure(
        "cases.recurred", "recheck", "死灰复燃", "came back",
        "本期检查再次发现已销号问题的案件", "closed cases whose breach was found again",
        "steps", step="recur",
    ),
    figure(
        "cases.reopened", "recheck", "重新整改", "reopened",
        "本期转入重新整改的次数，含回头看后和死灰复燃后的", "cases reopened, for whatever reason",
        "steps", step="reopen",
    ),
    figure(
        "objections.made", "objections", "收到陈述申辩", "objections", "本期提出的",
        "made in the period", "objections", made="yes",
    ),
    figure(
        "objections.answered", "objections", "答复", "answered", "本期答复的",
        "answered in the period", "objections", answered="in_period",
    ),
    figure(
        "objections.upheld", "objections", "其中采纳、部分采纳", "of which upheld",
        "本期答复中采纳或部分采纳的", "those of them upheld in whole or in part",
        "objections", answered="in_period", outcome=("upheld", "partly"),
    ),
    figure(
        "objections.waiting", "objections", "期末待答复", "waiting at the end",
        "截至期末尚未答复的", "not answered by the end of the period",
        "objections", answered="waiting",
    ),
)  # fmt: skip
