"""A decision as it is proposed (a TOML table or a form): read strictly, all faults at once.

What follows from others is computed and never typed: class, days of publication, day of repair.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.credit.decisions import LEVELS, SERIOUS_LEVELS, Decision
from feewatch.credit.lists import BLACK, DECIDED
from feewatch.engine.credit_terms import CreditTerms
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import Day, day_of, format_day, parse_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.kernel.toml import SIX_DIGITS, Table, one_of
from feewatch.registry.personal import has_number_of_a_person

EXAMPLE = """\
list = "black"                      # black, credit_black or notice
uscc = "523707020000000000"         # for unlicensed premises on black instead of it:
                                    # premises = "CS2026-0001" from the register of premises
name = "示例培训中心"               # the register's; a former one with former_name = true
district = "370702"                 # name and district: default from the register
document = "潍城教罚字〔2026〕第7号"
date = 2026-06-01
authority = "潍城区教育局"          # of the office's list
notice_served_on = 2026-05-10       # when notice (事先告知书) was served
objection_until = 2026-05-18        # default: the least window; before the decision
defence = "none"                    # none, or answered with defence_answered_on
hearing = "none"                    # none, or held with hearing_on
sanctions = ["confiscation"]        # class, term and day of repair follow from them
reasons = ["over_limits", "not_rectified"]
file = "decision.pdf"               # the document itself, beside this file
notice_record = "notice.pdf"        # the record of its service
# why_necessary = "……"              # of a minor sanction: why it is published all the same

[basis]
document = "校外培训行政处罚暂行办法"
level = "rule"                      # or law, administrative_regulation, local_regulation, normative
clause = "第二十二条"
"""

FILES = ("file", "notice_record")
#: The pattern of a document number where an authority has none of its own.
NUMBER = r"[^\s〔〕]{2,40}〔(?:19|20)\d\d〕第?\d{1,6}号"
_TEXTS = ("list", "document", "authority", "defence", "hearing")
_OPTIONAL_TEXTS = ("uscc", "name", "district", "premises", "why_necessary")
_DAYS = ("date", "notice_served_on")
_OPTIONAL_DAYS = ("objection_until", "defence_answered_on", "hearing_on")
_COMPUTED = ("class", "publish_from", "last_day", "earliest_repair")
_DAY = Text("日期 YYYY-MM-DD", "a day YYYY-MM-DD")
_BASIS = ("document", "level", "clause")
_LENGTHS = {"document": 120, "authority": 120, "name": 200, "why_necessary": 500}
_DEFENCES = {"defence": ("none", "answered"), "hearing": ("none", "held")}
_ANSWERS = {"defence": "defence_answered_on", "hearing": "hearing_on"}


class Registered(NamedTuple):
    """What the register says about the institution or the premises that a decision names."""

    name: str
    district: str
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionFrame:
    """What a decision is held against: the law on file, the office, its calendar, the register."""

    terms: CreditTerms
    today: Day
    authorities: Mapping[str, str]  # pattern of document numbers by name of the authority
    window_end: Callable[[Day], Day]  # the earliest last day for objections after a notice
    registered: Registered | None = None
    persons: Collection[str] = field(default=())  # registered persons whom a text names
    imported: bool = False


def read_decision(
    raw: Mapping[str, Any], frame: DecisionFrame, file: str = ""
) -> tuple[Decision | None, list[Problem]]:
    """The decision of a form's values, or None with every fault that was found in it."""
    table = Table(raw, file, [])
    form = _Form(table, frame)
    form.refuse_computed()
    texts = {
        key: form.text(table, key, required=key in _TEXTS) for key in (*_TEXTS, *_OPTIONAL_TEXTS)
    }
    days = {key: form.day(key, required=key in _DAYS) for key in (*_DAYS, *_OPTIONAL_DAYS)}
    former = table.flag("former_name")
    sanctions = form.chosen("sanctions", frame.terms.sanctions)
    reasons = form.chosen("reasons", frame.terms.reasons)
    basis = form.basis(sanctions)
    table.rest(FILES)
    table.end()
    form.check_who(texts, former=former)
    form.check_document(texts["document"], texts["authority"])
    form.check_days(texts, days)
    values = _computed(form, texts, days, sanctions)
    if table.faults or values is None:
        return None, table.faults
    shown = "；".join(frame.terms.reasons[name].zh for name in reasons)
    decision = Decision(
        list=texts["list"], uscc=texts["uscc"], name=texts["name"], district=texts["district"],
        document=texts["document"], authority=texts["authority"], basis=basis,
        sanctions=list(sanctions), reason=shown, why_necessary=texts["why_necessary"],
        imported=frame.imported, premises_no=texts["premises"] or None, **values,
    )  # fmt: skip
    return decision, []


def _computed(
    form: "_Form",
    texts: Mapping[str, str],
    days: Mapping[str, Day | None],
    sanctions: Sequence[str],
) -> dict[str, Any] | None:
    """Class and days of a decision; None, with a fault, where no law on file governs its day."""
    decided_on, served, until = days["date"], days["notice_served_on"], days["objection_until"]
    if decided_on is None or served is None or until is None or not sanctions:
        return None
    term = form.frame.terms.term(decided_on, sanctions)
    if term is None:
        day = format_day(decided_on)
        form.fault(
            "TERMS",
            "date",
            f"{day} 的失信分类规定不在册（rules/credit_terms.toml），不能推出公示期限",
            f"no law on classes is on file for {day} (rules/credit_terms.toml): no term follows",
        )
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


class _Form:
    """A table being read; faults are noted in it."""

    def __init__(self, table: Table, frame: DecisionFrame) -> None:
        self._table = table
        self.frame = frame

    def fault(self, code: str, key: str, zh: str, en: str) -> None:
        self._table.fault(key, zh, en, f"DECISION-{code}")

    def refuse_computed(self) -> None:
        """Class and days follow from sanction and day: who types them means something else."""
        for key in _COMPUTED:
            if self._table.has(key):
                self._table.rest((key,))
                self.fault(
                    "COMPUTED",
                    key,
                    f"{key} 由处罚种类和文书日期推出，不得填写",
                    f"{key} follows from the sanction and the document's day and is never typed",
                )

    def text(self, table: Table, key: str, *, required: bool) -> str:
        text = normalise(table.filled(key) if required else table.text(key, required=False))
        if len(text) > _LENGTHS.get(key, 2000):
            table.fault(key, f"{key} 过长", f"{key} is too long", "DECISION-LENGTH")
        if key != "uscc" and has_number_of_a_person(text):
            table.fault(
                key,
                f"{key} 含有疑似电话或身份证号码，不得公示",
                f"{key} holds what looks like a phone or identity number, which is never public",
                "DECISION-PERSONAL",
            )
        elif self._names_a_person(key, text):
            table.fault(
                key,
                f"{key} 含有在册自然人姓名，不得公示",
                f"{key} names a registered person, which is never public",
                "DECISION-PERSON",
            )
        return text

    def _names_a_person(self, key: str, text: str) -> bool:
        """Whether a registered person is named; an institution may be called after one."""
        if key in ("uscc", "name"):
            return text in self.frame.persons
        return any(person in text for person in self.frame.persons)

    def day(self, key: str, *, required: bool) -> Day | None:
        """A date, or a day in quotes."""
        if self._table.is_text(key):
            return self._table.parsed(key, parse_day, _DAY, None)
        date = self._table.date(key, required=required)
        return None if date is None else day_of(date)

    def chosen(self, key: str, allowed: Mapping[str, Text]) -> tuple[str, ...]:
        """Names of a list of the rule book, each given by its key or its Chinese word."""
        by_word = {text.zh: name for name, text in allowed.items()}
        given = self._table.words(key, required=True)
        names = tuple(dict.fromkeys(by_word.get(word, word) for word in given))
        for name in names:
            if name not in allowed:
                self._table.must_be(key, one_of(tuple(allowed)), name)
        return names if set(names) <= allowed.keys() else ()

    def basis(self, sanctions: Collection[str]) -> dict[str, str]:
        if not self._table.has("basis"):
            self._table.missing("basis")
            return {}
        table = self._table.table("basis")
        told = {key: self.text(table, key, required=True) for key in _BASIS}
        table.end()
        self._one_of("basis.level", told["level"], LEVELS)
        if "listed_serious" in sanctions and told["level"] in LEVELS[len(SERIOUS_LEVELS) :]:
            self.fault(
                "LEVEL",
                "basis.level",
                "严重失信主体名单只能以法律、行政法规或地方性法规为依据",
                "a list of seriously dishonest subjects needs a law, regulation or local statute",
            )
        return told

    def _one_of(self, key: str, value: str, allowed: Sequence[str]) -> None:
        if value and value not in allowed:
            self._table.must_be(key, one_of(allowed), value)

    def check_who(self, texts: dict[str, str], *, former: bool) -> None:
        """An institution or premises of the register, under a name that the register has."""
        self._one_of("list", texts["list"], DECIDED)
        uscc, premises, registered = texts["uscc"], texts["premises"], self.frame.registered
        if uscc and not is_credit_code(uscc):
            self.fault("USCC", "uscc", "统一社会信用代码校验不符", "the credit code is not valid")
        elif bool(uscc) == bool(premises):
            self.fault(
                "WHO",
                "uscc",
                "写明机构的统一社会信用代码，或登记册中场所的编号，二者取一",
                "name either an institution's credit code or premises of the register",
            )
        elif premises and texts["list"] and texts["list"] != BLACK:
            self.fault(
                "USCC",
                "uscc",
                "只有 black 可以登载没有统一社会信用代码的无证场所",
                "only black may name premises without a credit code",
            )
        elif registered is None:
            key, what = ("premises", premises) if premises else ("uscc", uscc)
            self.fault(
                "PREMISES" if premises else "REGISTER",
                key,
                f"登记册中没有 {what}，不能核对名称",
                f"{what} is not on the register, so its name cannot be proven",
            )
        else:
            self._check_name(texts, registered, former=former)
        if texts["district"] and not re.fullmatch(r"\d{6}", texts["district"], re.ASCII):
            self._table.must_be("district", SIX_DIGITS, texts["district"])

    def _check_name(self, texts: dict[str, str], registered: Registered, *, former: bool) -> None:
        texts["name"] = texts["name"] or registered.name
        texts["district"] = texts["district"] or registered.district
        if texts["district"] != registered.district:
            self.fault(
                "PREMISES" if texts["premises"] else "DISTRICT",
                "district",
                f"登记册中的区划是 {registered.district}",
                f"the register has it in {registered.district}",
            )
        known = {registered.name} | (set(registered.former_names) if former else set())
        if texts["name"] not in known:
            is_former = texts["name"] in registered.former_names
            self.fault(
                "NAME",
                "name",
                f"登记册中的名称是“{registered.name}”"
                + ("；原名须写明 former_name = true" if is_former else ""),
                f"the register has the name {registered.name}"
                + ("; say former_name = true of a former one" if is_former else ""),
            )

    def check_document(self, document: str, authority: str) -> None:
        """The authority is one of the office's, the number one of the authority's."""
        if not authority:
            return
        pattern = self.frame.authorities.get(authority)
        if pattern is None:
            listed = "、".join(self.frame.authorities)
            self.fault(
                "AUTHORITY",
                "authority",
                f"不是本机关名录中的作出机关（配置 [[publication.authorities]]），可用：{listed}",
                f"not an authority of the office's list ([[publication.authorities]]): {listed}",
            )
        elif document and not re.fullmatch(pattern or NUMBER, document):
            self.fault(
                "NUMBER",
                "document",
                f"文号不合 {authority} 的格式：{document}",
                f"not a document number of {authority}: {document}",
            )

    def check_days(self, texts: Mapping[str, str], days: dict[str, Day | None]) -> None:
        """Notice, then the window, then the decision; what was said in defence was answered."""
        decided_on, served = days["date"], days["notice_served_on"]
        for key, allowed in _DEFENCES.items():
            self._one_of(key, texts[key], allowed)
            answer = _ANSWERS[key]
            if texts[key] == allowed[1] and days[answer] is None:
                self._table.missing(answer)
            self._in_order(days, "notice_served_on", answer)
            self._in_order(days, answer, "date")
        if decided_on is not None and decided_on > self.frame.today:
            self.fault("FUTURE", "date", "文书日期晚于今天", "the document is dated after today")
        if decided_on is None or served is None:
            return
        if served >= decided_on:
            self.fault(
                "NOTICE",
                "notice_served_on",
                "事先告知须在决定之前送达",
                "the notice is served before the decision",
            )
            return
        least = served if self.frame.imported else self.frame.window_end(served)
        until = days["objection_until"]
        if until is None:
            until = days["objection_until"] = least
        if not least <= until < decided_on:
            self.fault(
                "WINDOW",
                "objection_until",
                f"陈述申辩期至少到 {format_day(least)}，并须在决定日期之前届满",
                f"the window runs to {format_day(least)} at least and ends before the decision",
            )

    def _in_order(self, days: Mapping[str, Day | None], earlier: str, later: str) -> None:
        first, second = days[earlier], days[later]
        if first is not None and second is not None and first > second:
            self.fault("ORDER", later, f"{later} 早于 {earlier}", f"{later} is before {earlier}")
