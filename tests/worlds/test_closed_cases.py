"""A closed case comes back while its breach stands; what was undertaken is judged by the bank."""

import datetime as dt
from copy import copy

import pytest
from worlds.builder import AS_OF, School, build

from feewatch.casework.undertakings import Promise
from feewatch.kernel import clock
from feewatch.kernel.days import date_of, format_day, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.services.cases import steps
from feewatch.services.cases.case_page import read_case_page
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.deadlines import watch_deadlines
from feewatch.services.cases.listing import describe_case, list_cases
from feewatch.services.cases.membership import hand_over_case
from feewatch.services.cases.undertakings import settle_by_word, undertake
from feewatch.services.check.checking import run_check
from feewatch.services.people import users
from feewatch.store.cases import cases, matters, undertakings
from feewatch.store.cases.standings import read_standing
from feewatch.store.people.users import find_by_name


def at(day):
    return clock.fixed(dt.datetime.combine(date_of(parse_day(day)), dt.time(9), clock.SHANGHAI))


class Town:
    """A school of which one contract's money never came, with a case of it."""

    def __init__(self, app, folder):
        self.app = app
        school = School(1)
        self.missing = school.contract(arrives="")
        self.refunded = [school.contract(fee="3000.00") for _ in range(3)]
        school.entries += [
            ("2026-07-15", "-100.00", "王女士", f"退费 {self.refunded[0]}"),
            ("2026-07-20", "-200.00", "王女士", f"退费 {self.refunded[0]}"),
            ("2026-07-21", "-300.00", "王女士", f"退费 {self.refunded[1]}"),
        ]
        self.account_no = school.account_no
        build(app, [school], folder)
        for name in ("li", "wang"):
            secret = f"correct horse of {name}"
            users.add_user(app, name, "officer", password=secret, district="370702", actor="t")
        self.check()
        with app.database.reading() as tx:
            (self.matter,) = [m["id"] for m in matters.list_matters(tx) if m["rule"] == "ACC-OFF"]
        with at("2026-07-10"):
            self.number = steps.open_case(app, [self.matter], actor="li", reason="立案")
            for name in ("triage", "notify", "submit"):
                self.step(name)

    def check(self, day=AS_OF, **options):
        return run_check(self.app, parse_day(day), **options)

    def step(self, name, actor="li", **given):
        more = StepGiven(**given)
        return steps.step(self.app, self.number, name, actor=actor, reason="理由", given=more)

    def case(self):
        with self.app.database.reading() as tx:
            return cases.get_case(tx, self.number)

    def history(self):
        with self.app.database.reading() as tx:
            return [row["step"] for row in cases.list_case_events(tx, self.case()["id"])]

    def undertakings(self):
        with self.app.database.reading() as tx:
            rows = undertakings.list_of_case(tx, self.case()["id"])
            items = undertakings.list_items(tx, [row.id for row in rows])
        return [(row, items[row.id]) for row in rows]


def make_town(app, folder):
    return Town(app, folder / "world")


@pytest.fixture
def town(prepared):
    app, made = prepared(make_town)
    town = copy(made)
    town.app = app
    return town


def test_a_case_closed_on_a_word_alone_comes_back_after_the_next_check_and_only_once(town):
    with at("2026-08-11"):
        with pytest.raises(ConflictError) as refusal:
            town.step("close", actor="wang")
        assert refusal.value.code == "CASE-AGAINST-DATA"
        assert "仍违反 1/1（2026-07-31 的检查，距当日 11 天）" in refusal.value.text.zh
        taken = town.step("close", actor="wang", against_data="机构出示现金收据")
    assert (taken.standing["breach"], taken.standing["matters"]) == (1, 1)
    assert taken.standing["age_days"] == 11
    assert format_day(town.case()["closed_on"]) == "2026-08-11"
    assert (
        format_day(town.case()["recheck_on"]) == "2026-09-21"
    )  # 30 working days, a Sunday made up
    assert town.case()["recurred_on"] is None

    town.check()
    case, history = town.case(), town.history()
    assert format_day(case["recurred_on"]) == AS_OF
    assert (case["state"], history[-1]) == ("closed", "recur")
    for options in ({}, {"full": True}, {}):
        report = town.check(**options)
        assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
        assert (town.case(), town.history()) == (case, history)

    with at("2026-08-12"):
        town.step("reopen")
    assert town.case()["recurred_on"] is None
    town.check(full=True)
    assert town.case()["recurred_on"] is None  # it is being worked on


def test_a_full_check_brings_back_what_an_incremental_one_does(town):
    with at("2026-08-11"):
        town.step("close", actor="wang", against_data="机构出示现金收据")
    town.check(full=True)
    assert format_day(town.case()["recurred_on"]) == AS_OF


def test_the_word_on_a_matter_is_that_of_the_latest_check(town):
    with town.app.database.reading() as tx:
        standing = read_standing(tx, town.case()["id"])
    assert (standing.by_matter, standing.is_over) == ({town.matter: "breach"}, False)
    assert format_day(standing.checked_on) == AS_OF


def test_refunds_that_the_bank_shows_since_the_undertaking_fulfil_it(town):
    first, second, third = town.refunded
    promise = Promise(
        "refund", parse_day("2026-08-20"),
        contracts=((first, 20_000), (second, 30_000), (third, 30_000)),
    )  # fmt: skip
    with at("2026-07-16"):  # the refund of the day before is another
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    ((row, items),) = town.undertakings()
    assert row.done_on is None
    assert [item.done_on and format_day(item.done_on) for item in items] == [
        "2026-07-20", "2026-07-21", None,
    ]  # fmt: skip
    assert [len(item.evidence or ()) for item in items] == [1, 1, 0]
    before = town.undertakings()
    town.check(full=True)
    assert town.undertakings() == before


def test_an_undertaking_is_done_on_the_day_of_its_last_part(town):
    first, second, _ = town.refunded
    promise = Promise(
        "refund", parse_day("2026-08-20"), contracts=((second, 30_000), (first, 20_000))
    )
    with at("2026-07-16"):
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    ((row, _),) = town.undertakings()
    assert (format_day(row.done_on), row.done_by) == ("2026-07-21", None)


def test_a_fen_short_is_not_done(town):
    promise = Promise("refund", parse_day("2026-08-20"), contracts=((town.refunded[1], 30_001),))
    with at("2026-07-16"):
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    ((row, (item,)),) = town.undertakings()
    assert (row.done_on, item.done_on, len(item.evidence)) == (None, None, 1)


@pytest.mark.parametrize(("covers_to", "is_done"), [(AS_OF, True), ("2026-08-01", False)])
def test_statements_up_to_a_day_are_undertaken_and_judged(town, covers_to, is_done):
    promise = Promise("statement", parse_day("2026-08-20"), covers_to=parse_day(covers_to))
    with at("2026-07-16"):
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    ((row, (item,)),) = town.undertakings()
    assert item.object == town.account_no
    assert (row.done_on is not None) == is_done


def test_a_top_up_waits_while_its_matter_stands(town):
    promise = Promise("top_up", parse_day("2026-08-20"), matter_id=town.matter)
    with at("2026-07-16"):
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    ((row, (item,)),) = town.undertakings()
    assert (row.done_on, item.object) == (None, f"M{town.matter}")


def test_only_what_no_data_show_is_settled_by_a_word(town):
    promises = [
        Promise("other", parse_day("2026-08-20"), text="更换公示牌"),
        Promise("top_up", parse_day("2026-08-20"), matter_id=town.matter),
    ]
    with at("2026-07-16"):
        other, judged = undertake(town.app, town.number, promises, actor="li")
        with pytest.raises(ConflictError):
            settle_by_word(town.app, town.number, judged, actor="li", reason="已看")
        settle_by_word(town.app, town.number, other, actor="wang", reason="现场已更换")
    town.check()
    ((row, _), _) = town.undertakings()
    assert (format_day(row.done_on), row.done_by) == ("2026-07-16", "wang")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"due_on": parse_day("2026-07-15")}, "UNDERTAKING-PAST"),
        ({"kind": "promise"}, "UNDERTAKING-KIND"),
        ({"contracts": ()}, "UNDERTAKING-CONTRACTS"),
        ({"contracts": (("HT-NONE", 100),)}, "UNDERTAKING-CONTRACT"),
        ({"contracts": (("HT0001001", None),)}, "UNDERTAKING-AMOUNT"),
        ({"kind": "top_up"}, "UNDERTAKING-MATTER"),
        ({"kind": "statement"}, "UNDERTAKING-COVERS"),
        ({"kind": "statement", "covers_to": parse_day("2026-08-21")}, "UNDERTAKING-COVERS"),
        (
            {"kind": "statement", "covers_to": parse_day("2026-07-31"), "account_nos": ("1",)},
            "UNDERTAKING-ACCOUNT",
        ),
        ({"kind": "other", "text": " "}, "REASON-REQUIRED"),
    ],
)
def test_what_cannot_be_undertaken_is_refused_and_nothing_is_kept(town, changes, code):
    values = {
        "kind": "refund", "due_on": parse_day("2026-08-20"), "contracts": (("HT0001001", 100),),
    } | changes  # fmt: skip
    good = Promise("other", parse_day("2026-08-20"), text="更换公示牌")
    with at("2026-07-16"), pytest.raises(InvalidInputError) as refusal:
        undertake(town.app, town.number, [good, Promise(**values)], actor="li")
    assert refusal.value.code == code
    assert town.undertakings() == []


def test_the_page_and_the_lists_say_the_same_on_either_database(town):
    with town.app.database.reading() as tx:
        person = find_by_name(tx, "li")
    promise = Promise("refund", parse_day("2026-08-20"), contracts=((town.refunded[1], 30_000),))
    with at("2026-07-16"):
        undertake(town.app, town.number, [promise], actor="li")
    town.check()
    with at("2026-07-31"):
        page = read_case_page(town.app, person, town.number)
        assert (page.next.right, page.next.answering) == ("accept", ())
        assert page.leading[town.matter].frozen["title"]["zh"]
        assert page.word_on(town.matter) == "breach"
        assert [stage.place for stage in page.stages] == ["done", "done", "now", "later"]
        assert page.heirs == ["li", "wang"]
        shown = describe_case(town.app, "li", town.number)
        assert [(row["done"], row["of"]) for row in shown["undertakings"]] == [(1, 1)]
        hand_over_case(town.app, town.number, "wang", actor="li", reason="休假")
        assert [row["owner"] for row in list_cases(town.app, "wang", mine=True)] == ["wang"]


def test_the_scheduler_speaks_once_on_either_database(town):
    with at("2026-08-03"):
        town.step("return")
    for _ in range(2):
        assert watch_deadlines(town.app, parse_day("2026-09-30")).overdue == [town.number]
    assert town.history()[-2:] == ["overdue", "escalate"]
