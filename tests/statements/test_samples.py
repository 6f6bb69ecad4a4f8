"""Public statement files of other projects: read, quarantined or refused, never an exception."""

import json
import random
import re
from collections import defaultdict
from itertools import pairwise

import mt940
import pytest

from feewatch.kernel.days import parse_day

FAULTS = {"truncated", "currency", "arithmetic"}


def block_sums(raw):
    """Per account, the sum of each message's entries by the mt-940 package."""
    text = raw.decode("utf-8", "replace")
    sums = defaultdict(list)
    for each in mt940.parse_statements(text, options=mt940.Options(reversal_sign=True)):
        account = each.data["account_identification"].rpartition("/")[2]
        sums[account] += [int(t.data["amount"].amount * 100) for t in each.transactions]
    return {account: sorted(told) for account, told in sums.items()}


@pytest.fixture
def statement_file(reading):
    """A file as read, and its text."""
    return lambda path: (reading(path.read_bytes()), path.read_bytes().decode("latin-1"))


def test_sepa_mt9401_ties_in_every_statement_and_agrees_with_the_package(shared, reading):
    path = shared / "samples/wolph-mt940/mt940_tests/betterplace/sepa_mt9401.sta"
    found = reading(path.read_bytes())
    assert found.problems == ()
    assert [f for each in found.statements for f in each.faults if f.kind != "currency"] == []
    ours = defaultdict(list)
    for each in found.statements:
        ours[each.account_no] += [row.amount_fen for row in each.rows]
    theirs = block_sums(path.read_bytes())
    assert {account: sorted(told) for account, told in ours.items()} == theirs


#: Files of which each message reads and ties, or is edited and must not tie.
SOUND = [
    "cmxl/mt940.sta",
    "jejik/generic.sta",
    "jejik/sns.sta",
    "jejik/rabobank-iban.sta",
    "mBank/mt940.sta",
]
EDITED = ["jejik/ing.sta", "jejik/triodos.sta", "self-provided/multiline.sta"]


@pytest.mark.parametrize("name", [*SOUND, *EDITED])
def test_a_message_ties_or_is_quarantined(shared, reading, name):
    found = reading((shared / "samples/wolph-mt940/mt940_tests" / name).read_bytes())
    faults = {fault.kind for each in found.statements for fault in each.faults}
    assert found.problems == ()
    assert ("arithmetic" in faults) == (name in EDITED)


def test_a_message_that_is_none_is_refused(shared, refusal):
    path = shared / "samples/wolph-mt940/mt940_tests/self-provided/invalid_statement.sta"
    assert refusal(path.read_bytes())


_BALANCE = re.compile(r"^:(60|62)[FM]:([CD])\d{6}[A-Z]{3}(\d+),(\d{0,2})\s*$", re.MULTILINE)
_ENTRY = re.compile(r"^:61:\d{6}(?:\d{4}| {4})?(R?[CD])[A-Z]?(\d+),(\d{0,2})", re.MULTILINE)


def messages_that_tie(text):
    """The lines between which messages stand that tie, and those that do not, counted apart.

    Independent of our reader: expressions over each block, reversals as what they take back.
    """
    tie, fail = [], []
    starts = [found.start() for found in re.finditer("^:20:", text, re.MULTILINE)]
    for start, end in pairwise([*starts, len(text)]):
        block = text[start:end]
        sums = {
            tag: int(f"{whole}{cents:0<2}") * (1 if side == "C" else -1)
            for tag, side, whole, cents in _BALANCE.findall(block)
        }
        entries = [
            int(f"{whole}{cents:0<2}") * (1 if mark in ("C", "RD") else -1)
            for mark, whole, cents in _ENTRY.findall(block)
        ]
        if len(sums) == 2 and len(entries) == len(re.findall("^:61:", block, re.MULTILINE)):
            first = text.count("\n", 0, start) + 1
            lines = range(first, first + block.count("\n") + 1)
            (tie if sums["60"] + sum(entries) == sums["62"] else fail).append(lines)
    return tie, fail


def lines_of(statements):
    return {row.line for each in statements for row in each.rows}


def test_all_messages_that_tie_are_sound_and_none_that_does_not(shared, reading):
    """111 tie, of which those of 15 whole statements and of 5 in 11 pages are of sepa_mt9401."""
    told = 0
    for path in sorted((shared / "samples/wolph-mt940").rglob("*")):
        if not path.is_file() or b":60" not in (raw := path.read_bytes()):
            continue
        text = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        tie, fail = messages_that_tie(text)
        found = reading(raw)
        unsound = [
            each for each in found.statements if {"arithmetic"} & {f.kind for f in each.faults}
        ]
        assert not (tie and found.problems), path
        assert not [lines for lines in fail if not found.problems and not unsound], path
        read, spoilt = lines_of(found.statements), lines_of(unsound)
        for lines in tie if len(found.statements) == len(tie) + len(fail) else ():
            entries = {line for line in lines if line in read}
            assert not entries & spoilt, path
        told += len(tie)
    assert told == 111


def test_the_fifteen_statements_of_sepa_mt9401_and_the_five_in_pages_tie(shared, statement_file):
    found, text = statement_file(
        shared / "samples/wolph-mt940/mt940_tests/betterplace/sepa_mt9401.sta"
    )
    messages = text.split(":20:")[1:]
    whole = [each for each in messages if ":60F:" in each and ":62F:" in each]
    assert (len(messages), len(whole)) == (26, 15)
    assert len(found.statements) == 20  # the 11 pages that are left chain to 5
    assert {fault.kind for each in found.statements for fault in each.faults} == {"currency"}
    for each in found.statements:
        assert each.opening_fen + sum(row.amount_fen for row in each.rows) == each.closing_fen


def test_every_sample_is_read_or_refused_with_a_reason(shared, reading):
    paths = [path for path in sorted((shared / "samples").rglob("*")) if path.is_file()]
    assert len(paths) > 100
    for path in paths:
        found = reading(path.read_bytes())
        for each in found.statements:
            assert {fault.kind for fault in each.faults} <= FAULTS, path
            assert each.from_day <= each.to_day, path
            told = None not in (each.opening_fen, each.closing_fen)
            if told and not each.faults:
                assert each.opening_fen + sum(r.amount_fen for r in each.rows) == each.closing_fen


def test_spoilt_old_workbooks_never_raise(shared, reading):
    rng = random.Random(3)
    books = [path.read_bytes() for path in sorted((shared / "samples").rglob("*.xls"))]
    assert len(books) == 3
    for _ in range(60):  # a process each
        raw = bytearray(rng.choice(books))
        for _ in range(rng.randint(1, 6)):
            raw[rng.randrange(min(len(raw), 2000))] = rng.randrange(256)
        reading(bytes(raw))


def camt_pairs(folder):
    for path in sorted(folder.glob("camt05*.xml")):
        told = path.with_suffix(".json")
        if told.exists():
            yield path, json.loads(told.read_text(encoding="utf-8"))["getEntries"]


def told_day(date):
    return parse_day(date["0"][:10]) if date else None


def told_entry(entry):
    value = told_day(entry["getValueDate"])
    return (
        int(entry["getAmount"]["getAmount"]),
        told_day(entry["getBookingDate"]) or value,
        value,
        bool(entry["getReversalIndicator"]),
        entry["getAccountServicerReference"] or None,
    )


def told_balances(record, kind):
    return {
        int(each["getAmount"]["getAmount"])
        for each in record.get("getBalances") or ()
        if each["getType"] in kind
    }


def test_camt_files_are_those_that_genkgo_read(shared, reading):
    """Entries, days, references, accounts and balances; genkgo's balances are of several types."""
    compared = refused = 0
    for path, entries in camt_pairs(shared / "samples/genkgo-camt/test/data"):
        found = reading(path.read_bytes())
        told = [told_entry(each) for each in entries]
        if not found.statements:
            # pending, or without a day: nothing that could stand in a ledger
            is_pending = "<Sts>PDNG" in path.read_text(encoding="utf-8")
            assert not told or is_pending or None in {day for _, day, *_ in told}, path.name
            refused += 1
            continue
        each = found.statements[-1]  # of several statements genkgo gives the last one's entries
        ours = [
            (row.amount_fen, row.booked_on, row.value_on, row.reversal, row.reference)
            for row in each.rows
        ]
        assert sorted(map(str, ours)) == sorted(map(str, told)), path.name
        if entries:
            record = entries[0]["getRecord"]
            account = record["getAccount"]
            assert each.account_no == account["getIdentification"], path.name
            for fen, kind in (
                (each.opening_fen, ("opening", "previously_closed")),
                (each.closing_fen, ("closing",)),
            ):
                assert fen is None or fen in told_balances(record, kind), path.name
        compared += 1
    assert (compared, refused) == (17, 7)
