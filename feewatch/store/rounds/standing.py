"""What is counted of institutions for their groups: one statement a fact, from the record."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from feewatch.casework.cases import OVER, SETTLED
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.rounds.findings import RULE
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import case_file, matter
from feewatch.store.tables.publication import decision
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import pressure, visit

_UNSETTLED = ("open", "in_case")
_ENDED = tuple(sorted(OVER))
#: Once a case was handed over, no deadline runs.
_WITHOUT_DEADLINE = tuple(sorted(SETTLED))


def count_facts(
    tx: Connection, scope: Scope, day: Day, recent_from: Day
) -> dict[int, tuple[str, str, str, dict[str, int]]]:
    """By institution code, name, district and every fact on a day; ``recent_from``: of visits."""
    query = (
        select(institution.c.id, institution.c.uscc, institution_fact.c.name)
        .add_columns(institution_fact.c.district)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(in_force(day), within(scope, institution_fact.c.district, institution.c.id))
        .order_by(institution.c.uscc)
    )
    counted = {name: _count(tx, each) for name, each in _facts(day, recent_from).items()}
    return {
        row.id: (
            row.uscc,
            row.name,
            row.district,
            {name: counts.get(row.id, 0) for name, counts in counted.items()},
        )
        for row in tx.execute(query)
    }


def _count(tx: Connection, query: Select[Any]) -> Mapping[int, int]:
    return {row[0]: int(row[1]) for row in tx.execute(query)}


def _facts(day: Day, recent_from: Day) -> dict[str, Select[Any]]:
    open_matters = matter.c.status.in_(_UNSETTLED), matter.c.historic.is_(False)
    running = case_file.c.state.not_in(_ENDED)
    return {
        "red_matters": _matters(*open_matters, matter.c.severity == "red"),
        "open_matters": _matters(*open_matters),
        "visit_matters": _matters(*open_matters, matter.c.rule == RULE),
        "running_cases": _cases(running),
        "overdue_cases": _cases(
            case_file.c.state.not_in(_WITHOUT_DEADLINE), case_file.c.deadline < day
        ),
        "recurred_cases": _cases(case_file.c.recurred_on.is_not(None)),
        "listed": _by(
            pressure.c.institution_id,
            pressure.c.kind == "listed",
            pressure.c.on_day <= day,
            pressure.c.lifted_on.is_(None) | (pressure.c.lifted_on > day),
        ),
        "decisions": select(institution.c.id, func.count())
        .join(decision, decision.c.uscc == institution.c.uscc)
        .where(decision.c.status == "in_force", decision.c.decided_on <= day)
        .group_by(institution.c.id),
        "recent_visits": _by(visit.c.institution_id, visit.c.visited_on.between(recent_from, day)),
    }


def _matters(*conditions: ColumnElement[bool]) -> Select[Any]:
    return _by(matter.c.institution_id, *conditions)


def _cases(*conditions: ColumnElement[bool]) -> Select[Any]:
    return _by(case_file.c.institution_id, *conditions)


def _by(column: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    columns: tuple[Any, ...] = (column, func.count())
    query: Select[Any] = select(*columns)
    return query.where(column.is_not(None), *conditions).group_by(column)
