"""A case as its institution reads it: what it is told of each matter, what it may do about it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import steps_from
from feewatch.kernel.people import Scope
from feewatch.services.cases.desk import CaseFile, get_own_case
from feewatch.services.cases.evidence import read_evidence
from feewatch.services.cases.evidence_lines import EvidenceLine, Sight, describe_evidence
from feewatch.services.cases.objections import Term, term_of
from feewatch.store.cases import undertakings
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages.own_cases import list_alerts_of

#: So many alerts of a case are listed, and of so many the rows are read for its page; each alert
#: has a page of its own with all its rows.
MOST_ALERTS, MOST_READ, MOST_ROWS = 300, 12, 20


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """An alert of a matter with the rows it rests on; None where they stand on its own page."""

    alert: PageRow
    evidence: list[EvidenceLine] | None
    hidden: int


@dataclass(frozen=True, slots=True)
class OwnMatter:
    """A matter with its alerts, the gravest first, and what was said of it last."""

    matter: PageRow
    alerts: list[OwnAlert]
    answer: PageRow | None

    @property
    def frozen(self) -> dict[str, Any]:
        """Title, law and cure, as they stood when the gravest alert opened."""
        frozen: dict[str, Any] = self.alerts[0].alert.frozen
        return frozen


@dataclass(frozen=True, slots=True)
class OwnCase:
    """The page of a case."""

    file: CaseFile
    matters: list[OwnMatter]
    undertakings: PageRows
    promised: dict[int, list[PageRow]]  # the parts of each undertaking
    term: Term | None
    may_answer: bool
    may_start: bool

    @property
    def may_object(self) -> list[int]:
        """The matters to which an objection would be taken; 0 stands for the case as a whole."""
        if self.term is None or not self.term.is_open:
            return []
        keys = (0, *(each.matter.id for each in self.matters))
        waiting = {each.matter_id or 0 for each in self.file.objections if each.answered_at is None}
        return [key for key in keys if key not in waiting]


def read_own_case(app: App, scope: Scope, number: str) -> OwnCase:
    """A case of the person's institution that was served on it.

    Raises: NotFoundError.
    """
    file = get_own_case(app, scope, number)
    steps = steps_from(file.case.state, "institution")
    with app.database.reading() as tx:
        case_id = file.case.id
        promises = undertakings.list_of_case(tx, case_id)
        return OwnCase(
            file,
            _matters(tx, file),
            promises,
            undertakings.list_items(tx, [each.id for each in promises]),
            term_of(app, tx, case_id, file.case.state),
            may_answer=bool(steps),
            may_start="start" in steps,
        )


def _matters(tx: Transaction, file: CaseFile) -> list[OwnMatter]:
    rows = list_alerts_of(tx, [each.id for each in file.matters], MOST_ALERTS)
    by_matter: defaultdict[int, list[PageRow]] = defaultdict(list)
    for row in rows:
        by_matter[row.matter_id].append(row)
    share = max(1, MOST_READ // max(1, len(file.matters)))
    last = {each.matter_id: each for said in file.answers.values() for each in said}
    left = MOST_READ
    matters = []
    for matter in file.matters:
        if not by_matter[matter.id]:
            continue
        alerts = []
        for at, alert in enumerate(by_matter[matter.id]):
            is_read = at < share and left > 0
            left -= is_read
            alerts.append(_read(tx, alert) if is_read else OwnAlert(alert, None, 0))
        matters.append(OwnMatter(matter, alerts, last.get(matter.id)))
    return matters


def _read(tx: Transaction, alert: PageRow) -> OwnAlert:
    sources = alert.frozen["evidence"]
    rows = read_evidence(tx, alert._mapping, sources[:MOST_ROWS])
    lines = list(describe_evidence(rows, Sight(accounts=True, payers=True, memos=True)))
    return OwnAlert(alert, lines, len(sources) - len(rows))
