"""Days and places that a register may not say, and changes of an institution that are told."""

import pytest
from offices import initialise
from sqlalchemy import func, select

from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.services.registers.importing import import_registers
from feewatch.store.tables.registers import institution_fact, lesson

A = "52370702651728628K"
FACTS = "uscc,name,district,subject,nature,custody,legal_representative,licence_until,valid_from"


@pytest.fixture
def app(any_app):
    return any_app


@pytest.fixture
def load(app, tmp_path):
    """Import rows of a kind written as one file."""

    def load(kind, *lines, **options):
        file = tmp_path / f"{kind}.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return import_registers(app, kind, file, actor="clerk", **options).as_json()

    return load


@pytest.fixture
def school(load):
    """An institution with a contract."""
    load("institutions", FACTS, f"{A},甲,370702,arts,non_profit,bank_custody,赵校长,2028-12-31,")
    load(
        "contracts",
        "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on",
        f"HT1,{A},KC1,S1,hours,40,2026-03-01,2026-05-31,2800.00,2026-02-20",
    )


def count(app, table):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def test_a_lesson_held_after_the_day_of_import_is_a_bad_row(app, load, school):
    rows = "contract_no,held_on,lessons", "HT1,2026-07-31,1", "HT1,2026-08-01,1"
    told = load("lessons", *rows, as_of=parse_day("2026-07-31"))
    assert (told["new"], told["bad"]) == (0, 1)
    (problem,) = told["problems"]
    assert (problem["line"], problem["column"], problem["code"], problem["value"]) == (
        3, "held_on", "DAY-AHEAD", "2026-08-01",
    )  # fmt: skip
    assert count(app, lesson) == 0
    told = load("lessons", *rows, as_of=parse_day("2026-08-01"))
    assert (told["new"], told["bad"]) == (2, 0)


def test_the_day_of_import_is_today_where_none_is_named(load, school):
    rows = "contract_no,held_on,lessons", "HT1,2999-01-01,1"
    assert [each["code"] for each in load("lessons", *rows)["problems"]] == ["DAY-AHEAD"]


def test_a_lesson_to_come_that_is_on_file_can_be_cancelled(app, load, school):
    rows = "contract_no,held_on,lessons", "HT1,2026-08-01,1"
    load("lessons", *rows, as_of=parse_day("2026-08-01"))
    told = load("lessons", rows[0], "HT1,2026-08-01,0", as_of=parse_day("2026-07-31"))
    assert (told["changed"], told["bad"], count(app, lesson)) == (1, 0, 0)


def test_another_district_without_a_day_is_a_bad_row(app, load, school):
    told = load("institutions", FACTS, f"{A},甲,370704,arts,non_profit,bank_custody,,,")
    assert (told["changed"], told["bad"]) == (0, 1)
    (problem,) = told["problems"]
    assert (problem["line"], problem["column"], problem["code"], problem["value"]) == (
        2, "district", "DISTRICT-UNDATED", "370704",
    )  # fmt: skip
    assert "370702" in problem["message"]
    assert count(app, institution_fact) == 1


def test_a_move_on_a_day_is_told_and_the_first_row_may_come_again(app, load, school):
    first = f"{A},甲,370702,arts,non_profit,bank_custody,赵校长,2028-12-31,"
    told = load("institutions", FACTS, first.replace(",370702,", ",370704,") + "2026-06-01")
    assert (told["new"], told["bad"]) == (1, 0)
    (problem,) = told["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (2, "district", "FACT-CHANGED")
    assert "370702 → 370704 (from 2026-06-01 on)" in problem["message"]
    again = load("institutions", FACTS, first)
    assert (again["unchanged"], again["problems"]) == (1, [])


def test_each_fact_that_changes_is_told_old_and_new(load, school):
    told = load("institutions", FACTS, f"{A},甲,370702,arts,non_profit,both,,2027-12-31,")
    assert (told["changed"], told["bad"]) == (1, 0)
    assert [(each["column"], each["message"].split(": ", 1)[1]) for each in told["problems"]] == [
        ("custody", "bank_custody → both"),
        ("licence_until", "2028-12-31 → 2027-12-31"),
        ("legal_representative", "赵校长 → (empty)"),
    ]  # fmt: skip
    assert "银行托管 → 两者并行" in told["problems"][0]["message"]


def test_a_new_institution_has_nothing_to_tell(tmp_path):
    app = initialise(Config(folder=tmp_path / "home"))
    file = tmp_path / "institutions.csv"
    row = f"{A},甲,370702,arts,non_profit,bank_custody,,,"
    file.write_text(f"{FACTS}\n{row}\n{row.replace(',370702,', ',370704,')}2026-06-01\n", "utf-8")
    told = import_registers(app, "institutions", file, actor="clerk").as_json()
    assert (told["new"], told["bad"], told["problems"]) == (2, 0, [])
    app.database.dispose()
