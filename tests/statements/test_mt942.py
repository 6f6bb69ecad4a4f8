"""MT942: intraday entries without balances, control totals, pages, what is expected only."""

import pytest

from feewatch.kernel.days import format_day
from feewatch.statements.mt940 import is_mt940
from feewatch.statements.mt942 import is_mt942, read_mt942

HEAD = """\
:20:REPORT1
:25:6222000011112222
:28C:12/1
:34F:CNY0,
:13D:2603051200+0800
"""
ENTRIES = """\
:61:2603050305C800,00NTRFNONREF//B1
:86:学费 HT1
:61:2603050305D1,00NCHGNONREF//B2
:86:手续费
"""
TOTALS = """\
:90D:1CNY1,00
:90C:1CNY800,00
"""


def mt942(entries=ENTRIES, totals=TOTALS, head=HEAD, end="-\n"):
    return head + entries + totals + end


def only(text):
    found = read_mt942(text)
    assert found.problems == ()
    (statement,) = found.statements
    return statement


def kinds(text):
    return [fault.kind for fault in only(text).faults]


def codes(text):
    found = read_mt942(text)
    assert found.statements == ()
    return [problem.code for problem in found.problems]


def test_a_report_is_its_entries_and_their_days_and_no_balances():
    statement = only(mt942())
    assert (statement.account_no, statement.currency) == ("6222000011112222", "CNY")
    assert (statement.opening_fen, statement.closing_fen) == (None, None)
    assert {format_day(each) for each in (statement.from_day, statement.to_day)} == {"2026-03-05"}
    assert (statement.faults, statement.notes) == ([], [])
    assert [(row.amount_fen, row.memo, row.reference) for row in statement.rows] == [
        (80000, "学费 HT1", "B1"), (-100, "手续费", "B2"),
    ]  # fmt: skip


def test_expected_entries_are_no_rows_and_lend_their_text_to_none():
    expected = ":61:2603060306EC500,00NTRFNONREF//B9\n:86:预计到账\n"
    statement = only(mt942(ENTRIES + expected))
    assert [row.memo for row in statement.rows] == ["学费 HT1", "手续费"]
    assert statement.faults == []


@pytest.mark.parametrize(
    "totals", [":90D:1CNY1,00\n:90C:1CNY800,01\n", ":90D:2CNY1,00\n:90C:1CNY800,00\n",
               ":90C:2CNY800,00\n", ":90D:1CNY800,00\n:90C:1CNY1,00\n"],
)  # fmt: skip
def test_control_totals_that_differ_quarantine(totals):
    assert kinds(mt942(totals=totals)) == ["arithmetic"]


def test_the_difference_is_rows_less_totals():
    assert only(mt942(totals=":90D:1CNY1,00\n:90C:1CNY799,00\n")).difference_fen == 100


@pytest.mark.parametrize("totals", ["", ":90C:1CNY800,00\n", TOTALS + ":86:说明\n"])
def test_control_totals_may_be_missing_on_either_side_or_have_a_text(totals):
    assert kinds(mt942(totals=totals)) == []


@pytest.mark.parametrize("totals", [":90D:2CNY6,00\n:90C:0CNY0,00\n", ":90D:1CNY1,00\n:90C:1CNY5,"])
def test_a_reversal_counts_on_the_side_of_either_custom(totals):
    entries = ":61:2603050305RC5,00NTRFNONREF//B1\n:61:2603050305D1,00NTRFNONREF//B2\n"
    statement = only(mt942(entries, totals.rstrip() + "\n"))
    assert [(row.amount_fen, row.reversal) for row in statement.rows] == [
        (-500, True),
        (-100, False),
    ]
    assert statement.faults == []


def test_pages_of_one_report_are_one_statement_with_totals_on_the_last():
    second = HEAD.replace("12/1", "12/2")
    text = mt942(totals="") + mt942(totals=":90D:2CNY2,00\n:90C:2CNY1600,00\n", head=second)
    statement = only(text)
    assert (len(statement.rows), statement.faults) == (4, [])
    assert [row.line for row in statement.rows] == [6, 8, 16, 18]


def test_pages_that_each_state_their_own_totals_are_compared_each():
    second = HEAD.replace("12/1", "12/2")
    assert kinds(mt942() + mt942(head=second)) == []
    wrong = mt942() + mt942(head=second, totals=":90D:1CNY2,00\n")
    assert kinds(wrong) == ["arithmetic"]


def test_a_missing_page_is_truncation_where_no_total_proves_the_rest():
    second = HEAD.replace("12/1", "12/2")
    assert kinds(mt942(totals="", head=second)) == ["truncated"]
    assert kinds(mt942(head=second)) == []


def test_two_reports_of_a_day_are_two_statements():
    found = read_mt942(mt942() + mt942(head=HEAD.replace("12/1", "13/1")))
    assert [each.n for each in found.statements] == [1, 2]


def test_a_floor_limit_above_zero_is_told():
    statement = only(mt942(head=HEAD.replace("CNY0,", "CNYD100,")))
    assert [note.code for note in statement.notes] == ["MT942-FLOOR"]
    assert statement.faults == []


def test_another_currency_is_a_fault():
    assert kinds(mt942().replace("CNY", "USD")) == ["currency"]
    assert kinds(mt942().replace(":90C:1CNY", ":90C:1USD")) == ["currency"]


@pytest.mark.parametrize("entries", ["", ":61:2603060306EC500,00NTRFNONREF\n"])
def test_a_report_without_entries_says_nothing_about_a_day(entries):
    assert codes(mt942(entries, "")) == ["MT942-EMPTY"]


@pytest.mark.parametrize(
    ("told", "instead", "code"),
    [
        (":25:6222000011112222\n", "", "MT942-ACCOUNT"),
        (":34F:CNY0,", ":34F:", "MT942-FLOOR"),
        ("C800,00N", "C800.00N", "MT940-ENTRY"),
        (":90D:1CNY", ":90D:CNY", "MT942-TOTAL"),
        ("2603050305C", "2602300230C", "MT940-ENTRY"),
    ],
)
def test_what_cannot_be_read_refuses_the_file(told, instead, code):
    assert codes(mt942().replace(told, instead)) == [code]


def test_wherever_it_is_cut_off_inside_its_entries_it_is_quarantined_or_refused():
    raw = mt942()
    for end in range(raw.index(":61:") + 4, raw.index(":90C:")):
        found = read_mt942(raw[:end])
        faults = [fault.kind for each in found.statements for fault in each.faults]
        is_whole = ":90D:1CNY1," in raw[:end]  # the total agrees however far it is cut
        assert found.problems or faults or is_whole, raw[:end][-30:]


def test_end_of_day_and_intraday_messages_are_told_apart(samples):
    assert (is_mt942(mt942()), is_mt940(mt942())) == (True, False)
    assert (is_mt942(samples.mt940), is_mt940(samples.mt940)) == (False, True)


@pytest.mark.parametrize(
    ("folder", "sums"), [("mBank", [[3]]), ("self-provided", [[-42]])]
)  # fmt: skip
def test_public_samples_read_to_their_money(shared, folder, sums):
    path = shared / "samples/wolph-mt940/mt940_tests" / folder / "mt942.sta"
    found = read_mt942(path.read_text(encoding="utf-8"))
    assert [[sum(row.amount_fen for row in each.rows)] for each in found.statements] == sums
    faults = [[fault.kind for fault in each.faults] for each in found.statements]
    # the second one states a total that its entry does not make
    assert faults == [["currency"] if folder == "mBank" else ["currency", "arithmetic"]]


def test_a_page_number_of_thousands_of_digits_is_no_page_number():
    told = only(mt942(head=HEAD.replace("12/1", f"12/{'9' * 5000}")))
    assert (len(told.rows), told.faults) == (2, [])
