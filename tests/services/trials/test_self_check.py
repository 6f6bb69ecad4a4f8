"""Self-check: the rules speak of a file that nobody has handed in, and nothing of it stays."""

import hashlib

import pytest
from bankfiles import Payment, Piece, generic
from sqlalchemy import MetaData, select
from worlds.builder import School, build

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.services.check.checking import run_check
from feewatch.services.people.acting import find_person
from feewatch.services.trials.self_check import KINDS, check_file
from feewatch.store.people import users

CONTRACTS = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
CHARGES = "contract_no,charge_no,due_on,amount,lessons,starts_on,ends_on"
COURSES = "course_id,uscc,title,discipline,stage,mode,class_size,lesson_minutes,price_per_lesson"


@pytest.fixture
def school(any_app, tmp_path):
    made = School(1)
    made.contract("2026-07-01")
    made.contract("2026-07-02", fee="4000.00", lessons="100")
    build(any_app, [made, School(2)], tmp_path / "world")
    with any_app.database.transaction() as tx:
        users.add(tx, "school", "institution", None, 1, "-")
        users.add(tx, "other", "institution", None, 2, "-")
        users.add(tx, "school-api", "api", None, 1, "-")
        users.add(tx, "lin", "officer", "370702", None, "-")
        users.add(tx, "far", "officer", "320104", None, "-")
        users.add(tx, "look", "viewer", "370702", None, "-")
        users.add(tx, "bank", "api", "370702", None, "-")
    return made


def ask(app, school, kind, text, by="school"):
    data = text if isinstance(text, bytes) else text.encode()
    return check_file(app, find_person(app, by), school.uscc, kind, f"{kind}.csv", data)


def planned(school, *rows):
    """Planned contracts: (number, lessons, fee)."""
    lines = [
        f"{number},{school.uscc},{school.course_id},S{number},hours,{lessons},"
        f"2026-12-20,2027-01-31,{fee},2026-12-10"
        for number, lessons, fee in rows
    ]
    return "\n".join([CONTRACTS, *lines])


def statement(school, *payments, first="2026-08-01", last="2026-08-10", opening=205_000_00):
    balance, rows = opening, []
    for n, (day, fen, party, memo) in enumerate(payments):
        balance += fen
        rows.append(Payment(parse_day(day), "09:00:00", fen, balance, party, memo, f"T{n}"))
    piece = Piece(parse_day(first), parse_day(last), opening, tuple(rows))
    return generic(piece).decode().replace("6222000011112222", school.account_no).encode()


def said(checked, outcome="breach"):
    return {
        (line.rule.id, line.subject_id, line.lines)
        for line in checked.lines
        if line.outcome == outcome
    }


def picture(app):
    """Every row of every table, and every file under var but the database's own."""
    tables = MetaData()
    tables.reflect(app.database.engine)
    with app.database.reading() as tx:
        rows = {
            name: sorted(map(repr, tx.execute(select(table))))
            for name, table in tables.tables.items()
        }
    files = {
        str(path.relative_to(app.config.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in app.config.folder.rglob("*")
        if path.is_file() and ".db" not in path.name and ".sqlite" not in path.name
    }
    return rows, files


def test_planned_contracts_either_side_of_the_limits(any_app, school):
    text = planned(school, ("P60", 60, "5000.00"), ("P61", 61, "5000.00"), ("PCAP", 10, "5000.01"))
    checked = ask(any_app, school, "contracts", text)
    assert {row for row in said(checked) if row[0].startswith("FEE-")} == {
        ("FEE-HOURS-60", "P61", (3,)), ("FEE-CAP-5000", "PCAP", (4,))
    }  # fmt: skip
    [cap] = [line for line in checked.lines if line.rule.id == "FEE-CAP-5000"]
    assert "5000.01" in cap.breach.calculation.zh.replace(",", "")
    assert cap.breach.basis[0].document
    told = checked.as_json()
    assert told["stored"] is False
    assert told["as_of"] == "2026-12-10"
    assert (told["rows"], told["bad"]) == (3, 0)
    assert told["compliant"] > 0
    assert not any(line.rule.id.startswith(("ACC-", "BAL-", "DATA-")) for line in checked.lines)


def test_a_plan_of_charges_is_judged_as_if_paid_when_due(any_app, school):
    number = school.contracts[1]["contract_no"]

    def plan(*charges):
        rows = [
            f"{number},{n},{day},{amount},{lessons},,"
            for n, (day, amount, lessons) in enumerate(charges, 1)
        ]
        return ask(any_app, school, "charges", "\n".join([CHARGES, *rows]))

    lawful = plan(("2026-07-02", "2000.00", 50), ("2026-10-15", "2000.00", 50))
    assert {row[:2] for row in said(lawful) if row[0] == "FEE-HOURS-60"} == set()
    assert lawful.laid.assumed == 2
    at_once = plan(("2026-07-02", "4000.00", 100))
    assert ("FEE-HOURS-60", f"{number}/1", (2,)) in said(at_once)
    short = plan(("2026-07-02", "2000.00", 50))
    assert short.laid.bad == 1
    assert [problem.line for problem in short.laid.problems] == [2]


def test_a_price_list_is_judged_course_by_course(any_app, school):
    rows = [
        f"K{n},{school.uscc},{title},{discipline},{stage},offline,20,45,60.00"
        for n, (title, discipline, stage) in enumerate(
            [("幼儿数学启蒙", "数学", "preschool"), ("小学舞蹈", "舞蹈", "primary")], 1
        )
    ]
    checked = ask(any_app, school, "courses", "\n".join([COURSES, *rows]))
    assert ("STAGE-PRESCHOOL", "K1", (2,)) in {
        (rule, subject.rpartition("/")[2], lines) for rule, subject, lines in said(checked)
    }
    assert not any(row[0] == "STAGE-PRESCHOOL" and row[2] == (3,) for row in said(checked))


def test_a_statement_is_judged_with_the_lines_of_its_rows(any_app, school):
    data = statement(school, ("2026-08-03", -100_000_00, "张三", "转账"))
    checked = ask(any_app, school, "statement", data)
    assert [fate.status for fate in checked.laid.statements] == ["accepted"]
    opened = [line for line in checked.lines if line.rule.id == "OUT-LARGE"]
    assert opened, [(line.rule.id, line.subject_id, line.change) for line in checked.lines]
    assert opened[0].change == "opened"
    row = next(n for n, line in enumerate(data.decode().splitlines(), 1) if "张三" in line)
    assert opened[0].lines == (row,)
    broken = ask(any_app, school, "statement", data.replace(b"100000.00", b"90000.00"))
    assert [fate.status for fate in broken.laid.statements] == ["quarantined"]
    assert broken.laid.bad == 1
    unread = ask(any_app, school, "statement", b"\xff\xd8\xff\xe0 a picture")
    assert unread.laid.is_refused
    assert unread.laid.problems


def test_nothing_of_a_file_stays(any_app, school):
    run_check(any_app, parse_day("2026-07-31"))
    before = picture(any_app)
    number = school.contracts[0]["contract_no"]
    files = {
        "contracts": planned(school, ("P1", 61, "9000.00")) + f"\n{number},bad",
        "charges": f"{CHARGES}\n{number},1,2026-07-02,1000.00,40,,",
        "courses": f"{COURSES}\nK1,{school.uscc},幼儿数学,数学,preschool,offline,20,45,60.00",
        "statement": statement(school, ("2026-08-03", -100_000_00, "张三", "转账")),
    }
    assert set(files) == set(KINDS)
    for kind, text in files.items():
        ask(any_app, school, kind, text)
        assert picture(any_app) == before, kind
    # nor of one that changes what is on file, or is refused
    row = school.contracts[0] | {"fee": "9999.00"}
    ask(any_app, school, "contracts", ",".join(row) + "\n" + ",".join(row.values()))
    with pytest.raises(Refusal):
        ask(any_app, School(2), "contracts", planned(School(2), ("P1", 1, "1.00")))
    assert picture(any_app) == before


def test_bad_rows_are_answered_as_in_an_import_and_the_others_judged(any_app, school):
    text = planned(school, ("P61", 61, "5000.00"), ("P2", "many", "1.00"))
    checked = ask(
        any_app,
        school,
        "contracts",
        text + f"\n{planned(School(2), ('P3', 1, '1.00')).splitlines()[1]}",
    )
    assert checked.laid.bad == 2
    assert [(each.line, each.column) for each in checked.laid.problems if each.line in (3, 4)] == [
        (3, "lessons"), (4, "uscc")
    ]  # fmt: skip
    assert ("FEE-HOURS-60", "P61", (2,)) in said(checked)
    nothing = ask(any_app, school, "contracts", "x,y\n1,2\n")
    assert nothing.laid.is_refused
    assert nothing.laid.problems


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("other", "INSTITUTION-UNKNOWN"), ("far", "INSTITUTION-UNKNOWN"), ("look", "ROLE"),
        ("bank", "SELFCHECK-OWN"),
    ],
)  # fmt: skip
def test_nobody_else_asks(any_app, school, by, code):
    with pytest.raises(Refusal) as refusal:
        ask(any_app, school, "contracts", planned(school, ("P1", 1, "1.00")), by)
    assert refusal.value.code == code


@pytest.mark.parametrize("by", ["school", "school-api", "lin"])
def test_who_may_ask_is_told_the_same(any_app, school, by):
    text = planned(school, ("P61", 61, "5000.00"))
    assert ("FEE-HOURS-60", "P61", (2,)) in said(ask(any_app, school, "contracts", text, by))


def test_other_kinds_and_other_accounts_are_refused(any_app, school):
    with pytest.raises(Refusal) as refusal:
        ask(any_app, school, "lessons", "x")
    assert refusal.value.code == "SELFCHECK-KIND"
    with pytest.raises(Refusal) as refusal:
        ask(any_app, school, "statement", statement(School(2)))
    assert refusal.value.code == "ACCOUNT-FOREIGN"
