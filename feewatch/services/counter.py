"""The institution's counter: hands in bank statements, of its own accounts alone."""

from feewatch.bootstrap import App
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import User
from feewatch.services.intake import ingest_content, load_dialects_of
from feewatch.services.outcomes import FileOutcome
from feewatch.statements.reading import read
from feewatch.store.pages import statements


def hand_in(app: App, user: User, name: str, content: bytes) -> FileOutcome:
    """What a file came to.

    Raises: ForbiddenError where a statement is of an account of another institution; then nothing
    of the file is kept.
    """
    reading = read(content, name, load_dialects_of(app))
    numbers = {each.account_no for each in reading.statements}
    with app.database.reading() as tx:
        owners = statements.list_owners(tx, numbers)
    if owners - {user.institution_id}:
        raise ForbiddenError(
            "ACCOUNT-FOREIGN",
            f"{name} 含有其他机构账户的对账单，未接收",
            f"{name} holds statements of another institution's account and was not taken",
        )
    return ingest_content(app, content, name, actor=user.name, channel="upload")
