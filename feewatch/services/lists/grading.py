"""信用评价 computed: which scheme, which facts, one sheet an institution; a draft tells nobody.

Facts are gathered set-wise, a query a source, never institution by institution.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.identity import alert_id
from feewatch.credit.eligibility import Range, WhiteListStanding
from feewatch.credit.grades import (
    DRAFT,
    GradeFact,
    GradePeriod,
    GradeSheet,
    format_points,
    last_period,
    period_named,
    score,
)
from feewatch.engine.grade_lint import lint_scheme
from feewatch.engine.grade_scheme import GradeScheme, read_scheme
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import refuse_faults
from feewatch.services.check.findings import list_findings
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.standings import terms_of
from feewatch.services.people.acting import get_acting
from feewatch.store import audit
from feewatch.store.check import proven
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import grade_facts, grades, standings
from feewatch.store.lists.grade_facts import GradeSpan

_MAX_BYTES = 1_000_000


class GradedInstitution(NamedTuple):
    """An institution with its sheet for a period."""

    standing: WhiteListStanding
    sheet: GradeSheet


class ComputedRound(NamedTuple):
    """What a computation came to."""

    period: GradePeriod
    scheme: GradeScheme
    graded: list[GradedInstitution]
    counts: Mapping[str, int]  # new, changed, unchanged, kept (told already)


def scheme_in_force(app: App) -> GradeScheme:
    """The scheme that the office has chosen.

    Raises: NotFoundError where the configuration names none of the rule book.
    """
    return get_scheme(app, app.config.credit.scheme)


def get_scheme(app: App, name: str) -> GradeScheme:
    """A scheme of the rule book.

    Raises: NotFoundError.
    """
    schemes = rule_book(app).grade_schemes
    if name not in schemes:
        allowed = ", ".join(sorted(schemes))
        raise NotFoundError(
            "SCHEME-UNKNOWN",
            f"规则库中没有信用评价方案 {name}（[credit] scheme），可用：{allowed}",
            f"no scheme {name} in the rule book ([credit] scheme); there are: {allowed}",
        )
    return schemes[name]


def load_scheme(app: App, path: Path) -> GradeScheme:
    """A scheme of a file that is tried and not in force.

    Raises: InvalidInputError with every fault.
    """
    try:
        content = path.read_bytes()[: _MAX_BYTES + 1]
    except OSError:
        raise InvalidInputError(
            "SCHEME-FILE", f"无法读取 {path}", f"{path} cannot be read"
        ) from None
    if len(content) > _MAX_BYTES:
        raise InvalidInputError("SCHEME-FILE", f"{path} 过大", f"{path} is too large")
    faults: list[Problem] = []
    scheme = read_scheme(content, path.name, faults, is_named=False)
    if scheme is not None:
        faults += lint_scheme(rule_book(app), scheme)
    refuse_faults("SCHEME-FAULTS", Text("信用评价方案有误", "the scheme has faults"), faults)
    assert scheme is not None
    return scheme


def find_period(scheme: GradeScheme, name: str | None) -> GradePeriod:
    """The period of a name; the latest that is over where none is named.

    Raises: InvalidInputError.
    """
    if name is None:
        return last_period(scheme.period, today())
    period = period_named(scheme.period, name)
    if period is None:
        example = last_period(scheme.period, today()).name
        raise InvalidInputError(
            "PERIOD", f"{name} 不是评价期，应如 {example}", f"{name} is no period such as {example}"
        )
    return period


def gather_sheets(
    app: App, schemes: Sequence[GradeScheme], period: GradePeriod
) -> list[list[GradedInstitution]]:
    """The sheets of every institution for a period by each of some schemes, on the same facts."""
    months = max(indicator.window_months for each in schemes for indicator in each.indicators)
    span = GradeSpan(period.last - 31 * months - 31, period.last)
    rules = {
        name
        for scheme in schemes
        for indicator in scheme.indicators
        if indicator.source == "finding"
        for kind, names in indicator.marks
        if kind == "rules"
        for name in names
    }
    terms = cache(terms_of(app))
    breached = _proven_breaches(app, rules, period.last) if rules else frozenset()
    with app.database.reading() as tx:
        facts = _facts(tx, rules, breached, span)
        known = [
            standing
            for _, of_district in standings.iterate_districts(tx, period.last)
            for standing in of_district
        ]
    return [
        [
            GradedInstitution(
                standing,
                score(
                    scheme,
                    facts[standing.institution_id],
                    period.last,
                    missing_facts(
                        standing, scheme, period, terms(standing.district, period.last).lag_days
                    ),
                ),
            )
            for standing in known
            if not scheme.subjects or standing.subject in scheme.subjects
        ]
        for scheme in schemes
    ]


def _proven_breaches(app: App, rules: Collection[str], as_of: Day) -> frozenset[str]:
    """The alerts whose breach all data show, and what banks or the office tell shows, too."""
    of_all = [each for each in list_findings(app, as_of, rules=rules) if each.outcome == "breach"]
    keys = {each.institution_id for each in of_all if each.institution_id is not None}
    with app.database.reading() as tx:
        self_told = proven.list_self_told(tx, keys) if keys else set()
    proven_too = {
        each.identity
        for each in list_findings(app, as_of, rules=rules, only_proven=True)
        if each.outcome == "breach"
    }
    return frozenset(
        alert_id(each.identity)
        for each in of_all
        if each.institution_id not in self_told or each.identity in proven_too
    )


def _facts(
    tx: Transaction, rules: Collection[str], breached: Collection[str], span: GradeSpan
) -> Mapping[int, list[GradeFact]]:
    facts = [*grade_facts.list_decided(tx, span), *grade_facts.list_of_cases(tx, span)]
    if rules:
        confirmed = grade_facts.list_confirmed_breaches(tx, rules, span)
        facts += [fact for fact in confirmed if fact.key in breached]
    by_institution: defaultdict[int, list[GradeFact]] = defaultdict(list)
    for fact in facts:
        by_institution[fact.institution_id].append(fact)
    return by_institution


def missing_facts(
    standing: WhiteListStanding, scheme: GradeScheme, period: GradePeriod, lag_days: int
) -> list[Text]:
    """What is not on file of an institution, so that no grade follows: unknown is never good.

    ``lag_days``: the last days that may still be on their way from the bank.
    """
    if scheme.least_covered == 0:
        return []
    accounts = [account for account in standing.accounts if account.kind == "fee"]
    if not accounts:
        return [Text("未登记收费专用账户", "no open fee account on file")]
    missing = []
    for account in accounts:
        first = max(period.first, account.opened_on or period.first)
        wanted = Range(first, max(first, period.last - lag_days))
        days = wanted.last - wanted.first + 1
        share = covered_days(account.covered, wanted) * 100
        if share < scheme.least_covered * days:
            tail, least = account.account_no[-4:], scheme.least_covered
            span = f"{format_day(wanted.first)} … {format_day(wanted.last)}"
            missing.append(
                Text(
                    f"尾号 {tail} 账户在 {span} 由银行或机关提供的流水不足 {least}%",
                    f"bank or office told less than {least} % of account …{tail} in {span}",
                )
            )
    return missing


def covered_days(ranges: Sequence[Range], wanted: Range) -> int:
    """How many days of a span ranges cover that may touch or overlap."""
    count, next_day = 0, wanted.first
    for covered in sorted(ranges):
        first, last = max(covered.first, next_day), min(covered.last, wanted.last)
        if last >= first:
            count += last - first + 1
            next_day = last + 1
    return count


def compute(app: App, name: str | None = None, *, actor: str) -> ComputedRound:
    """Drafts for every institution within the person's scope; what was told already stays.

    Raises: ConflictError for a period that is not over, InvalidInputError, ForbiddenError.
    """
    scheme = scheme_in_force(app)
    period = find_period(scheme, name)
    if today() <= period.last:
        raise ConflictError(
            "PERIOD-OPEN",
            f"{period.name} 尚未结束（至 {format_day(period.last)}），不能评价",
            f"{period.name} is not over before {format_day(period.last)}: nothing can be graded",
        )
    with app.database.reading() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
    (all_graded,) = gather_sheets(app, [scheme], period)
    graded = [each for each in all_graded if person.scope.sees(each.standing.district, None)]
    with app.database.transaction() as tx:
        get_acting(tx, actor, CASEWORKERS)
        counts = _keep(tx, scheme, period, graded, actor)
        detail = {"scheme": scheme.id, "hash": scheme.hash, **counts}
        audit.record(tx, actor, "grades.compute", period.name, detail)
    return ComputedRound(period, scheme, graded, counts)


def try_scheme(
    app: App, name: str | None = None, *, scheme: GradeScheme, scope: Scope
) -> ComputedRound:
    """What a scheme would give; nothing is kept."""
    period = find_period(scheme, name)
    (graded,) = gather_sheets(app, [scheme], period)
    seen = [each for each in graded if _sees(scope, each.standing)]
    return ComputedRound(period, scheme, seen, {})


def _sees(scope: Scope, standing: WhiteListStanding) -> bool:
    return scope.sees(standing.district, standing.institution_id)


def _keep(
    tx: Transaction,
    scheme: GradeScheme,
    period: GradePeriod,
    graded: Sequence[GradedInstitution],
    actor: str,
) -> dict[str, int]:
    known = grades.list_of_period(tx, period.name)
    counts = Counter({"new": 0, "changed": 0, "unchanged": 0, "kept": 0})
    new, changed = [], []
    for each in graded:
        values = _values(scheme, period, each, actor)
        row = known.get(each.standing.institution_id)
        if row is None:
            new.append(values)
        elif row["status"] != DRAFT:
            counts["kept"] += 1
        elif _says_same(row, values):
            counts["unchanged"] += 1
        else:
            changed += [row["id"]] if grades.redraft(tx, row["id"], values) else []
    grades.add(tx, new)
    counts["new"], counts["changed"] = len(new), len(changed)
    added = grades.list_of_period(tx, period.name)
    fresh = {values["institution_id"] for values in new}
    keys = [row["id"] for key, row in added.items() if key in fresh]
    grades.add_events(tx, [*keys, *changed], "computed", actor, detail={"scheme": scheme.hash})
    return dict(counts)


def _says_same(row: Record, values: Mapping[str, Any]) -> bool:
    told = ("scheme_hash", "points", "computed", "lines", "missing", "name", "district")
    return all(row[name] == values[name] for name in told)


def sheet_json(done: ComputedRound, graded: GradedInstitution) -> dict[str, Any]:
    """A computed sheet under stable keys."""
    standing, sheet = graded
    return {
        "uscc": standing.uscc,
        "name": standing.name,
        "district": standing.district,
        "period": done.period.name,
        "scheme": done.scheme.id,
        "points": format_points(sheet.points),
        "computed": sheet.grade or None,
        "by_points": sheet.by_points,
        "lines": sheet.lines_json(),
        "missing": [text._asdict() for text in sheet.missing],
    }


def _values(
    scheme: GradeScheme, period: GradePeriod, graded: GradedInstitution, actor: str
) -> dict[str, Any]:
    standing, sheet = graded
    return {
        "institution_id": standing.institution_id,
        "uscc": standing.uscc,
        "name": standing.name,
        "district": standing.district,
        "period": period.name,
        "from_day": period.first,
        "to_day": period.last,
        "scheme": scheme.id,
        "scheme_hash": scheme.hash,
        "points": sheet.points,
        "computed": sheet.grade,
        "lines": sheet.lines_json(),
        "missing": [text._asdict() for text in sheet.missing],
        "computed_by": actor,
        "computed_at": timestamp(),
    }
