"""Reads one rule file (TOML) into a Rule; what a jurist may write is what this file accepts."""

import re
from collections.abc import Iterator
from typing import Any

from feewatch.engine.book import UNITS, Authority, InForce, MissingFact, Rule, SeverityStep
from feewatch.engine.findings import SEVERITIES
from feewatch.engine.sources import read_reference
from feewatch.kernel.departments import COMPETENT
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import Table

SUBJECTS = (
    "contract", "charge", "course", "student", "student_day", "entry", "refund", "account",
    "account_day", "account_window", "account_week", "institution", "institution_day",
    "institution_month", "statement", "case",
)  # fmt: skip
AUTHORITIES: dict[str, Authority] = {"law": "law", "local": "local", "preset": "preset"}
#: What a rule can name as evidence; store.evidence finds the rows.
EVIDENCE = (
    "contract", "contracts", "charge", "course", "refund", "case", "entry", "receipts", "flows",
    "refunds", "balances", "statement", "account",
)  # fmt: skip


def read_rule(
    values: dict[str, Any], path: str, faults: list[Problem], *, version: str
) -> Iterator[Rule]:
    """The rule of a file; faults are collected."""
    table = Table(_on_one_line(values), path, faults)
    rule = Rule(
        id=table.text("id"),
        version=version,
        file=path,
        title=table.bilingual("title"),
        department=table.bilingual("department"),
        competent=table.choice("competent", COMPETENT, required=False),
        fact=table.text("fact"),
        subject=table.choice("subject", SUBJECTS),
        unit=_unit(table),
        applies=table.maybe("applies"),
        measured=table.text("measured"),
        limit=table.maybe("limit"),
        breach=table.text("breach"),
        ripe=table.maybe("ripe"),
        due=table.words("due"),
        cleared=table.maybe("cleared"),
        is_state=table.flag("state"),
        needs=tuple(_need(each) for each in table.tables("needs", required=False)),
        severity=tuple(_step(each) for each in table.tables("severity")),
        escalation=tuple(_escalation(each) for each in table.tables("escalation", required=False)),
        cause=table.text("cause"),
        spell_days=table.whole("spell_days", required=False),
        amount=table.maybe("amount"),
        shown=table.strings("shown"),
        calculation=table.bilingual("calculation"),
        evidence=table.words("evidence"),
        cure=table.bilingual("cure"),
        reading=table.bilingual("reading", required=False),
        parameters=table.words("parameters"),
        in_force=tuple(_in_force(each) for each in table.tables("in_force")),
    )
    table.end()
    yield rule


def _on_one_line(values: Any) -> Any:
    """What a file says, each string on one line: how an expression is laid out is for the eye."""
    if isinstance(values, dict):
        return {key: _on_one_line(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_on_one_line(value) for value in values]
    return re.sub(r"\s*\n\s*", " ", values.strip()) if isinstance(values, str) else values


def _unit(table: Table) -> str:
    """A unit, or for a rule that measures two things an expression that gives one."""
    unit = table.text("unit")
    if unit not in UNITS and not unit.upper().startswith("CASE "):
        allowed = ", ".join(UNITS)
        table.fault("unit", f"可用：{allowed}", f"must be one of {allowed}, or a CASE")
    return unit


def _need(table: Table) -> MissingFact:
    column = table.maybe("column")
    when = f"{column} IS NULL" if column else table.text("when")
    need = MissingFact(when, table.bilingual("reason"), table.words("enter"))
    table.end()
    return need


def _step(table: Table) -> SeverityStep:
    step = SeverityStep(table.maybe("when"), table.choice("level", SEVERITIES))
    table.end()
    return step


def _escalation(table: Table) -> tuple[str, str]:
    step = (table.text("after_working_days"), table.choice("level", SEVERITIES))
    table.end()
    return step


def _in_force(table: Table) -> InForce:
    basis = tuple(read_reference(each) for each in table.tables("basis", required=False))
    would_apply = table.tables("would_apply", required=False)
    block = InForce(
        table.place("jurisdiction"),
        *table.span("from", "to"),
        AUTHORITIES[table.choice("authority", tuple(AUTHORITIES))],
        basis,
        table.maybe("applies"),
        tuple(read_reference(each) for each in would_apply),
    )
    table.end()
    return block
