"""Public statement files of other projects: read, quarantined or refused, never an exception."""

import json
import random
from collections import defaultdict

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


@pytest.mark.parametrize("name", ["february_30.sta", "invalid_statement.sta"])
def test_a_message_that_is_none_is_refused(shared, refusal, name):
    assert refusal((shared / "samples/wolph-mt940/mt940_tests/self-provided" / name).read_bytes())


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
    for _ in range(150):
        raw = bytearray(rng.choice(books))
        for _ in range(rng.randint(1, 6)):
            raw[rng.randrange(min(len(raw), 2000))] = rng.randrange(256)
        reading(bytes(raw))


def camt_pairs(folder):
    for path in sorted(folder.glob("camt053*.xml")):
        told = path.with_suffix(".json")
        if told.exists():
            yield path, json.loads(told.read_text(encoding="utf-8"))


def told_entry(entry):
    booked = entry["getBookingDate"] or entry["getValueDate"]
    return (
        int(entry["getAmount"]["getAmount"]),
        parse_day(booked["0"][:10]),
        bool(entry["getReversalIndicator"]),
    )


def test_camt_entries_are_those_that_genkgo_read(shared, reading):
    compared = 0
    for path, told in camt_pairs(shared / "samples/genkgo-camt/test/data"):
        found = reading(path.read_bytes())
        if len(found.statements) != 1:  # genkgo keeps only the last of several statements
            continue
        ours = [(r.amount_fen, r.booked_on, r.reversal) for r in found.statements[0].rows]
        assert ours == [told_entry(each) for each in told["getEntries"]], path.name
        compared += 1
    assert compared >= 4
