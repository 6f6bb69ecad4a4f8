"""A decision as it is written down (a TOML table): read strictly, all faults at once."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.credit.decisions import GRAVITIES, LEVELS, TERMS, Decision
from feewatch.credit.lists import BLACK, DECIDED
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import Day, add_months, day_of, format_day, parse_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.kernel.toml import SIX_DIGITS, Table, one_of
from feewatch.registry.personal import has_number_of_a_person

EXAMPLE = """\
list = "black"                      # black, credit_black or notice
uscc = "523707020000000000"         # left out only for unlicensed premises on black: then name,
                                    # or premises = "CS2026-0001" from the register of premises
name = "示例培训中心"
district = "370702"                 # name and district: default from the register
document = "潍城教罚字〔2026〕第7号"
date = 2026-06-01
authority = "潍城区教育局"
notice_served_on = 2026-05-10
objection_until = 2026-06-15        # last day on which objections are heard
class = "general"                   # minor, general or serious
publish_from = 2026-06-16           # default: the day after the objection window
last_day = 2026-12-01               # minor: may be left out, then nothing is published
earliest_repair = 2026-09-01
reason = "超期超额收费，逾期未整改"

[basis]
document = "校外培训行政处罚暂行办法"
level = "rule"                      # or law, administrative_regulation, local_regulation, normative
clause = "第二十二条"
"""

_TEXTS = ("list", "document", "authority", "class", "reason")
_DAYS = ("date", "notice_served_on", "objection_until")
_OPTIONAL_TEXTS = ("uscc", "name", "district", "premises")
_OPTIONAL_DAYS = ("publish_from", "last_day", "earliest_repair")
_ALL_TEXTS = (*_TEXTS, *_OPTIONAL_TEXTS)
_DAY = Text("日期 YYYY-MM-DD", "a day YYYY-MM-DD")
_BASIS = ("document", "level", "clause")
_LENGTHS = {"document": 120, "authority": 120, "name": 200}


class Registered(NamedTuple):
    """What the register says about the institution or the premises that a decision names."""

    name: str
    district: str


def read_decision(
    raw: Mapping[str, Any], registered: Registered | None, file: str = ""
) -> tuple[Decision | None, list[Problem]]:
    """The decision of a TOML file's values, or None with every fault that was found in it."""
    table = Table(raw, file, [])
    form = _Form(table)
    texts = {key: form.text(table, key, required=key in _TEXTS) for key in _ALL_TEXTS}
    days = {key: form.day(key, required=key in _DAYS) for key in (*_DAYS, *_OPTIONAL_DAYS)}
    basis = form.basis()
    table.end()
    if texts["premises"]:
        form.check_premises(texts, registered)
    if registered is not None:
        texts["name"] = texts["name"] or registered.name
        texts["district"] = texts["district"] or registered.district
    form.check_words(texts)
    form.check_days(texts["class"], days)
    if table.faults:
        return None, table.faults
    return _decision(texts, days, basis), []


def _decision(
    texts: Mapping[str, str], days: Mapping[str, Day | None], basis: dict[str, str]
) -> Decision:
    decided_on, served, objection = (days[key] for key in _DAYS)
    assert decided_on is not None
    assert served is not None
    assert objection is not None
    last_day, publish_from = days["last_day"], days["publish_from"]
    if last_day is not None and publish_from is None:
        publish_from = max(decided_on, objection + 1)
    return Decision(
        list=texts["list"],
        uscc=texts["uscc"],
        name=texts["name"],
        district=texts["district"],
        document=texts["document"],
        decided_on=decided_on,
        authority=texts["authority"],
        basis=basis,
        notice_served_on=served,
        objection_until=objection,
        gravity=texts["class"],
        publish_from=publish_from,
        last_day=last_day,
        earliest_repair=days["earliest_repair"],
        reason=texts["reason"],
        premises_no=texts["premises"] or None,
    )


class _Form:
    """A table being read; faults are noted in it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._has_last_day = table.has("last_day")

    def fault(self, code: str, key: str, zh: str, en: str) -> None:
        self._table.fault(key, zh, en, f"DECISION-{code}")

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
        return text

    def day(self, key: str, *, required: bool) -> Day | None:
        """A date, or a day in quotes."""
        if self._table.is_text(key):
            return self._table.parsed(key, parse_day, _DAY, None)
        date = self._table.date(key, required=required)
        return None if date is None else day_of(date)

    def basis(self) -> dict[str, str]:
        if not self._table.has("basis"):
            self._table.missing("basis")
            return {}
        table = self._table.table("basis")
        told = {key: self.text(table, key, required=True) for key in _BASIS}
        table.end()
        self._one_of("basis.level", told["level"], LEVELS)
        return told

    def _one_of(self, key: str, value: str, allowed: tuple[str, ...]) -> None:
        if value and value not in allowed:
            self._table.must_be(key, one_of(allowed), value)

    def check_words(self, texts: Mapping[str, str]) -> None:
        self._one_of("list", texts["list"], DECIDED)
        self._one_of("class", texts["class"], tuple(GRAVITIES))
        uscc = texts["uscc"]
        if uscc and not is_credit_code(uscc):
            self.fault("USCC", "uscc", "统一社会信用代码校验不符", "the credit code is not valid")
        if not uscc and texts["list"] and texts["list"] != BLACK:
            self.fault(
                "USCC",
                "uscc",
                "只有 black 可以登载没有统一社会信用代码的无证场所",
                "only black may name premises without a credit code",
            )
        if not texts["name"]:
            self._table.missing("name")
        if not re.fullmatch(r"\d{6}", texts["district"], re.ASCII):
            if texts["district"]:
                self._table.must_be("district", SIX_DIGITS, texts["district"])
            else:
                self._table.missing("district")

    def check_premises(self, texts: Mapping[str, str], registered: Registered | None) -> None:
        """Premises stand on the register, in the district named, and have no credit code here."""
        if texts["uscc"]:
            self.fault(
                "PREMISES",
                "premises",
                "场所与统一社会信用代码只填一项",
                "name premises or a credit code, not both",
            )
        elif registered is None:
            number = texts["premises"]
            self.fault(
                "PREMISES",
                "premises",
                f"登记册中没有场所 {number}",
                f"no premises {number} on file",
            )
        elif texts["district"] not in ("", registered.district):
            self.fault(
                "PREMISES",
                "district",
                f"登记册中该场所在 {registered.district}",
                f"the register has these premises in {registered.district}",
            )

    def check_days(self, gravity: str, days: Mapping[str, Day | None]) -> None:
        self._in_order(days, "notice_served_on", "objection_until")
        self._in_order(days, "date", "publish_from")
        self._in_order(days, "publish_from", "last_day")
        self._in_order(days, "objection_until", "last_day")
        self._in_order(days, "date", "earliest_repair")
        self._in_order(days, "earliest_repair", "last_day")
        decided_on, last_day = days["date"], days["last_day"]
        if gravity not in TERMS or decided_on is None:
            return
        if last_day is None:
            if gravity != "minor" and not self._has_last_day:
                self._table.missing("last_day")
            return
        term = TERMS[gravity]
        least, most = (add_months(decided_on, months) for months in term)
        if not least <= last_day <= most:
            word, span = GRAVITIES[gravity], f"{format_day(least)}..{format_day(most)}"
            self.fault(
                "TERM",
                "last_day",
                f"{word.zh}类公示期为 {term.least} 至 {term.most} 个月，last_day 须在 {span}",
                f"{word.en}: published {term.least} to {term.most} months, last_day within {span}",
            )

    def _in_order(self, days: Mapping[str, Day | None], earlier: str, later: str) -> None:
        first, second = days[earlier], days[later]
        if first is not None and second is not None and first > second:
            self.fault("ORDER", later, f"{later} 早于 {earlier}", f"{later} is before {earlier}")
