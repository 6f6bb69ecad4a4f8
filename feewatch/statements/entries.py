"""The entries of SWIFT messages: many at once where they are written as nearly every bank does.

A run of plain entries is taken apart by one pattern and read column by column; whatever is out of
the ordinary stays fields, read one by one (``swift.py``), which comes to the same rows and says
what is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise, takewhile
from operator import mul
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.statements.batches import are_stored
from feewatch.statements.columns import Block, Builder, Rows, StatedRow
from feewatch.statements.swift import (
    BLOCK_END,
    NO_REFERENCES,
    SIGNS,
    STRUCTURED,
    TELLING,
    Field,
    SwiftEntry,
    beside,
    days_of,
    entry_of,
    fen_of,
    fields_of,
    reference_of,
    told_by_all,
    unfolded,
)

#: Lines that go on with a field: none that might begin another field or a block.
_MORE = r"(?:\n[^\n:{-][^\n]*)*+"
#: An entry with what describes it, where another entry or a closing balance follows.
_PLAIN = re.compile(
    r"(\n:61:(\d{6}(?:\d{4}| {4})?)(R?[CD])[A-Z]?(\d{1,12}(?:,\d{0,2})?) *+[A-Z][A-Z0-9 ]{3}"
    rf"([^\n/]*+(?:/[^\n/]++)*+)(?://([^\n]*+))?({_MORE})(?:\n:86:([^\n]*+{_MORE}))?)"
    r"(?=\n:6(?:1|2[FM]):)",
    re.ASCII,
)
_STEP = 1 + _PLAIN.groups
_CENTS = re.compile(r"(?:\d+,\d\d\n)*+\d+,\d\d", re.ASCII).fullmatch
#: Fewer entries are no quicker together.
_FEW = 4
#: So much of a text is taken apart at once.
_WINDOW = 1 << 18
_BLOCK = 4096
_ALL = ("", "")
#: Fields that begin a message, and what they look like where they are but a time of day in a memo
#: that was broken over two lines.
_FIRST_TAGS, _LIKE_MINUTES = ("20", "25"), ("20", "21", "25", "28")
_MINUTE = re.compile(r"[0-5][0-9](?![0-9A-Za-z])")
#: So many fields show whether a message begins.
_HEAD = 9
_BOOKED, _AMOUNT = StatedRow._fields.index("booked_on"), StatedRow._fields.index("amount_fen")


class EntryRun(NamedTuple):
    """Entries that follow each other; a field in the place of many."""

    line: int
    tag: str  # of each of them
    block: Block


Part = Field | EntryRun


class Entries:
    """The entries of a message, as they come; those that ``but`` matches are no money and left out.

    What describes an entry stands right behind it.
    """

    def __init__(self, but: re.Pattern[str] | None = None) -> None:
        self._but = but
        self._blocks: list[Block] = []
        self._alone: list[StatedRow] = []
        self._last: SwiftEntry | None = None
        self._texts: list[str] = []  # what describes it

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._blocks or self._alone or self._last)

    def take(self, part: Part, problems: list[Problem]) -> Field | None:
        """Take in entries, or what describes the last one; any other field is given back."""
        if isinstance(part, EntryRun):
            self._settle()
            self._blocks.append(part.block)
        elif part.tag == "61":
            self._finish_last()
            if self._but is None or not self._but.match(part.text):
                self._last = entry_of(part.line, part.text, problems)
        elif part.tag != "86":
            self._finish_last()
            return part
        elif self._last is not None:
            self._texts.append(part.text)
        return None

    def _finish_last(self) -> None:
        """Put the last entry to the others: nothing more describes it."""
        if self._last is not None:
            self._alone.append(self._last.described(self._texts))
        self._last, self._texts = None, []

    def blocks(self) -> Sequence[Block]:
        """All of them."""
        self._settle()
        return self._blocks

    def rows(self) -> Rows:
        """All of them, row by row."""
        return Rows(self.blocks())

    def sum_fen(self) -> int:
        """What they come to."""
        return sum(sum(block[_AMOUNT]) for block in self.blocks())

    def _settle(self) -> None:
        self._finish_last()
        if self._alone:
            self._blocks.append(tuple(map(list, zip(*self._alone, strict=True))))
            self._alone = []


def rows_by_day(blocks: Sequence[Block]) -> Rows:
    """Entries by the day of their booking, those of a day in the order of the file."""
    days = list(chain.from_iterable(block[_BOOKED] for block in blocks))
    if any(a > b for a, b in pairwise(days)):
        blocks = _sorted(blocks, sorted(range(len(days)), key=days.__getitem__))
    rows = Builder()  # a page may hold few
    for block in blocks:
        rows.add(_ALL, block)
    return rows.take(_ALL)


def _sorted(blocks: Sequence[Block], order: Sequence[int]) -> Sequence[Block]:
    whole = [list(chain.from_iterable(parts)) for parts in zip(*blocks, strict=True)]
    parts = (order[start : start + _BLOCK] for start in range(0, len(order), _BLOCK))
    return [tuple([column[at] for at in part] for column in whole) for part in parts]


def messages_of(text: str) -> Iterator[list[Part]]:
    """The parts of each message: it begins with :20:, or where a second account would begin.

    Behind entries, before their message has ended, a line may but look like one of these fields:
    then it goes on with the text before.
    """
    parts = list(parts_of(text))
    current: list[Part] = []
    more: list[str] = []  # lines that go on with the last field
    is_within = False  # behind an entry, and before the end of its message
    for at, part in enumerate(parts):
        if part.tag == BLOCK_END:
            is_within = False
            continue
        if isinstance(part, Field) and part.tag in _LIKE_MINUTES and is_within:
            if _is_text(part) and not _begins(parts[at : at + _HEAD]):
                more.append(f":{part.tag}:{part.text}")
                continue
            is_within = False
        _go_on(current, more)
        if part.tag in _FIRST_TAGS and any(each.tag == part.tag for each in _head(current)):
            yield current
            current = []
        current.append(part)
        is_within = part.tag in ("61", "86") or (is_within and part.tag not in ("62F", "62M"))
    _go_on(current, more)
    if current:
        yield current


def _is_text(field: Field) -> bool:
    """Whether a field in the midst of entries is but a line of a memo: no reference, no account."""
    is_word = field.text.isascii() and len(field.text.split()) == 1
    return field.tag not in _FIRST_TAGS or not is_word or bool(_MINUTE.match(field.text))


def _begins(parts: Sequence[Part]) -> bool:
    """Whether these fields are those with which a message begins."""
    has_account = False
    for part in parts:
        if part.tag in ("61", "86", "62F", "62M", BLOCK_END):
            return False
        has_account |= part.tag in ("25", "25P")
        if has_account and part.tag in ("28", "28C", "60F", "60M", "34F"):
            return True
    return False


def _go_on(current: list[Part], more: list[str]) -> None:
    """Put these lines to the last field, which they go on with."""
    last = current[-1] if current else None
    if more and isinstance(last, Field):
        current[-1] = last._replace(text="\n".join([last.text, *more]))
    more.clear()


def _head(parts: Sequence[Part]) -> Iterator[Part]:
    """The first four fields; a run is of more."""
    return takewhile(lambda part: type(part) is not EntryRun, parts[:4])


def parts_of(text: str) -> Iterator[Part]:
    """The fields of a text in order, runs of plain entries in one.

    Lines of ``text`` end in line feeds alone.
    """
    line = 1
    for window in _windows("\n" + text):
        pieces = _PLAIN.split(window)
        others, columns = pieces[::_STEP], [pieces[n::_STEP] for n in range(1, _STEP)]
        ends = [at for at, other in enumerate(others) if other]
        for start, end in zip([0, *ends], ends, strict=False):
            # no text stands between these entries
            if start < end:
                entries = _Plain(*(column[start:end] for column in columns))
                lines = list(
                    accumulate((each.count("\n") for each in entries.wholes), initial=line)
                )
                yield from _run_or_fields(lines[:-1], entries)
                line = lines[-1]
            yield from fields_of(others[end], line)
            line += others[end].count("\n")


def _windows(text: str) -> Iterator[str]:
    """The text in pieces, each from an entry on."""
    start = 0
    while start < len(text):
        end = text.find("\n:61:", start + _WINDOW)
        end = end if end >= 0 else len(text)
        yield text[start:end]
        start = end


class _Plain(NamedTuple):
    """What the pattern tells of some entries."""

    wholes: list[str]
    stated: list[str]
    marks: list[str]
    amounts: list[str]
    owners: list[str]  # references of the account's owner
    references: list[str | None]  # and of the bank
    below: list[str]
    memos: list[str | None]


def _run_or_fields(lines: list[int], entries: _Plain) -> Iterator[Part]:
    known = {each: days_of(each) for each in set(entries.stated)}
    if len(lines) < _FEW or any(booked is None for _, booked in known.values()):
        yield from fields_of("".join(entries.wholes), lines[0])
        return
    values, booked = zip(*map(known.__getitem__, entries.stated), strict=True)
    nothing = [None] * len(lines)
    memos, parties, numbers = _told(entries)
    yield EntryRun(
        lines[0],
        "61",
        (
            lines, list(booked), nothing, list(values),
            list(map(mul, map(SIGNS.__getitem__, entries.marks), _fens(entries.amounts))),
            nothing, parties, numbers, memos, list(map(reference_of, entries.references)),
            [mark[0] == "R" for mark in entries.marks],
        ),
    )  # fmt: skip


def _fens(amounts: list[str]) -> list[int]:
    text = "\n".join(amounts)
    if _CENTS(text):
        return list(map(int, text.replace(",", "").split("\n")))
    # too short to be too large
    return [fen_of(each) or 0 for each in amounts]


def _told(entries: _Plain) -> tuple[list[str | None], ...]:
    """Memo, counterparty and its account of each entry."""
    lines = [unfolded(memo) if memo else "" for memo in entries.memos]
    if _is_all_in(lines, entries) and are_stored(lines):
        nothing: list[str | None] = [None] * len(lines)
        return [each or None for each in lines], nothing, nothing
    columns = (
        told_by_all([memo] if memo else [], beside(*others))
        for memo, *others in zip(
            entries.memos, entries.owners, entries.references, entries.below, strict=True
        )
    )
    return tuple(map(list, zip(*columns, strict=True)))


def _is_all_in(lines: Sequence[str], entries: _Plain) -> bool:
    """Whether each :86: is free text and the whole memo of its entry."""
    if any(entries.below) or not NO_REFERENCES.issuperset(map(str.strip, set(entries.owners))):
        return False
    banks = "".join(filter(None, entries.references))
    if not banks.isdecimal() and any(TELLING.match(each or "") for each in entries.references):
        return False
    return not any(map(STRUCTURED.match, lines))
