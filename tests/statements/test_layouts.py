"""One small made-up file per layout, and every trap that banks' files are known to hold.

Over 400 lines: a trap a table row, and whoever adds one wants to see the others.
"""

import csv
import io
import json
from pathlib import Path

import pytest

from feewatch.kernel.days import format_day
from feewatch.statements.dialects import load_dialects, parse_dialect
from feewatch.statements.reading import read

FILES = sorted((Path(__file__).parents[1] / "data" / "statements").glob("*.csv"))
BY_NAME = {path.stem: path for path in FILES}


def expected_of(path):
    return json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))


def as_json(found):
    (statement,) = found.statements
    return {
        "dialect": found.dialect,
        "account": statement.account_no,
        "name": statement.account_name,
        "currency": statement.currency,
        "period": [format_day(statement.from_day), format_day(statement.to_day)],
        "opening_fen": statement.opening_fen,
        "closing_fen": statement.closing_fen,
        "rows": [
            [row.line, format_day(row.booked_on), row.booked_time, *row[4:]]
            for row in statement.rows
        ],
    }


def text_of(name):
    return BY_NAME[name].read_text(encoding="utf-8")


def respelt(text, delimiter):
    """A table with another separator."""
    rows = csv.reader(io.StringIO(text), delimiter="|" if "|业务类型" in text else ",")
    out = io.StringIO()
    cells = [[cell.replace("\t", " ") for cell in row] for row in rows]
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(cells)
    return out.getvalue()


def kinds(statement):
    return [fault.kind for fault in statement.faults]


def codes(statement):
    return [fault.problem.code for fault in statement.faults]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_of_a_layout_is_recognised_and_ties(reading, path):
    found = reading(path.read_bytes())
    assert found.problems == ()
    assert found.statements[0].faults == []
    assert as_json(found) == expected_of(path)


def test_each_layout_has_its_file(layouts):
    assert {each.id for each in layouts} == {expected_of(path)["dialect"] for path in FILES}


def test_the_page_of_formats_tells_of_each_layout_how_far_it_is_known(layouts):
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    rows = [line.split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    told = {row[0]: row[2] for row in rows if row[0].startswith("| `") and len(row) > 5}
    assert told == {
        f"| `{each.id}`": "exact" if each.proven else "names → *unproven*" for each in layouts
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("form", ["gb18030", "utf-8-sig", "\t", "|"])
def test_a_file_reads_the_same_in_another_encoding_or_separated_otherwise(reading, path, form):
    text = path.read_text(encoding="utf-8")
    raw = respelt(text, form).encode() if len(form) == 1 else text.encode(form)
    assert as_json(reading(raw)) == as_json(reading(text))


# Trap 1: which side is money out is proven, not believed.


def exchanged(name):
    """The file of a layout with its two amount columns' names exchanged, without control totals."""
    out, into = EXCHANGED[name]
    lines = [line for line in text_of(name).splitlines() if "笔" not in line]
    text = "\n".join(lines) + "\n"
    return text.replace(out, "#").replace(into, out).replace("#", into)


EXCHANGED = {"mybank": ("借方金额（收）", "贷方金额（支）"), "cmbc": ("借方发生额", "贷方发生额")}


@pytest.mark.parametrize("name", ["mybank", "cmbc"])
def test_columns_that_every_balance_contradicts_are_quarantined_and_named(statement, name):
    read = statement(exchanged(name))
    assert set(kinds(read)) == {"arithmetic"}
    assert "STATEMENT-POLARITY" in codes(read)


def test_money_in_is_the_debit_column_of_mybank_alone(statement):
    amounts = [row.amount_fen for row in statement(text_of("mybank")).rows]
    assert amounts == [80000, -100, 25050, -4950]
    assert [row.amount_fen for row in statement(text_of("cmbc")).rows] == amounts


def test_one_row_on_the_wrong_side_is_a_sign_and_not_the_polarity(statement):
    assert codes(statement(text_of("cmbc").replace(",1.00,,", ",,1.00,"))) == [
        "STATEMENT-BALANCE", "STATEMENT-TOTALS",
    ]  # fmt: skip


# Trap 2: order.


def test_rows_of_one_second_stand_either_way_within_one_file(statement):
    """Two pairs of one second each, of which one pair is turned round."""
    rows = [
        ["2026-03-02 09:30:00", "", "800.00", "1800.00"],
        ["2026-03-02 09:30:00", "1.00", "", "1799.00"],
        ["2026-03-05 10:00:00", "49.50", "", "2000.00"],
        ["2026-03-05 10:00:00", "", "250.50", "2049.50"],
    ]
    lines = [
        "账号:,6222000011112222",
        "交易时间,摘要,借方发生额（支出）,贷方发生额（收入）,账户余额",
    ]
    lines += [",".join([moment, "学费", *money]) for moment, *money in rows]
    read = statement("\n".join(lines) + "\n")
    assert [row.line for row in read.rows] == [3, 4, 6, 5]
    assert (read.faults, read.opening_fen) == ([], 100000)
    assert [note.code for note in read.notes] == ["LAYOUT-UNPROVEN"]


def test_two_orders_that_both_recompute_are_said_to_do_so(statement):
    lines = [
        "账号:,6222000011112222",
        "交易时间,摘要,借方发生额（支出）,贷方发生额（收入）,账户余额",
        "2026-03-02,学费,,100.00,1100.00",
        "2026-03-02,退费,100.00,,1000.00",
    ]
    unsure = statement("\n".join(lines) + "\n")
    sure = statement("\n".join(["期初余额,1000.00", *lines]) + "\n")
    assert [note.code for note in unsure.notes] == ["STATEMENT-ORDER", "LAYOUT-UNPROVEN"]
    assert ([note.code for note in sure.notes], sure.opening_fen) == (["LAYOUT-UNPROVEN"], 100000)


def test_a_layout_that_was_not_tried_on_a_real_file_is_said_wherever_it_reads_one(layouts, reading):
    for path in FILES:
        found = reading(path.read_bytes())
        proven = next(each.proven for each in layouts if each.id == found.dialect)
        codes_told = {note.code for note in found.statements[0].notes}
        assert ("LAYOUT-UNPROVEN" in codes_told) is not proven, path.stem


# Traps 3 and 12: amounts, days and times as banks write them.


@pytest.mark.parametrize("nothing", ["", "0", "0.00", "-", "--", " ", "\t"])
def test_the_empty_side_is_written_in_many_ways(statement, nothing):
    text = text_of("cmb-new").replace(",-,", f",{nothing},")
    assert [row.amount_fen for row in statement(text).rows] == [80000, -100, 25050, -4950]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("83533", "08:35:33"),
        ("083533", "08:35:33"),
        ("0835", "08:35:00"),
        ("8:35:33", "08:35:33"),
        ("20260305083533", "08:35:33"),
        ("20260305083533123456", "08:35:33"),
        ("2026/03/05  08:35:33", "08:35:33"),
        ("240000", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_banks_write_it(statement, written, told):
    text = text_of("spdb").replace(",83533,", f",{written},")
    assert statement(text).rows[1].booked_time == told


@pytest.mark.parametrize("written", ["05/03/2026", "5/3/2026"])
def test_the_day_comes_first_only_where_the_layout_says_so(statement, refusal, written):
    text = text_of("hsbchk-card").replace("05/03/2026", written)
    assert format_day(statement(text).rows[1].booked_on) == "2026-03-05"
    assert refusal(text_of("pingan").replace("20260305", written)) != []


def test_a_row_of_nothing_is_a_row(statement):
    text = text_of("abc-card") + "20260310,100000,利息税,+0.00,2000.00,--,1,,\n"
    assert statement(text).rows[-1].amount_fen == 0
    assert statement(text).faults == []


# Trap 8: head and foot lines; control totals are compared before they are dropped.


@pytest.mark.parametrize(
    ("name", "stated", "wrong"),
    [
        ("abc", "2,1050.50,2,50.50", "2,1050.50,3,50.50"),
        ("abc", "2,1050.50,2,50.50", "2,1050.51,2,50.50"),
        ("bocom", "借方交易金额:,50.50", "借方交易金额:,50.49"),
        ("bocom", "贷方交易笔数:,2", "贷方交易笔数:,1"),
        ("boc", "],4", "],5"),
        ("boc", '"1,050.50"', '"1,050.60"'),
        ("rural", "借方总笔数:2", "借方总笔数:3"),
        ("rural", "贷方总金额:1050.50", "贷方总金额:1050.05"),
        ("mybank", "2笔,借方交易金额,1050.50元", "2笔,借方交易金额,1050.00元"),
        ("mybank", "贷方交易笔数,2笔", "贷方交易笔数,3笔"),
        ("ccb", "总收入:,1050.50", "总收入:,1050.49"),
        ("cmbc", "借方笔数:,2", "借方笔数:,20"),
    ],
)
def test_a_control_total_that_the_rows_do_not_come_to_is_a_fault(statement, name, stated, wrong):
    assert stated in text_of(name)
    read = statement(text_of(name).replace(stated, wrong))
    assert codes(read) == ["STATEMENT-TOTALS"]


def test_a_missing_last_row_is_found_by_the_foot_alone(statement):
    lines = text_of("bocom").splitlines()
    read = statement("\n".join([*lines[:-2], lines[-1]]) + "\n")
    assert codes(read) == ["STATEMENT-TOTALS"]


@pytest.mark.parametrize(
    "junk",
    [
        "本页合计,,1.00,800.00",
        "承前页,,,,1799.00",
        "小计,,1.00,800.00,",
        "本年累计,,9.00,9.00",
        "以上数据仅供参考",
        "——",
    ],
)
def test_totals_of_a_page_and_remarks_between_the_rows_are_passed_over(statement, junk):
    lines = text_of("bocom").splitlines()
    read = statement("\n".join([*lines[:4], junk, *lines[4:]]) + "\n")
    assert (len(read.rows), read.faults) == (4, [])


def test_the_header_again_on_each_page_is_passed_over(statement):
    lines = text_of("cmbc").splitlines()
    read = statement("\n".join([*lines[:7], lines[4], *lines[7:]]) + "\n")
    assert (len(read.rows), read.faults) == (4, [])


@pytest.mark.parametrize(
    "head",
    [
        "账号,6222000011112222,户名,启明培训中心,币种,人民币,起止日期,2026-03-01,2026-03-31",
        "账号：6222000011112222 户名：启明培训中心 币种：人民币 起止日期：2026-03-01至2026-03-31",
        "账　号：,6222 0000 1111 2222,,户名：启明培训中心,起止日期：20260301-20260331",
        "账号,户名,起始日期,截止日期\n6222000011112222,启明培训中心,2026-03-01,2026-03-31",
        "企业名称,启明培训中心,企业账号,6222000011112222(人民币)\n日期范围,2026/3/1 - 2026/3/31",
    ],
    ids=["neighbours", "one cell", "spaced", "above values", "other words"],
)
def test_account_name_and_period_are_told_in_many_ways(statement, head):
    text = text_of("rural").split("\n", 2)[2]
    read = statement(f"客户账户明细对账单\n{head}\n{text}")
    period = (format_day(read.from_day), format_day(read.to_day))
    assert (read.account_no, read.account_name) == ("6222000011112222", "启明培训中心")
    assert (period, read.faults) == (("2026-03-01", "2026-03-31"), [])


def test_an_account_told_only_under_the_rows_is_told(statement):
    lines = text_of("bocom").splitlines()
    assert statement("\n".join([*lines[1:], lines[0]]) + "\n").account_no == "6222000011112222"


@pytest.mark.parametrize("name", ["abc-old", "cmb-card", "spdb"])
def test_a_file_that_names_no_account_is_refused_with_what_to_add(reading, name):
    lines = [line for line in text_of(name).splitlines() if not line.startswith("账号")]
    found = reading("\n".join(lines) + "\n")
    assert [problem.code for problem in found.problems] == ["TABLE-ACCOUNT"]
    assert "账号" in found.problems[0].message.zh


# Trap 9: BOC states payer and payee.


def test_the_counterparty_is_the_other_party(statement):
    rows = statement(text_of("boc")).rows
    assert [row.counterparty for row in rows] == ["王芳", None, "李强", "启明物业有限公司"]


@pytest.mark.parametrize("spoil", ["unsigned", "no words", "no head", "neither"])
def test_direction_is_told_by_word_or_by_the_own_account(reading, spoil):
    text = text_of("boc")
    if spoil == "unsigned":
        text = text.replace(",CNY,-", ",CNY,")
    if spoil in ("no words", "neither"):
        text = text.replace("来账,", "转账,").replace("往账,", "转账,")
    if spoil in ("no head", "neither"):
        text = "\n".join(text.splitlines()[1:]) + "\n"
    found = reading(text)
    if spoil == "neither":
        assert {problem.column for problem in found.problems} == {"交易类型"}
        return
    (read,) = found.statements
    assert [row.amount_fen for row in read.rows] == [80000, -100, 25050, -4950]
    assert (read.account_no, read.faults) == ("6222000011112222", [])


def test_a_word_that_contradicts_the_parties_refuses_the_file(refusal):
    assert refusal(text_of("boc").replace("来账,", "往账,", 1)) == ["TABLE-CELL"]


# Trap 10: masks.


def test_a_masked_own_account_meets_no_register_and_says_so(statement):
    read = statement(text_of("boc-card").replace("6222000011112222", "6222********2222"))
    assert [note.code for note in read.notes] == ["ACCOUNT-MASKED"]


def test_masked_parties_stay_as_they_are_and_dashes_are_nothing(statement):
    first, second, *_ = statement(text_of("boc-card")).rows
    assert first.counterparty_account == "6217******5678"
    assert (second.counterparty, second.counterparty_account) == (None, None)


# Trap 11: ordinals are no references.


@pytest.mark.parametrize("name", ["icbc-c", "spdb-card", "bocom-card", "icbc-b", "bocom"])
def test_an_ordinal_is_no_reference(statement, name):
    assert {row.reference for row in statement(text_of(name)).rows} == {None}


def test_a_bank_without_balances_is_read_without_them(statement):
    read = statement(text_of("icbc-b"))
    assert (read.opening_fen, read.closing_fen, read.faults) == (None, None, [])
    assert {row.balance_fen for row in read.rows} == {None}


# Trap 13: saved anew in Excel by the clerk.


def test_a_file_saved_anew_in_excel_reads_the_same(statement):
    text = text_of("bocom").replace("2026-03-0", "2026/3/").replace(" 09:30:00", " 9:30")
    read = statement(text.replace(",", "\t").replace('"1\t', '"1,').replace('"2\t', '"2,').encode())
    assert [row.booked_time for row in read.rows][:2] == ["09:30:00", "08:35:33"]
    assert [row.amount_fen for row in read.rows] == [80000, -100, 25050, -4950]


# Reversals.


@pytest.mark.parametrize(("mark", "is_reversal"), [("*", True), ("X", False), ("", False)])
def test_cmb_marks_what_was_taken_back_and_not_what_was_booked_again(statement, mark, is_reversal):
    lines = text_of("cmb").splitlines()
    at = lines[12].split(",").index("冲帐标志")
    cells = lines[15].split(",")
    cells[at] = mark
    read = statement("\n".join([*lines[:15], ",".join(cells), *lines[16:]]) + "\n")
    assert [row.reversal for row in read.rows] == [False, is_reversal, False, False]


def test_red_ink_on_a_side_is_a_reversal_and_fits_either_way_of_counting(statement):
    row = '20260310,A100000005,-1.00,,"2,001.00",,冲正,,,,10:00:00\n'
    text = text_of("cmbc") + row
    own_side = text.replace("借方笔数:,2,借方合计:,50.50", "借方笔数:,3,借方合计:,49.50")
    other = text.replace('贷方笔数:,2,贷方合计:,"1,050.50"', '贷方笔数:,3,贷方合计:,"1,051.50"')
    for counted in (own_side, other):
        last = statement(counted).rows[-1]
        assert (last.amount_fen, last.reversal) == (100, True)
        assert statement(counted).faults == []
    assert codes(statement(text)) == ["STATEMENT-TOTALS"]


# Recognition.


def test_the_layout_that_knows_more_names_wins(reading):
    """A CMBC file fits CITIC's columns too, and knows more names."""
    assert reading(text_of("cmbc")).dialect == "cmbc"
    header = "交易日期,交易时间,借方发生额,贷方发生额,账户余额,摘要,主机交易流水号"
    row = "20260302,093000,,800.00,1800.00,学费,A1"
    assert reading(f"账号,6222000011112222\n{header}\n{row}\n").dialect == "cmbc"


TWIN = """
id = "twin"
title = { zh = "另一版式", en = "Twin" }
recognise = ["交易日期", "借"]
currency = "CNY"
[columns]
account = ["账号"]
booked_on = ["交易日期"]
out = ["借"]
in = ["贷"]
balance = ["账户余额"]
counterparty = ["对方账户名称"]
counterparty_account = ["对方账户"]
memo = ["摘要", "用途"]
reference = ["交易流水号"]
"""


def test_two_layouts_that_know_as_many_names_are_a_tie_until_one_is_chosen(tmp_path):
    (tmp_path / "twin.toml").write_text(TWIN, encoding="utf-8")
    layouts = load_dialects([tmp_path])
    content = text_of("pingan").encode()
    (tie,) = read(content, "f", layouts).problems
    assert (tie.code, "pingan, twin" in tie.message.zh) == ("FILE-LAYOUT-TIE", True)
    for name in ("pingan", "twin"):
        chosen = read(content, "f", layouts, name)
        assert (chosen.dialect, chosen.statements[0].faults) == (name, [])


def test_a_layout_of_the_office_replaces_the_shipped_one_of_its_id(tmp_path):
    (tmp_path / "pingan.toml").write_text(TWIN.replace("twin", "pingan"), encoding="utf-8")
    layouts = load_dialects([tmp_path])
    assert next(each for each in layouts if each.id == "pingan").title.en == "Twin"


def test_a_layout_chosen_by_hand_needs_no_more_than_day_and_money(reading):
    text = "账号,6222000011112222\n交易日期,借,贷\n20260302,,800.00\n"
    assert reading(text).dialect is None
    assert reading(text, "pingan").statements[0].rows[0].amount_fen == 80000


def test_the_hash_of_a_header_is_of_its_names_and_not_of_their_spelling(reading):
    text = text_of("bocom")
    spelt = text.replace("（", "(").replace("）", ")").replace("交易时间", "交易 时间")
    assert reading(text).header == reading(spelt).header
    assert reading(text).header != reading(text.replace("对方户名", "对方名称")).header


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        ("reversed = 1", "reversed"),
        ("proven = 'yes'", "proven"),
        ("ignored = '序号'", "ignored"),
        ("reversal_marks = ['*']", "reversal_marks"),
        ("[columns]\ndirection = ['借贷']", "in_words"),
        ("[columns]\npayer_account = ['付款人账号']", "columns"),
        ("[columns]\nmemo = ['摘要', '账号']", "columns.account"),
    ],
)
def test_contradictions_in_a_layout_are_named_by_their_key(spoil, key):
    text = TWIN.replace('memo = ["摘要", "用途"]\n', "") if "memo" in spoil else TWIN
    place, _, line = spoil.rpartition("\n")
    text = text.replace("[columns]", f"[columns]\n{line}" if place else f"{line}\n[columns]")
    faults = []
    assert parse_dialect(text, "twin.toml", faults) is None
    assert [(fault.file, fault.column) for fault in faults] == [("twin.toml", key)]
