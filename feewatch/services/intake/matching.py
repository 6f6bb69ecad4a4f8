"""Brings classification and matching up to date, and tells which money no explanation fits."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.workdays import is_working_day
from feewatch.engine.holidays import Holidays
from feewatch.kernel.aside import HERE, Aside
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, date_of, format_day, parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.garbage import no_collection
from feewatch.kernel.gathering import gather, load_of
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.ledger import channels
from feewatch.ledger.books import Books, Derivation, Derived
from feewatch.ledger.candidates import Candidate, Nearby
from feewatch.ledger.holder import Entry, Kind
from feewatch.ledger.matching import REASONS, derive_tied
from feewatch.services.paging import slice_of
from feewatch.store import state
from feewatch.store.check.checks import list_loads
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_linked
from feewatch.store.intake import matching, successors
from feewatch.store.pages import PageRows
from feewatch.store.pages import matching as pages
from feewatch.store.state import Touched

#: Rows of statements and lessons whose matches are held in memory until they are written: where all
#: differ, a fifth of a second for those who wait to write on a busy machine.
PART_LOAD = 10_000
#: The same where who changed them matches them at once, keeping other writers waiting.
LIGHT_LOAD = 4_000
#: How often institutions that others change meanwhile are matched on a snapshot.
_TRIES = 3
#: Rows a page: each may stand for an institution whose candidates are looked up.
PAGE_SIZE = 20
#: The latest decisions and settlements that a page shows.
LATEST = 50
_NOTHING: Mapping[int, Sequence[Entry]] = {}
#: Books as they are stored, and what follows from them, of institutions that are tied.
_Derived = list[tuple[matching.StoredBooks, Derivation]]


class Unmatched(NamedTuple):
    """A receipt or refund of which money belongs to no contract, and why."""

    uscc: str
    source: matching.EntrySource
    entry: Entry
    kind: Kind
    matched_fen: int
    code: str  # a key of REASONS
    reason: Text
    candidates: list[Candidate]  # the nearest first

    @property
    def unmatched_fen(self) -> int:
        """What is left over, at least 0."""
        return abs(self.entry.amount_fen) - self.matched_fen

    @property
    def subject_id(self) -> str:
        """The entry's identity in alerts and commands."""
        entry, source = self.entry, self.source
        return subject_id(source.account_no, entry.booked_on, entry.amount_fen, source.n)


def subject_id(account_no: str, booked_on: Day, amount_fen: int, n: int) -> str:
    """``account_no/booked_on/amount_fen/n``."""
    return f"{account_no}/{format_day(booked_on)}/{amount_fen}/{n}"


def match_changed(app: App, *, again: Collection[int] = (), aside: Aside = HERE) -> int:
    """Classify and match all institutions whose data changed; how many they were.

    Worked out on a snapshot, so that writers wait no longer than what differs takes to be written.
    One of many rows that changes all the time keeps its mark for the next who matches.

    ``again``: others that are matched anew; the next check does what is not come to. ``aside``:
    where it is worked out.
    """
    if again:
        with app.database.transaction() as tx:
            state.mark_to_derive(tx, again)
    with app.database.reading() as tx:
        changed = {*state.list_to_match(tx), *again}
        groups = [frozenset(group) for group in successors.in_groups(tx, changed)]
        loads = list_loads(tx, changed)
    if changed:
        app.database.take_stock()
    for part in app.database.unhurried(gather(groups, loads, PART_LOAD)):
        with no_collection():
            _match_part(app, part, aside)
    if changed:
        app.database.take_stock()  # matches too are read by what comes next
    return sum(map(len, groups))


def _match_part(app: App, institutions: frozenset[int], aside: Aside) -> None:
    for _ in range(_TRIES):
        marks, derived = aside.do(partial(_derive_part, app, institutions))
        with app.database.transaction() as tx:
            moved = state.list_moved(tx, marks)
            for group, derivations in derived:
                if moved.isdisjoint(group):
                    _write(tx, group, derivations)
            # of those that changed since the snapshot another process may have matched some
            waiting = {*state.list_to_match(tx), *state.list_to_derive(tx)} if moved else moved
        left = [group for group, _ in derived if moved & group and waiting & group]
        institutions = frozenset(chain.from_iterable(left))
        if not left:
            return
    for group in app.database.unhurried(left):
        with app.database.transaction() as tx:
            state.mark_to_match(tx, list_linked(tx, group))  # nobody can change them any more
            match_light(app, tx, group)


def _derive_part(
    app: App, institutions: frozenset[int]
) -> tuple[dict[int, tuple[int, bool]], list[tuple[frozenset[int], _Derived]]]:
    """The marks of institutions, and what follows from their books, by those that are tied."""
    with app.database.reading() as tx:
        groups = successors.in_groups(tx, institutions)
        return state.read_marks(tx, {*chain.from_iterable(groups)}), [
            (frozenset(group), _derive(app, tx, group)) for group in groups
        ]


def match_institutions(app: App, tx: Transaction, institutions: Sequence[int]) -> None:
    """Classify and match these institutions as the transaction has their data.

    ``institutions``: with all that successions tie to them.
    """
    state.list_moved(tx, state.read_marks(tx, institutions))  # waits for who changes them now
    for group in successors.in_groups(tx, institutions):
        _write(tx, group, _derive(app, tx, group))


def match_light(app: App, tx: Transaction, institutions: Collection[int]) -> bool:
    """Whether nothing is left to match of institutions that the transaction has changed.

    Little is matched at once; what would keep other writers waiting is left to ``match_changed``.
    """
    groups = successors.in_groups(tx, institutions)
    tied = frozenset(chain.from_iterable(groups))
    waiting = {key for key, (_, to_match) in state.read_marks(tx, tied).items() if to_match}
    if not waiting:
        return True
    if load_of(tied, list_loads(tx, tied)) > LIGHT_LOAD:
        return False
    for group in groups:
        if not waiting.isdisjoint(group):
            _write(tx, group, _derive(app, tx, group))
    return True


def _derive(app: App, tx: Transaction, group: Sequence[int]) -> _Derived:
    """What follows from the books of institutions that successions tie, in their order."""
    books = load_books(app, tx, group)
    tied = [books[institution_id] for institution_id in group]
    return list(zip(tied, derive_tied([each.books for each in tied]), strict=True))


def _write(
    tx: Transaction,
    group: Collection[int],
    derivations: Iterable[tuple[matching.StoredBooks, Derivation]],
) -> None:
    state.mark_matched(tx, group)
    matching.clear_merged(tx, group)
    for stored, derivation in derivations:
        rewritten = matching.write(tx, stored, derivation)
        if rewritten != matching.Rewritten():
            first, touched = rewritten
            state.touch_from(tx, group, first, touched | Touched.STATEMENTS)


def list_unmatched(app: App, uscc: str | None = None) -> Iterator[Unmatched]:
    """Money that belongs to no contract, institution by institution, in order of booking.

    Raises: NotFoundError for a credit code that is not on the register.
    """
    with app.database.reading() as tx:
        if uscc is not None and not matching.is_registered(tx, uscc):
            raise NotFoundError(
                "INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc} on the register"
            )
        for institution_id, code in matching.list_unmatched(tx, uscc):
            yield from _list_unmatched(app, tx, {institution_id: code})


def list_settlements(app: App, uscc: str | None = None) -> PageRows:
    """Channel lumps that were explained, with the channel's charge, the latest first."""
    with app.database.reading() as tx:
        return pages.list_all_settlements(tx, uscc)


@dataclass(frozen=True, slots=True)
class Desk:
    """One page of unmatched money, and what was decided and settled."""

    rows: Sequence[tuple[str, Unmatched]]  # with the institution's name
    total: int
    number: int
    decisions: PageRows
    settlements: PageRows

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // PAGE_SIZE))


def read_desk(app: App, scope: Scope, uscc: str, number: int) -> Desk:
    """Unmatched money within a scope, of one institution where its credit code is given."""
    with app.database.reading() as tx:
        day, (size, start) = today(), slice_of(number, PAGE_SIZE)
        listed = pages.list_unmatched(tx, scope, day, uscc, limit=size, offset=start)
        codes = {row.institution_id: row.uscc for row in listed}
        shown = {
            each.entry.id: each
            for each in _list_unmatched(app, tx, codes, {row.id for row in listed})
        }
        rows = [(row.name, shown[row.id]) for row in listed if row.id in shown]
        return Desk(
            rows,
            pages.count_unmatched(tx, scope, day, uscc),
            number,
            pages.list_decisions(tx, scope, day, uscc, limit=LATEST),
            pages.list_settlements(tx, scope, day, uscc, limit=LATEST),
        )


def _list_unmatched(
    app: App, tx: Transaction, codes: Mapping[int, str], entries: Collection[int] | None = None
) -> list[Unmatched]:
    """The unmatched receipts and refunds of institutions, of each in order of booking.

    As many statements for many institutions as for one, but for large ones: no more books are held
    at once than a part of matching takes. ``codes``: credit codes, by institution; ``entries``: the
    keys of those asked for; None: all.
    """
    groups = successors.in_groups(tx, codes)
    loads = list_loads(tx, [member for group in groups for member in group])
    asked = [
        each
        for part in gather(map(frozenset, groups), loads, PART_LOAD)
        for each in _list_of_part(
            app, tx, [group for group in groups if part.issuperset(group)], codes, entries
        )
    ]
    sources = matching.sources(tx, [each.entry.id for each in asked])
    return [
        Unmatched(
            each.uscc,
            sources[each.entry.id],
            each.entry,
            each.derived.kind,
            each.derived.matched_fen,
            each.code,
            REASONS[each.code],
            each.candidates,
        )
        for each in asked
    ]


class _LeftOver(NamedTuple):
    """What an unmatched receipt or refund is, before it is known where it stands."""

    uscc: str
    entry: Entry
    derived: Derived
    code: str  # a key of REASONS
    candidates: list[Candidate]


def _list_of_part(
    app: App,
    tx: Transaction,
    groups: Sequence[Sequence[int]],
    codes: Mapping[int, str],
    entries: Collection[int] | None,
) -> list[_LeftOver]:
    """The same of some of them, whose books are let go with it. ``groups``: those that are tied."""
    books = load_books(app, tx, [member for group in groups for member in group])
    return [
        each
        for group in groups
        for each in _list_left_over([books[member] for member in group], codes, entries)
    ]


def _list_left_over(
    tied: Sequence[matching.StoredBooks],
    codes: Mapping[int, str],
    entries: Collection[int] | None,
) -> Iterator[_LeftOver]:
    """The unmatched money of those that have a credit code here, among institutions that are tied.

    ``tied``: in their order.
    """
    derivations = derive_tied([each.books for each in tied])
    for place, (institution_id, books, *_) in enumerate(tied):
        derivation = derivations[place]
        if institution_id not in codes or not derivation.unexplained:
            continue
        others = [*derivations[:place], *derivations[place + 1 :]]
        nearby = Nearby(books, derivation, [m for other in others for m in other.matches])
        for entry, derived in zip(books.entries, derivation.entries, strict=True):
            code = derivation.unexplained.get(entry.id)
            if code is not None and (entries is None or entry.id in entries):
                yield _LeftOver(codes[institution_id], entry, derived, code, nearby.of(entry))


def load_books(
    app: App,
    tx: Transaction,
    institutions: Collection[int],
    first: Mapping[int, Sequence[Entry]] = _NOTHING,
) -> dict[int, matching.StoredBooks]:
    """The books of institutions with all that matching asks for.

    ``first``: the entries to be, of those that have none in the ledger yet.
    """
    path = app.config.matching.channels
    known_channels = channels.load_channels(app.config.resolve(path) if path else channels.SHIPPED)

    def complete(stored: matching.StoredBooks) -> matching.StoredBooks:
        entries = first.get(stored.institution_id) or stored.books.entries
        books = stored.books._replace(entries=entries, channels=known_channels)
        return stored._replace(books=books._replace(days_off=_days_off(books, app.holidays)))

    return {key: complete(stored) for key, stored in matching.load(tx, institutions).items()}


def _days_off(books: Books, holidays: Holidays) -> frozenset[Day]:
    """The days on which channels do not settle, in the years of the entries."""
    if not books.entries or not any(each.channel in channels.NAMES for each in books.contracts):
        return frozenset()
    first, last = books.entries[0].booked_on, books.entries[-1].booked_on
    return _days_off_in(date_of(first).year - 1, date_of(last).year, holidays)


@lru_cache
def _days_off_in(first_year: int, last_year: int, holidays: Holidays) -> frozenset[Day]:
    start, end = parse_day(f"{first_year}-01-01"), parse_day(f"{last_year}-12-31")
    assert start is not None
    assert end is not None
    return frozenset(day for day in range(start, end + 1) if not is_working_day(day, holidays))
