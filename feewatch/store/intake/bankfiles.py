"""Bank files as received and the statements in them: accepted, quarantined, rejected."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, delete, exists, insert, or_, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.once import insert_once
from feewatch.store.tables.ledger import quarantine_proposal, source_file, statement, told_days
from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import account, institution, institution_fact


class AccountOnFile(NamedTuple):
    """A registered account."""

    id: int
    account_no: str
    institution_id: int
    kind: str  # fee, deposit, settlement


class Proposal(NamedTuple):
    """What a first officer proposed for a quarantined statement."""

    statement_id: int
    decision: str  # release, reject
    actor: str
    reason: str
    proposed_at: str


def lock_accounts(tx: Connection, account_nos: Collection[str]) -> dict[str, AccountOnFile]:
    """The registered ones of these account numbers, their institutions held until the end of tx.

    Holding an institution keeps two processes from merging into one of its accounts, or marking
    it changed, at the same time; SQLite has one writer anyway.
    """
    rows = tx.execute(
        select(*(account.c[name] for name in AccountOnFile._fields)).where(
            account.c.account_no.in_(account_nos)
        )
    )
    accounts = [AccountOnFile(*row) for row in rows]
    tx.execute(
        select(institution.c.id)
        .where(institution.c.id.in_({each.institution_id for each in accounts}))
        .order_by(institution.c.id)
        .with_for_update(key_share=True)
    ).all()
    return {each.account_no: each for each in accounts}


def find_district(tx: Connection, institution_id: int | None, day: Day) -> str | None:
    """The district of an institution on a day; None for no institution or no facts on that day."""
    return tx.scalar(
        select(institution_fact.c.district).where(
            institution_fact.c.institution_id == institution_id,
            institution_fact.c.valid_from <= day,
            institution_fact.c.valid_to >= day,
        )
    )


def find_file(tx: Connection, sha256: str) -> RowMapping | None:
    """A file received earlier."""
    return find_files(tx, [sha256]).get(sha256)


def find_files(tx: Connection, hashes: Collection[str]) -> dict[str, RowMapping]:
    """Those of the files that were received earlier, by their hashes."""
    query = select(source_file).where(source_file.c.sha256.in_(hashes))
    return {row["sha256"]: row for row in tx.execute(query).mappings()}


def list_settled(tx: Connection, hashes: Collection[str]) -> set[str]:
    """Those of the files whose bytes, read again, can tell nothing new."""
    is_read = exists().where(statement.c.file_sha256 == source_file.c.sha256)
    query = select(source_file.c.sha256).where(
        source_file.c.sha256.in_(hashes), or_(source_file.c.status != "rejected", is_read)
    )
    return set(tx.scalars(query))


def claim_file(tx: Connection, sha256: str, **values: Any) -> bool:
    """Record a file as received; False where it was received before.

    A file that could not be read when it came first (its layout was unknown then) may be claimed
    again once it can be. Of two processes with the same bytes the second waits, and is told False.
    """
    if insert_once(tx, source_file, {"sha256": sha256, **values}):
        return True
    if values["status"] == "rejected":
        return False
    unread = ~exists().where(statement.c.file_sha256 == sha256)
    known = update(source_file).where(source_file.c.sha256 == sha256)
    again = known.where(source_file.c.status == "rejected", unread).values(**values)
    return tx.execute(again).rowcount == 1


def set_file_status(tx: Connection, sha256: str, status: str) -> None:
    """The status of a file after one of its statements changed."""
    tx.execute(update(source_file).where(source_file.c.sha256 == sha256).values(status=status))


def set_provenance(tx: Connection, sha256: str, provenance: str) -> None:
    """Whose word a file is."""
    known = update(source_file).where(source_file.c.sha256 == sha256)
    tx.execute(known.values(provenance=provenance))


def set_file_problems(tx: Connection, sha256: str, problems: Sequence[dict[str, Any]]) -> None:
    """Let these be the problems of a file as a whole, as JSON."""
    known = update(source_file).where(source_file.c.sha256 == sha256)
    tx.execute(known.values(problems=list(problems)))


def add_statement(tx: Connection, **values: Any) -> int:
    """A new statement; its key."""
    values["recorded_at"] = timestamp()
    added = insert(statement).values(**values).returning(statement.c.id)
    return int(tx.execute(added).scalar_one())


def set_statement(tx: Connection, statement_id: int, **values: Any) -> None:
    """A new status of a statement and what goes with it."""
    tx.execute(update(statement).where(statement.c.id == statement_id).values(**values))


def list_statements(tx: Connection, sha256: str) -> Sequence[RowMapping]:
    """The statements of a file, in its order."""
    return list_statements_of(tx, [sha256])[sha256]


def list_statements_of(
    tx: Connection, hashes: Collection[str]
) -> defaultdict[str, list[RowMapping]]:
    """The statements of each file, in its order."""
    by_file: defaultdict[str, list[RowMapping]] = defaultdict(list)
    query = select(statement).where(statement.c.file_sha256.in_(hashes)).order_by(statement.c.n)
    for row in tx.execute(query).mappings():
        by_file[row["file_sha256"]].append(row)
    return by_file


def list_account_nos(tx: Connection, hashes: Collection[str]) -> set[str]:
    """The accounts of which these files tell."""
    return set(
        tx.scalars(select(statement.c.account_no).where(statement.c.file_sha256.in_(hashes)))
    )


def list_quarantined(tx: Connection) -> Sequence[RowMapping]:
    """All quarantined statements with their file and what was proposed, oldest first."""
    return tx.execute(_quarantined()).mappings().all()


def list_quarantined_files(tx: Connection, account_nos: Collection[str]) -> list[str]:
    """The files that hold quarantined statements of these accounts, in the order received."""
    wanted = set(account_nos)
    rows = tx.execute(_quarantined()).all()
    return list(dict.fromkeys(row.file_sha256 for row in rows if row.account_no in wanted))


def list_waiting_accounts(tx: Connection) -> set[str]:
    """Accounts on the register of which a statement is quarantined as if they were not."""
    query = (
        select(statement.c.account_no)
        .join(account, account.c.account_no == statement.c.account_no)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .outerjoin(user, user.c.name == source_file.c.actor)
        .where(
            statement.c.status == "quarantined",
            statement.c.account_id.is_(None),
            # what others than its institution tell of it waits for nothing
            or_(
                source_file.c.provenance != "institution",
                user.c.institution_id == account.c.institution_id,
            ),
        )
    )
    return set(tx.scalars(query))


def list_untold(tx: Connection) -> list[str]:
    """Accounts with accepted statements of whose days it is not on file whose word they are."""
    is_told = exists().where(told_days.c.account_id == statement.c.account_id)
    covers = statement.c.from_day <= statement.c.to_day
    query = (
        select(account.c.account_no)
        .join(statement, statement.c.account_id == account.c.id)
        .where(statement.c.status == "accepted", covers, ~is_told)
        .distinct()
        .order_by(account.c.account_no)
    )
    return list(tx.scalars(query))


def list_like(tx: Connection, prefix: str, n: int) -> Sequence[RowMapping]:
    """At most two statements with this place in files whose hash starts so."""
    query = select(statement).where(
        statement.c.file_sha256.startswith(prefix, autoescape=True), statement.c.n == n
    )
    return tx.execute(query.limit(2)).mappings().all()


def _quarantined() -> Select[Any]:
    return (
        select(
            statement,
            source_file.c.name.label("file_name"),
            source_file.c.received_at,
            quarantine_proposal.c.decision.label("proposed"),
            quarantine_proposal.c.actor.label("proposed_by"),
            quarantine_proposal.c.reason.label("proposed_reason"),
        )
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .outerjoin(quarantine_proposal, quarantine_proposal.c.statement_id == statement.c.id)
        .where(statement.c.status == "quarantined")
        .order_by(source_file.c.received_at, statement.c.id)
    )


def find_proposal(tx: Connection, statement_id: int) -> Proposal | None:
    """What was proposed for a statement and is not yet confirmed."""
    row = tx.execute(
        select(*(quarantine_proposal.c[name] for name in Proposal._fields)).where(
            quarantine_proposal.c.statement_id == statement_id
        )
    ).one_or_none()
    return None if row is None else Proposal(*row)


def put_proposal(tx: Connection, statement_id: int, **values: Any) -> None:
    """Record what an officer proposes, in place of what was proposed before."""
    drop_proposal(tx, statement_id)
    tx.execute(
        insert(quarantine_proposal).values(
            statement_id=statement_id, proposed_at=timestamp(), **values
        )
    )


def drop_proposal(tx: Connection, statement_id: int) -> None:
    """Forget what was proposed; the audit trail keeps it."""
    tx.execute(
        delete(quarantine_proposal).where(quarantine_proposal.c.statement_id == statement_id)
    )
