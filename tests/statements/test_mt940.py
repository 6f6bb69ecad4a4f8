"""MT940: marks, years, pages, chains, cuts; cross-checked against the mt-940 package."""

import re
from random import Random

import mt940
import pytest

from feewatch.kernel.days import EPOCH, date_of, parse_day
from feewatch.kernel.money import format_yuan


def message(*entries, opening="C260301CNY1000,00", closing="C260331CNY1000,00", account="622200",
            number="1/1"):  # fmt: skip
    lines = [":20:X", f":25:{account}", f":28C:{number}"]
    lines += [f":60F:{opening}"] if opening[0] in "CD" else [f":60M:{opening[1:]}"]
    lines += [f":61:{each}" for each in entries]
    if closing:
        lines += [f":62F:{closing}"] if closing[0] in "CD" else [f":62M:{closing[1:]}"]
    return "\n".join([*lines, "-", ""])


def test_each_mark_has_its_sign_and_reversals_are_marked(statement):
    read = statement(
        message(
            "2603020302C10,00NTRFNONREF",
            "2603030303D20,NTRFNONREF",
            "2603040304RC10,00NTRFNONREF",
            "2603050305RD20,00NTRFNONREF",
        )
    )
    told = [(row.amount_fen, row.reversal) for row in read.rows]
    assert told == [(1000, False), (-2000, False), (-1000, True), (2000, True)]
    assert read.faults == []


@pytest.mark.parametrize(
    ("value", "entry", "booked"),
    [
        ("260102", "1231", "2025-12-31"),
        ("251231", "0102", "2026-01-02"),
        ("260102", "0102", "2026-01-02"),
        ("260102", "", "2026-01-02"),
        ("240301", "0229", "2024-02-29"),
    ],
)
def test_the_year_of_the_entry_day_turns_with_the_value_day(statement, value, entry, booked):
    row = statement(message(f"{value}{entry}C1,00NTRFNONREF", closing="C260331CNY1001,00")).rows[0]
    assert (row.booked_on, row.value_on) == (
        parse_day(booked),
        parse_day(f"20{value[:2]}-{value[2:4]}-{value[4:]}"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        "260230C1,00NTRFNONREF",
        "2604310430C1,00NTRFNONREF",
        "2602280230C1,00NTRFNONREF",
        "2502280229C1,00NTRFNONREF",
        "2613010301C1,00NTRFNONREF",
        "2603010301C1.00NTRFNONREF",
        "2603010301C1,000NTRFNONREF",
        "2603010301X1,00NTRFNONREF",
        "2603010301C-1,00NTRFNONREF",
        "2603010301C,NTRFNONREF",
        "２６0３０１0301C1,00NTRFNONREF",
        "",
    ],
)
def test_an_entry_that_cannot_be_read_refuses_the_file(refusal, entry):
    assert refusal(message("2603010301C1,00NTRFNONREF", entry, "2603010301C1,00NTRFNONREF")) != []


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("2603010301C1,00NTRFNONREF", "2026-03-01"),
        ("2603010301C1NTRFNONREF", "2026-03-01"),
        ("2603010301C0000000000000001,00S   NONREF", "2026-03-01"),
        ("2602300301C1,00NTRFNONREF", None),  # the day of interest of a bank whose months have 30
    ],
)
def test_an_entry_that_is_clear_though_odd_is_read(statement, entry, value):
    (row,) = statement(message(entry, closing="C260331CNY1001,00")).rows
    assert (row.booked_on, row.amount_fen) == (parse_day("2026-03-01"), 100)
    assert row.value_on == (value and parse_day(value))


@pytest.mark.parametrize(
    "balance", ["C260230CNY1,00", "C260301CNY1.00", "C260301CNY", "C260301,00"]
)
def test_a_balance_that_cannot_be_read_refuses_its_message_alone(refusal, reading, balance):
    assert refusal(message("2603010301C1,00NTRFNONREF", opening=balance)) != []
    bad, good = reading(
        message("2603010301C1,00NTRFNONREF", closing=balance) + message()
    ).statements
    (fault,) = bad.faults
    assert (fault.kind, fault.problem.code, fault.problem.line) == (
        "unreadable",
        "MT940-BALANCE",
        6,
    )
    assert (bad.account_no, bad.rows, bad.opening_fen) == ("622200", [], None)
    assert (good.n, good.faults) == (2, [])


def test_debit_balances_are_negative(statement):
    read = statement(
        message("2603020302C15,00NTRFNONREF", opening="D260301CNY20,00", closing="D260331CNY5,00")
    )
    assert (read.opening_fen, read.closing_fen, read.faults) == (-2000, -500, [])


def test_references_memos_and_subfields_are_told(statement):
    text = message(
        "2603020302C1,00NTRFKUNDE1//BANK123456",
        "2603020302C1,00NTRFNONREF//NONREF",
        closing="C260331CNY1002,00",
    )
    first, second = text.split(":61:")[1:]
    parts = ":86:166?00转账?20学费?21HT26000001?31622700?32王芳"
    text = text.replace(first, f"{first}{parts}\n").replace(
        second, second.replace(":62F:", ":86:退费\n第二行\n:62F:")
    )
    one, two = statement(text).rows
    assert (one.reference, one.memo) == (
        "BANK123456", "转账 学费 HT26000001  KUNDE1  BANK123456",
    )  # fmt: skip
    assert (one.counterparty, one.counterparty_account) == ("王芳", "622700")
    assert (two.reference, two.counterparty) == (None, None)
    assert two.memo.startswith("退费")
    assert "第二行" in two.memo


def test_the_memo_of_the_statement_is_not_the_memo_of_its_last_entry(statement):
    text = message("2603020302C1,00NTRFNONREF", closing="C260331CNY1001,00")
    assert statement(text.replace("\n-", "\n:86:以上仅供参考\n-")).rows[0].memo is None


def test_text_that_looks_like_a_field_goes_on_with_the_memo(statement):
    text = message("2603020302C1,00NTRFNONREF", closing="C260331CNY1001,00")
    read = statement(text.replace(":62F:", ":86:缴费时间 2026-03-02T16\n:26:37 完\n:62F:"))
    assert ":26:37" in read.rows[0].memo


@pytest.mark.parametrize(
    ("told", "account"),
    [
        ("6222 0000 1111", "622200001111"),
        ("BANKCNBJ/6222", "6222"),
        ("6222CNY", "6222"),
        ("BANKCNBJ/6222/CNY", "6222"),
    ],
)
def test_an_account_is_read_without_bank_and_currency(statement, told, account):
    assert statement(message(account=told)).account_no == account


def test_messages_that_chain_are_one_statement(statement):
    read = statement(
        message("2603020302C5,00NTRFNONREF", closing="C260302CNY1005,00")
        + message("2603030303C6,00NTRFNONREF", opening="C260302CNY1005,00",
                  closing="C260304CNY1011,00", number="2/1")
    )  # fmt: skip
    assert (read.opening_fen, read.closing_fen, len(read.rows)) == (100000, 101100, 2)
    assert (read.from_day, read.to_day) == (parse_day("2026-03-02"), parse_day("2026-03-04"))
    assert read.faults == []


def test_messages_that_do_not_chain_or_are_of_two_accounts_are_two(reading):
    one = message("2603020302C5,00NTRFNONREF", closing="C260302CNY1005,00")
    gap = message(opening="C260302CNY1005,01", closing="C260304CNY1005,01")
    assert [each.n for each in reading(one + gap).statements] == [1, 2]
    other = message(opening="C260302CNY1005,00", closing="C260304CNY1005,00", account="9")
    assert [each.account_no for each in reading(one + other).statements] == ["622200", "9"]


def test_a_sum_that_does_not_reach_the_closing_balance_is_a_fault(statement):
    read = statement(message("2603020302C5,00NTRFNONREF", closing="C260331CNY1005,01"))
    assert [fault.kind for fault in read.faults] == ["arithmetic"]
    assert read.difference_fen == -1


def test_a_middle_message_that_does_not_tie_is_a_fault_even_where_the_whole_does(reading):
    one = message("2603020302C5,00NTRFNONREF", closing="C260302CNY1006,00")
    two = message(
        "2603030303C6,00NTRFNONREF", opening="C260302CNY1006,00", closing="C260304CNY1011,00"
    )
    statements = reading(one + two).statements
    assert "arithmetic" in [fault.kind for each in statements for fault in each.faults]


PAGES = (
    message("2603020302C5,00NTRFNONREF", closing="MC260302CNY1005,00", number="7/1"),
    message("2603020302C5,00NTRFNONREF", opening="MC260302CNY1005,00",
            closing="MC260302CNY1010,00", number="7/2"),
    message("2603030303C6,00NTRFNONREF", opening="MC260302CNY1010,00",
            closing="C260304CNY1016,00", number="7/3"),
)  # fmt: skip


def test_pages_that_chain_are_one_statement(statement):
    read = statement("".join(PAGES))
    assert (read.opening_fen, read.closing_fen, len(read.rows), read.faults) == (
        100000,
        101600,
        3,
        [],
    )


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_page_is_truncation(reading, missing):
    pages = [page for n, page in enumerate(PAGES) if n != missing]
    read = reading("".join(pages)).statements
    assert "truncated" in [fault.kind for each in read for fault in each.faults]


def test_a_missing_closing_balance_is_truncation(faults):
    assert faults(message("2603020302C5,00NTRFNONREF", closing=None))[0] == "truncated"


def test_wherever_a_message_is_cut_off_after_its_first_entry_it_is_quarantined(samples, reading):
    raw = samples.mt940.encode()
    first = raw.index(b":86:") + 1
    for end in range(first, raw.index(b":62F:C260309CNY2000,")):
        found = reading(raw[:end])
        kinds = [fault.kind for each in found.statements for fault in each.faults]
        assert kinds[:1] == ["truncated"], raw[:end][-30:]


@pytest.mark.parametrize("block", ["", "{1:F01BANKCNBJAXXX}{2:I940BANKCNBJ}{4:\n"])
def test_a_second_message_cut_off_at_its_head_is_truncation_too(samples, faults, block):
    second = message("2603100310C1,00NTRFNONREF", opening="C260309CNY2000,00",
                     closing="C260331CNY2001,00", account="6222000011112222")  # fmt: skip
    whole = block + samples.mt940 + block + second
    if block:
        whole = whole.replace("\n-\n", "\n-}\n")
    assert faults(whole) == []
    start = whole.index(block + ":20:X") + 4
    for end in range(start, whole.index(":62F:C260331CNY2001,")):
        assert faults(whole[:end])[:1] == ["truncated"], whole[:end][-30:]


def test_a_header_block_that_is_never_closed_is_truncation(samples, faults):
    whole = "{1:F01X}{2:I940X}{4:\n" + samples.mt940.replace("\n-\n", "\n-}\n")
    assert faults(whole) == []
    assert faults(whole[: whole.index(",00\n-}") + 2])[0] == "truncated"


@pytest.mark.parametrize(
    ("entry", "first"), [("2603010301", "2026-03-01"), ("2603020302", "2026-03-02")]
)
def test_the_opening_day_is_covered_only_if_an_entry_is_booked_on_it(statement, entry, first):
    read = statement(message(f"{entry}C1,00NTRFNONREF", closing="C260331CNY1001,00"))
    assert (read.from_day, read.to_day) == (parse_day(first), parse_day("2026-03-31"))


def test_a_day_without_entries_is_covered(statement):
    read = statement(message(closing="C260302CNY1000,00"))
    assert (read.from_day, read.to_day) == (parse_day("2026-03-02"), parse_day("2026-03-02"))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_each_kind_read_the_same(samples, statement, end):
    whole = "{1:F01X}{2:I940X}{4:\n" + samples.mt940.replace("\n-\n", "\n-}\n")
    assert statement(whole) == statement(whole.replace("\n", end))


def test_an_account_missing_refuses_the_file(samples, refusal):
    assert refusal(samples.mt940.replace(":25:6222000011112222", ":25:"), "mt940") != []


def test_two_accounts_in_one_message_are_never_mixed(samples, reading):
    text = samples.mt940.replace(":61:2603050305D1", ":25:9999\n:61:2603050305D1")
    found = reading(text)
    assert found.problems or all(each.faults for each in found.statements)


def made_up(seed):
    """A message that ties, with marks, days and amounts drawn at random."""
    rng = Random(seed)
    fen, lines = 5_000_000, []
    for _ in range(200):
        day = date_of((parse_day("2025-12-20") or 0) + rng.randint(0, 20))
        value = date_of((day - EPOCH).days + rng.randint(-2, 2))
        mark, amount = rng.choice(["C", "D", "RC", "RD"]), rng.randint(1, 999_999)
        fen += amount if mark in ("C", "RD") else -amount
        told = format_yuan(amount).replace(".", ",")
        lines.append(
            f"{value:%y%m%d}{day:%m%d}{mark}{told}NTRFNONREF//{rng.randint(10**9, 10**10)}"
        )
    side = "C" if fen >= 0 else "D"
    closing = f"{side}260110CNY{format_yuan(abs(fen)).replace('.', ',')}"
    return message(*lines, opening="C251219CNY50000,00", closing=closing)


@pytest.mark.parametrize("seed", range(5))
def test_both_parsers_agree_on_made_up_messages(statement, seed):
    text = made_up(seed)
    read = statement(text)
    assert read.faults == []
    (theirs,) = mt940.parse_statements(text, options=mt940.Options(reversal_sign=True))
    ours = sorted((row.value_on, row.amount_fen, row.reference) for row in read.rows)
    told = sorted(
        (
            parse_day(str(each.data["date"])),
            int(each.data["amount"].amount * 100),
            each.data["bank_reference"],
        )
        for each in theirs.transactions
    )
    assert ours == told
    assert re.findall(r":61:", text) == [":61:"] * len(ours)


def paged(*places):
    """Pages of one entry in and one out each, so that the balance of each is that of all."""
    texts = []
    for n, place in enumerate(places):
        opening = "60M" if n else "60F"
        closing = "62M" if n + 1 < len(places) else "62F"
        texts.append(
            f":20:A\n:25:6222000011112222\n:28C:{place}\n:{opening}:C260301CNY5,00\n"
            ":61:2603010301C1,00NTRFNONREF\n:61:2603010301D1,00NTRFNONREF\n"
            f":{closing}:C260301CNY5,00\n-\n"
        )
    return "".join(texts)


@pytest.mark.parametrize(
    ("places", "kinds"),
    [
        (("7/1", "7/2", "7/3"), []),
        (("00007/00001", "00007/00002"), []),
        (("7/1", "7/3"), ["truncated"]),  # the balances alone would not tell
        (("7/1", "8/2"), ["truncated"]),
        (("7/1", "7/1"), ["truncated"]),
        (("7", "7"), []),
    ],
)
def test_a_hole_in_the_numbers_of_pages_truncates_the_statement(faults, places, kinds):
    assert faults(paged(*places)) == kinds
