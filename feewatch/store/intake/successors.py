"""What successions bring into the books of an institution: contracts, payments, accounts beside it.

Contracts that moved here are its own from the day of the succession, money that reached the other
side counts for them, and money between the fee accounts of both is internal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, or_, select

from feewatch.kernel.days import LAST_DAY, Day
from feewatch.ledger.books import Books, ContractInBooks, RefundRequest
from feewatch.ledger.holder import Beside, Entry, LedgerAccount
from feewatch.store import holdings
from feewatch.store.holdings import Tenure
from feewatch.store.scope import among
from feewatch.store.tables.ledger import entry, statement
from feewatch.store.tables.places import succession
from feewatch.store.tables.registers import account, institution_fact, refund_request


def in_order(tx: Connection, institutions: Collection[int]) -> list[int]:
    """These institutions and all that successions tie to them, each after those it succeeded.

    Of one day the money of who came first pays first.
    """
    return _in_order(institutions, holdings.list_tenures(tx, institutions))


def _in_order(institutions: Collection[int], tenures: Sequence[Tenure]) -> list[int]:
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
    ordered = _in_order(institutions, tenures)
    groups: dict[frozenset[int], list[int]] = {}
    for institution in ordered:
        tied = frozenset(holdings.linked([institution], tenures)) if tenures else {institution}
        groups.setdefault(frozenset(tied), []).append(institution)
    return list(groups.values())


def add_moved(
    tx: Connection,
    books: Mapping[int, Books],
    contracts: Mapping[int, Sequence[ContractInBooks]],
    tenures: Sequence[Tenure],
) -> dict[int, Books]:
    """The books of those that a succession ties to others, with what moved in and out.

    ``books``: by institution; ``contracts``: of the other registers, by register; ``tenures``: of
    all that are tied to these institutions.
    """
    tied = {key: _tied_to(key, tenures) for key in books}
    tied = {key: own for key, own in tied.items() if own}
    # who only took over is in no tenure by its own register
    requests = _list_requests(tx, {*tied, *(each.institution_id for each in tenures)})
    beside = _beside(tx, tied)
    return {
        key: _with_moved(key, books[key], contracts, own)._replace(
            requests=_requests_of(key, own, requests), beside=beside[key]
        )
        for key, own in tied.items()
    }


def _tied_to(institution_id: int, tenures: Sequence[Tenure]) -> list[Tenure]:
    tied = holdings.linked([institution_id], tenures)
    return [tenure for tenure in tenures if tenure.institution_id in tied]


def _with_moved(
    institution_id: int,
    books: Books,
    contracts: Mapping[int, Sequence[ContractInBooks]],
    tenures: Sequence[Tenure],
) -> Books:
    """The books with the contracts that are the institution's on some days."""
    moved = {
        each.id: (tenure.from_day, tenure.to_day)
        for tenure in tenures
        if tenure.holder_id == institution_id != tenure.institution_id
        for each in contracts.get(tenure.institution_id, ())
    }
    succeeded = list_succeeded(tenures, [institution_id])
    visible = [*books.contracts]
    for register in succeeded:
        visible += [each for each in contracts.get(register, ()) if each.id in moved]
    return books._replace(contracts=visible, moved=moved)


def _list_requests(tx: Connection, registers: Collection[int]) -> list[tuple[int, RefundRequest]]:
    """The refund requests of registers, each with its register, in order of their keys."""
    columns = [refund_request.c[name] for name in RefundRequest._fields]
    query = (
        select(refund_request.c.institution_id, *columns)
        .where(among(refund_request.c.institution_id, registers))
        .order_by(refund_request.c.id)
    )
    return [(register, RefundRequest(*values)) for register, *values in tx.execute(query)]


def _requests_of(
    institution_id: int,
    tenures: Sequence[Tenure],
    requests: Iterable[tuple[int, RefundRequest]],
) -> list[RefundRequest]:
    """The refund requests of contracts that were the institution's on the day of the request."""
    spans: defaultdict[int, list[Tenure]] = defaultdict(list)
    for each in tenures:
        spans[each.institution_id].append(each)
    return [
        request
        for register, request in requests
        if institution_id in (_holders_on(request.requested_on, spans[register]) or [register])
    ]


def _holders_on(day: Day, tenures: Iterable[Tenure]) -> list[int]:
    return [each.holder_id for each in tenures if each.from_day <= day <= each.to_day]


def _beside(tx: Connection, institutions: Collection[int]) -> dict[int, list[Beside]]:
    """By institution the fee accounts of the other side of each succession.

    With their entries from its day on.
    """
    since = _days_since(tx, institutions)
    others = {other for of in since.values() for other in of}
    names: defaultdict[int, set[str]] = defaultdict(set)
    facts = select(institution_fact.c.institution_id, institution_fact.c.name)
    for key, name in tx.execute(facts.where(among(institution_fact.c.institution_id, others))):
        names[key].add(name)
    held = select(
        account.c.institution_id, *(account.c[name] for name in LedgerAccount._fields)
    ).where(among(account.c.institution_id, others), account.c.kind == "fee")
    accounts = [
        (key, LedgerAccount(*rest))
        for key, *rest in tx.execute(held.order_by(account.c.account_no))
    ]
    first = min((day for of in since.values() for day in of.values()), default=LAST_DAY)
    entries = _entries(tx, [each.id for _, each in accounts], first)
    return {
        institution_id: [
            Beside(
                each,
                of[key],
                frozenset(names[key]),
                [row for row in entries[each.id] if row.booked_on >= of[key] - 1],
            )
            for key, each in accounts
            if key in of
        ]
        for institution_id, of in since.items()
    }


def _days_since(tx: Connection, institutions: Collection[int]) -> dict[int, dict[int, Day]]:
    """By institution the other sides of its successions, each with the first day of one."""
    columns = succession.c
    query = select(columns.institution_id, columns.to_institution_id, columns.on_day).where(
        or_(
            among(columns.institution_id, institutions),
            among(columns.to_institution_id, institutions),
        )
    )
    since: dict[int, dict[int, Day]] = {key: {} for key in institutions}
    for old, new, day in tx.execute(query):
        for one, other in ((old, new), (new, old)):
            if one in since:
                since[one][other] = min(day, since[one].get(other, day))
    return since


def _entries(
    tx: Connection, accounts: Collection[int], since: Day
) -> defaultdict[int, list[Entry]]:
    """By account its entries from the day before one on."""
    query = (
        select(*(entry.c[name] for name in Entry._fields))
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(
            among(entry.c.account_id, accounts),
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
    by_account: defaultdict[int, list[Entry]] = defaultdict(list)
    for row in tx.execute(query):
        by_account[row.account_id].append(Entry(*row))
    return by_account


def list_succeeded(tenures: Sequence[Tenure], institutions: Collection[int]) -> set[int]:
    """The other registers of which one of the institutions holds the contracts on some day."""
    return {
        each.institution_id
        for each in tenures
        if each.holder_id in institutions and each.holder_id != each.institution_id
    }
