"""Self-check (自查): what the rules would say of a file before it is handed in; nothing is stored.

A price list, planned contracts, a charge plan or a bank statement of one institution is laid over
its facts in a view that is thrown away and holds up no writer. The rule book in force judges the
facts with and without it: told is what it says of the file's own contracts and courses, and what
else the file would open or raise. No row, file, alert or proposal comes of it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachWeight, compare_weights
from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.compiler import list_read
from feewatch.engine.findings import Breach
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import ForbiddenError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_institutions
from feewatch.services.intake.provenance import word_of
from feewatch.services.people.acting import require_role
from feewatch.services.registers.institutions import get_institution
from feewatch.services.trials.self_check_files import LaidFile, lay_register, lay_statements
from feewatch.store.database import Transaction, tried
from feewatch.store.intake.successors import in_order
from feewatch.store.overlay import narrow

STATEMENT = "statement"
KINDS: dict[str, Text] = {
    "courses": Text("课程价目", "price list (courses)"),
    "contracts": Text("合同或合同模板", "planned contracts, or a list of templates"),
    "charges": Text("收费计划", "charge plan"),
    STATEMENT: Text("银行对账单", "bank statement"),
}
#: Who may ask: an institution of itself, officers of those in their scope.
ROLES = (*CASEWORKERS, "institution", "api")
_TABLES = {"courses": "course", "contracts": "contract", "charges": "charge"}
#: Of these the rules speak that look at a plan, and not at money that has yet to come.
_PLANNED = frozenset({"contract", "charge", "course", "student", "student_day"})
_MONEY = frozenset({"entry", "match", "account_day", "account_coverage", "statement", "told_days"})
#: Money that is planned is not on its way yet: whether it arrives is not asked of a plan.
_ARRIVED = "account_coverage"
#: So many lines are told; the number of all stands beside them.
MOST_LINES = 500


@dataclass(frozen=True)
class SelfCheckLine:
    """One thing a rule would say."""

    rule: Rule
    outcome: str  # breach, undetermined
    subject_kind: str
    subject_id: str
    on_day: Day
    lines: tuple[int, ...]  # of the file
    reason: Text | None  # why it cannot judge
    breach: Breach | None
    change: str  # own: of the file's own rows; opened, raised: of others, by the file

    def as_json(self) -> dict[str, Any]:
        """For terminals and programs, the figures as those of an alert."""
        told: dict[str, Any] = {
            "rule": self.rule.id, "title": self.rule.title._asdict(), "outcome": self.outcome,
            "subject": {"kind": self.subject_kind, "id": self.subject_id},
            "on": format_day(self.on_day), "lines": list(self.lines), "change": self.change,
            "reason": self.reason and self.reason._asdict(),
        }  # fmt: skip
        if self.breach is not None:
            told |= {
                name: getattr(self.breach, name)
                for name in ("authority", "severity", "measured", "limit", "unit")
            }
            told["calculation"] = self.breach.calculation._asdict()
            told["cure"] = self.breach.cure._asdict()
            told["basis"] = [law.as_json() for law in self.breach.basis]
        return told


@dataclass(frozen=True)
class SelfCheck:
    """What came of a file."""

    kind: str
    file: str
    laid: LaidFile
    rules: int  # asked
    evaluated: int  # subjects of the file's own
    lines: tuple[SelfCheckLine, ...]

    @property
    def breaches(self) -> int:
        """How many breaches are told of."""
        return sum(line.outcome == "breach" for line in self.lines)

    @property
    def undetermined(self) -> int:
        """How many of the file's own subjects cannot be judged."""
        return len(self.lines) - self.breaches

    @property
    def compliant(self) -> int:
        """How many of the file's own subjects comply."""
        own = sum(line.change == "own" for line in self.lines)
        return self.evaluated - own

    def as_json(self) -> dict[str, Any]:
        """The answer of the API and the command line."""
        laid = self.laid
        return {
            "file": self.file, "kind": self.kind, "as_of": format_day(laid.as_of),
            "stored": False, "rows": laid.rows, "bad": laid.bad, "assumed_paid": laid.assumed,
            "already_on_file": laid.is_known, "rules": self.rules, "evaluated": self.evaluated,
            "breaches": self.breaches, "undetermined": self.undetermined,
            "compliant": self.compliant,
            "findings": [line.as_json() for line in self.lines[:MOST_LINES]],
            "problems": [problem.as_json() for problem in laid.problems],
            "statements": [
                {"n": each.n, "account": each.account_no, "status": each.status,
                 "period": [iso_or_none(each.from_day), iso_or_none(each.to_day)],
                 "entries": each.entries}
                for each in laid.statements
            ],
        }  # fmt: skip


def check_file(
    app: App, person: User | None, uscc: str, kind: str, name: str, data: bytes
) -> SelfCheck:
    """What the rules would say of a file of an institution; nobody stands for the operator.

    Raises: InvalidInputError for an unknown kind or no content, ForbiddenError, NotFoundError for
    an institution that is not the person's own or not within their scope.
    """
    if kind not in KINDS:
        known = "、".join(KINDS)
        raise InvalidInputError(
            "SELFCHECK-KIND", f"可自查的有：{known}", f"what can be checked: {known}", field="kind"
        )
    _require(person)
    scope = Scope() if person is None else person.scope
    book = rule_book(app)
    rules = touched_rules(book, kind)
    with app.database.trying() as tx:
        key = get_institution(tx, scope, uscc)
        mine = in_order(tx, [key])
        narrow(tx, mine)
        trial = _Trial(app, tx, book, rules, mine)
        with tried(tx):
            match_institutions(app, tx, mine)
            if kind == STATEMENT:
                laid = lay_statements(app, tx, key, word_of(person), name, data)
            else:
                laid = lay_register(app, tx, key, kind, name, data)
            match_institutions(app, tx, mine)
            after = trial.judge(laid) if laid.rows else _Judged([], {}, [], 0)
        with tried(tx):
            match_institutions(app, tx, mine)
            before = trial.weigh(laid.as_of) if laid.rows else []
    lines = tuple(_told(after, before, laid))
    return SelfCheck(kind, name, laid, len(rules), after.evaluated, lines)


def touched_rules(book: RuleBook, kind: str) -> list[Rule]:
    """The rules that a file of a kind can touch."""
    return [rule for rule in book.rules.values() if _touches(book, rule, kind)]


def _touches(book: RuleBook, rule: Rule, kind: str) -> bool:
    tables = {used for name in list_read(book, rule.fact) for used in book.facts[name].uses}
    if kind == STATEMENT:
        return not tables.isdisjoint(_MONEY)
    return _TABLES[kind] in tables and rule.subject in _PLANNED and _ARRIVED not in tables


def _require(person: User | None) -> None:
    if person is None:
        return
    require_role(person, ROLES)
    if person.role == "api" and person.institution_id is None:
        raise ForbiddenError(
            "SELFCHECK-OWN",
            "接口自查仅限机构自己的接口用户",
            "by the API an institution checks its own files alone",
        )


@dataclass(frozen=True)
class _Judged:
    """What the rules say with the file."""

    breaches: list[tuple[Rule, Breach]]
    weights: dict[tuple[object, ...], BreachWeight]
    undetermined: list[SelfCheckLine]
    evaluated: int


class _Trial:
    """Some rules over an institution in a transaction."""

    def __init__(
        self,
        app: App,
        tx: Transaction,
        book: RuleBook,
        rules: Collection[Rule],
        institutions: Collection[int],
    ) -> None:
        self._app, self._tx, self._book = app, tx, book
        self._rules, self._institutions = rules, institutions

    def _evaluation(self, as_of: Day) -> Evaluation:
        app = self._app
        return Evaluation(
            self._tx, app.database.dialect, self._book, as_of, app.config.office.district,
            self._institutions,
        )  # fmt: skip

    def weigh(self, as_of: Day) -> list[BreachWeight]:
        """Every breach of the facts as they stand."""
        weights: list[BreachWeight] = []
        for outcomes in self._evaluation(as_of).of_each(self._rules):
            weights += outcomes.weights()
        return weights

    def judge(self, laid: LaidFile) -> _Judged:
        """Every breach with its law and arithmetic; of the file's own subjects all outcomes."""
        judged = _Judged([], {}, [], 0)
        evaluated = 0
        for outcomes in self._evaluation(laid.as_of).of_each(self._rules):
            rule = outcomes.rule
            judged.breaches.extend((rule, breach) for breach in outcomes.breaches())
            judged.weights.update({weight.same: weight for weight in outcomes.weights()})
            if not laid.lines:
                continue
            for finding in outcomes.findings():
                lines = _own_lines(laid, finding.identity.subject_id)
                evaluated += bool(lines)
                if lines and finding.outcome == "undetermined":
                    identity = finding.identity
                    judged.undetermined.append(
                        SelfCheckLine(
                            rule, "undetermined", identity.subject_kind, identity.subject_id,
                            identity.on, lines, finding.reason, None, "own",
                        )
                    )  # fmt: skip
        return _Judged(judged.breaches, judged.weights, judged.undetermined, evaluated)


def _told(after: _Judged, before: list[BreachWeight], laid: LaidFile) -> Iterator[SelfCheckLine]:
    """Breaches of the file's own rows, then what else it opens or raises, then what is unknown."""
    changed = {
        difference.either.identity if difference.after is None else difference.after.identity:
        difference.change
        for difference in compare_weights(before, after.weights.values())
        if not difference.is_relief
    }  # fmt: skip
    others: list[SelfCheckLine] = []
    for rule, breach in after.breaches:
        identity = breach.identity
        lines = _own_lines(laid, identity.subject_id)
        change = "own" if lines else changed.get(identity._replace(subject_kind=rule.subject), "")
        if not change:
            continue
        line = SelfCheckLine(
            rule, "breach", identity.subject_kind, identity.subject_id, identity.on,
            lines or _evidence_lines(laid, breach), None, breach, change,
        )  # fmt: skip
        if change == "own":
            yield line
        else:
            others.append(line)
    yield from others
    yield from after.undetermined


def _own_lines(laid: LaidFile, subject_id: str) -> tuple[int, ...]:
    """The lines of the file that a subject is of: a contract, a charge of one, or a course."""
    if subject_id in laid.lines:
        return laid.lines[subject_id]
    behind_code = subject_id.partition("/")[2]
    return laid.lines.get(behind_code, ()) or laid.lines.get(subject_id.rpartition("/")[0], ())


def _evidence_lines(laid: LaidFile, breach: Breach) -> tuple[int, ...]:
    """The lines of the file among the evidence of a breach."""
    lines: set[int] = set()
    for row in breach.evidence:
        if row.get("file_sha256") == laid.sha256 and row.get("line") is not None:
            lines.add(row["line"])
        lines.update(laid.lines.get(str(row.get("id", "")), ()))
    return tuple(sorted(lines))
