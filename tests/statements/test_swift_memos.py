"""The memo of a SWIFT entry: every :86:, the references of :61: and the text below it."""

import time

import pytest

HEAD = ":20:R1\n:25:622200\n:28C:1/1\n:60F:C260228CNY0,00\n"
CLOSING = ":62F:C260331CNY{},00\n-\n"


def one_entry(told, entry="2603030303C1,00NTRFNONREF//NONREF"):
    return f"{HEAD}:61:{entry}\n{told}\n{CLOSING.format(1)}"


@pytest.fixture
def memo_of(statement):
    def read(told, **entry):
        (row,) = statement(one_entry(told, **entry)).rows
        return row.memo

    return read


@pytest.mark.parametrize(
    ("told", "memo"),
    [
        (":86:学费 HT2026001\n2人班", "学费 HT2026001  2人班"),  # two: no number goes on behind it
        (":86:" + "a" * 64 + "\nb", "a" * 64 + "  b"),
        (":86:" + "a" * 65 + "\nb", "a" * 65 + "b"),
        # a bank that counts bytes has no room left for half of a Chinese character
        (":86:" + "学" * 32 + "\n费", "学" * 32 + "费"),
        (":86:" + "学" * 31 + "\n费", "学" * 31 + " 费"),
        (":86:退费\n:86:HT2026001\n:86:退费", "退费 HT2026001"),
        ("退费 HT2026002\n:86:转账", "转账 退费 HT2026002"),
        (":86:家长问 13\n:20:15 到账 HT1", "家长问 13 :20:15 到账 HT1"),
        (":86:家长问 13\n:25:37\n第三行", "家长问 13 :25:37 第三行"),
        (":86:家长问 13\n:28:01", "家长问 13 :28:01"),
        (":86:合同\n:20:春季班 学费", "合同 :20:春季班 学费"),
    ],
)
def test_lines_and_fields_are_parted_by_a_space(memo_of, told, memo):
    assert memo_of(told) == memo


@pytest.mark.parametrize(
    ("told", "memo"),
    [
        (":86:问?20日可否", "问?20日可否"),
        (":86:20?20日可否", "20?20日可否"),
        (":86:?20日可否", "?20日可否"),
        (":86:?20学费?21HT1?32王芳", "学费 HT1"),
        (":86:166?20学费", "学费"),
        (":86:166 ?20学费", "166 ?20学费"),
        (":86:166<00转账<20学费<32王芳", "转账 学费"),
        (":86:166?00转账?20学费 q?10=3?21HT1?32王芳", "转账 学费 q?10=3  HT1"),
        (":86:166?00转账?20" + "a" * 27 + "?21b", "转账 " + "a" * 27 + "b"),
        (":86:166?00转账?20HT2026001\n?212人班?32王芳", "转账 HT2026001  2人班"),
    ],
)
def test_only_a_field_that_begins_as_structured_text_is_taken_apart(memo_of, told, memo):
    assert memo_of(told) == memo


@pytest.mark.parametrize(
    ("entry", "memo", "reference"),
    [
        ("2603030303C1,00NTRFHT2026001//7001", "HT2026001", "7001"),
        ("2603030303C1,00NTRFNONREF//HT2026001", "HT2026001", "HT2026001"),
        ("2603030303C1,00NTRFNONREF//B12", None, "B12"),
        ("2603030303C1,00NTRFNOTPROVIDED", None, None),
        ("2603030303C1,00 NTRFA/B", "A/B", None),
        ("2603030303C1,00   NTRFA", "A", None),
    ],
)
def test_references_that_may_name_a_purpose_are_in_the_memo(statement, entry, memo, reference):
    (row,) = statement(one_entry("", entry=entry).replace("\n\n", "\n")).rows
    assert (row.memo, row.reference, row.amount_fen) == (memo, reference, 100)


def test_a_run_of_entries_has_the_same_memos_as_each_alone(statement):
    entries = [
        ":61:2603030303C1,00NTRFHT2026001//7001\n",
        ":61:2603030303C1,00 NTRFNONREF//7002\n退费 HT2026002\n:86:转账\n第二行\n",
        ":61:2603030303C1,00NTRFNONREF//7003\n:86:166?00转账?20学费?21HT1?32王芳\n",
        ":61:2603030303C1,00NTRFNONREF//7004\n:86:问?20日可否\n",
        ":61:2603030303C1,00NTRFNONREF//7005\n",
    ]
    read = statement(HEAD + "".join(entries) + CLOSING.format(5))
    assert [row.memo for row in read.rows] == [
        "HT2026001", "转账 第二行 退费 HT2026002", "转账 学费 HT1", "问?20日可否", None,
    ]  # fmt: skip


def test_a_second_account_amid_entries_is_never_read_as_the_first(reading):
    body = f"{HEAD}:61:2603030303C1,00NTRFNONREF\n:86:学费\n"
    other = HEAD.replace("622200", "955880").replace("R1", "R2")
    found = reading(f"{body}{other}:61:2603040304C1,00NTRFNONREF\n{CLOSING.format(1)}")
    first, second = found.statements
    assert [each.kind for each in first.faults] == ["truncated"]
    assert (second.account_no, second.faults, len(second.rows)) == ("955880", [], 1)


@pytest.mark.parametrize(
    "told", ["?20a" * 500_000, "\n:86:ab" * 200_000, "\n:20:15 a" * 200_000, "\na" * 500_000]
)
def test_the_time_of_a_long_description_grows_with_its_length_alone(reading, told):
    started = time.process_time()
    reading(one_entry(f":86:166?00{told}"))
    assert time.process_time() - started < 5
