"""The publisher's page: what each list gains and loses and why, and what holds it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.eligibility import Assessment
from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.publication.edition import ListChange
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.lists.covers import list_kept_covers
from feewatch.services.lists.drafts import EditionDraft
from feewatch.services.lists.press import Published, fingerprint
from feewatch.services.lists.publication import publish
from feewatch.services.lists.second_words import list_waiting
from feewatch.store.database import Record
from feewatch.store.lists import decisions, second_words
from feewatch.store.pages import PageRows
from feewatch.store.pages import editions as pages
from feewatch.store.pages.scope import list_within

#: As many names as a person reads through; all stand in the edition.
SHOWN = 200
#: Of the document of an edition.
_ENTRIES = frozenset({"lists", "unrated"})


class ListLine(NamedTuple):
    """One list before and after the next edition."""

    name: str
    before: int
    after: int
    joins: int
    leaves: int
    needs_second: bool  # more than the office's share leaves by no decision: two persons say so

    @property
    def percent(self) -> int:
        """The share of the list that leaves, in whole per cent, rounded down."""
        return 100 * self.leaves // self.before if self.before else 0


class ChangeLine(NamedTuple):
    """Who joins or leaves, why, and what lacks."""

    change: ListChange
    lacking: tuple[Text, ...]
    decision: int | None  # key of the decision on which it rests


class Unrated(NamedTuple):
    """An institution without a rating and the data that lack."""

    uscc: str
    name: str
    lacking: tuple[Text, ...]


class DistrictPreview(NamedTuple):
    """The next edition of a district."""

    published: Published
    lists: list[ListLine]
    changes: list[ChangeLine]
    change_count: int
    unrated: list[Unrated]
    unrated_count: int
    fingerprint: str  # of what the person saw; empty where there is nothing to publish


class PublisherPage(NamedTuple):
    """All that a publisher looks at before an edition."""

    day: Day
    districts: list[DistrictPreview]
    waiting: list[Record]  # for a second word
    order: Record | None
    latest: PageRows  # the latest edition of every district


def read_publisher_page(app: App, scope: Scope) -> PublisherPage:
    """What would be published today in a scope; nothing is.

    Computed when somebody looks first, and again only when anything was written since.
    """
    day, config = today(), app.config.publication
    match_changed(app)
    with app.database.reading() as tx:
        gates = config.max_added_share, config.max_added_floor, tuple(config.list_basis)
        districts = app.database.kept.within(tx).answer(
            ("next editions", scope, day, rule_book(app).version, *gates),
            lambda: _list_previews(app, scope, day, list_within(tx, scope, day)),
        )
        return PublisherPage(
            day,
            districts,
            list_waiting(tx, scope),
            second_words.find_standing_order(tx),
            pages.list_latest(tx, scope),
        )


def _list_previews(
    app: App, scope: Scope, day: Day, keys: Collection[int]
) -> list[DistrictPreview]:
    """Judged again are only institutions whose data changed since this process looked."""
    drafts = publish(
        app, day, actor="", dry_run=True, scope=scope,
        findings=lambda app, day: list_kept_covers(app, day, keys),
    )  # fmt: skip
    documents = {
        change.entry["document"]
        for published in drafts
        if published.draft is not None
        for change in published.draft.wanted
        if "document" in change.entry
    }
    with app.database.reading() as tx:
        known = decisions.find_keys(tx, documents)
    return [_preview(published, known) for published in drafts]


def list_latest(app: App, scope: Scope) -> PageRows:
    """The latest edition of every district in scope."""
    with app.database.reading() as tx:
        return pages.list_latest(tx, scope)


def preview_json(preview: DistrictPreview) -> dict[str, Any]:
    """The next edition of a district under stable keys."""
    return preview.published.as_json() | {
        "lists": [{**line._asdict(), "percent": line.percent} for line in preview.lists],
        "changes": [
            {
                "change": line.change.change,
                "list": line.change.list,
                "uscc": line.change.entry["uscc"],
                "name": line.change.entry["name"],
                "reason": line.change.reason._asdict(),
                "lacking": [text._asdict() for text in line.lacking],
                "decision": line.decision,
            }
            for line in preview.changes
        ],
        "changes_in_all": preview.change_count,
        "fingerprint": preview.fingerprint or None,
    }


def _preview(published: Published, keys: Mapping[str, int]) -> DistrictPreview:
    draft = published.draft
    if draft is None:
        return DistrictPreview(published, [], [], 0, [], 0, "")
    changes = draft.wanted[:SHOWN]
    unrated = [each for each in draft.choice.assessments.values() if each.state == "unrated"]
    return DistrictPreview(
        _without_entries(published),
        _lists(published, draft),
        [_change(change, draft, keys) for change in changes],
        len(draft.wanted),
        [_unrated(assessment) for assessment in unrated[:SHOWN]],
        len(unrated),
        fingerprint(draft) if published.is_new else "",
    )


def _without_entries(published: Published) -> Published:
    """What is kept of it: thousands of entries that stay are on no page."""
    document = published.document
    if document is not None:
        document = {name: part for name, part in document.items() if name not in _ENTRIES}
    return replace(published, document=document, draft=None)


def _lists(published: Published, draft: EditionDraft) -> list[ListLine]:
    before = published.before or {}
    counts = Counter((change.list, change.change) for change in draft.wanted)
    asked = {leave.list for leave in draft.leaves if leave.needs_second}
    lines = []
    for name in LISTS:
        joins, leaves = counts[name, "added"], counts[name, "removed"]
        if name in before or name in draft.lists:
            old = before.get(name, 0)
            after = old + joins - leaves
            lines.append(ListLine(name, old, after, joins, leaves, name in asked))
    return lines


def _change(change: ListChange, draft: EditionDraft, keys: Mapping[str, int]) -> ChangeLine:
    lacking: Collection[Text] = ()
    if change.change == "removed" and "document" not in change.entry:
        assessment = draft.choice.assessments.get(change.entry["uscc"])
        lacking = [] if assessment is None else _texts(assessment)
    return ChangeLine(change, tuple(lacking), keys.get(change.entry.get("document", "")))


def _unrated(assessment: Assessment) -> Unrated:
    standing = assessment.standing
    return Unrated(standing.uscc, standing.name, tuple(_texts(assessment)))


def _texts(assessment: Assessment) -> list[Text]:
    return [line.text for line in assessment.lines if line.verdict != "met"]
