"""A notice before a decision (事先告知书) as it is put on file: read strictly, all faults."""

from collections.abc import Collection, Mapping
from typing import Any

from feewatch.casework.papers import WAYS
from feewatch.credit.advance_notice import AdvanceNotice
from feewatch.credit.decision_frame import DecisionFrame, FormTable
from feewatch.credit.lists import BLACK
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import Table

EXAMPLE = """\
uscc = "523707020000000000"         # or premises = "CS2026-0001" from the register of premises
number = "潍城教罚告字〔2026〕第7号"
authority = "潍城区教育局"          # of the office's list
served_on = 2026-05-10
way = "direct"                      # direct, post, electronic, left or public
defend_until = 2026-05-18           # default: the least window in working days
hearing = true                      # default: as the intended sanctions demand
sanctions = ["confiscation"]        # what is intended
facts = "2026年3月向12名学员一次性收取超过3个月的费用"
file = "notice.pdf"                 # the notice itself, beside this file
record = "receipt.pdf"              # the record of its service (送达回证)

[basis]
document = "校外培训行政处罚暂行办法"
level = "rule"
clause = "第二十二条"
"""
FILES = ("file", "record")
_TEXTS = ("number", "authority", "facts", "way")
_OPTIONAL = ("uscc", "premises", "name", "district")


def read_notice(
    raw: Mapping[str, Any], frame: DecisionFrame, file: str = ""
) -> tuple[AdvanceNotice | None, list[Problem]]:
    """The notice of a form's values, or None with every fault that it has."""
    table = Table(raw, file, [])
    form = FormTable(table, frame)
    texts = {key: form.text(table, key, required=key in _TEXTS) for key in (*_TEXTS, *_OPTIONAL)}
    texts["list"] = BLACK  # whom a notice may name is whom the black list may
    served, until = form.day("served_on", required=True), form.day("defend_until", required=False)
    sanctions = form.chosen("sanctions", frame.terms.sanctions)
    hearing = _hearing(form, sanctions)
    former, basis = table.flag("former_name"), form.basis(sanctions)
    table.rest(FILES)
    table.end()
    form.one_of("way", texts["way"], tuple(WAYS))
    form.check_who(texts, former=former)
    form.check_document(texts["number"], texts["authority"], key="number")
    until = _window(form, served, until)
    gravity = _gravity(form, served, sanctions)
    if table.faults or served is None or until is None:
        return None, table.faults
    notice = AdvanceNotice(
        number=texts["number"], uscc=texts["uscc"], name=texts["name"],
        district=texts["district"], authority=texts["authority"], facts=texts["facts"],
        basis=basis, sanctions=list(sanctions), gravity=gravity, served_on=served,
        way=texts["way"], defend_until=until, hearing=hearing,
        premises_no=texts["premises"] or None,
    )  # fmt: skip
    return notice, []


def _hearing(form: FormTable, sanctions: Collection[str]) -> bool:
    """Whether the right to a hearing was told; it must be where what is intended is grave."""
    owed = any(name in form.frame.terms.hearing_for for name in sanctions)
    told = form.table.flag("hearing") if form.table.has("hearing") else owed
    if owed and not told:
        form.fault(
            "HEARING",
            "hearing",
            "拟作出的处罚须告知听证权利（rules/credit_terms.toml 的 hearing_for）",
            "what is intended gives a right to a hearing, of which the notice must tell",
        )
    return told


def _window(form: FormTable, served: Day | None, until: Day | None) -> Day | None:
    if served is None:
        return None
    if served > form.frame.today:
        form.fault("FUTURE", "served_on", "送达日晚于今天", "the notice is served after today")
    least = form.frame.window_end(served)
    if until is not None and until < least:
        form.fault(
            "WINDOW",
            "defend_until",
            f"陈述申辩期至少到 {format_day(least)}",
            f"the window runs to {format_day(least)} at least",
        )
    return least if until is None else until


def _gravity(form: FormTable, served: Day | None, sanctions: Collection[str]) -> str:
    if served is None or not sanctions:
        return ""
    term = form.term(served, sanctions, "served_on")
    return term.class_.name if term else ""
