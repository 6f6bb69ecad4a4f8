"""Opening statements: what one says of old contracts counts once a second officer signed it."""

import csv
import datetime as dt
import io

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from worlds import builder
from worlds.builder import School, build

from feewatch.kernel import clock
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.cases.desk import get_institution
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.people.users import add_user
from feewatch.services.registers.importing import import_registers
from feewatch.services.registers.openings import add_opening, list_openings, sign_opening
from feewatch.services.trials.hindsight import known_by
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.operations import audit

AS_OF = parse_day(builder.AS_OF)
SCHOOL = School(
    1,
    facts={"supervised_from": "2026-05-01"},
    opening="300.00",
    lessons=[("HT0001000", "2026-04-30", 4), ("HT0001000", "2026-05-01", 8)],
)
OLD = SCHOOL.contract("2026-02-01")  # 1000.00 for 40 lessons, 25.00 each
HEADER = "uscc,account_no,contract_no,amount\n"


MORNING = dt.datetime.fromisoformat("2026-08-01T10:00:00+08:00")


def make_office(app, folder):
    """1000.00 paid, 12 lessons on file, 8 of them since: 700.00 owed; 300.00 are there."""
    with clock.fixed(MORNING):
        build(app, [SCHOOL], folder / "world")
        for name, role, district in (
            ("wang", "officer", "370702"),
            ("li", "reviewer", "370702"),
            ("ning", "officer", "370785"),
        ):
            add_user(app, name, role, password="correct horse", district=district, actor="cli")


@pytest.fixture
def app(prepared):
    app, _ = prepared(make_office)
    with clock.fixed(MORNING):
        yield app


def file_of(unconsumed, balance="300.00"):
    rows = f"{SCHOOL.uscc},{SCHOOL.account_no},,{balance}\n{SCHOOL.uscc},,{OLD},{unconsumed}\n"
    return (HEADER + rows).encode()


def add(app, data, actor="wang"):
    return add_opening(app, SCHOOL.uscc, "期初.csv", data, actor=actor)


def sign(app, actor="li", key=None):
    """Sign the statement named, else the one added last."""
    stated = list_openings(app, SCHOOL.uscc)
    key = key or (stated[0].head.id if stated else 1)
    sign_opening(app, SCHOOL.uscc, key, actor=actor, reason="核对收据")
    return key


def cover(app):
    (finding,) = list_findings(app, AS_OF, rules=["BAL-COVER"])
    return finding.outcome


def codes(added):
    return [(each.line, each.column, each.code) for each in added.problems]


def open_alerts(app):
    """Alerts of the cover that have not recovered, after an incremental check."""
    run_check(app, AS_OF)
    found = list_alerts(app, status=None, rule="BAL-COVER", uscc=None)
    return [each["id"] for each in found if each["status"] == "open" and not each["recovered_on"]]


@pytest.mark.parametrize(("unconsumed", "outcome"), [("500.00", "compliant"), ("500.01", "breach")])
def test_a_signed_value_less_lessons_since_is_what_must_be_there(app, unconsumed, outcome):
    assert cover(app) == "breach"
    add(app, file_of(unconsumed))
    assert cover(app) == "breach"
    sign(app)
    assert cover(app) == outcome


def test_signing_is_news_to_the_incremental_check(app):
    assert len(open_alerts(app)) == 1
    add(app, file_of("500.00"))
    assert len(open_alerts(app)) == 1
    sign(app)
    assert open_alerts(app) == []


def test_a_later_statement_counts_once_it_is_signed_and_the_earlier_stays_on_record(app):
    add(app, file_of("500.00"))
    sign(app)
    add(app, file_of("600.00"), actor="wang")
    assert cover(app) == "compliant"
    sign(app)
    assert cover(app) == "breach"
    assert [each.rows[1].amount_fen for each in list_openings(app, SCHOOL.uscc)] == [60000, 50000]


def test_a_statement_for_another_first_day_does_not_count(app, tmp_path):
    add(app, file_of("500.00"))
    sign(app)
    facts = builder._facts(SCHOOL) | {"supervised_from": "2026-05-02"}
    builder._write(tmp_path / "moved.csv", list(facts), [list(facts.values())])
    import_registers(app, "institutions", tmp_path / "moved.csv", actor="test")
    assert cover(app) == "breach"


def test_who_added_it_may_not_sign_it(app):
    add(app, file_of("500.00"), actor="li")
    with pytest.raises(ConflictError) as refusal:
        sign(app)
    assert refusal.value.code == "SECOND-OFFICER"
    with pytest.raises(ForbiddenError):
        sign(app, actor="wang")
    assert cover(app) == "breach"


def test_it_is_signed_once_and_by_nobody_of_another_place(app):
    with pytest.raises(NotFoundError) as refusal:
        sign(app)
    assert refusal.value.code == "OPENING-UNKNOWN"
    with pytest.raises(NotFoundError) as refusal:
        add(app, file_of("500.00"), actor="ning")
    assert refusal.value.code == "INSTITUTION-UNKNOWN"
    add(app, file_of("500.00"))
    sign(app)
    with pytest.raises(ConflictError) as refusal:
        sign(app)
    assert refusal.value.code == "OPENING-SIGNED"
    with app.database.reading() as tx:
        acts = tx.execute(select(audit.c.actor, audit.c.action).order_by(audit.c.id)).all()
    assert [tuple(each) for each in acts if each.action.startswith("opening.")] == [
        ("wang", "opening.add"),
        ("li", "opening.sign"),
    ]


def test_the_same_file_again_is_the_same_statement(app):
    first, again = add(app, file_of("500.00")), add(app, file_of("500.00"))
    assert (first.is_new, again.is_new, again.key) == (True, False, first.key)


@pytest.mark.parametrize(("balance", "found"), [("300.00", []), ("299.99", ["-0.01"])])
def test_a_balance_that_is_not_the_banks_is_told_with_the_difference(app, balance, found):
    added = add(app, file_of("500.00", balance))
    assert codes(added) == [(2, "amount", "OPENING-BALANCE") for _ in found]
    assert all(each in added.problems[0].message.en for each in found)
    assert added.key is not None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"{SCHOOL.uscc},,{OLD},1000.01", (2, "amount", "OPENING-OVER-FEE")),
        (f"{SCHOOL.uscc},,HT9,1.00", (2, "contract_no", "OPENING-CONTRACT")),
        (f"{SCHOOL.uscc},6222999999999,,1.00", (2, "account_no", "ACCOUNT-UNKNOWN")),
        (f"{SCHOOL.uscc},,,1.00", (2, "contract_no", "OPENING-ROW")),
        (f"{School(2).uscc},,{OLD},1.00", (2, "uscc", "OPENING-OTHER")),
    ],
)
def test_of_a_file_with_a_fault_nothing_is_stored(app, row, problem):
    added = add(app, (HEADER + row + "\n").encode())
    assert problem in codes(added)
    assert added.key is None
    assert list_openings(app, SCHOOL.uscc) == []


def test_the_data_of_then_know_it_from_the_day_it_was_signed(app):
    add(app, file_of("500.00"))
    signed_on = clock.today()
    sign(app)
    for day, known in ((signed_on - 1, []), (signed_on, ["2026-05-01"])):
        with known_by(app, day) as then, then.database.reading() as tx:
            days = tx.scalars(select(opening_statement.c.day)).all()
        assert [format_day(each) for each in days] == known


def test_the_institution_shows_the_statement_with_its_sums(app):
    add(app, file_of("500.00"))
    (shown,) = get_institution(app, Scope(), SCHOOL.uscc).openings
    assert (shown.balance_fen, shown.unconsumed_fen, shown.counts) == (30000, 50000, False)
    sign(app)
    (shown,) = get_institution(app, Scope(), SCHOOL.uscc).openings
    assert (shown.head.signed_by, shown.counts) == ("li", True)


def test_who_signs_names_the_statement_that_was_looked_at(app):
    """Another is added between the reviewer's look and the signature: it stays unsigned."""
    seen = add(app, file_of("500.00")).key
    add(app, file_of("900.00"))
    sign(app, key=seen)
    last, first = list_openings(app, SCHOOL.uscc)
    assert (first.head.id, first.counts, last.head.signed_by) == (seen, True, None)
    assert cover(app) == "compliant"


def test_one_that_would_never_count_cannot_be_signed(app):
    first = add(app, file_of("500.00")).key
    add(app, file_of("600.00"))
    sign(app)
    with pytest.raises(ConflictError) as refusal:
        sign(app, key=first)
    assert refusal.value.code == "OPENING-SUPERSEDED"
    assert [each.counts for each in list_openings(app, SCHOOL.uscc)] == [True, False]


def test_a_statement_of_another_institution_cannot_be_named(app):
    key = add(app, file_of("500.00")).key
    with pytest.raises(NotFoundError) as refusal:
        sign(app, key=key + 1)
    assert refusal.value.code == "OPENING-UNKNOWN"


def test_a_workbook_says_the_same_as_the_text_file(app):
    book = Workbook()
    for row in csv.reader(file_of("500.00").decode().splitlines()):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    added = add_opening(app, SCHOOL.uscc, "期初.xlsx", data.getvalue(), actor="wang")
    assert codes(added) == []
    sign(app)
    (stated,) = list_openings(app, SCHOOL.uscc)
    assert (stated.balance_fen, stated.unconsumed_fen) == (30000, 50000)
    assert cover(app) == "compliant"


def test_a_fault_in_a_workbook_is_told_with_its_place(app):
    book = Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append([SCHOOL.uscc, None, OLD, 1000.01])
    data = io.BytesIO()
    book.save(data)
    added = add_opening(app, SCHOOL.uscc, "期初.xlsx", data.getvalue(), actor="wang")
    assert (2, "amount", "OPENING-OVER-FEE") in codes(added)
    assert added.key is None


@pytest.mark.parametrize(("balance", "outcome"), [("650.00", "compliant"), ("649.99", "breach")])
def test_an_old_contract_by_period_runs_on_from_its_stated_value_and_refunds_are_taken_off(
    any_app, tmp_path, balance, outcome
):
    """Half a year from April for 1,830.00, 10.00 a day; 1,670.00 were left on 1 May. By 31 July
    92 days more have run, 920.00 of it, and 100.00 were paid back since: 650.00 are owed."""
    school = School(1, facts={"supervised_from": "2026-05-01"}, opening=balance)
    old = school.contract("2026-03-20", basis="period", lessons="", fee="1830.00",
                          starts_on="2026-04-01", ends_on="2026-09-30")  # fmt: skip
    school.refunds = [
        {"refund_no": "TF1", "contract_no": old, "requested_on": "2026-06-10", "amount": "100.00"}
    ]
    school.entries = [
        ("2026-06-01", "100.00", "示例银行", "结息"),
        ("2026-06-12", "-100.00", "王女士", f"退费 TF1 {old}"),
    ]
    rows = f"{school.uscc},,{old},1670.00\n"
    with clock.fixed(dt.datetime.fromisoformat("2026-08-01T10:00:00+08:00")):
        build(any_app, [school], tmp_path / "world")
        for name, role in (("wang", "officer"), ("li", "reviewer")):
            add_user(any_app, name, role, password="correct horse", district="370702", actor="cli")
        added = add_opening(
            any_app, school.uscc, "期初.csv", (HEADER + rows).encode(), actor="wang"
        )
        assert codes(added) == []
        sign_opening(any_app, school.uscc, added.key, actor="li", reason="核对收据")
        run_check(any_app, AS_OF)
        assert cover(any_app) == outcome
