"""A case as one transaction holds it, for an act of several steps that reads it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.people import User
from feewatch.store.cases import cases
from feewatch.store.database import Record, Transaction
from feewatch.store.state import mark_changed


@dataclass(slots=True)
class HeldCase:
    """A case with its matters, held against other writers; its institution is to be checked again.

    ``paper`` is one that the same transaction made. Whoever changes the case changes it here too.
    """

    case: dict[str, Any]
    matters: Sequence[Record]
    paper: Record | None = None


def hold(tx: Transaction, person: User, number: str) -> HeldCase:
    """A case within a person's scope.

    Raises: NotFoundError.
    """
    case = cases.get_case(tx, number)
    if not person.scope.sees_case(case):
        raise cases.unknown_case(number)
    if case["institution_id"] is not None:
        # a deadline set or met is judged too; before the matters, in the order of a check's locks
        mark_changed(tx, [case["institution_id"]], entries=False)
    return HeldCase({**case}, cases.list_case_matters(tx, case["id"], lock=True))
