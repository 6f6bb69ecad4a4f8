"""FEE-SPLIT: what a student pays in pieces for one course, or for courses of one discipline."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from oracle.books import Books
from oracle.calendar_days import plus
from oracle.records import Charge, Contract
from oracle.rules_contracts import NOTICE_2021, has_cap, is_long, is_many, left_on_renewed
from oracle.verdicts import BREACH, Verdict, Verdicts, either, outcome

MOST_FEN, MOST_LESSONS = 500000, 60


@dataclass(frozen=True)
class Piece:
    """A charge that may be part of a sum; figures as (least, most) where a fact is missing."""

    contract: Contract
    paid_on: date
    course_id: str
    fen: tuple[int, int]
    lessons: tuple[int, int]
    is_stated: bool  # whether its lessons are


def split_rules(books: Books) -> Verdicts:
    by_course: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    by_discipline: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for contract, charge in _charged_by_anybody(books):
        known = NOTICE_2021 <= charge.paid_on <= books.as_of
        piece = _piece(books.holder(contract, charge.paid_on), contract, charge) if known else None
        if piece is None:
            continue
        by_course[contract.student, contract.course_id].append(piece)
        course = books.course_of(contract)
        if course is not None:
            by_discipline[contract.student, course.discipline].append(piece)
    fired = set()
    for (student, course_id), pieces in by_course.items():
        course = books.course_of(pieces[0].contract)
        for verdict in _days(books, f"{student}/{course_id}", pieces, "orange"):
            if verdict.outcome == BREACH and course is not None:
                fired.add((student, course.discipline, verdict.on))
            yield verdict
    for (student, discipline), pieces in by_discipline.items():
        for verdict in _days(books, f"{student}/{discipline}", pieces, "notice", courses=2):
            if (student, discipline, verdict.on) not in fired:
                yield verdict


def _charged_by_anybody(books: Books) -> Iterator[tuple[Contract, Charge]]:
    """Charges paid ahead of contracts that are the institution's on some day, also before it."""
    for contract in books.prepaid():
        for charge in contract.charges:
            if charge.paid_on is not None:
                yield contract, charge


def _piece(books: Books, contract: Contract, charge: Charge) -> Piece | None:
    """Nothing of a charge over a limit by itself, or of a renewal when little was left."""
    renewal = False
    if contract.renews:
        left = left_on_renewed(books, contract, charge.paid_on)
        renewal = None if left is None else left <= 20
    has_limit = has_cap(books, charge.paid_on)
    over = has_limit and charge.amount > MOST_FEN
    left_out = either(renewal, over, _is_over_by_itself(contract, charge))
    if left_out:
        return None
    fen = charge.amount if has_limit else 0
    lessons = charge.total if contract.basis in ("hours", "both") else 0
    most = MOST_LESSONS if lessons is None else lessons
    least = (0, 0) if left_out is None else (fen, lessons or 0)
    return Piece(contract, charge.paid_on, contract.course_id, (least[0], fen), (least[1], most),
                 lessons is not None)  # fmt: skip


def _is_over_by_itself(contract: Contract, charge: Charge) -> bool | None:
    hours = span = False
    if contract.basis in ("hours", "both"):
        hours = is_many(contract, charge)
    if contract.basis in ("period", "both"):
        span = is_long(contract, charge)
    return either(hours, span)


def _days(books: Books, name: str, pieces: list[Piece], severity: str, courses: int = 1):
    """A verdict on each day of payment with more than one charge in the thirty days to it.

    They are charges of contracts that the institution holds on that day: from the day of a
    succession also of those of which the one before charged a part.
    """
    for day in sorted({e.paid_on for e in pieces if books.holds(e.contract, e.paid_on)}):
        window = [each for each in pieces if plus(day, -30) <= each.paid_on <= day
                  and books.holds(each.contract, day)]  # fmt: skip
        parts = window, [each for each in window if each.paid_on < day]
        if len(window) < 2 or len({each.course_id for each in window}) < courses:
            continue
        fen = _crosses(*(_bounds([e.fen for e in part]) for part in parts), MOST_FEN)
        lessons = _crosses(*(_bounds_of_lessons(part) for part in parts), MOST_LESSONS)
        measured, limit = sum(each.lessons[0] for each in window), MOST_LESSONS
        if fen:
            measured, limit = sum(each.fen[0] for each in window), MOST_FEN
        yield Verdict("FEE-SPLIT", books.uscc, "student", f"{books.uscc}/{name}/{day}", day,
                      outcome(either(fen, lessons)), measured, limit, severity)  # fmt: skip


def _bounds(figures: list[tuple[int, int]]) -> tuple[int, int]:
    return sum(least for least, _ in figures), sum(most for _, most in figures)


def _bounds_of_lessons(pieces: list[Piece]) -> tuple[int, int]:
    """Lessons that charges of a contract do not state are together no more than all it has."""
    figures = []
    for contract in {each.contract.number: each.contract for each in pieces}.values():
        own = [each for each in pieces if each.contract.number == contract.number]
        least, most = _bounds([each.lessons for each in own])
        stated = sum(each.lessons[1] for each in own if each.is_stated)
        if contract.parts and contract.lessons is not None:
            most = min(most, max(stated, contract.lessons))
        figures.append((least, most))
    return _bounds(figures)


def _crosses(now: tuple[int, int], before: tuple[int, int], limit: int) -> bool | None:
    """Whether a day takes a sum, known by its bounds, over a limit that it kept until then."""
    if now[1] <= limit or before[0] > limit:
        return False
    return True if now[0] > limit and before[1] <= limit else None
