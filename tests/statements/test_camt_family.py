"""camt.052, camt.053 and camt.054 in their versions: holders, balances, pages, days, parties."""

import json

import pytest

from feewatch.kernel.days import format_day, parse_day
from feewatch.statements.camt import find_camt

HOLDERS = {"camt.052": "Rpt", "camt.053": "Stmt", "camt.054": "Ntfctn"}


def message(samples, name, *holders, version="08"):
    """A message of the family, made of statements of camt.053."""
    text = samples.camt(*holders).replace("camt.053.001.02", f"{name}.001.{version}")
    return text.replace("Stmt>", f"{HOLDERS[name]}>")


def without_balances(text):
    while "<Bal>" in text:
        text = text[: text.index("<Bal>")] + text[text.index("</Bal>") + len("</Bal>") :]
    return text


@pytest.mark.parametrize("version", ["01", "02", "03", "04", "06", "08", "10", "13", "14"])
@pytest.mark.parametrize("name", HOLDERS)
def test_each_version_of_each_message_reads(samples, reading, name, version):
    found = reading(message(samples, name, version=version))
    assert (found.dialect, found.problems) == (name, ())
    (statement,) = found.statements
    assert [row.amount_fen for row in statement.rows] == [80000, -100, 25050, -4950]
    assert (statement.opening_fen, statement.closing_fen) == (100000, 200000)
    assert statement.faults == []


@pytest.mark.parametrize("name", ["camt.052", "camt.054"])
def test_a_report_without_booked_balances_is_its_entries_and_their_days(samples, statement, name):
    period = "<FrToDt><FrDt>2026-03-01</FrDt><ToDt>2026-03-31</ToDt></FrToDt>"
    read = statement(without_balances(message(samples, name, samples.statement(period=period))))
    assert (read.opening_fen, read.closing_fen, read.faults) == (None, None, [])
    assert (read.from_day, read.to_day) == (parse_day("2026-03-02"), parse_day("2026-03-09"))


@pytest.mark.parametrize("kind", ["ITBD", "CLAV", "XPCD"])
def test_an_interim_or_available_balance_closes_nothing(samples, statement, kind):
    read = statement(message(samples, "camt.052").replace("CLBD", kind))
    assert (read.opening_fen, read.closing_fen, read.faults) == (None, None, [])
    end_of_day = statement(samples.camt().replace("CLBD", kind))
    assert [fault.kind for fault in end_of_day.faults] == ["truncated"]


def test_a_report_that_states_the_days_booked_balances_must_tie(samples, faults):
    assert faults(message(samples, "camt.052")) == []
    assert faults(message(samples, "camt.052").replace(">2000.00<", ">2000.01<")) == ["arithmetic"]


@pytest.mark.parametrize("name", ["camt.052", "camt.054"])
def test_an_empty_report_says_nothing_of_a_day(samples, reading, refusal, name):
    empty = without_balances(samples.statement(entries=""))
    assert refusal(message(samples, name, empty)) == ["CAMT-EMPTY"]
    full = without_balances(samples.statement("9"))
    found = reading(message(samples, name, empty, full))
    assert [(each.n, each.account_no) for each in found.statements] == [(1, "9")]


@pytest.mark.parametrize("name", HOLDERS)
def test_several_accounts_in_one_message_stand_apart(samples, reading, name):
    text = message(samples, name, samples.statement("1"), samples.statement("2"))
    found = reading(text)
    assert [(each.n, each.account_no, each.faults) for each in found.statements] == [
        (1, "1", []), (2, "2", []),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["camt.052", "camt.054"])
def test_a_report_that_is_cut_off_is_quarantined(samples, reading, name):
    text = without_balances(message(samples, name))
    found = reading(text[: text.rindex("<Ntry>")])
    assert [fault.kind for each in found.statements for fault in each.faults] == ["truncated"]


def test_the_first_opening_and_the_last_closing_count(samples, statement):
    two = samples.camt().replace("<Ntry>", "{}<Ntry>", 1)
    more = (
        samples.camt()
        .partition("</Acct>")[2]
        .partition("<Ntry>")[0]
        .replace("1000.00", "1.00")
        .replace("2000.00", "2000.00")
    )
    read = statement(two.format(more.replace("OPBD", "PRCD")))
    assert (read.opening_fen, read.closing_fen, read.faults) == (100000, 200000, [])


@pytest.mark.parametrize("kind", ["OPBD", "CLBD"])
def test_one_page_of_a_statement_alone_is_truncation(samples, statement, kind):
    told = f"<Cd>{kind}</Cd></CdOrPrtry>"
    read = statement(samples.camt().replace(told, f"{told}<SubTp><Cd>INTM</Cd></SubTp>"))
    assert [(fault.kind, fault.problem.code) for fault in read.faults] == [
        ("truncated", "CAMT-PAGE")
    ]


def test_balances_of_other_kinds_and_currencies_are_no_part_of_the_proof(samples, faults):
    other = samples.camt().partition("</Acct>")[2].partition("</Bal>")[0] + "</Bal>"
    other = other.replace("OPBD", "FWAV").replace("CNY", "USD").replace("1000.00", "7.12345")
    assert faults(samples.camt().replace("<Ntry>", f"{other}<Ntry>", 1)) == []


@pytest.mark.parametrize(
    ("written", "fen"),
    [("8.85000", 885), ("8.85", 885), ("8", 800), ("8.850001", None), ("8.85001", None)],
)
def test_further_decimals_must_be_zeros(samples, reading, written, fen):
    found = reading(message(samples, "camt.054").replace(">800.00<", f">{written}<"))
    assert (found.statements[0].rows[0].amount_fen if found.statements else None) == fen


def test_a_batch_of_several_transactions_is_one_row_with_their_memos(samples, statement):
    more = "<TxDtls><RmtInf><Ustrd>学费 HT2</Ustrd></RmtInf></TxDtls></NtryDtls>"
    row = statement(samples.camt().replace("</NtryDtls>", more, 1)).rows[0]
    assert (row.amount_fen, row.memo, row.counterparty) == (80000, "学费 HT1 学费 HT2", None)


@pytest.mark.parametrize(
    "form", ["<PrtryAcct><Id>{}</Id></PrtryAcct>", "<BBAN>{}</BBAN>", "<IBAN>{}</IBAN>"]
)
def test_the_account_may_stand_in_each_form_of_the_versions(samples, statement, form):
    told = "<Othr><Id>6222000011112222</Id></Othr>"
    text = samples.camt().replace(told, form.format("6222 0000 1111 2222"))
    assert statement(text).account_no == "6222000011112222"


@pytest.mark.parametrize(
    "form",
    ["<Nm>{}</Nm>", "<Pty><Nm>{}</Nm></Pty>", "<Agt><FinInstnId><Nm>{}</Nm></FinInstnId></Agt>"],
)
def test_the_other_party_may_be_a_person_or_a_bank(samples, statement, form):
    party = f"<RltdPties><Dbtr>{form.format('王芳')}</Dbtr></RltdPties>"
    row = statement(samples.camt().replace("<TxDtls>", f"<TxDtls>{party}", 1)).rows[0]
    assert row.counterparty == "王芳"


def test_the_first_version_has_its_transactions_directly_below_the_entry(samples, statement):
    text = message(samples, "camt.052", version="01")
    text = text.replace("<NtryDtls>", "").replace("</NtryDtls>", "")
    assert statement(text).rows[0].memo == "学费 HT1"


@pytest.mark.parametrize("name", ["camt.052", "camt.054"])
def test_a_message_is_not_read_as_another_of_the_family(samples, refusal, name):
    assert refusal(message(samples, name), "camt.053") == ["FILE-LAYOUT"]


@pytest.mark.parametrize(
    "namespace", ["", ' xmlns="urn:x:camt.053.003.14"', ' xmlns="urn:bank:own"']
)
def test_a_message_is_known_by_its_elements_whatever_its_namespace(samples, statement, namespace):
    told = ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"'
    text = samples.camt().replace(told, namespace)
    assert find_camt(text) == "camt.053"
    assert statement(text).faults == []


#: Public samples that are refused as a whole, and why; the rest equal what genkgo read of them.
REFUSED = {
    "camt052.v2.with-account-name": "CAMT-ENTRY",  # an entry without a day
    "camt054.v2.with-account-name": "CAMT-ENTRY",
    "camt054.v8-with-UETR": "CAMT-ENTRY",
    "camt054.v8-with-financial-institution": "CAMT-ENTRY",
    "camt053.v2.wrong": "CAMT-EMPTY",
    "camt052.v4": "CAMT-EMPTY",  # its entries are pending
    "camt052.v6": "CAMT-EMPTY",
    "camt052.v6.Amt-zero": "CAMT-EMPTY",
}


def told_entries(told):
    """Amount, day and reversal of each booked entry of a message that genkgo read."""
    for entry in told["getEntries"]:
        if entry["getStatus"] == "BOOK":
            booked = entry["getBookingDate"] or entry["getValueDate"]
            amount = int(entry["getAmount"]["getAmount"])
            yield amount, parse_day(booked["0"][:10]), bool(entry["getReversalIndicator"])


def test_public_samples_equal_what_their_own_project_read_or_are_refused(shared, reading):
    paths = sorted((shared / "samples/genkgo-camt/test/data").glob("*.xml"))
    refused, compared = {}, 0
    for path in paths:
        found = reading(path.read_bytes())
        if found.problems:
            refused[path.stem] = found.problems[0].code
            continue
        ours = [(r.amount_fen, r.booked_on, r.reversal) for r in found.statements[-1].rows]
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert ours == list(told_entries(told)), path.name  # genkgo keeps the last statement
        compared += 1
    assert refused == REFUSED
    assert compared == len(paths) - len(REFUSED) >= 16


def test_a_moment_is_a_day_in_shanghai(samples, statement):
    text = message(samples, "camt.054").replace(
        "<BookgDt><Dt>2026-03-02</Dt>", "<BookgDt><DtTm>2026-03-02T16:00:00Z</DtTm>"
    )
    row = statement(text).rows[0]
    assert (format_day(row.booked_on), row.booked_time) == ("2026-03-03", "00:00:00")
