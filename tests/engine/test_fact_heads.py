"""The head of a fact says its rows, its grain and every column, or each fault of it is told."""

import pytest

from feewatch.engine.fact_file import read_fact
from feewatch.engine.fact_head import read_head

COLUMNS = ("institution_id", "day", "closing_fen")
HEAD = """\
-- 每个有流水的日子
-- Each day with entries
-- grain: institution_id, day
-- institution_id: 机构 / the institution; key
-- day: 日子 / the day; day
-- closing_fen: 日终余额 / balance at the
--   end of the day; fen; unknown: 没有流水 / no statements
SELECT 1
"""


def faults(head):
    return [fault.en for fault in read_head(head, COLUMNS)[1]]


def test_a_head_tells_rows_grain_and_columns():
    head, wrong = read_head(HEAD, COLUMNS)
    assert wrong == []
    assert (head.about.zh, head.about.en) == ("每个有流水的日子", "Each day with entries")
    assert head.grain == ("institution_id", "day")
    closing = head.columns[-1]
    assert (closing.name, closing.unit, closing.meaning.en) == (
        "closing_fen", "fen", "balance at the end of the day",
    )  # fmt: skip
    assert closing.unknown is not None
    assert closing.unknown.zh == "没有流水"


def test_a_row_an_institution_may_be_kept_until_its_data_change_or_a_day_comes():
    of_one = HEAD.replace("institution_id, day\n", "institution_id\n-- kept: data, day\n")
    head, wrong = read_head(of_one, COLUMNS)
    assert wrong == []
    assert head.kept == ("data", "day")
    assert "must read kept: data" in faults(of_one.replace("data, day", "data, month"))[0]


def test_what_is_kept_reads_neither_law_nor_a_first_day():
    of_one = HEAD.replace("institution_id, day\n", "institution_id\n-- kept: data\n")
    for reading in ("FROM law", "WHERE 1 > :since"):
        faults_of_fact = []
        read_fact("facts/x.sql", of_one.replace("SELECT 1", f"SELECT 1 {reading}"), faults_of_fact)
        assert "kept: may read neither law" in faults_of_fact[-1].message.en


def test_columns_that_mean_the_same_share_a_line():
    head, wrong = read_head(HEAD.replace("-- day: 日子 / the day; day\n", "").replace(
        "institution_id: 机构 / the institution; key", "institution_id, day: 键 / keys; key, day"
    ), COLUMNS)  # fmt: skip
    assert wrong == []
    assert [column.unit for column in head.columns] == ["key", "day", "fen"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("-- Each day with entries\n", "", "say what a row is, in both languages"),
        ("-- grain: institution_id, day\n", "", "grain is missing"),
        ("grain: institution_id, day", "grain: institution_id, month", "names no columns: month"),
        ("-- day: 日子 / the day; day\n", "", "columns not described: day"),
        ("-- day: 日子", "-- date: 日子", "described, but no columns: date"),
        ("the day; day", "the day; dollars", "one of key, text, day"),
        ("-- day: 日子 / the day; day", "-- day: 日子", "day: must read NAME"),
        ("-- grain:", "-- matches: receipt\n-- grain:", "matches: must be among refund, pay_after"),
        ("-- grain:", "-- kept: data\n-- grain:", "must read kept: data, NAME, …; grain"),
    ],
)
def test_each_fault_of_a_head_is_told_in_words(old, new, said):
    assert old in HEAD
    assert any(said in fault for fault in faults(HEAD.replace(old, new)))
