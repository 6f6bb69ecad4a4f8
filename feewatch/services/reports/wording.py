"""The report of a period in sentences, as it is read out: every number is one of its figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from feewatch.kernel.text import Text
from feewatch.services.reports.figure_kinds import SECTIONS
from feewatch.services.reports.labels import part_in_words, period_in_words, value_of
from feewatch.services.reports.period import PeriodReport


@dataclass(frozen=True)
class Paragraphs:
    """A section of the text."""

    title: Text
    sentences: tuple[Text, ...]

    @property
    def text(self) -> Text:
        """All of it on one line."""
        return Text(
            "".join(each.zh for each in self.sentences),
            " ".join(each.en for each in self.sentences),
        )


#: Sections with the sentences that each says; ``{figure}`` is a figure's value.
_SENTENCES: dict[str, tuple[Text, ...]] = {
    "found": (
        Text(
            "{period}共发现问题{problems.found}个（其中经核实督办{problems.confirmed}个，疑似、待核实"
            "{problems.suspected}个），下发督办单{orders.issued}份，完成整改问题{problems.rectified}个，"
            "销号案件{cases.closed}件，开展回头看{rechecks.done}次。",
            "{period}: {problems.found} problems found ({problems.confirmed} confirmed, "
            "{problems.suspected} suspected), {orders.issued} supervision orders issued, "
            "{problems.rectified} problems rectified, {cases.closed} cases closed, "
            "{rechecks.done} looked at again.",
        ),
        Text(
            "发现问题涉及金额{problems.found.fen}元；另有历史事项{problems.historic}个，"
            "数据更正后撤回{problems.withdrawn}个。",
            "Money concerned: {problems.found.fen} yuan; besides {problems.historic} historic and "
            "{problems.withdrawn} withdrawn matters.",
        ),
    ),
    "asked": (
        Text(
            "立案{cases.opened}件，督办问题{problems.notified}个，制作责令限期整改通知书"
            "{papers.rectification}份、监测提示函{papers.hint}份、移送函{papers.transfer}份，"
            "其中期末尚未送达的文书{papers.unserved}份。",
            "{cases.opened} cases opened, {problems.notified} problems notified, "
            "{papers.rectification} orders to rectify, {papers.hint} monitoring hints and "
            "{papers.transfer} letters of transfer made; {papers.unserved} papers not served.",
        ),
        Text(
            "收到整改反馈{answers.received}次，退回重改{answers.returned}次，升级督办"
            "{cases.escalated}次，不予处理案件{cases.dismissed}件。",
            "{answers.received} answers came in, {answers.returned} were returned, "
            "{cases.escalated} cases escalated, {cases.dismissed} dismissed.",
        ),
    ),
    "rectified": (
        Text(
            "本期督办的问题中，截至期末已销号{problems.notified.ended}个{all_ended}。"
            "本期销号问题{problems.closed}个，其中数据未显示消除{problems.closed.standing}个。"
            "期末在办案件{cases.running}件，其中逾期{cases.overdue}件。",
            "Of the problems notified {problems.notified.ended} are closed by the end{all_ended}. "
            "{problems.closed} problems were closed in the period, {problems.closed.standing} of "
            "them not over by the data. {cases.running} cases run, {cases.overdue} overdue.",
        ),
        Text(
            "本期到期整改承诺{undertakings.due}项，未兑现{undertakings.missed}项。",
            "{undertakings.due} undertakings were due, {undertakings.missed} not kept.",
        ),
    ),
    "recheck": (
        Text(
            "应于本期回头看{rechecks.due}件，到期未开展{rechecks.missed}件，回头看后重新整改"
            "{rechecks.failed}件；销号后再次发现问题（死灰复燃）{cases.recurred}件；"
            "重新整改共{cases.reopened}件。",
            "{rechecks.due} cases were due to be looked at again, {rechecks.missed} are late, "
            "{rechecks.failed} were reopened; {cases.recurred} closed cases came back; "
            "{cases.reopened} cases reopened in all.",
        ),
    ),
    "objections": (
        Text(
            "收到陈述申辩{objections.made}件，答复{objections.answered}件，其中采纳、部分采纳"
            "{objections.upheld}件，期末待答复{objections.waiting}件。",
            "{objections.made} objections, {objections.answered} answered, {objections.upheld} of "
            "them upheld, {objections.waiting} waiting.",
        ),
    ),
    "money": (
        Text(
            "期末未消课负债{money.liability}元，预收待核{money.unexplained}元。收费专用账户余额"
            "{balances.fee}元（另有{balances.fee.unknown}个账户余额未知），风险保证金账户余额"
            "{balances.deposit}元（另有{balances.deposit.unknown}个账户余额未知）。",
            "Unconsumed liability {money.liability} yuan, unexplained receipts "
            "{money.unexplained} yuan. Fee accounts hold {balances.fee} yuan "
            "({balances.fee.unknown} more of unknown balance), deposit accounts "
            "{balances.deposit} yuan ({balances.deposit.unknown} more of unknown balance).",
        ),
        Text(
            "可判定机构的资金覆盖率为{money.cover}：足额{money.covered}家，不足{money.short}家，"
            "缺口合计{money.shortfall}元，无负债{money.nothing_owed}家；另有{money.undetermined}家"
            "不能判定，不视为足额。覆盖率为监测指标，非法律认定。",
            "Cover of the institutions judged: {money.cover}; {money.covered} covered, "
            "{money.short} short by {money.shortfall} yuan together, {money.nothing_owed} owe "
            "nothing; {money.undetermined} cannot be judged and do not count as covered. Cover is "
            "an indicator, no finding in law.",
        ),
    ),
    "statements": (
        Text(
            "应报送流水账户{coverage.accounts}个，其中完整{coverage.whole}个，部分缺失"
            "{coverage.part}个，无流水{coverage.none}个，缺失共{coverage.missing_days}天，"
            "缺失期间的情况未知。",
            "{coverage.accounts} accounts owe statements: {coverage.whole} whole, {coverage.part} "
            "in part, {coverage.none} none; {coverage.missing_days} days are missing and unknown.",
        ),
    ),
    "institutions": (
        Text(
            "期末在册机构{institutions.standing}家，其中学科类{institutions.academic}家。本期获批停业"
            "{closures.approved}家，被承继{closures.succession}家，许可到期未申请延续"
            "{closures.licence}家（三项中学科类{closures.academic}家）；期末许可已到期"
            "{institutions.licence_ended}家，有效期未登记{institutions.licence_unknown}家。",
            "{institutions.standing} institutions stand on the register, "
            "{institutions.academic} of them academic. Closed by approval {closures.approved}, "
            "succeeded {closures.succession}, licences run out {closures.licence} (academic ones "
            "of these {closures.academic}); licence ended {institutions.licence_ended}, unknown "
            "{institutions.licence_unknown}.",
        ),
    ),
    "campaign": (
        Text(
            "发现证照不全场所{premises.found}处，处置{premises.settled}处，期末待处置"
            "{premises.waiting}处；收到线索{clues.received}条，答复{clues.answered}条，"
            "期末未答复{clues.waiting}条。",
            "{premises.found} premises found, {premises.settled} disposed of, {premises.waiting} "
            "waiting; {clues.received} clues received, {clues.answered} answered, "
            "{clues.waiting} waiting.",
        ),
    ),
    "lists": (
        Text(
            "各期公示列入名单{lists.added}条次，移出{lists.removed}条次，期末在名单上"
            "{lists.standing}条{on_lists}。",
            "Editions added {lists.added} entries and removed {lists.removed}; {lists.standing} "
            "stand on lists at the end{on_lists}.",
        ),
    ),
    "rounds": (
        Text(
            "{period}召开双减工作协调会议{meetings.held}次，议定事项{meetings.items}个，办结"
            "{meetings.closed}个，期末逾期{meetings.late}个。责任督学{inspectors.standing}名，走访"
            "{visits.made}次（其中四不两直{visits.unannounced}次），发现不符合项的走访"
            "{visits.found}次；应走访机构{visits.owed}家次，未走访{visits.missed}家次。",
            "{period}: {meetings.held} meetings of departments agreed {meetings.items} items, "
            "{meetings.closed} were closed, {meetings.late} are late. {inspectors.standing} "
            "inspectors made {visits.made} visits ({visits.unannounced} unannounced), "
            "{visits.found} of which found something; of {visits.owed} visits owed "
            "{visits.missed} were missed.",
        ),
        Text(
            "督导检查发现问题{problems.found}个，完成整改{problems.rectified}个，下发督办单"
            "{orders.issued}份，开展回头看{rechecks.done}次；通报{pressed.circular}次，挂牌督办"
            "{pressed.listed}家，提出问责建议{pressed.answerable}件；取缔、补办、移送证照不全场所"
            "{premises.settled}处，学科类机构停业或被承继、许可到期{closures.academic}家。",
            "{problems.found} problems were found, {problems.rectified} rectified, "
            "{orders.issued} supervision orders issued, {rechecks.done} looked at again; "
            "{pressed.circular} circulars, {pressed.listed} institutions listed, "
            "{pressed.answerable} proposals to hold answerable; {premises.settled} premises "
            "without papers disposed of, {closures.academic} academic institutions ended.",
        ),
    ),
}
_ALL_ENDED = Text("，全部完成整改", ": all of them")
_ALIKE = Text("持平", "as many")


def write_report(report: PeriodReport, places: Mapping[str, str]) -> list[Paragraphs]:
    """The text of a report, section by section."""
    words = {key: value_of(figure) for key, figure in report.figures.items()}
    words["period"] = period_in_words(report.period)
    words["all_ended"] = _all_ended(report)
    words["on_lists"] = _on_lists(report, places)
    sections = [
        Paragraphs(SECTIONS[name], tuple(_fill(each, words) for each in sentences))
        for name, sentences in _SENTENCES.items()
    ]
    first = sections[0]
    compared = (*first.sentences, _compare(report))
    return [Paragraphs(first.title, compared), *sections[1:]]


def _fill(sentence: Text, words: Mapping[str, Text]) -> Text:
    zh, en = sentence
    for key, text in words.items():
        zh, en = zh.replace(f"{{{key}}}", text.zh), en.replace(f"{{{key}}}", text.en)
    # an unknown sum has no unit behind it
    return Text(zh.replace("未知元", "未知"), en.replace("unknown yuan", "unknown"))


def _all_ended(report: PeriodReport) -> Text:
    notified, ended = report["problems.notified"].value, report["problems.notified.ended"].value
    return _ALL_ENDED if notified and notified == ended else Text("", "")


def _on_lists(report: PeriodReport, places: Mapping[str, str]) -> Text:
    parts = [
        (part_in_words("list", each.kind.id.partition("=")[2], places), each.value)
        for each in report.parts("lists.standing", "list")
    ]
    if not parts:
        return Text("", "")
    zh = "，".join(f"{title.zh}{value}条" for title, value in parts)
    en = ", ".join(f"{title.en} {value}" for title, value in parts)
    return Text(f"（{zh}）", f" ({en})")


def _compare(report: PeriodReport) -> Text:
    """What changed against the period before."""
    named = {
        "problems.found": Text("发现问题", "problems found"),
        "orders.issued": Text("督办单", "supervision orders"),
        "cases.closed": Text("销号案件", "cases closed"),
        "cases.overdue": Text("逾期案件", "cases overdue"),
    }
    changes = [
        Text(f"{title.zh}{change.zh}", f"{title.en} {change.en}")
        for figure, title in named.items()
        if (change := _change(report[figure].difference)) is not None
    ]
    before = period_in_words(report.before)
    zh, en = "，".join(each.zh for each in changes), ", ".join(each.en for each in changes)
    return Text(f"与{before.zh}相比，{zh}。", f"Against {before.en}: {en}.")


def _change(difference: int | None) -> Text | None:
    if difference is None:
        return None
    if not difference:
        return _ALIKE
    number = abs(difference)
    return (
        Text(f"增加{number}", f"{number} more")
        if difference > 0
        else Text(f"减少{number}", f"{number} fewer")
    )
