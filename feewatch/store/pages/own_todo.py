"""What waits for an institution: undertakings, proposals asked for more, quarantine, registers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from feewatch.casework.cases import SETTLED
from feewatch.credit.advance_notice import OPEN
from feewatch.kernel.days import Day
from feewatch.store.tables.casework import case_file, undertaking
from feewatch.store.tables.ledger import statement
from feewatch.store.tables.objections import advance_notice
from feewatch.store.tables.proposals import proposal, proposal_event
from feewatch.store.tables.registers import contract, coverage, institution

#: The registers that an institution hands in for days, and not once.
RUNNING = ("contracts", "lessons")


class RunningRegister(NamedTuple):
    """A running register and the last day of which it tells; None where it was never handed in."""

    register: str
    to_day: Day | None


def list_promises(tx: Connection, institution_id: int) -> Sequence[Row[Any]]:
    """Undertakings that are not done, of cases that go on, with the numbers of these."""
    query = (
        select(undertaking, case_file.c.number)
        .join(case_file)
        .where(
            case_file.c.institution_id == institution_id,
            case_file.c.state.not_in(SETTLED),
            undertaking.c.done_on.is_(None),
        )
    )
    return tx.execute(query.order_by(undertaking.c.due_on, undertaking.c.id)).all()


def list_asked(tx: Connection, institution_id: int) -> list[int]:
    """The open proposals about which the office asked last, and got no answer since."""
    last = (
        select(func.max(proposal_event.c.id))
        .where(proposal_event.c.proposal_id == proposal.c.id)
        .correlate(proposal)
        .scalar_subquery()
    )
    query = (
        select(proposal.c.id)
        .join(proposal_event, proposal_event.c.id == last)
        .where(
            proposal.c.institution_id == institution_id,
            proposal.c.state == "open",
            proposal_event.c.change == "asked",
        )
    )
    return list(tx.scalars(query.order_by(proposal.c.id)))


def count_quarantined(tx: Connection, institution_id: int) -> int:
    """How many statements of an institution wait in quarantine."""
    query = select(func.count()).where(
        statement.c.institution_id == institution_id, statement.c.status == "quarantined"
    )
    return tx.scalars(query.select_from(statement)).one()


def list_handed(tx: Connection, institution_id: int) -> list[RunningRegister]:
    """The running registers of an institution, with the last day of which each tells.

    Lessons are asked for where there are contracts.
    """
    query = (
        select(coverage.c.register, func.max(coverage.c.to_day).label("to_day"))
        .where(coverage.c.institution_id == institution_id)
        .group_by(coverage.c.register)
    )
    told: dict[str, Day] = {row.register: row.to_day for row in tx.execute(query)}
    has_contracts = select(contract.c.id).where(contract.c.institution_id == institution_id)
    asked = RUNNING if tx.scalar(has_contracts.limit(1)) is not None else RUNNING[:1]
    return [RunningRegister(register, told.get(register)) for register in asked]


def list_windows(tx: Connection, institution_id: int, today: Day) -> Sequence[Row[Any]]:
    """The notices before a decision to which the institution may still answer in time."""
    query = (
        select(advance_notice)
        .join(institution, institution.c.uscc == advance_notice.c.uscc)
        .where(
            institution.c.id == institution_id,
            advance_notice.c.state == OPEN,
            advance_notice.c.defend_until >= today,
        )
    )
    return tx.execute(query.order_by(advance_notice.c.defend_until, advance_notice.c.id)).all()
