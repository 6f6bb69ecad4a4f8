"""The counter for bank statements: each person hands in those of accounts within their scope."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ForbiddenError, InvalidInputError, Refusal
from feewatch.kernel.people import DECIDERS, Scope, User
from feewatch.kernel.places import NATION, covers
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.services.intake.recording import ingest, ingest_content, load_dialects_of
from feewatch.services.people.acting import require_role
from feewatch.services.people.quotas import (
    count_upload,
    refuse_used_up,
    take_unregistered,
    take_upload,
)
from feewatch.statements.model import FileReading
from feewatch.statements.reading import read
from feewatch.store.database import Transaction
from feewatch.store.pages import statements
from feewatch.store.registers import registers

#: Roles that may hand statements in: of the office, of an institution, and programs.
SENDERS = DECIDERS | {"institution", "api"}


def hand_in(
    app: App, user: User, name: str, content: bytes, *, channel: str = "upload"
) -> FileOutcome:
    """What a file came to.

    Raises: ForbiddenError where a statement is of an account outside the person's scope,
    InvalidInputError for more entries than a file may have, QuotaError; then nothing is kept.
    """
    refuse_used_up(app, user, len(content))
    reading = read(content, name, load_dialects_of(app))
    try:
        _admit(app, user, name, reading)
    except Refusal:
        take_upload(app, user, len(content))  # it was read
        raise

    def count(tx: Transaction) -> None:
        count_upload(app, tx, user, len(content))

    return ingest_content(
        app, content, name, actor=user.name, channel=channel, reading=reading, beside=count
    )


def hand_in_paths(
    app: App, user: User, paths: Sequence[Path], dialect: str | None = None
) -> Iterator[FileOutcome]:
    """The outcome of each file of some paths, as it happens; one that is not theirs is rejected.

    Raises: ForbiddenError for a role that hands nothing in; InvalidInputError for a layout that
    does not exist.
    """
    require_role(user, SENDERS)
    admit = None if user.scope == Scope() else partial(_refusal, app, user.scope)
    return ingest(app, paths, dialect=dialect, actor=user.name, admit=admit)


def _admit(app: App, user: User, name: str, reading: FileReading) -> None:
    """Nothing, or a refusal of a file that the person may not hand in.

    Raises: ForbiddenError, InvalidInputError, QuotaError.
    """
    _refuse_long(app, name, reading)
    refusal = _refusal(app, user.scope, name, reading)
    if refusal is not None:
        raise refusal
    if user.institution_id is not None:
        strangers = _count_unregistered(app, reading)
        if strangers:
            take_unregistered(app, user.institution_id, strangers)


def _refuse_long(app: App, name: str, reading: FileReading) -> None:
    """Nothing, or a refusal of a file of more entries than one may have.

    Raises: InvalidInputError.
    """
    most = app.config.limits.entries_a_file
    count = sum(len(statement.rows) for statement in reading.statements)
    if count > most:
        raise InvalidInputError(
            "FILE-ENTRIES",
            f"{name} 有 {count} 笔流水，每个文件至多 {most} 笔，请按月份拆分后上传",
            f"{name} has {count} entries, a file has at most {most}: split it by months",
            field="files",
        )


def _count_unregistered(app: App, reading: FileReading) -> int:
    """How many statements of a file are of accounts on no register."""
    account_nos = {each.account_no for each in reading.statements}
    with app.database.reading() as tx:
        known = set(statements.list_owners(tx, account_nos))
    return sum(each.account_no not in known for each in reading.statements)


def _refusal(app: App, scope: Scope, name: str, reading: FileReading) -> ForbiddenError | None:
    """Why a file may not be handed in by who has this scope; None where it may."""
    if _may_hand_in(app, scope, {each.account_no for each in reading.statements}):
        return None
    return ForbiddenError(
        "ACCOUNT-FOREIGN",
        f"{name} 含有其他机构或其他辖区账户的对账单，未接收",
        f"{name} holds statements of an account that is not yours to hand in, and was not taken",
    )


def _may_hand_in(app: App, scope: Scope, account_nos: set[str]) -> bool:
    """Whether all accounts lie within the scope; those not on the register are the office's.

    An institution may hand in an account that is about to be registered.
    """
    with app.database.reading() as tx:
        owners = statements.list_owners(tx, account_nos)
        if scope.institution_id is not None:
            return set(owners.values()) <= {scope.institution_id}
        places = registers.places_of(tx, set(owners.values()), today())
    if account_nos - set(owners) and not covers(scope.district, app.config.office.district):
        return False
    return all(covers(scope.district, places.get(each, NATION)) for each in owners.values())
