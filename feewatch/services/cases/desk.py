"""What the regulator's desk and an institution's counter show: reading only, within a scope."""

from dataclasses import dataclass, replace
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import INTERNAL_STEPS
from feewatch.casework.cases import is_served as case_is_served
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months, date_of, day_of, month_end
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope, User
from feewatch.ledger.days import Range
from feewatch.services.cases.evidence import read_evidence
from feewatch.services.cases.instalments import Instalments, read_instalments
from feewatch.services.check.results import RuleResult, describe_results, of_institution
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.restatements import Restated, restated_of
from feewatch.services.paging import Page, slice_of
from feewatch.services.registers.coverage_desk import RegisterDays, read_coverage
from feewatch.services.registers.fact_changes import (
    DatedChange,
    FactChange,
    changes_of,
    dated_changes,
)
from feewatch.services.registers.openings import OpeningStatement, read_openings
from feewatch.store import state
from feewatch.store.cases import answers
from feewatch.store.check import series
from feewatch.store.database import Transaction
from feewatch.store.kept import KnownBefore
from feewatch.store.pages import (
    PageRow,
    PageRows,
    cases,
    files,
    inbox,
    institutions,
    places,
    proposals,
    statements,
)
from feewatch.store.pages.presence import find_parts
from feewatch.store.registers.proposals import list_alerts_waiting

#: As many rows of evidence as a page can show.
MOST_EVIDENCE = 200
#: As many proposals of an institution as its page shows; their own page has all.
MOST_PROPOSALS = 20
#: As many open alerts as the office's page of an institution shows, the gravest; the list has all.
MOST_ALERTS = 10
_ENDLESS = 500
#: What files of all institutions write all day long: of one, its own mark says whether they did.
_OF_FILES = state.TABLES[state.Touched.STATEMENTS] | {"institution_state", "source_file"}
#: The open proposals with which alerts wait, by alert.
Correcting = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class MatterFile:
    """A matter with its alerts, its case and the clues that led to it."""

    matter: PageRow
    alerts: PageRows
    case: PageRow | None
    clues: list[str]
    correcting: Correcting


def get_matter(app: App, scope: Scope, matter_id: int) -> MatterFile:
    """A matter with its alerts.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        return _matter_file(tx, scope, matter_id)


def _matter_file(tx: Transaction, scope: Scope, matter_id: int) -> MatterFile:
    matter = inbox.find_matter(tx, scope, matter_id, today())
    if matter is None:
        raise _unknown("MATTER-UNKNOWN", "事项", "matter", matter_id)
    alerts = inbox.list_alerts(tx, scope, matter_id=matter_id)
    case = inbox.find_case_of_matter(tx, scope, matter_id)
    clues = places.list_clues_of(tx, scope, matter_id)
    return MatterFile(matter, alerts, case, clues, list_alerts_waiting(tx))


@dataclass(frozen=True, slots=True)
class AlertFile:
    """An alert with its matter, the rows it rests on and its history."""

    alert: PageRow
    matter: PageRow
    case: PageRow | None
    evidence: list[dict[str, Any]]  # as services.evidence reads it, accounts unmasked
    events: PageRows
    correcting: list[int]  # the open proposals with which it waits


def get_alert(app: App, scope: Scope, alert_id: str) -> AlertFile:
    """An alert with all that an officer needs.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        alert = inbox.find_alert(tx, scope, alert_id)
        if alert is None:
            raise _unknown("ALERT-UNKNOWN", "预警", "alert", alert_id)
        matter = inbox.find_matter(tx, scope, alert.matter_id, today())
        assert matter is not None  # an alert and its matter lie in one district
        rows = alert.frozen["evidence"][:MOST_EVIDENCE]
        return AlertFile(
            alert,
            matter,
            inbox.find_case_of_matter(tx, scope, alert.matter_id),
            read_evidence(tx, alert._mapping, rows),
            inbox.list_alert_events(tx, scope, alert_id),
            list_alerts_waiting(tx).get(alert_id, []),
        )


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One page of alerts, and the open proposals with which any wait."""

    page: Page
    correcting: Correcting


def list_alerts(app: App, scope: Scope, wanted: inbox.Wanted, number: int) -> AlertPage:
    """One page of alerts."""
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = inbox.list_alerts(tx, scope, wanted=wanted, limit=size, offset=start)
        page = Page(rows, inbox.count_alerts(tx, scope, wanted), number)
        return AlertPage(page, list_alerts_waiting(tx))


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its matters and events."""

    case: PageRow
    matters: PageRows
    events: PageRows
    attachments: PageRows
    answers: dict[int, list[PageRow]]  # by event: what was said of each matter
    objections: PageRows


def list_cases(app: App, scope: Scope, state: str, number: int) -> Page:
    """One page of cases."""
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = cases.list_cases(tx, scope, today(), state=state, limit=size, offset=start)
        return Page(rows, cases.count_cases(tx, scope, state=state), number)


def get_case(app: App, scope: Scope, number: str) -> CaseFile:
    """A case.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        return _case_file(tx, scope, number)


def _case_file(tx: Transaction, scope: Scope, number: str) -> CaseFile:
    case = cases.find_case(tx, scope, number, today())
    if case is None:
        raise _unknown("CASE-UNKNOWN", "案件", "case", number)
    is_own = scope.institution_id is not None
    return CaseFile(
        case,
        cases.list_matters(tx, case.id),
        cases.list_events(tx, case.id),
        cases.list_attachments(tx, case.id, only_told=is_own),
        answers.list_of_case(tx, case.id),
        answers.list_objections(tx, case.id),
    )


def get_own_case(app: App, scope: Scope, number: str) -> CaseFile:
    """A case as its institution sees it: from the 督办单 on, without the office's deliberations.

    Raises: NotFoundError, also for one that was not served on the institution.
    """
    file = get_case(app, scope, number)
    if not is_served(file.case):
        raise _unknown("CASE-UNKNOWN", "案件", "case", number)
    events = [each for each in file.events if each.step not in INTERNAL_STEPS]
    return replace(file, events=events)


def is_served(case: PageRow | None) -> bool:
    """Whether the institution was told of a case."""
    return case is not None and case_is_served(case.notified_by)


def list_institutions(app: App, scope: Scope, text: str, number: int) -> Page:
    """One page of institutions."""
    with app.database.reading() as tx:
        day, (size, start) = today(), slice_of(number)
        rows = institutions.list_institutions(tx, scope, day, text, limit=size, offset=start)
        return Page(rows, institutions.count_institutions(tx, scope, day, text), number)


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is on file about one institution."""

    facts: PageRow
    accounts: PageRows
    told: dict[int, list[PageRow]]  # by account: the days, and by whose word they are told
    covered: dict[int, list[Range]]  # by account: the days that statements cover
    alerts: PageRows  # open and in a case, the gravest of them
    alerts_open: int
    alerts_in_case: int
    cases: PageRows
    results: list[RuleResult]
    checked_as_of: Day | None
    points: list[series.Point]
    openings: list[OpeningStatement]  # the one added last first
    restated: list[Restated]
    correcting: Correcting
    proposals: PageRows  # of corrections, those that wait first
    sites: PageRows
    dated: list[DatedChange]  # moves, renamings and other facts that begin on a day
    corrections: list[FactChange]  # rows of its facts that were overwritten
    instalments: Instalments  # charges of the contracts that it holds
    registers: list[RegisterDays]  # days for which its registers are whole
    is_on_hold: bool  # its place on the white list


def get_institution(app: App, scope: Scope, uscc: str) -> Dossier:
    """An institution by its credit code.

    Raises: NotFoundError, also for one outside the scope.
    """
    day = today()
    with app.database.reading() as tx:
        facts = institutions.find_institution(tx, scope, uscc, day)
        return app.database.kept.by_table(tx).answer(
            ("dossier", scope, uscc, day, rule_book(app).version),
            lambda: _dossier(app, tx, scope, facts, uscc, most=MOST_ALERTS),
            before=_known_before(tx, facts),
        )


def get_own_institution(app: App, scope: Scope) -> Dossier:
    """The institution of an institution's person."""
    day = today()
    with app.database.reading() as tx:
        facts = institutions.find_own(tx, scope, day)
        dossier = app.database.kept.by_table(tx).answer(
            ("own dossier", scope, day, rule_book(app).version),
            lambda: _dossier(app, tx, scope, facts, str(scope.institution_id)),
            before=_known_before(tx, facts),
        )
    return replace(
        dossier,
        cases=[each for each in dossier.cases if is_served(each)],
        results=of_institution(dossier.results),
    )


def _known_before(tx: Transaction, facts: PageRow | None) -> KnownBefore:
    """What is read before a dossier is asked for; it tells when files of the institution came."""
    return KnownBefore((facts, facts and state.read_news(tx, facts.id)), _OF_FILES)


def find_facts(app: App, scope: Scope, uscc: str) -> PageRow | None:
    """The facts in force today of an institution that is registered within a scope."""
    with app.database.reading() as tx:
        facts = institutions.find_institution(tx, scope, uscc, today())
    return facts if facts is not None and scope.sees(facts.district, facts.id) else None


def get_own_facts(app: App, scope: Scope) -> PageRow:
    """The facts in force today of the institution of an institution's person."""
    with app.database.reading() as tx:
        facts = institutions.find_own(tx, scope, today())
    if facts is None:
        raise _unknown("INSTITUTION-UNKNOWN", "机构", "institution", str(scope.institution_id))
    return facts


def _dossier(
    app: App,
    tx: Transaction,
    scope: Scope,
    facts: PageRow | None,
    named: str,
    *,
    most: int = _ENDLESS,
) -> Dossier:
    if facts is None:
        raise _unknown("INSTITUTION-UNKNOWN", "机构", "institution", named)
    key, day, book = facts.id, today(), rule_book(app)
    parts = find_parts(tx, key, facts.uscc)
    accounts, told = institutions.list_accounts(tx, key), institutions.list_told(tx, key)
    alerts, alerts_open, alerts_in_case = inbox.list_unsettled(tx, scope, key, limit=most)
    own = Scope(institution_id=key)
    return Dossier(
        facts,
        accounts,
        told.by_word,
        told.covered,
        alerts,
        alerts_open,
        alerts_in_case,
        cases.list_cases(tx, scope, day, institution_id=key),
        describe_results(book, institutions.list_results(tx, key)),
        parts.checked_as_of,
        series.list_points(tx, key, chart_days(parts.checked_as_of or day), is_tied=parts.tenures),
        read_openings(tx, key) if parts.openings else [],
        restated_of(tx, accounts) if parts.told_twice else [],
        list_alerts_waiting(tx, key) if parts.proposals else {},
        proposals.list_proposals(tx, own, day, limit=MOST_PROPOSALS) if parts.proposals else [],
        institutions.list_sites(tx, scope, key) if parts.sites else [],
        dated_changes(institutions.list_dated_facts(tx, key)) if parts.dated else [],
        _corrections(tx, facts.uscc) if parts.changes else [],
        read_instalments(tx, scope, facts, day) if parts.charges else Instalments({}, []),
        read_coverage(tx, key, is_vouched=parts.vouched),
        parts.hold,
    )


def _corrections(tx: Transaction, uscc: str) -> list[FactChange]:
    return changes_of("institutions", institutions.list_fact_changes(tx, uscc))


def chart_days(as_of: Day) -> list[Day]:
    """The ends of the twelve months before a day, and the day itself."""
    first = day_of(date_of(as_of).replace(day=1))
    ends = [month_end(add_months(first, -back)) for back in range(12, 0, -1)]
    return [*ends, as_of]


@dataclass(frozen=True, slots=True)
class ReceivedStatements:
    """Statements as received, and files that could not be read at all."""

    page: Page
    rejected: PageRows


def list_statements(app: App, scope: Scope, status: str, number: int) -> ReceivedStatements:
    """One page of statements; rejected files stand on the first page."""
    office = app.config.office.district
    with app.database.reading() as tx:
        day, (size, start) = today(), slice_of(number)
        rows = statements.list_statements(
            tx, scope, office, day, status=status, limit=size, offset=start
        )
        total = statements.count_statements(tx, scope, office, day, status=status)
        rejected = statements.list_rejected_files(tx, scope, office) if number == 1 else []
        return ReceivedStatements(Page(rows, total, number), rejected)


@dataclass(frozen=True, slots=True)
class Files:
    """Files as received, and by hash the statements of each that lie within the scope."""

    page: Page
    statements: dict[str, list[PageRow]]


def list_files(app: App, user: User, status: str, channel: str, number: int) -> Files:
    """One page of files that a person may see."""
    office, day = app.config.office.district, today()
    seen = files.visible(user.scope, office, day, user.name)
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = files.list_files(tx, seen, status=status, channel=channel, limit=size, offset=start)
        total = files.count_files(tx, seen, status=status, channel=channel)
        hashes = [row.sha256 for row in rows]
        inside = files.list_statements_of(tx, user.scope, office, day, hashes)
    return Files(Page(rows, total, number), inside)


def count_findings(app: App, scope: Scope) -> PageRows:
    """Outcomes by rule within the scope, at the latest checks."""
    with app.database.reading() as tx:
        return institutions.count_results(tx, scope, today())


def _unknown(code: str, zh: str, en: str, key: object) -> NotFoundError:
    return NotFoundError(code, f"没有{zh} {key}", f"no {en} {key}")
