"""A check brings back closed cases whose breach stands or is found again, and tells their owner."""

from collections.abc import Collection

from feewatch.casework.messages import desk_case
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.services.messages import tell_office
from feewatch.store.cases.standings import bring_back
from feewatch.store.database import Transaction

#: Who acts where a check does.
ENGINE = "engine"
_BACK = Text(
    "案件 {number} 销号后，检查仍发现或再次发现该情形",
    "case {number}: a check after closing finds the breach still or again",
)


def bring_back_cases(tx: Transaction, institutions: Collection[int] | None, as_of: Day) -> None:
    """Mark the cases that this check brings back and tell the people whom each concerns."""
    for row in bring_back(tx, institutions, as_of, ENGINE):
        tell_office(
            tx,
            district=row.district,
            department=row.department,
            people=[row.owner, row.notified_by],
            kind="case_recurred",
            object=row.number,
            text=_BACK.fill(number=row.number),
            address=desk_case(row.number),
        )
