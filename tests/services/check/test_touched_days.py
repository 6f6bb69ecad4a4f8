"""Years of an institution, statement by statement in any order: judged from the first touched day
on, all that is said of it is what judging everything anew says."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from offices import initialise
from services.intake.test_histories import outcomes
from services.intake.test_lives import counted, standing
from sqlalchemy import select
from worlds import builder
from worlds.builder import School

from feewatch.config import Config, Office
from feewatch.engine.compiler import keep_fact
from feewatch.kernel.days import parse_day
from feewatch.services.check import concerned
from feewatch.services.check.checking import run_check
from feewatch.services.check.concerned import LastChecks
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book, shipped_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from feewatch.store.check import checks
from feewatch.store.tables.checks import institution_state

BEGIN, END = date(2025, 1, 1), date(2026, 7, 31)
MONTHS = [(y, m) for y in (2025, 2026) for m in range(1, 13) if (y, m) <= (2026, 7)]
MEMOS = ("往来款", "课时费划转", "装修款", "借款", "货款", "工资")


class Years:
    """Nineteen months of two schools: registers on file at once, statements month by month."""

    def __init__(self, seed, folder):
        self.random = rng = random.Random(seed)
        self.folder = folder
        folder.mkdir()
        self.schools = [School(number, opening="100000.00") for number in (1, 2)]
        for school in self.schools:
            school.facts["custody"] = rng.choice(["bank_custody", "both", "risk_deposit"])
            school.facts["district"] = rng.choice(["370702", "410105"])
            school.facts["supervised_from"] = rng.choice(["", "2025-03-01"])
            school.account["minimum_balance"] = rng.choice(["", "50000.00"])
            for _ in range(24):
                self._sign(school)
            for _ in range(40):
                out = f"-{rng.choice((200, 3000, 9000, 60000))}.00"
                who = rng.choice(("某公司", "赵校长", "", "孙家商贸"))
                school.entries.append((self._any_day(), out, who, rng.choice(MEMOS)))
        #: (school, first day, last day, whether told as first heard or with a change)
        self.waiting = []

    def _any_day(self):
        return str(BEGIN + timedelta(self.random.randrange((END - BEGIN).days)))

    def _sign(self, school):
        rng, paid_on = self.random, self._any_day()
        basis = rng.choice(("hours", "hours", "period"))
        more = {"ends_on": str(date.fromisoformat(paid_on) + timedelta(80))}
        if basis == "period":
            more["lessons"] = ""
        fee = f"{rng.randint(5, 60)}00.00"
        arrives = rng.choice((paid_on, paid_on, ""))
        number = school.contract(paid_on, fee=fee, basis=basis, arrives="", **more)
        if arrives:
            school.entries.append((arrives, fee, "王女士", f"学费 {number}"))
        for week in range(rng.choice((0, 3, 8))):
            held_on = date.fromisoformat(paid_on) + timedelta(7 * week + 1)
            if held_on <= END:
                school.lessons.append((number, str(held_on), 4))
        if rng.random() < 0.2:
            refund_no, asked_on = f"TF{number}", date.fromisoformat(paid_on) + timedelta(30)
            school.refunds.append(
                {"refund_no": refund_no, "contract_no": number, "amount": "300.00",
                 "requested_on": str(asked_on), "cause": "", "uscc": school.uscc}
            )  # fmt: skip
            back = min(asked_on + timedelta(rng.randint(1, 40)), END)
            school.entries.append((str(back), "-300.00", "王女士", f"退费 {refund_no}"))

    def registers(self, app):
        """Put the registers on file, without any statement."""
        tables = {
            "institutions": [builder._facts(each) for each in self.schools],
            "accounts": [builder._account(each) for each in self.schools],
            "courses": [builder._course(each) for each in self.schools],
            "contracts": [row for each in self.schools for row in each.contracts],
            "refunds": [row for each in self.schools for row in each.refunds],
            "lessons": [
                {"contract_no": number, "held_on": day, "lessons": str(count), "uscc": each.uscc}
                for each in self.schools for number, day, count in each.lessons
            ],
        }  # fmt: skip
        covers = parse_day("2024-01-01"), parse_day(str(END))
        for kind, rows in tables.items():
            path = self.folder / f"{kind}.csv"
            builder._write(path, [*rows[0]], [[*row.values()] for row in rows])
            known = covers if kind in ("contracts", "lessons") else None
            report = import_registers(app, kind, path, actor="test", covers=known).as_json()
            assert report["bad"] == 0, report["problems"]

    def months(self):
        """The statements in the order in which they come: some late, some told again otherwise."""
        rng, order = self.random, []
        for month in MONTHS:
            for school in self.schools:
                late = rng.choice((0, 0, 0, 0, 1, 5, 12))
                order.append((MONTHS.index(month) + late, rng.random(), school, month, ""))
                if rng.random() < 0.1:  # a second telling that covers the month, or goes beyond it
                    again = rng.choice(("same", "more", "longer"))
                    order.append((MONTHS.index(month) + rng.randint(1, 9), 1, school, month, again))
        return sorted(order, key=lambda each: each[:2])

    def statement(self, school, month, again, number):
        """A file of one month as the account has it; told again, perhaps with one row more."""
        first = date(*month, 1)
        last = (first + timedelta(32)).replace(day=1) - timedelta(1)
        if again == "longer":
            last = min(last + timedelta(5), END)
        rows = [each for each in school.entries if str(first) <= each[0] <= str(last)]
        before = [each for each in school.entries if each[0] < str(first)]
        opening = 100_000 + sum(float(each[1]) for each in before)
        if again == "more":
            rows = [*rows, (str(first + timedelta(9)), "-40000.00", "赵校长", "往来款")]
        part = School(school.number, opening=f"{opening:.2f}", entries=rows)
        part.period = (str(first), str(last))
        path = self.folder / f"{number:03d}.csv"
        builder._statement(part, path)
        return path


@pytest.fixture
def looked_back(monkeypatch):
    """How often each rule judged days from one on alone."""
    seen = Counter()
    window_of = LastChecks.window_of

    def noted(self, institutions, rules):
        window = window_of(self, institutions, rules)
        seen.update(window.rules)
        return window

    monkeypatch.setattr(LastChecks, "window_of", noted)
    return seen


def kept(app):
    """The rows of facts that the next check may take, by institution."""
    with app.database.reading() as tx:
        state = institution_state.c
        return dict(tx.execute(select(state.institution_id, state.kept)).all())


def live(one, twin, years, rng, pace):
    """Both take in the same; the second judges everything each time.

    The registers are on file, so that what comes are statements alone, of late days and early ones.
    """
    for app in (one, twin):
        years.registers(app)
    order = years.months()
    for number, (_, _, school, month, again) in enumerate(order):
        path = years.statement(school, month, again, number)
        for app in (one, twin):
            (taken,) = ingest(app, [path], actor="test")
            assert taken.is_taken, taken
        is_last = number == len(order) - 1
        if not is_last and rng.random() > pace:
            continue
        as_of = parse_day(str(END)) + 1 + number // 3
        run_check(one, as_of)
        run_check(twin, as_of, full=True)
        assert standing(one) == standing(twin), path
        assert counted(one) == counted(twin), path
        assert kept(one) == kept(twin), path
    assert outcomes(one, as_of) == outcomes(twin, as_of)
    report = run_check(one, as_of, full=True)
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)


@pytest.mark.parametrize(
    ("seed", "database"), [(0, "sqlite"), pytest.param(1, "postgres", marks=pytest.mark.long)]
)
def test_judged_from_the_first_touched_day_all_is_the_same(
    homes, tmp_path, monkeypatch, looked_back, seed, database
):
    monkeypatch.setattr(concerned, "SETTLED_AFTER", 300)
    years = Years(seed, tmp_path / "files")
    live(homes(database), homes(database), years, years.random, pace=0.35)
    book = rule_book(initialise(Config(tmp_path / "none")))
    able = {rule.id for rule in book.rules.values() if concerned.may_look_back(rule, book)}
    assert {*looked_back} == able - {"ACC-UNREG"}


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("seed", range(10))
def test_ten_histories_are_the_same_from_the_first_touched_day_on(
    homes, tmp_path, monkeypatch, seed, database
):
    monkeypatch.setattr(concerned, "SETTLED_AFTER", (60, 200, 300, 450)[seed % 4])
    years = Years(seed, tmp_path / "files")
    live(homes(database), homes(database), years, years.random, pace=1)


def test_facts_give_the_same_rows_of_days_from_one_on(tmp_path):
    """Of each fact that can: its rows of later days, whether it looks at all days or at these."""
    app = initialise(Config(tmp_path / "home", Office(district="370702")))
    years = Years(3, tmp_path / "files")
    years.registers(app)
    for number, (_, _, school, month, again) in enumerate(years.months()):
        [*ingest(app, [years.statement(school, month, again, number)], actor="test")]
    match_changed(app)
    book, as_of = rule_book(app), parse_day("2026-07-31")
    with app.database.reading() as tx:
        everyone = {*checks.list_institutions(tx)}
        evaluation = Evaluation(tx, "sqlite", book, as_of, "370702", everyone)
        able = [each for each in book.rules.values() if concerned.may_look_back(each, book)]
        assert len(able) > 8
        for since in (parse_day("2025-09-17"), parse_day("2026-02-01"), parse_day("2026-07-01")):
            carried, whole = {}, {}
            for outcomes_of in evaluation.of_each(able):
                rule = outcomes_of.rule.id
                carried[rule] = outcomes_of.carried(since)
                whole[rule] = rows_since(outcomes_of, since)
            for outcomes_of in evaluation.of_each_since(able, since, carried):
                assert rows_since(outcomes_of, since) == whole[outcomes_of.rule.id], (
                    outcomes_of.rule
                )
            assert sum(map(len, whole.values())) > 20
    app.database.dispose()


def rows_since(outcomes_of, since):
    return sorted(
        (tuple(row.values()) for row in outcomes_of.rows() if row["on_day"] >= since), key=str
    )


def test_a_fact_that_looks_back_says_how_far_a_change_reaches():
    book = shipped_book()
    for rule in book.rules.values():
        reads = any(each.looks_back for each in keep_fact(book, rule.fact, "sqlite"))
        if concerned.may_look_back(rule, book):
            assert reads, rule.id
