"""Notices before a decision, in the database: put on file, ended, never deleted."""

from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from feewatch.credit.advance_notice import OPEN, AdvanceNotice
from feewatch.credit.decisions import IN_FORCE, PROPOSED, REVIEWED
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError
from feewatch.store.tables.objections import advance_notice
from feewatch.store.tables.publication import decision


def add(tx: Connection, notice: AdvanceNotice, *, actor: str, **files: str) -> int:
    """Put a notice on file; its key.

    Raises: ConflictError where one of this number to this party waits for a decision.
    """
    values = {advance_notice.c[name]: value for name, value in asdict(notice).items()}
    values |= {advance_notice.c[name]: value for name, value in files.items()}
    values |= {
        advance_notice.c.state: OPEN,
        advance_notice.c.recorded_by: actor,
        advance_notice.c.recorded_at: timestamp(),
    }
    try:
        with tx.begin_nested():
            key = tx.execute(insert(advance_notice).values(values)).inserted_primary_key
    except IntegrityError:
        raise ConflictError(
            "ADVANCE-NOTICE-EXISTS",
            f"事先告知 {notice.number} 已登记",
            f"notice {notice.number} is on file already",
        ) from None
    assert key is not None
    return int(key[0])


def as_notice(row: RowMapping) -> AdvanceNotice:
    """A row of the table as a notice."""
    return AdvanceNotice(
        **{name: row[advance_notice.c[name]] for name in AdvanceNotice.__dataclass_fields__}
    )


def find(tx: Connection, key: int, *, lock: bool = False) -> RowMapping | None:
    """A notice by its key."""
    query = select(advance_notice).where(advance_notice.c.id == key)
    return tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def list_of_party(tx: Connection, uscc: str, premises_no: str | None) -> list[RowMapping]:
    """All notices to a party, the first first."""
    who = advance_notice.c.uscc == uscc if uscc else advance_notice.c.premises_no == premises_no
    query = select(advance_notice).where(who).order_by(advance_notice.c.id)
    return list(tx.execute(query).mappings())


def has_proposal(tx: Connection, key: int) -> bool:
    """Whether a decision that rests on a notice is proposed, reviewed or in force."""
    query = select(decision.c.id).where(
        decision.c.advance_notice_id == key,
        decision.c.status.in_((PROPOSED, REVIEWED, IN_FORCE)),
    )
    return tx.scalar(query.limit(1)) is not None


def end(tx: Connection, key: int, state: str, reason: str, actor: str) -> bool:
    """Whether a notice waits no longer by this; False where it had ended before."""
    changed = tx.execute(
        update(advance_notice)
        .where(advance_notice.c.id == key, advance_notice.c.state == OPEN)
        .values(state=state, end_reason=reason, ended_by=actor, ended_at=timestamp())
    )
    return changed.rowcount == 1
