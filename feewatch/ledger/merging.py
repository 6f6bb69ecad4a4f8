"""Which stated rows are one entry, where several statements of an account tell of the same day.

Pure. A day is always merged from all rows stated for it, in the order of the statements' days, so
that the order in which files arrive changes nothing.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count, islice, permutations
from typing import Any, NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.numbering import NoIds

#: Where every reference names one row.
EVERY_ID = NoIds()
#: How much may be tried on one amount of a day: orders of statements times the square of rows.
_MOST_TRIALS = 4_000


class EntryTexts(NamedTuple):
    """What a row tells beside its account, day and amount; None where it does not tell."""

    balance_fen: int | None = None
    counterparty: str | None = None
    counterparty_account: str | None = None
    memo: str | None = None
    reference: str | None = None
    booked_time: str | None = None
    value_on: Day | None = None
    reversal_mark: bool | None = None  # a format without such marks tells nothing


class StatedEntry(NamedTuple):
    """One stated row with what it tells itself, and the number it was given earlier (0: none)."""

    id: int
    statement_id: int
    amount_fen: int
    n: int
    told: EntryTexts


class Merged(NamedTuple):
    """What becomes of a stated row: an entry of the ledger, or part of another row's entry."""

    id: int
    merged_into: int | None
    n: int  # 1, 2 ... among equal (account, day, amount); 0 where merged into another row
    filled: int  # bit i: field i of `told` comes from a row merged into this one
    told: EntryTexts


class Payment:
    """One entry: at most one row of each teller, none contradicting another.

    ``claims``: rows of the institution's own statements that tell of it too; they add nothing.
    """

    def __init__(self) -> None:
        self.members: list[StatedEntry] = []
        self.claims: list[StatedEntry] = []
        self.known = EntryTexts()
        self.n = 0
        self.is_refuted = False  # told by the institution alone, of a day that others tell

    @property
    def all_rows(self) -> list[StatedEntry]:
        """Every row that tells of it."""
        return [*self.members, *self.claims]

    def add(self, row: StatedEntry, texts: EntryTexts) -> None:
        """Take in another teller's row; ``texts`` leaves out a reference that is no id."""
        self.members.append(row)
        self.known = EntryTexts(*map(_better, self.known, texts))

    @property
    def kept(self) -> StatedEntry:
        """The row that stands in the ledger: the least masked, least cut one, else the first."""
        if len(self.members) == 1:
            return self.members[0]
        return min(
            self.members,
            key=lambda row: (
                sum(map(is_masked, row.told)),
                _is_cut(row.told.memo, self.known.memo),
                _is_cut(row.told.counterparty, self.known.counterparty),
            ),
        )

    def rows(self) -> Iterable[Merged]:
        """What becomes of each row; one that is refuted points to itself and is no money."""
        kept, filled = self.kept, 0
        texts: list[Any] = list(kept.told)
        for i, own in enumerate(kept.told):
            for member in self.members if own is None else ():
                texts[i] = _better(texts[i], member.told[i])
            filled |= (texts[i] is not None and own is None) << i
        into = kept.id if self.is_refuted else None
        yield Merged(kept.id, into, self.n, filled, EntryTexts(*texts))
        for member in self.all_rows:
            if member is not kept:
                yield Merged(member.id, kept.id, 0, 0, member.told)


def merge_day(
    tellers: Sequence[Sequence[StatedEntry]],
    no_ids: NoIds = EVERY_ID,
    claims: Sequence[Sequence[StatedEntry]] = (),
    claimed_no_ids: NoIds = EVERY_ID,
    *,
    is_covered: bool = False,
) -> list[Payment]:
    """The entries of one day of one account, those of equal amount in the order of tellers.

    ``tellers``: the rows of each that tells of the day, a statement or parts that chain, in
    canonical order. ``claims``: the same of the institution's own statements, whose rows are held
    against what the others tell; with ``is_covered`` those left over are refuted.
    """
    amounts, claimed = _by_amount(tellers), _by_amount(claims)
    payments: list[Payment] = []
    for amount in dict.fromkeys([*amounts, *claimed]):
        proven = _merge(amounts[amount], _known_by(no_ids))
        alone = _merge(claimed[amount], _known_by(claimed_no_ids))
        for payment in (left := _held_against(proven, alone, _known_by(claimed_no_ids))):
            payment.is_refuted = is_covered
        _number([*proven, *left])
        payments += [*proven, *left]
    return payments


def _by_amount(
    tellers: Sequence[Sequence[StatedEntry]],
) -> defaultdict[int, list[list[StatedEntry]]]:
    amounts: defaultdict[int, list[list[StatedEntry]]] = defaultdict(list)
    for rows in tellers:
        groups: defaultdict[int, list[StatedEntry]] = defaultdict(list)
        for row in rows:
            groups[row.amount_fen].append(row)
        for amount, group in groups.items():
            amounts[amount].append(group)
    return amounts


def _known_by(no_ids: NoIds) -> Callable[[StatedEntry], EntryTexts]:
    """What a row tells by which it may contradict others: a reference only where it is an id."""

    def known_of(row: StatedEntry) -> EntryTexts:
        is_id = not no_ids.holds(row.statement_id, row.told.reference)
        return row.told if is_id else row.told._replace(reference=None)

    return known_of


def _held_against(
    proven: list[Payment], alone: list[Payment], known_of: Callable[[StatedEntry], EntryTexts]
) -> list[Payment]:
    """The payments of the institution's own statements that are none of the proven ones."""
    if not proven or not alone:
        return alone
    told = []
    for payment in proven:
        together = Payment()
        for row in payment.members:
            together.add(row, known_of(row))
        told.append(together.known)
    pairs = _pair([payment.known for payment in alone], told)
    for place, partner in pairs.items():
        proven[partner].claims += alone[place].members
    return [payment for place, payment in enumerate(alone) if place not in pairs]


def _merge(
    tellers: list[list[StatedEntry]], known_of: Callable[[StatedEntry], EntryTexts]
) -> list[Payment]:
    """The payments of one amount: as few as explain every row, since none is to be counted twice.

    Rows that tell little fit more than one payment, and a wrong choice leaves later rows without
    theirs; so those that tell most come first, and other orders are tried while one might do
    better.
    """
    if not tellers:
        return []
    most = max(map(len, tellers))
    payments: list[Payment] = []
    rows = sum(map(len, tellers))
    for order in islice(_orders(tellers), max(1, _MOST_TRIALS // rows**2)):
        tried = _merged_in(order, known_of)
        if not payments or len(tried) < len(payments):
            payments = tried
        if len(payments) == most:
            break
    place = {row.id: i for i, row in enumerate(row for rows in tellers for row in rows)}
    for payment in payments:
        payment.members.sort(key=lambda row: place[row.id])
    payments.sort(key=lambda payment: place[payment.kept.id])
    return payments


def _orders(tellers: list[list[StatedEntry]]) -> Iterator[Sequence[list[StatedEntry]]]:
    if len(tellers) < 3:  # two are paired as well as they can be
        yield tellers
        return
    yield sorted(tellers, key=lambda rows: [-each for each in _told_by_all(rows)])
    yield from permutations(tellers)


def _told_by_all(rows: Sequence[StatedEntry]) -> tuple[int, int]:
    """Of the fields that keep rows apart, how many each row tells, and in how much text."""
    fields, lengths = [], []
    for row in rows:
        told = row.told
        texts = told.counterparty, told.memo
        values = (*texts, told.balance_fen, told.reference)
        fields.append(sum(value is not None for value in values))
        lengths.append(sum(len(text) for text in texts if text))
    return min(fields), min(lengths)


def _merged_in(
    order: Sequence[list[StatedEntry]], known_of: Callable[[StatedEntry], EntryTexts]
) -> list[Payment]:
    payments: list[Payment] = []
    for rows in order:
        texts = [known_of(row) for row in rows]
        partners = _pair(texts, [payment.known for payment in payments])
        for i, row in enumerate(rows):
            if i not in partners:
                payments.append(Payment())
            payments[partners.get(i, -1)].add(row, texts[i])
    return payments


def _number(payments: list[Payment]) -> None:
    """Number the payments of one amount; a number once given stays with its payment.

    Rows that are paired anew may leave a number without payment and a payment without number: the
    least free ones are given first, so that the numbers are those of any other order of arrival.
    """
    for payment in payments:
        payment.n = min((row.n for row in payment.all_rows if row.n), default=0)
    given = {payment.n for payment in payments}
    free = (n for n in count(1) if n not in given)
    for payment in payments:
        payment.n = payment.n or next(free)


def _pair(rows: list[EntryTexts], known: list[EntryTexts]) -> dict[int, int]:
    """Row -> payment, one to one: as many pairs as possible, the likest ones first."""
    pairs = _equal_pairs(rows, known)
    left_rows = [i for i in range(len(rows)) if i not in pairs]
    taken = {payment: row for row, payment in pairs.items()}
    left_known = [j for j in range(len(known)) if j not in taken]
    if not left_rows or not left_known:
        return pairs
    likeness = {
        (i, j): _likeness(rows[i], known[j])
        for i in left_rows
        for j in left_known
        if agree(rows[i], known[j])
    }
    for i, j in sorted(likeness, key=lambda edge: (-likeness[edge], edge)):
        if i not in pairs and j not in taken:
            pairs[i], taken[j] = j, i
    for i in left_rows:
        if i not in pairs:
            _make_room(i, lambda row: _fitting(rows[row], known), pairs, taken)
    return pairs


def _fitting(row: EntryTexts, known: list[EntryTexts]) -> list[int]:
    return [j for j, each in enumerate(known) if agree(row, each)]


def _equal_pairs(rows: list[EntryTexts], known: list[EntryTexts]) -> dict[int, int]:
    free: defaultdict[EntryTexts, deque[int]] = defaultdict(deque)
    for j, texts in enumerate(known):
        free[texts].append(j)
    return {i: free[row].popleft() for i, row in enumerate(rows) if free.get(row)}


def _make_room(
    start: int,
    fitting: Callable[[int], list[int]],
    pairs: dict[int, int],
    taken: dict[int, int],
) -> None:
    """Pair one more row by re-pairing others, where that is possible (an augmenting path)."""
    reached_from: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        row = waiting.popleft()
        for payment in fitting(row):
            if payment in reached_from:
                continue
            reached_from[payment] = row
            if payment in taken:
                waiting.append(taken[payment])
                continue
            while payment >= 0:
                row = reached_from[payment]
                taken[payment] = row
                payment, pairs[row] = pairs.get(row, -1), payment
            return


def agree(row: EntryTexts, known: EntryTexts) -> bool:
    """Whether no field that both carry contradicts: balance, counterparty, memo, reference."""
    return (
        _same(row.balance_fen, known.balance_fen)
        and _same(row.reference, known.reference)
        and fits(row.memo, known.memo)
        and fits(row.counterparty, known.counterparty)
    )


def _same(a: object, b: object) -> bool:
    return a is None or b is None or a == b


def _likeness(row: EntryTexts, known: EntryTexts) -> int:
    return sum(a is not None and a == b for a, b in zip(row, known, strict=True))


def is_masked(text: object) -> bool:
    """Whether part of a text is starred out."""
    return isinstance(text, str) and "*" in text


def _better(mine: Any, other: Any) -> Any:
    """The one of two values of a field that tells more; mine where neither does."""
    if mine is None or other is None:
        return other if mine is None else mine
    if is_masked(mine) or is_masked(other):
        return other if is_masked(mine) and not is_masked(other) else mine
    return other if _is_cut(mine, other) else mine


def _is_cut(mine: Any, other: Any) -> bool:
    """Whether a text is a part of another one, stars apart."""
    if not isinstance(mine, str) or not isinstance(other, str) or len(mine) >= len(other):
        return False
    return _plain(mine) != _plain(other) and _plain(mine) in _plain(other)


def fits(a: str | None, b: str | None) -> bool:
    """Whether two texts may be the same, spaces and case apart: one may be a part of the other.

    Banks cut texts short and put more than one field together; stars hide what they may.

    >>> fits("6226******5669", "6226000012345669"), fits("王*明", "李小明")
    (True, False)
    >>> fits("启明培训", "启明培训中心"), fits("转账 学费 HT1", "学费HT1"), fits("学费", "书费")
    (True, True, False)
    """
    if a is None or b is None or a == b:
        return True
    a, b = _plain(a), _plain(b)
    if "*" not in a + b:
        return a in b or b in a
    if "*" in a and "*" in b:
        return _visible_ends_fit(a, b)
    return _can_hide(b, a) if "*" in b else _can_hide(a, b)


def _can_hide(masked: str, full: str) -> bool:
    """Whether each run of stars can stand for one character or more.

    The first place where a part fits leaves the most to those behind it, so that no other need be
    tried; a pattern would try them all.
    """
    head, *parts, tail = re.split(r"\*+", masked)
    if not full.startswith(head):
        return False
    at = len(head)
    for part in parts:
        start = full.find(part, at + 1)
        if start < 0:
            return False
        at = start + len(part)
    return full.endswith(tail) and at < len(full) - len(tail)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _visible_ends_fit(a: str, b: str) -> bool:
    head = min(a.index("*"), b.index("*"))
    tail = min(a[::-1].index("*"), b[::-1].index("*"))
    return a[:head] == b[:head] and a[::-1][:tail] == b[::-1][:tail]
