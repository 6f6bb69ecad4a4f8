"""Files attached to cases, in the database: put on record, never changed."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.store.tables.papers import attachment


class AttachedFile(NamedTuple):
    """What is kept of a file beside its bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


class Place(NamedTuple):
    """Where in a case a file belongs."""

    case_id: int
    case_event_id: int | None = None
    matter_id: int | None = None
    objection_id: int | None = None


def add(
    tx: Connection,
    place: Place,
    files: Iterable[AttachedFile],
    *,
    by_institution: bool,
    actor: str,
) -> None:
    """Put files on record at a place of a case."""
    moment = timestamp()
    rows = [
        file._asdict()
        | {
            "case_file_id": place.case_id,
            "case_event_id": place.case_event_id,
            "matter_id": place.matter_id,
            "objection_id": place.objection_id,
            "by_institution": by_institution,
            "added_by": actor,
            "added_at": moment,
        }
        for file in files
    ]
    if rows:
        tx.execute(insert(attachment), rows)


def count(tx: Connection, case_id: int) -> int:
    """How many files a case has."""
    query = select(func.count()).where(attachment.c.case_file_id == case_id)
    return tx.scalars(query.select_from(attachment)).one()
