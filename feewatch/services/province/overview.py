"""All districts on one page: how it stands with each, the merged lists, where they contradict.

Decides nothing: a contradiction is a question to the districts, and moves no list.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text
from feewatch.services.lists.sources import list_sources
from feewatch.services.paging import Page, slice_of
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import gathered as pages

_HISTORY = 200
#: As many contradictions of a kind as a person goes through; the page says where there are more.
MOST = 200
#: How a source stands, the word of it.
STANDING: dict[str, Text] = {
    "valid": Text("有效", "valid"),
    "failing": Text("未取得有效内容", "nothing valid came"),
    "late": Text("时效已届满", "no longer vouched for"),
    "never": Text("尚未汇集", "not gathered yet"),
    "ended": Text("已不在来源中", "no source any more"),
}
#: In what districts may contradict each other.
KINDS: dict[str, Text] = {
    "listed": Text("一地列入黑名单，一地列入白名单或红名单", "black here, white or red there"),
    "names": Text("同一信用代码名称不同", "one credit code, several names"),
    "twice": Text("同一机构列入几个区划的白名单", "on the white lists of several districts"),
    "place": Text("由登记地以外的区划列入", "listed elsewhere than registered"),
}  # fmt: skip


class SourceState(NamedTuple):
    """How it stands with one district."""

    district: str
    url: str  # empty where it is no source any more
    standing: str  # of STANDING
    newest: PageRow | None
    age_days: int | None  # since the cut-off of the newest edition
    row: PageRow | None
    refused: int  # things, ever

    def as_json(self) -> dict[str, Any]:
        """The state under stable keys."""
        row, newest = self.row, self.newest
        return {
            "district": self.district, "standing": self.standing,
            "number": None if newest is None else newest.number,
            "cut_off": None if newest is None else format_day(newest.cut_off),
            "counts": None if newest is None else newest.counts, "age_days": self.age_days,
            "tried_at": None if row is None else row.tried_at,
            "valid_at": None if row is None else row.valid_at,
            "failing_since": None if row is None else row.failing_since,
            "code": None if row is None else row.code,
            "fresh_until": None if row is None else iso_or_none(row.fresh_until),
            "refused": self.refused,
        }  # fmt: skip


class PlacesApart(NamedTuple):
    """One institution of which districts say different things, with all they say."""

    kind: str  # of KINDS
    uscc: str
    rows: Sequence[PageRow]


def list_states(app: App, scope: Scope) -> list[SourceState]:
    """Every source within a scope, those that were sources once among them, by district."""
    configured = {each.district: each.url for each in list_sources(app.config)}
    with app.database.reading() as tx:
        rows = {row.district: row for row in pages.list_states(tx, scope)}
        newest = {row.district: row for row in pages.list_newest(tx, scope)}
        refused = pages.count_refusals(tx, scope)
    seen = {district for district in configured if covers(scope.district, district)}
    day = today()
    return [
        _state(
            district, configured.get(district), rows.get(district), newest.get(district),
            refused.get(district, 0), day,
        )
        for district in sorted(seen | rows.keys() | newest.keys())
    ]  # fmt: skip


def _state(
    district: str, url: str | None, row: PageRow | None, newest: PageRow | None, refused: int,
    day: Day,
) -> SourceState:  # fmt: skip
    standing = "valid"
    if url is None:
        standing = "ended"
    elif row is None:
        standing = "never"
    elif row.code is not None:
        standing = "failing"
    elif row.fresh_until < day:
        standing = "late"
    age = None if newest is None else day - newest.cut_off
    return SourceState(district, url or "", standing, newest, age, row, refused)


def get_state(app: App, scope: Scope, district: str) -> SourceState:
    """How it stands with one source.

    Raises: NotFoundError, also outside the scope.
    """
    for state in list_states(app, scope):
        if state.district == district:
            return state
    raise NotFoundError("SOURCE-UNKNOWN", f"没有汇集 {district}", f"nothing of {district}")


def list_editions(app: App, district: str) -> PageRows:
    """The editions of a source, the newest first; whoever asks was let see the source before."""
    with app.database.reading() as tx:
        return pages.list_editions(tx, district, _HISTORY)


def list_refusals(app: App, scope: Scope, district: str = "") -> PageRows:
    """What was refused, the last first."""
    with app.database.reading() as tx:
        return pages.list_refusals(tx, scope, district, _HISTORY)


def page_entries(app: App, scope: Scope, name: str, text: str, number: int) -> Page:
    """One page of the merged lists, by institution."""
    limit, offset = slice_of(number)
    with app.database.reading() as tx:
        rows = pages.list_entries(tx, scope, name, text, limit, offset)
        return Page(rows, pages.count_entries(tx, scope, name, text), number)


def list_contradictions(app: App, scope: Scope) -> list[PlacesApart]:
    """Where districts contradict each other; at most ``MOST`` of a kind."""
    sources = [each.district for each in app.config.gathering.sources]
    finders: dict[str, Callable[[Transaction], list[str]]] = {
        "listed": lambda tx: pages.list_contradicted(tx, scope, MOST),
        "names": lambda tx: pages.list_named_apart(tx, scope, MOST),
        "twice": lambda tx: pages.list_listed_twice(tx, scope, MOST),
        "place": lambda tx: pages.list_of_other_places(tx, scope, sources, MOST),
    }
    with app.database.reading() as tx:
        codes = {kind: find(tx) for kind, find in finders.items()}
        rows = read_entries(tx, scope, {uscc for found in codes.values() for uscc in found})
    return [
        PlacesApart(kind, uscc, [row for row in rows.get(uscc, ()) if row.list or kind == "names"])
        for kind, found in codes.items()
        for uscc in found
    ]


def read_entries(tx: Transaction, scope: Scope, codes: Collection[str]) -> dict[str, list[PageRow]]:
    """What all districts say of some institutions, by credit code."""
    rows: dict[str, list[PageRow]] = {}
    for row in pages.list_of_codes(tx, scope, codes):
        rows.setdefault(row.uscc, []).append(row)
    return rows
