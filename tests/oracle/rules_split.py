"""FEE-SPLIT: what a student pays in pieces for one course, or for courses of one discipline."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from oracle.books import Books, Contract
from oracle.calendar_days import plus, plus_months
from oracle.rules_contracts import NOTICE_2021, has_cap, left_on_renewed
from oracle.verdicts import BREACH, Verdict, Verdicts, either, outcome

MOST_FEN, MOST_LESSONS = 500000, 60


@dataclass(frozen=True)
class Piece:
    """A contract that may be part of a sum; figures as (least, most) where a fact is missing."""

    paid_on: date
    course_id: str
    fen: tuple[int, int]
    lessons: tuple[int, int]


def split_rules(books: Books) -> Verdicts:
    by_course: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    by_discipline: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for each in books.prepaid():
        piece = _piece(books, each) if NOTICE_2021 <= each.paid_on <= books.as_of else None
        if piece is None:
            continue
        by_course[each.student, each.course_id].append(piece)
        if each.course_id in books.courses:
            discipline = books.courses[each.course_id].discipline
            by_discipline[each.student, discipline].append(piece)
    fired = set()
    for (student, course_id), pieces in by_course.items():
        for verdict in _days(books, f"{student}/{course_id}", pieces, "orange"):
            if verdict.outcome == BREACH and course_id in books.courses:
                fired.add((student, books.courses[course_id].discipline, verdict.on))
            yield verdict
    for (student, discipline), pieces in by_discipline.items():
        for verdict in _days(books, f"{student}/{discipline}", pieces, "notice", courses=2):
            if (student, discipline, verdict.on) not in fired:
                yield verdict


def _piece(books: Books, contract: Contract) -> Piece | None:
    """Nothing of a contract over a limit by itself, or of a renewal when little was left."""
    renewal = False
    if contract.renews:
        left = left_on_renewed(books, contract)
        renewal = None if left is None else left <= 20
    left_out = either(renewal, _is_over_by_itself(books, contract))
    if left_out:
        return None
    fen = contract.fee if has_cap(books, contract) else 0
    lessons = contract.total if contract.basis in ("hours", "both") else 0
    most = MOST_LESSONS if lessons is None else lessons
    least = (0, 0) if left_out is None else (fen, lessons or 0)
    return Piece(contract.paid_on, contract.course_id, (least[0], fen), (least[1], most))


def _is_over_by_itself(books: Books, contract: Contract) -> bool | None:
    hours = span = False
    if contract.basis in ("hours", "both"):
        hours = None if contract.total is None else contract.total > MOST_LESSONS
    if contract.basis in ("period", "both"):
        known = contract.starts is not None and contract.ends is not None
        span = contract.ends >= plus_months(contract.starts, 3) if known else None
    return either(hours, span, has_cap(books, contract) and contract.fee > MOST_FEN)


def _days(books: Books, name: str, pieces: list[Piece], severity: str, courses: int = 1):
    """A verdict on each day of payment with more than one contract in the thirty days to it."""
    for day in sorted({each.paid_on for each in pieces}):
        window = [each for each in pieces if plus(day, -30) <= each.paid_on <= day]
        if len(window) < 2 or len({each.course_id for each in window}) < courses:
            continue
        fen = _crosses([(e.paid_on < day, e.fen) for e in window], MOST_FEN)
        lessons = _crosses([(e.paid_on < day, e.lessons) for e in window], MOST_LESSONS)
        measured, limit = sum(each.lessons[0] for each in window), MOST_LESSONS
        if fen:
            measured, limit = sum(each.fen[0] for each in window), MOST_FEN
        yield Verdict("FEE-SPLIT", books.uscc, "student", f"{books.uscc}/{name}/{day}", day,
                      outcome(either(fen, lessons)), measured, limit, severity)  # fmt: skip


def _crosses(parts: list[tuple[bool, tuple[int, int]]], limit: int) -> bool | None:
    """Whether a day takes a sum over a limit that it kept until then."""
    least, most = (sum(part[at] for _, part in parts) for at in (0, 1))
    least_before, most_before = (sum(part[at] for before, part in parts if before) for at in (0, 1))
    if most <= limit or least_before > limit:
        return False
    return True if least > limit and most_before <= limit else None
