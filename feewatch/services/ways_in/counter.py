"""The counter for bank statements: each person hands in those of accounts within their scope."""

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import Scope, User
from feewatch.kernel.places import NATION, covers
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.services.intake.recording import ingest_content, load_dialects_of
from feewatch.statements.reading import read
from feewatch.store.pages import statements
from feewatch.store.registers import registers


def hand_in(
    app: App, user: User, name: str, content: bytes, *, channel: str = "upload"
) -> FileOutcome:
    """What a file came to.

    Raises: ForbiddenError where a statement is of an account outside the person's scope; then
    nothing of the file is kept.
    """
    reading = read(content, name, load_dialects_of(app))
    numbers = {each.account_no for each in reading.statements}
    if not _may_hand_in(app, user.scope, numbers):
        raise ForbiddenError(
            "ACCOUNT-FOREIGN",
            f"{name} 含有其他机构或其他辖区账户的对账单，未接收",
            f"{name} holds statements of an account that is not yours to hand in, "
            "and was not taken",
        )
    return ingest_content(app, content, name, actor=user.name, channel=channel, reading=reading)


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
