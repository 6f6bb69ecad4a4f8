"""A bank tells of a day again with other rows: told row by row, a partial day is none."""

from collections import defaultdict

from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.merging import EntryTexts, StatedEntry
from feewatch.ledger.restatements import RestatedRow, find_restatements
from feewatch.ledger.tellers import Tellers

FIRST, AGAIN = 1, 2


def span(key, first=1, last=3):
    return Span(first, last, f"file{key}", 1, key, None, None)


def row(entry_id, statement_id, day=2, amount=100, **told):
    """A stated row of an entry; its id is never that of another statement's row."""
    return RestatedRow(
        day,
        StatedEntry(entry_id * 10 + statement_id, statement_id, amount, 1, EntryTexts(**told)),
        entry_id,
    )


BOTH = span(FIRST), span(AGAIN)


def totals(rows):
    by_day = defaultdict(list)
    for each in rows:
        by_day[each.stated.statement_id, each.day].append(each.stated.amount_fen)
    return [
        DayTotal(*key, sum(fen), len(fen), min(fen), max(fen), 0, 0) for key, fen in by_day.items()
    ]


def found(*rows, spans=BOTH):
    return [
        (each.earlier_id, each.later_id, [
            (pair.kind, pair.before and pair.before.entry_id, pair.after and pair.after.entry_id)
            for pair in each.differences
        ])
        for each in find_restatements(spans, rows, Tellers(spans, totals(rows)))
    ]  # fmt: skip


def test_the_same_rows_again_restate_nothing():
    assert found(row(1, FIRST), row(1, AGAIN)) == []


def test_a_row_more_is_added_and_a_row_less_is_missing():
    assert found(row(1, FIRST), row(1, AGAIN), row(2, AGAIN, memo="more")) == [
        (FIRST, AGAIN, [("added", None, 2)])
    ]
    assert found(row(1, FIRST), row(1, AGAIN), row(2, FIRST)) == [
        (FIRST, AGAIN, [("missing", 2, None)])
    ]


def test_a_row_told_otherwise_is_changed():
    cases = [
        (row(1, FIRST, memo="a"), row(2, AGAIN, memo="b")),
        (row(1, FIRST, reference="R1"), row(2, AGAIN, amount=101, reference="R1")),
        (row(1, FIRST, counterparty="王", memo="学费"),
         row(2, AGAIN, amount=101, counterparty="王", memo="学费")),
    ]  # fmt: skip
    for pair in cases:
        assert found(*pair) == [(FIRST, AGAIN, [("changed", 1, 2)])]


def test_another_amount_of_another_payer_is_no_change_but_two_rows():
    pair = row(1, FIRST, counterparty="王"), row(2, AGAIN, amount=101, counterparty="李")
    assert found(*pair) == [(FIRST, AGAIN, [("missing", 1, None), ("added", None, 2)])]


def test_a_statement_that_ended_in_the_course_of_the_day_was_no_other_version():
    """Until noon of day 2, then the whole of it: normal. A row gone from it is not."""
    spans = span(FIRST, 1, 2), span(AGAIN, 1, 3)
    assert found(row(1, FIRST), row(1, AGAIN), row(2, AGAIN), spans=spans) == []
    assert found(row(1, FIRST), row(2, FIRST), row(2, AGAIN), spans=spans) == [
        (FIRST, AGAIN, [("missing", 1, None)])
    ]


def test_the_same_holds_where_the_shorter_one_arrives_last():
    spans = span(FIRST, 1, 3), span(AGAIN, 1, 2)
    assert found(row(1, FIRST), row(1, AGAIN), row(2, FIRST), spans=spans) == []


def test_each_is_compared_with_the_one_put_on_file_before_it():
    spans = span(1), span(2), span(3)
    rows = [row(1, key) for key in (1, 2, 3)] + [row(2, key) for key in (2, 3)]
    assert found(*rows, spans=spans) == [(1, 2, [("added", None, 2)])]


def test_parts_of_a_day_that_chain_are_no_two_versions_of_it():
    morning = span(FIRST, 1, 2)._replace(opening_fen=0, closing_fen=100)
    afternoon = span(AGAIN, 2, 3)._replace(opening_fen=100, closing_fen=200)
    assert found(row(1, FIRST), row(2, AGAIN), spans=(morning, afternoon)) == []


def test_a_statement_that_begins_in_the_course_of_the_day_lacks_its_earlier_rows():
    afternoon = span(FIRST, 2, 3)._replace(opening_fen=100, closing_fen=200)
    whole = span(AGAIN, 2, 3)._replace(opening_fen=0, closing_fen=200)
    rows = row(1, FIRST), row(1, AGAIN), row(2, AGAIN)
    assert found(*rows, spans=(afternoon, whole)) == []
    from_the_eve = afternoon._replace(opening_fen=0, closing_fen=100)
    assert found(*rows, spans=(from_the_eve, whole)) == [(FIRST, AGAIN, [("added", None, 2)])]
