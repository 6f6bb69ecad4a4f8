"""What a form of the decision desk is held against, and how its keys are read: all faults at once.

Shared by the notice that comes before a decision (事先告知) and by the decision itself.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from feewatch.credit.advance_notice import AdvanceNotice
from feewatch.credit.decisions import LEVELS, SERIOUS_LEVELS
from feewatch.credit.lists import BLACK
from feewatch.engine.credit_terms import CreditTerm, CreditTerms
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import Day, day_of, format_day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import Text, normalise, tidy
from feewatch.kernel.toml import SIX_DIGITS, Table, one_of
from feewatch.registry.personal import has_number_of_a_person

#: The pattern of a document number where an authority has none of its own.
NUMBER = r"[^\s〔〕]{2,40}〔(?:19|20)\d\d〕第?\d{1,6}号"
_DAY = Text("日期 YYYY-MM-DD", "a day YYYY-MM-DD")
_YUAN = Text("金额（元），至多两位小数", "an amount in yuan with at most two decimals")
_BASIS = ("document", "level", "clause")
#: Texts that are read and compared with nothing: they keep the marks of Chinese. So does the basis.
_SHOWN = frozenset({"facts", "defence", "hearing", "why_necessary"})
_LENGTHS = {"document": 120, "number": 120, "authority": 120, "name": 200, "why_necessary": 500}


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
    notice: AdvanceNotice | None = None  # the one that the form names, as it is on file
    open_notices: Collection[str] = field(default=())  # numbers of those that wait for a decision


class FormTable:
    """A table of the decision desk being read; faults are noted in it."""

    def __init__(self, table: Table, frame: DecisionFrame) -> None:
        self.table = table
        self.frame = frame

    def fault(self, code: str, key: str, zh: str, en: str) -> None:
        """Note a fault of the decision desk at a key."""
        self.table.fault(key, zh, en, f"DECISION-{code}")

    def text(self, table: Table, key: str, *, required: bool) -> str:
        """A text that names no person and holds no number of one."""
        raw = table.filled(key) if required else table.text(key, required=False)
        text = normalise(raw)
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
        if key == "authority":
            return self._listed(text)
        return tidy(raw) if key in _SHOWN or table is not self.table else text

    def _listed(self, authority: str) -> str:
        """An authority as the office's list writes it, however it was typed."""
        listed = self.frame.authorities
        return next((name for name in listed if normalise(name) == authority), authority)

    def _names_a_person(self, key: str, text: str) -> bool:
        """Whether a registered person is named; an institution may be called after one."""
        if key in ("uscc", "name"):
            return text in self.frame.persons
        return any(person in text for person in self.frame.persons)

    def day(self, key: str, *, required: bool) -> Day | None:
        """A date, or a day in quotes."""
        if self.table.is_text(key):
            return self.table.parsed(key, parse_day, _DAY, None)
        date = self.table.date(key, required=required)
        return None if date is None else day_of(date)

    def chosen(self, key: str, allowed: Mapping[str, Text]) -> tuple[str, ...]:
        """Names of a list of the rule book, each given by its key or its Chinese word."""
        by_word = {text.zh: name for name, text in allowed.items()}
        given = self.table.words(key, required=True)
        names = tuple(dict.fromkeys(by_word.get(word, word) for word in given))
        for name in names:
            if name not in allowed:
                self.table.must_be(key, one_of(tuple(allowed)), name)
        return names if set(names) <= allowed.keys() else ()

    def fen(self, key: str) -> int | None:
        """An optional amount in yuan, a number or in quotes, as fen."""
        if not self.table.has(key):
            return None
        if self.table.is_text(key):
            return self.table.parsed(key, _positive_yuan, _YUAN, None)
        number = self.table.number(key)
        fen = None if number is None else _positive_yuan(str(number))
        if number is not None and fen is None:
            self.table.must_be(key, _YUAN, number)
        return fen

    def term(self, on: Day, sanctions: Collection[str], key: str) -> CreditTerm | None:
        """What the law of a day makes of sanctions; None, noted at a key, where none is on file."""
        term = self.frame.terms.term(on, sanctions)
        if term is None:
            day = format_day(on)
            self.fault(
                "TERMS",
                key,
                f"{day} 的失信分类规定不在册（rules/credit_terms.toml），不能推出公示期限",
                f"no law on classes is on file for {day} (rules/credit_terms.toml)",
            )
        return term

    def basis(self, sanctions: Collection[str]) -> dict[str, str]:
        """The law, its level and its clause."""
        if not self.table.has("basis"):
            self.table.missing("basis")
            return {}
        table = self.table.table("basis")
        told = {key: self.text(table, key, required=True) for key in _BASIS}
        table.end()
        self.one_of("basis.level", told["level"], LEVELS)
        if "listed_serious" in sanctions and told["level"] in LEVELS[len(SERIOUS_LEVELS) :]:
            self.fault(
                "LEVEL",
                "basis.level",
                "严重失信主体名单只能以法律、行政法规或地方性法规为依据",
                "a list of seriously dishonest subjects needs a law, regulation or local statute",
            )
        return told

    def one_of(self, key: str, value: str, allowed: Sequence[str]) -> None:
        """Note a value that is none of the allowed words; an empty one is for another to miss."""
        if value and value not in allowed:
            self.table.must_be(key, one_of(allowed), value)

    def check_who(self, texts: dict[str, str], *, former: bool) -> None:
        """An institution or premises of the register, under a name that the register has."""
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
            self.table.must_be("district", SIX_DIGITS, texts["district"])

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

    def check_document(self, document: str, authority: str, key: str = "document") -> None:
        """The authority is one of the office's, the number one of the authority's.

        Notices (``key`` number) have series of their own, which no pattern of the office tells.
        """
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
        elif document and not re.fullmatch((key == "document" and pattern) or NUMBER, document):
            self.fault(
                "NUMBER",
                key,
                f"文号不合 {authority} 的格式：{document}",
                f"not a document number of {authority}: {document}",
            )


def _positive_yuan(text: str) -> int | None:
    fen = parse_yuan(text)
    return None if fen is None or fen < 0 else fen
