"""An office after a busy year, for the speed of its pages: entries, alerts, matters, cases, people.

Registers and statements are those of the large world, checked by the product itself, which keeps
results and standings. What a check would open over a year is laid beside it in bulk: the same
columns and the same sums as if alerts had been reconciled and cases been worked on.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Any, NamedTuple

from feewatch.bench.large_world import COLUMNS, PLACES, Rows, Size, list_schools
from feewatch.bootstrap import App
from feewatch.casework.identity import alert_id
from feewatch.casework.matters import Member, summarise
from feewatch.casework.states import IN_CASE, OPEN, WITHDRAWN
from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.findings import SEVERITIES, Identity
from feewatch.kernel.days import Day, format_day
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.people import users
from feewatch.store import bulk
from feewatch.store.tables import metadata

OFFICE = "370700"
PASSWORD = "bench-desk-world"  # noqa: S105 - of an office that serves this machine alone
#: The program of a bank, which hands in files.
PROGRAM = "bank"
#: The districts of one city, so that its officers see every institution.
_PLACES = tuple(place for place in PLACES if place[0].startswith("3707"))
_STAFF = {
    "officer": ("officer", OFFICE),
    "reviewer": ("reviewer", OFFICE),
    "head": ("viewer", OFFICE),
    "clerk": ("officer", _PLACES[0][0]),
    "admin": ("administrator", OFFICE),
    PROGRAM: ("api", OFFICE),
}
#: Persons of institutions that have log-ins.
SCHOOLS = 5
_STATUSES = (OPEN,) * 10 + (IN_CASE,) * 4 + ("closed",) * 3 + ("dismissed",) * 2 + (WITHDRAWN,)
_WEIGHTS = (3, 4, 2, 1)  # of the severities, from the mildest
_STATES = ("notified", "rectifying", "submitted", "returned", "accepted", "triaged")
_YEAR = 365

_MATTER = (
    "id",
    "institution_id",
    "uscc",
    "district",
    "rule",
    "cause",
    "status",
    "severity",
    "authority",
    "alerts",
    "sum_fen",
    "first_day",
    "last_day",
    "historic",
    "opened_at",
    "owner",
)
_ALERT = (
    "id",
    "matter_id",
    "institution_id",
    "uscc",
    "institution_name",
    "district",
    "rule",
    "rule_version",
    "authority",
    "subject_kind",
    "subject_id",
    "on_day",
    "measured",
    "limit_value",
    "unit",
    "severity",
    "is_state",
    "frozen",
    "amount_fen",
    "status",
    "historic",
    "opened_at",
    "opened_as_of",
    "withdrawn_reason",
    "present",
)
_ALERT_EVENT = ("alert_id", "at", "as_of", "actor", "change", "reason", "detail")
_CASE = (
    "id",
    "number",
    "institution_id",
    "uscc",
    "district",
    "state",
    "severity",
    "escalated",
    "deadline",
    "deadline_provisional",
    "notified_by",
    "opened_at",
    "owner",
    "closed_on",
    "recheck_on",
)
_CASE_MATTER = ("case_file_id", "matter_id")
_CASE_EVENT = (
    "case_file_id",
    "at",
    "actor",
    "step",
    "from_state",
    "to_state",
    "reason",
    "deadline",
)
_CASEWORK = {
    "matter": _MATTER, "alert": _ALERT, "alert_event": _ALERT_EVENT, "case_file": _CASE,
    "case_matter": _CASE_MATTER, "case_event": _CASE_EVENT,
}  # fmt: skip


class School(NamedTuple):
    """What alerts of an institution are about."""

    key: int
    uscc: str
    name: str
    district: str
    contracts: list[tuple[str, int]]  # number and fee
    file: str  # hash of its first statement
    lines: int


def make_world(app: App, size: Size, wanted: int, today: Day) -> list[str]:
    """Fill an empty office; the credit codes of its institutions.

    ``wanted``: alerts in all; where the check opens more, there are more.
    """
    schools: list[School] = []

    def rows() -> Iterator[Rows]:
        for school in list_schools(size, today - 1, places=_PLACES):
            schools.append(_school_of(school))
            yield school

    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, rows())
    match_changed(app)
    check_and_keep(app, today, full=True)
    _Casework(app, schools, today).write(wanted)
    _add_people(app, schools)
    return [school.uscc for school in schools]


def _school_of(rows: Rows) -> School:
    (institution,) = rows["institution"]
    (fact,) = rows["institution_fact"]
    place = COLUMNS["contract"].index
    contracts = [(row[place("contract_no")], row[place("fee_fen")]) for row in rows["contract"]]
    return School(
        institution[0], institution[1], fact[3], fact[4], contracts,
        rows["source_file"][0][0], len(rows["entry"]),
    )  # fmt: skip


def _add_people(app: App, schools: Sequence[School]) -> None:
    for name, (role, district) in _STAFF.items():
        users.add_user(app, name, role, password=PASSWORD, district=district, actor="bench")
    for place, school in enumerate(schools[:SCHOOLS], 1):
        users.add_user(
            app, f"school{place}", "institution", password=PASSWORD, uscc=school.uscc,
            actor="bench",
        )  # fmt: skip


class _Casework:
    """A year of alerts with their matters and cases."""

    def __init__(self, app: App, schools: Sequence[School], today: Day) -> None:
        self._app, self._schools, self._today = app, schools, today
        self._rng = Random(7)  # noqa: S311 - no secret is made of it
        book = rule_book(app)
        self._rules = [rule for rule in book.rules.values() if rule.unit == "fen"]
        self._laws = {rule.id: _law_of(book, rule) for rule in self._rules}
        self._numbers: Counter[str] = Counter()
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def write(self, wanted: int) -> None:
        """Alerts until there are as many as wanted, spread over the schools."""
        with self._app.database.transaction() as tx:
            missing = max(wanted - bulk.count_rows(tx, metadata.tables["alert"]), 0)
            self._matters = count(bulk.last_key(tx, metadata.tables["matter"]) + 1)
            self._cases = count(bulk.last_key(tx, metadata.tables["case_file"]) + 1)
            bulk.fill(tx, _CASEWORK, self._parts(missing))

    def _parts(self, missing: int) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
        left = missing
        for place, school in enumerate(self._schools):
            share = left // (len(self._schools) - place)
            left -= share
            self._school(school, share)
            yield self._rows
            self._rows = defaultdict(list)

    def _school(self, school: School, share: int) -> None:
        members: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        while share > 0:
            size = min(self._rng.choice((1, 1, 2, 2, 4)), share)
            status = self._rng.choice(_STATUSES)
            key, severity = self._matter(school, size, status)
            if status in (IN_CASE, "closed"):
                members[status].append((key, severity))
            share -= size
        for status, listed in members.items():
            self._case(school, status, listed)

    def _matter(self, school: School, size: int, status: str) -> tuple[int, str]:
        rng, key = self._rng, next(self._matters)
        rule = rng.choice(self._rules)
        first = self._today - rng.randrange(1, _YEAR)
        opened_at = _moment(first + 1)
        historic = status == OPEN and rng.random() < 0.1
        cause = f"{school.key}/{key}"
        members = []
        for place in range(size):
            contract, fee_fen = rng.choice(school.contracts)
            severity = rng.choices(SEVERITIES, _WEIGHTS)[0]
            amount, on = fee_fen * rng.randrange(1, 100) // 100, first - 7 * place
            identity = Identity(rule.id, school.uscc, "contract", f"{contract}/{key}-{place}", on)
            members.append(Member(severity, "law", amount, on))
            self._alert(school, identity, key, rule, severity, amount, status, historic, opened_at)
        summary = summarise(members)
        alive = status != WITHDRAWN
        self._rows["matter"].append((
            key, school.key, school.uscc, school.district, rule.id, cause, status,
            summary.severity, summary.authority, summary.alerts if alive else 0,
            summary.sum_fen if alive else None, summary.first_day, summary.last_day, historic,
            opened_at, rng.choice(("officer", "clerk", "reviewer", None, None, None)),
        ))  # fmt: skip
        return key, summary.severity

    def _alert(
        self, school: School, identity: Identity, matter: int, rule: Rule, severity: str,
        amount: int, status: str, historic: bool, opened_at: str,
    ) -> None:  # fmt: skip
        name = alert_id(identity)
        words = f"{amount / 100 + 5000:,.2f} > 5,000.00"
        frozen = self._laws[rule.id] | {
            "calculation": {"zh": words, "en": words},
            "evidence": [
                {"record": "contract", "id": identity.subject_id.partition("/")[0]},
                {"file_sha256": school.file, "line": 2 + matter % max(school.lines, 1)},
            ],
        }
        reason = "更正" if status == WITHDRAWN else None
        self._rows["alert"].append((
            name, matter, school.key, school.uscc, school.name, school.district, rule.id,
            rule.version, "law", "charge", identity.subject_id, identity.on,
            json.dumps(500_000 + amount), json.dumps(500_000), "fen", severity, False,
            json.dumps(frozen, ensure_ascii=False), amount, status, historic, opened_at,
            identity.on + 1, reason, "breach",
        ))  # fmt: skip
        self._rows["alert_event"].append((
            name, opened_at, identity.on + 1, "engine", "opened", "检查发现", "{}",
        ))  # fmt: skip

    def _case(self, school: School, status: str, members: list[tuple[int, str]]) -> None:
        rng, key = self._rng, next(self._cases)
        is_closed = status == "closed"
        state = "closed" if is_closed else rng.choice(_STATES)
        day = self._today - rng.randrange(20, 200)
        year = format_day(day)[:4]
        self._numbers[school.district] += 1
        number = f"{school.district}-{year}-{self._numbers[school.district]:04d}"
        severity = max((each for _, each in members), key=SEVERITIES.index)
        deadline = None if state == "triaged" else self._today + rng.randrange(-10, 40)
        self._rows["case_file"].append((
            key, number, school.key, school.uscc, school.district, state, severity, False,
            deadline, False, None if state == "triaged" else "officer", _moment(day),
            rng.choice(("officer", "clerk")), self._today - 10 if is_closed else None,
            self._today + rng.randrange(-3, 30) if is_closed else None,
        ))  # fmt: skip
        self._rows["case_matter"] += [(key, matter) for matter, _ in members]
        self._rows["case_event"] += [
            (key, _moment(day), "officer", "open", "open", "open", "核实", None),
            (key, _moment(day), "officer", "triage", "open", "triaged", "核实", None),
        ]
        if state != "triaged":
            self._rows["case_event"].append(
                (
                    key,
                    _moment(day),
                    "officer",
                    "notify",
                    "triaged",
                    "notified",
                    "限期整改",
                    deadline,
                )
            )


def _law_of(book: RuleBook, rule: Rule) -> dict[str, Any]:
    """The words of a rule as its alerts keep them."""
    block = rule.in_force[0]
    articles = [book.sources[each.source].cite(each) for each in block.basis]
    return {
        "title": rule.title._asdict(),
        "basis": [citation.as_json() for citation in articles],
        "cure": rule.cure._asdict(),
        "jurisdiction": block.jurisdiction,
        "values": [],
        "reading": rule.reading._asdict(),
        "would_apply": [],
    }


def _moment(day: Day) -> str:
    return f"{format_day(day)}T09:30:00+08:00"
