"""Scenarios: a rule tried on a few facts in the words of the registers; read here, run elsewhere.

A scenario says only what it is about; ``scenarios/ordinary.toml`` says the rest.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import FIRST_DAY, Day, day_of, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import DATE, TABLES, Table, one_of
from feewatch.registry.kinds import KINDS

#: The file of what is taken for granted.
ORDINARY = "scenarios/ordinary.toml"
NOT_JUDGED = "none"
AUTHORITIES = ("law", "local", "preset")
#: What a scenario may expect, under its English or Chinese word.
OUTCOMES = {
    "breach": "违反", "compliant": "合规", "undetermined": "不能判定", NOT_JUDGED: "不判定",
}  # fmt: skip
#: One row -> many rows; of the first three there is one unless the scenario says otherwise.
MANY = {
    "account": "accounts", "course": "courses", "statement": "statements",
    "contract": "contracts", "charge": "charges", "lesson": "lessons", "refund": "refunds",
    "approval": "approvals", "entry": "entries", "case": "cases",
}  # fmt: skip
_ALWAYS_ONE = ("account", "course", "statement")
#: How rows are called that do not say it: HT1, HT2 ...
_NUMBERED = {
    "account": ("account_no", "账户"), "course": ("course_id", "KC"),
    "contract": ("contract_no", "HT"), "charge": ("charge_no", ""), "refund": ("refund_no", "TF"),
    "approval": ("document", "文"),
}  # fmt: skip
#: Columns beside those of the registers.
_FURTHER = {
    "contracts": ("received_on",),
    "charges": ("received_on",),
    "statements": ("account", "from", "to", "opening", "closing", "currency", "told_by"),
    "cases": ("deadline", "state"),
    "entries": (
        "account", "booked_on", "in", "out", "counterparty", "counterparty_account", "memo",
    ),
}  # fmt: skip
_FACTS = ("as_of", "institution", "covers", "parameters")
Row = Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """Facts about one institution, and what a rule must say of them."""

    rule: str
    file: str
    number: int  # its place in the file, from 1
    title: str
    as_of: Day
    institution: Row
    rows: Mapping[str, tuple[Row, ...]]  # by the names of MANY
    covers: Mapping[str, tuple[Day, Day]]
    parameters: Mapping[str, Any]  # values in its place other than those on file
    outcome: str
    on: Day | None  # of several subjects, that of this day
    reason: str
    measured: Decimal | str | None
    limit: Decimal | str | None
    severity: str | None
    authority: str | None

    @property
    def days(self) -> set[str]:
        """Every day that it names."""
        rows = [self.institution, *(row for rows in self.rows.values() for row in rows)]
        return {format_day(self.as_of)}.union(*(row.values() for row in rows))


def read_scenarios(
    files: Mapping[str, Mapping[str, Any]], faults: list[Problem]
) -> dict[str, tuple[Scenario, ...]]:
    """The scenarios of each rule, from parsed files by path; faults are collected."""
    ordinary = files.get(ORDINARY, {})
    by_rule: dict[str, tuple[Scenario, ...]] = {}
    for path, values in files.items():
        if path != ORDINARY:
            rule = path.removeprefix("scenarios/").removesuffix(".toml")
            by_rule[rule] = tuple(_file(rule, path, dict(values), ordinary, faults))
    return by_rule


def _file(
    rule: str, path: str, values: dict[str, Any], ordinary: Mapping[str, Any], faults: list[Problem]
) -> Iterator[Scenario]:
    given = values.pop("given", {})
    table = Table(values, path, faults)
    for number, entry in enumerate(table.tables("scenarios"), 1):
        yield _scenario(rule, path, number, entry, (ordinary, given))
    table.end()


def _scenario(
    rule: str, path: str, number: int, table: Table, below: Sequence[Mapping[str, Any]]
) -> Scenario:
    layers = [*below, table.rest((*_FACTS, *MANY, *MANY.values()))]
    outcome = _outcome(table)
    expects_breach = outcome == "breach"
    scenario = Scenario(
        rule=rule,
        file=path,
        number=number,
        title=table.text("title"),
        as_of=_day(table, "as_of", _top(layers, "as_of")),
        institution=_row(table, "institutions", "institution", layers, {}),
        rows={many: _rows(table, one, many, layers) for one, many in MANY.items()},
        covers=_covers(table, _merged(layers, "covers")),
        parameters=_merged(layers, "parameters"),
        outcome=outcome,
        on=table.day("on", FIRST_DAY, required=False) if table.has("on") else None,
        reason=table.text("reason", required=outcome == "undetermined"),
        measured=_figure(table, "measured", required=expects_breach),
        limit=_figure(table, "limit", required=False),
        severity=table.choice("severity", SEVERITIES) if expects_breach else None,
        authority=table.choice("authority", AUTHORITIES) if table.has("authority") else None,
    )
    table.end()
    return scenario


def _outcome(table: Table) -> str:
    word = table.text("expect")
    for outcome, zh in OUTCOMES.items():
        if word in (outcome, zh):
            return outcome
    allowed = [f"{outcome} {zh}" for outcome, zh in OUTCOMES.items()]
    if word:
        table.must_be("expect", one_of(allowed), word)
    return NOT_JUDGED


def _figure(table: Table, key: str, *, required: bool) -> Decimal | str | None:
    """A figure in the unit a person reads (yuan, lessons, days, a share) or the word found."""
    if not required and not table.has(key):
        return None
    value = table.any(key)
    return Decimal(value) if isinstance(value, int | Decimal) else value


def _top(layers: Sequence[Mapping[str, Any]], key: str) -> Any:
    return next((layer[key] for layer in reversed(layers) if key in layer), None)


def _merged(layers: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        value = layer.get(key, {})
        merged |= value if isinstance(value, dict) else {key: value}
    return merged


def _day(table: Table, key: str, value: Any) -> Day:
    if isinstance(value, dt.date):
        return day_of(value)
    table.must_be(key, DATE, value)
    return FIRST_DAY


def _covers(table: Table, stated: Mapping[str, Any]) -> dict[str, tuple[Day, Day]]:
    covers: dict[str, tuple[Day, Day]] = {}
    for kind, span in stated.items():
        if kind not in ("contracts", "lessons") or not isinstance(span, list) or len(span) != 2:
            table.fault(
                f"covers.{kind}",
                "应为 contracts 或 lessons = [起，止]",
                "must be contracts or lessons = [first day, last day]",
            )
        else:
            covers[kind] = (_day(table, "covers", span[0]), _day(table, "covers", span[1]))
    return covers


def _rows(
    table: Table, one: str, many: str, layers: Sequence[Mapping[str, Any]]
) -> tuple[Row, ...]:
    """The rows of a kind: those listed, else one where the kind or the scenario asks for it."""
    listed = _top(layers, many)
    if listed is None:
        is_asked = one in _ALWAYS_ONE or any(one in layer for layer in layers[1:])
        listed = [{}] if is_asked else []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        table.must_be(many, TABLES, listed)
        return ()
    rows = []
    for number, stated in enumerate(listed, 1):
        row = _row(table, many, one, layers, stated, number)
        if many == "statements" and number > 1 and "opening" not in stated:
            row["opening"] = ""  # continues the one before
        rows.append(row)
    return tuple(rows)


def _row(
    table: Table,
    many: str,
    one: str,
    layers: Sequence[Mapping[str, Any]],
    stated: Mapping[str, Any],
    number: int = 1,
) -> dict[str, str]:
    """One row with what its layers say, its own words last."""
    merged = _merged(layers, one) | dict(stated)
    known = _columns(many)
    for name in sorted(merged.keys() - known):
        allowed = ", ".join(sorted(known))
        table.fault(
            f"{many}.{name}",
            f"{many} 没有列 {name}，可用：{allowed}",
            f"{many} have no column {name}; allowed: {allowed}",
            "KEY-UNKNOWN",
        )
    row = {name: _cell(value) for name, value in merged.items()}
    if one in _NUMBERED:
        column, prefix = _NUMBERED[one]
        row.setdefault(column, f"{prefix}{number}")
    if many in ("statements", "entries"):
        row.setdefault("account", "账户1")
    return row


def _columns(many: str) -> set[str]:
    columns = {column.name for column in KINDS[many].columns} if many in KINDS else set()
    return {*columns, *_FURTHER.get(many, ())} - {"uscc"}


def _cell(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
