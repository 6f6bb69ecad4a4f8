"""What every template may call upon: words, figures, and what the person before it may do."""

from typing import Any

from flask import g

from feewatch.casework.cases import SETTLED, STEPS, steps_from
from feewatch.credit.lists import UNRATED
from feewatch.kernel.clock import today
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.registry.kinds import KINDS, Column
from feewatch.web.access import installation
from feewatch.web.formats import masked_subject, yuan
from feewatch.web.labels import label
from feewatch.web.language import language, t


def words() -> dict[str, object]:
    """The names that templates know."""
    return {
        "t": t,
        "language": language(),
        "label": label,
        "office": installation().config.office,
        "user": getattr(g, "user", None),
        "unrated": UNRATED,
        "office_roles": OFFICE,
        "case_roles": CASEWORKERS,
        "steps_from": steps_from,
        "sets_deadline": sets_deadline,
        "days_left": days_left,
        "sees_accounts": sees_accounts,
        "shown_subject": shown_subject,
        "shown_record": shown_record,
        "shown_case_subject": shown_case_subject,
        "told": told,
    }


def sets_deadline(steps: list[str]) -> bool:
    """Whether one of the steps sets a deadline, so that the form asks for a day."""
    return any(STEPS[name].sets_deadline for name in steps)


def days_left(case: Any) -> int | None:
    """Days to the deadline of a case, below zero once it is past; None where none runs."""
    if case.deadline is None or case.state in SETTLED:
        return None
    return int(case.deadline - today())


def sees_accounts() -> bool:
    """Whether the person may read account numbers: those who decide, and an institution's own."""
    user = getattr(g, "user", None)
    return user is not None and (user.is_decider or user.role in ("institution", "api"))


def shown_subject(alert: Any) -> str:
    """The subject of an alert, its account masked for those who only look on."""
    name: str = alert.subject_id
    return name if sees_accounts() else masked_subject(alert.subject_kind, name)


def shown_case_subject(case: Any) -> str:
    """The subject of a simulated outcome, masked in the same way."""
    name: str = case.subject_id
    return name if sees_accounts() else masked_subject(case.subject_kind, name)


def shown_record(row: dict[str, Any]) -> str:
    """The id of a record of evidence, masked in the same way."""
    name = str(row.get("id", ""))
    return name if sees_accounts() else masked_subject(str(row.get("record", "")), name)


def told(record: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    """What a row of a register says, column by column under its header; empty cells left out."""
    kind = KINDS.get(f"{record}s")
    columns = {column.fills: column for column in kind.columns} if kind else {}
    return [
        _cell(columns.get(name), name, value) for name, value in row.items() if value is not None
    ]


def _cell(column: Column | None, name: str, value: Any) -> tuple[str, str]:
    title = t(column.zh, column.name.replace("_", " ")) if column else label("told", name)
    if name.endswith("_fen"):
        return title, yuan(value)
    if column is None:
        return title, label(name, value) if name in ("state", "severity") else str(value)
    return title, t(str(column.words.get(value, value)), str(value))
