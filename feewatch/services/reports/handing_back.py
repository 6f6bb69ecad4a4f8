"""Results that go back to whoever sent the data: answers to a hotline, outcomes to the platform.

Only what officers decided leaves: clues that were answered, and matters of cases that were served;
an alert that nobody confirmed is not told. That a file was given out is on record.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import today
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, format_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import DECIDERS, Scope
from feewatch.registry import cells
from feewatch.registry.cells import CellFault
from feewatch.registry.handing_back import FOLDER, BackForm, load_back_forms
from feewatch.services.people.acting import get_acting
from feewatch.services.reports.rectification import RectificationRow, list_rectification
from feewatch.store import audit
from feewatch.store.lists import outbox
from feewatch.store.pages import PageRow, places
from feewatch.store.pages.places import WAITING
from feewatch.store.pages.rectification import WantedRows

_write_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
HOTLINE = "12345"


@dataclass(frozen=True)
class BackFile:
    """A file to hand back, and how it is to be understood."""

    form: BackForm
    content: bytes
    rows: int
    left_out: int = 0  # rows that the form cannot name: matters of accounts without institution


def list_back_forms(config: Config) -> dict[str, BackForm]:
    """The forms shipped and those of the configured folders, by id.

    Raises: InvalidInputError listing every fault of every file.
    """
    return load_back_forms([config.resolve(each) / FOLDER for each in config.registers.folders])


def get_back_form(config: Config, name: str, content: str) -> BackForm:
    """The form of a name that tells of answers, or of results.

    Raises: NotFoundError; InvalidInputError for faulty files.
    """
    form = list_back_forms(config).get(name)
    if form is None or form.content != content:
        raise NotFoundError("BACK-FORM-UNKNOWN", f"没有回传格式 {name}", f"no form {name}")
    return form


def days_late(clue: PageRow) -> int | None:
    """How many days after its day an answer came, or has not come yet.

    None without such a day, and where no answer is waited for any more and none is known.
    """
    if clue.due_on is None or (clue.answered_on is None and clue.state not in WAITING):
        return None
    until: Day = today() if clue.answered_on is None else clue.answered_on
    return max(0, until - int(clue.due_on))


def write_answers(
    app: App,
    scope: Scope,
    days: tuple[Day, Day] | None,
    *,
    actor: str,
    file: str,
    form: str = "hotline-answers",
    source: str = HOTLINE,
) -> BackFile:
    """The answers to a hotline's work orders, answered on these days or ever.

    Raises: NotFoundError for an unknown form; InvalidInputError for faulty ones.
    """
    back = get_back_form(app.config, form, "answers")
    first, last = days or (FIRST_DAY, LAST_DAY)
    with app.database.reading() as tx:
        rows = [_answer(row) for row in places.list_answered(tx, scope, source, first, last)]
    return _given_out(app, back, rows, "clues.answers", actor, file)


def write_results(
    app: App, scope: Scope, wanted: WantedRows, *, actor: str, file: str, form: str
) -> BackFile:
    """What became of the matters that were served, as another system wants it.

    Raises: NotFoundError for an unknown form; InvalidInputError for faulty ones.
    """
    back = get_back_form(app.config, form, "results")
    rows = list_results(app, scope, wanted)
    named = [row for row in rows if row["uscc"]]
    done = _given_out(app, back, named, "results.given", actor, file)
    return BackFile(back, done.content, done.rows, len(rows) - len(named))


def list_results(app: App, scope: Scope, wanted: WantedRows) -> list[dict[str, Any]]:
    """By the names of fields what became of every matter that was served."""
    rows = list_rectification(app, scope, wanted)
    return [_result(row) for row in rows if is_confirmed(row)]


def push_results(app: App, district: str, *, actor: str, form: str) -> int:
    """The number under which the results of a district are owed to subscribers that take them.

    They are those of every department, so that a person of one alone, who sees no others, gives
    out none in the name of the district.

    Raises: NotFoundError for an unknown form; ForbiddenError; ConflictError where nobody takes
    results, everybody was given these or waits for them, or another process pushes now.
    """
    if isinstance(cells.district(district), CellFault):
        raise InvalidInputError(
            "PLACE", "应为六位行政区划代码", "this is a division code of six digits",
            field="district",
        )  # fmt: skip
    back = get_back_form(app.config, form, "results")
    takers = [each.name for each in app.config.publication.subscribers if "results" in each.takes]
    if not takers:
        raise ConflictError(
            "RESULTS-NOBODY",
            "没有接收处置结果的订阅方（配置 publication.subscribers 的 takes）",
            "no subscriber takes results (takes of publication.subscribers)",
        )
    with app.database.reading() as tx:
        person = get_acting(tx, actor, DECIDERS, district)
        before = outbox.last_number(tx, district)
    if person.department is not None:
        raise ForbiddenError(
            "RESULTS-DEPARTMENT",
            "处置结果以全区划名义推送，须由不限部门的人员办理",
            "results are given out in the name of the whole district: by a person of no one "
            "department",
        )
    rows = list_results(app, person.scope, WantedRows(district=district))
    table = back.table(row for row in rows if row["uscc"])
    content = _write_json(table)
    sha256 = hashlib.sha256(content.encode()).hexdigest()

    def document(number: int) -> str:
        told = {
            "type": "results", "district": district, "number": number,
            "made_on": format_day(today()), "form": back.id, "proven": back.proven,
            "columns": table[0], "rows": table[1:],
        }  # fmt: skip
        return _write_json(told)

    with app.database.transaction() as tx:
        get_acting(tx, actor, DECIDERS, district)
        if outbox.last_content(tx, district) == sha256 and outbox.all_owed(tx, district, takers):
            raise ConflictError(
                "RESULTS-SAME", "自上次推送以来没有变化", "nothing changed since the last push"
            )
        number = outbox.put_results(
            tx,
            district,
            document,
            after=before,
            content_sha256=sha256,
            made_by=actor,
            subscribers=takers,
        )
        if number is None:
            raise ConflictError(
                "RESULTS-RACE", "另一进程正在推送，请重试", "another process pushes now: try again"
            )
        audit.record(
            tx, actor, "results.push", f"{district}/{number}", form=form, rows=len(table) - 1,
            subscribers=takers,
        )  # fmt: skip
    return number


def is_confirmed(row: RectificationRow) -> bool:
    """Whether an officer confirmed a matter: its case was served, and not dismissed."""
    return bool(row.asked) and row.state != "dismissed"


def _given_out(
    app: App, form: BackForm, rows: list[dict[str, Any]], act: str, actor: str, file: str
) -> BackFile:
    content = form.write(rows, file)
    with app.database.transaction() as tx:
        audit.record(tx, actor, act, form.id, format=file, rows=len(rows), proven=form.proven)
    return BackFile(form, content, len(rows))


def _answer(row: PageRow) -> dict[str, Any]:
    return {
        "clue_no": row.clue_no, "received_on": row.received_on, "due_on": row.due_on,
        "district": row.district, "uscc": row.uscc, "state": row.state, "answer": row.answer,
        "answered_on": row.answered_on, "days_late": days_late(row),
    }  # fmt: skip


def _result(row: RectificationRow) -> dict[str, Any]:
    return {
        "case": row.number, "matter": f"M{row.matter_id}", "uscc": row.uscc,
        "institution": row.institution.zh, "district": row.district, "rule": row.rule,
        "title": row.title.zh, "basis": "；".join(row.basis), "department": row.department.zh,
        "severity": row.severity, "sum_fen": row.sum_fen, "state": row.state,
        "state_on": row.state_on, "deadline_on": row.deadline, "closed_on": row.closed_on,
        "rechecked_on": row.rechecked_on, "repeated": row.is_repeated,
    }  # fmt: skip
