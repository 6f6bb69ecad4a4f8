"""A decision as it is written down (a TOML table): read strictly, all faults at once."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.credit.decisions import GRAVITIES, LEVELS, TERMS, Decision
from feewatch.credit.lists import BLACK, DECIDED
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import Day, add_months, day_of, format_day, parse_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.registry.personal import has_number_of_a_person

EXAMPLE = """\
list = "black"                      # black, credit_black or notice
uscc = "523707020000000000"         # left out only for unlicensed premises on black: then name
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
reason = "超期超额收费,逾期未整改"

[basis]
document = "校外培训行政处罚暂行办法"
level = "rule"                      # or law, administrative_regulation, local_regulation, normative
clause = "第二十二条"
"""

_TEXTS = ("list", "document", "authority", "class", "reason")
_DAYS = ("date", "notice_served_on", "objection_until")
_OPTIONAL_TEXTS = ("uscc", "name", "district")
_OPTIONAL_DAYS = ("publish_from", "last_day", "earliest_repair")
KEYS = (*_TEXTS, *_OPTIONAL_TEXTS, *_DAYS, *_OPTIONAL_DAYS, "basis")
_BASIS = ("document", "level", "clause")
_LENGTHS = {"document": 120, "authority": 120, "name": 200}


class Registered(NamedTuple):
    """What the register says about the institution that a decision names."""

    name: str
    district: str


def read_decision(
    raw: Mapping[str, Any], registered: Registered | None
) -> tuple[Decision | None, list[Problem]]:
    """The decision of a table, or None with every fault that was found in it."""
    form = _Form(raw)
    texts = {key: form.text(key, required=key in _TEXTS) for key in (*_TEXTS, *_OPTIONAL_TEXTS)}
    days = {key: form.day(key, required=key in _DAYS) for key in (*_DAYS, *_OPTIONAL_DAYS)}
    basis = form.basis()
    form.check_keys()
    if registered is not None:
        texts["name"] = texts["name"] or registered.name
        texts["district"] = texts["district"] or registered.district
    form.check_words(texts)
    form.check_days(texts["class"], days)
    if form.problems:
        return None, form.problems
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
    )


class _Form:
    """A table being read, and the faults found so far."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self.problems: list[Problem] = []

    def fault(self, code: str, key: str, zh: str, en: str) -> None:
        self.problems.append(Problem(f"DECISION-{code}", Text(zh, en), column=key))

    def text(self, key: str, *, required: bool) -> str:
        return self._text(self._raw, key, key, required)

    def _text(self, raw: Mapping[str, Any], key: str, shown: str, required: bool) -> str:
        value: object = raw.get(key, "")
        if not isinstance(value, str):
            self.fault("TYPE", shown, f"{shown} 须为文字", f"{shown} must be text")
            return ""
        text = normalise(value)
        if required and not text:
            self.fault("MISSING", shown, f"缺少 {shown}", f"{shown} is missing")
        if len(text) > _LENGTHS.get(key, 2000):
            self.fault("LENGTH", shown, f"{shown} 过长", f"{shown} is too long")
        if key != "uscc" and has_number_of_a_person(text):
            self.fault(
                "PERSONAL",
                shown,
                f"{shown} 含有疑似电话或身份证号码,不得公示",
                f"{shown} holds what looks like a phone or identity number, which is never public",
            )
        return text

    def day(self, key: str, *, required: bool) -> Day | None:
        value = self._raw.get(key)
        if value is None:
            if required:
                self.fault("MISSING", key, f"缺少 {key}", f"{key} is missing")
            return None
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return day_of(value)
        day = parse_day(value) if isinstance(value, str) else None
        if day is None:
            self.fault("TYPE", key, f"{key} 须为日期 YYYY-MM-DD", f"{key} must be a day YYYY-MM-DD")
        return day

    def basis(self) -> dict[str, str]:
        raw = self._raw.get("basis")
        if not isinstance(raw, Mapping):
            self.fault("MISSING", "basis", "缺少 [basis] 表", "the table [basis] is missing")
            return {}
        self._check_keys(raw, _BASIS, "basis.")
        found = {key: self._text(raw, key, f"basis.{key}", True) for key in _BASIS}
        self._one_of("basis.level", found["level"], LEVELS)
        return found

    def check_keys(self) -> None:
        self._check_keys(self._raw, KEYS, "")

    def _check_keys(self, raw: Mapping[str, Any], allowed: tuple[str, ...], at: str) -> None:
        for key in raw:
            if key not in allowed:
                listed = ", ".join(allowed)
                self.fault(
                    "KEY",
                    f"{at}{key}",
                    f"未知的键 {at}{key},可用:{listed}",
                    f"unknown key {at}{key}; allowed: {listed}",
                )

    def _one_of(self, key: str, value: str, allowed: tuple[str, ...]) -> None:
        if value and value not in allowed:
            listed = ", ".join(allowed)
            self.fault("VALUE", key, f"{key} 须为 {listed}", f"{key} must be one of {listed}")

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
            self.fault("MISSING", "name", "缺少 name", "name is missing")
        if not re.fullmatch(r"\d{6}", texts["district"], re.ASCII):
            self.fault(
                "DISTRICT", "district", "district 须为 6 位行政区划代码", "district has 6 digits"
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
            if gravity != "minor" and "last_day" not in self._raw:
                self.fault("MISSING", "last_day", "缺少 last_day", "last_day is missing")
            return
        term = TERMS[gravity]
        least, most = (add_months(decided_on, months) for months in term)
        if not least <= last_day <= most:
            word, span = GRAVITIES[gravity], f"{format_day(least)}..{format_day(most)}"
            self.fault(
                "TERM",
                "last_day",
                f"{word.zh}类公示期为 {term.least} 至 {term.most} 个月,last_day 须在 {span}",
                f"{word.en}: published {term.least} to {term.most} months, last_day within {span}",
            )

    def _in_order(self, days: Mapping[str, Day | None], earlier: str, later: str) -> None:
        first, second = days[earlier], days[later]
        if first is not None and second is not None and first > second:
            self.fault("ORDER", later, f"{later} 早于 {earlier}", f"{later} is before {earlier}")
