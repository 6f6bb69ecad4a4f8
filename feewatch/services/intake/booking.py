"""Books accepted statements into the ledger of their account, with all that is derived from it."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, repeat

from feewatch.bootstrap import App
from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.ledger import days
from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.first_days import FirstDays, PlacedRows, tell_apart, totals_of
from feewatch.ledger.holder import Kind, first_kinds
from feewatch.ledger.holder import LedgerAccount as LedgerAccount
from feewatch.ledger.matching import derive
from feewatch.ledger.parts import cut
from feewatch.ledger.recomputation import all_links
from feewatch.ledger.words import Told, by_words, is_proven
from feewatch.services.intake.combining import SharedDays, merge, merge_again, read_no_ids
from feewatch.services.intake.first_entries import FirstEntries
from feewatch.services.intake.matching import load_books
from feewatch.statements.columns import Rows
from feewatch.statements.model import Statement
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_linked
from feewatch.store.intake import account_days, ledger, matching, words
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.state import Touched, mark_matched, touch_from

#: Statements just accepted, by the keys they are stored under.
Accepted = Sequence[tuple[int, Statement]]
#: A statement with rows among the first ones of an institution.
FirstStatement = tuple[AccountOnFile, PlacedRows]


def book(app: App, tx: Transaction, accepted: Mapping[AccountOnFile, Accepted]) -> Counter[int]:
    """Add the rows of statements just accepted for one institution: key -> entries new by it.

    The first ones of an institution are classified and matched before they are written, so that
    each row is written once, unless rows of two may be one entry; those of an institution with a
    history are left to be matched.
    """
    spans = {account: ledger.list_spans(tx, account.id) for account in accepted}
    shared = {
        account: _list_shared(tx, account, accepted[account], spans[account])
        for account in accepted
    }
    (institution_id,) = {account.institution_id for account in accepted}
    first = None if ledger.has_entries(tx, institution_id) else _list_first(accepted, spans)
    first_days = None if first is None else _first_days(first, spans, shared)
    totals: dict[AccountOnFile, list[DayTotal] | None] = {}
    if first is not None and first_days is not None:
        totals = {account: _totals_of(statements) for account, statements in accepted.items()}
        new = _book_first(app, tx, institution_id, first, first_days)
        touched_from, touched = FIRST_DAY, Touched.MATCHES
        if list_linked(tx, [institution_id]) == {institution_id}:
            mark_matched(tx, [institution_id])
    else:
        new, touched = Counter(), Touched.NOTHING
        for account, statements in accepted.items():
            new.update(_book_more(tx, account, statements, spans[account], shared[account]))
        touched_from = min(
            _first_told(accepted[account], spans[account], shared[account]) for account in accepted
        )
    put = [_put_days(tx, account, spans[account], totals.get(account)) for account in accepted]
    if not all(is_proven(span) for of in spans.values() for span in of):
        touched = Touched.MATCHES  # the same matches may be proven now
    touch_from(tx, [institution_id], min(touched_from, *put), touched)
    return new


def _first_told(accepted: Accepted, spans: Sequence[Span], shared: SharedDays) -> Day:
    """The first day of which these statements tell, or whose rows are merged again with theirs."""
    mine = {key for key, _ in accepted}
    covered = (span.from_day for span in spans if span.id in mine)
    rows = (day for _, statement in accepted for day in statement.rows.days())
    first: Day = min(chain(covered, rows, (start for start, _ in shared.all)))
    return first


def book_again(tx: Transaction, account: AccountOnFile) -> None:
    """Bring an account up to date after the word of one of its statements came to count otherwise.

    The rows stay; what is merged into what, and all that is derived from the days, may change.
    """
    spans = ledger.list_spans(tx, account.id)
    ranges = days.told_ranges(spans, ledger.list_outside(tx, account.id))
    if shared := days.shared_ranges(ranges):
        merge_again(tx, account.id, spans, shared)
    _put_days(tx, account, spans)


def _totals_of(statements: Accepted) -> list[DayTotal] | None:
    """The days of an account's only statements with rows, none of which merges with another.

    None where they have to be asked of the database, which puts them in order.
    """
    if not all(statement.rows.is_forward() for _, statement in statements):
        return None
    return list(chain.from_iterable(totals_of(key, each.rows) for key, each in statements))


def _put_days(
    tx: Transaction,
    account: AccountOnFile,
    spans: Sequence[Span],
    totals: Sequence[DayTotal] | None = None,
) -> Day:
    """What statements say of the days of an account, and what of it without the institution's.

    ``totals``: its rows by day, where they are known. Gives the first day of which that changes
    anything.
    """
    told = Told(spans, ledger.list_totals(tx, account.id) if totals is None else totals)
    parts = cut(*told, words.list_confirmed(tx, account.id))
    closings = parts.closings(parts.told)
    links = all_links(*told, closings)
    proven = parts.told.proven
    if parts.told.is_mixed:
        contradicted = ledger.list_contradicted(tx, account.id)
        links = parts.links(days.with_contradictions(links, contradicted, proven.spans))
    first = min(
        account_days.put_closings(tx, account, closings),
        account_days.put_coverage(tx, account, days.covered_ranges(spans)),
        account_days.put_links(tx, account, links),
        account_days.put_words(tx, account, by_words(parts.told.spans)),
    )
    if len(proven.spans) == len(parts.told.spans):
        account_days.put_proven(tx, account, (), ())
    else:
        proven_links = parts.links(all_links(*proven, days.closings(*proven)))
        account_days.put_proven(tx, account, days.covered_ranges(proven.spans), proven_links)
    return first


def _list_shared(
    tx: Transaction, account: AccountOnFile, accepted: Accepted, spans: Sequence[Span]
) -> SharedDays:
    added = dict(accepted)
    mine = [span for span in spans if span.id in added]
    outside = [
        days.OutsideDay(span.id, day)
        for span in mine
        for day in added[span.id].rows.days()
        if not span.from_day <= day <= span.to_day
    ]
    ranges = days.told_ranges(spans, [*ledger.list_outside(tx, account.id), *outside])
    shared = days.shared_ranges(ranges)
    told_by_mine = days.join_ranges(days.told_ranges(mine, outside))
    return SharedDays(shared, days.common_ranges(shared, told_by_mine))


def _list_first(
    accepted: Mapping[AccountOnFile, Accepted], spans: Mapping[AccountOnFile, Sequence[Span]]
) -> list[FirstStatement]:
    """The statements with rows, in canonical order."""
    rows_of = {
        key: (account, each.rows)
        for account, statements in accepted.items()
        for key, each in statements
        if each.rows
    }
    listed, place = [], 0
    for span in sorted(chain.from_iterable(spans.values())):
        if span.id in rows_of:
            account, rows = rows_of[span.id]
            listed.append((account, PlacedRows(span.id, rows, place)))
            place += len(rows)
    return listed


def _first_days(
    first: Sequence[FirstStatement],
    spans: Mapping[AccountOnFile, Sequence[Span]],
    shared: Mapping[AccountOnFile, SharedDays],
) -> FirstDays | None:
    """The days of all accounts that several statements tell; None where rows may be one entry."""
    numbers: dict[int, int] = {}
    orders: dict[tuple[int, Day], Sequence[int]] = {}
    for account in (each for each, of_account in shared.items() if of_account.all):
        mine = [rows for of, rows in first if of == account]
        told = tell_apart(account.id, spans[account], mine)
        if told is None:
            return None
        numbers |= told.numbers
        orders |= told.orders
    return FirstDays(numbers, orders)


def _book_first(
    app: App,
    tx: Transaction,
    institution_id: int,
    first: Sequence[FirstStatement],
    first_days: FirstDays,
) -> Counter[int]:
    """Add rows that no other one merges with, just as derivation leaves them."""
    new = Counter({key: len(rows) for _, (key, rows, _) in first})
    ids = ledger.reserve_ids(tx, new.total())
    orders = {of: [ids[at] for at in order] for of, order in first_days.orders.items()}
    entries = FirstEntries([(account, rows) for account, (_, rows, _) in first], ids, orders)
    books = load_books(app, tx, [institution_id], {institution_id: entries})[institution_id].books
    derivation = derive(books)
    derived = [iter(column) for column in derivation.entries.by_key()]
    for account, (key, rows, place) in first:
        numbers = _number(rows, ())
        if told := first_days.numbers:
            numbers = (told.get(at, n) for at, n in enumerate(numbers, place))
        ledger.add_rows(tx, account, key, rows, numbers, derived)
    matching.set_reversed(tx, derivation.entries.reverses)
    matching.add_matches(tx, institution_id, derivation.matches)
    return new


def _book_more(
    tx: Transaction,
    account: AccountOnFile,
    statements: Accepted,
    spans: Sequence[Span],
    shared: SharedDays,
) -> Counter[int]:
    """Days that no other statement covers need no merging; the others are merged afresh."""
    known = read_no_ids(tx, account.id, spans) if shared.all else None
    new: Counter[int] = Counter()
    for key, statement in statements:
        numbers = array("q", _number(statement.rows, shared.all))
        ids = ledger.reserve_ids(tx, len(numbers))
        kinds = _kinds(account, statement.rows, numbers)
        ledger.add_rows(tx, account, key, statement.rows, numbers, (ids, kinds, repeat(0)))
        new[key] = len(numbers) - numbers.count(0)
    if known is not None:
        added = {key for key, _ in statements}
        new.update(merge(tx, account.id, spans, shared, added, known))
    return new


def _number(rows: Rows, shared: Sequence[days.Range]) -> Iterator[int]:
    """For each row its place among the equal ones of its day; 0 where the day is to be merged."""

    @cache
    def is_shared(day: Day) -> bool:
        return any(start <= day <= end for start, end in shared)

    is_forward = rows.is_forward()
    of_days: defaultdict[Day, dict[int, int]] = defaultdict(dict)
    last, equal = None, of_days[0]
    for booked, amounts in rows.columns("booked_on", "amount_fen"):
        for day, fen in zip(booked, amounts, strict=True):
            if day != last:
                if is_forward:
                    of_days.clear()  # an earlier day does not come back
                last, equal = day, of_days[day]
            equal[fen] = n = 0 if shared and is_shared(day) else equal.get(fen, 0) + 1
            yield n


def _kinds(account: AccountOnFile, rows: Rows, numbers: Iterable[int]) -> Iterator[Kind | None]:
    """What the rows are by themselves, so that matching need correct few; None: to be merged."""
    alone = first_kinds(
        LedgerAccount(account.id, account.account_no, account.kind),
        zip(rows.column("amount_fen"), rows.column("memo"), strict=True),
    )
    return (kind if n else None for kind, n in zip(alone, numbers, strict=True))
