"""Stated rows, the ledger they merge into, and what statements tell of an account's days."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
    union_all,
    update,
)

from feewatch.kernel.days import Day
from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.day_order import PlacedRow
from feewatch.ledger.days import Contradiction, OutsideDay, Range
from feewatch.ledger.merging import EntryTexts, Merged, StatedEntry
from feewatch.ledger.numbering import NumberedRow
from feewatch.ledger.words import INSTITUTION
from feewatch.statements.columns import Rows, StatedRow
from feewatch.store.bulk import insert_rows
from feewatch.store.chain import note_statement
from feewatch.store.covering import EntryHash
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.intake.words import is_confirmed, word_of_statement
from feewatch.store.scope import among
from feewatch.store.tables.ledger import entry, source_file, statement

_ADDED = (
    *("line", "booked_on", "booked_time", "value_on", "amount_fen", "balance_fen"),
    *("counterparty", "counterparty_account", "memo", "reference", "reversal_mark"),
    *("account_id", "institution_id", "statement_id", "seq", "filled", "n"),
    *("id", "kind", "matched_fen"),
)
#: What the audit trail vouches for, beside the place of a row.
_COVERED = tuple(map(StatedRow._fields.index, ("line", "booked_on", "amount_fen")))
#: Ranges of days in one query: SQLite nests conditions at most 1,000 deep.
_RANGES = 200
_REFERENCE_FILLED = 1 << EntryTexts._fields.index("reference")
#: Whether a row has a reference of its own, not one of a row merged into it.
_HAS_REFERENCE = (
    entry.c.reference.is_not(None),
    entry.c.filled.bitwise_and(_REFERENCE_FILLED) == 0,
)


def add_rows(
    tx: Connection,
    owner_account: AccountOnFile,
    statement_id: int,
    rows: Rows,
    numbers: Iterable[int],
    derived: Sequence[Iterable[Any]],
) -> None:
    """Add the rows of a statement, oldest first, with their numbers (0: not yet merged).

    ``derived``: as columns, the keys that the rows get, their kinds and what is matched of them.
    """
    owner = repeat(owner_account.id), repeat(owner_account.institution_id), repeat(statement_id)
    rest = iter(numbers), *map(iter, derived)
    told = EntryHash()

    def values() -> Iterator[Iterable[tuple[Any, ...]]]:
        places = 0
        for block in rows.blocks():
            seq = range(places, places := places + len(block[0]))
            told.add(zip(seq, *(block[at] for at in _COVERED), strict=True))
            # the block comes first: where it ends, zip has taken nothing from what goes on
            yield zip(*block, *owner, seq, repeat(0), *rest, strict=False)

    insert_rows(tx, entry, _ADDED, chain.from_iterable(values()))
    note_statement(tx, statement_id, told)
    if days := rows.days():
        is_outside = or_(statement.c.from_day > min(days), statement.c.to_day < max(days))
        of_it = update(statement).where(statement.c.id == statement_id, is_outside)
        tx.execute(of_it.values(has_outside=True))


def reserve_ids(tx: Connection, rows: int) -> Sequence[int]:
    """So many keys for new rows, in ascending order, which nobody else will use."""
    if tx.dialect.name == "postgresql":
        # the table on file, whatever is laid over it: that one owns the numbers
        table = func.concat(func.quote_ident(func.current_schema()), ".entry")
        named = select(func.nextval(func.pg_get_serial_sequence(table, "id")))
        return sorted(tx.scalars(named.select_from(func.generate_series(1, rows))))
    last = tx.scalar(select(func.max(entry.c.id))) or 0
    return range(last + 1, last + 1 + rows)


def has_entries(tx: Connection, institution_id: int) -> bool:
    """Whether any statement of the institution's accounts told of a row so far."""
    one = select(entry.c.id).where(entry.c.institution_id == institution_id).limit(1)
    return tx.scalar(one) is not None


def count_entries(tx: Connection) -> int:
    """How many entries all ledgers hold."""
    standing = select(func.count()).select_from(entry).where(entry.c.merged_into.is_(None))
    return int(tx.scalar(standing) or 0)


def list_spans(tx: Connection, account_id: int) -> list[Span]:
    """The accepted statements of an account in canonical order."""
    return list_spans_of(tx, [account_id]).get(account_id, [])


def list_spans_of(tx: Connection, accounts: Collection[int]) -> dict[int, list[Span]]:
    """By account its accepted statements in canonical order."""
    by_account: defaultdict[int, list[Span]] = defaultdict(list)
    for account_id, *row in tx.execute(_SPANS, {"accounts": list(accounts)}):
        by_account[account_id].append(Span(*row))
    return {account_id: sorted(spans) for account_id, spans in by_account.items()}


def list_outside(tx: Connection, account_id: int) -> list[OutsideDay]:
    """The days of rows that their statements do not cover."""
    return list_outside_of(tx, [account_id]).get(account_id, [])


def list_outside_of(tx: Connection, accounts: Collection[int]) -> dict[int, list[OutsideDay]]:
    """By account the days of rows that their statements do not cover."""
    by_account: defaultdict[int, list[OutsideDay]] = defaultdict(list)
    for account_id, *row in tx.execute(_OUTSIDE, {"accounts": list(accounts)}):
        by_account[account_id].append(OutsideDay(*row))
    return by_account


_ACCOUNTS = bindparam("accounts", expanding=True, type_=Integer)
_SPANS: Select[Any] = (
    select(
        statement.c.account_id,
        *(statement.c[name] for name in Span._fields if name != "word"),
        word_of_statement(),
    )
    .outerjoin(source_file, source_file.c.sha256 == statement.c.file_sha256)
    .where(statement.c.account_id.in_(_ACCOUNTS), statement.c.status == "accepted")
)
_OUTSIDE: Select[Any] = (
    select(entry.c.account_id, entry.c.statement_id, entry.c.booked_on)
    .join(statement, statement.c.id == entry.c.statement_id)
    .where(
        statement.c.account_id.in_(_ACCOUNTS),
        statement.c.has_outside.is_(True),
        or_(entry.c.booked_on < statement.c.from_day, entry.c.booked_on > statement.c.to_day),
    )
    .distinct()
)


def list_no_ids(tx: Connection, account_id: int, but: Collection[int] = ()) -> set[str]:
    """References that name more than one row of an account, some statements left out.

    They are no ids. A row that another statement states again has the same day and amount, and is
    the same row.
    """
    return set(tx.scalars(_no_ids(account_id, but)))


def list_renumbered(tx: Connection, account_id: int, but: Collection[int] = ()) -> set[int]:
    """Statements of whose references at least half are no ids: they number each file anew."""
    # PostgreSQL expects a row of either, and would add all up again for each row that it joins
    no_id = _no_ids(account_id, but).cte("no_id").prefix_with("MATERIALIZED")
    query = (
        select(entry.c.statement_id)
        .outerjoin(no_id, no_id.c.reference == entry.c.reference)
        .where(entry.c.account_id == account_id, _is_none_of(but), *_HAS_REFERENCE)
        .group_by(entry.c.statement_id)
        .having(func.count(no_id.c.reference) * 2 >= func.count())
    )
    return set(tx.scalars(query))


def list_numbered(
    tx: Connection, account_id: int, ranges: Sequence[Range]
) -> Iterator[tuple[Day, NumberedRow]]:
    """Each row of these days that has a reference of its own, in the order of days."""
    columns = (entry.c[name] for name in ("booked_on", *NumberedRow._fields))
    query = select(*columns).where(entry.c.account_id == account_id, *_HAS_REFERENCE)
    for days in _within(ranges):
        for day, *row in tx.execute(query.where(days).order_by(entry.c.booked_on)):
            yield day, NumberedRow(*row)


def _is_none_of(statements: Collection[int]) -> ColumnElement[bool]:
    """Rows of no statement of these; rows of days by which the bank stood are never left out."""
    if not statements:
        return true()
    stands = is_confirmed(entry.c.statement_id, entry.c.booked_on)
    return or_(entry.c.statement_id.not_in(statements), stands)


def _no_ids(account_id: int, but: Collection[int]) -> Select[Any]:
    return (
        select(entry.c.reference)
        .where(entry.c.account_id == account_id, _is_none_of(but), *_HAS_REFERENCE)
        .group_by(entry.c.reference)
        .having(
            or_(
                func.min(entry.c.booked_on) != func.max(entry.c.booked_on),
                func.min(entry.c.amount_fen) != func.max(entry.c.amount_fen),
                func.count() > func.count(entry.c.statement_id.distinct()),
            )
        )
    )


def _within(ranges: Sequence[Range]) -> Iterator[ColumnElement[bool]]:
    """That an entry is booked within these ranges, some of them at a time."""
    for start in range(0, len(ranges), _RANGES):
        part = ranges[start : start + _RANGES]
        yield or_(false(), *(entry.c.booked_on.between(*each) for each in part))


def list_stated(
    tx: Connection, account_id: int, ranges: Sequence[Range]
) -> Iterator[tuple[Day, StatedEntry, Merged]]:
    """Each stated row of these days, and what it is merged into at present.

    In the order of days, then of statements, then of the rows in the statement.
    """
    query = (
        select(
            *(entry.c[name] for name in ("booked_on", "id", "statement_id", "amount_fen", "n")),
            *(entry.c[name] for name in ("merged_into", "filled", *EntryTexts._fields)),
        )
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(entry.c.account_id == account_id)
        .order_by(
            entry.c.booked_on,
            *(statement.c[name] for name in ("from_day", "to_day", "file_sha256", "n")),
            entry.c.seq,
        )
    )
    for days in _within(ranges):
        for day, key, statement_id, amount, n, into, filled, *texts in tx.execute(
            query.where(days)
        ):
            texts[-1] = texts[-1] or None  # the mark: False tells nothing
            own = EntryTexts(*(None if filled >> i & 1 else value for i, value in enumerate(texts)))
            present = Merged(key, into, n, filled, EntryTexts(*texts))
            yield day, StatedEntry(key, statement_id, amount, n, own), present


def list_placed(tx: Connection, institutions: Collection[int]) -> Iterator[PlacedRow]:
    """All rows of days of which more than one statement of an account of these tells."""
    mine = among(entry.c.institution_id, institutions)
    days = (
        select(entry.c.account_id, entry.c.booked_on)
        .where(mine)
        .group_by(entry.c.account_id, entry.c.booked_on)
        .having(func.min(entry.c.statement_id) != func.max(entry.c.statement_id))
        .subquery()
    )
    is_told = and_(days.c.account_id == entry.c.account_id, days.c.booked_on == entry.c.booked_on)
    query = (
        select(
            *(entry.c[name] for name in ("account_id", "booked_on", "statement_id", "seq")),
            func.coalesce(entry.c.merged_into, entry.c.id),
        )
        .join(days, is_told)
        .where(mine, or_(entry.c.merged_into.is_(None), entry.c.merged_into != entry.c.id))
    )
    return (PlacedRow(*map(int, row)) for row in tx.execute(query))


def set_merged(tx: Connection, rows: Sequence[Merged]) -> None:
    """Store what became of stated rows."""
    if not rows:
        return
    names = ("merged_into", "n", "filled", *EntryTexts._fields)
    values = [
        {"key": row.id, "merged_into_": row.merged_into, "n_": row.n, "filled_": row.filled}
        | {f"{name}_": value for name, value in row.told._asdict().items()}
        | {"reversal_mark_": bool(row.told.reversal_mark)}
        for row in rows
    ]
    tx.execute(
        update(entry)
        .where(entry.c.id == bindparam("key"))
        .values({name: bindparam(f"{name}_") for name in names}),
        values,
    )


def list_totals(tx: Connection, account_id: int) -> list[DayTotal]:
    """The rows of each statement of an account, day by day."""
    return list_totals_of(tx, [account_id]).get(account_id, [])


def list_totals_of(tx: Connection, accounts: Collection[int]) -> dict[int, list[DayTotal]]:
    """By account the rows of each of its statements, day by day."""
    is_filled = entry.c.filled.bitwise_and(1 << EntryTexts._fields.index("booked_time")) > 0
    time = case((is_filled, None), else_=entry.c.booked_time)
    query = (
        select(
            entry.c.account_id,
            entry.c.statement_id,
            entry.c.booked_on,
            _sum(entry.c.amount_fen),
            func.count(),
            func.min(entry.c.amount_fen),
            func.max(entry.c.amount_fen),
            func.sum(case((entry.c.merged_into.is_(None), 1), else_=0)),
            _sum(case((entry.c.merged_into.is_(None), entry.c.amount_fen), else_=0)),
            *(case((func.count(time) == func.count(), end(time))) for end in (func.min, func.max)),
        )
        .where(among(entry.c.account_id, accounts))
        .group_by(entry.c.account_id, entry.c.statement_id, entry.c.booked_on)
    )
    by_account: defaultdict[int, list[DayTotal]] = defaultdict(list)
    for account_id, *row in tx.execute(query):
        by_account[account_id].append(DayTotal._make((*map(int, row[:-2]), *row[-2:])))
    return by_account


def _sum(fen: ColumnElement[int]) -> ColumnElement[int]:
    """As the whole number that it is: PostgreSQL gives a sum of such in digits, slow to read."""
    return cast(func.sum(fen), BigInteger)


def list_contradicted(tx: Connection, account_id: int) -> list[Contradiction]:
    """What only the institution's statements, or only others, tell of days that both cover.

    Within its first and last day: of these a statement may tell a part.
    """
    claimed = (
        select(statement.c.id, statement.c.from_day, statement.c.to_day)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(
            statement.c.account_id == account_id,
            statement.c.status == "accepted",
            word_of_statement() == INSTITUTION,
        )
        .subquery()
    )
    kept, own = entry.alias("kept"), entry.alias("own")
    refuted = (
        select(own.c.statement_id, own.c.booked_on, func.abs(own.c.amount_fen).label("fen"))
        .join(kept, kept.c.id == own.c.merged_into)
        .where(own.c.account_id == account_id, kept.c.merged_into == kept.c.id)
    )
    is_told = exists().where(own.c.merged_into == kept.c.id, own.c.statement_id == claimed.c.id)
    missing = (
        select(claimed.c.id, kept.c.booked_on, func.abs(kept.c.amount_fen))
        .join(kept, kept.c.booked_on.between(claimed.c.from_day + 1, claimed.c.to_day - 1))
        .where(
            kept.c.account_id == account_id,
            kept.c.merged_into.is_(None),
            or_(
                kept.c.statement_id.not_in(select(claimed.c.id)),
                is_confirmed(kept.c.statement_id, kept.c.booked_on),
            ),
            ~is_confirmed(claimed.c.id, kept.c.booked_on),
            ~is_told,
        )
    )
    rows = union_all(refuted, missing).subquery()
    query = select(rows.c.statement_id, func.min(rows.c.booked_on), func.sum(rows.c.fen))
    return [
        Contradiction(*map(int, row)) for row in tx.execute(query.group_by(rows.c.statement_id))
    ]
