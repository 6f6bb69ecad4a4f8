"""MT940 read by us and by the independent package ``mt-940`` comes to the same rows."""

import random

import mt940
import pytest
from mt940.models import Options

from feewatch.kernel.days import date_of
from feewatch.statements.mt940 import read_mt940
from feewatch.statements.reading import read

SEPA = "samples/wolph-mt940/mt940_tests/betterplace/sepa_mt9401.sta"


def theirs(text):
    """(date, fen) of every row, by the other package; reversals counted as what they take back."""
    statements = mt940.parse_statements(text, options=Options(reversal_sign=True))
    return [
        (row.data["date"], round(row.data["amount"].amount * 100))
        for statement in statements
        for row in statement
    ]


def test_every_statement_of_the_sepa_sample_ties(shared):
    content = (shared / SEPA).read_bytes()
    reading = read(content, "sepa_mt9401.sta", [])
    assert reading.problems == ()
    assert content.count(b":20:") == 26  # pages
    assert len(reading.statements) == 20
    # whole, chained and tying; quarantined for nothing but their currency
    assert {fault.kind for each in reading.statements for fault in each.faults} == {"currency"}
    ours = sorted(row.amount_fen for each in reading.statements for row in each.rows)
    assert ours == sorted(fen for _, fen in theirs(content.decode("latin-1")))


def message(number, opening, rows):
    """A message of (value day, booking day, fen, is_reversal) rows."""
    closing = opening + sum(fen for *_, fen, _ in rows)
    first, last = rows[0][1], rows[-1][1]

    def balance(tag, fen, day):
        mark = "C" if fen >= 0 else "D"
        return f":{tag}:{mark}{date_of(day):%y%m%d}CNY{abs(fen) // 100},{abs(fen) % 100:02d}"

    lines = [
        ":20:REF",
        ":25:6222000000001",
        f":28C:{number:05d}/001",
        balance("60F", opening, first),
    ]
    for at, (value, booked, fen, is_reversal) in enumerate(rows):
        # a reversed credit leaves the account, a reversed debit comes back
        mark = ("RD" if fen > 0 else "RC") if is_reversal else ("C" if fen > 0 else "D")
        amount = f"{abs(fen) // 100},{abs(fen) % 100:02d}"
        entry = (
            f"{date_of(value):%y%m%d}{date_of(booked):%m%d}{mark}{amount}NTRFNONREF//B{number}X{at}"
        )
        lines += [f":61:{entry}", f":86:MEMO {at}"]
    return "\r\n".join([*lines, balance("62F", closing, last), "-"]), closing


@pytest.mark.parametrize("seed", range(8))
def test_generated_files_come_to_the_same_rows(seed):
    chance = random.Random(seed)
    day, parts, expected = 20400, [], []
    opening = balance = chance.randrange(-(10**7), 10**8)
    for number in range(1, 6):
        rows = []
        for _ in range(chance.randrange(1, 30)):
            day += chance.choice((0, 0, 1, 9))
            fen = chance.choice((-1, 1)) * chance.randrange(1, 10**7)
            rows.append((day - chance.choice((0, 0, 2)), day, fen, chance.random() < 0.1))
        text, balance = message(number, balance, rows)
        parts.append(text)
        expected += rows
    text = "\r\n".join(parts)
    (statement,) = read_mt940(text).statements
    assert statement.faults == []
    assert (statement.opening_fen, statement.closing_fen) == (opening, balance)
    assert [row.amount_fen for row in statement.rows] == [fen for *_, fen, _ in expected]
    assert [row.booked_on for row in statement.rows] == [booked for _, booked, *_ in expected]
    assert [row.reversal for row in statement.rows] == [each[3] for each in expected]
    assert sorted(row.amount_fen for row in statement.rows) == sorted(
        fen for _, fen in theirs(text)
    )
