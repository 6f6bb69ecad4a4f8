"""Files that go with an answer, an objection or a note: looked at, of types an office can open."""

from collections.abc import Iterable

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import (
    OFFICE_FILES,
    PICTURES_AND_PDF,
    KindTaken,
    Proof,
    read_proof,
)

MOST_MB = 10
#: As many files as go with one act.
MOST_AT_ONCE = 10
_TAKEN = KindTaken(
    "ATTACHMENT",
    Text("附件", "an attachment"),
    {*PICTURES_AND_PDF, *OFFICE_FILES},
    "PDF, JPEG, PNG, DOCX or XLSX",
    MOST_MB,
)


def read_attachments(files: Iterable[tuple[str, bytes]]) -> list[Proof]:
    """Files as (name, bytes), looked at and not yet kept.

    Raises: InvalidInputError where there are too many, or one is of no type that is taken.
    """
    proofs = [read_proof(_TAKEN, name, content) for name, content in files]
    if len(proofs) > MOST_AT_ONCE:
        raise InvalidInputError(
            "ATTACHMENT-MANY",
            f"一次至多 {MOST_AT_ONCE} 个附件",
            f"at most {MOST_AT_ONCE} attachments at once",
        )
    return proofs
