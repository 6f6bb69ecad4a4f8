"""A district with white-listed institutions, whose record a test then changes."""

import datetime as dt
import tomllib
from contextlib import nullcontext

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.config import Config, DatabaseConfig, ListBasis, Publication, RuleFolders
from feewatch.credit.decision_form import EXAMPLE
from feewatch.credit.eligibility import Cover
from feewatch.kernel.clock import SHANGHAI, fixed, today
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, date_of, parse_day
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists.covers import CoverFinding
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import approve, end_decision, propose, review
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish, publish_corrections
from feewatch.services.lists.verification import verify
from feewatch.store.people import users
from feewatch.store.tables import casework, ledger, registers

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def uscc_of(number):
    first = f"523707020000{number:05d}"
    return first + check_character(first)


def number_of(number):
    return f"教罚字〔2026〕第{number}号"


def cover_of(outcome):
    """What a cover rule says: an outcome alone, or judged from (balance, needed) in fen."""
    if isinstance(outcome, str):
        return Cover(outcome)
    balance, needed = outcome
    return Cover("compliant" if balance >= needed else "breach", balance, needed)


def moment_of(day):
    return dt.datetime.combine(date_of(day), dt.time(9), SHANGHAI)


class Town:
    """A district with white-listed institutions, whose record a test then changes."""

    def __init__(self, path, folders=(), url="", **settings):
        basis = ListBasis("black", "山东省条例", "local_regulation", "第五条", "370000")
        config = Config(
            folder=path,
            database=DatabaseConfig(url),
            publication=Publication(list_basis=[basis], **settings),
            rules=RuleFolders(folders=[*folders]),
        )
        self.path = path
        self.app = initialise(config)
        ensure_signing_key(self.app)
        self.outcomes = {}
        with self.app.database.transaction() as tx:
            users.add(tx, "li", "officer", DISTRICT, None, "x")
            users.add(tx, "zhao", "reviewer", DISTRICT, None, "x")
            users.add(tx, "wang", "publisher", DISTRICT, None, "x")
            users.add(tx, "elsewhere", "publisher", "110108", None, "x")
            users.add(tx, "reader", "viewer", DISTRICT, None, "x")

    def add(self, number, *, district=DISTRICT, custody="bank_custody", covered=True):
        """An institution that has everything the white list asks for."""
        with self.app.database.transaction() as tx:
            key = tx.execute(
                insert(registers.institution).values(uscc=uscc_of(number))
            ).inserted_primary_key[0]
            tx.execute(
                insert(registers.institution_fact).values(
                    institution_id=key, valid_from=FIRST_DAY, valid_to=LAST_DAY,
                    name=f"机构{number}", district=district, subject="arts", nature="for_profit",
                    custody=custody, licence_until=LAST_DAY, legal_representative="赵永胜",
                )
            )  # fmt: skip
            account = tx.execute(
                insert(registers.account).values(
                    account_no=f"62220000{number:08d}", institution_id=key, bank="银行",
                    kind="fee", imported_on=JULY,
                )
            ).inserted_primary_key[0]  # fmt: skip
            days = {"from_day": JULY - 400, "to_day": JULY + 400}
            if covered:
                tx.execute(
                    insert(ledger.told_days).values(
                        account_id=account, institution_id=key, word="bank", **days
                    )
                )
            for register in ("contracts", "lessons"):
                tx.execute(
                    insert(registers.coverage).values(
                        institution_id=key, register=register, declared=True, **days
                    )
                )
        self.outcomes[key] = {"BAL-COVER": "compliant"}
        return key

    def findings(self, *_):
        """What the rule engine would say about the cover rules: an outcome, or (held, needed)."""
        return [
            CoverFinding(key, rule, cover_of(outcome))
            for key, outcomes in self.outcomes.items()
            for rule, outcome in outcomes.items()
        ]

    def publish(self, as_of=JULY, **options):
        """What is published on a day with that day's cut-off."""
        given = {"actor": "wang", "findings": self.findings, "rule_book": lambda _: "rb1"}
        with fixed(moment_of(as_of)):
            return publish(self.app, as_of, **(given | options))

    def correct(self, as_of):
        with fixed(moment_of(as_of)):
            return publish_corrections(self.app, as_of, actor="wang", rule_book=lambda _: "rb1")

    def form(self, number, **changes):
        """What an officer proposes of an institution: confiscation, decided on 2026-06-01."""
        raw = tomllib.loads(EXAMPLE) | {
            "uscc": uscc_of(number), "name": f"机构{number}", "document": number_of(number),
            "authority": self.app.config.office.name,
        }  # fmt: skip
        return {key: value for key, value in (raw | changes).items() if value is not None}

    def propose(self, number, actor="li", imported=False, **changes):
        papers = DecisionPapers(
            read_voucher("a.pdf", b"%PDF-1.7 a"), read_voucher("b.pdf", b"%PDF-1.7 b")
        )
        form = self.form(number, **changes)
        return propose(self.app, form, papers, actor=actor, imported=imported)

    def decide(self, number, **changes):
        """The same, proposed, reviewed and approved: shown from 2026-06-01 to 2027-06-01."""
        document = self.propose(number, **changes).document
        review(self.app, document, actor="zhao", reason="合法")
        (decided, *_) = approve(self.app, document, actor="wang", reason="同意")
        return decided

    def end(self, number, status, on=AUGUST, actor="wang"):
        with fixed(moment_of(on)) if on > today() else nullcontext():
            return end_decision(
                self.app, number_of(number), status, on=on, reason="复议", actor=actor,
                repair_number="XYXF-2026-001" if status == "repaired" else "",
            )  # fmt: skip

    @staticmethod
    def moment(day):
        """Nine in the morning of a day."""
        return moment_of(day)

    @staticmethod
    def uscc(number):
        """The credit code of an institution."""
        return uscc_of(number)

    @staticmethod
    def names(published, name="white"):
        """The names on a list of the only edition."""
        (found,) = published
        return [entry["name"] for entry in found.document["lists"][name]]

    @staticmethod
    def why(published):
        """The Chinese reason of each change of the only edition."""
        (found,) = published
        return {
            (each["change"], each["list"], each["name"]): each["reason"]["zh"]
            for each in found.document["delta"]
        }

    def files(self, number=1):
        """The bytes of each file of an edition."""
        place = self.app.editions / DISTRICT / str(number)
        return {path.name: path.read_bytes() for path in place.iterdir()}

    def verify(self, **options):
        """Whether what lies on disk verifies with the installation's own key."""
        place = str(self.app.editions / DISTRICT)
        return verify(self.app.config, place, **({"key_file": None, "as_of": None} | options))

    def add_alert(self, key, status="open"):
        with self.app.database.transaction() as tx:
            matter = tx.execute(
                insert(casework.matter).values(
                    institution_id=key, uscc=uscc_of(key), district=DISTRICT, rule="FEE-HOURS-60",
                    cause="c", status=status, severity="red", authority="law", alerts=1, sum_fen=1,
                    first_day=JULY, last_day=JULY, historic=False,
                    opened_at="2026-07-31T08:00:00+08:00",
                )
            ).inserted_primary_key[0]  # fmt: skip
            tx.execute(
                insert(casework.alert).values(
                    id="a1", matter_id=matter, institution_id=key, uscc=uscc_of(key),
                    institution_name="机构", district=DISTRICT, rule="FEE-HOURS-60",
                    rule_version="1", authority="law",
                    subject_kind="contract", subject_id="HT1", on_day=JULY,
                    measured=61, limit_value=60, unit="lessons", severity="red", is_state=False,
                    frozen={}, status=status, historic=False, opened_at="2026-07-31T08:00:00+08:00",
                    opened_as_of=JULY,
                )
            )  # fmt: skip
        return matter

    def add_case(self, key, steps):
        """A case over an alert, with (step, state, day, document) as its history."""
        matter = self.add_alert(key, "in_case")
        with self.app.database.transaction() as tx:
            case = tx.execute(
                insert(casework.case_file).values(
                    number="370702-2026-0001", institution_id=key, uscc=uscc_of(key),
                    district=DISTRICT, state=steps[-1][1], severity="red", escalated=False,
                    deadline_provisional=False, opened_at="2026-07-01T08:00:00+08:00",
                )
            ).inserted_primary_key[0]  # fmt: skip
            tx.execute(insert(casework.case_matter).values(case_file_id=case, matter_id=matter))
            for step, state, day, document in steps:
                tx.execute(
                    insert(casework.case_event).values(
                        case_file_id=case, at=f"{day}T23:30:00+08:00", actor="wang", step=step,
                        from_state="", to_state=state, reason="r", document=document,
                    )
                )  # fmt: skip


@pytest.fixture
def build_town():
    """A way to towns with settings of their own."""
    built = []

    def build(path, **settings):
        built.append(Town(path, **settings))
        return built[-1]

    yield build
    for each in built:
        each.app.database.dispose()


@pytest.fixture
def town(tmp_path, build_town):
    """Three institutions that have everything."""
    made = build_town(tmp_path)
    for number in range(3):
        made.add(number)
    return made
