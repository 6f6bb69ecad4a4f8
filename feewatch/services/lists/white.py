"""白名单条件: where institutions stand, as pages and commands show it; writes nothing.

What is shown is what a publication would compute at the same cut-off, by the same functions.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.conditions import TITLES
from feewatch.credit.eligibility import Assessment, Line
from feewatch.credit.lists import WHITE
from feewatch.credit.white_terms import PARAMETERS
from feewatch.engine.law import nearest
from feewatch.engine.wording import value_in_words
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import ancestry
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.lists.covers import list_kept_covers
from feewatch.services.lists.standings import (
    assess_all,
    barring_documents,
    gather_outcomes,
    terms_of,
)
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, editions, holds, standings
from feewatch.store.pages.scope import list_within

#: Where an institution stands between the edition that is out and the conditions, for the office.
STATES: dict[str, Text] = {
    "hold": Text("暂缓，待决定", "on hold, to be decided"),
    "shaky": Text("在列，下一期起暂缓", "listed, on hold with the next edition"),
    "leaving": Text("下一期移出", "leaves with the next edition"),
    "ending": Text("决定公示，下一期移出", "ends: a decision is public"),
    "kept": Text("经决定保留", "kept by an officer's word"),
    "lacking": Text("条件未齐", "conditions lack"),
    "next": Text("条件齐备，下一期列入", "proven, joins with the next edition"),
    "listed": Text("在列，条件齐备", "listed and proven"),
}
SUPPLIERS: dict[str, Text] = {
    "bank": Text("银行", "bank"),
    "office": Text("本机关", "office"),
    "institution": Text("机构", "institution"),
}
SORTS: dict[str, Text] = {
    "state": Text("状态", "state"),
    "lacking": Text("缺项数", "conditions that lack"),
    "since": Text("缺失自", "lacking since"),
    "due": Text("暂缓期限", "hold until"),
    "name": Text("名称", "name"),
}


#: Later than any day that is known.
_LATE = 10**9


@dataclass(frozen=True, slots=True)
class WhitePlace:
    """An institution's conditions at a cut-off, beside its place in the edition that is out."""

    assessment: Assessment
    edition: int | None  # the district's latest
    is_listed: bool  # in it
    hold: Record | None  # that runs

    @property
    def state(self) -> str:
        """Where it stands."""
        is_white = self.assessment.state == "white"
        if not self.is_listed:
            return "next" if is_white else "lacking"
        if is_white:
            return "listed"
        if any(line.code == "DECISION" for line in self.assessment.lacking):
            return "ending"
        if self.hold is None:
            return "shaky"
        said: dict[str | None, str] = {"keep": "kept", "remove": "leaving"}
        return said.get(self.hold["outcome"], "hold")

    @property
    def due(self) -> Day | None:
        """Until when an officer decides, where that is to be done."""
        return self.hold["due"] if self.hold is not None and self.state == "hold" else None

    @property
    def since(self) -> Day | None:
        """The first day for which anything lacks, where that is known."""
        return min((line.since for line in self.assessment.lacking if line.since), default=None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The conditions that lack, each once, in the order of the pages."""
        lacking = {line.code for line in self.assessment.lacking}
        return tuple(code for code in TITLES if code in lacking)

    def status_of(self, line: Line) -> Literal["met", "lacking", "hold"]:
        """How a condition stands: met, lacking, or lacking while an officer is to decide."""
        if line.verdict == "met":
            return "met"
        return "hold" if self.due is not None else "lacking"


_STATE_ORDER = list(STATES)
_ORDERS: dict[str, Callable[[WhitePlace], tuple[int, ...]]] = {
    "state": lambda place: (_STATE_ORDER.index(place.state), -len(place.codes)),
    "lacking": lambda place: (-len(place.codes),),
    "since": lambda place: (place.since or _LATE,),
    "due": lambda place: (place.due or _LATE,),
}


class ShownTerm(NamedTuple):
    """A figure that the conditions rest on."""

    parameter: str
    title: Text
    value: Text
    place: str
    is_preset: bool


class WhiteView(NamedTuple):
    """The institutions that were asked for, and how many lack which condition."""

    as_of: Day
    places: list[WhitePlace]
    counts: Mapping[str, int]  # by condition
    states: Mapping[str, int]


def read_white(app: App, scope: Scope, as_of: Day) -> WhiteView:
    """All institutions within a scope, those first that somebody must decide of."""
    match_changed(app)
    with app.database.reading() as tx:
        view: WhiteView = app.database.kept.within(tx).answer(
            ("white", scope, as_of, rule_book(app).version),
            lambda: _view(app, list_within(tx, scope, as_of), as_of),
        )
    return view


def _view(app: App, keys: Collection[int], as_of: Day) -> WhiteView:
    places = _read(app, keys, as_of)
    counts = Counter(code for place in places for code in place.codes)
    states = Counter(place.state for place in places)
    return WhiteView(as_of, sort_places(places, "state"), counts, states)


def get_white(app: App, scope: Scope, uscc: str, as_of: Day) -> WhitePlace:
    """One institution.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        key = standings.find_within(tx, uscc, list_within(tx, scope, as_of))
    places = _read(app, [] if key is None else [key], as_of)
    if not places:
        raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
    return places[0]


def get_own_white(app: App, scope: Scope, as_of: Day) -> WhitePlace:
    """The institution of an institution's person.

    Raises: NotFoundError where it is not on the register on that day.
    """
    places = _read(app, [scope.institution_id or 0], as_of)
    if not places:
        raise NotFoundError("INSTITUTION-UNKNOWN", "没有该机构", "no such institution")
    return places[0]


def choose_places(
    view: WhiteView, *, lacking: str = "", state: str = "", district: str = "", sort: str = ""
) -> list[WhitePlace]:
    """Those that lack a condition, stand in a state or lie in a place; empty asks nothing."""
    chosen = [
        place
        for place in view.places
        if (not lacking or lacking in place.codes)
        and state in ("", place.state)
        and (not district or district in ancestry(place.assessment.standing.district))
    ]
    return sort_places(chosen, sort or "state")


def sort_places(places: Collection[WhitePlace], sort: str) -> list[WhitePlace]:
    """The same in one of the orders of ``SORTS``; equals by name."""
    by_name = sorted(
        places, key=lambda each: (each.assessment.standing.name, each.assessment.standing.uscc)
    )
    return by_name if sort == "name" else sorted(by_name, key=_ORDERS[sort])


def list_terms(app: App, district: str, as_of: Day) -> list[ShownTerm]:
    """The figures behind the conditions in a district: the office's, or a document's."""
    book = rule_book(app)
    terms = []
    for name in PARAMETERS.values():
        parameter = book.parameters[name]
        value = nearest(parameter.values, ancestry(district), as_of)
        assert value is not None  # the shipped book has one for the nation
        words = value_in_words(value.value, parameter.unit)
        terms.append(
            ShownTerm(name, parameter.title, words, value.jurisdiction, value.source is None)
        )
    return terms


def white_json(place: WhitePlace, as_of: Day) -> dict[str, Any]:
    """An institution under stable keys."""
    standing = place.assessment.standing
    return {
        "uscc": standing.uscc,
        "name": standing.name,
        "district": standing.district,
        "as_of": format_day(as_of),
        "state": place.state,
        "assessment": place.assessment.state,
        "listed": place.is_listed,
        "edition": place.edition,
        "hold_until": iso_or_none(place.due),
        "conditions": [
            {
                "code": line.code,
                "status": place.status_of(line),
                "verdict": line.verdict,
                "text": line.text._asdict(),
                "datum": line.datum,
                "figure": line.figure._asdict() if line.figure else None,
                "since": iso_or_none(line.since),
                "suppliers": list(line.suppliers),
                "words": list(line.words),
            }
            for line in place.assessment.lines
        ],
    }


def _read(app: App, keys: Collection[int], as_of: Day) -> list[WhitePlace]:
    outcomes = gather_outcomes(
        app, as_of, findings=lambda app, day: list_kept_covers(app, day, keys)
    )
    terms = terms_of(app)
    places: list[WhitePlace] = []
    with app.database.reading() as tx:
        barring = barring_documents(decisions.list_decisions(tx), as_of)
        for district, facts in standings.iterate_districts(tx, as_of, keys):
            assessed = assess_all(facts, outcomes, barring, as_of, terms(district, as_of))
            places += _beside_edition(tx, district, assessed)
    return places


def _beside_edition(
    tx: Transaction, district: str, assessments: list[Assessment]
) -> list[WhitePlace]:
    latest = editions.find_latest(tx, district)
    listed = {entry["uscc"] for entry in latest.read()["lists"][WHITE]} if latest else set()
    running = {row["uscc"]: row for row in holds.list_running_rows(tx, district)}
    return [
        WhitePlace(
            assessment,
            latest.number if latest else None,
            assessment.standing.uscc in listed,
            running.get(assessment.standing.uscc),
        )
        for assessment in assessments
    ]
