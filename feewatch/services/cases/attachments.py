"""Files attached to a case by either side: told by their bytes, kept, given out within scope."""

from collections.abc import Sequence

from feewatch.bootstrap import App
from feewatch.casework.cases import is_served
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake.proofs import Proof, keep_proof, load_proof
from feewatch.store.cases import attachments
from feewatch.store.database import Transaction
from feewatch.store.pages import cases as pages

#: As many files as one case can have.
MOST_OF_CASE = 200


def attach(
    app: App,
    tx: Transaction,
    case_id: int,
    files: Sequence[Proof],
    actor: str,
    *,
    by_institution: bool,
    case_event_id: int | None = None,
    matter_id: int | None = None,
    objection_id: int | None = None,
) -> None:
    """Keep files and put them on record with a case; who may do so the caller has asked.

    ``by_institution``: whose files they are, whoever hands them in.

    Raises: ConflictError where the case would have too many.
    """
    if files and attachments.count(tx, case_id) + len(files) > MOST_OF_CASE:
        raise ConflictError(
            "ATTACHMENT-FULL",
            f"一个案件至多 {MOST_OF_CASE} 个附件",
            f"a case has at most {MOST_OF_CASE} attachments",
        )
    for file in files:
        keep_proof(app, file)
    attachments.add(
        tx,
        attachments.Place(case_id, case_event_id, matter_id, objection_id),
        [
            attachments.AttachedFile(file.name, file.media_type, len(file.content), file.sha256)
            for file in files
        ],
        by_institution=by_institution,
        actor=actor,
    )


def get_attachment(app: App, scope: Scope, number: str, key: int) -> tuple[str, bytes, str]:
    """A file of a case: its name, its bytes, its media type.

    An institution is given its own files and those that were addressed to it.

    Raises: NotFoundError, also outside the scope; UnavailableError where the file is gone or
    changed.
    """
    with app.database.reading() as tx:
        case = pages.find_case(tx, scope, number, today())
        is_own = scope.institution_id is not None
        if case is None or (is_own and not is_served(case.notified_by)):
            raise _unknown(key)
        rows = pages.list_attachments(tx, case.id, only_told=is_own)
    file = next((row for row in rows if row.id == key), None)
    if file is None:
        raise _unknown(key)
    content, _ = load_proof(app, file.sha256)
    return file.name, content, file.media_type


def _unknown(key: int) -> NotFoundError:
    return NotFoundError("ATTACHMENT-UNKNOWN", f"没有附件 {key}", f"no attachment {key}")
