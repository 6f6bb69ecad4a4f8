"""Recognition from content, encodings, and the example world's files."""

import codecs
import json
from pathlib import Path

import pytest

from feewatch.kernel.days import format_day

WORLD = Path(__file__).parents[1] / "data" / "example-world"
EXPECTED = json.loads((WORLD / "expected.json").read_text(encoding="utf-8"))["files"]
#: Quarantined for what the register says, or duplicates: the file itself is sound.
FAULTLESS = {"accepted", "duplicate"}


@pytest.mark.parametrize("told", EXPECTED, ids=lambda told: told["file"])
def test_a_file_of_the_example_world_reads_as_expected(reading, told):
    found = reading((WORLD / "statements" / told["file"]).read_bytes())
    assert (found.dialect, found.problems) == (told["dialect"], ())
    (statement,) = found.statements
    period = [format_day(statement.from_day), format_day(statement.to_day)]
    assert statement.account_no == told["account"]
    assert len(statement.rows) == told["entries"]
    assert (statement.opening_fen, statement.closing_fen, period) == (
        told["opening_fen"], told["closing_fen"], told["period"],
    )  # fmt: skip
    if told["status"] in FAULTLESS:
        assert statement.faults == []


def test_the_three_formats_of_one_account_read_the_same(samples, statement):
    read = [statement(text) for text in (samples.table(), samples.mt940, samples.camt())]
    money = [[(row.booked_on, row.amount_fen, row.memo) for row in one.rows] for one in read]
    assert money[0] == money[1] == money[2]
    assert {(one.account_no, one.currency, one.opening_fen, one.closing_fen) for one in read} == {
        ("6222000011112222", "CNY", 100000, 200000)
    }
    assert all(one.faults == [] for one in read)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_and_mt940_read_in_each_encoding(samples, statement, encoding):
    table = samples.table().replace("启明", "苏𠮷安")
    assert statement(table.encode(encoding)).account_name == "苏𠮷安培训中心"
    mt940 = samples.mt940.replace("划拨", "划拨𠮷")
    assert statement(mt940.encode(encoding)).rows[-1].memo == "划拨𠮷"


@pytest.mark.parametrize("form", ["table", "mt940"])
def test_a_byte_that_is_no_text_refuses_the_file(samples, refusal, form):
    text = samples.table() if form == "table" else samples.mt940
    # 0x80 is the euro of Windows: invalid in GB18030 and in UTF-8
    spoilt = text.encode("gb18030").replace("手续费".encode("gb18030"), b"\x80\xff")
    assert refusal(spoilt) != []


@pytest.mark.parametrize(("own", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_the_line_is_named_where_the_other_encoding_begins(samples, reading, own, other):
    row = samples.rows[1]
    spoilt = samples.table().encode(own) + row.encode(other) + b"\x80\xff\n"
    (problem,) = reading(spoilt).problems
    assert (problem.code, problem.line) == ("FILE-ENCODING", 2 + len(samples.rows))


@pytest.mark.parametrize("form", ["table", "mt940"])
def test_a_nul_byte_refuses_the_file(samples, refusal, form):
    text = samples.table() if form == "table" else samples.mt940
    assert refusal(text.replace("手续费", "手\0续费")) != []


@pytest.mark.parametrize(
    "content", [b"", b" \r\n\t\n", codecs.BOM_UTF8, b"\xff\xfe", b"PK\x03\x04"]
)
def test_an_empty_or_stunted_file_is_refused(refusal, content):
    assert refusal(content) != []


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-be"])
def test_utf_16_reads_or_is_refused_but_never_breaks(samples, reading, mark):
    start = codecs.BOM_UTF16_BE if mark == "utf-16-be" else b""
    for text in (samples.table(), samples.mt940, samples.camt()):
        found = reading(start + text.encode(mark))
        assert found.problems or found.statements[0].closing_fen == 200000


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n  ", b"\xef\xbb\xbf\n\n"])
def test_a_mark_or_white_space_before_the_xml_does_no_harm(samples, statement, before):
    assert statement(before + samples.camt().encode()).faults == []


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "\r\n{1:F01BANKCNBJAXXX0}{2:I940X}{4:\r\n"])
def test_blank_lines_or_a_header_block_before_the_mt940_do_no_harm(samples, statement, before):
    text = before + samples.mt940
    assert statement(text.replace("\n-\n", "\n-}{5:{CHK:123}}\n")).faults == []


def test_the_name_of_a_file_is_in_its_problems_and_decides_nothing(layouts, samples, reading):
    assert reading("no statement at all", name="a.mt940").problems[0].file == "a.mt940"
    assert reading(samples.mt940, name="a.xml").dialect == "mt940"


@pytest.mark.parametrize("dialect", ["mt940", "camt.053", "generic"])
def test_a_layout_chosen_by_hand_that_does_not_fit_gives_a_reason(samples, refusal, dialect):
    for text in (samples.table(), samples.mt940, samples.camt(), "x", "\n\n:61:\n"):
        own = {samples.table(): "generic", samples.mt940: "mt940", samples.camt(): "camt.053"}
        if own.get(text) != dialect:
            assert refusal(text, dialect) != []


def test_other_messages_of_the_same_families_are_refused(samples, refusal):
    intraday = samples.mt940.replace(":60F:C260301CNY1000,00", ":34F:CNY0,").replace(
        ":62F:", ":90C:"
    )
    assert refusal(intraday) != []
    assert refusal(samples.camt().replace("camt.053.001.02", "camt.052.001.02")) != []
    assert refusal("<html><body>登录超时</body></html>") != []


def test_a_problem_of_a_wrong_cell_is_worded_in_both_languages(samples, reading):
    found = reading(samples.table(samples.rows[0].replace("800.00", "八百")))
    assert all(each.message.zh and each.message.en for each in found.problems)
    assert found.problems[0].line == 2


def test_thousands_of_wrong_lines_do_not_give_thousands_of_problems(samples, reading):
    rows = [row.replace(".00", ".0.0") for row in samples.rows] * 2000
    assert 0 < len(reading(samples.table(*rows)).problems) <= 200
