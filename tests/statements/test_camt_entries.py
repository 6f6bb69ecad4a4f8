"""camt: the days named, memos of every element, the other side of what is taken back, totals."""

import pytest

from feewatch.kernel.days import format_day

PERIOD = "<FrToDt><FrDtTm>{}</FrDtTm><ToDtTm>{}</ToDtTm></FrToDt>"


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2026-03-31T23:59:59", "2026-03-31"),
        ("2026-04-01T00:00:00", "2026-03-31"),
        ("2026-04-01T00:00:00+08:00", "2026-03-31"),
        ("2026-03-31T16:00:00Z", "2026-03-31"),
        ("2026-04-01T00:00:00Z", "2026-03-31"),
        ("2026-03-31T24:00:00", "2026-03-31"),
        ("2026-03-31T00:00:00", "2026-03-30"),
        ("2026-03-31T23:59:59.999+08:00", "2026-03-31"),
    ],
)
def test_an_end_at_midnight_is_the_day_before(samples, statement, end, last):
    read = statement(samples.camt(samples.statement(period=PERIOD.format("2026-03-01", end))))
    assert [format_day(each) for each in (read.from_day, read.to_day)] == ["2026-03-01", last]


def test_an_entry_outside_the_named_days_is_kept_and_widens_nothing(samples, statement):
    period = PERIOD.format("2026-03-01T00:00:00", "2026-03-08T23:59:59")
    read = statement(samples.camt(samples.statement(period=period)))
    assert (len(read.rows), format_day(read.to_day)) == (4, "2026-03-08")


def test_a_range_that_cannot_be_read_is_said(samples, statement):
    read = statement(samples.camt(samples.statement(period=PERIOD.format("soon", "later"))))
    assert [each.code for each in read.notes] == ["CAMT-PERIOD"]
    assert "soon later" in read.notes[0].message.zh


def details(told):
    return f"<NtryDtls><TxDtls>{told}</TxDtls></NtryDtls>"


def entry(told, side="CRDT", fen="1000.00", more=""):
    return (
        f'<Ntry><Amt Ccy="CNY">{fen}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}'
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-05</Dt></BookgDt>"
        f"{told}</Ntry>"
    )


STRUCTURED = (
    "<RmtInf><Strd><RfrdDocInf><Nb>HT1</Nb></RfrdDocInf><CdtrRefInf><Ref>R7</Ref></CdtrRefInf>"
    "<AddtlRmtInf>春季</AddtlRmtInf></Strd></RmtInf>"
)


@pytest.mark.parametrize(
    ("told", "memo"),
    [
        ("<RmtInf><Ustrd>学费</Ustrd><Ustrd>HT2026001</Ustrd></RmtInf>", "学费 HT2026001"),
        (f"<RmtInf><Ustrd>{'a' * 140}</Ustrd><Ustrd>b</Ustrd></RmtInf>", "a" * 140 + "b"),
        (
            STRUCTURED,
            "R7  HT1 春季",
        ),
        ("<RmtInf><Ustrd>学费</Ustrd></RmtInf><AddtlTxInf>学费 HT1</AddtlTxInf>", "学费 学费 HT1"),
        ("<RtrInf><AddtlInf>账号不符</AddtlInf></RtrInf>", "账号不符"),
    ],
)
def test_every_text_of_an_entry_is_in_its_memo(samples, statement, told, memo):
    text = entry(details(told) + "<AddtlNtryInf>网银</AddtlNtryInf>")
    (row,) = statement(samples.camt(samples.statement(entries=text))).rows
    assert row.memo == f"{memo} 网银"


NAMED = "<{0}><Nm>启明培训中心</Nm></{0}>"
ACCOUNT = "<{0}Acct><Id><Othr><Id>%s</Id></Othr></Id></{0}Acct>"
OWN, TWIN = NAMED + ACCOUNT % "6222000011112222", NAMED + ACCOUNT % "955880"
OTHER = "<{0}><Nm>王某</Nm></{0}>" + ACCOUNT % "955880"
TAKEN_BACK = "<RvslInd>true</RvslInd>"


def parties(payer, payee):
    return f"<RltdPties>{payer.format('Dbtr')}{payee.format('Cdtr')}</RltdPties>"


@pytest.mark.parametrize(
    ("side", "mark", "payer", "payee", "party"),
    [
        ("CRDT", "", OTHER, OWN, ("王某", "955880")),
        ("DBIT", "", OWN, OTHER, ("王某", "955880")),
        ("CRDT", TAKEN_BACK, OWN, OTHER, ("王某", "955880")),
        ("DBIT", TAKEN_BACK, OTHER, OWN, ("王某", "955880")),
        ("CRDT", TAKEN_BACK, OTHER, OWN, ("王某", "955880")),
        ("DBIT", TAKEN_BACK, NAMED, OTHER, ("王某", "955880")),
        ("CRDT", TAKEN_BACK, OTHER, "", ("王某", "955880")),
        ("CRDT", TAKEN_BACK, NAMED, "", (None, None)),
        ("CRDT", "", OWN, OTHER, ("王某", "955880")),
        ("CRDT", "", TWIN, OWN, ("启明培训中心", "955880")),
        ("CRDT", "", "", NAMED, (None, None)),
    ],
)
def test_the_other_side_is_never_the_owner(samples, statement, side, mark, payer, payee, party):
    text = entry(details(parties(payer, payee)), side=side, more=mark)
    (row,) = statement(samples.camt(samples.statement(entries=text))).rows
    assert (row.counterparty, row.counterparty_account) == party
    assert row.reversal == bool(mark)


def test_a_returned_payment_is_a_reversal_with_the_payer_of_the_original(samples, statement):
    told = parties(OWN, OTHER) + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    (row,) = statement(samples.camt(samples.statement(entries=entry(details(told))))).rows
    assert (row.counterparty, row.amount_fen, row.reversal) == ("王某", 1000_00, True)


SUMMARY = (
    "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries><Sum>{}</Sum><TtlNetNtry><Amt>{}</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries><TtlCdtNtries><NbOfNtries>{}</NbOfNtries>"
    "<Sum>{}</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>{}</NbOfNtries><Sum>{}</Sum>"
    "</TtlDbtNtries></TxsSummry>"
)
TRUE = ("4", "1101.00", "1000.00", "2", "1050.50", "2", "50.50")


def with_summary(samples, *told):
    text = samples.camt()
    return text.replace("<Ntry>", SUMMARY.format(*told) + "<Ntry>", 1)


def test_a_summary_that_agrees_is_no_fault(samples, faults):
    assert faults(with_summary(samples, *TRUE)) == []
    assert faults(with_summary(samples, "4", "1101.00000", *TRUE[2:])) == []


@pytest.mark.parametrize("place", range(7))
def test_each_figure_of_a_summary_is_compared(samples, statement, place):
    told = list(TRUE)
    told[place] = "3" if len(told[place]) == 1 else "999.00"
    (fault,) = statement(with_summary(samples, *told)).faults
    assert (fault.kind, fault.problem.code) == ("arithmetic", "STATEMENT-TOTALS")


def test_what_is_taken_back_may_count_on_either_side(samples, statement):
    entries = (
        entry("", fen="1500.00")
        + entry("", side="DBIT", fen="500.00", more=TAKEN_BACK)
    )  # fmt: skip
    text = samples.camt(samples.statement(entries=entries))
    for told in [
        ("2", "2000.00", "1000.00", "1", "1500.00", "1", "500.00"),
        ("2", "2000.00", "1000.00", "2", "2000.00", "0", "0"),
    ]:
        summed = text.replace("<Ntry>", SUMMARY.format(*told) + "<Ntry>", 1)
        assert statement(summed).faults == []


def test_a_statement_that_cannot_be_read_refuses_itself_alone(samples, reading):
    bad = samples.statement(entries=entry("", fen="x"), account="955880")
    found = reading(samples.camt(samples.statement(), bad))
    good, husk = found.statements
    assert (good.faults, good.account_no) == ([], "6222000011112222")
    assert [(each.kind, each.problem.code) for each in husk.faults] == [
        ("unreadable", "CAMT-AMOUNT")
    ]
    assert (husk.account_no, husk.rows) == ("955880", [])
