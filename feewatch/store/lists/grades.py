"""Sheets of 信用评价 in the database: written with each change's own row, moved conditionally."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, text, update

from feewatch.credit.grades import DRAFT
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import prefix
from feewatch.kernel.text import Text
from feewatch.store.tables.casework import case_event, case_file
from feewatch.store.tables.grades import grade, grade_event, grade_file, grade_objection

#: Rows of one statement, so that its parameters stay within what databases take.
_AT_ONCE = 200


def list_of_period(tx: Connection, period: str) -> dict[int, RowMapping]:
    """The sheets of a period by institution."""
    rows = tx.execute(select(grade).where(grade.c.period == period)).mappings()
    return {row["institution_id"]: row for row in rows}


def add(tx: Connection, sheets: Sequence[Mapping[str, Any]]) -> None:
    """Put new sheets on record; each is a draft."""
    rows = [{"status": DRAFT, **sheet} for sheet in sheets]
    for n in range(0, len(rows), _AT_ONCE):
        tx.execute(insert(grade), rows[n : n + _AT_ONCE])


def redraft(tx: Connection, key: int, sheet: Mapping[str, Any]) -> bool:
    """Whether a draft was computed anew; False where it is none any more."""
    changed = tx.execute(
        update(grade).where(grade.c.id == key, grade.c.status == DRAFT).values(dict(sheet))
    )
    return changed.rowcount == 1


def find(tx: Connection, uscc: str, period: str) -> RowMapping | None:
    """The sheet of an institution for a period, held against other writers."""
    query = select(grade).where(grade.c.uscc == uscc, grade.c.period == period)
    return tx.execute(query.with_for_update()).mappings().one_or_none()


def get(tx: Connection, uscc: str, period: str) -> RowMapping:
    """The same.

    Raises: NotFoundError.
    """
    row = find(tx, uscc, period)
    if row is None:
        raise unknown(uscc, period)
    return row


def unknown(uscc: str, period: str) -> NotFoundError:
    """The refusal for a sheet that does not exist, or not for this person."""
    which = Text(f" {period} 的", f" of {period}") if period else Text("", "")
    return NotFoundError(
        "GRADE-UNKNOWN", f"{uscc} 没有{which.zh}评价", f"{uscc} has no grade{which.en}"
    )


def move(tx: Connection, key: int, before: str, **values: Any) -> None:
    """New values for a sheet, if its status is still the one that was judged.

    Raises: ConflictError where another person was faster.
    """
    changed = tx.execute(
        update(grade)
        .where(grade.c.id == key, grade.c.status == before)
        .values({grade.c[name]: value for name, value in values.items()})
    )
    if changed.rowcount != 1:
        raise ConflictError(
            "GRADE-MOVED", "该评价刚被他人处理，请刷新后重试", "someone else just moved this grade"
        )


def add_event(
    tx: Connection,
    key: int,
    change: str,
    actor: str,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """One line of the history of a sheet."""
    add_events(tx, [key], change, actor, before=before, after=after, reason=reason, detail=detail)


def add_events(
    tx: Connection,
    keys: Collection[int],
    change: str,
    actor: str,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """The same line in the histories of several."""
    row = {
        "at": timestamp(), "actor": actor, "change": change, "before": before, "after": after,
        "reason": reason, "detail": dict(detail or {}),
    }  # fmt: skip
    if keys:
        tx.execute(insert(grade_event), [{"grade_id": key, **row} for key in keys])


def list_events(tx: Connection, key: int) -> list[RowMapping]:
    """The history of a sheet, oldest first."""
    query = select(grade_event).where(grade_event.c.grade_id == key).order_by(grade_event.c.id)
    return list(tx.execute(query).mappings())


def add_objection(tx: Connection, key: int, text: str, made_by: str) -> int:
    """Put an objection on record; its key."""
    row = {"grade_id": key, "text": text, "made_by": made_by, "made_at": timestamp()}
    added = tx.execute(insert(grade_objection).values(row).returning(grade_objection.c.id))
    return int(added.scalar_one())


def list_objections(tx: Connection, key: int) -> list[RowMapping]:
    """The objections to a sheet, the first first."""
    query = select(grade_objection).where(grade_objection.c.grade_id == key)
    return list(tx.execute(query.order_by(grade_objection.c.id)).mappings())


def has_open_objection(tx: Connection, key: int) -> bool:
    """Whether an objection to a sheet waits for its answer."""
    query = select(func.count()).where(
        grade_objection.c.grade_id == key, grade_objection.c.answered_at.is_(None)
    )
    return bool(tx.scalar(query))


def answer(
    tx: Connection, key: int, objection_id: int, outcome: str, words: str, actor: str
) -> bool:
    """Whether an objection was answered by this; False where it was before, or is none of it."""
    changed = tx.execute(
        update(grade_objection)
        .where(
            grade_objection.c.id == objection_id,
            grade_objection.c.grade_id == key,
            grade_objection.c.answered_at.is_(None),
        )
        .values(outcome=outcome, answer=words, answered_by=actor, answered_at=timestamp())
    )
    return changed.rowcount == 1


def add_files(
    tx: Connection,
    key: int,
    objection_id: int,
    files: Sequence[Mapping[str, Any]],
    actor: str,
    *,
    by_institution: bool,
) -> None:
    """Put files (name, media_type, size, sha256) on record with an objection."""
    rows = [
        {
            **file, "grade_id": key, "objection_id": objection_id, "added_by": actor,
            "added_at": timestamp(), "by_institution": by_institution,
        }
        for file in files
    ]  # fmt: skip
    if rows:
        tx.execute(insert(grade_file), rows)


def list_files(tx: Connection, key: int) -> list[RowMapping]:
    """The files of the objections to a sheet."""
    query = select(grade_file).where(grade_file.c.grade_id == key).order_by(grade_file.c.id)
    return list(tx.execute(query).mappings())


def list_drafts(tx: Connection, period: str, usccs: Collection[str] | None) -> list[RowMapping]:
    """Drafts of a period, of some institutions or of all, held against other writers."""
    query = select(grade).where(grade.c.period == period, grade.c.status == DRAFT)
    if usccs is not None:
        query = query.where(grade.c.uscc.in_(sorted(usccs)))
    return list(tx.execute(query.order_by(grade.c.uscc).with_for_update()).mappings())


def list_set(tx: Connection, district: str | None = None) -> list[RowMapping]:
    """Grades that were set, of a district or of all, the latest period first."""
    query = select(grade).where(grade.c.set_grade.is_not(None))
    if district is not None:
        query = query.where(grade.c.district == district)
    return list(tx.execute(query.order_by(grade.c.uscc, grade.c.to_day.desc())).mappings())


def list_rows(
    tx: Connection,
    scope: Scope,
    *,
    period: str = "",
    uscc: str = "",
) -> list[RowMapping]:
    """Sheets in scope, the latest period first; an institution sees none that is a draft."""
    query = _within(select(grade), scope)
    if period:
        query = query.where(grade.c.period == period)
    if uscc:
        query = query.where(grade.c.uscc == uscc)
    ordered = query.order_by(grade.c.to_day.desc(), grade.c.points, grade.c.uscc)
    return list(tx.execute(ordered).mappings())


def list_periods(tx: Connection, scope: Scope) -> list[str]:
    """The periods with any sheet in scope, the latest first."""
    within_scope = _within(select(grade.c.period, func.max(grade.c.to_day).label("last")), scope)
    rows = tx.execute(within_scope.group_by(grade.c.period).order_by(text("last DESC")))
    return [row.period for row in rows]


def _within(query: Select[Any], scope: Scope) -> Select[Any]:
    """Sheets in scope; an institution sees none that is a draft."""
    digits = prefix(scope.district)
    if digits:
        first, last = digits.ljust(6, "0"), digits.ljust(6, "9")
        query = query.where(grade.c.district.between(first, last))
    if scope.institution_id is not None:
        query = query.where(grade.c.institution_id == scope.institution_id, grade.c.status != DRAFT)
    return query


def list_waiting(tx: Connection, keys: Collection[int] | None = None) -> set[int]:
    """The sheets with an objection that waits for its answer."""
    query = select(grade_objection.c.grade_id).where(grade_objection.c.answered_at.is_(None))
    waiting = set(tx.scalars(query))
    return waiting if keys is None else waiting & set(keys)


def list_last_looks(tx: Connection) -> dict[int, str]:
    """The moment of the latest 回头看 on record by institution."""
    rows = tx.execute(
        select(case_file.c.institution_id, func.max(case_event.c.at))
        .join(case_event, case_event.c.case_file_id == case_file.c.id)
        .where(case_event.c.step == "recheck", case_file.c.institution_id.is_not(None))
        .group_by(case_file.c.institution_id)
    )
    return {key: moment for key, moment in rows if key is not None}
