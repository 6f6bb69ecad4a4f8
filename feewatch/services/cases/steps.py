"""Decisions on matters and cases: who may take a step, and all that it changes, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import OPENING_STEPS, STATES, STEPS, Step, document_kind
from feewatch.casework.deadlines import default_deadline
from feewatch.casework.matters import gravest
from feewatch.casework.papers import telling_kind
from feewatch.casework.workdays import WorkingDay
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, date_of, format_day
from feewatch.kernel.departments import BY_SUBJECT, competent_for
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS, ROLES, User
from feewatch.services.cases import papers
from feewatch.services.cases.attachments import attach
from feewatch.services.cases.closing import StepGiven, check_data, recheck_day
from feewatch.services.cases.held_case import HeldCase, hold
from feewatch.services.cases.telling import tell_of_step
from feewatch.services.people.acting import get_acting, require_reason, require_role
from feewatch.store import audit
from feewatch.store.cases import alerts, cases, competence
from feewatch.store.cases.standings import read_standing
from feewatch.store.database import Record, Transaction


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step came to."""

    number: str
    step: str
    state: str
    deadline: Day | None
    deadline_provisional: bool
    document: str | None
    paper: str | None = None  # number of the paper that tells the institution
    recheck_on: Day | None = None
    standing: dict[str, Any] | None = None


def open_case(
    app: App, matter_ids: Collection[int], *, actor: str, reason: str, then: str | None = None
) -> str:
    """The number of a new case over open matters of one institution.

    ``then`` is a step (triage, dismiss) taken at once, in the same transaction.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    if then is not None and then not in OPENING_STEPS:
        raise InvalidInputError(
            "STEP-NEEDS-CASE", f"请先立案，再执行 {then}", f"open a case before the step {then}"
        )
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        number = open_case_within(tx, person, set(matter_ids), reason)
        if then not in (None, "open"):
            take_within(app, tx, person, number, then, reason)
    return number


def step(
    app: App,
    number: str,
    name: str,
    *,
    actor: str,
    reason: str,
    deadline: Day | None = None,
    given: StepGiven | None = None,
) -> Taken:
    """Take one step of the table in ``casework.cases`` on a case.

    Raises: NotFoundError for a case outside the person's scope, ForbiddenError for a role that may
    not, ConflictError where the state, the day or the data do not allow it, InvalidInputError for
    a missing reason or an impossible day.
    """
    require_reason(reason)
    more = given or StepGiven(deadline=deadline)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ROLES)
        return take_within(app, tx, person, number, name, reason, given=more)


def open_case_within(tx: Transaction, person: User, matter_ids: set[int], reason: str) -> str:
    """The same inside a transaction of more; the person may take steps of cases.

    Raises: as ``open_case``.
    """
    number: str = open_held(tx, person, matter_ids, reason).case["number"]
    return number


def open_held(tx: Transaction, person: User, matter_ids: set[int], reason: str) -> HeldCase:
    """The same, held for further steps; that its institution changed is for the caller to mark.

    Raises: as ``open_case``.
    """
    if not matter_ids:
        raise InvalidInputError(
            "MATTER-REQUIRED", "请选择事项", "name at least one matter", field="matter"
        )
    matters = cases.lock_matters(tx, matter_ids)
    for row in matters:
        if not person.scope.sees_case(row):
            raise cases.unknown_matter(row["id"])
    if len({(row["institution_id"], row["uscc"]) for row in matters}) > 1:
        raise InvalidInputError(
            "CASE-ONE-INSTITUTION",
            "一个案件只能包含同一机构的事项",
            "a case holds matters of one institution only",
        )
    cases.claim_matters(tx, matter_ids, person.name)
    opened = cases.add_case(
        tx,
        district=matters[-1]["district"],
        year=date_of(today()).year,
        matters=matters,
        severity=gravest(row["severity"] for row in matters),
        owner=person.name,
        department=_department(tx, matters),
    )
    number: str = opened["number"]
    alerts.move_alerts(tx, matter_ids, "take", actor=person.name, reason=reason, case=number)
    cases.add_event(
        tx,
        opened["id"],
        actor=person.name,
        step="open",
        from_state="",
        to_state="open",
        reason=reason,
    )
    detail = {"matters": sorted(matter_ids), "reason": reason}
    audit.record(tx, actor=person.name, action="case.open", object=number, detail=detail)
    return HeldCase({**opened}, matters)


def _department(tx: Transaction, matters: Sequence[Record]) -> str:
    """Whose a case over matters is: theirs where they have one, else the institution's own."""
    own = {row["department"] for row in matters}
    if len(own) == 1:
        return str(own.pop())
    key = matters[0]["institution_id"]
    subject = competence.subjects_on(tx, {key} - {None}, today()).get(key)
    return competent_for(BY_SUBJECT, subject)


def take_within(
    app: App,
    tx: Transaction,
    person: User,
    number: str,
    name: str,
    reason: str,
    *,
    given: StepGiven | None = None,
    holidays: Holidays | None = None,
) -> Taken:
    """The same inside a transaction of more; ``holidays`` where they were read before.

    Raises: as ``step``.
    """
    _get_step(name)
    held = hold(tx, person, number)
    return take_held(app, tx, person, held, name, reason, given=given, holidays=holidays)


def take_held(
    app: App,
    tx: Transaction,
    person: User,
    held: HeldCase,
    name: str,
    reason: str,
    *,
    given: StepGiven | None = None,
    holidays: Holidays | None = None,
) -> Taken:
    """The same for a case that the transaction holds; afterwards it is as the step left it.

    Raises: as ``step``.
    """
    step = _get_step(name)
    case, matters, number = held.case, held.matters, held.case["number"]
    require_role(person, step.roles)
    _check_state(step, case)
    if step.red_needs_another and is_red(case, matters):
        _require_another(tx, case, person, step.red_needs_another)
    given = given or StepGiven()
    holidays, deadline, paper = holidays or app.holidays, given.deadline, None
    if name == "notify":
        paper, deadline = _telling_paper(app, tx, person, held, reason, deadline, holidays)
    term = _deadline(step, name, matters, deadline, holidays)
    present = read_standing(tx, case["id"]) if step.keeps_standing else None
    check_data(name, present, given)
    was, state = case["state"], step.to_state or case["state"]
    values = _changes(step, name, person, state, term)
    values |= recheck_day(app, name, case, given)
    cases.change_case(tx, case["id"], was, **values)
    if step.alerts_move:
        ids = [row["id"] for row in matters]
        alerts.move_members(
            tx, ids, step.alerts_move, actor=person.name, reason=reason, case=number
        )
    document = document_kind({row["authority"] for row in matters}) if name == "notify" else None
    kept = present.as_json(today()) if present else None
    said = _said(given) | ({"paper": paper} if paper else {})
    event_id = cases.add_event(
        tx,
        case["id"],
        actor=person.name,
        step=name,
        from_state=was,
        to_state=state,
        reason=reason,
        deadline=term.day if term else None,
        document=document,
        standing=kept,
        detail=said or None,
    )
    attach(
        app, tx, case["id"], given.files, person.name, by_institution=given.by_institution,
        case_event_id=event_id,
    )  # fmt: skip
    tell_of_step(tx, person, case, name, term.day if term else None, event_id)
    change = {"before": {"state": was}, "after": {"state": state}}
    detail = change | {"reason": reason} | said
    audit.record(tx, actor=person.name, action=f"case.{name}", object=number, detail=detail)
    held.case = now = {**case, **values}
    return Taken(
        number, name, state, now["deadline"], now["deadline_provisional"], document, paper,
        now["recheck_on"], kept,
    )  # fmt: skip


def _telling_paper(
    app: App,
    tx: Transaction,
    person: User,
    held: HeldCase,
    reason: str,
    deadline: Day | None,
    holidays: Holidays,
) -> tuple[str | None, Day | None]:
    """The number of the paper that tells the institution, and the day that it sets.

    The one made for it before, else a new one; none where there is no institution to tell.
    """
    case, matters = held.case, held.matters
    if case["institution_id"] is None:
        return None, deadline
    kind = telling_kind({row["authority"] for row in matters})
    made = held.paper
    if made is None or made["kind"] != kind:
        made = papers.find_latest(tx, case["id"], [kind])
    if made is None:
        order = papers.Order(kind, reason, deadline=deadline)
        paper = papers.make_within(app, tx, person, case, order, holidays, matters)
        return paper.number, deadline
    papers.check_matters(made, matters)
    day = papers.deadline_of(made)
    if deadline is not None and deadline != day:
        raise ConflictError(
            "PAPER-DEADLINE",
            f"文书 {made['number']} 所定期限与此不同；请作废后重新制作",
            f"the paper {made['number']} sets another day: make it void and make a new one",
        )
    return made["number"], day


def _said(given: StepGiven) -> dict[str, str]:
    """What was said beside the reason, as the history keeps it."""
    said = {"against_data": given.against_data.strip(), "early": given.early.strip()}
    return {name: text for name, text in said.items() if text}


def _changes(
    step: Step, name: str, person: User, state: str, term: WorkingDay | None
) -> dict[str, Any]:
    values: dict[str, Any] = {"state": state}
    if step.sets_deadline:
        values["deadline"] = term.day if term else None
        values["deadline_provisional"] = term.provisional if term else False
        values["reminded_on"] = None
    if name == "escalate":
        values["escalated"] = True
    if name == "notify":
        values["notified_by"] = person.name
    if name == "reopen":
        values |= {"recurred_on": None, "recheck_on": None, "escalated": False}
    return values


def _get_step(name: str) -> Step:
    if name not in STEPS:
        listed = ", ".join(STEPS)
        raise InvalidInputError(
            "STEP-UNKNOWN",
            f"没有步骤 {name}，可用：{listed}",
            f"no step {name}; steps are: {listed}",
        )
    return STEPS[name]


def _check_state(step: Step, case: Mapping[str, Any]) -> None:
    if case["state"] not in step.from_states:
        state = STATES[case["state"]]
        raise ConflictError(
            "CASE-STATE",
            f"案件 {case['number']} 处于“{state.zh}”，不能{step.title.zh}",
            f"case {case['number']} is {state.en}: cannot {step.title.en}",
        )


def is_red(case: Mapping[Any, Any], matters: Collection[Record]) -> bool:
    """Whether a case is red, or any of these matters."""
    return "red" in {case["severity"], *(row["severity"] for row in matters)}


def _require_another(
    tx: Transaction, case: Mapping[str, Any], person: User, before: Collection[str]
) -> None:
    """Nothing where the person took none of these steps of a case, the last of each kind.

    Raises: ForbiddenError.
    """
    if person.name in cases.list_actors(tx, case["id"], before):
        raise ForbiddenError(
            "CASE-OTHER-OFFICER",
            "红色案件的销号、不予处理，须由下发督办或立案者以外的人员办理",
            "a red case is closed or dismissed by another person than the one who issued the order "
            "or opened the case",
        )


def _deadline(
    step: Step,
    name: str,
    matters: Collection[Record],
    given: Day | None,
    holidays: Holidays,
) -> WorkingDay | None:
    """The deadline of a step; a case of historic matters alone has none."""
    if given is not None and not step.sets_deadline:
        raise InvalidInputError(
            "DEADLINE-UNASKED",
            f"步骤 {name} 不设期限",
            f"the step {name} sets no deadline",
            field="deadline",
        )
    if not step.sets_deadline:
        return None
    if all(row["historic"] for row in matters):
        if given is not None:
            raise InvalidInputError(
                "DEADLINE-HISTORIC",
                "历史事项不设整改期限",
                "historic matters carry no deadline",
                field="deadline",
            )
        return None
    usual = default_deadline(name, today(), holidays)
    if given in (None, usual.day):  # a page offers the usual day, which may be provisional
        return usual
    assert given is not None
    if given < today():
        raise InvalidInputError(
            "DEADLINE-PAST",
            f"期限 {format_day(given)} 已过",
            f"the deadline {format_day(given)} is past",
            field="deadline",
        )
    return WorkingDay(given, provisional=False)
