"""事先告知: the notice that is served before a decision is put on file, and its party is told.

From then on the institution has it on its own pages and may answer. A decision names the notice
that came before it; one that comes to nothing is dropped on record.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import own_notice
from feewatch.credit.advance_notice import DROPPED, AdvanceNotice
from feewatch.credit.notice_form import FILES, read_notice
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import Proof, keep_proof
from feewatch.services.lists.decision_frames import frame_of
from feewatch.services.lists.decision_papers import DecisionFaultsError, read_form_file
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import notices
from feewatch.store.people.users import find_institution_id

SERVERS = ("officer",)


class NoticePapers(NamedTuple):
    """The notice itself and the record of its service, as files."""

    notice: Proof
    record: Proof


def read_notice_file(path: Path) -> tuple[dict[str, Any], NoticePapers]:
    """A notice's values and its files, which lie beside it.

    Raises: InvalidInputError, DecisionFaultsError.
    """
    values, files = read_form_file(path, FILES)
    return values, read_notice_papers(files.get("file"), files.get("record"))


def read_notice_papers(notice: Proof | None, record: Proof | None) -> NoticePapers:
    """The two files of a notice.

    Raises: InvalidInputError where one is missing.
    """
    if notice is None or record is None:
        raise InvalidInputError(
            "ADVANCE-NOTICE-FILE",
            "须附事先告知书（file）和送达回证（record）：PDF、JPEG 或 PNG",
            "the notice (file) and the record of its service (record) must be attached",
        )
    return NoticePapers(notice, record)


def put_on_file(
    app: App, form: Mapping[str, Any], papers: NoticePapers, *, actor: str, file: str = ""
) -> int:
    """The key of a notice that was served, now on file; the institution is told and may answer.

    Raises: DecisionFaultsError with every fault, ConflictError for one on file already,
    ForbiddenError.
    """
    for paper in papers:
        keep_proof(app, paper)
    with app.database.transaction() as tx:
        notice, problems = read_notice(form, frame_of(app, tx, form), file)
        if notice is None:
            raise DecisionFaultsError(problems)
        get_acting(tx, actor, SERVERS, notice.district)
        key = notices.add(
            tx, notice, actor=actor,
            file_name=papers.notice.name, file_sha256=papers.notice.sha256,
            record_name=papers.record.name, record_sha256=papers.record.sha256,
        )  # fmt: skip
        detail = {"uscc": notice.uscc, "until": format_day(notice.defend_until)}
        audit.record(tx, actor, "notice.serve", notice.number, detail)
        _tell(tx, key, notice)
    return key


def drop(app: App, key: int, *, actor: str, reason: str) -> None:
    """End a notice without a decision.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError where a decision rests
    on it or it has ended.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = get_notice(tx, key, lock=True)
        get_acting(tx, actor, CASEWORKERS, row["district"])
        if notices.has_proposal(tx, key) or not notices.end(tx, key, DROPPED, reason, actor):
            raise ConflictError(
                "ADVANCE-NOTICE-STATE",
                f"事先告知 {row['number']} 已拟定决定或已办结",
                f"a decision rests on notice {row['number']}, or it has ended",
            )
        audit.record(tx, actor, "notice.drop", row["number"], reason=reason)
        institution = find_institution_id(tx, row["uscc"])
        if institution is not None:
            text = Text(f"事先告知 {row['number']} 不再处理", f"notice {row['number']} is dropped")
            tell(
                tx, to_institution=institution, kind="decision_near", object=row["number"][:60],
                text=text, address=own_notice(key),
            )  # fmt: skip


def get_notice(tx: Transaction, key: int, *, lock: bool = False) -> Record:
    """A notice by its key.

    Raises: NotFoundError.
    """
    row = notices.find(tx, key, lock=lock)
    if row is None:
        raise unknown_notice(key)
    return row


def unknown_notice(key: int | str) -> NotFoundError:
    """The refusal of a notice that is not there, or not for who asks."""
    return NotFoundError("ADVANCE-NOTICE-UNKNOWN", f"没有事先告知 {key}", f"no notice {key}")


def _tell(tx: Transaction, key: int, notice: AdvanceNotice) -> None:
    institution = find_institution_id(tx, notice.uscc)
    if institution is None:
        return
    until = format_day(notice.defend_until)
    text = Text(
        f"收到事先告知 {notice.number}：可在 {until} 前陈述申辩"
        + ("或申请听证" if notice.hearing else ""),
        f"notice {notice.number}: a decision is being prepared; you may answer it until {until}"
        + (" or ask for a hearing" if notice.hearing else ""),
    )
    tell(
        tx, to_institution=institution, kind="decision_near", object=notice.number[:60],
        text=text, address=own_notice(key),
    )  # fmt: skip
