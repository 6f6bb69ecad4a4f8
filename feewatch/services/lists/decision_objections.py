"""陈述申辩, 听证申请 and 异议: said by an institution on its own pages, answered by the office.

What comes after its time is taken and marked late. What was asked in time holds the decision up
until it is answered; the answer itself moves nothing: what follows from it are steps of their own.
"""

from collections.abc import Sequence
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.answers import MOST_LETTERS
from feewatch.casework.messages import desk_decision, desk_notice, own_decision, own_notice
from feewatch.credit.advance_notice import OPEN
from feewatch.credit.decisions import IN_FORCE, PROPOSED, REVIEWED
from feewatch.credit.objections import (
    AFTER,
    ANSWERED,
    BEFORE,
    GRANTED,
    HEARING,
    KINDS,
    OUTCOMES,
    PENDING,
    WAITING,
    WITHDRAWN,
    is_owed,
    outcomes_of,
)
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import Proof, keep_proofs
from feewatch.services.lists.advance_notices import get_notice, unknown_notice
from feewatch.services.lists.decision_frames import working_days_after
from feewatch.services.messages import tell, tell_office
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, objections
from feewatch.store.lists.objections import About
from feewatch.store.people.users import find_institution_id

#: An institution's person, or its program.
PARTIES = ("institution", "api")


class Subject(NamedTuple):
    """What is objected to, with what the office and the party have to know of it."""

    about: About
    title: str  # number of the notice or document
    uscc: str
    district: str
    kinds: tuple[str, ...]  # what may be said now
    until: Day  # the last day in time
    people: tuple[str, ...]  # who made it
    desk: str
    own: str


def object_to(
    app: App,
    about: About,
    kind: str,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
    received_on: Day | None = None,
) -> int:
    """The key of what an institution says against a notice, a decision or its correction.

    An officer puts on record what came on paper, with the day on which it came.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError where nothing of the
    kind can be said any more, or one of the kind waits for its answer.
    """
    _check_text(text)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, (*PARTIES, *CASEWORKERS))
        subject = get_subject(app, tx, about)
        is_own = _is_party(tx, person, subject)
        if kind not in subject.kinds:
            raise _not_now(kind, subject)
        said = objections.list_about(tx, about)
        if any(row["kind"] == kind and row["state"] in PENDING and _same(row, about)
               for row in said):  # fmt: skip
            raise ConflictError(
                "OBJECTION-WAITS",
                "同类申辩或异议正待答复",
                "one of the kind waits for its answer",
            )
        day = today() if is_own or received_on is None else received_on
        if day > today():
            raise InvalidInputError(
                "OBJECTION-DAY", "收到日晚于今天", "received after today", field="received_on"
            )
        key = objections.add(
            tx, about, uscc=subject.uscc, district=subject.district, kind=kind, text=text.strip(),
            received_on=day, is_late=day > subject.until, by_institution=is_own,
            answer_due=working_days_after(app, day, "objection_answer_days"), made_by=person.name,
        )  # fmt: skip
        _put_down(app, tx, key, "made", text, person.name, files)
        detail = {"objection": key, "kind": kind, "late": day > subject.until}
        audit.record(tx, person.name, "decision.object", subject.title, detail)
        tell_office(
            tx, district=subject.district, people=subject.people, but=person.name,
            kind="objection_in", object=subject.title[:60],
            text=Text(
                f"{subject.title} 收到{KINDS[kind].zh}",
                f"a {KINDS[kind].en} came in: {subject.title}",
            ),
            address=f"{subject.desk}#o{key}",
        )  # fmt: skip
    return key


def withdraw(app: App, key: int, *, actor: str, reason: str) -> None:
    """The party takes back what it said, while it is not answered.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    _check_text(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, PARTIES)
        row = _get(tx, key)
        subject = get_subject(app, tx, _about(row))
        if not _is_party(tx, person, subject):
            raise _unknown(key)
        if row["state"] not in PENDING:
            raise _answered(key)
        objections.move(tx, key, row["state"], state=WITHDRAWN)
        _put_down(app, tx, key, "withdrawn", reason, person.name)
        audit.record(tx, person.name, "decision.withdraw", subject.title, objection=key)


def answer(
    app: App,
    key: int,
    outcome: str,
    text: str,
    files: Sequence[Proof] = (),
    *,
    actor: str,
    hearing_on: Day | None = None,
) -> None:
    """The office's answer, with its reason; the institution is told.

    A hearing is granted for a day, and afterwards said to have been held, by another person than
    who served the notice.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    _check_text(text)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = _get(tx, key)
        subject = get_subject(app, tx, _about(row))
        if not person.scope.sees(row["district"], None):
            raise _unknown(key)
        owed = is_owed(row, told=is_told(tx, row))
        if row["state"] not in PENDING:
            raise _answered(key)
        if outcome not in outcomes_of(row["kind"], row["state"], is_owed=owed):
            raise _no_such_answer(row, outcome)
        values: dict[str, object] = {"state": ANSWERED}
        if outcome == "granted":
            values = {"state": GRANTED, "hearing_on": _hearing_day(app, hearing_on)}
        elif outcome == "held":
            _check_held(tx, row, person)
        objections.move(
            tx, key, row["state"], outcome=outcome, answer=text.strip(), answered_by=person.name,
            answered_at=timestamp(), **values,
        )  # fmt: skip
        _put_down(app, tx, key, outcome, text, person.name, files)
        detail = {"objection": key, "outcome": outcome, "reason": text}
        audit.record(tx, person.name, "decision.answer", subject.title, detail)
        _tell_party(tx, row, subject, outcome, values.get("hearing_on"))


def get_subject(app: App, tx: Transaction, about: About) -> Subject:
    """What is objected to.

    Raises: NotFoundError.
    """
    if about.advance_notice_id is not None:
        notice = get_notice(tx, about.advance_notice_id, lock=True)
        return Subject(
            about, notice["number"], notice["uscc"], notice["district"],
            BEFORE if notice["state"] == OPEN else (), notice["defend_until"],
            (notice["recorded_by"],), desk_notice(notice["id"]), own_notice(notice["id"]),
        )  # fmt: skip
    row = decisions.find_row(tx, about.decision_id or 0)
    if row is None:
        raise NotFoundError("DECISION-UNKNOWN", "没有该决定", "there is no such decision")
    kinds: tuple[str, ...] = BEFORE
    until = row["objection_until"]
    if row["status"] not in (PROPOSED, REVIEWED):
        kinds = AFTER if row["status"] == IN_FORCE else ()
        begin = _effective(tx, row, about)
        until = working_days_after(app, begin, "entry_objection_days")
    people = tuple(name for name in (row["proposed_by"], row["reviewed_by"]) if name)
    return Subject(
        about, row["document"], row["uscc"], row["district"], kinds, until, people,
        desk_decision(row["id"]), own_decision(row["id"]),
    )  # fmt: skip


def is_told(tx: Transaction, row: Record) -> bool:
    """Whether the notice to which an objection belongs told of the right to a hearing."""
    key = row["advance_notice_id"]
    return key is not None and bool(get_notice(tx, key)["hearing"])


def _effective(tx: Transaction, row: Record, about: About) -> Day:
    """The day from which a decision, or its correction, may be objected to."""
    if about.decision_correction_id is not None:
        correction = objections.find_correction(tx, about.decision_correction_id)
        if correction is None or correction["decision_id"] != row["id"]:
            raise NotFoundError("CORRECTION-UNKNOWN", "没有该更正", "there is no such correction")
        moment = correction["decided_at"] or correction["asked_at"]
    else:
        approved = [each for each in decisions.list_events(tx, row["id"])
                    if each["change"] in ("approved", "added")]  # fmt: skip
        moment = approved[-1]["at"] if approved else ""
    return parse_day(moment[:10]) or int(row["decided_on"])


def _is_party(tx: Transaction, person: User, subject: Subject) -> bool:
    """Whether an institution speaks for itself; False for an officer who takes it on paper.

    Raises: NotFoundError for what another institution or place is about.
    """
    if person.role in CASEWORKERS:
        if not person.scope.sees(subject.district, None):
            raise unknown_notice(subject.title)
        return False
    institution = find_institution_id(tx, subject.uscc) if subject.uscc else None
    if institution is None or person.institution_id != institution:
        raise unknown_notice(subject.about.advance_notice_id or subject.about.decision_id or 0)
    return True


def _same(row: Record, about: About) -> bool:
    return bool(row["decision_correction_id"] == about.decision_correction_id)


def _about(row: Record) -> About:
    return About(row["advance_notice_id"], row["decision_id"], row["decision_correction_id"])


def _get(tx: Transaction, key: int) -> Record:
    row = objections.find(tx, key, lock=True)
    if row is None:
        raise _unknown(key)
    return row


def _put_down(
    app: App,
    tx: Transaction,
    key: int,
    act: str,
    text: str,
    actor: str,
    files: Sequence[Proof] = (),
) -> None:
    objections.add_event(tx, key, act, text.strip(), actor, keep_proofs(app, files))


def _hearing_day(app: App, day: Day | None) -> Day:
    least = working_days_after(app, today(), "hearing_notice_days")
    if day is None or day < least:
        first = format_day(least)
        raise InvalidInputError(
            "HEARING-DAY",
            f"请填写听证日，不早于 {first}",
            f"name the day of the hearing, {first} at the earliest",
            field="hearing_on",
        )
    return day


def _check_held(tx: Transaction, row: Record, person: User) -> None:
    if today() < row["hearing_on"]:
        day = format_day(row["hearing_on"])
        raise ConflictError(
            "HEARING-EARLY", f"听证定于 {day}，尚未举行", f"the hearing is on {day}, not before"
        )
    key = row["advance_notice_id"]
    if key is not None and get_notice(tx, key)["recorded_by"] == person.name:
        raise ForbiddenError(
            "HEARING-OTHER-PERSON",
            "听证由送达告知书以外的人员主持",
            "a hearing is led by another person than who served the notice",
        )


def _tell_party(
    tx: Transaction, row: Record, subject: Subject, outcome: str, hearing_on: object
) -> None:
    institution = find_institution_id(tx, subject.uscc) if subject.uscc else None
    if institution is None:
        return
    word, kind = OUTCOMES[outcome], KINDS[row["kind"]]
    day = f" {format_day(hearing_on)}" if isinstance(hearing_on, int) else ""
    text = Text(
        f"{subject.title} 的{kind.zh}已答复：{word.zh}{day}",
        f"your {kind.en} about {subject.title} was answered: {word.en}{day}",
    )
    tell(
        tx, to_institution=institution, kind="objection_answered", object=subject.title[:60],
        text=text, address=f"{subject.own}#o{row['id']}",
    )  # fmt: skip


def _check_text(text: str) -> None:
    require_reason(text)
    if len(text) > MOST_LETTERS:
        raise InvalidInputError(
            "TOO-LONG",
            f"至多 {MOST_LETTERS} 字",
            f"at most {MOST_LETTERS} characters",
            field="reason",
        )


def _not_now(kind: str, subject: Subject) -> ConflictError | InvalidInputError:
    if kind not in KINDS:
        return InvalidInputError(
            "OBJECTION-KIND", "没有这种申辩或异议", "there is no such kind", field="kind"
        )
    return ConflictError(
        "OBJECTION-STATE",
        f"{subject.title} 目前不能提出{KINDS[kind].zh}",
        f"a {KINDS[kind].en} about {subject.title} cannot be made now",
    )


def _no_such_answer(row: Record, outcome: str) -> InvalidInputError | ConflictError:
    if row["kind"] == HEARING and row["state"] == WAITING and outcome == "rejected":
        return ConflictError(
            "HEARING-OWED",
            "按期提出且告知书载明听证权利的，应当组织听证",
            "a hearing asked for in time, of which the notice told, has to be held",
        )
    return InvalidInputError(
        "OBJECTION-OUTCOME",
        "没有这种答复",
        "there is no such answer to it",
        field="outcome",
    )


def _unknown(key: int) -> NotFoundError:
    return NotFoundError("OBJECTION-UNKNOWN", f"没有申辩或异议 {key}", f"no objection {key}")


def _answered(key: int) -> ConflictError:
    return ConflictError(
        "OBJECTION-ANSWERED",
        f"申辩或异议 {key} 已答复或已撤回",
        f"objection {key} was answered or withdrawn",
    )
