"""What the engine last did, and who must be checked again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from feewatch.kernel.days import LAST_DAY, Day
from feewatch.store.holdings import list_linked, list_tenures
from feewatch.store.once import insert_missing
from feewatch.store.scope import among, of_institutions
from feewatch.store.state import Touched, data_of
from feewatch.store.tables.casework import alert
from feewatch.store.tables.checks import check_result, check_run, institution_state
from feewatch.store.tables.ledger import entry, statement
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import (
    account,
    approval,
    contract,
    institution,
    institution_fact,
    lesson,
    refund_request,
)

#: The scope id of the office itself, to which statements of unknown accounts belong.
OFFICE = 0


def list_institutions(tx: Connection) -> list[int]:
    """All institutions."""
    return list(tx.scalars(select(institution.c.id).order_by(institution.c.id)))


def find_institution(tx: Connection, uscc: str) -> int | None:
    """The institution of a credit code."""
    return tx.scalar(select(institution.c.id).where(institution.c.uscc == uscc))


def list_due(tx: Connection, as_of: Day, rule_book: str) -> list[int]:
    """Institutions whose outcomes may differ from the last check: data, due days, rule book."""
    state = institution_state.c
    changed = or_(
        state.to_check,
        state.due_on <= as_of,
        state.rule_book.is_(None),
        state.rule_book != rule_book,
    )
    return list(tx.scalars(select(state.institution_id).where(changed)))


class LastLook(NamedTuple):
    """What is known of an institution since its last check."""

    institution_id: int
    touched: int
    touched_from: Day
    rule_book: str | None
    checked_as_of: Day | None
    all_due_on: Day | None
    kept: Mapping[str, Mapping[str, Any] | None] | None


def list_last_checks(tx: Connection, institutions: Collection[int]) -> list[LastLook]:
    """The last check of each institution, and what changed since."""
    columns = (institution_state.c[name] for name in LastLook._fields)
    query = select(*columns).where(among(institution_state.c.institution_id, institutions))
    return [LastLook(*row) for row in tx.execute(query)]


def list_results(tx: Connection, institutions: Collection[int]) -> list[dict[str, Any]]:
    """The counts of the latest check of some institutions, a row an institution and rule."""
    query = select(check_result).where(among(check_result.c.institution_id, institutions))
    return [{**row} for row in tx.execute(query).mappings()]


def list_districts(tx: Connection, institutions: Collection[int]) -> list[str]:
    """Every district in which these institutions, and those that succeeded them, are or were."""
    query = select(institution_fact.c.district).distinct()
    linked = list_linked(tx, institutions)
    return list(tx.scalars(query.where(among(institution_fact.c.institution_id, linked))))


def list_places(tx: Connection, institutions: Collection[int], as_of: Day) -> list[tuple[int, str]]:
    """(institution, district) as of a day."""
    fact = institution_fact.c
    query = select(fact.institution_id, fact.district).where(
        among(fact.institution_id, institutions),
        literal(as_of).between(fact.valid_from, fact.valid_to),
    )
    return [(key, district) for key, district in tx.execute(query)]


def latest_as_of(tx: Connection) -> Day | None:
    """The latest as-of of any check that was not taken back."""
    latest: Day | None = tx.scalar(_LATEST_AS_OF)
    return latest


_LATEST_AS_OF = select(func.max(check_run.c.as_of)).where(check_run.c.taken_back_at.is_(None))


def take_back_after(tx: Connection, day: Day, at: str) -> list[Day]:
    """Let checks of later days than this count no more; their days, the earliest first.

    Nor are the standings that they kept read any more.
    """
    is_later = (check_run.c.as_of > day, check_run.c.taken_back_at.is_(None))
    days = sorted({*tx.scalars(select(check_run.c.as_of).where(*is_later))})
    tx.execute(update(check_run).where(*is_later).values(taken_back_at=at, has_standings=False))
    return days


def list_alert_rules(tx: Connection, institutions: Collection[int]) -> list[str]:
    """Rules of which these institutions have alerts on record, also those no longer in the book."""
    query = select(alert.c.rule).where(of_institutions(alert.c.institution_id, institutions))
    return list(tx.scalars(query.distinct()))


def next_data_days(
    tx: Connection,
    institutions: Collection[int],
    as_of: Day,
    touched: Touched = Touched.EVERYTHING,
) -> dict[int, Day]:
    """For each institution the first day after as-of on which it has data on file already.

    What others registered and it holds by then is its own data too. ``touched``: only in these
    data; of the others the last check knows.
    """
    tenures = list_tenures(tx, institutions)
    tied = {*institutions, *(tenure.institution_id for tenure in tenures)}
    dated = (
        (entry.c.institution_id, entry.c.booked_on),
        (lesson.c.institution_id, lesson.c.held_on),
        (lesson.c.institution_id, lesson.c.confirmed_on),
        (contract.c.institution_id, contract.c.paid_on),
        (contract.c.institution_id, contract.c.ended_on),
        (charge.c.institution_id, charge.c.paid_on),
        (refund_request.c.institution_id, refund_request.c.requested_on),
        (account.c.institution_id, account.c.opened_on),
        (account.c.institution_id, account.c.closed_on),
        (institution_fact.c.institution_id, institution_fact.c.valid_from),
        # a licence, or an approval, holds to the end of its last day
        (institution_fact.c.institution_id, institution_fact.c.licence_until + 1),
        (approval.c.institution_id, approval.c.from_day),
        (approval.c.institution_id, approval.c.to_day + 1),
        (statement.c.institution_id, statement.c.from_day),
        (statement.c.institution_id, statement.c.to_day),
        (opening_statement.c.institution_id, opening_statement.c.day),
    )
    parts = [
        select(owner.label("institution_id"), func.min(on).label("day"))
        .where(on > literal(as_of), among(owner, tied))
        .group_by(owner)
        for owner, on in dated
        if data_of(owner.table.name) & touched
    ]
    days: dict[int, Day] = {}
    if parts:
        later = union_all(*parts).subquery()
        first = func.min(later.c.day)
        query = select(later.c.institution_id, first).group_by(later.c.institution_id)
        days = {row[0]: row[1] for row in tx.execute(query)}
    by_holder: defaultdict[int, set[Day]] = defaultdict(set)
    for tenure in tenures:
        turns = (tenure.from_day, tenure.to_day + 1, days.get(tenure.institution_id, as_of))
        by_holder[tenure.holder_id].update(day for day in turns if as_of < day <= LAST_DAY)
    for holder_id, turning in by_holder.items():
        turning |= {days[holder_id]} if holder_id in days else set()
        if turning:
            days[holder_id] = min(turning)
    return {key: day for key, day in days.items() if key in institutions}


class Due(NamedTuple):
    """The next days on which outcomes of an institution may change with the same data."""

    any_rule: Day | None = None
    all_rules: Day | None = None  # by data on file for that day, or by the law itself


def write_results(
    tx: Connection,
    institutions: Collection[int],
    counts: Collection[Mapping[str, Any]],
    due: Mapping[int, Due],
    as_of: Day,
    rule_book: str,
    seen: Mapping[str, int],
    kept: Mapping[int, Mapping[str, Any]],
) -> None:
    """Keep the counts of a check, when each institution is due again, and what was on record.

    ``kept``: by institution and fact the rows that the next check may take.
    """
    tx.execute(delete(check_result).where(among(check_result.c.institution_id, institutions)))
    if counts:
        tx.execute(insert(check_result), list(counts))
    if OFFICE in institutions:
        office = {"institution_id": OFFICE, "to_match": False, "to_check": False, "changes": 0}
        insert_missing(tx, institution_state, [office])
    rows = [
        {
            "key": each,
            **dict(zip(("due", "all_due"), due.get(each, Due()), strict=True)),
            "rows": kept.get(each),
        }
        for each in sorted(institutions)
    ]
    if rows:
        state = institution_state
        held = {"checked_as_of": as_of, "rule_book": rule_book, "seen": {**seen}}
        held |= {"due_on": bindparam("due"), "all_due_on": bindparam("all_due")}
        held |= {"kept": bindparam("rows", type_=state.c.kept.type)}
        held |= {"to_check": state.c.to_match, "touched": 0, "touched_from": LAST_DAY}
        is_institution = state.c.institution_id == bindparam("key")
        tx.execute(update(state).where(is_institution).values(**held), rows)


def begin_run(tx: Connection, *, at: str, as_of: Day, full: bool, rule_book: str) -> int:
    """Put on record that a check begins; its key."""
    row = {"at": at, "as_of": as_of, "full": full, "rule_book": rule_book, "counts": {}}
    statement = insert(check_run).values(**row, is_unfinished=True).returning(check_run.c.id)
    key: int = tx.execute(statement).scalar_one()
    return key


def is_newest(tx: Connection, run: int) -> bool:
    """Whether no other check has begun since."""
    newest: int | None = tx.scalar(select(func.max(check_run.c.id)))
    return newest == run


def finish_run(
    tx: Connection, run: int, *, at: str, counts: Mapping[str, Any], left_out: Sequence[str]
) -> None:
    """Put on record that a check ended, and what it came to."""
    ended: dict[str, Any] = {"at": at, "counts": {**counts}, "is_unfinished": False}
    if left_out:
        ended["left_out"] = [*left_out]
    tx.execute(update(check_run).where(check_run.c.id == run).values(**ended))


def list_loads(tx: Connection, institutions: Collection[int]) -> dict[int, int]:
    """How much there is to judge of each institution: rows of its statements, and lessons."""
    rows = (statement.c.institution_id, func.sum(statement.c.entries))
    held = (lesson.c.institution_id, func.count())
    loads: Counter[int] = Counter()
    for owner, load in (rows, held):
        query = select(owner, load).where(among(owner, institutions)).group_by(owner)
        loads.update({key: int(count) for key, count in tx.execute(query)})
    return loads


def list_usccs(tx: Connection, institutions: Collection[int]) -> list[str]:
    """The credit codes of institutions."""
    query = select(institution.c.uscc).where(among(institution.c.id, institutions))
    return list(tx.scalars(query.order_by(institution.c.uscc)))
