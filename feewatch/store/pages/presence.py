"""Of what an institution's page may show, what there is at all, in one statement.

Most institutions have no site, proposal or opening statement; what is not there is not asked for.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
)

from feewatch.kernel.days import Day
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.ledger import entry, statement
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.places import charge, holding, site
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.publication import white_hold
from feewatch.store.tables.registers import (
    coverage_confirmation,
    institution_fact,
    register_change,
)


class Parts(NamedTuple):
    """Whether there is any of each part; and as of when the institution was checked last."""

    checked_as_of: Day | None
    openings: bool
    sites: bool
    dated: bool  # facts of more than one span of days
    changes: bool  # rows of its facts that were overwritten
    proposals: bool
    charges: bool  # its own, or of contracts that moved to it
    tenures: bool  # successions by which contracts came or went
    vouched: bool
    hold: bool  # a place on the white list that is on hold
    told_twice: bool  # days of which several statements may tell


_KEY: ColumnElement[int] = bindparam("institution", type_=Integer)
_USCC: ColumnElement[str] = bindparam("uscc", type_=String)


def find_parts(tx: Connection, institution_id: int, uscc: str) -> Parts:
    """What there is of an institution."""
    row = tx.execute(_PARTS, {"institution": institution_id, "uscc": uscc, "slash": f"{uscc}/"})
    checked, *parts = row.one()
    return Parts(checked, *map(bool, parts))


def _any(of_it: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(of_it).where(of_it == _KEY, *conditions).exists()


def _overlaps() -> ColumnElement[bool]:
    """Whether a statement begins before one that began earlier, or on the same day, has ended."""
    before = func.max(statement.c.to_day).over(
        partition_by=statement.c.account_id,
        order_by=(statement.c.from_day, statement.c.id),
        rows=(None, -1),
    )
    spans = (
        select(statement.c.from_day, before.label("before"))
        .where(statement.c.institution_id == _KEY, statement.c.status == "accepted")
        .subquery()
    )
    return select(spans.c.from_day).where(spans.c.from_day <= spans.c.before).exists()


def _outside() -> ColumnElement[bool]:
    """Whether a statement tells of a row on a day that it does not cover."""
    told = entry.join(statement, statement.c.id == entry.c.statement_id)
    outside = or_(entry.c.booked_on < statement.c.from_day, entry.c.booked_on > statement.c.to_day)
    return select(entry.c.id).select_from(told).where(
        entry.c.institution_id == _KEY, outside
    ).exists()  # fmt: skip


def _parts() -> Select[Any]:
    changed, fact, held = register_change.c, institution_fact.c, white_hold.c
    checked = select(institution_state.c.checked_as_of).where(
        institution_state.c.institution_id == _KEY
    )
    facts = select(func.count()).select_from(institution_fact).where(fact.institution_id == _KEY)
    tied = or_(_any(holding.c.institution_id), _any(holding.c.holder_id))
    slash: ColumnElement[str] = bindparam("slash", type_=String)
    overwritten = select(changed.id).where(
        # rows of long ago name no institution
        or_(changed.institution_id == _KEY, changed.institution_id.is_(None)),
        changed.kind == "institutions",
        func.substr(changed.key, 1, func.length(slash)) == slash,
    )
    running = select(held.id).where(held.uscc == _USCC, held.ended_on.is_(None))
    return select(
        checked.scalar_subquery(),
        _any(opening_statement.c.institution_id),
        _any(site.c.institution_id),
        facts.scalar_subquery() > 1,
        overwritten.exists(),
        _any(proposal.c.institution_id),
        or_(_any(charge.c.institution_id), tied),
        tied,
        _any(coverage_confirmation.c.institution_id),
        running.exists(),
        or_(_overlaps(), _outside()),
    )


_PARTS = _parts()
