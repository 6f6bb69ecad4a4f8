"""One act on many matters: a case an institution, or an owner; one reason, each refusal told."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, Refusal
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.cases import steps
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases, owners
from feewatch.store.pages import PageRow

#: What may be done: the step taken with the case that is opened, or an owner set.
ACTS = ("triage", "open", "dismiss", "assign")
MOST = 10_000
_OWNED = ("open", "in_case")


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of the matters of one institution."""

    institution: str  # its name; empty where it has none, or the matters are unknown
    uscc: str
    matters: list[int]
    case: str | None  # the number of the case that was opened
    refusal: Text | None


@dataclass(frozen=True, slots=True)
class _Act:
    """What is to be done, by whom and why."""

    name: str
    person: User
    reason: str
    owner: User | None


def act_on_many(
    app: App, matter_ids: Collection[int], name: str, *, actor: str, reason: str, owner: str = ""
) -> list[BulkResult]:
    """One transaction an institution: what is refused of one leaves the others done.

    Raises: InvalidInputError for no matter, too many, no reason or an unknown act, ForbiddenError
    for a person or an owner who may not work on cases.
    """
    require_reason(reason)
    if name not in ACTS:
        raise InvalidInputError("CHOICE", "请选择如何处理", "choose what to do")
    if not 1 <= len(matter_ids) <= MOST:
        raise InvalidInputError(
            "MATTER-REQUIRED", f"请选择 1–{MOST} 个事项", f"choose 1–{MOST} matters"
        )
    with app.database.reading() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        chosen = get_acting(tx, owner, CASEWORKERS) if name == "assign" else None
        rows = owners.name_matters(tx, matter_ids, today())
    seen = [row for row in rows if person.scope.sees_case(row._mapping)]
    unknown = sorted(set(matter_ids) - {row.id for row in seen})
    act = _Act(name, person, reason, chosen)
    results = [_unknown(matter_id) for matter_id in unknown]
    return results + [_act_on_one(app, members, act) for members in _by_institution(seen)]


def list_colleagues(app: App) -> list[str]:
    """Those to whom a matter may be given."""
    with app.database.reading() as tx:
        return owners.list_office(tx, CASEWORKERS)


def _unknown(matter_id: int) -> BulkResult:
    return BulkResult("", "", [matter_id], None, cases.unknown_matter(matter_id).text)


def _by_institution(rows: Collection[PageRow]) -> list[list[PageRow]]:
    groups: defaultdict[tuple[int | None, str], list[PageRow]] = defaultdict(list)
    for row in rows:
        groups[row.institution_id, row.uscc].append(row)
    return list(groups.values())


def _act_on_one(app: App, members: list[PageRow], act: _Act) -> BulkResult:
    ids, number, refusal = [row.id for row in members], None, None
    try:
        if act.owner is not None:
            _assign(app, members, act, act.owner)
        else:
            number = steps.open_case(
                app, ids, actor=act.person.name, reason=act.reason, then=act.name
            )
    except Refusal as fault:
        refusal = fault.text
    return BulkResult(members[0].name or "", members[0].uscc, ids, number, refusal)


def _assign(app: App, members: list[PageRow], act: _Act, owner: User) -> None:
    ids = [row.id for row in members]
    with app.database.transaction() as tx:
        for row in cases.lock_matters(tx, ids):
            if row["status"] not in _OWNED:
                raise ConflictError(
                    "MATTER-ENDED",
                    f"事项 {row['id']} 已了结，不再指定负责人",
                    f"matter {row['id']} is ended: nobody looks after it any more",
                )
            if not owner.scope.sees_case(row):
                raise ForbiddenError(
                    "OWNER-PLACE",
                    f"{owner.name} 的辖区不含 {row['district']}",
                    f"{owner.name} does not work for {row['district']}",
                )
        owners.set_owner(tx, ids, owner.name)
        for matter_id in ids:
            audit.record(
                tx, act.person.name, "matter.assign", f"M{matter_id}",
                owner=owner.name, reason=act.reason,
            )  # fmt: skip
