"""The office of a simulation: a real installation in a folder, its people, thousands of schools."""

from collections.abc import Iterator
from pathlib import Path

from feewatch.bench.large_world import COLUMNS, Rows
from feewatch.bootstrap import App
from feewatch.config import Config, ListBasis, Office, Publication, Scheduler
from feewatch.founding import initialise
from feewatch.kernel.clock import fixed
from feewatch.kernel.days import FIRST_DAY, LAST_DAY
from feewatch.services.check.rulebook import rule_book_version
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.people.passwords import random_password
from feewatch.services.people.users import add_user
from feewatch.simulate.plan import LAW, OFFICE, OFFICE_DISTRICT, START, Plan, School, at_hour
from feewatch.store import bulk
from feewatch.store.database import Transaction
from feewatch.store.people import users

#: Who works there; the stranger is on no file, the one elsewhere belongs to another city.
PEOPLE = {
    "officer": "officer", "second-officer": "officer", "reviewer": "reviewer",
    "publisher": "publisher", "administrator": "administrator",
}  # fmt: skip
ELSEWHERE, OUTSIDER = "publisher-elsewhere", "party-outside"
_FILE, _AT = "0" * 64, "2025-11-02T09:00:00+08:00"
_NEVER = "0 0 1 1 *"
#: Before the first day of the simulation everything is on file already for so long.
_BEFORE = 400


def configure(folder: Path) -> Config:
    """The office: editions twice a month at nine, corrections at eight and at six."""
    basis = [
        ListBasis(name, LAW, "local_regulation", "第五条", OFFICE_DISTRICT)
        for name in ("black", "credit_black", "credit_red")
    ]
    return Config(
        folder,
        Office(OFFICE, OFFICE_DISTRICT),
        scheduler=Scheduler(
            check=_NEVER, deadlines=_NEVER, outbox=_NEVER, serving=_NEVER,
            publication="0 9 1,15 * *", on_holiday="after", corrections="0 8,18 * * *",
        ),
        publication=Publication(list_basis=basis, max_added_floor=1_000),
    )  # fmt: skip


def build(folder: Path, plan: Plan) -> App:
    """The installation with its people and its schools."""
    with fixed(at_hour(START - 1, 9)):
        app = initialise(configure(folder))
        ensure_signing_key(app)
        for name, role in PEOPLE.items():
            add_user(app, name, role, password=random_password(), actor="simulate")
        add_user(
            app, ELSEWHERE, "publisher", password=random_password(), district="110108",
            actor="simulate",
        )  # fmt: skip
        version = rule_book_version(app)
        with app.database.transaction() as tx:
            bulk.fill(tx, COLUMNS, _rows(plan, version))
            _add_parties(tx, plan)
    return app


def party_of(school: School) -> str:
    """The log-in of an institution."""
    return f"party-{school.number}"


def _add_parties(tx: Transaction, plan: Plan) -> None:
    """Log-ins of the institutions that say something; nobody logs in by a password."""
    people = {party_of(each.school): each.school for each in plan.matters if each.said}
    people[OUTSIDER] = plan.schools[0]
    for name, school in people.items():
        users.add(tx, name, "institution", None, school.number, "")


def _rows(plan: Plan, version: str) -> Iterator[Rows]:
    file = Rows(list)
    file["source_file"] = [
        (
            _FILE,
            "statements.csv",
            1,
            _AT,
            "command",
            "simulate",
            "bank",
            "accepted",
            "generic",
            "[]",
        )
    ]
    yield file
    for school in plan.schools:
        yield _school(school, plan, version)


def _school(school: School, plan: Plan, version: str) -> Rows:
    """What is on file of a school: facts, a fee account that is told of, whole registers."""
    key, first, last = school.number, START - _BEFORE, plan.last_day + 60
    ends, renewed = school.licence
    spans = [(FIRST_DAY, LAST_DAY, ends)]
    if renewed < LAST_DAY:
        spans = [(FIRST_DAY, renewed - 1, ends), (renewed, LAST_DAY, LAST_DAY)]
    told = [(first, last)]
    if school.untold is not None:
        told = [(first, school.untold[0] - 1), (school.untold[1] + 1, last)]
    account, account_no = (key, key), f"6222{key:013d}"
    rows = Rows(list)
    rows["institution"] = [(key, school.uscc)]
    rows["institution_fact"] = [
        (
            key, begin, end, school.name, school.district, "arts", "for_profit", "bank_custody",
            f"教民{key:06d}", until, school.head,
        )
        for begin, end, until in spans
    ]  # fmt: skip
    rows["account"] = [
        (key, account_no, key, "示例银行", "fee", first - 30, "monthly", first - 30, None)
    ]
    rows["coverage"] = [
        (key, register, first, last, True, "office") for register in ("contracts", "lessons")
    ]
    rows["statement"] = [
        (
            key, _FILE, key, account_no, *account, "CNY", first, last, 1_000_00, 1_000_00, 0,
            "accepted", None, "[]", _AT,
        )
    ]  # fmt: skip
    rows["account_day"] = [(*account, first, 1_000_00, 0, key)]
    rows["account_coverage"] = [(*account, first, last)]
    rows["told_days"] = [(*account, "bank", *days) for days in told]
    rows["institution_state"] = [(key, False, False, version)]
    return rows
