"""A decision as it is proposed (a TOML table or a form): read strictly, all faults at once.

What follows from others is computed and never typed: class, days of publication, day of repair.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from feewatch.credit.decision_frame import DecisionFrame, FormTable
from feewatch.credit.decisions import Decision
from feewatch.credit.lists import DECIDED
from feewatch.engine.credit_terms import CLASSES
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import Table

EXAMPLE = """\
list = "black"                      # black, credit_black or notice
uscc = "523707020000000000"         # for unlicensed premises on black instead of it:
                                    # premises = "CS2026-0001" from the register of premises
name = "示例培训中心"               # the register's; a former one with former_name = true
district = "370702"                 # name and district: default from the register
document = "潍城教罚字〔2026〕第7号"
date = 2026-06-01
authority = "潍城区教育局"          # of the office's list
# advance_notice = "潍城教罚告字〔2026〕第7号"   # of the notice on file (decision notice): service,
                                    # window, defence and hearing then follow from it
notice_served_on = 2026-05-10       # when notice (事先告知书) was served
objection_until = 2026-05-18        # default: the least window; before the decision
defence = "none"                    # none, or answered with defence_answered_on
hearing = "none"                    # none, or held with hearing_on
sanctions = ["confiscation"]        # class, term and day of repair follow from them
reasons = ["over_limits", "not_rectified"]
file = "decision.pdf"               # the document itself, beside this file
notice_record = "notice.pdf"        # the record of its service
# why_necessary = "……"              # of a minor sanction: why it is published all the same
# facts = "……"                      # what happened and was imposed, sums in yuan: 双公示
# content = "……"
# fine = 5000.00
# confiscated = 1200.00
# licence = "民办学校办学许可证 教民137070000000000号"

[basis]
document = "校外培训行政处罚暂行办法"
level = "rule"                      # or law, administrative_regulation, local_regulation, normative
clause = "第二十二条"
"""

FILES = ("file", "notice_record")
_TEXTS = ("list", "document", "authority", "defence", "hearing")
_OPTIONAL_TEXTS = (
    "uscc", "name", "district", "premises", "why_necessary", "advance_notice", "facts", "content",
    "licence",
)  # fmt: skip
_SUMS = ("fine", "confiscated")
_DAYS = ("date", "notice_served_on")
_OPTIONAL_DAYS = ("objection_until", "defence_answered_on", "hearing_on")
_COMPUTED = ("class", "publish_from", "last_day", "earliest_repair")
_DEFENCES = {"defence": ("none", "answered"), "hearing": ("none", "held")}
_ANSWERS = {"defence": "defence_answered_on", "hearing": "hearing_on"}


def read_decision(
    raw: Mapping[str, Any], frame: DecisionFrame, file: str = ""
) -> tuple[Decision | None, list[Problem]]:
    """The decision of a form's values, or None with every fault that was found in it."""
    table = Table(raw, file, [])
    form = FormTable(table, frame)
    _refuse_computed(form)
    texts = {
        key: form.text(table, key, required=key in _TEXTS) for key in (*_TEXTS, *_OPTIONAL_TEXTS)
    }
    days = {key: form.day(key, required=key in _DAYS) for key in (*_DAYS, *_OPTIONAL_DAYS)}
    former, sums = table.flag("former_name"), {key: form.fen(key) for key in _SUMS}
    sanctions = form.chosen("sanctions", frame.terms.sanctions)
    reasons = form.chosen("reasons", frame.terms.reasons)
    basis = form.basis(sanctions)
    table.rest(FILES)
    table.end()
    form.one_of("list", texts["list"], DECIDED)
    form.check_who(texts, former=former)
    form.check_document(texts["document"], texts["authority"])
    _check_days(form, texts, days)
    _check_notice(form, texts, days, sanctions)
    values = _computed(form, texts, days, sanctions)
    if table.faults or values is None:
        return None, table.faults
    shown = "；".join(frame.terms.reasons[name].zh for name in reasons)
    decision = Decision(
        list=texts["list"], uscc=texts["uscc"], name=texts["name"], district=texts["district"],
        document=texts["document"], authority=texts["authority"], basis=basis,
        sanctions=list(sanctions), reason=shown, why_necessary=texts["why_necessary"],
        imported=frame.imported, premises_no=texts["premises"] or None, facts=texts["facts"],
        content=texts["content"], licence=texts["licence"], fine_fen=sums["fine"],
        confiscated_fen=sums["confiscated"], **values,
    )  # fmt: skip
    return decision, []


def _computed(
    form: FormTable,
    texts: Mapping[str, str],
    days: Mapping[str, Day | None],
    sanctions: Sequence[str],
) -> dict[str, Any] | None:
    """Class and days of a decision; None, with a fault, where no law on file governs its day."""
    decided_on, served, until = days["date"], days["notice_served_on"], days["objection_until"]
    if decided_on is None or served is None or until is None or not sanctions:
        return None
    term = form.term(decided_on, sanctions, "date")
    if term is None:
        return None
    is_shown = term.class_.published or bool(texts["why_necessary"])
    if term.class_.published and texts["why_necessary"]:
        form.fault(
            "NECESSARY",
            "why_necessary",
            "只有轻微类才填写公示的必要性",
            "only a minor matter says why it is published",
        )
    return {
        "decided_on": decided_on,
        "notice_served_on": served,
        "objection_until": until,
        "gravity": term.class_.name,
        "publish_from": decided_on if is_shown else None,
        "last_day": term.last_day if is_shown else None,
        "earliest_repair": term.earliest_repair if is_shown else None,
    }


def _refuse_computed(form: FormTable) -> None:
    """Class and days follow from sanction and day: who types them means something else."""
    for key in _COMPUTED:
        if form.table.has(key):
            form.table.rest((key,))
            form.fault(
                "COMPUTED",
                key,
                f"{key} 由处罚种类和文书日期推出，不得填写",
                f"{key} follows from the sanction and the document's day and is never typed",
            )


def _check_days(form: FormTable, texts: Mapping[str, str], days: dict[str, Day | None]) -> None:
    """Notice, then the window, then the decision; what was said in defence was answered."""
    decided_on, served = days["date"], days["notice_served_on"]
    for key, allowed in _DEFENCES.items():
        form.one_of(key, texts[key], allowed)
        answer = _ANSWERS[key]
        if texts[key] == allowed[1] and days[answer] is None:
            form.table.missing(answer)
        _in_order(form, days, "notice_served_on", answer)
        _in_order(form, days, answer, "date")
    if decided_on is not None and decided_on > form.frame.today:
        form.fault("FUTURE", "date", "文书日期晚于今天", "the document is dated after today")
    if decided_on is None or served is None:
        return
    if served >= decided_on:
        form.fault(
            "NOTICE",
            "notice_served_on",
            "事先告知须在决定之前送达",
            "the notice is served before the decision",
        )
        return
    least = served if form.frame.imported else form.frame.window_end(served)
    until = days["objection_until"]
    if until is None:
        until = days["objection_until"] = least
    if not least <= until < decided_on:
        form.fault(
            "WINDOW",
            "objection_until",
            f"陈述申辩期至少到 {format_day(least)}，并须在决定日期之前届满",
            f"the window runs to {format_day(least)} at least and ends before the decision",
        )


def _in_order(form: FormTable, days: Mapping[str, Day | None], earlier: str, later: str) -> None:
    first, second = days[earlier], days[later]
    if first is not None and second is not None and first > second:
        form.fault("ORDER", later, f"{later} 早于 {earlier}", f"{later} is before {earlier}")


def _check_notice(
    form: FormTable,
    texts: Mapping[str, str],
    days: Mapping[str, Day | None],
    sanctions: Sequence[str],
) -> None:
    """A notice on file is named, says the same of service and window, and no less was intended."""
    number, notice = texts["advance_notice"], form.frame.notice
    if not number:
        if form.frame.open_notices and not form.frame.imported:
            waiting = "、".join(form.frame.open_notices)
            form.fault(
                "ADVANCE-NOTICE",
                "advance_notice",
                f"该当事人有在册的事先告知，须写明是哪一份：{waiting}",
                f"notices to this party are on file: name the one that came before: {waiting}",
            )
        return
    if notice is None:
        form.fault(
            "ADVANCE-NOTICE",
            "advance_notice",
            f"没有对该当事人送达、尚待决定的事先告知 {number}",
            f"no notice {number} to this party is on file and waits for a decision",
        )
        return
    said = {"notice_served_on": notice.served_on, "objection_until": notice.defend_until}
    for key, day in said.items():
        if days[key] not in (None, day):
            form.fault(
                "ADVANCE-NOTICE",
                key,
                f"与事先告知 {number} 在册的 {format_day(day)} 不一致",
                f"differs from {format_day(day)}, which is on file for notice {number}",
            )
    decided_on = days["date"]
    term = form.frame.terms.term(decided_on, sanctions) if decided_on and sanctions else None
    if term is not None and CLASSES.index(term.class_.name) > CLASSES.index(notice.gravity):
        form.fault(
            "HEAVIER",
            "sanctions",
            f"重于事先告知 {number} 的拟处罚，须重新告知",
            f"graver than notice {number} told: serve a new notice first",
        )
