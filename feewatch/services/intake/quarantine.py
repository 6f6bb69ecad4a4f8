"""Quarantined statements before an officer: seen with the break marked, released or rejected.

Nothing is decided by one person: a first officer proposes, a second one confirms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import (
    ConflictError,
    NotFoundError,
)
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import DECIDERS, NATIONWIDE, Scope, User
from feewatch.services.intake.acceptance import let_stand
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.provenance import teller_of
from feewatch.services.intake.recording import settle
from feewatch.services.intake.reexamination import read_again, refresh_status
from feewatch.services.intake.restatements import Restated, read_restatements
from feewatch.services.intake.telling import tell_of_decision
from feewatch.services.paging import PAGE_SIZE, Page, slice_of
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.statements.columns import StatedRow
from feewatch.statements.model import Statement
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import quarantine as pages
from feewatch.store.state import mark_changed

Decision = Literal["release", "reject"]


@dataclass(frozen=True, slots=True)
class RowInDoubt:
    """A row of a quarantined statement beside the balance it should have left."""

    row: StatedRow
    expected_fen: int | None  # the balance before it, as stated, and its amount
    is_break: bool

    def as_json(self) -> dict[str, Any]:
        """The row for terminals and pages."""
        return {
            "line": self.row.line,
            "booked_on": format_day(self.row.booked_on),
            "amount_fen": self.row.amount_fen,
            "balance_fen": self.row.balance_fen,
            "expected_fen": self.expected_fen,
            "break": self.is_break,
            "counterparty": self.row.counterparty,
            "memo": self.row.memo,
        }


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A statement in quarantine with its rows as the bank states them."""

    stored: Record
    rows: tuple[RowInDoubt, ...]
    expected_closing_fen: int | None
    proposal: bankfiles.Proposal | None


@dataclass(frozen=True, slots=True)
class Examined:
    """A statement on an officer's desk: one page of its rows, and what was done about it."""

    row: PageRow
    page: Page
    first_break: int | None  # the number of the page with the first break
    expected_closing_fen: int | None
    acts: PageRows
    restated: list[Restated]  # where it tells days otherwise than another statement, or is told so

    @property
    def is_releasable(self) -> bool:
        """Whether officers may release it."""
        return is_releasable(self.row.account_id, self.row.currency)


def is_releasable(account_id: int | None, currency: str) -> bool:
    """Whether two officers may let a statement into the ledger.

    None may where the amounts are not yuan, or nobody's account is named.
    """
    return account_id is not None and currency == "CNY"


def list_within(app: App, scope: Scope, number: int) -> Page:
    """One page of the quarantined statements within a scope."""
    office, day = app.config.office.district, today()
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = pages.list_quarantined(tx, scope, office, day, limit=size, offset=start)
        return Page(rows, pages.count_quarantined(tx, scope, office, day), number)


def examine(app: App, scope: Scope, sha256: str, n: int, number: int | None) -> Examined:
    """A statement of whatever status; without a page's number, the page of its first break.

    Raises: NotFoundError, also for one outside the scope; UnavailableError where the raw file is
    gone or changed.
    """
    with app.database.reading() as tx:
        row = pages.find_statement(tx, scope, app.config.office.district, today(), sha256, n)
        if row is None:
            raise _unknown(f"{sha256}#{n}")
        acts = pages.list_acts(tx, sha256, n)
        restated = _restated(tx, row)
    statement = _read_statement(app, sha256, n)
    rows = _check_balances(statement)
    breaks = (at for at, each in enumerate(rows) if each.is_break)
    first = next((at // PAGE_SIZE + 1 for at in breaks), None)
    shown = number or first or 1
    page = Page(rows[(shown - 1) * PAGE_SIZE : shown * PAGE_SIZE], len(rows), shown)
    return Examined(row, page, first, _expected_closing(statement), acts, restated)


def find_line(app: App, scope: Scope, sha256: str, line: int) -> tuple[int, int]:
    """The statement of a file that holds a line, by its place in the file, and the line's page.

    Raises: NotFoundError, also for one outside the scope; UnavailableError where the raw file is
    gone or changed.
    """
    office, day = app.config.office.district, today()
    with app.database.reading() as tx:
        numbers = [
            n
            for n in pages.list_numbers(tx, sha256)
            if pages.find_statement(tx, scope, office, day, sha256, n) is not None
        ]
    for statement in read_again(app, sha256).statements if numbers else ():
        lines = [row.line for row in statement.rows]
        if statement.n in numbers and line in lines:
            return statement.n, lines.index(line) // PAGE_SIZE + 1
    raise _unknown(f"{sha256}:{line}")


def _restated(tx: Transaction, row: PageRow) -> list[Restated]:
    if row.status != "accepted":
        return []
    of_account = read_restatements(tx, row.institution_id, row.account_id)
    return [each for each in of_account if row.id in (each.earlier.id, each.later.id)]


def list_quarantined(app: App, scope: Scope = NATIONWIDE) -> Sequence[Record]:
    """Quarantined statements of a scope with file name, time received and what was proposed."""
    with app.database.reading() as tx:
        rows = bankfiles.list_quarantined(tx)
        return [row for row in rows if _is_within(app, tx, scope, row["file_sha256"], row["n"])]


def find_statement(app: App, reference: str) -> tuple[str, int]:
    """File hash and place of ``sha256`` or ``sha256#n``; the hash may be cut to 6 characters.

    Raises: NotFoundError where no statement, or more than one, is meant.
    """
    prefix, _, place = reference.lower().partition("#")
    number = read_whole(place) or 1
    candidates: Sequence[Record] = []
    if len(prefix) >= 6 and (not place or place.isdecimal()):
        with app.database.reading() as tx:
            candidates = bankfiles.list_like(tx, prefix, number)
    if len(candidates) != 1:
        raise _unknown(reference)
    return candidates[0]["file_sha256"], candidates[0]["n"]


def _is_within(app: App, tx: Transaction, scope: Scope, sha256: str, n: int) -> bool:
    if scope == NATIONWIDE:
        return True
    office = app.config.office.district
    return pages.find_statement(tx, scope, office, today(), sha256, n) is not None


def show(app: App, sha256: str, n: int, scope: Scope = NATIONWIDE) -> Quarantined:
    """A quarantined statement, read again from the raw file, with its breaks marked.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        stored = _get_quarantined(tx, sha256, n)
        if not _is_within(app, tx, scope, sha256, n):
            raise _unknown(f"{sha256}#{n}")
        proposal = bankfiles.find_proposal(tx, stored["id"])
    statement = _read_statement(app, sha256, n)
    rows = tuple(_check_balances(statement))
    return Quarantined(stored, rows, _expected_closing(statement), proposal)


def _expected_closing(statement: Statement) -> int | None:
    if statement.opening_fen is None:
        return None
    return statement.opening_fen + int(sum(statement.rows.column("amount_fen")))


def _check_balances(statement: Statement) -> list[RowInDoubt]:
    before = statement.opening_fen
    checked = []
    for row in statement.rows:
        expected = None if before is None else before + row.amount_fen
        stated = row.balance_fen
        is_break = expected is not None and stated is not None and stated != expected
        checked.append(RowInDoubt(row, expected, is_break))
        before = expected if stated is None else stated
    return checked


def release(app: App, sha256: str, n: int, *, actor: str, reason: str) -> str:
    """``proposed`` by a first officer; ``released`` into the ledger by a second one.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    return _decide(app, "release", sha256, n, actor, reason)


def reject(app: App, sha256: str, n: int, *, actor: str, reason: str) -> str:
    """``proposed`` by a first officer; ``rejected`` for good by a second one.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    return _decide(app, "reject", sha256, n, actor, reason)


def withdraw(app: App, sha256: str, n: int, *, actor: str, reason: str) -> None:
    """Take back a quarantined statement that people of the person's own institution handed in.

    It is rejected from now on; file and reason stay on record.
    Raises: NotFoundError for another's, or what bank and office handed in; ConflictError once it
    is quarantined no longer; ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ("institution",))
        file = bankfiles.find_file(tx, sha256)
        teller = teller_of(tx, file["provenance"], file["actor"]) if file else None
        if teller is None or teller != person.institution_id:
            raise _unknown(f"{sha256}#{n}")
        stored = _get_quarantined(tx, sha256, n)
        bankfiles.drop_proposal(tx, stored["id"])
        audit.record(
            tx, actor, "quarantine.withdraw", f"{sha256}#{n}", reason=reason,
            before={"status": stored["status"]}, after={"status": "rejected"},
        )  # fmt: skip
        _reject(tx, stored)
        refresh_status(tx, sha256)


def _decide(app: App, decision: Decision, sha256: str, n: int, actor: str, reason: str) -> str:
    require_reason(reason)
    with app.database.reading() as tx:
        person = get_acting(tx, actor, DECIDERS)
        account_no = _get_quarantined(tx, sha256, n)["account_no"]
    statement = _read_statement(app, sha256, n) if decision == "release" else None
    with app.database.transaction() as tx:
        accounts = bankfiles.lock_accounts(tx, [account_no])
        stored = _get_quarantined(tx, sha256, n)
        _check_scope(app, tx, person, stored)
        _check_releasable(decision, stored)
        proposal = bankfiles.find_proposal(tx, stored["id"])
        subject = f"{sha256}#{n}"
        if proposal is None or proposal.decision != decision:
            bankfiles.put_proposal(tx, stored["id"], decision=decision, actor=actor, reason=reason)
            earlier = None if proposal is None else proposal.decision
            audit.record(
                tx, actor, f"quarantine.{decision}.proposed", subject, reason=reason,
                before={"proposed": earlier}, after={"proposed": decision},
            )  # fmt: skip
            return "proposed"
        if proposal.actor == actor:
            raise ConflictError(
                "SECOND-OFFICER",
                "须由另一名经办人确认",
                "another officer than the one who proposed must confirm",
            )
        bankfiles.drop_proposal(tx, stored["id"])
        status = "rejected" if statement is None else "accepted"
        audit.record(
            tx, actor, f"quarantine.{decision}", subject, reason=reason,
            before={"status": stored["status"]}, after={"status": status},
        )  # fmt: skip
        if statement is None:
            _reject(tx, stored)
        else:
            account = accounts[account_no]
            bankfiles.set_statement(
                tx, stored["id"], status="accepted", reason=None, difference_fen=None
            )
            settle(app, tx, [(stored["id"], let_stand(statement, account))])
        tell_of_decision(
            tx, stored, "statement_rejected" if statement is None else "statement_released"
        )
        refresh_status(tx, sha256)
    match_changed(app)
    return "rejected" if statement is None else "released"


def _reject(tx: Transaction, stored: Record) -> None:
    bankfiles.set_statement(tx, stored["id"], status="rejected")
    if stored["institution_id"] is not None:
        mark_changed(tx, {stored["institution_id"]}, entries=False)


def _check_scope(app: App, tx: Transaction, person: User, stored: Record) -> None:
    district = bankfiles.find_district(tx, stored["institution_id"], today())
    district = district or app.config.office.district
    if not person.scope.sees(district, stored["institution_id"]):
        raise _unknown(f"{stored['file_sha256']}#{stored['n']}")


def _check_releasable(decision: Decision, stored: Record) -> None:
    if decision == "release" and not is_releasable(stored["account_id"], stored["currency"]):
        raise ConflictError(
            "NOT-RELEASABLE",
            "账户未登记或币种非人民币的对账单不能放行；请先导入账户登记",
            "a statement of an unregistered account or another currency cannot be released: "
            "import the account first",
        )


def _get_quarantined(tx: Transaction, sha256: str, n: int) -> Record:
    for row in bankfiles.list_statements(tx, sha256):
        if row["n"] == n:
            if row["status"] == "quarantined":
                return row
            raise ConflictError(
                "NOT-QUARANTINED",
                f"该对账单状态为 {row['status']}，不在隔离中",
                f"this statement is {row['status']}, not quarantined",
            )
    raise _unknown(f"{sha256}#{n}")


def _read_statement(app: App, sha256: str, n: int) -> Statement:
    for statement in read_again(app, sha256).statements:
        if statement.n == n:
            return statement
    raise _unknown(f"{sha256}#{n}")


def _unknown(reference: str) -> NotFoundError:
    return NotFoundError(
        "STATEMENT-UNKNOWN",
        f"没有（或不止一份）对账单 {reference}",
        f"no statement, or more than one, is {reference}",
    )
