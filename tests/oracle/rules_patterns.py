"""FLOW-SPIKE, REF-SHORT, CON-SILENT, CON-BURST, SUBJ-DISGUISED: what stands out."""

from datetime import date
from fractions import Fraction

from oracle.amounts import consumed, refunded, shown
from oracle.books import Books
from oracle.calendar_days import each_day, month_end, plus
from oracle.records import Account, Lesson, Refund
from oracle.rules_contracts import NOTICE_2021
from oracle.verdicts import Verdict, Verdicts, found, outcome

CONFIRMED_FROM = date(2023, 7, 1)
ACADEMIC = ("道德与法治", "语文", "历史", "地理", "数学", "外语", "物理", "化学", "生物")
DISGUISES = (
    "数学", "奥数", "思维", "语文", "作文", "阅读", "写作", "国学", "英语", "口语", "自然拼读",
    "新概念", "剑桥", "物理", "化学", "生物", "历史", "地理", "同步", "提高", "培优", "幼小衔接",
    "外语", "道德与法治",
)  # fmt: skip
NO_DISGUISE = "戏剧英语"


def pattern_rules(books: Books) -> Verdicts:
    for each in books.of_kind("fee"):
        yield from _spikes(books, each)
    for each in books.refunds.values():
        yield from _short_refund(books, each)
    yield from _silent(books)
    yield from _bursts(books)
    yield from _disguised(books)


def _week(books: Books, account: Account, sunday: date) -> int:
    return sum(each.fen for each in books.counted("receipt")
               if each.account is account and plus(sunday, -6) <= each.day <= sunday)  # fmt: skip


def _spikes(books: Books, account: Account) -> Verdicts:
    """Weeks that are over and had a receipt."""
    sundays = {plus(each.day, 6 - each.day.weekday()) for each in books.counted("receipt")
               if each.account is account}  # fmt: skip
    for sunday in sorted(each for each in sundays if each <= books.as_of):
        taken = _week(books, account, sunday)
        before = sum(_week(books, account, plus(sunday, -7 * n)) for n in range(1, 13))
        known = books.covers(account, plus(sunday, -90), plus(sunday, -7))
        breach = taken > 5000000 and ((12 * taken > 3 * before) if known else None)
        ratio = shown(Fraction(12 * taken, before)) if before else "∞"
        enrols = any(books.on(sunday).lies_in(place.rstrip("0")) and first <= sunday <= last
                     for place, first, last in books.enrolment)  # fmt: skip
        yield Verdict("FLOW-SPIKE", books.uscc, "account_week", f"{account.number}/{sunday}",
                      sunday, outcome(breach), ratio, "3.0000",
                      "notice" if enrols else "orange")  # fmt: skip


def _short_refund(books: Books, refund: Refund) -> Verdicts:
    day = refund.requested_on
    if day < date(2025, 5, 1) or not any(e.refund == refund.number and e.net
                                         for e in books.payments("refund")):  # fmt: skip
        return
    contract = books.contracts[refund.contract]
    if contract.is_waived(books.as_of):
        yield Verdict("REF-SHORT", books.uscc, "refund", refund.number, day, outcome(False))
        return
    paid, paid_back = contract.refundable(day), refunded(books, contract.number, books.as_of)
    used = consumed(books, contract, day) if books.knows_lessons(day, contract) else None
    if used is None:
        breach = False if paid - paid_back <= 1 else None
        yield Verdict("REF-SHORT", books.uscc, "refund", refund.number, day, outcome(breach))
        return
    if refund.cause == "consumer" and contract.gift and paid - paid_back > 1:
        yield Verdict("REF-SHORT", books.uscc, "refund", refund.number, day, outcome(None))
        return
    short = paid - used - paid_back
    yield Verdict("REF-SHORT", books.uscc, "refund", refund.number, day, outcome(short > 1), short,
                  1, "yellow" if refund.cause else "notice")  # fmt: skip


def _confirmations(books: Books) -> list[Lesson]:
    return [each for number, rows in books.lessons.items() for each in rows
            if each.count and each.confirmed_on <= books.as_of
            and books.holds(books.contracts[number], each.confirmed_on)]  # fmt: skip


def _silent(books: Books) -> Verdicts:
    rows = _confirmations(books)
    for end in sorted({month_end(each.confirmed_on) for each in rows}):
        if not CONFIRMED_FROM <= end <= books.as_of or not books.on(end).in_custody:
            continue
        month = [each for each in rows if month_end(each.confirmed_on) == end]
        total = sum(each.count for each in month)
        silent = sum(each.count for each in month if each.confirmed_by == "silence")
        yield Verdict("CON-SILENT", books.uscc, "institution_month", f"{books.uscc}/{end:%Y-%m}",
                      end, outcome(total >= 20 and 2 * silent > total),
                      shown(Fraction(silent, total)), "0.5000", "yellow")  # fmt: skip


def _bursts(books: Books) -> Verdicts:
    rows = _confirmations(books)
    for day in sorted({each.confirmed_on for each in rows}):
        if day < CONFIRMED_FROM or not books.on(day).in_custody or plus(day, 3) > books.as_of:
            continue
        count = sum(each.count for each in rows if each.confirmed_on == day)
        before = sum(each.count for each in rows
                     if plus(day, -30) <= each.confirmed_on < day)  # fmt: skip
        known = all(books.knows_lessons(d) for d in each_day(plus(day, -30), plus(day, -1)))
        followed = any(day <= each.day <= plus(day, 3) for each in books.counted("release"))
        breach = False
        if count >= 50 and followed:
            breach = 30 * count > 5 * before if known else None
        yield Verdict("CON-BURST", books.uscc, "institution_day", f"{books.uscc}/{day}", day,
                      outcome(breach), shown(Fraction(30 * count, before)) if before else "∞",
                      "5.0000", "yellow")  # fmt: skip


def _disguised(books: Books) -> Verdicts:
    for each in books.courses.values():
        day = each.starts or books.as_of
        if not NOTICE_2021 <= day <= books.as_of or books.on(day).academic:
            continue
        word = found(each.discipline.replace(NO_DISGUISE, "|"), ACADEMIC)
        plain = "".join(each.title.split())
        title = found(plain.replace(NO_DISGUISE, "|"), DISGUISES)
        yield Verdict("SUBJ-DISGUISED", books.uscc, "course", each.course_id, day,
                      outcome(bool(word or title)), word or title, None,
                      "yellow" if word else "notice")  # fmt: skip
