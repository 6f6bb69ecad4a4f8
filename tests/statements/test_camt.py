"""camt.053: signs, reversals, balances, periods, cuts and hostile documents."""

import pytest

from feewatch.kernel.days import parse_day


def test_a_reversal_keeps_the_direction_that_is_stated(samples, statement):
    entries = samples.entry(
        "1000.00", "CRDT", "2026-03-02", "R1", "冲正", "<RvslInd>true</RvslInd>"
    )
    row = statement(samples.camt(samples.statement(entries=entries))).rows[0]
    assert (row.amount_fen, row.reversal) == (100000, True)


def test_rows_carry_reference_memo_party_and_the_line_of_their_element(samples, statement):
    party = (
        "<RltdPties><Dbtr><Nm>王芳</Nm></Dbtr>"
        "<DbtrAcct><Id><Othr><Id>6227 00</Id></Othr></Id></DbtrAcct></RltdPties>"
    )
    text = samples.camt().replace("<TxDtls>", f"<TxDtls>{party}", 1)
    row = statement(text).rows[0]
    assert (row.reference, row.memo) == ("B1", "学费 HT1")
    assert (row.counterparty, row.counterparty_account) == ("王芳", "622700")
    assert text.splitlines()[row.line - 1].startswith("<Ntry>")


def test_lines_past_65535_are_told_right(samples, statement):
    text = samples.camt().replace("<Ntry>", "\n" * 70_000 + "<Ntry>", 1)
    row = statement(text).rows[0]
    assert text.splitlines()[row.line - 1].startswith("<Ntry>")


def test_entries_that_are_not_booked_are_no_rows(samples, statement):
    pending = samples.entry("9.00", "CRDT", "2026-03-05", "P", "待处理").replace("BOOK", "PDNG")
    text = samples.camt().replace("</Stmt>", f"{pending}</Stmt>")
    read = statement(text)
    assert (len(read.rows), read.faults) == (4, [])


def test_the_status_of_newer_versions_is_read(samples, statement):
    text = samples.camt().replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
    assert len(statement(text.replace("camt.053.001.02", "camt.053.001.08")).rows) == 4


@pytest.mark.parametrize("written", ["800.00", "800", "800.0", "800.00000", " 800.00\n"])
def test_an_amount_may_be_written_so(samples, statement, written):
    assert statement(samples.camt().replace(">800.00<", f">{written}<")).rows[0].amount_fen == 80000


@pytest.mark.parametrize(
    "written",
    ["", "800,00", "8,00.00", "1,800.00", "-800.00", "800.001", "8e2", "NaN", "９9", "9" * 5000,
     "<b>800</b>", "800<b/>.00"],
)  # fmt: skip
def test_what_is_no_amount_refuses_the_file(samples, refusal, written):
    assert refusal(samples.camt().replace(">800.00<", f">{written}<")) != []


def test_a_direction_that_is_none_refuses_the_file(samples, refusal):
    assert refusal(samples.camt().replace(">DBIT<", ">DEBIT<", 1)) != []


def test_the_thirtieth_of_february_refuses_the_file(samples, refusal):
    assert refusal(samples.camt().replace("2026-03-05", "2026-02-30")) != []


def test_a_booking_day_may_have_a_time(samples, statement):
    text = samples.camt().replace(
        "<BookgDt><Dt>2026-03-02</Dt>", "<BookgDt><DtTm>2026-03-02T09:30:15.000</DtTm>"
    )
    row = statement(text).rows[0]
    assert (row.booked_on, row.booked_time) == (parse_day("2026-03-02"), "09:30:15")


def test_a_time_in_another_zone_is_told_in_that_of_shanghai(samples, statement):
    text = samples.camt().replace(
        "<BookgDt><Dt>2026-03-02</Dt>", "<BookgDt><DtTm>2026-03-02T20:30:15Z</DtTm>"
    )
    row = statement(text).rows[0]
    assert (row.booked_on, row.booked_time) == (parse_day("2026-03-03"), "04:30:15")


@pytest.mark.parametrize(
    "period",
    [
        "<FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-31T23:59:59</ToDtTm></FrToDt>",
        "<FrToDt><FrDt>2026-03-01</FrDt><ToDt>2026-03-31</ToDt></FrToDt>",
    ],
)
def test_the_days_of_the_head_are_the_days_covered(samples, statement, period):
    read = statement(samples.camt(samples.statement(period=period)))
    assert (read.from_day, read.to_day) == (parse_day("2026-03-01"), parse_day("2026-03-31"))


def test_without_a_head_the_balances_tell_the_days(samples, statement):
    read = statement(samples.camt())
    assert (read.from_day, read.to_day) == (parse_day("2026-03-02"), parse_day("2026-03-09"))
    on_opening = samples.camt().replace("<BookgDt><Dt>2026-03-02", "<BookgDt><Dt>2026-03-01")
    assert statement(on_opening).from_day == parse_day("2026-03-01")


def test_two_statements_of_a_file_stand_apart(samples, reading):
    found = reading(samples.camt(samples.statement(), samples.statement("9", opening="999.00")))
    told = [
        (one.n, one.account_no, [fault.kind for fault in one.faults]) for one in found.statements
    ]
    assert told == [(1, "6222000011112222", []), (2, "9", ["arithmetic"])]


def test_another_currency_is_a_fault_also_in_one_entry(samples, faults):
    assert faults(samples.camt().replace("CNY", "USD")) == ["currency"]
    assert "currency" in faults(samples.camt().replace('"CNY">800', '"USD">800'))


@pytest.mark.parametrize("kind", ["OPBD", "CLBD"])
def test_a_missing_balance_is_truncation(samples, faults, kind):
    assert faults(samples.camt().replace(kind, "XXXX"))[0] == "truncated"


def test_a_previous_closing_stands_for_the_opening(samples, faults):
    assert faults(samples.camt().replace("OPBD", "PRCD")) == []


def test_wherever_a_statement_is_cut_off_it_is_quarantined(samples, reading):
    raw = samples.camt().encode()
    for end in range(raw.index(b"</GrpHdr>") + 400, raw.index(b"</Document>"), 7):
        found = reading(raw[:end])
        kinds = [fault.kind for each in found.statements for fault in each.faults]
        assert found.problems or kinds[:1] == ["truncated"], raw[:end][-30:]
        if end > raw.index(b"<Ntry>"):
            assert kinds[:1] == ["truncated"], raw[:end][-30:]


def test_a_cut_after_a_whole_statement_leaves_that_one_alone_only_if_another_is_cut(
    samples, reading
):
    two = samples.camt(samples.statement(), samples.statement("9"))
    found = reading(two[: two.rindex("<Ntry>")])
    assert [[fault.kind for fault in each.faults][:1] for each in found.statements] == [
        [],
        ["truncated"],
    ]


@pytest.mark.parametrize("single_line", [False, True])
def test_xml_broken_in_the_middle_is_refused_not_taken_for_cut(samples, refusal, single_line):
    text = samples.camt().replace("</CdtDbtInd>", "</CdtDbt>", 3)
    head, _, body = text.partition("\n")
    assert refusal(head + "\n" + body.replace("\n", "") if single_line else text) != []


def test_text_after_the_document_is_refused(samples, refusal):
    assert refusal(samples.camt() + "<more/>") != []


@pytest.mark.parametrize(
    "prolog",
    [
        '<?xml version="1.0"?><!DOCTYPE Document>',
        '<?xml version="1.0"?><!doctype Document>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!-- " + "x" * 100_000 + " --><!DOCTYPE Document>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_each_encoding(samples, refusal, prolog, encoding):
    assert refusal(samples.camt(prolog=prolog).encode(encoding)) != []


def test_an_entity_never_becomes_an_amount_or_a_memo(samples, refusal):
    prolog = '<!DOCTYPE Document [<!ENTITY x "800.00">]>'
    assert refusal(samples.camt(prolog=prolog).replace(">800.00<", ">&x;<")) != []


@pytest.mark.parametrize("declared", ["GB2312", "GBK", "gb18030"])
def test_chinese_declarations_are_read_as_gb18030(samples, statement, declared):
    prolog = f'<?xml version="1.0" encoding="{declared}"?>\n'
    text = samples.camt(prolog=prolog).replace("启明", "镕堃" if declared != "gb18030" else "苏𠮷")
    read = statement(text.encode("gb18030"))
    assert read.account_name in ("镕堃培训中心", "苏𠮷培训中心")
    assert read.faults == []


def test_comments_and_instructions_inside_change_nothing(samples, statement):
    text = (
        samples.camt().replace("学费 HT1", "学费<!-- x --> HT1").replace("<Ntry>", "<?pi x?><Ntry>")
    )
    assert statement(text).rows[0].memo == "学费 HT1"
