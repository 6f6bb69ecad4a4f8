"""季度核对确认: once a quarter an institution says of each line on file whether it is right.

Nothing on file changes by it. What differs in a row of a register becomes a proposal, which an
officer decides as any other; what differs in a total, or is missing, stands in words for the
office. Days are an office's preset (``rules/rounds.toml``), no law.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import DESK_CONFIRMATION
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.kinds import KINDS, faults_of
from feewatch.rounds.quarters import Quarter, last_ended, parse_quarter
from feewatch.services.corrections.holding import CorrectionHold
from feewatch.services.messages import tell_office
from feewatch.services.people.acting import get_acting
from feewatch.services.registers.plan import PlannedChange, describe_change
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.held_lines import CONTRACTS, HeldLine, digest, read_lines
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import messages
from feewatch.store.people.messages import find_place
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located, RecordOnFile
from feewatch.store.rounds import self_reports

RIGHT, DIFFERS = "right", "differs"
ANSWERS: dict[str, Text] = {RIGHT: Text("相符", "right"), DIFFERS: Text("不符", "differs")}
STATES: dict[str, Text] = {
    "answered": Text("已核对", "answered"),
    "differs": Text("已核对，有不符", "answered, with differences"),
    "waiting": Text("待核对", "waits for an answer"),
    "late": Text("逾期未核对", "overdue"),
}
_SAID_MAX, _VALUE_MAX = 1000, 4000
_BY = ("institution", "api")
_REASON = Text("{quarter} 季度核对：{said}", "confirmation of {quarter}: {said}")


class SaidOfLine(NamedTuple):
    """What an institution says of a line."""

    answer: str = ""
    words: str = ""
    field: str = ""
    value: str = ""
    contract_no: str = ""  # of the contract that differs


class OwnConfirmation(NamedTuple):
    """The quarter that an institution is asked about, with what it is shown or has said."""

    quarter: Quarter
    due_on: Day
    lines: tuple[HeldLine, ...]
    sha256: str  # of the lines
    report: PageRow | None
    said: PageRows

    @property
    def is_open(self) -> bool:
        """Whether it waits for the institution's answer."""
        return self.report is None


class AskedInstitution(NamedTuple):
    """An institution that is asked about a quarter."""

    uscc: str
    name: str
    district: str
    state: str
    due_on: Day
    report: int | None
    at: str | None
    differs: int


def read_own(app: App, scope: Scope) -> OwnConfirmation:
    """What the institution of a scope is asked to confirm today.

    Raises: NotFoundError for who is of no institution.
    """
    key = scope.institution_id
    if key is None:
        raise NotFoundError("INSTITUTION-UNKNOWN", "没有机构", "no institution")
    quarter, lines = last_ended(today()), read_lines(app, scope)
    with app.database.reading() as tx:
        report = self_reports.find(tx, key, quarter.name)
        said = [] if report is None else self_reports.list_lines(tx, report.id)
    return OwnConfirmation(quarter, _due(app, quarter), lines, digest(lines), report, said)


def _due(app: App, quarter: Quarter) -> Day:
    return quarter.last + rounds_scheme(app).confirm_days


def respond(app: App, given: Mapping[str, SaidOfLine], seen: str, *, actor: str) -> int:
    """The key of an institution's answer of the quarter; its differences wait as proposals.

    ``given``: by line. ``seen``: the hash of what was shown.

    Raises: ForbiddenError; InvalidInputError naming the line; ConflictError where the quarter was
    answered, or where what the office holds has changed since it was shown.
    """
    with app.database.reading() as tx:
        person = get_acting(tx, actor, _BY)
    own = read_own(app, person.scope)
    if not own.is_open:
        raise _answered(own.quarter)
    if seen != own.sha256:
        raise ConflictError(
            "CONFIRMATION-CHANGED",
            "所示资料在您核对期间有变更，请按最新内容重新核对",
            "what the office holds has changed meanwhile: look at it again",
        )
    for line in own.lines:
        _check(line, given.get(line.id, SaidOfLine()))
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, _BY)
        key = person.scope.institution_id
        assert key is not None
        registers.lock(tx)
        if self_reports.find(tx, key, own.quarter.name) is not None:
            raise _answered(own.quarter)
        rows = [
            {"line": line.id, "shown": line.shown(), "answer": said.answer}
            | _settle(app, tx, own, line, said, person.scope, person.name)
            for line in own.lines
            for said in (given[line.id],)
        ]
        report = self_reports.add(
            tx, rows, institution_id=key, quarter=own.quarter.name, shown_sha256=seen,
            actor=person.name,
        )  # fmt: skip
        differing = [row for row in rows if row["answer"] == DIFFERS]
        place = find_place(tx, key, today())
        uscc = registers.get_uscc(tx, key)
        audit.record(
            tx, person.name, "confirmation.answer", uscc, quarter=own.quarter.name, shown=seen,
            lines=[[row["line"], row["answer"], row["said"], row["proposal_id"]] for row in rows],
        )  # fmt: skip
        if differing:
            tell_office(
                tx, district=place.district, kind="confirm_differs", object=str(report),
                text=Text(
                    f"{place.name} {own.quarter.name} 季度核对，有 {len(differing)} 项不符",
                    f"{place.name}: {len(differing)} lines of {own.quarter.name} differ",
                ),
                address=f"{DESK_CONFIRMATION}{report}",
            )  # fmt: skip
    return report


def _answered(quarter: Quarter) -> ConflictError:
    return ConflictError(
        "CONFIRMATION-ANSWERED",
        f"{quarter.name} 已核对；之后的更正请在登记册中提请",
        f"{quarter.name} is confirmed already: hand later corrections in with the registers",
    )


def _check(line: HeldLine, said: SaidOfLine) -> None:
    if said.answer not in ANSWERS:
        raise _wrong("CONFIRMATION-LINE", line, "请选择相符或不符", "say right or differs")
    if max(len(said.words), len(said.contract_no)) > _SAID_MAX or len(said.value) > _VALUE_MAX:
        raise _wrong("CONFIRMATION-LONG", line, "文字过长", "too long")
    if said.answer == RIGHT:
        if said.words.strip() or said.value.strip() or said.field:
            raise _wrong(
                "CONFIRMATION-BOTH", line, "已选相符，不应再填写不符内容", "right, yet it says more"
            )
    elif not said.words.strip() and not said.field:
        raise _wrong("CONFIRMATION-WORDS", line, "请写明应为何种情况", "say what holds instead")
    elif said.field and said.field not in dict(line.fields):
        raise _wrong("CONFIRMATION-FIELD", line, "没有这个栏目", "there is no such column")


def _wrong(code: str, line: HeldLine, zh: str, en: str) -> InvalidInputError:
    return InvalidInputError(
        code, f"{line.title.zh}：{zh}", f"{line.title.en}: {en}", field=f"answer_{line.id}"
    )


def _settle(
    app: App, tx: Transaction, own: OwnConfirmation, line: HeldLine, said: SaidOfLine, scope: Scope,
    actor: str,
) -> dict[str, Any]:  # fmt: skip
    """What is put on record of a line: what was said, and the proposal that it became."""
    words = said.words.strip()
    if not said.field:
        return {"said": words, "proposal_id": None}
    name, _, key = line.id.partition("-")
    kind = KINDS[name]
    base = _find_contract(tx, line, said, scope) if name == CONTRACTS else (
        registers.find_record(tx, kind, int(key))
    )  # fmt: skip
    if base is None:
        raise _wrong("CONFIRMATION-ROW", line, "该行已不在登记册中", "the row is gone")
    change = _change(kind, line, base, said)
    title = dict(line.fields)[said.field]
    number = f"{said.contract_no.strip()} " if name == CONTRACTS else ""
    told = f"{number}{title.zh} → {said.value.strip()}{f'；{words}' if words else ''}"
    quarter = own.quarter.name
    hold = CorrectionHold(
        app, f"{quarter} 季度核对", as_of=today(),
        reason=_REASON.fill(quarter=quarter, said=told).zh,
    )  # fmt: skip
    made = hold.propose(tx, kind, [change], actor, own.sha256)
    return {"said": told, "proposal_id": made[base.id]}


def _find_contract(
    tx: Transaction, line: HeldLine, said: SaidOfLine, scope: Scope
) -> RecordOnFile | None:
    number = said.contract_no.strip()
    found = registers.find_contracts(tx, [number]).get(number, [])
    own = [each for each in found if each.institution_id == scope.institution_id]
    if len(own) != 1:
        raise _wrong(
            "CONFIRMATION-CONTRACT", line, f"没有合同 {number}", f"there is no contract {number}"
        )
    return registers.find_record(tx, KINDS["contracts"], own[0].id)


def _change(kind: Kind, line: HeldLine, base: RecordOnFile, said: SaidOfLine) -> PlannedChange:
    """The row on file with the one cell as it is said to be; nothing is written."""
    column = next(each for each in kind.columns if each.name == said.field)
    cell = said.value.strip()
    if not cell and column.must_be_filled:
        raise _wrong("CONFIRMATION-VALUE", line, "该栏不能为空", "the column cannot be empty")
    value = column.read(cell) if cell else column.when_empty
    if isinstance(value, CellFault):
        raise _wrong("CONFIRMATION-VALUE", line, value.message.zh, value.message.en)
    fields = {each.fills: getattr(base.record, each.fills) for each in kind.columns}
    record = kind.make((fields | {column.fills: value}).values())
    if record == base.record:
        raise _wrong(
            "CONFIRMATION-SAME", line, "与本机关所持内容相同", "that is what the office holds"
        )
    for _, fault in faults_of(kind, record):
        raise _wrong("CONFIRMATION-VALUE", line, fault.message.zh, fault.message.en)
    return describe_change(kind, base, Located(0, record), base.institution_id)


def list_asked(
    app: App, scope: Scope, quarter: str = "", state: str = ""
) -> list[AskedInstitution]:
    """The institutions of a scope that are asked about a quarter, by default the one over last.

    Raises: InvalidInputError for what is no quarter, or one that is not over.
    """
    day = today()
    chosen = parse_quarter(quarter) if quarter else last_ended(day)
    if chosen is None or chosen.last >= day:
        raise InvalidInputError(
            "QUARTER",
            f"{quarter} 不是已结束的季度，如 2026Q2",
            f"{quarter}: not over, or no quarter",
            field="quarter",
        )
    with app.database.reading() as tx:
        rows = self_reports.list_asked(tx, scope, day, chosen.name, chosen.last)
        in_time = list_asked_in_time(tx, chosen.name)
    due = _due(app, chosen)
    asked = [_asked(row, due, is_over=day > due and row.id in in_time) for row in rows]
    return [each for each in asked if not state or each.state == state]


def list_asked_in_time(tx: Transaction, quarter: str) -> set[int]:
    """The institutions that were asked about a quarter while it could be answered in time.

    Nobody else is late: an office may have begun since, or its scheduler have stood still.
    """
    return messages.list_told(tx, quarter, "confirm_asked", "confirm_near")


def _asked(row: PageRow, due: Day, *, is_over: bool) -> AskedInstitution:
    state = "late" if is_over else "waiting"
    if row.report is not None:
        state = "differs" if row.differs else "answered"
    return AskedInstitution(
        row.uscc, row.name, row.district, state, due, row.report, row.at, int(row.differs or 0)
    )


def count_late(app: App, tx: Transaction, scope: Scope, day: Day) -> int:
    """How many institutions of a scope are overdue with the quarter that was over last."""
    quarter = last_ended(day)
    if day <= _due(app, quarter):
        return 0
    rows = self_reports.list_asked(tx, scope, day, quarter.name, quarter.last)
    in_time = list_asked_in_time(tx, quarter.name)
    return sum(row.report is None and row.id in in_time for row in rows)


class ConfirmationFile(NamedTuple):
    """An answer with its lines."""

    report: PageRow
    lines: PageRows


def get_report(app: App, scope: Scope, key: int) -> ConfirmationFile:
    """An institution's answer.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = self_reports.get(tx, scope, key, today())
        if row is None:
            raise NotFoundError("CONFIRMATION-UNKNOWN", f"没有核对 {key}", f"no confirmation {key}")
        return ConfirmationFile(row, self_reports.list_lines(tx, key))


def asked_quarter() -> Quarter:
    """The quarter that institutions are asked about today."""
    return last_ended(today())


def asked_json(each: AskedInstitution) -> dict[str, Any]:
    """An institution that is asked, for programs and terminals."""
    return each._asdict() | {"due_on": format_day(each.due_on)}


def report_json(found: ConfirmationFile) -> dict[str, Any]:
    """An answer with its lines."""
    row = found.report
    return {
        "id": row.id, "uscc": row.uscc, "institution": row.name, "district": row.district,
        "quarter": row.quarter, "actor": row.actor, "at": row.at, "lines": _said_json(found.lines),
    }  # fmt: skip


def own_json(own: OwnConfirmation) -> dict[str, Any]:
    """What an institution is asked to confirm, with the hash that its answer names."""
    return {
        "quarter": own.quarter.name, "due_on": format_day(own.due_on), "seen": own.sha256,
        "answered": not own.is_open,
        "lines": [
            {"line": line.id, "fields": [name for name, _ in line.fields]} | line.shown()
            for line in own.lines
        ],
        "said": _said_json(own.said),
    }  # fmt: skip


def _said_json(lines: PageRows) -> list[dict[str, Any]]:
    return [
        {"line": line.line, "answer": line.answer, "said": line.said, "proposal": line.proposal_id}
        | line.shown
        for line in lines
    ]


def read_answer(given: Any) -> tuple[dict[str, SaidOfLine], str]:
    """An answer as programs send it: by line what is said of it, and the hash of what was shown.

    Raises: InvalidInputError naming the field.
    """
    lines = given.get("lines") if isinstance(given, Mapping) else None
    seen = given.get("seen") if isinstance(given, Mapping) else None
    if not isinstance(lines, Mapping) or not isinstance(seen, str):
        raise InvalidInputError(
            "CONFIRMATION-BODY", "须有 seen 和 lines", "seen and lines are wanted", field="lines"
        )
    for name, said in lines.items():
        is_said = isinstance(said, Mapping) and set(said) <= set(SaidOfLine._fields)
        if not is_said or not all(isinstance(value, str) for value in said.values()):
            raise InvalidInputError(
                "CONFIRMATION-BODY",
                f"{str(name)[:40]}：只能有 {', '.join(SaidOfLine._fields)}，均为文字",
                f"{str(name)[:40]}: {', '.join(SaidOfLine._fields)} alone, all of them text",
                field="lines",
            )
    return {str(name): SaidOfLine(**said) for name, said in lines.items()}, seen
