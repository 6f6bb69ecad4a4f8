"""对账函 as a paper (文书): the letter to the bank, numbered, kept and served as all others are.

It is of no case: it names accounts of an institution and what the institution told of them. Of
one confirmation one letter stands; another is made once the first is void.
"""

from collections.abc import Iterable
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.papers import PAPERS
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.kernel.money import group_yuan
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.services.cases import papers as making
from feewatch.services.cases.paper_content import chinese_day
from feewatch.services.intake.confirmations import LetterFile, read_letter
from feewatch.services.people.acting import get_acting, require_role
from feewatch.store import audit
from feewatch.store.cases import papers
from feewatch.store.database import Record, Transaction
from feewatch.store.pages import PageRow

KIND = "confirmation_letter"


def make_letters(app: App, numbers: Iterable[str], *, actor: str) -> list[making.Made]:
    """The papers of confirmations that have none, each in a transaction of its own.

    Raises: as ``make_letter``.
    """
    return [make_letter(app, number, actor=actor) for number in numbers]


def make_letter(app: App, number: str, *, actor: str) -> making.Made:
    """The paper of a confirmation.

    Raises: NotFoundError, ForbiddenError; ConflictError where it has one that is not void.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        letter = read_letter(tx, person.scope, number)
        numbering = making.next_number(app, tx, KIND)  # holds other writers of papers back
        if _find(tx, letter) is not None:
            raise ConflictError(
                "CONFIRMATION-PAPER",
                f"对账函 {number} 已制作文书；须重做的，先作废",
                f"the letter of {number} was made: to make another, make that one void",
            )
        return _make(app, tx, person, letter, numbering)


def find_paper(app: App, scope: Scope, number: str) -> Record | None:
    """The paper of a confirmation; None where none was made, or it is void.

    Raises: NotFoundError for a confirmation outside the scope.
    """
    with app.database.reading() as tx:
        return _find(tx, read_letter(tx, scope, number))


def load_document(app: App, person: User, number: str) -> bytes:
    """The DOCX of the letter of a confirmation.

    Raises: NotFoundError, ForbiddenError for those who may not see whole accounts.
    """
    require_role(person, PAPERS[KIND].readers)
    row = find_paper(app, person.scope, number)
    if row is None:
        raise NotFoundError(
            "PAPER-NONE", f"对账函 {number} 尚未制作文书", f"the letter of {number} was not made"
        )
    return making.get_document(app, row)


def _find(tx: Transaction, letter: LetterFile) -> Record | None:
    rows = papers.list_of_institution(tx, letter.head.institution_id, KIND)
    number = letter.head.number
    return next((row for row in rows if row["content"]["confirmation"] == number), None)


def _make(
    app: App, tx: Transaction, person: User, letter: LetterFile, numbering: making.Numbering
) -> making.Made:
    head = letter.head
    content = _content(app, letter, numbering.number)
    owner = {
        "district": head.district, "case_file_id": None, "institution_id": head.institution_id,
    }  # fmt: skip
    row = making.keep_within(app, tx, person, KIND, numbering, content, owner)
    number, sha256 = numbering.number, row["sha256"]
    audit.record(tx, person.name, "paper.made", number, confirmation=head.number, sha256=sha256)
    return making.Made(row["id"], number, KIND, "", head.bank, None, sha256, row)


def _content(app: App, letter: LetterFile, number: str) -> dict[str, Any]:
    head, office, title = letter.head, app.config.office.name, PAPERS[KIND].title.zh
    return {
        "fields": {
            "office": office, "number": number, "title": title, "recipient": head.bank,
            "institution": head.name, "uscc": head.uscc, "confirmation": head.number,
            "day": chinese_day(today()),
        },
        "lists": {"items": [_item(place, row) for place, row in enumerate(letter.rows, 1)]},
        "core": {"title": f"{title} {number}", "author": office, "day": format_day(today())},
        "confirmation": head.number,
        "deadline": None,
        "recipient": head.bank,
        "reason": head.reason,
    }  # fmt: skip


def _item(place: int, row: PageRow) -> dict[str, str]:
    return {
        "n": str(place),
        "account": row.account_no,  # whole: the bank is to find the account
        "days": f"{format_day(row.from_day)} 至 {format_day(row.to_day)}",
        "opening": _yuan(row.opening_fen),
        "closing": _yuan(row.closing_fen),
        "count": str(row.entries),
        "in": _yuan(row.in_fen),
        "out": _yuan(row.out_fen),
    }


def _yuan(fen: int | None) -> str:
    return "未载明" if fen is None else group_yuan(fen)
