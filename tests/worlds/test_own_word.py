"""What an institution alone tells ends no alert and wins no place on the white list."""

import pytest
from bankfiles import Payment, Piece, generic
from sqlalchemy import select, text, update
from worlds.builder import School, build

from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake import confirmations
from feewatch.services.intake.provenance import rebook
from feewatch.services.intake.recording import ingest_content
from feewatch.services.lists.gathering import gather_districts
from feewatch.services.lists.standings import gather_outcomes, terms_of
from feewatch.services.registers import coverage_desk
from feewatch.services.registers.importing import import_content
from feewatch.store.check.proven import only_proven
from feewatch.store.intake import bankfiles
from feewatch.store.people import users
from feewatch.store.tables.casework import alert, alert_event
from feewatch.store.tables.ledger import statement

OWN = "school"
DISTRICT = "370702"


def short_of_cover():
    """A school whose fee account holds nothing of 1,000 yuan owed; the bank tells until 07-31."""
    school = School(1, opening="0.00")
    school.contract("2026-07-01")
    school.entries.append(("2026-07-10", "-1000.00", "某公司", "货款"))
    return school


@pytest.fixture
def school(any_app, tmp_path):
    made = short_of_cover()
    build(any_app, [made], tmp_path / "world")
    with any_app.database.transaction() as tx:
        users.add(tx, OWN, "institution", None, 1, "-")
    return made


def typed(school, first, last, *payments, opening=0):
    """A statement as anyone can type it: (day, fen, memo)."""
    balance, rows = opening, []
    for n, (day, fen, memo) in enumerate(payments):
        balance += fen
        rows.append(Payment(parse_day(day), "09:00:00", fen, balance, "某人", memo, f"T{n}"))
    piece = Piece(parse_day(first), parse_day(last), opening, tuple(rows))
    return generic(piece).decode().replace("6222000011112222", school.account_no).encode()


def hand_in(app, content, sender=OWN):
    outcome = ingest_content(app, content, "own.csv", actor=sender, channel="upload")
    assert outcome.is_taken, outcome


def alerts(app, rule):
    columns = alert.c.status, alert.c.recovered_on, alert.c.held_on
    with app.database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).where(alert.c.rule == rule))]


def changes(app, rule):
    query = select(alert_event.c.change).join(alert).where(alert.c.rule == rule)
    with app.database.reading() as tx:
        return list(tx.scalars(query.order_by(alert_event.c.id)))


def check(app, day):
    return run_check(app, parse_day(day))


def outcome(app, rule, day):
    return [each.outcome for each in list_findings(app, parse_day(day), rules=[rule])]


def conditions(app, day):
    """The conditions of the white list that are not met."""
    outcomes = gather_outcomes(app, parse_day(day))
    with app.database.reading() as tx:
        [record] = gather_districts(tx, parse_day(day), outcomes, terms_of(app), default=DISTRICT)
        [assessed] = record.assessments
    return {line.code for line in assessed.lines if line.verdict != "met"}


def confirm(app):
    """As if the bank had stood by all that the institution told."""
    with app.database.transaction() as tx:
        tx.execute(update(statement).values(confirmed_on=1))
        files = list(tx.scalars(select(statement.c.file_sha256).distinct()))
        rows = bankfiles.list_statements_of(tx, files)
        rebook(tx, [row for of_file in rows.values() for row in of_file])


FILLED = ("2026-08-05", 5_000_000_00, "利息")


def test_a_typed_inflow_covers_nothing_until_the_bank_has_confirmed_it(any_app, school):
    check(any_app, "2026-07-31")
    assert alerts(any_app, "BAL-COVER") == [("open", None, None)]
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-10", FILLED))
    assert outcome(any_app, "BAL-COVER", "2026-08-10") == ["compliant"], "all data together"
    check(any_app, "2026-08-10")
    held = parse_day("2026-08-10")
    assert alerts(any_app, "BAL-COVER") == [("open", None, held)]
    check(any_app, "2026-08-11")
    assert alerts(any_app, "BAL-COVER") == [("open", None, held)]
    assert changes(any_app, "BAL-COVER") == ["opened", "held"]
    confirm(any_app)
    check(any_app, "2026-08-12")
    assert alerts(any_app, "BAL-COVER") == [("open", parse_day("2026-08-12"), None)]
    assert changes(any_app, "BAL-COVER") == ["opened", "held", "recovered"]


@pytest.mark.parametrize("rule", ["DATA-STALE"])
def test_a_typed_statement_brings_no_account_up_to_date(any_app, school, rule):
    check(any_app, "2026-08-20")
    assert alerts(any_app, rule) == [("open", None, None)]
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-21"))
    check(any_app, "2026-08-21")
    assert alerts(any_app, rule) == [("open", None, parse_day("2026-08-21"))]
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-22"), sender="bank")
    check(any_app, "2026-08-22")
    assert alerts(any_app, rule) == [("open", parse_day("2026-08-22"), None)]


def test_a_typed_statement_may_show_a_breach(any_app, school):
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-10", ("2026-08-05", -50_00, "货款")))
    check(any_app, "2026-08-10")
    assert [each[0] for each in alerts(any_app, "BAL-COVER")] == ["open"]


def test_a_gap_that_the_institution_alone_fills_stays(any_app, school):
    hand_in(any_app, typed(school, "2026-08-05", "2026-08-10"), sender="bank")
    check(any_app, "2026-08-10")
    assert alerts(any_app, "DATA-GAP") == [("open", None, None)]
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-04"))
    check(any_app, "2026-08-10")
    assert alerts(any_app, "DATA-GAP") == [("open", None, parse_day("2026-08-10"))]
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-04"), sender="bank")
    check(any_app, "2026-08-10")
    assert alerts(any_app, "DATA-GAP") == [("open", parse_day("2026-08-10"), None)]


def test_the_alert_ends_as_in_a_full_check(any_app, school):
    check(any_app, "2026-07-31")
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-10", FILLED))
    run_check(any_app, parse_day("2026-08-10"), full=True)
    before = alerts(any_app, "BAL-COVER")
    assert check(any_app, "2026-08-10").withdrawn == 0
    report = run_check(any_app, parse_day("2026-08-10"), full=True)
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
    assert alerts(any_app, "BAL-COVER") == before


def registers(school, day, actor, app):
    """One row of each register of a day, said to be whole until then."""
    covers = parse_day("2026-08-01"), parse_day(day)
    contracts = (
        "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on\n"
        f"HT9{day},{school.uscc},{school.course_id},S9,hours,10,{day},,1.00,{day}\n"
    )
    lessons = f"contract_no,held_on,lessons\n{school.contracts[0]['contract_no']},{day},1\n"
    for kind, rows in (("contracts", contracts), ("lessons", lessons)):
        report = import_content(app, kind, f"{kind}.csv", rows.encode(), actor=actor, covers=covers)
        assert not report.bad, report.problems


def test_no_white_place_is_kept_by_what_the_institution_alone_tells(any_app, tmp_path):
    rich = School(1, opening="9000.00")
    rich.lessons = [(rich.contract("2026-07-01"), "2026-07-05", 1)]
    build(any_app, [rich], tmp_path / "world")
    with any_app.database.transaction() as tx:
        users.add(tx, OWN, "institution", None, 1, "-")
    assert conditions(any_app, "2026-07-31") == set()
    hand_in(any_app, typed(rich, "2026-08-01", "2026-08-31", opening=10_000_00))
    registers(rich, "2026-08-30", OWN, any_app)
    assert conditions(any_app, "2026-08-31") == {"STATEMENTS", "REGISTERS", "BAL-COVER"}
    confirm(any_app)
    assert conditions(any_app, "2026-08-31") == {"REGISTERS"}
    registers(rich, "2026-08-30", "lin", any_app)
    assert conditions(any_app, "2026-08-31") == set()


def confirm_days(app, school, first, last):
    """The bank stands by these days alone, through a letter, and a second officer confirms it."""
    days = parse_day(first), parse_day(last)
    with app.database.transaction() as tx:
        for name in ("lin", "gao"):
            if users.find_by_name(tx, name) is None:
                users.add(tx, name, "officer", DISTRICT, None, "-")
    [number] = confirmations.ask(
        app, (), actor="lin", reason="核对", account_no=school.account_no, days=days
    )
    confirmations.answer(app, number, "agrees", actor="lin", on=today(), content=b"%PDF")
    confirmations.confirm(app, number, actor="gao")


def test_only_the_days_that_the_bank_confirmed_end_an_alert(any_app, school):
    check(any_app, "2026-07-31")
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-10", FILLED))
    check(any_app, "2026-08-10")
    held = parse_day("2026-08-10")
    confirm_days(any_app, school, "2026-08-01", "2026-08-04")  # before the money came
    check(any_app, "2026-08-11")
    assert alerts(any_app, "BAL-COVER") == [("open", None, held)]
    confirm_days(any_app, school, "2026-08-05", "2026-08-07")
    check(any_app, "2026-08-12")
    assert alerts(any_app, "BAL-COVER") == [("open", parse_day("2026-08-12"), None)]


def test_a_day_confirmed_ends_the_gap_of_that_day_and_no_other(any_app, school):
    hand_in(any_app, typed(school, "2026-08-06", "2026-08-10"), sender="bank")
    hand_in(any_app, typed(school, "2026-08-01", "2026-08-05"))
    confirm_days(any_app, school, "2026-08-02", "2026-08-02")
    with any_app.database.transaction() as tx, only_proven(tx, [1]):
        gaps = "SELECT on_day, missing_days FROM statement_link WHERE missing_days > 0"
        missing = sorted(tuple(row) for row in tx.exec_driver_sql(gaps))
    assert missing == [(parse_day("2026-08-01"), 1), (parse_day("2026-08-03"), 3)]


def test_the_white_list_counts_confirmed_days_alone(any_app, tmp_path):
    rich = School(1, opening="9000.00")
    rich.lessons = [(rich.contract("2026-07-01"), "2026-07-05", 1)]
    build(any_app, [rich], tmp_path / "world")
    with any_app.database.transaction() as tx:
        users.add(tx, OWN, "institution", None, 1, "-")
    hand_in(any_app, typed(rich, "2026-08-01", "2026-08-31", opening=10_000_00))
    registers(rich, "2026-08-30", "lin", any_app)
    assert "STATEMENTS" in conditions(any_app, "2026-08-31")
    confirm_days(any_app, rich, "2026-08-01", "2026-08-20")
    assert "STATEMENTS" in conditions(any_app, "2026-08-31")
    confirm_days(any_app, rich, "2026-08-21", "2026-08-31")
    assert conditions(any_app, "2026-08-31") == set()


@pytest.fixture
def declared(any_app, tmp_path):
    """A school whose statements are the bank's and whose registers of August are its own word."""
    rich = School(1, opening="9000.00")
    rich.lessons = [(rich.contract("2026-07-01"), "2026-07-05", 1)]
    build(any_app, [rich], tmp_path / "world")
    with any_app.database.transaction() as tx:
        users.add(tx, OWN, "institution", None, 1, "-")
        users.add(tx, "lin", "officer", DISTRICT, None, "-")
        users.add(tx, "far", "officer", "320100", None, "-")
        users.add(tx, "look", "viewer", DISTRICT, None, "-")
    hand_in(any_app, typed(rich, "2026-08-01", "2026-08-31", opening=10_000_00), sender="bank")
    registers(rich, "2026-08-30", OWN, any_app)
    return rich


def vouch(app, school, register, days=None, actor="lin"):
    told = None if days is None else tuple(map(parse_day, days))
    chosen = coverage_desk.vouch(
        app, school.uscc, register, actor=actor, reason="抽查教室日志", days=told
    )
    return [tuple(map(format_day, each)) for each in chosen.days]


def test_declared_days_count_once_an_officer_vouches_for_them(any_app, declared):
    check(any_app, "2026-08-31")
    assert "REGISTERS" in conditions(any_app, "2026-08-31")
    [contracts, lessons] = coverage_desk.list_coverage(any_app, Scope(), declared.uscc)
    assert [tuple(map(format_day, days)) for days in contracts.own] == [
        ("2026-08-01", "2026-08-30")
    ]
    vouch(any_app, declared, "contracts")
    vouch(any_app, declared, "lessons", ("2026-08-01", "2026-08-20"))
    assert "REGISTERS" in conditions(any_app, "2026-08-31"), "the last ten days of lessons"
    [_, lessons] = coverage_desk.list_coverage(any_app, Scope(), declared.uscc)
    assert [tuple(map(format_day, days)) for days in lessons.own] == [("2026-08-21", "2026-08-30")]
    assert vouch(any_app, declared, "lessons") == [("2026-08-21", "2026-08-30")]
    assert conditions(any_app, "2026-08-31") == set()
    [_, lessons] = coverage_desk.list_coverage(any_app, Scope(), declared.uscc)
    assert [(row.actor, row.reason) for row in lessons.vouched] == [("lin", "抽查教室日志")] * 2
    assert lessons.own == ()
    report = run_check(any_app, parse_day("2026-08-31"), full=True)
    assert (report.opened, report.withdrawn) == (0, 0), "the check in between saw it too"


@pytest.mark.parametrize(
    ("actor", "register", "days", "code"),
    [
        ("look", "lessons", None, "ROLE"),
        (OWN, "lessons", None, "ROLE"),
        ("far", "lessons", None, "INSTITUTION-UNKNOWN"),
        ("lin", "lessons", ("2026-09-01", "2026-09-02"), "COVERAGE-NONE"),
        ("lin", "premises", None, "COVERAGE-NONE"),
    ],
)
def test_nobody_else_vouches_and_no_other_days(any_app, declared, actor, register, days, code):
    with pytest.raises(Refusal) as refused:
        vouch(any_app, declared, register, days, actor)
    assert refused.value.code == code
    assert "REGISTERS" in conditions(any_app, "2026-08-31")


def test_what_was_vouched_for_stays_where_the_institutions_word_is_left_out(any_app, declared):
    def proven(register):
        query = "SELECT from_day, to_day FROM coverage WHERE register = :register AND to_day > :day"
        values = {"register": register, "day": parse_day("2026-07-31")}
        with any_app.database.transaction() as tx, only_proven(tx, [1]):
            return [tuple(map(format_day, row)) for row in tx.execute(text(query), values)]

    assert proven("lessons") == []
    vouch(any_app, declared, "lessons", ("2026-08-01", "2026-08-29"))
    assert proven("lessons") == [("2026-08-01", "2026-08-29")]
    assert proven("contracts") == []
