"""What SWIFT statement messages share: fields, messages of a text, entries and what they tell."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, parse_day
from feewatch.kernel.money import MAX_FEN
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.cells import shown
from feewatch.statements.columns import StatedRow
from feewatch.statements.memos import joined, once, parted, spaced, stored, unmarked

#: Only known fields: a memo's own line may well begin with something like ``:26:37``.
_TAG = r"(20|21|13D|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS):"
#: Where a field begins, or a block ends or begins.
_MARK = re.compile(rf"\n(?::{_TAG}|-\}}|\{{1:|-[^\S\n]*(?=\n|\Z))")
#: An amount without its comma is whole: had the comma been lost, the balances would not tie.
_ENTRY = re.compile(
    r"(\d{6}(?:\d{4}| {4})?)(R?[CD])[A-Z]?(\d{1,18}(?:,\d{0,2})?) *[A-Z][A-Z0-9 ]{3}"
    r"([^\n/]*+(?:/[^\n/]++)*+)(?://([^\n]*+))?[^\n]*+(?:\n(.*))?",
    re.DOTALL | re.ASCII,
)
_NOTHING = ("",) * 6
#: RC takes a credit back and so leaves the account; RD gives a debit back.
SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
#: Structured text begins with a code of three digits and a separator, or with a subfield.
STRUCTURED = re.compile(r"(?:[0-9]{3}([?<>~])|(\?))(?=[0-9]{2})")
_MARKS = {each: re.compile(f"{re.escape(each)}([0-9]{{2}})") for each in "?<>~"}
#: So many characters fill a line, and a subfield; what follows a full one goes on with it.
_LINE, _SUBLINE = 65, 27
#: The entry day lies so near the value day that the year between them is never in doubt.
_NEAR_DAYS = 180
_LAST_PAGE = 10**8 - 1
#: Words that stand where a bank has no reference of its own.
NO_REFERENCES = {"NONREF", "NOREF", "NOTPROVIDED", ""}
#: A bank's number of this form may name what a payment is for; others count or name the row.
TELLING = re.compile(r"(?=[^\n]*[^\W\d_])(?:[^\n0-9]*[0-9]){6}")
#: The end of a block among the fields of a text.
BLOCK_END = "-"


def has_tag(text: str, *tags: str) -> bool:
    """Whether a text holds a field of one of these tags."""
    # a plain search first: a pattern alone would stop at every colon
    present = [tag for tag in tags if f":{tag}:" in text]
    return bool(present) and bool(re.search(rf":(?<![^\n\r]:)(?:{'|'.join(present)}):", text))


class Field(NamedTuple):
    """One field of a message; ``text`` may be of several lines."""

    line: int
    tag: str
    text: str


def fields_of(text: str, line: int) -> Iterator[Field]:
    """Fields in order, and ends of blocks; a line without a tag goes on with the field before it.

    ``text`` is of lines that begin, not end, in line feeds, the first of them being ``line``.
    """
    start = counted = number = 0
    tag = ""
    for mark in _MARK.finditer(text):
        if tag:
            yield Field(number, tag, text[start : mark.start()].rstrip("\n"))
        end, start = mark.span()
        line += text.count("\n", counted, end)
        counted, number, tag = end, line, mark[1] or ""
        if not tag:
            yield Field(line, BLOCK_END, "")
    if tag:
        yield Field(number, tag, text[start:].rstrip("\n"))


def account_of(text: str) -> str:
    """The number of ``BANK/NUMBER``, without the currency that some banks put behind it."""
    number = normalise(text.partition("\n")[0]).replace(" ", "")
    return re.sub(r"(?<=\d)/?[A-Z]{3}$", "", number).rpartition("/")[2]


def place_of(text: str) -> tuple[str, int | None]:
    """The number of a statement and that of its page, where ``12/1`` tells one."""
    number, _, page = text.strip().partition("/")
    return number, read_whole(page, _LAST_PAGE)


def swift_problem(code: str, line: int, zh: str, en: str) -> Problem:
    """A fault of a line, in both languages."""
    return Problem(code, Text(zh, en), line=line)


def fen_of(text: str) -> int | None:
    """Fen of ``1234,5``; None where no sum of this size can be meant."""
    whole, _, cents = text.partition(",")
    fen = int(whole + cents.ljust(2, "0"))
    return fen if fen <= MAX_FEN else None


@lru_cache(maxsize=4096)
def short_day(text: str) -> Day | None:
    """The day of YYMMDD; two-digit years up to 79 are 20YY, as SWIFT has it."""
    century = "20" if int(text[:2]) < 80 else "19"
    return parse_day(f"{century}{text[:2]}-{text[2:4]}-{text[4:]}")


@lru_cache(maxsize=4096)
def _entry_day(value: Day, entry: str) -> Day | None:
    """The day of MMDD nearest to the value day: the year is not stated and may turn between."""
    year = date_of(value).year
    days = (parse_day(f"{each}-{entry[:2]}-{entry[2:]}") for each in (year - 1, year, year + 1))
    known = [day for day in days if day is not None]
    nearest = min(known, key=lambda day: abs(day - value), default=None)
    return nearest if nearest is not None and abs(nearest - value) <= _NEAR_DAYS else None


def _interest_day(text: str) -> Day | None:
    """The last of February for its 30th, which banks know that reckon months of 30 days."""
    return short_day(f"{text[:2]}0228") if text[2:] == "0230" else None


@lru_cache(maxsize=4096)
def days_of(stated: str) -> tuple[Day | None, Day | None]:
    """Value day and booking day of ``YYMMDD`` or ``YYMMDDMMDD``; None for what is no day."""
    value, entry = short_day(stated[:6]), stated[6:].strip()
    near = value or _interest_day(stated[:6])
    return value, _entry_day(near, entry) if near and entry else value


def reference_of(text: str | None) -> str | None:
    """The bank's own reference, where what is told is one."""
    reference = (text or "").strip()
    return None if reference.upper() in NO_REFERENCES else reference


class SwiftEntry(NamedTuple):
    """An entry as far as its :61: tells: the row, and the texts there that belong to its memo."""

    row: StatedRow
    beside: tuple[str, ...]

    def described(self, texts: Sequence[str]) -> StatedRow:
        """The row with what each :86: behind it tells."""
        memo, party, number = told_by_all(texts, self.beside)
        return self.row._replace(memo=memo, counterparty=party, counterparty_account=number)


def entry_of(line: int, text: str, problems: list[Problem]) -> SwiftEntry | None:
    """The entry of a :61:, or None with its fault noted."""
    match = _ENTRY.fullmatch(text)
    stated, mark, amount, owner, bank, below = match.groups() if match else _NOTHING
    value, booked = days_of(stated) if stated else (None, None)
    fen = fen_of(amount) if amount else None
    if booked is None or fen is None:
        shown_text = shown(text.partition("\n")[0])
        zh, en = f":61: 明细无法读取：{shown_text}", f":61: is no entry: {shown_text}"
        problems.append(swift_problem("MT940-ENTRY", line, zh, en))
        return None
    row = StatedRow(
        line, booked, None, value, SIGNS[mark] * fen, None, None, None, None,
        reference_of(bank), mark[0] == "R",
    )  # fmt: skip
    return SwiftEntry(row, beside(owner, bank, below))


def beside(owner: str | None, bank: str | None, below: str | None) -> tuple[str, ...]:
    """What a :61: tells of the purpose: the text below it, then the references of both sides."""
    references = [reference_of(owner), reference_of(bank)]
    if references[1] and not TELLING.match(references[1]):
        references[1] = None
    return tuple(each for each in (unfolded(below or ""), *references) if each)


def told_by_all(
    texts: Sequence[str], others: Sequence[str]
) -> tuple[str | None, str | None, str | None]:
    """Memo, counterparty and its account of all the texts of an entry, each told once."""
    if len(texts) == 1 and not others:
        return told_by(texts[0])
    memos: list[str] = []
    party = number = None
    for text in texts:
        memo, its_party, its_number = told_by(text)
        memos.append(memo or "")
        party, number = party or its_party, number or its_number
    memo = parted(once([*memos, *map(normalise, others)]))
    return spaced(memo) or None, party, number


def unfolded(text: str, most: int = _LINE) -> str:
    """A text of several lines as one: a space parts two lines unless the first is full."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    return joined(lines, most)


def told_by(text: str) -> tuple[str | None, str | None, str | None]:
    """Memo, counterparty and its account; structured text is taken apart into its subfields."""
    whole = unfolded(text)
    start = STRUCTURED.match(whole)
    subfields = _subfields(whole, start) if start else []
    if not subfields:
        return stored(whole), None, None
    values: dict[str, list[str]] = {"memo": [], "counterparty": [], "counterparty_account": []}
    for code, value in subfields:
        if code in _SUBFIELD_MEANS:
            values[_SUBFIELD_MEANS[code]].append(value)
    # the bank's own word for the kind of payment comes first
    kinds = [value for code, value in subfields if code == _KIND]
    memo = " ".join([*kinds, joined(values["memo"], _SUBLINE)])
    others = ("".join(values[name]) for name in ("counterparty", "counterparty_account"))
    party, number = (normalise(unmarked(each)) or None for each in others)
    return stored(memo), party, number


def _subfields(text: str, start: re.Match[str]) -> list[tuple[str, str]]:
    """Code and value of each subfield; none, where a text only begins like one.

    Codes ascend: a separator before other digits is a character of the text.
    """
    marks: list[tuple[str, int, int]] = []
    separator = start[1] or start[2]
    for mark in _MARKS[separator].finditer(text):
        if mark[1] in _CODES and (not marks or mark[1] > marks[-1][0]):
            marks.append((mark[1], mark.start(), mark.end()))
    if not marks or marks[0][1] >= start.end() or (start[2] and len(marks) < 2):
        return []
    ends = [*(begin for _, begin, _ in marks[1:]), len(text)]
    return [
        (code, text[value:end].rstrip()) for (code, _, value), end in zip(marks, ends, strict=True)
    ]


_KIND = "00"
_SUBFIELD_MEANS = {
    **dict.fromkeys([f"{n}" for n in (*range(20, 30), *range(60, 64))], "memo"),
    "31": "counterparty_account",
    "32": "counterparty",
    "33": "counterparty",
}
#: Those, and ones that tell nothing of a payment: numbers of the bank's own, the other bank.
_CODES = {*_SUBFIELD_MEANS, _KIND, "10", "30", "34", "35"}
