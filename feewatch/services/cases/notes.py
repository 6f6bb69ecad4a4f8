"""Notes of the office in a case, with files: for its own people, never shown to the institution."""

from collections.abc import Sequence

from feewatch.bootstrap import App
from feewatch.kernel.people import CASEWORKERS
from feewatch.services.cases.attachments import attach
from feewatch.services.intake.proofs import Proof
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases


def add_note(app: App, number: str, text: str, files: Sequence[Proof] = (), *, actor: str) -> None:
    """Put a note and files into the history of a case; its state stays.

    Raises: NotFoundError for a case outside the person's scope, ForbiddenError, InvalidInputError,
    ConflictError where the case would have too many files.
    """
    require_reason(text)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        case = cases.get_case(tx, number)
        if not person.scope.sees_case(case):
            raise cases.unknown_case(number)
        event_id = cases.add_event(
            tx,
            case["id"],
            actor=person.name,
            step="note",
            from_state=case["state"],
            to_state=case["state"],
            reason=text,
        )
        attach(
            app, tx, case["id"], files, person.name, by_institution=False, case_event_id=event_id
        )
        detail = {"files": [file.sha256 for file in files], "reason": text}
        audit.record(tx, actor=person.name, action="case.note", object=number, detail=detail)
