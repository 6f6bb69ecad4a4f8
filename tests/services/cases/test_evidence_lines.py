"""Evidence in words: each kind of row has its place, and day, amount and content if it says any."""

import pytest

from feewatch.casework.subjects import KINDS, subject_in_words
from feewatch.services.cases.evidence_lines import ROW_KINDS, Sight, describe_evidence
from feewatch.store.cases.evidence import RECORDS

DECIDER, ONLOOKER = Sight(True, True, True), Sight(False, False, False)
ENTRY = {
    "file": "7月.csv",
    "account_no": "6222020200012345678",
    "booked_on": "2026-07-02",
    "amount_fen": -120_000,
    "balance_fen": 5,
    "word": "bank",
    "counterparty": "王小明",
    "counterparty_account": "6217000099998888",
    "memo": "往来款",
}
STATEMENT = {
    "file": "7月.csv",
    "account_no": "6222020200012345678",
    "from_day": "2026-07-01",
    "to_day": "2026-07-31",
    "closing_fen": None,
    "word": "office",
    "status": "quarantined",
    "reason": "arithmetic",
}


def test_every_kind_of_record_that_evidence_may_name_has_its_day_and_words():
    assert {*RECORDS, "account", "entry", "statement"} == set(ROW_KINDS)
    assert set(ROW_KINDS) <= set(KINDS)


@pytest.mark.parametrize("kind", sorted(RECORDS))
def test_a_record_without_day_or_amount_shows_none(kind):
    source = {"record": kind, "id": "X1", "row": {"bank": "示例银行"}}
    (line,) = describe_evidence([source], DECIDER)
    assert (line.name, line.on, line.amount_fen) == ("X1", None, None)
    assert [cell.value.zh for cell in line.cells] == ["示例银行"]


def test_a_record_says_its_columns_under_their_headers():
    row = {"title": "数学思维", "stage": "primary", "price_per_lesson_fen": 123_456}
    (line,) = describe_evidence([{"record": "course", "id": "KC1", "row": row}], DECIDER)
    assert [(cell.title.zh, cell.value.zh) for cell in line.cells] == [
        ("课程名称", "数学思维"),
        ("学段", "小学"),
        ("公示课时单价", "1,234.56"),
    ]
    assert line.amount_fen is None  # the price of a lesson is no money that moved


def test_a_bank_row_is_masked_for_those_who_look_on():
    source = {"file_sha256": "ab" * 32, "line": 7, "rows": [ENTRY]}
    (seen,) = describe_evidence([source], DECIDER)
    assert (seen.on, seen.amount_fen, seen.place.line) == ("2026-07-02", -120_000, 7)
    assert [cell.value.zh for cell in seen.cells] == [
        "王小明 6217000099998888",
        "往来款",
        "0.05",
        "银行直送",
    ]
    (masked,) = describe_evidence([source], ONLOOKER)
    assert masked.name == "****5678"
    assert [cell.value.zh for cell in masked.cells] == ["王** ****8888", "0.05", "银行直送"]


def test_a_statement_that_states_no_closing_has_no_amount():
    source = {"file_sha256": "ab" * 32, "line": 1, "rows": [STATEMENT]}
    (line,) = describe_evidence([source], ONLOOKER)
    assert (line.kind, line.on, line.amount_fen) == ("statement", "2026-07-31", None)
    assert line.cells[0].value.zh == "2026-07-01 … 2026-07-31 · 已隔离 · 金额勾稽不平"


def test_what_is_no_longer_on_file_still_has_its_line():
    gone = [{"file_sha256": "ab" * 32, "line": 3, "rows": []}]
    gone.append({"record": "contract", "id": "HT1", "row": None})
    assert [
        (line.on, line.amount_fen, line.cells) for line in describe_evidence(gone, DECIDER)
    ] == [(None, None, ())] * 2


@pytest.mark.parametrize(
    ("kind", "subject", "zh"),
    [
        ("contract", "HT26/01", "HT26/01"),
        ("charge", "HT26000040", "合同 HT26000040"),
        ("charge", "HT26/01/2", "合同 HT26/01 第 2 次"),
        ("entry", "6222/2026-04-06/-678913/1", "6222，2026-04-06 支出 6789.13 元"),
        ("entry", "6222/2026-04-06/678913/2", "6222，2026-04-06 收入 6789.13 元，第 2 笔"),
        ("entry", "of another time", "of another time"),
        ("account_day", "6222/2026-04-06", "6222，2026-04-06"),
        ("institution_month", "52370702P3JUF5BF2K/2026-07", "2026-07"),
        ("student", "52370702P3JUF5BF2K/F5dd/数学/2026-05-19", "F5dd，数学，2026-05-19"),
        ("statement", "ab" * 32 + "#2", "文件中第 2 份"),
        ("statement", "ab" * 32, ""),
    ],
)
def test_a_subject_is_named_as_people_name_it(kind, subject, zh):
    assert subject_in_words(kind, subject).zh == zh


def test_the_account_of_a_subject_is_masked_for_those_who_look_on():
    named = subject_in_words("entry", "6222020200012345678/2026-04-06/5/1", is_masked=True)
    assert named.en == "****5678, 2026-04-06 0.05 yuan in"
