"""Figures on money, statements, institutions, premises, clues and published lists."""

from feewatch.services.reports.figure_kinds import figure

REGISTER_FIGURES = (
    figure(
        "money.liability", "money", "未消课负债", "liability",
        "期末各机构未消课负债之和；消课情况不明的合同按全额计",
        "unconsumed liability at the end; contracts of unknown consumption with all they may owe",
        "cover", unit="fen", value="amount", measure="liability",
    ),
    figure(
        "money.unexplained", "money", "预收待核", "unexplained receipts",
        "期末未能对应合同的收款之和", "receipts that no contract explains",
        "cover", unit="fen", value="amount", measure="unexplained",
    ),
    figure(
        "balances.fee", "money", "收费专用账户余额", "fee accounts hold",
        "流水覆盖期末当日的收费专用账户余额之和；其余账户余额未知，不计",
        "balances of the fee accounts whose statements cover the last day; others are unknown",
        "balances", unit="fen", value="amount", account="fee", known="yes",
    ),
    figure(
        "balances.fee.unknown", "money", "余额未知的收费专用账户",
        "fee accounts of unknown balance",
        "期末在用、流水未覆盖期末当日的", "open at the end, not covered by statements on its day",
        "balances", account="fee", known="no",
    ),
    figure(
        "balances.deposit", "money", "风险保证金账户余额", "deposit accounts hold",
        "流水覆盖期末当日的风险保证金账户余额之和；其余账户余额未知，不计",
        "balances of the deposit accounts whose statements cover the last day; others are unknown",
        "balances", unit="fen", value="amount", account="deposit", known="yes",
    ),
    figure(
        "balances.deposit.unknown", "money", "余额未知的保证金账户",
        "deposit accounts of unknown balance",
        "期末在用、流水未覆盖期末当日的", "open at the end, not covered by statements on its day",
        "balances", account="deposit", known="no",
    ),
    figure(
        "money.judged.balance", "money", "可判定机构的余额", "balance of those judged",
        "可判定机构的收费专用账户余额之和", "what fee accounts of institutions judged hold",
        "cover", unit="fen", value="amount", measure="judged_balance",
    ),
    figure(
        "money.judged.claims", "money", "可判定机构的应有资金", "claims on those judged",
        "可判定机构的未消课负债与预收待核之和", "liability and unexplained receipts of them",
        "cover", unit="fen", value="amount", measure="judged_claims",
    ),
    figure(
        "money.cover", "money", "资金覆盖率（可判定机构）", "cover of those judged",
        "可判定机构的余额除以应有资金；不能判定的机构不在其中",
        "balance ÷ claims of institutions that could be judged, without the others",
        "cover", unit="ratio", value="amount", over="money.judged.claims",
        measure="judged_balance",
    ),
    figure(
        "money.short", "money", "资金不足机构", "institutions short of cover",
        "期末余额不足以覆盖应有资金的机构（监测指标，非法律认定）",
        "institutions whose balance is below the claims (an indicator, no finding in law)",
        "cover", measure="institution", verdict="short",
    ),
    figure(
        "money.shortfall", "money", "资金缺口", "shortfall",
        "可判定机构的缺口之和", "what institutions that could be judged lack together",
        "cover", unit="fen", value="amount", measure="shortfall",
    ),
    figure(
        "money.covered", "money", "资金足额机构", "institutions covered",
        "期末余额足以覆盖应有资金的机构", "institutions whose balance covers the claims",
        "cover", measure="institution", verdict="covered",
    ),
    figure(
        "money.nothing_owed", "money", "无负债机构", "institutions that owe nothing",
        "合同登记在案且期末无未消课负债的机构", "with contracts on file and nothing owed",
        "cover", measure="institution", verdict="nothing_owed",
    ),
    figure(
        "money.undetermined", "money", "不能判定机构", "institutions not judged",
        "资料不全或监管方式不适用、不能判定的机构，不视为足额",
        "institutions that cannot be judged, not counted as covered",
        "cover", measure="institution", verdict="undetermined",
    ),
    figure(
        "coverage.accounts", "statements", "应报送账户", "accounts",
        "本期在用的收费专用账户和风险保证金账户", "fee and deposit accounts open in the period",
        "coverage",
    ),
    figure(
        "coverage.whole", "statements", "流水完整账户", "covered wholly",
        "在用各日均有流水的", "whose every day statements cover", "coverage", covered="whole",
    ),
    figure(
        "coverage.part", "statements", "流水部分缺失账户", "covered in part",
        "部分日期没有流水的，缺失日期的情况未知", "of which days are missing: unknown",
        "coverage", covered="part",
    ),
    figure(
        "coverage.none", "statements", "无流水账户", "not covered at all",
        "没有任何流水的，情况未知", "of which nothing is told: unknown", "coverage", covered="none",
    ),
    figure(
        "coverage.missing_days", "statements", "缺失天数", "days missing",
        "上述账户缺失流水的天数之和", "days that statements leave out", "coverage",
        unit="days", value="amount",
    ),
    figure(
        "institutions.standing", "institutions", "在册机构", "institutions",
        "期末登记在册、未获批停业、未被承继的机构",
        "on the register at the end, not closed by approval, not succeeded",
        "institutions", closed="no", by=("subject", "custody"),
    ),
    figure(
        "institutions.licence_ended", "institutions", "许可已到期机构", "licence run out",
        "在册机构中许可证有效期在期末之前且未按期申请延续的",
        "those of them whose licence ended by then without a renewal asked for in time",
        "institutions", closed="no", licence="ended",
    ),
    figure(
        "institutions.licence_unknown", "institutions", "许可有效期未登记机构", "licence unknown",
        "在册机构中未登记许可证有效期的，不视为有效", "those of them with no day on file",
        "institutions", closed="no", licence="unknown",
    ),
    figure(
        "institutions.academic", "institutions", "学科类机构", "academic institutions",
        "在册机构中的学科类机构", "the academic ones of those on the register",
        "institutions", closed="no", subject="academic",
    ),
    figure(
        "academic", "institutions", "学科类机构（月末）", "academic institutions at a month's end",
        "该月末登记在册、未获批停业、未被承继的学科类机构",
        "academic institutions on the register at that month's end, neither closed nor succeeded",
        "academic", closed="no", by=("month",), is_whole=False,
    ),
    figure(
        "closures.approved", "institutions", "获批停业", "closed by approval",
        "备案批准中本期起停业的", "approvals of kind closure from a day of the period",
        "closures", why="closure", by=("subject",),
    ),
    figure(
        "closures.succession", "institutions", "被承继", "succeeded",
        "本期起由其他机构承继的", "succeeded by another institution in the period",
        "closures", why="succession",
    ),
    figure(
        "closures.licence", "institutions", "许可到期", "licences run out",
        "本期许可证到期且未按期申请延续的", "ended in the period without a renewal asked for",
        "closures", why="licence",
    ),
    figure(
        "closures.academic", "institutions", "学科类停业、承继、到期", "academic ones ended",
        "以上三项中的学科类机构", "the academic ones of these three",
        "closures", subject="academic",
    ),
    figure(
        "premises.found", "campaign", "发现证照不全场所", "premises found",
        "发现日期在本期的场所", "premises found in the period", "premises", event="found",
        by=("state",),
    ),
    figure(
        "premises.settled", "campaign", "处置场所", "premises disposed of",
        "处置日期在本期的场所", "premises disposed of in the period", "premises",
        event="settled", by=("disposal",),
    ),
    figure(
        "premises.waiting", "campaign", "期末待处置场所", "premises waiting",
        "期末尚未处置、证照不全的场所", "not disposed of by the end", "premises", event="waiting",
    ),
    figure(
        "clues.received", "campaign", "收到线索", "clues received",
        "接收日期在本期的线索", "clues received in the period", "clues", event="received",
        by=("source",),
    ),
    figure(
        "clues.answered", "campaign", "答复线索", "clues answered",
        "答复日期在本期的线索", "clues answered in the period", "clues", event="answered",
    ),
    figure(
        "clues.waiting", "campaign", "期末未答复线索", "clues waiting",
        "期末未答复、未办结的线索", "neither answered nor settled by the end", "clues",
        event="waiting",
    ),
    figure(
        "lists.added", "lists", "列入名单", "entries added",
        "截止日在本期的各期公示中列入的", "by editions cut off in the period", "lists",
        change="added", by=("list",),
    ),
    figure(
        "lists.removed", "lists", "移出名单", "entries removed",
        "截止日在本期的各期公示中移出的", "by editions cut off in the period", "lists",
        change="removed", by=("list",),
    ),
    figure(
        "lists.standing", "lists", "期末在名单上", "on the lists at the end",
        "期末各区划最新一期公示所载", "in the latest edition of each district by the end",
        "lists", change="standing", by=("list",),
    ),
)  # fmt: skip
