"""Papers (文书): made from a template under the next number, kept, read, made void.

A paper is frozen: its words and the hash of its DOCX stand in the database, the DOCX and its
template with the raw files. The number is taken in the transaction that makes the paper.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.cases import STATES
from feewatch.casework.deadlines import default_deadline
from feewatch.casework.papers import INSTITUTION, PAPERS, UNIT, PaperKind, speaks_of
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, date_of, format_day, iso_or_none, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope, User
from feewatch.kernel.text import tidy
from feewatch.papers.filling import Template
from feewatch.services.cases.paper_content import PaperWanted, write_content
from feewatch.services.cases.paper_templates import get_template
from feewatch.services.intake import rawfiles
from feewatch.services.people.acting import get_acting, require_reason, require_role
from feewatch.store import audit
from feewatch.store.cases import cases, papers
from feewatch.store.database import Record, Transaction

UNIT_MOST = 120
#: Keeps the bytes of a hash, as ``rawfiles.keep`` does.
Keep = Callable[[App, str, bytes], None]
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


class Order(NamedTuple):
    """What is asked for when a paper is made."""

    kind: str
    reason: str = ""
    unit: str = ""  # to which a 督办单 or 移送函 goes
    deadline: Day | None = None  # by default that of the case, else the usual working days


@dataclass(frozen=True, slots=True)
class Made:
    """A paper just made."""

    key: int
    number: str
    kind: str
    case: str
    recipient: str
    deadline: Day | None
    sha256: str
    row: Record = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The paper for terminals."""
        return {
            "number": self.number, "kind": self.kind, "case": self.case,
            "recipient": self.recipient, "deadline": iso_or_none(self.deadline),
            "sha256": self.sha256,
        }  # fmt: skip


class Numbering(NamedTuple):
    """The series of a paper, its number as printed, its place in the series."""

    series: str
    number: str
    ordinal: int


def make(app: App, case_number: str, order: Order, *, actor: str) -> Made:
    """A new paper of a case; the case's history names it.

    Raises: NotFoundError, ForbiddenError, ConflictError where the state of the case or the
    authority of its matters does not allow the kind, InvalidInputError.
    """
    kind = get_kind(order.kind)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, kind.roles)
        case = get_case(tx, person.scope, case_number)
        made = make_within(app, tx, person, case, order)
        cases.add_event(
            tx,
            case["id"],
            actor=person.name,
            step="document",
            from_state=case["state"],
            to_state=case["state"],
            reason=f"{kind.title.zh} {made.number}",
            detail={"paper": made.number},
        )
    return made


def make_within(
    app: App,
    tx: Transaction,
    person: User,
    case: Mapping[Any, Any],
    order: Order,
    holidays: Holidays | None = None,
    matters: Sequence[Record] | None = None,
    keep: Keep = rawfiles.keep,
) -> Made:
    """The same inside a transaction of more, which writes its own line of the case's history.

    ``holidays``, ``matters``: where they were read before. ``keep``: keeps the files of the paper
    before the transaction ends.

    Raises: as ``make``.
    """
    kind = get_kind(order.kind)
    require_role(person, kind.roles)
    _check_state(kind, case)
    if matters is None:
        matters = cases.list_case_matters(tx, case["id"])
    _check_authority(order.kind, matters)
    institution = _institution_of(tx, case)
    recipient = _recipient(kind, case, institution, order.unit)
    deadline = _deadline(app, case, matters, order, holidays)
    numbering = next_number(app, tx, order.kind)
    content = write_content(
        app, tx, case, matters,
        PaperWanted(order.kind, numbering.number, recipient, institution or "未备案账户",
                    order.reason, person.name, today(), deadline),
    )  # fmt: skip
    owner = {
        "district": case["district"], "case_file_id": case["id"],
        "institution_id": case["institution_id"],
    }  # fmt: skip
    row = keep_within(app, tx, person, order.kind, numbering, content, owner, keep)
    number, sha256 = numbering.number, row["sha256"]
    audit.record(tx, person.name, "paper.made", number, case=case["number"], sha256=sha256)
    return Made(row["id"], number, order.kind, case["number"], recipient, deadline, sha256, row)


def keep_within(
    app: App,
    tx: Transaction,
    person: User,
    kind: str,
    numbering: Numbering,
    content: dict[str, Any],
    owner: Mapping[str, Any],
    keep: Keep = rawfiles.keep,
) -> Record:
    """A paper made of a content and kept; ``owner``: place, case, institution."""
    template = get_template(app, kind)
    document = render(template, content)
    sha256 = hashlib.sha256(document).hexdigest()
    keep(app, sha256, document)
    keep(app, template.sha256, template.content)
    return papers.add_paper(
        tx,
        {
            "kind": kind, "number": numbering.number, "series": numbering.series,
            "year": date_of(today()).year, "ordinal": numbering.ordinal, **owner,
            "content": content, "template_sha256": template.sha256, "sha256": sha256,
            "made_by": person.name,
        },
    )  # fmt: skip


def render(template: Template, content: dict[str, Any]) -> bytes:
    """The DOCX of a paper's content; the same content and template give the same bytes."""
    return template.fill(content["fields"], content["lists"], content["core"])


def void(app: App, number: str, *, actor: str, reason: str) -> None:
    """Make a paper void; its number stays given.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it is already.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row, person = lock_paper(tx, number, actor)
        if not papers.void_paper(tx, row["id"], person.name, reason):
            raise void_already(number)
        served = papers.list_services(tx, row["id"])
        step = "revoke" if served and PAPERS[row["kind"]].goes_to == INSTITUTION else "void"
        add_to_history(tx, row, person, step, f"{number}：{reason}")
        audit.record(tx, person.name, "paper.void", number, reason=reason)


def get_document(app: App, row: Any) -> bytes:
    """The DOCX of a paper, which still has its hash.

    Raises: UnavailableError where it is gone or changed.
    """
    return rawfiles.load_bytes(app, row.sha256)


def check_again(app: App, row: Any) -> None:
    """Nothing where a paper made once more from the words and the template kept is the one kept.

    Raises: UnavailableError where the template is gone or changed; ConflictError where it differs.
    """
    template = rawfiles.load_bytes(app, row.template_sha256)
    made = render(Template(f"{row.kind}.docx", template), row.content)
    if hashlib.sha256(made).hexdigest() != row.sha256:
        raise ConflictError(
            "PAPER-DIFFERS",
            f"文书 {row.number} 按存档内容重制，与存档文件不一致",
            f"the paper {row.number} made again differs from the one kept",
        )


def get_kind(name: str) -> PaperKind:
    """A kind of paper.

    Raises: InvalidInputError.
    """
    if name not in PAPERS:
        listed = ", ".join(PAPERS)
        raise InvalidInputError(
            "PAPER-KIND",
            f"没有文书种类 {name}，可用：{listed}",
            f"no kind of paper {name}; kinds are: {listed}",
        )
    return PAPERS[name]


def get_case(tx: Transaction, scope: Scope, number: str) -> Record:
    """A case within a scope.

    Raises: NotFoundError.
    """
    case = cases.get_case(tx, number)
    if not scope.sees_case(case):
        raise cases.unknown_case(number)
    return case


def lock_paper(tx: Transaction, number: str, actor: str) -> tuple[Record, User]:
    """A paper held against other writers, and who acts on it.

    Raises: NotFoundError, also outside the person's scope; ForbiddenError.
    """
    row = papers.get_paper(tx, number, lock=True)
    person = get_acting(tx, actor, PAPERS[row["kind"]].roles)
    key = row["case_file_id"]
    department = None if key is None else cases.get_department(tx, key)
    if not person.scope.sees(row["district"], row["institution_id"], department):
        raise papers.unknown_paper(number)
    return row, person


def add_to_history(
    tx: Transaction, row: Record, person: User, step: str, reason: str, state: str | None = None
) -> None:
    """A line of the history of a paper's case about it; ``state`` of the case where it is held."""
    if row["case_file_id"] is None:
        return
    state = state or cases.get_state(tx, row["case_file_id"])
    cases.add_event(
        tx,
        row["case_file_id"],
        actor=person.name,
        step=step,
        from_state=state,
        to_state=state,
        reason=reason,
        detail={"paper": row["number"]},
    )


def find_latest(tx: Transaction, case_id: int, kinds: Sequence[str]) -> Record | None:
    """The latest paper of a case of these kinds that is not void."""
    rows = papers.list_of_case(tx, case_id, kinds)
    return rows[-1] if rows else None


def get_latest(tx: Transaction, case: Record, kind: str) -> Record:
    """The same, which must be there.

    Raises: NotFoundError.
    """
    row = find_latest(tx, case["id"], [kind])
    if row is None:
        title = get_kind(kind).title
        raise NotFoundError(
            "PAPER-NONE",
            f"案件 {case['number']} 尚未制作{title.zh}",
            f"no {title.en} was made in case {case['number']} yet",
        )
    return row


def deadline_of(row: Record) -> Day | None:
    """The day that a paper sets."""
    text = row["content"]["deadline"]
    return None if text is None else parse_day(text)


def check_matters(row: Record, matters: Sequence[Record]) -> None:
    """Nothing where a paper speaks of the matters that its case has now.

    Raises: ConflictError.
    """
    if {*row["content"]["matters"], *row["content"]["hints"]} != {each["id"] for each in matters}:
        raise ConflictError(
            "PAPER-STALE",
            f"案件事项在文书 {row['number']} 制作后有变动，请作废后重新制作",
            f"the case's matters changed after {row['number']} was made: make it void and make "
            "a new one",
        )


def void_already(number: str) -> ConflictError:
    """That a paper is void."""
    return ConflictError("PAPER-VOID", f"文书 {number} 已作废", f"the paper {number} is void")


def _check_state(kind: PaperKind, case: Mapping[Any, Any]) -> None:
    if case["state"] not in kind.from_states:
        state = STATES[case["state"]]
        raise ConflictError(
            "PAPER-STATE",
            f"案件 {case['number']} 处于“{state.zh}”，不能制作{kind.title.zh}",
            f"case {case['number']} is {state.en}: no {kind.title.en} can be made",
        )


def _check_authority(name: str, matters: Sequence[Record]) -> None:
    if any(speaks_of(name, row["authority"]) for row in matters):
        return
    title = PAPERS[name].title
    if PAPERS[name].matters == "law":
        raise ConflictError(
            "PAPER-PRESET",
            f"案件事项只依据本机关预设，不能制作{title.zh}，只能制作监测提示函",
            f"all rests on the office's presets: no {title.en}, only a monitoring hint can be made",
        )
    raise ConflictError(
        "PAPER-MATTERS",
        f"案件中没有可写入{title.zh}的事项",
        f"the case holds no matter of which a {title.en} could speak",
    )


def _institution_of(tx: Transaction, case: Mapping[Any, Any]) -> str | None:
    """The institution's present name; its credit code where the register has none today."""
    if case["institution_id"] is None:
        return None
    name = papers.find_institution_name(tx, case["institution_id"], today())
    return name or str(case["uscc"])


def _recipient(kind: PaperKind, case: Mapping[Any, Any], institution: str | None, unit: str) -> str:
    unit = tidy(unit)
    if kind.goes_to == UNIT:
        return _check_unit(kind, institution, unit)
    if unit:
        raise InvalidInputError(
            "PAPER-UNIT",
            f"{kind.title.zh}不写责任单位",
            f"a {kind.title.en} goes to no unit",
        )
    if kind.goes_to == INSTITUTION and institution is None:
        raise ConflictError(
            "PAPER-NOBODY",
            f"案件 {case['number']} 是未备案账户，没有可送达的机构",
            f"case {case['number']} is of an unregistered account: there is no institution",
        )
    return institution or ""


def _check_unit(kind: PaperKind, institution: str | None, unit: str) -> str:
    if not unit or len(unit) > UNIT_MOST:
        raise InvalidInputError(
            "PAPER-UNIT",
            f"请写明{kind.title.zh}发往的责任单位（至多 {UNIT_MOST} 字）",
            f"name the unit to which the {kind.title.en} goes, at most {UNIT_MOST} characters",
        )
    if unit == institution:
        raise InvalidInputError(
            "PAPER-UNIT-INSTITUTION",
            f"{kind.title.zh}发给行政机关的责任单位，不发给机构；对机构请用责令限期整改通知书",
            f"a {kind.title.en} goes to a unit of the administration, not to the institution",
        )
    return unit


def _deadline(
    app: App,
    case: Mapping[Any, Any],
    matters: Sequence[Record],
    order: Order,
    holidays: Holidays | None,
) -> Day | None:
    if order.deadline is not None and order.deadline < today():
        day = format_day(order.deadline)
        raise InvalidInputError("DEADLINE-PAST", f"期限 {day} 已过", f"the deadline {day} is past")
    if all(row["historic"] for row in matters):
        return None
    if order.deadline is not None or case["deadline"] is not None:
        return order.deadline or case["deadline"]
    return default_deadline("notify", today(), holidays or app.holidays).day


def next_number(app: App, tx: Transaction, name: str) -> Numbering:
    """The number of the next paper of a kind."""
    year = date_of(today()).year
    series = series_of(app, name, year)
    ordinal = papers.next_ordinal(tx, series, year)
    number = series.replace("{year}", str(year)).replace("{n}", str(ordinal))
    return Numbering(series, number, ordinal)


def series_of(app: App, name: str, year: int) -> str:
    """The series of numbers of a kind, ``{year}`` and ``{n}`` in it.

    Raises: InvalidInputError where the configuration names none that can be counted in.
    """
    own = app.config.papers.series
    unknown = sorted(set(own) - set(PAPERS))
    series = own.get(name, PAPERS[name].series).strip().replace(str(year), "{year}")
    rest = series.replace("{year}", "").replace("{n}", "")
    is_right = series.count("{n}") == 1 and series.count("{year}") == 1 and len(series) <= 40
    if unknown or not is_right or set(rest) & set("{}") or _YEAR.search(rest):
        raise InvalidInputError(
            "PAPER-SERIES",
            f"[papers.series] {'、'.join(unknown) or name} 有误：须有一个 {{n}} 和一个 {{year}}"
            f"（或本年 {year}），至多 40 字",
            f"[papers.series] {', '.join(unknown) or name} is wrong: one {{n}} and one {{year}} "
            f"(or this year, {year}) are wanted, at most 40 characters",
        )
    return series
