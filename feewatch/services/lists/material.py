"""What editions are composed from: what is on file of each district, and the office's presets.

Every table is read once for the whole office, however many districts publish.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.credit.decisions import Decision
from feewatch.credit.eligibility import Assessment
from feewatch.credit.holds import Hold
from feewatch.credit.white_terms import WhiteTerms
from feewatch.engine.law import nearest
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.places import ancestry
from feewatch.publication.edition import (
    EntryKey,
    Lists,
)
from feewatch.services.check.rulebook import rule_book as read_rule_book
from feewatch.services.lists.gathering import DistrictRecord
from feewatch.services.lists.red import RedRecord, read_red
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, editions, holds, recalls, second_words
from feewatch.store.lists.editions import Edition

_MILLION = 1_000_000


class Presets(NamedTuple):
    """The office's parameters of publication in force on a day."""

    second_share: Fraction
    correction_hours: int
    add_days: Callable[[Day, int], Day]  # so many working days after a day
    holds_from: Day  # a hold that begins now has its days from here on


class Material(NamedTuple):
    """What is on file of one district at a cut-off."""

    district: str
    assessments: Sequence[Assessment] = ()
    decisions: Sequence[Decision] = ()
    terms: WhiteTerms | None = None  # none for what only takes entries out
    latest: Edition | None = None
    running: Mapping[str, Hold] = {}
    left: Collection[str] = ()  # credit codes that left the white list undecided
    recalls: Sequence[Record] = ()
    words: Sequence[Record] = ()
    red: RedRecord | None = None  # none for what only takes entries out


def read_presets(app: App, day: Day, *, is_made_up: bool = False) -> Presets:
    """The parameters in force on a day at the office's place.

    ``is_made_up``: an edition that the clock makes up gives the office its days from today on.
    """
    book, chain = read_rule_book(app), ancestry(app.config.office.district)

    def value(name: str) -> int:
        found = nearest(book.parameters[name].values, chain, day)
        assert found is not None  # the shipped book has one for the nation
        assert isinstance(found.value, int)
        return found.value

    return Presets(
        Fraction(value("second_word_share"), _MILLION),
        value("correction_hours"),
        lambda since, days: add_working_days(since, days, app.holidays).day,
        max(day, today()) if is_made_up else day,
    )


def add_to_all(
    app: App, tx: Transaction, cut_off: Day, records: Iterable[DistrictRecord]
) -> Iterator[Material]:
    """The material of every district, in as many statements for one as for a hundred."""
    latest = editions.list_latest(tx)
    running, left = holds.list_all_running(tx), holds.list_left(tx)
    recalled = by_district(recalls.list_standing(tx))
    words = by_district(second_words.list_words(tx))
    red = read_red(app, tx, cut_off)
    for record in records:
        place = record.district
        yield Material(
            *record, latest.get(place), running.get(place, {}), left.get(place, ()),
            recalled.get(place, ()), words.get(place, ()), red,
        )  # fmt: skip


def refresh(tx: Transaction, material: Material) -> Material:
    """The same with what may have changed since: editions, decisions, holds, recalls, words."""
    place = material.district
    return material._replace(
        latest=editions.find_latest(tx, place),
        decisions=decisions.list_decisions(tx, place),
        running=holds.list_running(tx, place),
        left=holds.list_left(tx, place).get(place, ()),
        recalls=recalls.list_standing(tx, place),
        words=second_words.list_words(tx, place),
    )


def lists_of(edition: Edition) -> Lists:
    """The lists of an edition."""
    lists: Lists = edition.read()["lists"]
    return lists


def recalled_entries(rows: Sequence[Record]) -> set[tuple[str, EntryKey]]:
    """The entries that stand recalled, by list."""
    return {
        (row["list"], EntryKey(row["uscc"], "" if row["uscc"] else row["name"], row["document"]))
        for row in rows
        if row["list"] and row["cause"] == "recall"
    }


def by_district(rows: Sequence[Record]) -> dict[str, list[Record]]:
    """Rows by the district they are of."""
    grouped: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        grouped[row["district"]].append(row)
    return grouped
