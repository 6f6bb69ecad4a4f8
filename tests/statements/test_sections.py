"""Several accounts in one table, balances among its rows, rows that do not fit, signs."""

import pytest

from feewatch.kernel.days import format_day

CMB = "交易日,交易时间,起息日,交易类型,借方金额,贷方金额,余额,摘要,流水号,收/付方名称,收/付方帐号"
A, B = "3700010001234567890", "370001888812345678"
OF_A = [
    "2026-03-05,10:00:00,2026-03-05,转账,,4800.00,4800.00,学费 HT1,C1,王某,6222",
    "2026-03-05,17:00:00,2026-03-05,归集,4800.00,,0.00,资金归集,C2,总部,6222",
]
OF_B = [
    "2026-03-06,10:00:00,2026-03-06,转账,,500.00,500.00,学费 HT9,C3,李某,6222",
    "2026-03-06,17:00:00,2026-03-06,归集,500.00,,0.00,资金归集,C4,总部,6222",
]


def text(*lines):
    return "\n".join(lines) + "\n"


def told(found):
    assert found.problems == ()
    return [(each.account_no, len(each.rows), each.closing_fen) for each in found.statements]


@pytest.mark.parametrize(
    "between",
    [
        ["", f"账号,{B}", CMB],
        [f"账号,{B}"],
        [f"账号：{B} 币种：人民币", CMB],
        ["户名,乙", f"账号,{B}", "起止日期,2026-03-01,2026-03-31", CMB],
        ["期末余额,0.00", f"账号,{B}", "期初余额,0.00", CMB],
        ["账号,户名", f"{B},乙", CMB],
        [f"账号,{B}", CMB.replace(",交易类型", "").replace("交易时间,", "交易时间,交易类型,")],
    ],
)
def test_accounts_one_below_the_other_are_two_statements(reading, between):
    rows = OF_B
    if between[-1].startswith("交易日,交易时间,交易类型"):
        rows = [",".join([*row.split(",")[:2], "转账", row.split(",")[2], *row.split(",")[4:]])
                for row in OF_B]  # fmt: skip
    found = reading(text(f"账号,{A}", CMB, *OF_A, *between, *rows))
    assert told(found) == [(A, 2, 0), (B, 2, 0)]
    assert all(each.faults == [] for each in found.statements)
    assert [each.n for each in found.statements] == [1, 2]


def test_each_account_has_its_own_head_and_foot(reading):
    found = reading(
        text(
            f"账号,{A}", "户名,甲", "起止日期,2026-03-01,2026-03-31", "期初余额,0.00", CMB, *OF_A,
            "期末余额,0.00", "借方总笔数,1", "户名,乙", f"账号,{B}",
            "起止日期,2026-02-01,2026-03-31",
            CMB, *OF_B, "期末余额,0.00", "贷方总金额,500.00",
        )
    )  # fmt: skip
    first, second = found.statements
    assert [(each.account_name, format_day(each.from_day)) for each in (first, second)] == [
        ("甲", "2026-03-01"), ("乙", "2026-02-01"),
    ]  # fmt: skip
    assert (first.faults, second.faults) == ([], [])


def test_a_control_total_is_compared_with_the_rows_of_its_own_account(reading):
    found = reading(text(f"账号,{A}", CMB, *OF_A, "借方总笔数,2", f"账号,{B}", CMB, *OF_B))
    first, second = found.statements
    assert [each.problem.code for each in first.faults] == ["STATEMENT-TOTALS"]
    assert second.faults == []


def test_the_same_account_again_is_the_next_page_of_one_statement(reading):
    found = reading(
        text(f"账号,{A}", CMB, *OF_A, "", f"账号,{A}", "第2页 机构 370100123", CMB, *OF_B)
    )
    assert told(found) == [(A, 4, 0)]


@pytest.mark.parametrize(
    ("between", "line"),
    [
        ([f"查询结果 {B}", CMB], 5),
        (["", f"卡号为{B}的明细", CMB], 6),
        (["370001****5678", CMB], 5),
    ],
)
def test_a_second_account_that_cannot_be_told_apart_refuses_the_file(reading, between, line):
    found = reading(text(f"账号,{A}", CMB, *OF_A, *between, *OF_B))
    assert found.statements == ()
    assert [(each.code, each.line) for each in found.problems] == [("TABLE-ACCOUNTS", line)]
    assert "5678" in found.problems[0].message.zh


def test_another_owner_above_a_second_table_refuses_the_file(reading):
    found = reading(text(f"账号,{A}", "户名,甲", CMB, *OF_A, "户名,乙", CMB, *OF_B))
    assert [each.code for each in found.problems] == ["TABLE-ACCOUNTS"]
    assert "乙" in found.problems[0].message.zh


def test_an_account_first_named_below_a_table_may_be_of_either(reading):
    assert told(reading(text(CMB, *OF_A, f"账号,{A}"))) == [(A, 2, 0)]
    found = reading(text(CMB, *OF_A, f"账号,{A}", CMB, *OF_B))
    assert [each.code for each in found.problems] == ["TABLE-ACCOUNTS"]


def test_another_currency_of_the_account_is_another_statement(reading):
    found = reading(
        text(f"账号,{A}", "币种,人民币", CMB, *OF_A, f"账号,{A}", "币种,美元", CMB, *OF_B)
    )
    assert [(each.account_no, each.currency) for each in found.statements] == [
        (A, "CNY"), (A, "美元"),
    ]  # fmt: skip


def test_a_table_that_cannot_be_read_refuses_itself_alone(reading):
    bad = OF_B[0].replace("500.00,500.00", "x,500.00")
    found = reading(text(f"账号,{A}", CMB, *OF_A, f"账号,{B}", CMB, bad, OF_B[1]))
    good, husk = found.statements
    assert (good.account_no, good.faults) == (A, [])
    assert [(each.kind, each.problem.line) for each in husk.faults] == [("unreadable", 7)]
    assert (husk.account_no, husk.rows) == (B, [])


G = "6222000011112222,启明培训中心,CNY,{},10:00:00,{}"


def row(day, money, rest=",,,"):
    return G.format(day, money) + "," + rest


OPENING = row("2026-03-01", ",,1000.00", ",,承前余额,")
ENTRY = row("2026-03-05", ",800.00,1800.00", "王芳,,学费,")
CLOSING = row("2026-03-31", ",,1800.00", ",,期末余额,")


@pytest.mark.parametrize(
    "rows",
    [
        [OPENING, ENTRY, CLOSING],
        [CLOSING, ENTRY, OPENING],
        [row("2026-03-01", "0.00,0.00,1000.00", ",,期初余额,"), ENTRY, CLOSING],
        [row("2026-03-01", "-,-,1000.00", "上期结余,,,"), ENTRY, CLOSING],
        [OPENING, ENTRY, row("2026-03-05", ",,1800.00", ",,过次页,"), CLOSING],
        [OPENING, ENTRY, row("2026-03-05", "0.00,800.00,", ",,本页合计,"), CLOSING],
    ],
)
def test_balances_among_the_rows_are_no_entries(samples, statement, rows):
    read = statement(samples.table(*rows))
    assert (read.opening_fen, read.closing_fen, read.faults) == (1000_00, 1800_00, [])
    assert [each.amount_fen for each in read.rows] == [800_00]
    assert format_day(read.to_day) == "2026-03-31"


@pytest.mark.parametrize(
    "wrong",
    [
        [OPENING.replace("1000.00", "1001.00"), ENTRY],
        [ENTRY, CLOSING.replace("1800.00", "1801.00")],
        [ENTRY, row("2026-03-05", ",,999.00", ",,承前页余额,")],
    ],
)
def test_a_balance_among_the_rows_that_does_not_fit_is_a_fault(samples, statement, wrong):
    (fault, *_) = statement(samples.table(*wrong)).faults
    assert fault.kind == "arithmetic"


def test_a_period_without_entries_is_told_by_balances_alone(samples, statement):
    read = statement(samples.table(OPENING, CLOSING.replace("1800", "1000"), before=[
        "账号,6222000011112222"]))  # fmt: skip
    assert (read.rows, read.opening_fen, read.closing_fen, read.faults) == ([], 100000, 100000, [])


def test_a_payment_whose_memo_is_a_word_of_the_foot_stays_a_payment(samples, statement):
    read = statement(samples.table(row("2026-03-05", ",800.00,1800.00", "王芳,,合计,")))
    assert [each.memo for each in read.rows] == ["合计"]


@pytest.mark.parametrize(
    "bad",
    [
        row("2026-03-05", "80.00,,920.00", "王芳,,退课,退费 HT1,A1"),
        row("2026-03-05", "80.00,,920.00", "王芳,,退课,退费 HT1,"),
        row("2026-03-05", "80.00,,920.00", "王芳,,退课,退费,,"),
    ],
)
def test_a_row_longer_than_its_header_is_refused_by_line(samples, reading, bad):
    found = reading(samples.table(*samples.rows, bad, *samples.rows))
    assert [(each.code, each.line) for each in found.problems] == [("TABLE-WIDTH", 6)]
    assert found.statements == ()


def test_what_lies_beyond_the_header_is_named_in_few_words(samples, reading):
    bad = row("2026-03-05", "80.00,,920.00", "王芳,,退课,退费 HT1,A1" + ",x" * 5000)
    (problem,) = reading(samples.table(*samples.rows, bad)).problems
    assert problem.code == "TABLE-WIDTH"
    assert "、x、x、…）" in problem.message.zh
    assert len(problem.message.zh) < 200


def test_a_comma_in_quotes_is_part_of_its_cell(samples, statement):
    memo = '王芳,,"退课,退费 HT1",A1'
    read = statement(samples.table(row("2026-03-05", "80.00,,920.00", memo)))
    assert (read.rows[0].memo, read.rows[0].reference) == ("退课,退费 HT1", "A1")


@pytest.mark.parametrize(
    "money", [("80.00,,920.00", ",50.00,970.00"), ("-80.00,,920.00", ",50.00,970.00")]
)
def test_balances_prove_whether_a_minus_in_the_column_is_a_payment(samples, statement, money):
    rows = [row("2026-03-05", each, "王芳,,退费,") for each in money]
    read = statement(samples.table(*rows, before=["期初余额,1000.00"]))
    told_rows = [(each.amount_fen, each.reversal) for each in read.rows]
    assert told_rows == [(-8000, False), (5000, False)]
    assert read.faults == []
    assert [each.code for each in read.notes] == ["STATEMENT-SIGN"] * money[0].startswith("-")


def test_a_correction_in_red_stays_one_where_the_balances_say_so(samples, statement):
    read = statement(
        samples.table(row("2026-03-05", "-80.00,,1080.00"), before=["期初余额,1000.00"])
    )
    assert [(each.amount_fen, each.reversal) for each in read.rows] == [(8000, True)]
    assert (read.faults, read.notes) == ([], [])


@pytest.mark.parametrize(
    "name",
    ["CNY", "cny", "RMB", "156", "人民币", "人民币元", "人民币(元)", "人民币（元）", "元", "￥",
     "¥", "CNY(人民币)", "人民币/CNY", "001-人民币", "ＣＮＹ", "人民币【元】"],
)  # fmt: skip
def test_the_yuan_by_any_of_its_names(samples, statement, name):
    text = samples.table(before=["期初余额,1000.00"]).replace(",CNY,", f",{name},")
    assert statement(text).faults == []


@pytest.mark.parametrize("name", ["美元", "USD", "港元", "日元", "CNY/USD", "人民币以外", "1"])
def test_no_other_money_is_the_yuan(samples, statement, name):
    text = samples.table(before=["期初余额,1000.00"]).replace(",CNY,", f",{name},")
    assert [each.kind for each in statement(text).faults] == ["currency"]
