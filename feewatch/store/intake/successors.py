"""What successions bring into the books of an institution: contracts, payments, accounts beside it.

Contracts that moved here are its own from the day of the succession, money that reached the other
side counts for them, and money between the fee accounts of both is internal.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, or_, select

from feewatch.ledger.books import Books, ContractInBooks, RefundRequest
from feewatch.ledger.holder import Beside, Entry, LedgerAccount
from feewatch.store import holdings
from feewatch.store.holdings import Tenure
from feewatch.store.tables.ledger import entry, statement
from feewatch.store.tables.places import succession
from feewatch.store.tables.registers import account, institution_fact, refund_request


def in_order(tx: Connection, institutions: Collection[int]) -> list[int]:
    """These institutions and all that successions tie to them, each after those it succeeded.

    Of one day the money of who came first pays first.
    """
    tenures = holdings.list_tenures(tx, institutions)
    since: dict[int, int] = {}
    for tenure in tenures:
        if tenure.holder_id != tenure.institution_id:
            since.setdefault(tenure.holder_id, tenure.from_day)
    tied = holdings.linked(institutions, tenures)
    first = min(since.values(), default=0) - 1
    return sorted(tied, key=lambda institution: (since.get(institution, first), institution))


def in_groups(tx: Connection, institutions: Collection[int]) -> list[list[int]]:
    """These institutions and all that successions tie to them, those tied to each other together.

    Each group is in order, as ``in_order`` says.
    """
    tenures = holdings.list_tenures(tx, institutions)
    ordered = in_order(tx, institutions)
    groups: dict[frozenset[int], list[int]] = {}
    for institution in ordered:
        tied = frozenset(holdings.linked([institution], tenures)) if tenures else {institution}
        groups.setdefault(frozenset(tied), []).append(institution)
    return list(groups.values())


def add_moved(
    tx: Connection,
    institution_id: int,
    books: Books,
    contracts: dict[int, list[ContractInBooks]],
    tenures: Sequence[Tenure],
) -> Books:
    """The books with what moved in and out. ``contracts``: of the other registers, by register."""
    moved = {
        each.id: (tenure.from_day, tenure.to_day)
        for tenure in tenures
        if tenure.holder_id == institution_id != tenure.institution_id
        for each in contracts[tenure.institution_id]
    }
    visible = [*books.contracts]
    visible += [each for rows in contracts.values() for each in rows if each.id in moved]
    return books._replace(
        contracts=visible,
        requests=_requests(tx, institution_id, tenures),
        moved=moved,
        beside=_beside(tx, institution_id),
    )


def _requests(
    tx: Connection, institution_id: int, tenures: Sequence[Tenure]
) -> list[RefundRequest]:
    """The refund requests of contracts that were the institution's on the day of the request."""
    columns = [refund_request.c[name] for name in RefundRequest._fields]
    registers = {each.institution_id for each in tenures} | {institution_id}
    query = (
        select(refund_request.c.institution_id, *columns)
        .where(refund_request.c.institution_id.in_(registers))
        .order_by(refund_request.c.id)
    )
    requests = []
    for register, *values in tx.execute(query):
        request = RefundRequest(*values)
        spans = [each for each in tenures if each.institution_id == register]
        holders = [
            each.holder_id for each in spans if each.from_day <= request.requested_on <= each.to_day
        ] or [register]
        if institution_id in holders:
            requests.append(request)
    return requests


def _beside(tx: Connection, institution_id: int) -> list[Beside]:
    """The fee accounts of the other side of each succession, with their entries from its day on."""
    columns = succession.c
    query = select(columns.institution_id, columns.to_institution_id, columns.on_day).where(
        or_(columns.institution_id == institution_id, columns.to_institution_id == institution_id)
    )
    since: dict[int, int] = {}
    for old, new, day in tx.execute(query):
        other = new if old == institution_id else old
        since[other] = min(day, since.get(other, day))
    names = defaultdict(set)
    facts = select(institution_fact.c.institution_id, institution_fact.c.name)
    for key, name in tx.execute(facts.where(institution_fact.c.institution_id.in_(since))):
        names[key].add(name)
    held = select(
        account.c.institution_id, *(account.c[name] for name in LedgerAccount._fields)
    ).where(account.c.institution_id.in_(since), account.c.kind == "fee")
    return [
        Beside(
            LedgerAccount(*rest),
            since[key],
            frozenset(names[key]),
            _entries(tx, rest[0], since[key]),
        )
        for key, *rest in tx.execute(held.order_by(account.c.account_no))
    ]


def _entries(tx: Connection, account_id: int, since: int) -> list[Entry]:
    query = (
        select(*(entry.c[name] for name in Entry._fields))
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(
            entry.c.account_id == account_id,
            entry.c.merged_into.is_(None),
            entry.c.reversal_mark.is_(False),
            entry.c.booked_on >= since - 1,
        )
        .order_by(
            entry.c.booked_on,
            statement.c.from_day,
            statement.c.to_day,
            statement.c.file_sha256,
            statement.c.n,
            entry.c.seq,
        )
    )
    return [Entry(*row) for row in tx.execute(query)]


def list_succeeded(tenures: Sequence[Tenure], institution_id: int) -> set[int]:
    """The other registers of which the institution holds the contracts on some day."""
    return {
        each.institution_id
        for each in tenures
        if each.holder_id == institution_id != each.institution_id
    }
