"""One act for many: matters of many institutions, or cases, are told and served with their papers.

The act is put on record first, its parts one by one: one transaction a case, in which the case is
opened where there is none, its paper is made, served, and the institution told. What is killed
leaves its part waiting and nothing half; whoever goes on, goes on with what waits.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.papers import TELLING, WAYS, telling_kind
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError, Refusal
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.services.cases import papers as making
from feewatch.services.cases import steps
from feewatch.services.cases.held_case import HeldCase, hold
from feewatch.services.cases.serving import Service, serve_within
from feewatch.services.intake.rawfiles import KeptBeside
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases
from feewatch.store.cases import matters as matters_on_file
from feewatch.store.cases import serving as acts
from feewatch.store.database import Record, Transaction
from feewatch.store.state import mark_changed

MOST = 20_000


class ManyOrder(NamedTuple):
    """What is told to all of them."""

    reason: str
    way: str = "electronic"
    deadline: Day | None = None  # by default the usual working days from the day of each paper


@dataclass(frozen=True, slots=True)
class ServedItem:
    """What became of one part of an act."""

    status: str
    case: str | None
    paper: str | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ServingRun:
    """An act with how far it came and what was refused."""

    run: Record
    counts: dict[str, int]
    refused: list[Record]
    done: list[Record]  # the latest, as many as a page shows

    @property
    def waiting(self) -> int:
        """How many parts wait."""
        return self.counts.get(acts.WAITING, 0)


def begin(
    app: App,
    order: ManyOrder,
    *,
    actor: str,
    matters: Collection[int] = (),
    case_numbers: Collection[str] = (),
) -> int:
    """The key of a new act over matters or cases; nobody is told yet.

    Open matters of one institution are one part, a case is one part.
    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError for a settled matter.
    """
    require_reason(order.reason)
    _check(order, len(matters) + len(case_numbers))
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        numbers = {number: _case(tx, person, number) for number in case_numbers}
        groups = _group(tx, person, set(matters), numbers)
        key = acts.add_run(
            tx,
            [*groups, *numbers.values()],
            actor=person.name,
            way=order.way,
            reason=order.reason.strip(),
            deadline=order.deadline,
        )
        detail = {"matters": len(matters), "cases": len(case_numbers)}
        audit.record(tx, person.name, "papers.many", str(key), detail)
    return key


def work(app: App, key: int) -> Iterator[ServedItem]:
    """What becomes of each part that waits, until none does or the caller stops asking.

    Several may work on one act at once.
    """
    holidays = app.holidays
    with app.database.reading() as tx:
        run = acts.find_run(tx, key)
    if run is None:
        return
    with closing(KeptBeside()) as files:
        while True:
            item = _work_on_one(app, run, holidays, files)
            if item is None:
                break
            yield item
    with app.database.transaction() as tx:
        acts.end_run(tx, key)


def work_on_all(app: App) -> int:
    """Go on with every act of which parts wait; how many parts were ended."""
    with app.database.reading() as tx:
        keys = acts.list_unfinished(tx)
    return sum(1 for key in keys for _ in work(app, key))


def get_run(app: App, person: User, key: int, most: int = 200) -> ServingRun:
    """An act of the person's own.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        run = acts.find_run(tx, key)
        if run is None or run["actor"] != person.name:
            raise NotFoundError("SERVING-UNKNOWN", f"没有批量送达 {key}", f"no act {key}")
        return ServingRun(
            run,
            acts.count_by_status(tx, key),
            acts.list_items(tx, key, [acts.REFUSED], most),
            acts.list_items(tx, key, [acts.DONE], most),
        )


def list_runs(app: App, person: User) -> list[Record]:
    """The person's acts, the latest first."""
    with app.database.reading() as tx:
        return acts.list_runs(tx, person.name)


def list_open_matters(app: App, *, actor: str, rule: str | None = None) -> set[int]:
    """The keys of the open matters within a person's scope that are of an institution.

    Raises: ForbiddenError.
    """
    with app.database.reading() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        rows = matters_on_file.list_matters(
            tx, status="open", historic=False, rule=rule, district=person.scope.district
        )
        return {
            row["id"]
            for row in rows
            if row["institution_id"] is not None and person.scope.sees_case(row)
        }


def _check(order: ManyOrder, count: int) -> None:
    if order.way not in WAYS:
        raise InvalidInputError(
            "PAPER-WAY", f"没有送达方式 {order.way}", f"there is no way {order.way}"
        )
    if not 1 <= count <= MOST:
        raise InvalidInputError(
            "SERVING-COUNT", f"请选择 1–{MOST} 项", f"choose 1–{MOST} matters or cases"
        )
    if order.deadline is not None and order.deadline < today():
        day = format_day(order.deadline)
        raise InvalidInputError("DEADLINE-PAST", f"期限 {day} 已过", f"the deadline {day} is past")


def _case(tx: Transaction, person: User, number: str) -> dict[str, Any]:
    case = making.get_case(tx, person.scope, number)
    return {"institution_id": case["institution_id"], "matters": [], "case_number": number}


def _group(
    tx: Transaction, person: User, keys: set[int], numbers: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The parts of the act for open matters; the cases of the others join ``numbers``."""
    rows = acts.list_chosen_matters(tx, keys)
    missing = sorted(keys - {row["id"] for row in rows})
    if missing:
        raise cases.unknown_matter(missing[0])
    groups: defaultdict[tuple[int | None, str, str], list[int]] = defaultdict(list)
    for row in rows:
        if not person.scope.sees_case(row):
            raise cases.unknown_matter(row["id"])
        if row["case_number"] is not None:
            number = row["case_number"]
            numbers.setdefault(number, _case(tx, person, number))
        elif row["status"] == "open":
            groups[row["institution_id"], row["uscc"], row["district"]].append(row["id"])
        else:
            raise ConflictError(
                "MATTER-TAKEN",
                f"事项 M{row['id']} 已不在待处理状态",
                f"the matter M{row['id']} is no longer open",
            )
    return [
        {"institution_id": institution_id, "matters": matters, "case_number": None}
        for (institution_id, _, _), matters in groups.items()
    ]


def _work_on_one(app: App, run: Record, holidays: Holidays, files: KeptBeside) -> ServedItem | None:
    """What became of one part that waited; None where none does."""
    item = None
    try:
        with app.database.transaction() as tx:
            item = acts.take_waiting(tx, run["id"])
            if item is None:
                return None
            try:
                case, paper = _serve(app, tx, run, item, holidays, files)
                done = {"status": acts.DONE, "case_number": case, "paper_number": paper}
                acts.finish_item(tx, item["id"], **done)
            finally:
                files.wait()
        return ServedItem(acts.DONE, case, paper)
    except Refusal as refusal:
        if item is None:
            raise
        fault = {"code": refusal.code, **refusal.text._asdict()}
        with app.database.transaction() as tx:
            acts.finish_item(tx, item["id"], status=acts.REFUSED, fault=fault)
        return ServedItem(acts.REFUSED, item["case_number"], None, refusal)


def _serve(
    app: App,
    tx: Transaction,
    run: Record,
    item: Record,
    holidays: Holidays,
    files: KeptBeside,
) -> tuple[str, str]:
    """The numbers of the case and of the paper of one part, made and served."""
    person = get_acting(tx, run["actor"], CASEWORKERS)
    held = _hold(tx, person, run, item)
    if held.case["state"] == "open":
        steps.take_held(app, tx, person, held, "triage", run["reason"], holidays=holidays)
    is_new = item["case_number"] is None
    row = None if is_new else making.find_latest(tx, held.case["id"], TELLING)
    if row is None:
        kind = telling_kind({matter["authority"] for matter in held.matters})
        order = making.Order(kind, run["reason"], deadline=run["deadline"])
        made = making.make_within(
            app, tx, person, held.case, order, holidays, held.matters, files.keep
        )
        row = held.paper = made.row
    serve_within(app, tx, person, row, Service(run["way"], today()), holidays, held)
    return held.case["number"], row["number"]


def _hold(tx: Transaction, person: User, run: Record, item: Record) -> HeldCase:
    """The case of a part, opened where there is none."""
    if item["case_number"] is not None:
        return hold(tx, person, item["case_number"])
    if item["institution_id"] is not None:
        # before the matters, in the order of a check's locks
        mark_changed(tx, [item["institution_id"]], entries=False)
    return steps.open_held(tx, person, set(item["matters"]), run["reason"])
