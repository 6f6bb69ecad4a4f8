"""送达: a paper is handed over, which tells the institution; a further row corrects a service.

Serving an order or a hint that was made before the case was notified takes the step ``notify`` in
the same transaction: nobody is served without being told, or told twice.
"""

from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import own_paper
from feewatch.casework.papers import FILE, INSTITUTION, PAPERS, TELLING, WAYS
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import User
from feewatch.kernel.text import Text, tidy
from feewatch.services.cases import papers as making
from feewatch.services.cases import steps
from feewatch.services.cases.held_case import HeldCase, hold
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting
from feewatch.store import audit
from feewatch.store.cases import cases, papers
from feewatch.store.database import Record, Transaction

RECIPIENT_MOST = 120


class Service(NamedTuple):
    """How a paper was handed over."""

    way: str
    on: Day
    recipient: str = ""  # by default the one to whom it is addressed
    note: str = ""  # why, where it corrects an earlier row


def serve(app: App, number: str, service: Service, *, actor: str) -> str:
    """Put on record that a paper was served; the state of its case afterwards, if it is of one.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where the paper is void,
    is for the file alone, or is served already and no reason is given.
    """
    with app.database.transaction() as tx:
        row, person = making.lock_paper(tx, number, actor)
        return serve_within(app, tx, person, row, service)


def serve_latest(
    app: App, case_number: str, kind: str, service: Service, *, actor: str
) -> tuple[str, str]:
    """The same for the latest paper of a kind of a case; its number and the case's state.

    Raises: as ``serve``.
    """
    roles = making.get_kind(kind).roles
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, roles)
        case = making.get_case(tx, person.scope, case_number)
        number = making.get_latest(tx, case, kind)["number"]
        row, _ = making.lock_paper(tx, number, actor)
        return number, serve_within(app, tx, person, row, service)


def serve_within(
    app: App,
    tx: Transaction,
    person: User,
    row: Record,
    service: Service,
    holidays: Holidays | None = None,
    held: HeldCase | None = None,
) -> str:
    """The same inside a transaction of more, which holds the paper, and its case where given.

    Raises: as ``serve``.
    """
    _check(row, service)
    is_new = held is not None and held.paper is row
    earlier = [] if is_new else papers.list_services(tx, row["id"])
    note = service.note.strip()
    if earlier and not note:
        raise ConflictError(
            "PAPER-SERVED",
            f"文书 {row['number']} 已登记送达；更正请写明理由",
            f"the service of {row['number']} is on record: give a reason to correct it",
        )
    recipient = tidy(service.recipient) or row["content"]["recipient"]
    papers.add_service(
        tx,
        row["id"],
        served_on=service.on,
        way=service.way,
        recipient=recipient[:RECIPIENT_MOST],
        note=note,
        actor=person.name,
    )
    words = f"{row['number']}：{WAYS[service.way].zh}，{format_day(service.on)}，{recipient}"
    step = "serve" if PAPERS[row["kind"]].goes_to == INSTITUTION else "send"
    words = f"{words}。更正：{note}" if earlier else words
    making.add_to_history(tx, row, person, step, words, held.case["state"] if held else None)
    detail = {"way": service.way, "on": format_day(service.on), "corrects": bool(earlier)}
    audit.record(tx, person.name, "paper.served", row["number"], detail)
    if step == "serve" and row["institution_id"] is not None:
        title = PAPERS[row["kind"]].title
        tell(
            tx,
            to_institution=row["institution_id"],
            kind="paper_served",
            object=row["number"],
            text=Text(f"向贵单位送达{title.zh} {row['number']}", f"{title.en} {row['number']}"),
            address=own_paper(row["id"]),
            is_new=is_new,
        )
    return _tell(app, tx, person, row, holidays, held)


def _tell(
    app: App,
    tx: Transaction,
    person: User,
    row: Record,
    holidays: Holidays | None,
    held: HeldCase | None,
) -> str:
    """Take the step that tells the institution, unless its case is past it; the state then."""
    if row["case_file_id"] is None:
        return ""
    state: str = held.case["state"] if held else cases.get_state(tx, row["case_file_id"])
    if row["kind"] in TELLING and state == "triaged":
        held = held or hold(tx, person, cases.get_number(tx, row["case_file_id"]))
        reason = row["content"]["reason"] or f"送达 {row['number']}"
        state = steps.take_held(app, tx, person, held, "notify", reason, holidays=holidays).state
    return state


def _check(row: Record, service: Service) -> None:
    kind = PAPERS[row["kind"]]
    if kind.goes_to == FILE:
        raise ConflictError(
            "PAPER-FOR-FILE",
            f"{kind.title.zh}存入案卷，不送达",
            f"a {kind.title.en} stays in the file and is served on nobody",
        )
    if row["voided_at"] is not None:
        raise making.void_already(row["number"])
    if service.way not in WAYS:
        raise InvalidInputError(
            "PAPER-WAY",
            f"没有送达方式 {service.way}，可用：{'、'.join(WAYS)}",
            f"no way {service.way}; ways are: {', '.join(WAYS)}",
        )
    made = parse_day(row["made_at"][:10])
    assert made is not None
    if not made <= service.on <= today():
        raise InvalidInputError(
            "PAPER-SERVED-ON",
            f"送达日期应在文书制作日 {format_day(made)} 与今日之间",
            f"a paper is served between {format_day(made)}, when it was made, and today",
        )
    if len(service.recipient) > RECIPIENT_MOST:
        raise InvalidInputError(
            "PAPER-RECIPIENT",
            f"签收人至多 {RECIPIENT_MOST} 字",
            f"a recipient has at most {RECIPIENT_MOST} characters",
        )
