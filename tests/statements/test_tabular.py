"""Tables by layout: order, running balances, cells, lines around the table, several accounts."""

import pytest

from feewatch.kernel.days import parse_day


def days(*texts):
    return tuple(parse_day(text) for text in texts)


def test_rows_without_any_line_around_them_state_their_own_balances(samples, statement):
    read = statement(samples.table())
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 200000, [])
    assert (read.from_day, read.to_day) == days("2026-03-02", "2026-03-09")
    first = read.rows[0]
    assert (first.line, first.booked_time, first.amount_fen) == (2, "09:30:00", 80000)
    assert (first.counterparty, first.counterparty_account) == ("王芳", "622700")
    assert (first.memo, first.balance_fen, first.reversal) == ("学费 HT1", 180000, False)


def test_lines_before_between_and_after_the_rows_are_read_or_passed_over(samples, statement):
    one, two, three, four = samples.rows
    read = statement(
        samples.table(
            "期初余额,1000.00", one, two, "", ",,,,,,,,,,,", "本页小计", three, four,
            before=["单位账户交易明细查询", "起止日期,2026-03-01,2026-03-31", ""],
            after=["期末余额,2000.00", "以上数据仅供参考"],
        )
    )  # fmt: skip
    assert (read.from_day, read.to_day) == days("2026-03-01", "2026-03-31")
    assert (len(read.rows), read.opening_fen, read.closing_fen) == (4, 100000, 200000)
    assert read.faults == []


def test_the_days_of_the_head_may_stand_in_one_cell(samples, statement):
    read = statement(samples.table(before=["起止日期,2026-03-01至2026-03-31"]))
    assert (read.from_day, read.to_day) == days("2026-03-01", "2026-03-31")


@pytest.mark.parametrize(
    "line", ["期初余额,1000.01", "期末余额,1999.99", "期末余额,20.00", "期初余额,-1000.00"]
)
def test_a_balance_of_the_head_or_foot_that_does_not_follow_is_a_fault(samples, faults, line):
    before, after = ([line], []) if line.startswith("期初") else ([], [line])
    assert faults(samples.table(before=before, after=after)) == ["arithmetic"]


def test_the_same_balances_written_right_are_none(samples, faults):
    before, after = ["期初余额,1000.00"], ["期末余额,2000.00"]
    assert faults(samples.table(before=before, after=after)) == []


def test_an_empty_balance_of_the_head_tells_nothing(samples, statement):
    read = statement(samples.table(before=["期初余额,"], after=["期末余额,"]))
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 200000, [])


def test_newest_first_is_turned_round_by_the_balances(samples, statement):
    read = statement(samples.table(*samples.rows[::-1], before=["期初余额,1000.00"]))
    assert [row.amount_fen for row in read.rows] == [80000, -100, 25050, -4950]
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 200000, [])
    assert (read.from_day, read.to_day) == days("2026-03-02", "2026-03-09")
    assert [row.line for row in read.rows] == [6, 5, 4, 3]


def test_newest_first_within_one_day_is_turned_round_too(samples, statement):
    rows = [row.replace("2026-03-02", "2026-03-05") for row in samples.rows[:3]]
    read = statement(samples.table(*rows[::-1]))
    assert [row.amount_fen for row in read.rows] == [80000, -100, 25050]
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 204950, [])


def test_a_single_row_reads(samples, statement):
    read = statement(samples.table(samples.rows[0]))
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 180000, [])


def test_a_file_without_its_last_line_end_reads_whole(samples, statement):
    assert len(statement(samples.table().rstrip("\n")).rows) == 4


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda r: [r[0], r[1], r[3]], "缺一行"),
        (lambda r: [r[0], r[1], r[1], r[2], r[3]], "重复一行"),
        (lambda r: [r[0], r[2], r[1], r[3]], "颠倒"),
        (lambda r: [r[0], r[1].replace(",1.00,,", ",,1.00,"), *r[2:]], "相反"),
        (lambda r: [r[0], r[1].replace("1799.00", "1798.00"), *r[2:]], "仅余额"),
    ],
    ids=["missing", "duplicate", "swapped", "sign", "balance"],
)
def test_a_running_balance_that_does_not_follow_is_named(samples, statement, spoil, named):
    (fault,) = statement(samples.table(*spoil(samples.rows))).faults
    assert fault.kind == "arithmetic"
    assert named in fault.problem.message.zh
    assert fault.problem.line in (3, 4)


def test_rows_of_one_second_may_be_listed_the_other_way_round(samples, statement):
    rows = [row.replace("10:00:01", "10:00:00") for row in samples.rows]
    read = statement(samples.table(rows[0], rows[2], rows[1], rows[3]))
    assert [row.amount_fen for row in read.rows] == [80000, -100, 25050, -4950]
    assert read.faults == []


def test_the_opening_balance_decides_where_both_orders_recompute(samples, statement):
    into, back = (
        samples.rows[0].replace(",,800.00,1800.00", money)
        for money in (",,100.00,1100.00", ",100.00,,1000.00")
    )
    for rows in ((into, back), (back, into)):
        read = statement(samples.table(*rows, before=["期初余额,1000.00"]))
        assert [row.amount_fen for row in read.rows] == [10000, -10000]
        assert read.faults == []


def test_the_difference_of_a_statement_is_stated(samples, statement):
    read = statement(samples.table(*samples.rows[:2], after=["期末余额,1800.00"]))
    assert read.difference_fen == -100


def test_both_sides_filled_or_neither_refuse_the_file_with_line_and_column(samples, reading):
    both = reading(samples.table(samples.rows[0].replace(",,800.00", ",5.00,800.00")))
    neither = reading(samples.table(samples.rows[0].replace(",,800.00", ",,")))
    for found in (both, neither):
        assert found.statements == ()
        assert [problem.line for problem in found.problems] == [2]


@pytest.mark.parametrize("nothing", ["0.00", "0", "-", " ", "--"])
def test_the_other_side_may_be_written_as_nothing(samples, statement, nothing):
    read = statement(samples.table(samples.rows[0].replace(",,800.00", f",{nothing},800.00")))
    assert read.rows[0].amount_fen == 80000


@pytest.mark.parametrize(
    "written",
    ["800.00", "800.0", "800", "+800.00", " 800.00\t", '"800.00"', "８００．００", "0800.00"],
)
def test_an_amount_may_be_written_so(samples, statement, written):
    read = statement(samples.table(samples.rows[0].replace("800.00,1800", f"{written},1800")))
    assert (read.rows[0].amount_fen, read.faults) == (80000, [])


@pytest.mark.parametrize(
    "written",
    ["800.000", "8e2", "NaN", "80 0.00", "800,00", "8,00.00", "０x320", "八百", "800.00.00",
     "999999999999999999", "1" * 5000, "٨٠٠"],
)  # fmt: skip
def test_what_is_no_amount_refuses_the_file(samples, refusal, written):
    cell = f'"{written}"'
    assert refusal(samples.table(samples.rows[0].replace("800.00,1800", f"{cell},1800"))) != []


def test_thousands_separators_are_read(samples, statement):
    row = samples.rows[0].replace(",,800.00,1800.00", ',,"1,234,800.00","1,235,800.00"')
    read = statement(samples.table(row))
    assert (read.rows[0].amount_fen, read.opening_fen) == (123480000, 100000)


@pytest.mark.parametrize("written", ["20260302", "2026/3/2", "2026-03-02", "２０２６-０３-０２"])
def test_a_day_may_be_written_so(samples, statement, written):
    read = statement(samples.table(samples.rows[0].replace("2026-03-02", written)))
    assert read.from_day == parse_day("2026-03-02")


@pytest.mark.parametrize(
    "written", ["2026-02-30", "2026-13-01", "02.03.2026", "", "2026-3", "明天"]
)
def test_what_is_no_day_refuses_the_file(samples, refusal, written):
    assert refusal(samples.table(samples.rows[0].replace("2026-03-02", written))) != []


def test_a_quoted_cell_may_span_lines_and_lines_still_count_on_disk(samples, statement):
    rows = [samples.rows[0].replace("学费 HT1", '"学费\nHT1,""春季"""'), *samples.rows[1:]]
    read = statement(samples.table(*rows))
    assert read.rows[0].memo == '学费 HT1,"春季"'
    assert [row.line for row in read.rows] == [2, 4, 5, 6]


def test_a_quote_that_never_closes_does_not_swallow_the_rows_after_it(samples, reading):
    rows = [samples.rows[0].replace("学费 HT1", '"学费 HT1'), *samples.rows[1:]]
    found = reading(samples.table(*rows))
    assert found.problems or found.statements[0].faults


def test_a_file_cut_off_inside_its_last_row_is_not_taken_as_whole(samples, reading):
    whole = samples.table()
    last = whole.rindex("2026-03-09")
    for end in range(last, whole.rindex("A4") - 1):
        found = reading(whole[:end])
        assert found.problems or found.statements[0].faults, whole[last:end]


def test_a_name_or_account_in_any_width_is_one(samples, statement):
    rows = [
        samples.rows[0].replace("6222000011112222", "６２２２ 0000 1111 2222"),
        *samples.rows[1:],
    ]
    assert statement(samples.table(*rows)).account_no == "6222000011112222"


def test_one_currency_written_in_three_ways_is_one_statement(samples, statement):
    rows = [samples.rows[0], samples.rows[1].replace("CNY", "人民币"), *samples.rows[2:]]
    read = statement(samples.table(*rows))
    assert (len(read.rows), read.currency, read.faults) == (4, "CNY", [])


def test_another_currency_is_a_fault(samples, faults):
    assert faults(samples.table(*(row.replace("CNY", "USD") for row in samples.rows))) == [
        "currency"
    ]


def test_currency_comes_before_arithmetic(samples, statement):
    rows = [row.replace("CNY", "USD") for row in (samples.rows[0], samples.rows[3])]
    assert next(fault.kind for fault in statement(samples.table(*rows)).faults) == "currency"


def test_several_accounts_make_several_statements(samples, reading):
    other = [row.replace("6222000011112222", "6222000011113333") for row in samples.rows]
    spoilt = [row.replace("6222000011112222", "6222000011114444") for row in samples.rows[::2]]
    mixed = [row for pair in zip(samples.rows, other, strict=True) for row in pair]
    found = reading(samples.table(*mixed, *spoilt))
    told = [
        (each.n, each.account_no, len(each.rows), len(each.faults)) for each in found.statements
    ]
    assert told == [
        (1, "6222000011112222", 4, 0),
        (2, "6222000011113333", 4, 0),
        (3, "6222000011114444", 2, 1),
    ]


def test_columns_may_stand_in_any_order(samples, statement):
    lines = [line.split(",")[::-1] for line in samples.table().splitlines()]
    read = statement("\n".join(",".join(line) for line in lines))
    assert (read.account_no, read.closing_fen, read.faults) == ("6222000011112222", 200000, [])


def test_a_header_alone_tells_nothing(samples, refusal):
    assert refusal(samples.header + "\n") != []


def test_a_period_without_rows_is_a_statement_only_where_its_account_is_told(samples, reading):
    before = ["起止日期,2026-03-01,2026-03-31", "期初余额,1000.00"]
    found = reading("\n".join([*before, samples.header, "期末余额,1000.00"]))
    assert found.problems
    told = reading(
        "\n".join(["账号,6222000011112222", *before, samples.header, "期末余额,1000.00"])
    )
    for each in told.statements:
        assert (each.account_no, each.rows, each.faults) == ("6222000011112222", [], [])
        assert (each.opening_fen, each.closing_fen) == (100000, 100000)


def test_a_red_amount_takes_the_other_side(samples, statement):
    rows = [*samples.rows[:2], samples.rows[2].replace(",,250.50,2049.50", ",,-250.50,1548.50")]
    read = statement(samples.table(*rows))
    assert (read.rows[2].amount_fen, read.closing_fen, read.faults) == (-25050, 154850, [])


def test_a_masked_or_dashed_counterparty_is_no_account(samples, statement):
    row = samples.rows[0].replace("王芳,622700", "-,--------")
    assert statement(samples.table(row)).rows[0].counterparty is None
    assert statement(samples.table(row)).rows[0].counterparty_account is None


def test_the_days_covered_do_not_hang_on_the_order_of_the_rows(samples, statement):
    rows = [",".join((*row.split(",")[:7], "", *row.split(",")[8:])) for row in samples.rows]
    read = statement(samples.table(rows[2], rows[0], rows[3], rows[1]))
    assert (read.from_day, read.to_day) == days("2026-03-02", "2026-03-09")


def with_references(rows, *references):
    return [f"{row.rpartition(',')[0]},{told}" for row, told in zip(rows, references, strict=True)]


@pytest.mark.parametrize(
    ("references", "are_ids"),
    [
        (("1", "2", "3", "4"), False),
        (("0001", "0002", "0003", "0004"), False),
        (("4", "3", "2", "1"), False),
        (("1", "2", "4", "3"), True),
        (("2", "3", "4", "5"), True),
        (("1", "2", "3", "A4"), True),
        (("90001", "90002", "90003", "90004"), True),
    ],
)
def test_references_that_only_count_the_rows_of_the_file_are_no_ids(
    samples, statement, references, are_ids
):
    read = statement(samples.table(*with_references(samples.rows, *references)))
    assert [row.reference for row in read.rows] == list(references if are_ids else [None] * 4)


def test_ordinals_that_run_through_several_accounts_of_a_file_are_no_ids(samples, reading):
    rows = with_references(samples.rows, "1", "3", "5", "7")
    other = with_references(samples.rows, "2", "4", "6", "8")
    other = [row.replace("6222000011112222", "6222000011113333") for row in other]
    mixed = [row for pair in zip(rows, other, strict=True) for row in pair]
    found = reading(samples.table(*mixed))
    assert {row.reference for each in found.statements for row in each.rows} == {None}


def test_times_tell_the_order_of_a_day_without_balances(samples, statement):
    rows = [
        ",".join((*row.split(",")[:7], "", *row.split(",")[8:])).replace("03-02", "03-05")
        for row in samples.rows[:3]
    ]
    assert [row.line for row in statement(samples.table(*rows[::-1])).rows] == [4, 3, 2]
    assert [row.line for row in statement(samples.table(*rows)).rows] == [2, 3, 4]


def test_in_out_and_in_again_follows_either_way_even_from_an_opening(samples, statement):
    money = (",,100.00,1100.00", ",100.00,,1000.00", ",,100.00,1100.00")
    rows = [samples.rows[0].replace(",,800.00,1800.00", each) for each in money]
    read = statement(samples.table(*rows, before=["期初余额,1000.00"]))
    assert [note.code for note in read.notes] == ["STATEMENT-ORDER"]
    assert "期初" not in read.notes[0].message.zh
    assert read.faults == []
    two = statement(samples.table(*rows[:2], before=["期初余额,1000.00"]))
    assert two.notes == []
