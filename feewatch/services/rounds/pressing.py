"""通报, 挂牌督办, 问责建议: what an office does where a case alone moves nothing.

Each is a person's decision with a paper of the office; what may be proposed for 问责 follows from
the number of problems of one rule, a preset of the office. Nothing here goes to any list.
"""

from collections import defaultdict
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.kernel.text import Text
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.inspectors import unknown_institution
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRows
from feewatch.store.rounds import pressures, visits

CIRCULAR, LISTED, ANSWERABLE = "circular", "listed", "answerable"
KINDS: dict[str, Text] = {
    CIRCULAR: Text("通报", "circular"),
    LISTED: Text("挂牌督办", "listed under supervision"),
    ANSWERABLE: Text("问责建议", "proposal to hold answerable"),
}


class Repeated(NamedTuple):
    """Problems of one rule at an institution, as many as the office's preset asks for."""

    uscc: str
    name: str
    district: str
    rule: str
    problems: tuple[tuple[str, str], ...]  # number of the case, day of its 督办


class PressureDesk(NamedTuple):
    """What was pressed, and where the preset would let 问责 be proposed."""

    rows: PageRows
    repeated: list[Repeated]
    wanted: int
    months: int


def read_desk(app: App, scope: Scope) -> PressureDesk:
    """All within a scope."""
    scheme = rounds_scheme(app)
    with app.database.reading() as tx:
        return PressureDesk(
            pressures.list_all(tx, scope, today()),
            _list_repeated(app, tx, scope),
            scheme.repeats,
            scheme.repeat_months,
        )


def _list_repeated(app: App, tx: Transaction, scope: Scope) -> list[Repeated]:
    scheme, day = rounds_scheme(app), today()
    found: defaultdict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    seen: set[int] = set()
    for row in pressures.list_problems(tx, scope, add_months(day, -scheme.repeat_months), day):
        if row.id not in seen:  # a case may be notified again
            found[row.institution_id, row.rule].append((row.number, row.at[:10]))
            seen.add(row.id)
    named = visits.name_institutions(tx, {key for key, _ in found}, day)
    return [
        Repeated(*named[key], rule, tuple(problems))
        for (key, rule), problems in sorted(found.items())
        if len(problems) >= scheme.repeats and key in named and scope.sees(named[key][2], key)
    ]


def press(
    app: App,
    uscc: str,
    kind: str,
    document: str,
    *,
    actor: str,
    reason: str,
    on: Day | None = None,
    addressee: str = "",
) -> int:
    """The key of a 通报, a 挂牌督办 or a 问责建议 with its paper.

    Raises: ForbiddenError, NotFoundError, InvalidInputError; ConflictError where it is listed
    already, or where the problems are too few to propose 问责.
    """
    require_reason(reason)
    day = today() if on is None else on
    if kind not in KINDS:
        raise InvalidInputError("PRESSURE-KIND", "没有这种措施", "no such kind", field="kind")
    if not document.strip() or len(document) > 120:
        raise InvalidInputError("DOCUMENT", "请填写文号", "give its number", field="document")
    if day > today():
        raise InvalidInputError("DAY", "日期不应在今天之后", "a day after today", field="on")
    if kind == ANSWERABLE and not addressee.strip():
        raise InvalidInputError(
            "ADDRESSEE", "请写明送交的机关", "name the organ that it goes to", field="addressee"
        )
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = visits.find_institution(tx, uscc, today())
        if row is None or not person.scope.sees(row.district, row.id):
            raise unknown_institution(uscc)
        if kind == LISTED and pressures.find_listed(tx, row.id):
            raise ConflictError("LISTED-ALREADY", f"{uscc} 已挂牌督办", f"{uscc} is listed already")
        repeated = [each for each in _list_repeated(app, tx, person.scope) if each.uscc == uscc]
        if kind == ANSWERABLE and not repeated:
            raise ConflictError(
                "TOO-FEW-PROBLEMS",
                f"{uscc} 的重复问题未达到本机关预设次数",
                f"{uscc} has fewer repeated problems than the office's preset asks for",
            )
        grounds = [[each.rule, number, at] for each in repeated for number, at in each.problems]
        key = pressures.add(
            tx, kind=kind, institution_id=row.id, district=row.district,
            document=document.strip(), addressee=addressee.strip()[:200], on_day=day,
            actor=person.name, reason=reason, grounds=grounds,
        )  # fmt: skip
        audit.record(
            tx, person.name, f"pressure.{kind}", uscc, document=document.strip(),
            on=format_day(day), reason=reason, grounds=grounds,
        )  # fmt: skip
    return key


def lift(app: App, key: int, document: str, *, actor: str, reason: str) -> None:
    """A listing is lifted, with its paper.

    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    if not document.strip() or len(document) > 120:
        raise InvalidInputError("DOCUMENT", "请填写文号", "give its number", field="document")
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = pressures.find(tx, key)
        if row is None or not person.scope.sees(row.district, row.institution_id):
            raise NotFoundError("PRESSURE-UNKNOWN", f"没有第 {key} 号", f"no number {key}")
        is_lifted = row.kind == LISTED and pressures.lift(
            tx, key, today(), person.name, document.strip(), reason
        )
        if not is_lifted:
            raise ConflictError("NOT-LISTED", "未在挂牌督办中", "it is not listed")
        audit.record(
            tx, person.name, "pressure.lift", str(key), before={"lifted_on": None},
            after={"lifted_on": format_day(today())}, document=document.strip(), reason=reason,
        )  # fmt: skip
