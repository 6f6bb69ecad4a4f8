"""Opening statements: one officer hands in what was left when supervision began, a reviewer signs.

Nothing counts before it is signed. Of a file with a fault nothing is stored.
"""

import hashlib
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import (
    ConflictError,
    NotFoundError,
)
from feewatch.kernel.money import format_yuan
from feewatch.kernel.people import CASEWORKERS, NATIONWIDE, Scope
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.openings import OPENING
from feewatch.registry.reader import GoodRow, RegisterReading, read_register
from feewatch.registry.records import OpeningRow
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.registers.institutions import get_institution
from feewatch.store import audit, state
from feewatch.store.check import checks
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.registers import openings, registers

#: (account, contract, fen) of a row that is on the registers.
_Row = tuple[int | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a file: the key of its statement, None where it was refused."""

    key: int | None
    is_new: bool
    day: Day | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class OpeningStatement:
    """A statement with its rows, and per account number what the bank says where it is known."""

    head: PageRow
    rows: PageRows
    bank_fen: dict[str, int | None]
    counts: bool  # signed last of all, and for the supervised_from in force

    @property
    def balance_fen(self) -> int:
        """The balances of the accounts added up."""
        return sum(each.amount_fen for each in self.rows if each.account_no)

    @property
    def unconsumed_fen(self) -> int:
        """The unconsumed value of the old contracts added up."""
        return sum(each.amount_fen for each in self.rows if each.contract_no)


def add_opening(app: App, uscc: str, name: str, data: bytes, *, actor: str) -> Added:
    """Put the opening statement of a file on record, unsigned; the same file again is the same.

    A balance that is not the bank's is taken and reported with the difference.

    Raises: NotFoundError, ForbiddenError, ConflictError.
    """
    with app.database.reading() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
    reading = read_register(OPENING, data, name)
    if reading.refused:
        return Added(None, False, None, tuple(reading.refused))
    sha256 = hashlib.sha256(data).hexdigest()
    with app.database.transaction() as tx:
        registers.lock(tx)
        key = get_institution(tx, person.scope, uscc)
        day = _get_day(tx, key)
        rows = _locate(tx, reading, uscc, key, day)
        if reading.faults or not rows:
            return Added(None, False, day, _told(reading))
        latest = next(iter(openings.list_statements(tx, key)), None)
        if latest and (latest.file_sha256, latest.day) == (sha256, day):
            return Added(latest.id, False, day, _told(reading))
        added = openings.add(tx, key, day, rows, file_sha256=sha256, actor=actor)
        codes = sorted({each.code for each in reading.warnings})
        audit.record(
            tx, actor, "opening.add", str(added), uscc=uscc, day=format_day(day), sha256=sha256,
            rows=len(rows), warnings=codes,
        )  # fmt: skip
    return Added(added, True, day, _told(reading))


def sign_opening(app: App, uscc: str, key: int, *, actor: str, reason: str) -> None:
    """Sign a statement, which counts from then on.

    The one the officer looked at is named, so that none added meanwhile is signed unseen.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ("reviewer",))
        registers.lock(tx)
        institution_id = get_institution(tx, person.scope, uscc)
        stated = openings.list_statements(tx, institution_id)
        head = _get_statement(stated, key, uscc)
        if head.added_by == actor:
            raise ConflictError(
                "SECOND-OFFICER",
                "须由另一名经办人签认",
                "another officer than the one who added it must sign",
            )
        if head.day != _get_day(tx, institution_id):
            raise ConflictError(
                "OPENING-DAY",
                f"起算日已非 {format_day(head.day)}，请重新报送期初报表",
                f"supervised_from is no longer {format_day(head.day)}: add a new statement",
            )
        if any(each.signed_by for each in stated if each.id > key):
            raise ConflictError(
                "OPENING-SUPERSEDED",
                f"报表 {key} 之后报送的已签认，不再签认 {key}",
                f"one added after {key} is signed already: {key} would never count",
            )
        if not openings.sign(tx, key, actor=actor, reason=reason):
            raise ConflictError(
                "OPENING-SIGNED", "期初报表已签认", "the opening statement is signed already"
            )
        audit.record(tx, actor, "opening.sign", str(key), uscc=uscc, reason=reason)
        state.mark_changed(tx, [institution_id], entries=False)


def list_openings(app: App, uscc: str, scope: Scope = NATIONWIDE) -> list[OpeningStatement]:
    """All opening statements of an institution, the latest first.

    Raises: NotFoundError, also for an institution outside the scope.
    """
    with app.database.reading() as tx:
        key = checks.find_institution(tx, uscc)
        if key is None or scope != NATIONWIDE:
            key = get_institution(tx, scope, uscc)
        return read_openings(tx, key)


def read_openings(tx: Transaction, institution_id: int) -> list[OpeningStatement]:
    """All opening statements of an institution, the latest first."""
    accounts = openings.fee_accounts(tx, institution_id)
    heads = openings.list_statements(tx, institution_id)
    last = next((each for each in heads if each.signed_by), None)
    day = openings.find_supervised_from(tx, institution_id, today())
    return [
        OpeningStatement(
            head,
            openings.list_rows(tx, head.id),
            {no: openings.find_bank_balance(tx, own, head.day) for no, own in accounts.items()},
            counts=head is last and head.day == day,
        )
        for head in heads
    ]


def _locate(tx: Transaction, reading: RegisterReading, uscc: str, key: int, day: Day) -> list[_Row]:
    """The rows with the keys they name; what is wrong or doubtful joins the reading's problems."""
    accounts = openings.fee_accounts(tx, key)
    contracts = openings.contracts_paid_before(tx, key, day)
    rows: list[_Row] = []
    for row in reading.rows:
        record = row.record
        assert isinstance(record, OpeningRow)
        fault = _fault_of(record, uscc, accounts, contracts)
        if fault:
            reading.faults.append(reading.problem(row.line, *fault))
        elif record.account_no:
            _compare(tx, reading, row, accounts[record.account_no], day)
            rows.append((accounts[record.account_no], None, record.amount_fen))
        else:
            rows.append((None, contracts[record.contract_no or ""][0], record.amount_fen))
    stated = {each for row in rows for each in (row[1],) if each}
    _note_missing(reading, len(contracts) - len(stated))
    return list(dict.fromkeys(rows))


def _fault_of(
    record: OpeningRow, uscc: str, accounts: dict[str, int], contracts: dict[str, tuple[int, int]]
) -> tuple[str, CellFault] | None:
    if record.uscc != uscc:
        return "uscc", _fault("OPENING-OTHER", f"应为 {uscc}", f"must be {uscc}")
    if (record.account_no is None) == (record.contract_no is None):
        return "contract_no", _fault(
            "OPENING-ROW", "账号与合同编号须填且只填一项", "name an account or a contract, not both"
        )
    if record.account_no is not None:
        if record.account_no in accounts:
            return None
        return "account_no", _fault(
            "ACCOUNT-UNKNOWN", "不是该机构的收费专用账户", "is no fee account of the institution"
        )
    if record.contract_no not in contracts:
        return "contract_no", _fault(
            "OPENING-CONTRACT",
            "不是该机构起算日前已缴费的预付费合同",
            "is no prepaid contract of the institution paid before supervised_from",
        )
    fee = contracts[record.contract_no][1]
    if record.amount_fen <= fee:
        return None
    yuan = format_yuan(fee)
    return "amount", _fault("OPENING-OVER-FEE", f"至多为合同金额 {yuan}", f"at most the fee {yuan}")


def _compare(
    tx: Transaction, reading: RegisterReading, row: GoodRow, account_id: int, day: Day
) -> None:
    """Warn where the balance stated is not the bank's, or cannot be compared with it."""
    assert isinstance(row.record, OpeningRow)
    bank = openings.find_bank_balance(tx, account_id, day)
    if bank is None:
        fault = _fault(
            "OPENING-UNCOMPARED",
            f"{format_day(day)} 日初无银行余额可核对",
            f"no bank balance on file as {format_day(day)} begins to compare with",
        )
    elif bank != row.record.amount_fen:
        at_bank, over = format_yuan(bank), format_yuan(row.record.amount_fen - bank)
        fault = _fault(
            "OPENING-BALANCE",
            f"与银行 {format_day(day)} 日初余额 {at_bank} 不符，相差 {over}",
            f"the bank has {at_bank} as {format_day(day)} begins: a difference of {over}",
        )
    else:
        return
    reading.warnings.append(reading.problem(row.line, "amount", fault))


def _note_missing(reading: RegisterReading, count: int) -> None:
    if count > 0:
        message = Text(
            f"另有 {count} 份起算日前缴费的合同未列，仍按原口径计算",
            f"{count} more contracts paid before supervised_from are not stated: they count as now",
        )
        reading.warnings.append(Problem("OPENING-MISSING", message, reading.file))


def _fault(code: str, zh: str, en: str) -> CellFault:
    return CellFault(code, Text(zh, en))


def _told(reading: RegisterReading) -> tuple[Problem, ...]:
    problems = [*reading.faults, *reading.warnings]
    if not reading.rows and not reading.faults:
        message = Text("没有数据行", "has no rows")
        problems.append(Problem("FILE-EMPTY", message, reading.file))
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _get_day(tx: Transaction, institution_id: int) -> Day:
    day = openings.find_supervised_from(tx, institution_id, today())
    if day is None or day > today():
        raise ConflictError(
            "OPENING-NO-DAY",
            "该机构未登记起算日，或起算日未到",
            "the institution has no supervised_from on file, or it is yet to come",
        )
    return day


def _get_statement(stated: PageRows, key: int, uscc: str) -> PageRow:
    for statement in stated:
        if statement.id == key:
            return statement
    raise NotFoundError(
        "OPENING-UNKNOWN",
        f"{uscc} 没有期初报表 {key}",
        f"{uscc} has no opening statement {key}",
    )
