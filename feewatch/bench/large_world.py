"""A large world for benchmarks: thousands of schools with registers, statements and ledgers.

Deterministic by seed. Rows go straight into the tables, as booking and the registers would have
written them; what is derived from entries (kinds, matches) is left to matching itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Any, NamedTuple

from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, add_months, date_of
from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.days import closings, covered_ranges, links
from feewatch.ledger.words import by_words
from feewatch.registry.records import Contract

#: District, and what a lesson costs there where there is a guided price for a class of 20.
PLACES = (
    ("370702", 26_00), ("370704", 26_00), ("370724", 26_00), ("370725", 26_00), ("370781", 26_00),
    ("370782", 26_00), ("370783", 26_00), ("370784", 26_00), ("370602", 31_00), ("371002", 30_00),
    ("110105", 60_00), ("110108", 60_00), ("310104", 60_00), ("320102", 40_00), ("320205", 40_00),
    ("330302", 45_00), ("440303", 50_00), ("440304", 50_00), ("510104", 45_00), ("460105", 40_00),
)  # fmt: skip
_CUSTODY = ("bank_custody",) * 6 + ("risk_deposit",) * 2 + ("both",) * 2
_SUBJECTS = ("academic", "academic", "arts", "arts", "arts", "sports", "sports", "science", "other")
_AT = "2026-07-31T20:00:00+08:00"
_MEMOS = ("学费 {no}", "{no} 培训费", "缴费{no}全款", "合同 {no} 学费")
_OPENING_FEN = 200_000_00
#: Of so many schools one has what is seldom, or seldom indeed; of so many contracts one is a
#: renewal, and one more is of the student before it.
_SELDOM, _RARE, _RETURNS = 10, 40, 20
_MINIMUM_FEN = 100_000_00
_YEAR = 365

COLUMNS = {
    "institution": ("id", "uscc"),
    "institution_fact": (
        "institution_id", "valid_from", "valid_to", "name", "district", "subject", "nature",
        "custody", "licence_no", "licence_until", "legal_representative",
    ),
    "account": (
        "id", "account_no", "institution_id", "bank", "kind", "opened_on", "statement_cycle",
        "imported_on", "minimum_balance_fen",
    ),
    "course": (
        "institution_id", "course_id", "title", "discipline", "stage", "mode", "class_size",
        "lesson_minutes", "lessons", "price_per_lesson_fen", "starts_on", "ends_on",
    ),
    "contract": (
        "id", "institution_id", "contract_no", "course_id", "student", "basis", "lessons",
        "gift_lessons", "starts_on", "ends_on", "fee_fen", "paid_on", "renews", "channel",
        "payment", "total_lessons", "span_months", "lead_months", "lead_months_up",
    ),
    "lesson": (
        "contract_id", "institution_id", "held_on", "lessons", "confirmed_on", "confirmed_by",
    ),
    "refund_request": (
        "id", "institution_id", "contract_id", "refund_no", "requested_on", "amount_fen", "cause",
    ),
    "coverage": ("institution_id", "register", "from_day", "to_day", "declared", "told_by"),
    "source_file": (
        "sha256", "name", "size", "received_at", "channel", "actor", "provenance", "status",
        "dialect", "problems",
    ),
    "statement": (
        "id", "file_sha256", "n", "account_no", "account_id", "institution_id", "currency",
        "from_day", "to_day", "opening_fen", "closing_fen", "entries", "status", "reason",
        "problems", "recorded_at",
    ),
    "entry": (
        "id", "account_id", "institution_id", "statement_id", "line", "seq", "booked_on",
        "amount_fen", "balance_fen", "counterparty", "counterparty_account", "memo", "reference",
        "reversal_mark", "filled", "n", "matched_fen",
    ),
    "account_day": (
        "account_id", "institution_id", "day", "closing_fen", "entries", "statement_id",
    ),
    "account_coverage": ("account_id", "institution_id", "from_day", "to_day"),
    "statement_link": (
        "account_id", "institution_id", "statement_id", "previous_id", "on_day", "missing_days",
        "difference_fen", "contradicted_fen",
    ),
    "told_days": ("account_id", "institution_id", "word", "from_day", "to_day"),
    "institution_state": ("institution_id", "to_match", "to_check", "rule_book"),
}  # fmt: skip
Rows = defaultdict[str, list[tuple[Any, ...]]]


class Size(NamedTuple):
    """How large a world is; a longer history has more of everything but institutions."""

    institutions: int
    contracts: int  # of an institution
    entries: int  # of an institution's fee account
    days: int  # from the first statement to as-of

    @classmethod
    def of_entries(cls, entries: int, institutions: int) -> "Size":
        """As many entries in all: a year for 500 an institution, more or fewer days else."""
        each = max(entries // institutions, 10)
        return cls(institutions, max(each // 5, 2), each, max(each * _YEAR // 500, 30))


class _Ids:
    """Keys given out in order, so that rows of one school lie together as in a real database."""

    def __init__(self) -> None:
        names = ("account", "contract", "refund_request", "statement", "entry")
        self._counts = {name: count(1) for name in names}

    def next(self, table: str) -> int:
        return next(self._counts[table])


def list_schools(
    size: Size,
    last_day: Day,
    *,
    checked_by: str | None = None,
    seed: int = 7,
    places: Sequence[tuple[str, int]] = PLACES,
) -> Iterator[Rows]:
    """The rows of each school by table, in the columns of ``COLUMNS``.

    ``checked_by``: the rule book by which all were checked already; None: all are to be matched
    and checked. ``places``: districts in which they lie by turns, with their guided prices.
    """
    ids = _Ids()
    for number in range(1, size.institutions + 1):
        rng = Random(f"{seed}/{number}")  # noqa: S311 - no secret is made of it
        place = places[number % len(places)]
        yield _School(rng, ids, number, size, last_day, checked_by, place).write()


def fee_account_no(institution: int) -> str:
    """The number of a school's fee account."""
    return f"6222{institution:013d}"


class _Money(NamedTuple):
    """A row of a statement to be: in > 0."""

    day: Day
    amount_fen: int
    who: str | None
    account: str | None
    memo: str | None


class _School:
    """One school, its year told from its contracts."""

    def __init__(
        self,
        rng: Random,
        ids: _Ids,
        number: int,
        size: Size,
        last_day: Day,
        checked_by: str | None,
        place: tuple[str, int],
    ) -> None:
        self._checked_by = checked_by
        self._rng, self._ids, self._number, self._size = rng, ids, number, size
        self._last, self._first = last_day, last_day - size.days + 1
        self._rows: Rows = defaultdict(list)
        self._district, self._guided_fen = place
        self._subject = rng.choice(_SUBJECTS)
        self._custody = rng.choice(_CUSTODY)
        self._name = f"第{number}培训学校"
        self._settlement_no = f"6333{number:013d}"
        self._money: list[_Money] = []
        self._consumed: Counter[Day] = Counter()

    def write(self) -> Rows:
        """All rows of the school."""
        self._register()
        courses = self._courses()
        days = sorted(
            self._rng.randrange(self._first, self._last) for _ in range(self._size.contracts)
        )
        for place, paid_on in enumerate(days, 1):
            self._contract(place, paid_on, *self._rng.choice(courses))
        self._release()
        number = fee_account_no(self._number)
        self._statements(self._account("fee", number), number, self._money)
        if self._custody != "bank_custody":
            number = f"6111{self._number:013d}"
            self._statements(self._account("deposit", number), number, self._of_deposit())
        self._account("settlement", self._settlement_no)
        if self._number % _RARE == 0:
            self._of_nobody()
        return self._rows

    def _register(self) -> None:
        body = f"52{self._district}{self._number:09d}"
        key = self._number
        self._add("institution", key, body + check_character(body))
        self._add(
            "institution_fact", key, FIRST_DAY, LAST_DAY, self._name, self._district,
            self._subject, self._rng.choice(("non_profit", "for_profit")), self._custody,
            f"教民{key:06d}", self._last + 300, f"校长{key}",
        )  # fmt: skip
        for register in ("contracts", "lessons"):
            self._add("coverage", key, register, self._first, self._last, True, "office")
        self._add("institution_state", key, self._checked_by is None, False, self._checked_by)

    def _courses(self) -> list[tuple[str, int]]:
        found = []
        for place in range(1, 6):
            academic = self._subject == "academic"
            price = self._guided_fen if academic else self._rng.randrange(50_00, 100_00, 5_00)
            name, stage = f"K{self._number}-{place}", self._rng.choice(("primary", "junior"))
            if self._number % _SELDOM == 1:
                stage = "senior"
            self._add(
                "course", self._number, name, f"课程{place}", "数学" if academic else "舞蹈",
                stage, "offline", 20, 45, 40, price, self._first, self._last + 90,
            )  # fmt: skip
            found.append((name, price))
        return found

    def _account(self, kind: str, number: str) -> int:
        key = self._ids.next("account")
        opened = self._first - 30
        has_minimum = kind == "fee" and self._number % _SELDOM == 0
        self._add(
            "account", key, number, self._number, "潍坊银行", kind, opened, "monthly", opened,
            _MINIMUM_FEN if has_minimum else None,
        )  # fmt: skip
        return key

    def _contract(self, place: int, paid_on: Day, course_id: str, price_fen: int) -> None:
        rng, key = self._rng, self._ids.next("contract")
        lessons = 64 if rng.random() < 0.005 else rng.randrange(12, 49, 2)
        fee = lessons * price_fen * (120 if rng.random() < 0.01 else 100) // 100
        lead = 50 if rng.random() < 0.01 else rng.randrange(15)
        weekly = max(3, -(-lessons // 12))
        starts_on = paid_on + lead
        renews = self._contract_no(place - 1) if place % _RETURNS == 0 else None
        returns = renews or place % _RETURNS == _RETURNS // 2
        record = Contract(
            contract_no=self._contract_no(place), uscc="", course_id=course_id,
            student=f"S{key - 1 if returns else key}",
            basis=rng.choice(("hours",) * 5 + ("both", "period")),
            lessons=None if rng.random() < 0.005 else lessons, gift_lessons=0,
            starts_on=None if rng.random() < 0.005 else starts_on,
            ends_on=starts_on + 7 * (lessons // weekly), fee_fen=fee, paid_on=paid_on,
            other_fee_fen=None, renews=renews, channel=rng.choice(("bank", "platform")),
            payment="prepaid",
        )  # fmt: skip
        self._add(
            "contract", key, self._number, record.contract_no, course_id, record.student,
            record.basis, record.lessons, 0, record.starts_on, record.ends_on, fee, paid_on, renews,
            record.channel, "prepaid", record.total_lessons, record.span_months,
            record.lead_months, record.lead_months_up,
        )  # fmt: skip
        ends_early = rng.random() < 0.02
        held = self._lessons(key, starts_on, lessons // 2 if ends_early else lessons, weekly,
                             fee, lessons)  # fmt: skip
        self._receive(record)
        if ends_early and held:
            self._refund(key, record.student, held, fee // 2)

    def _contract_no(self, place: int) -> str:
        return f"HT{self._number:05d}{place:05d}"

    def _lessons(
        self, contract: int, day: Day, left: int, weekly: int, fee: int, total: int
    ) -> Day | None:
        last = None
        while left > 0 and day < self._last:
            held = min(left, weekly)
            self._add("lesson", contract, self._number, day, held, day + 1, "parent")
            self._consumed[day] += fee * held // total
            last, day, left = day, day + 7, left - held
        return last

    def _receive(self, contract: Contract) -> None:
        rng, paid_on = self._rng, contract.paid_on or 0
        memo = rng.choice(_MEMOS).format(no=contract.contract_no)
        fee = contract.fee_fen - (100_00 if rng.random() < 0.005 else 0)
        parts = [fee // 2, fee - fee // 2] if rng.random() < 0.4 else [fee]
        for late, part in enumerate(parts):
            who = None if rng.random() < 0.02 else f"家长{contract.student}"
            self._money.append(
                _Money(min(paid_on + late, self._last), part, who, f"6217{paid_on:012d}", memo)
            )

    def _refund(self, contract: int, student: str, requested_on: Day, amount: int) -> None:
        key = self._ids.next("refund_request")
        number = f"TF{key:08d}"
        self._add(
            "refund_request", key, self._number, contract, number, requested_on, amount, "consumer"
        )
        day = min(requested_on + 5, self._last)
        self._money.append(_Money(day, -amount, f"家长{student}", None, f"退费 {number}"))

    def _release(self) -> None:
        """Money follows the lessons on working days, in as many rows as the size wants."""
        days = [d for d in range(self._first, self._last + 1) if date_of(d).weekday() < 5]
        rows = max(self._size.entries - len(self._money) - len(days) // 21, 0)
        factor = 120 if self._rng.random() < 0.02 else 97
        written, owed = 0, 0
        follow = self._first
        for place, day in enumerate(days, 1):
            owed += sum(self._consumed[each] for each in range(follow, day)) * factor // 100
            follow = day
            parts = rows * place // len(days) - written
            if 0 < parts <= owed:
                self._money += [
                    _Money(day, -(owed // parts), self._name, self._settlement_no, "课时费划转")
                    for _ in range(parts)
                ]
                owed, written = 0, written + parts
            if place % 21 == 0:
                self._money.append(_Money(day, -10_00, None, None, "账户管理费"))
        if self._number % _SELDOM == 2:
            self._money += [
                _Money(days[0] + late, fen, "某公司", None, "往来")
                for late, fen in enumerate((-20_000_00, 20_000_00))
            ]

    def _of_deposit(self) -> list[_Money]:
        money = [
            _Money(day, 1_23, None, None, "结息") for day in range(self._first + 20, self._last, 91)
        ]
        if self._number % _SELDOM == 3:
            money.append(_Money(self._first + 25, -500_00, "某公司", None, "转出"))
        return money

    def _statements(self, account: int, number: str, money: list[_Money]) -> None:
        """Monthly statements of an account; one in a hundred is missing."""
        money.sort(key=lambda each: each.day)
        balance, spans, totals = _OPENING_FEN, [], []
        start, at = self._first, 0
        while start <= self._last:
            end = min(add_months(start, 1) - 1, self._last)
            until = at
            while until < len(money) and money[until].day <= end:
                until += 1
            part, opening = money[at:until], balance
            balance += sum(each.amount_fen for each in part)
            if self._rng.random() >= 0.01:
                key = self._ids.next("statement")
                span = Span(start, end, f"{key:064x}", 1, key, opening, balance)
                spans.append(span)
                totals += self._book(account, number, span, part)
            start, at = end + 1, until
        of = account, self._number
        self._rows["account_day"] += [(*of, *each) for each in closings(spans, totals)]
        self._rows["account_coverage"] += [(*of, *each) for each in covered_ranges(spans)]
        self._rows["told_days"] += [(*of, *each) for each in by_words(spans)]
        self._rows["statement_link"] += [(*of, *each) for each in links(spans, totals)]

    def _book(self, account: int, number: str, span: Span, money: list[_Money]) -> list[DayTotal]:
        sha256, key = span.file_sha256, span.id
        self._add(
            "source_file", sha256, f"{number}-{span.from_day}.csv", 100 + 90 * len(money), _AT,
            "cli", "bench", "office", "accepted", "generic", "[]",
        )  # fmt: skip
        self._add(
            "statement", key, sha256, 1, number, account, self._number, "CNY", span.from_day,
            span.to_day, span.opening_fen, span.closing_fen, len(money), "accepted", None, "[]",
            _AT,
        )  # fmt: skip
        balance = span.opening_fen or 0
        equal: Counter[tuple[Day, int]] = Counter()
        amounts: dict[Day, list[int]] = defaultdict(list)
        for seq, each in enumerate(money):
            balance += each.amount_fen
            equal[each.day, each.amount_fen] += 1
            amounts[each.day].append(each.amount_fen)
            entry = self._ids.next("entry")
            self._add(
                "entry", entry, account, self._number, key, seq + 2, seq, each.day,
                each.amount_fen, balance, each.who, each.account, each.memo, f"{entry:012d}",
                False, 0, equal[each.day, each.amount_fen], 0,
            )  # fmt: skip
        return [
            DayTotal(key, day, sum(fen), len(fen), min(fen), max(fen), len(fen), sum(fen))
            for day, fen in amounts.items()
        ]

    def _of_nobody(self) -> None:
        """A statement of an account that is on no register."""
        key = self._ids.next("statement")
        sha256, number = f"{key:064x}", f"6444{self._number:013d}"
        self._add(
            "source_file", sha256, f"{number}.csv", 190, _AT, "cli", "bench", "office",
            "quarantined", "generic", "[]",
        )  # fmt: skip
        self._add(
            "statement", key, sha256, 1, number, None, None, "CNY", self._last - 29, self._last, 0,
            1_00, 1, "quarantined", "unregistered", "[]", _AT,
        )  # fmt: skip

    def _add(self, table: str, *values: Any) -> None:
        self._rows[table].append(values)
