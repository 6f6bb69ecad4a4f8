"""The books of an institution for classification and matching, and the derived, written back."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def load(tx: Connection, institution_id: int) -> StoredBooks:
    """The books of an institution, its ledger entries in (booked_on, statement order)."""
    rows = _in_order(tx, institution_id, tx.execute(_ledger(institution_id)).all())
    erased = set(tx.scalars(select(entry.c.id).where(*_erased(institution_id))))
    names = tx.scalars(
        select(institution_fact.c.name).where(institution_fact.c.institution_id == institution_id)
    )
    matches = {
        row.id: Match(*row[1:])
        for row in tx.execute(_rows_of(match, institution_id, "id", *Match._fields))
    }
    settled = [row for row in matches.values() if row.entry_id in erased]
    books = Books(
        names=frozenset(names),
        accounts=[
            LedgerAccount(*row)
            for row in tx.execute(_rows_of(account, institution_id, *LedgerAccount._fields))
        ],
        contracts=_contracts(tx, institution_id),
        requests=[
            RefundRequest(*row)
            for row in tx.execute(_rows_of(refund_request, institution_id, *RefundRequest._fields))
        ],
        entries=[Entry(row[0], *row[4:]) for row in rows],
        given=manual_matches.list_given(tx, institution_id),
    )
    if settled:
        books = _without_settled(books, settled)
    tenures = holdings.list_tenures(tx, [institution_id])
    if tenures:
        succeeded = successors.list_succeeded(tenures, institution_id)
        contracts = {register: _contracts(tx, register) for register in succeeded}
        books = successors.add_moved(tx, institution_id, books, contracts, tenures)
    return StoredBooks(
        institution_id,
        books,
        derived=[row[:4] for row in rows],
        matches={key: row for key, row in matches.items() if row.entry_id not in erased},
    )


def _contracts(tx: Connection, institution_id: int) -> list[ContractInBooks]:
    columns = ("contract_id", *ChargeInBooks._fields)
    charges: defaultdict[int, list[ChargeInBooks]] = defaultdict(list)
    query = _rows_of(charge, institution_id, *columns).order_by(None)
    for contract_id, *rest in tx.execute(query.order_by(charge.c.contract_id, charge.c.turn)):
        charges[contract_id].append(ChargeInBooks(*rest))
    answer = tx.execute(_rows_of(contract, institution_id, *ContractInBooks._fields[:-1]))
    rows = chain.from_iterable(answer.partitions(_AT_ONCE))
    known: dict[Any, Any] = {}  # one value for all that have it: there may be very many contracts

    def once(values: Iterable[Any]) -> Iterator[Any]:
        return (known.setdefault(value, value) for value in values)

    return [
        ContractInBooks._make((key, number, *once(rest), tuple(charges.get(key, ()))))
        for key, number, *rest in rows
    ]


def _erased(institution_id: int) -> tuple[ColumnElement[bool], ...]:
    return entry.c.institution_id == institution_id, entry.c.is_erased.is_(True)


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


def _in_order(tx: Connection, institution_id: int, rows: Sequence[Any]) -> Sequence[Any]:
    """Ledger entries; those of a day told by several statements as these together have them."""

    @cache
    def tellers_of(account_id: int) -> Tellers:
        return Tellers(ledger.list_spans(tx, account_id), ledger.list_totals(tx, account_id))

    return in_order(rows, day_orders(ledger.list_placed(tx, institution_id), tellers_of))


def _rows_of(table: Table, institution_id: int, *columns: str) -> Select[Any]:
    return (
        select(*(table.c[name] for name in columns))
        .where(table.c.institution_id == institution_id)
        .order_by(table.c.id)
    )


def _ledger(institution_id: int) -> Select[Any]:
    """Ledger entries, merged rows left out: what is derived, then the columns of Entry."""
    return (
        select(
            *(entry.c[name] for name in ("id", "kind", "reverses", "matched_fen")),
            *(entry.c[name] for name in Entry._fields[1:]),
        )
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(
            entry.c.institution_id == institution_id,
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


def list_institutions(tx: Connection) -> list[int]:
    """All institutions."""
    return list(tx.scalars(select(institution.c.id).order_by(institution.c.id)))


def is_registered(tx: Connection, uscc: str) -> bool:
    """Whether the credit code is on the register of institutions."""
    return tx.scalar(select(institution.c.id).where(institution.c.uscc == uscc)) is not None


def sources(tx: Connection, institution_id: int) -> dict[int, EntrySource]:
    """Where each ledger entry of an institution comes from."""
    query = (
        select(entry.c.id, account.c.account_no, entry.c.n, statement.c.file_sha256, entry.c.line)
        .join(account, account.c.id == entry.c.account_id)
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(entry.c.institution_id == institution_id, entry.c.merged_into.is_(None))
    )
    return {key: EntrySource(*rest) for key, *rest in tx.execute(query)}
