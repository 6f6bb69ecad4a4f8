"""Decided and proven facts of institutions that a scheme of 信用评价 may count, one query a source.

Nothing here is the word of an engine alone, of a preset, or of the institution itself: decisions
of three persons, cases closed after an order was served, breaches that such an order confirmed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from feewatch.casework.messages import desk_case
from feewatch.credit.decisions import GRAVITIES, IN_FORCE
from feewatch.credit.grades import GradeFact
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.text import Text
from feewatch.store.tables.casework import (
    alert,
    case_event,
    case_file,
    case_matter,
    matter,
    objection,
)
from feewatch.store.tables.publication import decision
from feewatch.store.tables.registers import institution

#: States of a case that asks nothing more of its institution, and was not dismissed.
_ENDED = ("closed", "rechecked")
_PRESET = "preset"


class GradeSpan(NamedTuple):
    """The days of facts that a scheme can count at all."""

    first: Day
    last: Day


def list_decided(tx: Connection, span: GradeSpan) -> list[GradeFact]:
    """Decisions in force at the last day, one fact a document and institution.

    One that was changed, revoked or found void counts no more, whatever the day; one that was
    repaired counts up to its repair.
    """
    is_in_force = or_(
        decision.c.status == IN_FORCE,
        (decision.c.status == "repaired") & (decision.c.ended_on > span.last),
    )
    rows = tx.execute(
        select(
            institution.c.id, decision.c.id.label("key"), decision.c.document, decision.c.list,
            decision.c.decided_on, decision.c.gravity, decision.c.sanctions,
        )
        .join(institution, institution.c.uscc == decision.c.uscc)
        .where(
            is_in_force,
            decision.c.decided_on.between(span.first, span.last),
            decision.c.objection_until <= span.last,
        )
        .order_by(decision.c.id)
    )  # fmt: skip
    by_document: dict[tuple[int, str], GradeFact] = {}
    for row in rows:
        known = by_document.get((row.id, row.document))
        lists = {row.list} | (set(known.marks["lists"]) if known else set())
        by_document[row.id, row.document] = GradeFact(
            row.id,
            "decision",
            row.document,
            row.decided_on,
            Text(
                f"{row.document}（{GRAVITIES[row.gravity].zh}）",
                f"{row.document} ({GRAVITIES[row.gravity].en})",
            ),
            f"/desk/decisions/{row.key}",
            {
                "lists": frozenset(lists),
                "classes": frozenset({row.gravity}),
                "sanctions": frozenset(row.sanctions),
            },
        )
    return list(by_document.values())


def _not_upheld() -> ColumnElement[bool]:
    """No objection to the matter, or to its case as a whole, was upheld."""
    return ~exists().where(
        objection.c.case_file_id == case_matter.c.case_file_id,
        objection.c.outcome == "upheld",
        or_(objection.c.matter_id.is_(None), objection.c.matter_id == case_matter.c.matter_id),
    )


def _was_ordered() -> ColumnElement[bool]:
    """The institution was ordered to rectify, which a hint on presets is not."""
    return exists().where(
        case_event.c.case_file_id == case_file.c.id,
        case_event.c.step == "notify",
        case_event.c.document == "order",
    )


class _Case(NamedTuple):
    institution_id: int
    number: str
    closed_on: Day | None
    state: str
    severity: str
    rules: frozenset[str]

    def fact(self, source: str, key: str, on: Day, what: Text) -> GradeFact:
        """A fact of the case."""
        return GradeFact(
            self.institution_id, source, key, on,
            Text(f"{what.zh} {self.number}", f"{what.en} {self.number}"),
            desk_case(self.number),
            {"severities": frozenset({self.severity}), "rules": self.rules},
        )  # fmt: skip


def list_of_cases(tx: Connection, span: GradeSpan) -> list[GradeFact]:
    """Cases closed after an order, those among them that were late, and those reopened."""
    known = _cases(tx)
    facts = [
        case.fact("case", case.number, case.closed_on, Text("销号案件", "closed case"))
        for case in known.values()
        if case.state in _ENDED
        and case.closed_on is not None
        and span.first <= case.closed_on <= span.last
    ]
    for event in _events(tx):
        case, on = known.get(event.case_file_id), parse_day(event.at[:10])
        if case is None or on is None or not span.first <= on <= span.last:
            continue
        if event.step == "reopen":
            what, source = Text("重新整改", "reopened case"), "case_reopened"
        elif case.state in _ENDED:
            what, source = Text("逾期整改", "case answered late"), "case_overdue"
        else:  # it is not over: whether the delay counts is not decided
            continue
        facts.append(case.fact(source, f"{case.number}/{event.id}", on, what))
    return facts


def _cases(tx: Connection) -> dict[int, _Case]:
    """Cases after an order with the matters that rest on law and still stand, by key."""
    rows = tx.execute(
        select(
            case_file.c.id, case_file.c.institution_id, case_file.c.number, case_file.c.closed_on,
            case_file.c.state, matter.c.severity, matter.c.rule,
        )
        .join(case_matter, case_matter.c.case_file_id == case_file.c.id)
        .join(matter, matter.c.id == case_matter.c.matter_id)
        .where(
            case_file.c.institution_id.is_not(None),
            case_file.c.state != "dismissed",
            matter.c.authority != _PRESET,
            matter.c.status.in_(("closed", "in_case")),
            _was_ordered(),
            _not_upheld(),
        )
    )  # fmt: skip
    by_case: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_case[row.id].append(row)
    return {
        key: _Case(
            found[0].institution_id, found[0].number, found[0].closed_on, found[0].state,
            max((row.severity for row in found), key=SEVERITIES.index),
            frozenset(row.rule for row in found),
        )
        for key, found in by_case.items()
    }  # fmt: skip


def _events(tx: Connection) -> Iterator[Any]:
    """Reopenings, and the first time that a case was overdue."""
    rows = tx.execute(
        select(case_event.c.id, case_event.c.case_file_id, case_event.c.step, case_event.c.at)
        .where(case_event.c.step.in_(("reopen", "overdue")))
        .order_by(case_event.c.id)
    )
    late: set[int] = set()
    for row in rows:
        if row.step == "overdue":
            if row.case_file_id in late:
                continue
            late.add(row.case_file_id)
        yield row


def list_confirmed_breaches(
    tx: Connection, rules: Collection[str], span: GradeSpan
) -> list[GradeFact]:
    """Breaches of law that an order confirmed and that stand, by alert.

    Whether banks or the office prove them is asked of the rules by who calls this.
    """
    rows = tx.execute(
        select(
            alert.c.id, alert.c.institution_id, alert.c.rule, alert.c.severity, alert.c.on_day,
            alert.c.frozen,
        )
        .join(case_matter, case_matter.c.matter_id == alert.c.matter_id)
        .join(case_file, case_file.c.id == case_matter.c.case_file_id)
        .where(
            alert.c.rule.in_(sorted(rules)),
            alert.c.authority != _PRESET,
            alert.c.status.in_(("closed", "in_case")),
            alert.c.institution_id.is_not(None),
            alert.c.on_day.between(span.first, span.last),
            case_file.c.state != "dismissed",
            _was_ordered(),
            _not_upheld(),
        )
        .order_by(alert.c.id)
    )  # fmt: skip
    return [
        GradeFact(
            row.institution_id, "finding", row.id, row.on_day,
            Text(*(f"{row.rule} {row.frozen['title'][language]}" for language in ("zh", "en"))),
            f"/desk/alerts/{row.id}",
            {"severities": frozenset({row.severity}), "rules": frozenset({row.rule})},
        )
        for row in rows
    ]  # fmt: skip
