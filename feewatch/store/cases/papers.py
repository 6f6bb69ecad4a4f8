"""Papers in the database: numbers without gaps, what was made, what was served."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.store.tables.papers import paper, paper_service
from feewatch.store.tables.registers import institution_fact


def next_ordinal(tx: Connection, series: str, year: int) -> int:
    """The next number of a series and year; nobody else gets one before this transaction ends.

    A number is taken by the row that bears it, in the same transaction: what is rolled back or
    killed leaves no gap.
    """
    if tx.dialect.name == "postgresql":
        # SQLite writes one at a time anyway; here two clerks would read the same last number
        tx.exec_driver_sql("LOCK TABLE paper IN SHARE ROW EXCLUSIVE MODE")
    last: int | None = tx.scalar(_LAST_ORDINAL, {"of_series": series, "of_year": year})
    return (last or 0) + 1


_LAST_ORDINAL = select(func.max(paper.c.ordinal)).where(
    paper.c.series == bindparam("of_series"), paper.c.year == bindparam("of_year")
)
_KEY = select(paper.c.id).where(paper.c.number == bindparam("of_number"))
_ADD = insert(paper).returning(paper)
_BY_NUMBER = select(paper).where(paper.c.number == bindparam("of_number"))
_ADD_SERVICE = insert(paper_service)
_SERVICES = (
    select(paper_service)
    .where(paper_service.c.paper_id == bindparam("of_paper"))
    .order_by(paper_service.c.id)
)
_NAME = select(institution_fact.c.name).where(
    institution_fact.c.institution_id == bindparam("of_institution"),
    institution_fact.c.valid_from <= bindparam("on"),
    institution_fact.c.valid_to >= bindparam("on"),
)


def add_paper(tx: Connection, values: Mapping[str, Any]) -> RowMapping:
    """A new paper.

    Raises: ConflictError where its number was given in another series.
    """
    number = values["number"]
    if tx.scalar(_KEY, {"of_number": number}) is not None:
        raise ConflictError(
            "PAPER-NUMBER",
            f"文号 {number} 已在另一编号系列中使用，请改正 [papers.series]",
            f"the number {number} was given in another series: mend [papers.series]",
        )
    return tx.execute(_ADD, {**values, "made_at": timestamp()}).mappings().one()


def get_paper(tx: Connection, number: str, *, lock: bool = False) -> RowMapping:
    """A paper by its number; ``lock`` holds it against other writers.

    Raises: NotFoundError.
    """
    query = _BY_NUMBER.with_for_update() if lock else _BY_NUMBER
    row = tx.execute(query, {"of_number": number}).mappings().one_or_none()
    if row is None:
        raise unknown_paper(number)
    return row


def unknown_paper(number: str) -> NotFoundError:
    """The refusal for a paper that does not exist, or not for this person."""
    return NotFoundError("PAPER-UNKNOWN", f"没有文书 {number}", f"no paper {number}")


def list_of_case(
    tx: Connection, case_id: int, kinds: Collection[str] = (), *, void: bool = False
) -> list[RowMapping]:
    """The papers of a case, oldest first; those made void only where asked for."""
    query = select(paper).where(paper.c.case_file_id == case_id)
    if kinds:
        query = query.where(paper.c.kind.in_(list(kinds)))
    if not void:
        query = query.where(paper.c.voided_at.is_(None))
    return list(tx.execute(query.order_by(paper.c.id)).mappings())


def list_of_institution(tx: Connection, institution_id: int, kind: str) -> list[RowMapping]:
    """The papers of a kind about an institution that are not void, the latest first."""
    query = select(paper).where(
        paper.c.institution_id == institution_id,
        paper.c.kind == kind,
        paper.c.voided_at.is_(None),
    )
    return list(tx.execute(query.order_by(paper.c.id.desc())).mappings())


def list_kept(tx: Connection) -> list[RowMapping]:
    """Number, hash and hash of the template of every paper, void ones too."""
    query = select(paper.c.number, paper.c.sha256, paper.c.template_sha256)
    return list(tx.execute(query.order_by(paper.c.id)).mappings())


def void_paper(tx: Connection, paper_id: int, actor: str, reason: str) -> bool:
    """Whether the paper was made void now; False where it was before."""
    done = tx.execute(
        update(paper)
        .where(paper.c.id == paper_id, paper.c.voided_at.is_(None))
        .values(voided_by=actor, voided_at=timestamp(), void_reason=reason)
    )
    return done.rowcount == 1


def add_service(
    tx: Connection,
    paper_id: int,
    *,
    served_on: Day,
    way: str,
    recipient: str,
    note: str,
    actor: str,
) -> None:
    """When, in which way and to whom a paper was handed; a later row corrects an earlier one."""
    row = {
        "paper_id": paper_id,
        "served_on": served_on,
        "way": way,
        "recipient": recipient,
        "note": note,
        "recorded_by": actor,
        "recorded_at": timestamp(),
    }
    tx.execute(_ADD_SERVICE, row)


def list_services(tx: Connection, paper_id: int) -> list[RowMapping]:
    """All that was recorded of a paper's service; the last row stands."""
    return list(tx.execute(_SERVICES, {"of_paper": paper_id}).mappings())


def find_institution_name(tx: Connection, institution_id: int, on: Day) -> str | None:
    """The name of an institution on a day, by the register."""
    name: str | None = tx.scalar(_NAME, {"of_institution": institution_id, "on": on})
    return name
