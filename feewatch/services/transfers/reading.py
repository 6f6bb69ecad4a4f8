"""Transfers as people read them: the register of 移送, one of them, its bundle."""

from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.kernel.text import Text
from feewatch.services.intake import rawfiles
from feewatch.services.intake.proofs import load_proof
from feewatch.services.transfers.answering import unknown_transfer
from feewatch.store.cases import transfers
from feewatch.store.pages import PageRow, PageRows

STATES: dict[str, Text] = {
    transfers.SENT: Text("待回执", "waits for a receipt"),
    transfers.RECEIVED: Text("已接收", "taken over"),
    transfers.RETURNED: Text("已退回", "sent back"),
    transfers.WITHDRAWN: Text("已撤回", "taken back"),
}
_TOLD = (
    "number", "unit", "reason", "sent_by", "sent_at", "state", "received_by", "receipt_no",
    "answer", "bundle_sha256",
)  # fmt: skip


def list_transfers(app: App, scope: Scope, state: str = "") -> PageRows:
    """Transfers by and to the department of a scope, the latest first."""
    with app.database.reading() as tx:
        return transfers.list_transfers(tx, scope, today(), state=state)


def get_transfer(app: App, scope: Scope, key: int) -> PageRow:
    """One transfer.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = transfers.find(tx, scope, key, today())
    if row is None:
        raise unknown_transfer(key)
    return row


def load_bundle(app: App, scope: Scope, key: int) -> tuple[str, bytes]:
    """The name and the bytes of a bundle, which still has its hash.

    Raises: NotFoundError, UnavailableError where the file is gone or changed.
    """
    row = get_transfer(app, scope, key)
    return f"evidence-{row.case_number}-{row.id}.zip", rawfiles.load_bytes(app, row.bundle_sha256)


def load_receipt(app: App, scope: Scope, key: int) -> tuple[str, bytes, str]:
    """The name, bytes and media type of a 回执 that came on paper.

    Raises: as ``load_bundle``.
    """
    row = get_transfer(app, scope, key)
    if row.receipt_sha256 is None:
        raise unknown_transfer(key)
    content, media_type = load_proof(app, row.receipt_sha256)
    return row.receipt_name, content, media_type


def acts_for(person: User, row: PageRow) -> set[str]:
    """What a person may do about a transfer: receive, return, record a receipt, take it back."""
    if row.state != transfers.SENT or person.role not in CASEWORKERS:
        return set()
    acts = set()
    if row.to_department is not None and person.department == row.to_department:
        acts |= {"receive", "return"}
    if person.scope.sees(row.district, row.institution_id, row.from_department):
        acts |= {"receipt", "withdraw"}
    return acts


def describe(row: PageRow) -> dict[str, Any]:
    """A transfer for programs and terminals."""
    told = {name: getattr(row, name) for name in _TOLD}
    return {
        "id": row.id, "case": row.case_number, "uscc": row.uscc, "institution": row.name,
        "district": row.district, "from": row.from_department, "to": row.to_department, **told,
        "received_on": iso_or_none(row.received_on),
    }  # fmt: skip
