"""OFX 1 and 2: entries, zones, periods, balances, encodings; deviations accepted or refused."""

import time

import pytest

from feewatch.kernel.days import format_day
from feewatch.statements.ofx import is_ofx, read_ofx

HEADER = """\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:{encoding}
CHARSET:{charset}
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
ENTRY = """\
<STMTTRN>
<TRNTYPE>OTHER
<DTPOSTED>{posted}
<TRNAMT>{amount}
<FITID>{reference}
<NAME>王芳
<MEMO>学费 HT1 & 教材 &lt;一&gt;
</STMTTRN>
"""
BODY = """\
<OFX>
<BANKMSGSRSV1>
<STMTTRNRS>
<TRNUID>1
<STATUS>
<CODE>0
<SEVERITY>INFO
</STATUS>
<STMTRS>
<CURDEF>CNY
<BANKACCTFROM>
<BANKID>102
<ACCTID>6222 0000 1111 2222
<ACCTTYPE>CHECKING
</BANKACCTFROM>
<BANKTRANLIST>
<DTSTART>20260301
<DTEND>20260331
{entries}</BANKTRANLIST>
<LEDGERBAL>
<BALAMT>{closing}
<DTASOF>{asof}
</LEDGERBAL>
</STMTRS>
</STMTTRNRS>
</BANKMSGSRSV1>
</OFX>
"""


def entry(amount="800.00", posted="20260302", reference="F1"):
    return ENTRY.format(amount=amount, posted=posted, reference=reference)


def ofx(*entries, charset="NONE", encoding="UTF-8", closing="2000.00", asof="20260331"):
    entries = "".join(entries or [entry(), entry("-49.50", "20260309", "F2")])
    head = HEADER.format(encoding=encoding, charset=charset)
    return head + BODY.format(entries=entries, closing=closing, asof=asof)


def read(content):
    return read_ofx(content.encode() if isinstance(content, str) else content)


def only(content):
    found = read(content)
    assert found.problems == ()
    (statement,) = found.statements
    return statement


def codes(content):
    found = read(content)
    assert found.statements == ()
    return [problem.code for problem in found.problems]


def days(statement):
    return format_day(statement.from_day), format_day(statement.to_day)


def test_a_bank_statement_is_read_with_its_balance_and_period():
    statement = only(ofx())
    assert (statement.account_no, statement.currency) == ("6222000011112222", "CNY")
    assert days(statement) == ("2026-03-01", "2026-03-31")
    assert (statement.opening_fen, statement.closing_fen) == (None, 200000)
    assert (statement.faults, statement.notes) == ([], [])
    first, second = statement.rows
    assert (first.amount_fen, second.amount_fen) == (80000, -4950)
    assert (first.counterparty, first.memo) == ("王芳", "学费 HT1 & 教材 <一>")
    assert (first.reference, first.reversal) == ("F1", False)
    assert ofx().splitlines()[first.line - 1] == "<STMTTRN>"


def test_newest_first_is_put_in_the_order_of_days():
    statement = only(ofx(entry("-1", "20260309", "F2"), entry("2", "20260302", "F1")))
    assert [row.amount_fen for row in statement.rows] == [200, -100]


@pytest.mark.parametrize(
    ("posted", "day", "time"),
    [
        ("20260302", "2026-03-02", None),
        ("20260302[-5:EST]", "2026-03-02", None),
        ("20260302120000", "2026-03-02", "12:00:00"),
        ("20260302183000", "2026-03-02", "18:30:00"),
        ("20260302235959", "2026-03-02", "23:59:59"),
        ("20260302160000.123[0:GMT]", "2026-03-03", "00:00:00"),
        ("20260302235959[+8:CST]", "2026-03-02", "23:59:59"),
        ("20260302000000[+8:CST]", "2026-03-02", None),
        ("20260302120000[-5:EST]", "2026-03-03", "01:00:00"),
        ("20260302120000[5.5:IST]", "2026-03-02", "14:30:00"),
        ("20261231200000[0]", "2027-01-01", "04:00:00"),
    ],
)
def test_a_stamp_is_a_day_in_shanghai_also_without_a_zone(posted, day, time):
    row = only(ofx(entry(posted=posted))).rows[0]
    assert (format_day(row.booked_on), row.booked_time) == (day, time)


@pytest.mark.parametrize(
    "posted",
    ["", "00000000", "20260230", "20260302250000", "010326", "2026-03-02", "20260302[+99]",
     "20260302120000[+8", "２0260302", "2026030212"],
)  # fmt: skip
def test_an_entry_whose_day_cannot_be_read_refuses_the_file(posted):
    assert codes(ofx(entry(posted=posted))) == ["OFX-DAY"]


@pytest.mark.parametrize(
    ("written", "fen"),
    [("-10.00", -1000), ("+1 006,60", 100660), ("-2000,00", -200000), ("2000,5", 200050),
     ("+ 1", 100), (".", None), ("12.340000", 1234), ("1,234.56", 123456), ("0.00", 0)],
)  # fmt: skip
def test_an_amount_may_be_written_with_point_or_comma(written, fen):
    if fen is None:
        assert codes(ofx(entry(written))) == ["OFX-AMOUNT"]
    else:
        assert only(ofx(entry(written))).rows[0].amount_fen == fen


@pytest.mark.parametrize(
    "written", ["", "2,000", "1.234,56", "12.345", "1 2", "1e3", "NaN", "--1", "1 00.00", "9" * 30]
)
def test_an_amount_that_could_be_two_things_or_none_refuses_the_file(written):
    assert codes(ofx(entry(written))) == ["OFX-AMOUNT"]


def test_a_card_account_and_a_bank_account_of_one_file_are_two_statements():
    card = BODY.format(entries=entry("-5.00"), closing="-5.00", asof="20260331")
    card = card.replace("STMTRS>", "CCSTMTRS>").replace("BANKACCTFROM", "CCACCTFROM")
    text = ofx().replace("</OFX>\n", "") + card.replace("<OFX>\n", "").replace("6222", "6225", 1)
    found = read(text)
    assert [(each.n, each.account_no, each.closing_fen) for each in found.statements] == [
        (1, "6222000011112222", 200000), (2, "6225000011112222", -500),
    ]  # fmt: skip


def test_version_two_closes_its_tags_and_may_use_cdata_and_empty_ones():
    leaves = ("CURDEF", "ACCTID", "BANKID", "ACCTTYPE", "DTSTART", "DTEND", "TRNTYPE", "DTPOSTED",
              "TRNAMT", "FITID", "NAME", "MEMO", "BALAMT", "DTASOF", "CODE", "SEVERITY", "TRNUID",
              )  # fmt: skip
    lines = []
    for line in BODY.format(entries=entry(), closing="1", asof="20260331").splitlines():
        name = line[1:].partition(">")[0]
        lines.append(f"{line}</{name}>" if name in leaves else line)
    body = "\n".join(lines).replace("王芳", "<![CDATA[王&芳 <b>]]>")
    body = body.replace("</STMTTRN>", "<CHECKNUM></CHECKNUM><REFNUM/></STMTTRN>")
    prolog = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="220"?>\n'
    row = only(prolog + body).rows[0]
    assert (row.counterparty, row.memo) == ("王&芳 <b>", "学费 HT1 & 教材 <一>")


def test_a_group_the_reader_does_not_know_is_passed_over():
    vendor = "<XYZ.INFO>\n<NAME>别人\n<TRNAMT>9.00\n</XYZ.INFO>\n<FOO>x</FOO><MEMO>"
    row = only(ofx(entry()).replace("<MEMO>", vendor)).rows[0]
    assert (row.counterparty, row.amount_fen) == ("王芳", 80000)


def test_payee_and_account_of_the_other_side_are_read_from_their_groups():
    payee = "<PAYEE>\n<NAME>李强\n</PAYEE>\n<BANKACCTTO>\n<ACCTID>622700\n</BANKACCTTO>\n"
    row = only(ofx(entry()).replace("<NAME>王芳\n", payee)).rows[0]
    assert (row.counterparty, row.counterparty_account) == ("李强", "622700")
    assert only(ofx(entry()).replace("<NAME>王芳\n", payee)).account_no == "6222000011112222"


def test_a_leaf_told_twice_with_two_values_refuses_the_file():
    assert codes(ofx(entry()).replace("<MEMO>", "<TRNAMT>9.00\n<MEMO>")) == ["OFX-TWICE"]


def test_a_correction_of_an_earlier_entry_is_refused_in_words():
    text = ofx(entry()).replace("<NAME>", "<CORRECTFITID>F0\n<CORRECTACTION>DELETE\n<NAME>")
    assert codes(text) == ["OFX-CORRECTION"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("</STMTTRN>\n</BANKTRANLIST>", "</BANKTRANLIST>"),
        lambda text: text.replace("</BANKTRANLIST>\n", ""),
    ],
)
def test_a_group_that_is_not_closed_refuses_the_file(spoil):
    assert codes(spoil(ofx())) == ["OFX-SYNTAX"]


@pytest.mark.parametrize(
    "declaration", ['<!DOCTYPE OFX SYSTEM "x">', "<!ENTITY x 'y'>", "<!-- note -->", "<!doctype x>"]
)
def test_a_document_type_is_refused(declaration):
    assert codes(ofx().replace("<OFX>", f"{declaration}\n<OFX>")) == ["OFX-DOCTYPE"]


def test_wherever_a_statement_is_cut_off_it_is_quarantined_or_refused():
    raw = ofx().encode()
    for end in range(raw.index(b"<DTEND>") + 20, raw.index(b"</OFX>"), 7):
        found = read(raw[:end])
        kinds = [fault.kind for each in found.statements for fault in each.faults]
        assert found.problems or kinds[:1] == ["truncated"], raw[:end][-40:]


@pytest.mark.parametrize(
    ("closing", "asof", "known"),
    [
        ("2000.00", "20260331", 200000),
        ("2000.00", "20260309", 200000),
        ("2000.00", "20260308", None),  # before the last entry
        ("2000.00", "20260401", None),  # after the period
        ("2000.00", "20260401000000[+8:CST]", 200000),  # its end
        ("2000.00", "00000000", None),
        ("?", "20260331", None),
    ],
)
def test_the_ledger_balance_counts_where_it_is_of_the_periods_end(closing, asof, known):
    statement = only(ofx(closing=closing, asof=asof))
    assert (statement.closing_fen, statement.faults) == (known, [])
    assert [note.code for note in statement.notes] == ([] if known else ["OFX-BALANCE"])


def test_a_missing_ledger_balance_is_truncation():
    text = ofx()
    text = text[: text.index("<LEDGERBAL>")] + text[text.index("</STMTRS>") :]
    assert [fault.kind for fault in only(text).faults] == ["truncated"]


def test_a_period_that_ends_at_midnight_ends_the_day_before():
    text = ofx(asof="20260331").replace("<DTEND>20260331", "<DTEND>20260401000000[+8:CST]")
    assert days(only(text)) == ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize("start", ["010326", "", "00000000"])
def test_without_a_readable_start_the_first_entry_tells_it(start):
    statement = only(ofx().replace("<DTSTART>20260301", f"<DTSTART>{start}"))
    assert days(statement) == ("2026-03-02", "2026-03-31")
    assert "OFX-PERIOD" in [note.code for note in statement.notes]


def test_another_currency_is_a_fault_also_in_one_entry():
    assert [f.kind for f in only(ofx().replace("CNY", "USD")).faults] == ["currency"]
    text = ofx().replace("<NAME>", "<CURRENCY>\n<CURRATE>7.1\n<CURSYM>USD\n</CURRENCY>\n<NAME>", 1)
    assert [f.kind for f in only(text).faults] == ["currency"]
    assert [f.kind for f in only(ofx().replace("<CURDEF>CNY", "<CURDEF>")).faults] == ["currency"]


@pytest.mark.parametrize("account", ["<ACCTID>", ""])
def test_a_statement_without_an_account_is_refused(account):
    assert codes(ofx().replace("<ACCTID>6222 0000 1111 2222", account)) == ["OFX-HEAD"]


def test_a_file_without_a_bank_statement_is_refused():
    assert codes("OFXHEADER:100\n\n<OFX>\n</OFX>\n") == ["OFX-EMPTY"]
    assert codes("OFXHEADER:100\n") == ["OFX-EMPTY"]


@pytest.mark.parametrize(
    ("encoding", "charset", "codec"),
    [
        ("UTF-8", "NONE", "utf-8"),
        ("UTF-8", "1252", "utf-8"),
        ("USASCII", "936", "gb18030"),
        ("USASCII", "GB2312", "gb18030"),
        ("USASCII", "NONE", "gb18030"),
        ("USASCII", "NONE", "utf-8"),
    ],
)
def test_the_head_tells_the_encoding(encoding, charset, codec):
    raw = ofx(encoding=encoding, charset=charset).encode(codec)
    assert only(raw).rows[0].counterparty == "王芳"


@pytest.mark.parametrize(
    ("encoding", "charset", "codec"),
    [
        ("USASCII", "1252", "gb18030"),
        ("USASCII", "8859-1", "gb18030"),
        ("UTF-8", "NONE", "gb18030"),
        ("USASCII", "936", "utf-8"),
        ("USASCII", "1252", "utf-8"),
    ],
)
def test_chinese_bytes_are_read_as_such_whatever_is_declared(encoding, charset, codec):
    statement = only(ofx(encoding=encoding, charset=charset).encode(codec))
    assert statement.rows[0].counterparty == "王芳"
    assert [note.code for note in statement.notes] == ["OFX-CHARSET"]


@pytest.mark.parametrize("name", ["Crédit", "Café à Ménilmontant", "Promoção", "Größe Ærø"])
def test_western_accents_are_no_chinese(name):
    raw = ofx(encoding="USASCII", charset="1252").replace("王芳", name)
    raw = raw.replace("学费", "fee").replace("教材 &lt;一&gt;", "book")
    assert only(raw.encode("cp1252")).rows[0].counterparty == name


def test_bytes_that_are_nothing_refuse_the_file():
    assert codes(ofx().encode() + b"\xff\xff") == ["FILE-ENCODING"]
    assert codes(ofx().replace("王芳", "王\0芳")) == ["FILE-NUL"]


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        (b"OFXHEADER:100\n", True), (b"\n\n OFXHEADER:100DATA:OFXSGML", True), (b"<OFX>", True),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><OFX>', True),
        (b'<?xml version="1.0"?><Document>', False), (b"<html>", False), (b"", False),
        (b":20:OFXHEADER", False),
    ],
)  # fmt: skip
def test_it_is_recognised_by_how_it_begins(start, is_one):
    assert is_ofx(start) is is_one


#: The corpus of deviations: codes of refusal, or of notes on what was read; its money is USD.
DEVIATIONS = {
    "dtstart-ddmmyy": ["OFX-PERIOD"],
    "zero-date": ["OFX-BALANCE"],
}


#: Their type says money out, their sign money in, and their balances prove neither.
OF_TWO_MINDS = {"amount-plus-sign-and-space", "mixed-case-trntype"}


def test_each_deviation_of_the_corpus_is_accepted_with_its_money_right(shared):
    paths = sorted((shared / "samples/bankfile-corpus").rglob("*.[oq]fx"))
    assert len(paths) >= 19
    amounts = {"amount-comma-decimal": -200000}
    for path in paths:
        content = path.read_bytes().replace(b"<CURDEF>USD", b"<CURDEF>CNY")
        if path.stem in OF_TWO_MINDS:
            assert (codes(content), read(content).statements) == (["OFX-SIGN"], ()), path
            continue
        statement = only(content)
        (row,) = statement.rows
        assert row.amount_fen == amounts.get(path.stem, -1000), path
        assert format_day(row.booked_on) == "2026-01-15", path
        assert [note.code for note in statement.notes] == DEVIATIONS.get(path.stem, []), path
        closing = {"zero-date": None, "amount-comma-decimal": 200000}.get(path.stem, 9000)
        assert statement.closing_fen == closing, path
        kinds = ["currency"] if path.stem == "empty-tags-curdef-fitid-name" else []
        assert [fault.kind for fault in statement.faults] == kinds, path


@pytest.mark.parametrize(
    ("name", "counterparty"),
    [
        ("unnamed-bank/character-outside-latin1.ofx", "ANON UPRAVA č"),
        ("unnamed-bank/xml-declaration-ofx-2.ofx", "ANON ÉNERGIE"),
        ("chase/non-ascii-byte-declared-usascii.qfx", "ANON ¦ MERCHANT"),
        ("lcl/check-without-payee.ofx", None),
        ("unnamed-bank/empty-tags-curdef-fitid-name.ofx", None),
        ("unnamed-bank/tags-outside-spec.ofx", "ANON MERCHANT"),
    ],
)
def test_texts_of_the_corpus_come_out_as_its_notes_say(shared, name, counterparty):
    raw = (shared / "samples/bankfile-corpus/banks" / name).read_bytes()
    assert only(raw).rows[0].counterparty == counterparty


def typed(kind, amount):
    return entry(amount).replace("OTHER", kind)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("DEBIT", "1800.00"), ("Debit", "1"), ("CREDIT", "-4800.00"), ("FEE", "5"), ("DEP", "-1")],
)
def test_a_type_against_its_sign_is_refused_by_line(kind, amount):
    found = read(ofx(entry(), typed(kind, amount)))
    assert [(each.code, each.line) for each in found.problems] == [("OFX-SIGN", 37)]


@pytest.mark.parametrize(
    ("closing", "fen"), [("1200.00", [80000, -60000]), ("2400.00", [80000, 60000])]
)
def test_balances_of_the_file_prove_type_or_sign_for_all_rows(closing, fen):
    balances = (
        "<BALLIST><BAL><NAME>Ledger<VALUE>1</BAL><BAL><NAME>Opening balance<DESC>x<VALUE>1000.00"
        "</BAL></BALLIST>\n"
    )
    text = ofx(typed("CREDIT", "800.00"), typed("DEBIT", "600.00"), closing=closing)
    statement = only(text.replace("</STMTRS>", f"{balances}</STMTRS>"))
    assert [row.amount_fen for row in statement.rows] == fen
    assert [note.code for note in statement.notes] == ["OFX-SIGN"]


def test_a_clock_without_zone_is_said_and_midnight_is_none():
    told = only(ofx(entry(posted="20260331183000"), asof="20260331235959"))
    assert [note.code for note in told.notes] == ["OFX-ZONE"]
    assert only(ofx(entry(posted="20260331000000"))).notes == []


def test_the_name_is_the_memo_where_there_is_none():
    text = ofx().replace("<MEMO>学费 HT1 & 教材 &lt;一&gt;\n", "")
    assert {(row.memo, row.counterparty) for row in only(text).rows} == {("王芳", "王芳")}


def test_a_statement_that_cannot_be_read_refuses_itself_alone():
    text = ofx()
    start, end = text.index("<STMTTRNRS>"), text.index("</BANKMSGSRSV1>")
    other = text[start:end].replace("6222 0000 1111 2222", "955880").replace("-49.50", "x")
    good, bad = read(text[:end] + other + text[end:]).statements
    assert (good.account_no, good.faults) == ("6222000011112222", [])
    assert [(each.kind, each.problem.code) for each in bad.faults] == [("unreadable", "OFX-AMOUNT")]
    assert bad.account_no == "955880"


@pytest.mark.parametrize("told", ["<A>", "<A>x", "</B>", "<a/>"])
def test_the_time_of_many_tags_grows_with_their_number_alone(told):
    started = time.process_time()
    read(ofx().replace("<STMTRS>", "<STMTRS>" + told * (1_000_000 // len(told))))
    assert time.process_time() - started < 3


def test_tags_that_stand_too_deep_refuse_the_file():
    text = ofx().replace("<STMTRS>", "<STMTRS>" + "<A>" * 1000 + "</A>" * 1000)
    assert codes(text) == ["OFX-SYNTAX"]
