"""Editions of the lists: composed from the record, signed, put on disk, owed to subscribers.

The row with the signed document is committed first and files follow from it, so a process killed
at any point leaves nothing half done that the next run would not complete.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.credit.holds import Held, hold, write_conditions
from feewatch.credit.lists import WHITE
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.text import Text
from feewatch.publication import edition as editing
from feewatch.publication import folder
from feewatch.publication.choice import ListChoice, choose, existing_lists, leaving
from feewatch.publication.edition import Gates, Kind, ListChange, Lists
from feewatch.publication.signing import SigningKey, sha256
from feewatch.services.check.rulebook import rule_book as read_rule_book
from feewatch.services.check.rulebook import rule_book_version
from feewatch.services.lists.covers import list_covers
from feewatch.services.lists.gathering import DistrictRecord, gather_districts
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.red import with_red
from feewatch.services.lists.shelving import (
    finish_publication,
    put_on_disk,
    refuse_other_record,
)
from feewatch.services.lists.standings import Findings, gather_outcomes, terms_of
from feewatch.services.lists.telling import tell_of_edition, tell_of_holds
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.lists import decisions, editions, holds

#: The code under which a refusal by the gates is known.
GATE_CODE = "GATE-ADDITIONS"


@dataclass(frozen=True, slots=True)
class Published:
    """What publication came to in one district."""

    district: str
    cut_off: Day
    document: dict[str, Any] | None  # None: the gates refused it and nothing had to leave
    sha256: str | None  # None for a dry run
    is_new: bool
    held: tuple[Text, ...] = ()  # what the gates object to; additions wait until it is resolved

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        document = self.document or {}
        message = "; ".join(text.both() for text in self.held)
        fault = {"code": GATE_CODE, "message": message} if self.held else {}
        return fault | {
            "district": self.district,
            "number": document.get("number"),
            "cut_off": format_day(self.cut_off),
            "kind": document.get("kind"),
            "sha256": self.sha256,
            "new": self.is_new,
            "counts": document.get("counts"),
            "delta": document.get("delta"),
        }


@dataclass(frozen=True, slots=True)
class _Draft:
    lists: Lists
    choice: ListChoice
    kind: Kind
    changes: list[ListChange]
    held: tuple[Text, ...]
    places: Held | None = (
        None  # what becomes of white places whose proof fails; none of corrections
    )


def publish(
    app: App,
    as_of: Day,
    *,
    actor: str,
    dry_run: bool = False,
    findings: Findings = list_covers,
    rule_book: Callable[[App], str] = rule_book_version,
) -> list[Published]:
    """The edition of every district at a cut-off; one that exists with the same entries stays.

    Raises: ConflictError for a cut-off before the latest edition's, UnavailableError without key.
    """
    outcomes = gather_outcomes(app, as_of, findings=findings)
    press = _Press(app, rule_book(app), as_of, actor)
    make = press.preview if dry_run else press.publish
    with app.database.reading() as tx:
        records = gather_districts(
            tx, as_of, outcomes, terms_of(app), default=app.config.office.district
        )
        published = [make(record) for record in records]
    if not dry_run:
        finish_publication(app)
    return published


def publish_corrections(
    app: App,
    as_of: Day | None = None,
    *,
    actor: str,
    rule_book: Callable[[App], str] = rule_book_version,
) -> list[Published]:
    """Editions that only take out entries whose decision ended, where there are any."""
    day = today() if as_of is None else as_of
    with app.database.reading() as tx:
        places = editions.list_districts(tx)
    press = _Press(app, rule_book(app), day, actor)
    corrections = [press.correct(place) for place in places]
    published = [correction for correction in corrections if correction is not None]
    if published:
        finish_publication(app)
    return published


def refresh_timestamps(app: App, as_of: Day) -> None:
    """Vouch anew that the latest edition of each district is the latest."""
    with app.database.reading() as tx:
        latest = [editions.find_latest(tx, place) for place in editions.list_districts(tx)]
    key = get_signing_key(app)
    for edition in latest:
        assert edition is not None
        if as_of >= edition.cut_off:
            with folder.alone(app.editions, edition.district):
                folder.write_timestamp(
                    app.editions, edition.district, edition.number, edition.sha256, as_of, key
                )


class _Press:
    """One run of publication."""

    def __init__(self, app: App, rule_book: str, cut_off: Day, actor: str) -> None:
        self._app = app
        self._rule_book = rule_book
        self._cut_off = cut_off
        self._actor = actor

    def publish(self, record: DistrictRecord) -> Published:
        district = record.district
        key = get_signing_key(self._app)
        with self._app.database.transaction() as tx:
            latest = editions.find_latest(tx, district)
            refuse_other_record(self._app, latest, district)
            published = self._existing(tx, latest, district)
            if published is None:
                draft = self._draft(tx, record, latest)
                published = self._settle(tx, draft, latest, district, key)
        if published.document is not None:
            put_on_disk(self._app, district, self._cut_off, key)
        return published

    def preview(self, record: DistrictRecord) -> Published:
        district = record.district
        with self._app.database.reading() as tx:
            latest = editions.find_latest(tx, district)
            published = self._existing(tx, latest, district)
            if published is not None:
                return published
            draft = self._draft(tx, record, latest)
        document = None
        if _goes_out(draft, latest, self._cut_off):
            document = self._document(draft, latest, district)
        elif latest is not None and not draft.held:
            return Published(district, self._cut_off, latest.read(), latest.sha256, is_new=False)
        return Published(
            district, self._cut_off, document, None, is_new=document is not None, held=draft.held
        )

    def correct(self, district: str) -> Published | None:
        key = get_signing_key(self._app)
        with self._app.database.transaction() as tx:
            latest = editions.find_latest(tx, district)
            assert latest is not None
            press = _Press(
                self._app, self._rule_book, max(self._cut_off, latest.cut_off), self._actor
            )
            draft = press._correction(tx, latest)
            if draft is None:
                return None
            published = press._settle(tx, draft, latest, district, key)
        put_on_disk(self._app, district, press._cut_off, key)
        return published

    def _existing(
        self, tx: Transaction, latest: editions.Edition | None, district: str
    ) -> Published | None:
        """The edition of an earlier cut-off, which no later data change."""
        if latest is None or self._cut_off >= latest.cut_off:
            return None
        existing = editions.find_of_cut_off(tx, district, self._cut_off)
        if existing is None:
            day = format_day(latest.cut_off)
            raise ConflictError(
                "CUT-OFF-PAST",
                f"{district} 第 {latest.number} 期截止日为 {day}，不能再发布更早的版次",
                f"{district}: edition {latest.number} has the cut-off {day}; "
                "an earlier one cannot be published any more",
            )
        return Published(district, self._cut_off, existing.read(), existing.sha256, is_new=False)

    def _draft(
        self, tx: Transaction, record: DistrictRecord, latest: editions.Edition | None
    ) -> _Draft:
        config, district = self._app.config.publication, record.district
        hold_days = record.terms.hold_days
        existing = existing_lists(config.list_basis, district)
        choice = choose(record.assessments, record.decisions, existing, self._cut_off)
        before = None if latest is None else _lists(latest)
        held_places = hold(
            (before or {}).get(WHITE, ()), choice.assessments, holds.list_running(tx, district),
            self._cut_off,
            # an edition that is made up gives the office its days from today on
            lambda since: add_working_days(
                max(since, today()), hold_days, self._app.holidays
            ).day,
        )  # fmt: skip
        choice = choice.with_held(held_places, holds.list_left(tx, district))
        choice = with_red(self._app, tx, choice, district)
        changes = _compare(before or {}, choice.lists, choice)
        gates = Gates(config.max_added_share, config.max_added_floor)
        held = tuple(editing.check_gates(before, changes, gates))
        if not held:
            return _Draft(choice.lists, choice, "regular", changes, (), held_places)
        assert before is not None
        kept = editing.without_additions(before, choice.lists)
        kept = choice.keep_until_public(before, kept)
        return _Draft(kept, choice, "removals", _compare(before, kept, choice), held, held_places)

    def _correction(self, tx: Transaction, latest: editions.Edition) -> _Draft | None:
        existing = existing_lists(self._app.config.publication.list_basis, latest.district)
        taken = decisions.list_decisions(tx, latest.district)
        before = _lists(latest)
        gone = leaving(before, taken, existing, self._cut_off)
        if not gone:
            return None
        kept = {
            name: [each for each in entries if (name, editing.key_of(each)) not in gone]
            for name, entries in before.items()
        }
        choice = choose([], taken, existing, self._cut_off)
        choice = choice._replace(unrated=latest.read()["unrated"])
        return _Draft(kept, choice, "correction", _compare(before, kept, choice), ())

    def _settle(
        self,
        tx: Transaction,
        draft: _Draft,
        latest: editions.Edition | None,
        district: str,
        key: SigningKey,
    ) -> Published:
        if not _goes_out(draft, latest, self._cut_off):
            if draft.held or latest is None:
                return Published(district, self._cut_off, None, None, is_new=False, held=draft.held)
            return Published(district, self._cut_off, latest.read(), latest.sha256, is_new=False)
        document = self._document(draft, latest, district)
        signed = key.sign(document)
        added = editions.add(
            tx,
            document,
            signed,
            cut_off=self._cut_off,
            sha256=sha256(signed),
            content_sha256=editing.content_hash(draft.lists),
            subscribers=[each.name for each in self._app.config.publication.subscribers],
        )
        if not added:
            raise ConflictError(
                "EDITION-RACE",
                f"{district} 正由另一进程发布，请重试",
                f"{district} is being published by another process: try again",
            )
        if draft.places is not None:
            self._keep_holds(tx, draft.places, draft.choice, district)
        tell_of_edition(tx, district, document["number"], draft.changes)
        audit.record(
            tx,
            actor=self._actor,
            action="edition.publish",
            object=f"{district}/{document['number']}",
            detail={"cut_off": format_day(self._cut_off), "sha256": sha256(signed)},
        )
        return Published(
            district, self._cut_off, document, sha256(signed), is_new=True, held=draft.held
        )

    def _keep_holds(self, tx: Transaction, places: Held, choice: ListChoice, district: str) -> None:
        """What the edition makes of white places on hold, in its own transaction."""
        standing = {each.uscc: choice.assessments[each.uscc] for each in places.begun}
        names = {uscc: found.standing.name for uscc, found in standing.items()}
        lines = {uscc: write_conditions(found) for uscc, found in standing.items()}
        holds.end(tx, district, places.ended, self._cut_off)  # first: one may begin anew
        holds.begin(tx, district, places.begun, names, lines)
        tell_of_holds(tx, places.begun)

    def _document(
        self, draft: _Draft, latest: editions.Edition | None, district: str
    ) -> dict[str, Any]:
        return editing.build(
            kind=draft.kind,
            office=self._app.config.office.name,
            district=district,
            number=1 if latest is None else latest.number + 1,
            cut_off=self._cut_off,
            rule_book=self._rule_book,
            previous_sha256=None if latest is None else latest.sha256,
            lists=draft.lists,
            unrated=draft.choice.unrated,
            changes=draft.changes,
            meanings=read_rule_book(self._app).meanings_json(),
        )


def _goes_out(draft: _Draft, latest: editions.Edition | None, cut_off: Day) -> bool:
    """Whether there is an edition to make of a draft."""
    if latest is None:
        return True
    if draft.held:
        return any(change.change == "removed" for change in draft.changes)
    return latest.cut_off < cut_off or bool(draft.changes)


def _lists(latest: editions.Edition) -> Lists:
    lists: Lists = latest.read()["lists"]
    return lists


def _compare(before: Lists, after: Lists, choice: ListChoice) -> list[ListChange]:
    return editing.compare(before, after, choice.why_added, choice.why_removed)
