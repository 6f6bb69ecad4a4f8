"""Charges, ends of contracts, sites, successions, premises and clues on file."""

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.services.registers.importing import import_content
from feewatch.store.tables.places import charge, clue, premises, site, succession
from feewatch.store.tables.registers import contract, lesson, register_change

A = "52370702651728628K"
B = "523201041982410526"
FACTS = "uscc,name,district,subject,nature,custody"
CONTRACTS = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
CHARGES = "contract_no,charge_no,due_on,amount,starts_on,ends_on,paid_on"


@pytest.fixture
def app(tmp_path):
    app = initialise(Config(folder=tmp_path))
    yield app
    app.database.dispose()


@pytest.fixture
def load(app):
    """Import rows of a kind under a header."""

    def load(kind, *lines, **options):
        data = ("\n".join(lines) + "\n").encode()
        return import_content(app, kind, f"{kind}.csv", data, actor="clerk", **options)

    return load


@pytest.fixture
def world(load):
    """Two institutions in two districts; each has a contract HT1 of 6,000 yuan, the first HT2."""
    courses = (
        "course_id,uscc,title,discipline,stage,mode,class_size,lesson_minutes,price_per_lesson"
    )
    load("institutions", FACTS, f"{A},甲,370702,arts,non_profit,bank_custody",
         f"{B},乙,320104,arts,non_profit,bank_custody")  # fmt: skip
    course = "少儿舞蹈,舞蹈,primary,offline,20,45,100.00"
    load("courses", courses, f"KC1,{A},{course}", f"KC1,{B},{course}")
    row = "KC1,S1,hours,60,2026-03-01,2026-08-31,6000.00,2026-02-20"
    load("contracts", CONTRACTS, f"HT1,{A},{row}", f"HT1,{B},{row}", f"HT2,{A},{row}")


def codes(report):
    return [(problem.line, problem.column, problem.code) for problem in report.problems]


def rows(app, *columns, order=None):
    with app.database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(order or columns[0]))]


def test_charges_that_make_up_the_fee_are_taken_in_with_their_turn_and_months(app, world, load):
    report = load(
        "charges",
        CHARGES,
        "HT2,10,2026-06-01,2000.00,2026-06-01,2026-08-31,",
        "HT2,2,2026-06-01,2000.00,2026-05-01,2026-07-31,2026-04-01",
        "HT2,1,2026-02-20,2000.00,,,2026-01-31",
    )
    assert (report.new, report.bad, codes(report)) == (3, 0, [])
    found = rows(
        app, charge.c.turn, charge.c.charge_no, charge.c.span_months,
        charge.c.lead_months, charge.c.lead_months_up,
    )  # fmt: skip
    # the first one without days begins with its contract; the tenth comes after the second
    assert found == [(1, "1", None, 1, 2), (2, "2", 2, 1, 1), (3, "10", 2, None, None)]


def test_charges_that_do_not_add_up_to_the_fee_are_bad_rows_and_others_stand(app, world, load):
    report = load(
        "charges",
        CHARGES + ",uscc",
        f"HT1,1,2026-02-20,3000.00,,,,{A}",
        f"HT1,2,2026-05-20,2999.99,,,,{A}",
        f"HT1,1,2026-02-20,6000.00,,,,{B}",
        skip_bad=True,
    )
    assert codes(report) == [(2, "amount", "CHARGES-SUM"), (3, "amount", "CHARGES-SUM")]
    assert "5999.99" in report.problems[0].message.zh
    assert rows(app, charge.c.amount_fen) == [(600_000,)]


def test_one_charge_may_change_while_the_sum_stays(app, world, load):
    load("charges", CHARGES, "HT2,1,2026-02-20,3000.00,,,", "HT2,2,2026-05-20,3000.00,,,")
    paid = load("charges", CHARGES, "HT2,2,2026-05-20,3000.00,,,2026-05-21")
    assert (paid.changed, paid.bad) == (1, 0)
    refused = load("charges", CHARGES, "HT2,2,2026-05-20,3000.01,,,2026-05-21")
    assert codes(refused) == [(2, "amount", "CHARGES-SUM")]
    assert rows(app, register_change.c.key) == [(f"{A}/HT2/2",)]


def test_a_contract_number_of_two_institutions_needs_the_code(world, load):
    report = load("charges", CHARGES, "HT1,1,2026-02-20,6000.00,,,")
    assert codes(report) == [(2, "contract_no", "CONTRACT-AMBIGUOUS")]


def test_a_contract_whose_fee_leaves_its_charges_behind_is_warned_of(world, load):
    load("charges", CHARGES, "HT2,1,2026-02-20,6000.00,,,")
    row = "KC1,S1,hours,60,2026-03-01,2026-08-31"
    report = load("contracts", CONTRACTS, f"HT2,{A},{row},6000.01,2026-02-20")
    assert (report.changed, codes(report)) == (1, [(2, "fee", "CHARGES-SUM")])


def test_days_of_a_contract_that_move_move_the_months_of_its_first_charge(app, world, load):
    load("charges", CHARGES, "HT2,1,2026-01-20,6000.00,,,2026-01-31")
    row = "KC1,S1,hours,60,2026-05-01,2026-08-31,6000.00,2026-02-20"
    load("contracts", CONTRACTS, f"HT2,{A},{row}")
    assert rows(app, charge.c.lead_months) == [(3,)]


def test_a_settlement_needs_the_day_of_the_end(app, world, load):
    header = CONTRACTS + ",ended_on,settlement"
    row = "KC1,S1,hours,60,2026-03-01,2026-08-31,6000.00,2026-02-20"
    report = load("contracts", header, f"HT2,{A},{row},,协议结清")
    assert codes(report) == [(2, "ended_on", "CELL-EMPTY")]
    load("contracts", header, f"HT2,{A},{row},2026-04-30,协议结清")
    ended = rows(app, contract.c.ended_on, contract.c.settlement)
    assert (parse_day("2026-04-30"), "agreed") in ended


def test_a_succession_needs_two_institutions_on_file(app, world, load):
    header = "from_uscc,to_uscc,on,document"
    unknown = "52371003146412163U"
    report = load("successions", header, f"{A},{unknown},2026-05-11,承〔2026〕1号")
    assert codes(report) == [(2, "to_uscc", "INSTITUTION-UNKNOWN")]
    assert codes(load("successions", header, f"{A},{A},2026-05-11,"))[0][2] == "SUCCESSION-SELF"
    assert load("successions", header, f"{A},{B},2026-05-11,承〔2026〕1号").new == 1
    assert rows(app, succession.c.to_uscc) == [(B,)]


def test_a_campus_in_another_district_is_a_site(app, world, load):
    load("sites", "uscc,site_no,district,name", f"{A},JXD1,370703,寒亭校区")
    assert rows(app, site.c.site_no, site.c.district) == [("JXD1", "370703")]


def test_premises_and_clues_need_no_institution_and_are_kept_within_the_district(app, world, load):
    header = "premises_no,district,address,found_on,state,disposal,disposed_on"
    mine, theirs = (
        f"CS{n},{d},某路1号,2026-04-01,无证无照,," for n, d in ((1, 370702), (2, 320104))
    )
    scope = Scope("370700")
    report = load("premises", header, mine, theirs, scope=scope, skip_bad=True)
    assert codes(report) == [(3, "district", "DISTRICT-OUTSIDE")]
    closed = "CS1,370702,某路1号,2026-04-01,无证无照,已取缔,2026-05-01"
    assert load("premises", header, closed, scope=scope).changed == 1
    assert rows(app, premises.c.disposal) == [("closed",)]
    half = "CS1,370702,某路1号,2026-04-01,无证无照,已取缔,"
    assert codes(load("premises", header, half)) == [(2, "disposed_on", "DISPOSAL-DAY")]


def test_a_clue_never_holds_who_told_it(app, world, load):
    header = "clue_no,received_on,source,district,text"
    report = load(
        "clues",
        header,
        "XS1,2026-04-02,12345,370702,反映某机构收费未进专户",
        "XS2,2026-04-02,12391,370702,家长来电 13800138000 反映收费",
        skip_bad=True,
    )
    assert codes(report) == [(3, "text", "CELL-PERSONAL")]
    assert "13800138000" not in str(report.as_json())
    assert rows(app, clue.c.clue_no, clue.c.source) == [("XS1", "12345")]


def merge(load):
    """B succeeds A on 05-11: A's HT2 is B's from that day on."""
    assert load("successions", "from_uscc,to_uscc,on", f"{A},{B},2026-05-11").new == 1


@pytest.mark.parametrize("scope", [None, Scope("000000", 2), Scope("320100")])
def test_who_succeeded_reports_of_contracts_that_moved_from_the_day_on(app, world, load, scope):
    """Under its own code, by an office, itself, or an officer of its district."""
    merge(load)
    held = "contract_no,held_on,lessons,uscc"
    early, due = f"HT2,2026-05-10,1,{B}", f"HT2,2026-05-11,2,{B}"
    assert codes(load("lessons", held, early, scope=scope)) == [
        (2, "contract_no", "CONTRACT-NOT-HELD")
    ]
    report = load("lessons", held, due, scope=scope)
    assert (report.new, codes(report)) == (1, [])
    asked = "refund_no,contract_no,requested_on,amount,uscc"
    first, later = f"TF1,HT2,2026-05-12,500.00,{B}", f"TF1,HT2,2026-05-12,600.00,{B}"
    assert load("refunds", asked, first, scope=scope).new == 1
    assert load("refunds", asked, later, scope=scope).changed == 1
    charges = CHARGES + ",uscc"
    rows_of = (f"HT2,1,2026-02-20,3000.00,,,2026-02-20,{A}", f"HT2,2,2026-06-01,3000.00,,,,{A}")
    assert load("charges", charges, *rows_of).new == 2
    paid = f"HT2,2,2026-06-01,3000.00,,,2026-06-02,{B}"
    assert load("charges", charges, paid, scope=scope).changed == 1


def test_rows_of_one_day_are_the_same_row_whosever_code_they_bear(app, world, load):
    merge(load)
    held = "contract_no,held_on,lessons,uscc"
    assert load("lessons", held, f"HT2,2026-05-11,2,{B}").new == 1
    assert load("lessons", held, f"HT2,2026-05-11,2,{A}").unchanged == 1
    assert load("lessons", "contract_no,held_on,lessons", "HT2,2026-05-11,2").unchanged == 1


def test_a_contract_of_its_own_goes_before_one_that_moved_under_the_same_number(app, world, load):
    merge(load)
    assert load("lessons", "contract_no,held_on,lessons,uscc", f"HT1,2026-05-12,2,{B}").new == 1
    with app.database.reading() as tx:
        from_own = select(lesson.c.institution_id)
        assert list(tx.scalars(from_own)) == [2]


def test_nobody_else_reports_of_a_contract_that_moved(app, world, load):
    merge(load)
    held = "contract_no,held_on,lessons,uscc"
    report = load("lessons", held, f"HT2,2026-05-12,1,{B}", scope=Scope("110000"))
    assert codes(report) == [(2, "uscc", "INSTITUTION-OUTSIDE")]
