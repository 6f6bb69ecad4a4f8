"""The books of an institution for classification and matching, and the derived, written back."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day
from feewatch.ledger.books import (
    Books,
    ChargeInBooks,
    ContractInBooks,
    Derivation,
    Match,
    RefundRequest,
)
from feewatch.ledger.day_order import day_orders, in_order
from feewatch.ledger.holder import Entry, LedgerAccount
from feewatch.ledger.tellers import Tellers
from feewatch.store import holdings
from feewatch.store.bulk import insert_rows, update_rows
from feewatch.store.intake import ledger, manual_matches, successors
from feewatch.store.scope import among
from feewatch.store.state import Touched
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.ledger import entry, match, statement
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import (
    account,
    contract,
    institution,
    institution_fact,
    refund_request,
)

#: Rows of a register that are fetched together.
_AT_ONCE = 1_000


class StoredBooks(NamedTuple):
    """The books of one institution and what was last derived from them."""

    institution_id: int
    books: Books
    derived: list[tuple[int, str | None, int | None, int]]  # of each entry, as Derived
    matches: dict[int, Match]  # by the key of the row


class EntrySource(NamedTuple):
    """Where an entry comes from."""

    account_no: str
    n: int  # among the equal entries of the day
    file_sha256: str
    line: int


def load(tx: Connection, institutions: Collection[int]) -> dict[int, StoredBooks]:
    """The books of institutions, ledger entries in (booked_on, statement order).

    As many statements for many institutions as for one.
    """
    rows = _by_institution(_in_order(tx, institutions, tx.execute(_ledger(institutions)).all()))
    erased = set(tx.scalars(select(entry.c.id).where(*_erased(institutions))))
    matches: dict[int, dict[int, Match]] = {
        key: {row.id: Match(*row[1:-1]) for row in of}
        for key, of in _rows_of(tx, match, institutions, "id", *Match._fields).items()
    }
    books = _books(tx, institutions, rows)
    for key, known in matches.items():
        settled = [row for row in known.values() if row.entry_id in erased]
        if settled:
            books[key] = _without_settled(books[key], settled)
    tenures = holdings.list_tenures(tx, institutions)
    if tenures:
        succeeded = successors.list_succeeded(tenures, institutions)
        books |= successors.add_moved(tx, books, _contracts(tx, succeeded), tenures)
    return {
        key: StoredBooks(
            key,
            of,
            derived=[row[:4] for row in rows.get(key, ())],
            matches={
                row_key: row
                for row_key, row in matches.get(key, {}).items()
                if row.entry_id not in erased
            },
        )
        for key, of in books.items()
    }


def _books(
    tx: Connection, institutions: Collection[int], rows: Mapping[int, Sequence[Any]]
) -> dict[int, Books]:
    """What is on file of each institution by itself. ``rows``: of the ledger, as read."""
    names = _rows_of(tx, institution_fact, institutions, "name")
    accounts = _rows_of(tx, account, institutions, *LedgerAccount._fields)
    contracts = _contracts(tx, institutions)
    requests = _rows_of(tx, refund_request, institutions, *RefundRequest._fields)
    given = manual_matches.list_given(tx, institutions)
    return {
        key: Books(
            names=frozenset(row.name for row in names.get(key, ())),
            accounts=[LedgerAccount(*row[:-1]) for row in accounts.get(key, ())],
            contracts=contracts.get(key, []),
            requests=[RefundRequest(*row[:-1]) for row in requests.get(key, ())],
            entries=[Entry(row[0], *row[4:-1]) for row in rows.get(key, ())],
            given=given.get(key, []),
        )
        for key in institutions
    }


def _contracts(
    tx: Connection, institutions: Collection[int]
) -> defaultdict[int, list[ContractInBooks]]:
    """By institution the contracts that it registered."""
    columns = ("contract_id", *ChargeInBooks._fields)
    charges: defaultdict[int, list[ChargeInBooks]] = defaultdict(list)
    query = _select_of(charge, institutions, *columns).order_by(None)
    for contract_id, *rest, _ in tx.execute(query.order_by(charge.c.contract_id, charge.c.turn)):
        charges[contract_id].append(ChargeInBooks(*rest))
    answer = tx.execute(_select_of(contract, institutions, *ContractInBooks._fields[:-1]))
    known: dict[Any, Any] = {}  # one value for all that have it: there may be very many contracts

    def once(values: Iterable[Any]) -> Iterator[Any]:
        return (known.setdefault(value, value) for value in values)

    contracts: defaultdict[int, list[ContractInBooks]] = defaultdict(list)
    for key, number, *rest, owner in chain.from_iterable(answer.partitions(_AT_ONCE)):
        contracts[owner].append(
            ContractInBooks._make((key, number, *once(rest), tuple(charges.get(key, ()))))
        )
    return contracts


def _erased(institutions: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return among(entry.c.institution_id, institutions), entry.c.is_erased.is_(True)


def _without_settled(books: Books, settled: Sequence[Match]) -> Books:
    """The books without what entries paid whose texts were let go: their matches stand for good."""
    paid: Counter[int] = Counter()
    for row in settled:
        if row.kind == "receipt":
            paid[row.contract_id] += row.amount_fen
    returned = {row.refund_request_id for row in settled if row.kind == "refund"}
    return books._replace(
        contracts=[each for each in books.contracts if paid[each.id] < each.fee_fen],
        requests=[each for each in books.requests if each.id not in returned],
    )


def _in_order(tx: Connection, institutions: Collection[int], rows: Sequence[Any]) -> Sequence[Any]:
    """Ledger entries; those of a day told by several statements as these together have them."""
    placed = list(ledger.list_placed(tx, institutions))
    if not placed:
        return rows
    accounts = {row.account_id for row in placed}
    spans, totals = ledger.list_spans_of(tx, accounts), ledger.list_totals_of(tx, accounts)

    @cache
    def tellers_of(account_id: int) -> Tellers:
        return Tellers(spans.get(account_id, []), totals.get(account_id, []))

    return in_order(rows, day_orders(placed, tellers_of))


def _rows_of(
    tx: Connection, table: Table, institutions: Collection[int], *columns: str
) -> dict[int, list[Any]]:
    """By institution its rows of a table in the order of their keys: columns, then whose it is."""
    return _by_institution(tx.execute(_select_of(table, institutions, *columns)))


def _select_of(table: Table, institutions: Collection[int], *columns: str) -> Select[Any]:
    return (
        select(*(table.c[name] for name in columns), table.c.institution_id)
        .where(among(table.c.institution_id, institutions))
        .order_by(table.c.id)
    )


def _by_institution(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows by their last column, in the order given."""
    by_institution: dict[int, list[Any]] = {}
    for row in rows:
        by_institution.setdefault(row[-1], []).append(row)
    return by_institution


def _ledger(institutions: Collection[int]) -> Select[Any]:
    """Ledger entries, merged rows left out: what is derived, the columns of Entry, whose it is."""
    return (
        select(
            *(entry.c[name] for name in ("id", "kind", "reverses", "matched_fen")),
            *(entry.c[name] for name in Entry._fields[1:]),
            entry.c.institution_id,
        )
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(
            among(entry.c.institution_id, institutions),
            entry.c.merged_into.is_(None),
            entry.c.is_erased.is_(False),
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


class Rewritten(NamedTuple):
    """What matching anew changed."""

    first: Day = LAST_DAY  # of an entry, or of what it pays
    touched: Touched = Touched.NOTHING  # the kinds of matches among it


def write(tx: Connection, stored: StoredBooks, derivation: Derivation) -> Rewritten:
    """Store what was derived; rows that say the same already are left alone."""
    first = _write_entries(tx, stored, derivation)
    matches = _write_matches(tx, stored, derivation)
    return matches._replace(first=min(first, matches.first))


def _write_entries(tx: Connection, stored: StoredBooks, derivation: Derivation) -> Day:
    every = zip(stored.books.entries, stored.derived, derivation.entries, strict=True)
    changed = [(of.booked_on, now) for of, before, now in every if before != now]
    rows = ((*now[1:], now.entry_id) for _, now in changed)
    update_rows(tx, entry, ("kind", "reverses", "matched_fen"), rows)
    return min((booked_on for booked_on, _ in changed), default=LAST_DAY)


def _write_matches(tx: Connection, stored: StoredBooks, derivation: Derivation) -> Rewritten:
    missing = Counter(derivation.matches)
    stale = {}
    for key, row in stored.matches.items():
        if missing[row]:
            missing[row] -= 1
        else:
            stale[key] = row
    if stale:
        is_stale = match.c.id == bindparam("key")
        tx.execute(delete(match).where(is_stale), [{"key": key} for key in stale])
    added = [*missing.elements()]
    add_matches(tx, stored.institution_id, added)
    return _paid(stored.books, [*stale.values(), *added])


def _paid(books: Books, matches: Sequence[Match]) -> Rewritten:
    """The kinds of these matches, and the first day of them and of what they pay.

    That is a contract, one of its charges, or a request.
    """
    if not matches:
        return Rewritten()
    contracts = {each.id: each for each in books.contracts}
    asked = {each.id: each.requested_on for each in books.requests}
    days: set[Day | None] = set()
    touched = Touched.NOTHING
    for row in matches:
        paid = contracts.get(row.contract_id)
        if paid is None:
            return Rewritten(FIRST_DAY, Touched.MATCHES)
        touched |= Touched.REFUNDS if row.kind == "refund" else Touched.NOTHING
        touched |= Touched.PAY_AFTER if paid.payment == "pay_after" else Touched.NOTHING
        days |= {row.booked_on, paid.paid_on, *(charge.paid_on for charge in paid.charges)}
        days.add(asked.get(row.refund_request_id) if row.refund_request_id else None)
    return Rewritten(min(day for day in days if day is not None), touched)


def set_reversed(tx: Connection, reverses: Mapping[int, int]) -> None:
    """Store what new entries reverse, which may stand after them in their statement."""
    update_rows(tx, entry, ("reverses",), ((of, key) for key, of in reverses.items()))


def add_matches(tx: Connection, institution_id: int, matches: Iterable[Match]) -> None:
    """Store matches that are new."""
    rows = ((institution_id, *each) for each in matches)
    insert_rows(tx, match, ("institution_id", *Match._fields), rows)


def clear_merged(tx: Connection, institutions: Iterable[int]) -> None:
    """Take back what was derived for rows that have since merged into others.

    Their matches go with the next ``write``.
    """
    tx.execute(
        update(entry)
        .where(
            entry.c.institution_id.in_(list(institutions)),
            entry.c.merged_into.is_not(None),
            entry.c.kind.is_not(None),
        )
        .values(kind=None, reverses=None, matched_fen=0)
    )


def list_unmatched(tx: Connection, uscc: str | None) -> list[tuple[int, str]]:
    """Institutions (key, uscc) with money that is unmatched, or rows not yet looked at."""
    waiting = select(institution_state.c.institution_id).where(institution_state.c.to_match)
    left_over = entry.c.kind.in_(("receipt", "refund")) & (
        entry.c.matched_fen < func.abs(entry.c.amount_fen)
    )
    concerned = select(entry.c.institution_id).where(
        entry.c.merged_into.is_(None), or_(entry.c.kind.is_(None), left_over)
    )
    query = select(institution.c.id, institution.c.uscc).where(
        institution.c.id.in_(concerned) | institution.c.id.in_(waiting)
    )
    if uscc is not None:
        query = query.where(institution.c.uscc == uscc)
    return [(row.id, row.uscc) for row in tx.execute(query.order_by(institution.c.uscc))]


def is_registered(tx: Connection, uscc: str) -> bool:
    """Whether the credit code is on the register of institutions."""
    return tx.scalar(select(institution.c.id).where(institution.c.uscc == uscc)) is not None


def sources(tx: Connection, entries: Sequence[int]) -> dict[int, EntrySource]:
    """Where ledger entries come from, by their keys, of which there may be very many."""
    query = (
        select(entry.c.id, account.c.account_no, entry.c.n, statement.c.file_sha256, entry.c.line)
        .join(account, account.c.id == entry.c.account_id)
        .join(statement, statement.c.id == entry.c.statement_id)
    )
    parts = [entries[start : start + _AT_ONCE] for start in range(0, len(entries), _AT_ONCE)]
    return {
        key: EntrySource(*rest)
        for part in parts
        for key, *rest in tx.execute(query.where(among(entry.c.id, part)))
    }
