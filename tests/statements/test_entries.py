"""Runs of SWIFT entries taken together come to the rows that reading them one by one comes to."""

from random import Random

import pytest

from feewatch.kernel.days import parse_day
from feewatch.statements.entries import Entries, EntryRun, parts_of, rows_by_day
from feewatch.statements.swift import Field, fields_of

ENTRIES = (
    ":61:2603010301C10,00NTRFNONREF//B1\n:86:学费 HT26000001\n",
    ":61:2603010302D0,5S   KUNDE//NONREF\n/OCMT/CNY0,5/\n:86:退费\n第二行\n",
    ":61:260302    RC1NTRFA/B//B3//4\n:86:166?00转账?20学费?21续?31622700?32王芳\n",
    ":61:2601021231RDK999999999999,99NTRFNONREF// B5 \n",
    ":61:2603030303C7,00NTRF//notprovided\n:86:\n",
    ":61:2603030303C7,00NTRF//B６\n:86:全角　Ａ  两个空格 \n",
)
PIECES = (
    "\n", "\n\n", "-", "\n-", "\n-\n", "\n-}\n", "\n{1:", ":", "\n:26:37", "/", "//", "?", "?20",
    " ", "\t", "\x1c", "　", "Ａ", "0", "9", ",", "C", "R", "E", "\n:61:", "\n:86:", "\n:62F:",
    "\n:25:9\n", "\n:20:X\n", "\r",
)  # fmt: skip


def rows_of(parts):
    entries, problems = Entries(), []
    for part in parts:
        entries.take(part, problems)
    return list(entries.rows()), problems


def one_by_one(text):
    return rows_of(fields_of("\n" + text, 1))


def together(text):
    parts = list(parts_of(text))
    return rows_of(parts), sum(isinstance(each, EntryRun) for each in parts)


def text_of(entries):
    return "".join([":20:X\n:60F:C260301CNY1,00\n", *entries, ":62F:C260331CNY1,00\n-\n"])


def test_every_entry_of_a_usual_message_is_taken_in_one_run():
    text = text_of(ENTRIES)
    read, runs = together(text)
    assert (read, runs) == (one_by_one(text), 1)
    assert [row.line for row in read[0]] == [3, 5, 9, 11, 12, 14]
    assert [row.reference for row in read[0]] == ["B1", None, "B3//4", "B5", None, "B６"]
    assert read[0][2][6:9] == ("王芳", "622700", "转账 学费 续 A/B")
    assert [row.memo for row in read[0]][:2] == [
        "学费 HT26000001",
        "退费 第二行 /OCMT/CNY0,5/ KUNDE",
    ]
    assert [row.memo for row in read[0]][3:] == [None, None, "全角 A 两个空格"]


@pytest.mark.parametrize("memo", ["a", "两个  空格", "?20a?32b"])
def test_a_text_of_many_windows_keeps_its_lines(memo):
    entry = f":61:2603010301C10,00NTRFNONREF//B1\n:86:{memo}\n"
    text = text_of([entry] * 15_000)
    read, runs = together(text)
    assert runs > 1
    assert read == one_by_one(text)
    assert read[0][-1].line == 3 + 2 * 14_999


def test_a_day_that_is_none_is_told_with_its_line_in_the_midst_of_a_run():
    text = text_of([ENTRIES[0]] * 5 + [":61:2604310430C1,00NTRFNONREF\n"] + [ENTRIES[0]] * 5)
    (rows, problems), _ = together(text)
    assert len(rows) == 10
    assert [each.line for each in problems] == [13]


@pytest.mark.parametrize("seed", range(40))
def test_spoilt_entries_are_read_the_same_together_and_one_by_one(seed):
    dice = Random(seed)
    for _ in range(25):
        text = text_of(dice.choices(ENTRIES, k=dice.randint(1, 30)))
        for _ in range(dice.randint(0, 5)):
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(PIECES) + text[at + dice.choice((0, 0, 1, 9)) :]
        assert together(text)[0] == one_by_one(text), text


def test_entries_come_out_by_day_and_those_of_a_day_as_they_stood():
    first, second = Entries(), Entries()
    for n, (entries, day) in enumerate(((first, 3), (first, 1), (second, 3), (second, 2))):
        entries.take(Field(n, "61", f"26030{day}C{n},00NTRFNONREF"), [])
    rows = rows_by_day([*first.blocks(), *second.blocks()])
    start = parse_day("2026-03-01")
    assert [(row.booked_on - start, row.line) for row in rows] == [(0, 1), (1, 3), (2, 0), (2, 2)]
