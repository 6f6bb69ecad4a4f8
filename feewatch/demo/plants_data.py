"""Breaches planted in the bank files themselves, each beside a look-alike that passes.

``before_*`` run on a new school, ``set_*`` once its accounts are settled, ``file_*`` on its files.
"""

from dataclasses import replace
from random import Random

from feewatch.demo import names
from feewatch.demo.enrolment import open_account
from feewatch.demo.model import AS_OF, FIRST_DAY, Account, Entry, School, day
from feewatch.demo.plants_money import Plant
from feewatch.demo.statements import BankFile, Statement, dress, invented, state
from feewatch.kernel.days import format_day

_FIRST_PART_ENDS = day("2026-05-17")
#: For so long the institution's word alone may do.
_OWN_WORD_DAYS = 45


def silent_for(days: int, cycle: str, limit: int) -> Plant:
    """DATA-STALE where the last statement is older than its cycle allows."""

    def before(_: Random, school: School) -> None:
        account = school.accounts[-1]
        account.last_day, account.cycle = AS_OF - days, cycle
        if account.kind == "fee":
            school.enrol_until = AS_OF - days - 4
        if days > limit:
            school.expect("DATA-STALE", "account", account.account_no, AS_OF)

    return before


def never_seen(opened_on: str) -> Plant:
    """DATA-STALE on an account of which no statement ever came, over 7 days after it opened."""

    def before(rng: Random, school: School) -> None:
        account = open_account(rng, school, "settlement", opened_on)
        school.settlement_no = account.account_no
        account.last_day = None
        if AS_OF - account.opened_on > 7:
            school.expect("DATA-STALE", "account", account.account_no, AS_OF)

    return before


def days_missing(days: int) -> Plant:
    """DATA-GAP: between two statements of the last account so many days are told by none."""

    def set_periods(_: Random, school: School) -> None:
        account = school.accounts[-1]
        resumes = _FIRST_PART_ENDS + 1 + days
        account.periods = [(FIRST_DAY, _FIRST_PART_ENDS), (resumes, AS_OF)]
        if days:
            missing = _FIRST_PART_ENDS + 1
            subject = f"{account.account_no}/{format_day(missing)}"
            school.expect("DATA-GAP", "account_day", subject, missing)

    return set_periods


def told_alone(days: int) -> Plant:
    """DATA-SELF: for so many days nobody but the school itself tells of its first account."""

    def set_periods(_: Random, school: School) -> None:
        account = school.accounts[0]
        account.periods = [(FIRST_DAY, AS_OF - days), (AS_OF - days + 1, AS_OF)]
        if days > _OWN_WORD_DAYS:
            school.expect("DATA-SELF", "account", account.account_no, AS_OF)

    return set_periods


def file_told_alone(_: Random, school: School, files: list[BankFile]) -> None:
    """The last statement of the first account is handed in by the school itself."""
    account_no = school.accounts[0].account_no
    of_account = [file for file in files if file.statements[0].account_no == account_no]
    last = max(of_account, key=lambda file: file.statements[0].to_day)
    last.told_by = "institution"


def file_typed_over(rng: Random, school: School, files: list[BankFile]) -> None:
    """DATA-GAP: the school hands in days that the bank tells too, with one row made larger."""
    account = school.accounts[0]
    true = state(account, school.name, FIRST_DAY, _FIRST_PART_ENDS)
    place = next(
        k for k, entry in enumerate(true.entries) if FIRST_DAY < entry.booked_on < true.to_day
    )
    larger = replace(true.entries[place], amount_fen=true.entries[place].amount_fen + 50_000_00)
    typed = replace(
        true,
        entries=[*true.entries[:place], larger, *true.entries[place + 1 :]],
        balances=[fen + (50_000_00 if k >= place else 0) for k, fen in enumerate(true.balances)],
        closing_fen=true.closing_fen + 50_000_00,
    )
    file = dress(rng, "csv", [typed], school.uscc)
    file.told_by = "institution"
    files.append(file)
    subject = f"{account.account_no}/{format_day(larger.booked_on)}"
    school.expect("DATA-GAP", "account_day", subject, larger.booked_on)


def set_row_to_hide(_: Random, school: School) -> None:
    """The last row of a statement, which ``file_row_hidden`` leaves out."""
    account = school.accounts[0]
    account.entries.append(Entry(_FIRST_PART_ENDS, "22:10:00", -15_00, "手续费"))
    account.opening_fen += 15_00
    account.sort()
    account.periods = [(FIRST_DAY, _FIRST_PART_ENDS), (_FIRST_PART_ENDS + 1, AS_OF)]
    following = _FIRST_PART_ENDS + 1
    subject = f"{account.account_no}/{format_day(following)}"
    school.expect("DATA-GAP", "account_day", subject, following)


def file_row_hidden(_: Random, school: School, files: list[BankFile]) -> None:
    """DATA-GAP: the next statement opens with another balance than the last one closed with."""
    account_no = school.accounts[0].account_no
    [statement] = [
        s
        for file in files
        for s in file.statements
        if (s.account_no, s.to_day) == (account_no, _FIRST_PART_ENDS)
    ]
    statement.entries, statement.balances = statement.entries[:-1], statement.balances[:-1]
    statement.closing_fen = statement.balances[-1]


def _with_wrong_amount(statement: Statement) -> Statement:
    k = len(statement.entries) // 2
    entries = list(statement.entries)
    entries[k] = replace(entries[k], amount_fen=entries[k].amount_fen - 100_07)
    return replace(statement, entries=entries)


def file_tampered(rng: Random, school: School, files: list[BankFile]) -> None:
    """DATA-BAL: a first version of a statement does not add up; the right one came as well."""
    right = next(file for file in files if len(file.statements[0].entries) > 3)
    wrong = dress(rng, right.style, [_with_wrong_amount(right.statements[0])], school.uscc)
    wrong.expected.append(("DATA-BAL", 1))
    files.append(wrong)


def file_tampered_second(rng: Random, school: School, files: list[BankFile]) -> None:
    """DATA-BAL on the second statement of a camt.053 file whose first is in order."""
    account = school.accounts[0]
    middle = day("2026-05-20")
    parts = [state(account, school.name, FIRST_DAY, middle)]
    parts.append(_with_wrong_amount(state(account, school.name, middle + 1, day("2026-06-30"))))
    wrong = dress(rng, "camt", parts, school.uscc)
    wrong.expected.append(("DATA-BAL", 2))
    files.append(wrong)


def file_incomplete(rng: Random, school: School, files: list[BankFile]) -> None:
    """Quarantined, but no breach: a file that breaks off and one in another currency."""
    account = school.accounts[0]
    statement = state(account, school.name, FIRST_DAY, day("2026-04-20"))
    broken = dress(rng, "mt940", [statement], school.uscc)
    broken.cut_short = True
    foreign = dress(rng, "camt", [replace(statement, currency="USD")], school.uscc)
    files += [broken, foreign]


def file_strange_account(rng: Random, school: School, files: list[BankFile]) -> None:
    """ACC-UNREG on accounts that nobody registered, one of them adding up no better."""
    for style in ("csv", "mt940", "camt"):
        number = names.account_no(rng, school.n * 10 + 6)
        statement = invented(rng, number, school.name, day("2026-05-01"), day("2026-05-31"))
        if style == "camt":
            statement = _with_wrong_amount(statement)
        file = dress(rng, style, [statement], "")
        file.expected.append(("ACC-UNREG", 1))
        files.append(file)


def file_strange_beside_own(rng: Random, school: School, files: list[BankFile]) -> None:
    """ACC-UNREG on the second statement of a file whose first is the school's own."""
    account: Account = school.accounts[0]
    number = names.account_no(rng, school.n * 10 + 5)
    own = state(account, school.name, FIRST_DAY, day("2026-04-30"))
    strange = invented(rng, number, school.name, day("2026-04-01"), day("2026-04-30"))
    file = dress(rng, "camt", [own, strange], "")
    file.expected.append(("ACC-UNREG", 2))
    files.append(file)
