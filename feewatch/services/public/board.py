"""What is posted, and what the register may tell the public: one or two statements an answer.

Never anything of an account but its bank, never a cover, an alert, a case or a person.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.lists import LISTS, unrated_word
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text, normalise
from feewatch.services.lists.posting import UNLISTED, Sealer
from feewatch.services.lists.proven import SpoiltEditionError
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.pages import PageRow, posted

#: As many finds as a person looks through.
MOST_FOUND = 200
Entry = dict[str, Any]
Licence = Literal["valid", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class PostedDistrict:
    """The latest edition of a district without its entries."""

    district: str
    number: int
    office: str
    cut_off: Day
    published_at: str
    counts: dict[str, int]  # entries by list, in the order in which lists are shown
    unrated: int
    meanings: dict[str, Any]

    @property
    def age_days(self) -> int:
        """Days from the cut-off to today."""
        return today() - self.cut_off


class Posted(NamedTuple):
    """The latest editions that may be shown, and what is said of those that may not."""

    districts: list[PostedDistrict]
    spoilt: list[Text]


class ListPlace(NamedTuple):
    """Where an institution stands; ``list`` is empty for one that is not rated."""

    list: str
    entry: Entry


class Answer(NamedTuple):
    """What a search says of one name.

    ``list`` is empty for one on no list: not rated, with the word for it, or simply registered.
    """

    name: str
    uscc: str
    district: str
    list: str
    word: Text | None = None


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What the register tells of an institution today."""

    uscc: str
    name: str
    district: str
    subject: str
    nature: str
    custody: str
    licence_no: str
    licence_until: Day | None
    renewal_applied_on: Day | None
    banks: dict[str, list[str]]  # of accounts open today by their kind: fee, deposit

    @property
    def licence(self) -> Licence:
        """Whether the licence on file runs today; unknown where its last day is not on file."""
        if not self.licence_no or self.licence_until is None:
            return "unknown"
        return "valid" if self.licence_until >= today() else "expired"


@dataclass(frozen=True, slots=True)
class PublicInstitution:
    """The answer to a credit code: its places, what the register tells, and as of which edition."""

    uscc: str
    places: list[ListPlace]
    facts: PublicFacts | None  # None: not on the register
    edition: PostedDistrict | None

    @property
    def name(self) -> str:
        """Its name; empty where nobody knows the code."""
        if self.places:
            name: str = self.places[0].entry["name"]
            return name
        return self.facts.name if self.facts else ""


def read_posted(app: App, district: str = "") -> Posted:
    """The latest edition of a district; of every district where it has none or none is named.

    Raises: SpoiltEditionError where the district named is not as it was signed.
    """
    with app.database.reading() as tx:
        rows = posted.list_heads(tx, district)
    sealer, shown, spoilt = Sealer(app), [], []
    for row in rows:
        try:
            shown.append(_district_with_meanings(sealer, row))
        except SpoiltEditionError as fault:
            if row.district == district:
                raise
            spoilt.append(fault.text)
    return Posted(shown, spoilt)


def page_entries(app: App, edition: PostedDistrict, name: str, number: int) -> Page:
    """A page of the entries of a list.

    Raises: SpoiltEditionError where a row is missing or not as it was posted.
    """
    offset, total = (number - 1) * PAGE_SIZE, edition.counts.get(name, 0)
    with app.database.reading() as tx:
        rows = posted.list_entries(tx, edition.district, name, limit=PAGE_SIZE, offset=offset)
    due = range(offset, min(offset + PAGE_SIZE, total))
    if [row.place for row in rows] != list(due):
        raise SpoiltEditionError(edition.district, str(edition.number))
    sealer = Sealer(app)
    return Page([_entry(sealer, row) for row in rows], total, number)


def search(app: App, text: str) -> list[Answer]:
    """What the latest editions and the register say of those whose name or code holds a text."""
    with app.database.reading() as tx:
        rows = posted.search(tx, today(), normalise(text).upper(), limit=MOST_FOUND)
    sealer = Sealer(app)
    return [_answer(sealer, row) for row in rows]


def get_institution(app: App, uscc: str, district: str = "") -> PublicInstitution:
    """The answer to a credit code, by the edition of a district, else by that of its own.

    Raises: SpoiltEditionError.
    """
    with app.database.reading() as tx:
        rows = posted.list_places(tx, uscc)
        registered = posted.find_registered(tx, today(), uscc)
    facts = _facts(registered)
    wanted = district or (facts.district if facts else "")
    # one that moved away may stand on the list of where it was
    chosen = next((row.district for row in rows if row.district == wanted), "")
    if not chosen and not district:
        chosen = next((row.district for row in rows), "")
    sealer, here = Sealer(app), [row for row in rows if row.district == chosen]
    places = [ListPlace(row.list, _entry(sealer, row)) for row in here]
    head = next(iter(here), None) or next((row for row in registered if row.head_district), None)
    edition = None if head is None else _district(sealer, _Head.of(head))
    return PublicInstitution(uscc, _in_order(places), facts, edition)


def find_facts(app: App, uscc: str) -> PublicFacts | None:
    """What the register tells of an institution today; None for one that it does not know."""
    with app.database.reading() as tx:
        return _facts(posted.find_registered(tx, today(), uscc))


class _Head(NamedTuple):
    """The head beside another row."""

    district: str
    number: int
    sha256: str
    content: str
    seal: str
    on_record: str | None

    @classmethod
    def of(cls, row: PageRow) -> "_Head":
        return cls(
            row.head_district, row.head_number, row.head_sha256, row.head_content, row.head_seal,
            row.on_record,
        )  # fmt: skip


def _district_with_meanings(sealer: Sealer, row: PageRow) -> PostedDistrict:
    known = row.district, row.number, row.meanings
    if row.meanings and not sealer.is_sound(row.meanings_seal, *known):
        raise SpoiltEditionError(row.district, str(row.number))
    return replace(_district(sealer, row), meanings=json.loads(row.meanings or "{}"))


def _district(sealer: Sealer, row: PageRow | _Head) -> PostedDistrict:
    place = row.district, row.number
    is_sound = sealer.is_sound(row.seal, *place, row.sha256, row.content)
    if not is_sound or row.on_record != row.sha256:
        raise SpoiltEditionError(row.district, str(row.number))
    content = json.loads(row.content)
    counts = {name: content["counts"][name] for name in LISTS if name in content["counts"]}
    return PostedDistrict(
        *place, content["office"], content["cut_off"], content["published_at"], counts,
        content["unrated"], {},
    )  # fmt: skip


def _entry(sealer: Sealer, row: PageRow) -> Entry:
    known = row.district, row.number, row.list, row.place, row.uscc, row.name, row.content
    if not sealer.is_sound(row.seal, *known):
        raise SpoiltEditionError(row.district, str(row.number))
    entry: Entry = json.loads(row.content)
    return entry


def _answer(sealer: Sealer, row: PageRow) -> Answer:
    if not row.content:
        return Answer(row.name, row.uscc, row.district, "")
    entry = _entry(sealer, row)
    word = unrated_word(entry) if row.list == UNLISTED else None
    return Answer(entry["name"], entry["uscc"], row.district, row.list, word)


def _in_order(places: Iterable[ListPlace]) -> list[ListPlace]:
    order = [*LISTS, UNLISTED]
    return sorted(places, key=lambda place: order.index(place.list))


def _facts(rows: Iterable[PageRow]) -> PublicFacts | None:
    banks: dict[str, list[str]] = {"fee": [], "deposit": []}
    first = None
    for row in rows:
        first = first or row
        if row.kind is not None and row.bank not in banks[row.kind]:
            banks[row.kind].append(row.bank)
    if first is None:
        return None
    return PublicFacts(
        first.uscc, first.name, first.district, first.subject, first.nature, first.custody,
        first.licence_no or "", first.licence_until, first.renewal_applied_on, banks,
    )  # fmt: skip
