"""Visits and checklists as pages and commands show them: reading only, within a scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ForbiddenError, NotFoundError
from feewatch.kernel.people import User
from feewatch.rounds.checklists import Checklist
from feewatch.services.intake.proofs import load_proof
from feewatch.services.paging import Page, slice_of
from feewatch.services.rounds.files import list_checklists
from feewatch.services.rounds.inspectors import (
    MissingVisit,
    list_missing_within,
    months_looked_at,
    unknown_institution,
)
from feewatch.store.cases import alerts
from feewatch.store.database import Record, Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.rounds import assignments, campaigns, visits
from feewatch.store.rounds.visits import WantedVisits


def own_only(person: User) -> str:
    """Whose visits alone a person may read: an inspector's are the own ones."""
    return person.name if person.role == "inspector" else ""


def list_visits(app: App, person: User, wanted: WantedVisits, number: int) -> Page:
    """One page of visits."""
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = visits.list_visits(tx, person.scope, wanted, limit=size, offset=start)
        return Page(rows, visits.count_visits(tx, person.scope, wanted), number)


@dataclass(frozen=True, slots=True)
class VisitFile:
    """A visit with all that was handed in, and what became of what it found."""

    visit: PageRow
    checklist: Mapping[str, Any] | None  # as it was that day
    results: dict[str, PageRow]
    photos: PageRows
    alerts: dict[str, Record]


def get_visit(app: App, person: User, number: str) -> VisitFile:
    """A visit.

    Raises: NotFoundError, also outside the scope, and for another inspector's.
    """
    with app.database.reading() as tx:
        row = _get_visit(tx, person, number)
        results = {result.item: result for result in visits.list_results(tx, row.id)}
        sha256 = row.checklist_sha256
        return VisitFile(
            row,
            visits.find_checklist(tx, sha256) if sha256 else None,
            results,
            visits.list_photos(tx, row.id),
            {
                result.alert_id: alert
                for result in results.values()
                if result.alert_id and (alert := alerts.find_alert(tx, result.alert_id))
            },
        )


def load_photo(app: App, person: User, number: str, key: int) -> tuple[str, bytes, str]:
    """Name, bytes and media type of a photo of a visit.

    Raises: NotFoundError; UnavailableError where the file is gone or changed.
    """
    with app.database.reading() as tx:
        photos = visits.list_photos(tx, _get_visit(tx, person, number).id)
    photo = next((photo for photo in photos if photo.id == key), None)
    if photo is None:
        raise NotFoundError("PHOTO-UNKNOWN", f"没有照片 {key}", f"no photo {key}")
    content, _ = load_proof(app, photo.sha256)
    return photo.name, content, photo.media_type


def _get_visit(tx: Transaction, person: User, number: str) -> PageRow:
    row = visits.find_visit(tx, person.scope, number)
    own = own_only(person)
    if row is None or (own and row.inspector != own):
        raise NotFoundError("VISIT-UNKNOWN", f"没有走访 {number}", f"no visit {number}")
    return row


@dataclass(frozen=True, slots=True)
class OwnRounds:
    """What an inspector begins with: institutions, what is missing, campaigns, last visits."""

    institutions: PageRows
    missing: list[MissingVisit]
    campaigns: PageRows
    visits: PageRows


def read_own(app: App, person: User) -> OwnRounds:
    """The rounds of the person who asks."""
    day = today()
    with app.database.reading() as tx:
        wanted = WantedVisits(own=person.name)
        return OwnRounds(
            assignments.list_own(tx, person.name, day),
            list_missing_within(app, tx, person.scope, *months_looked_at(day), person.name),
            campaigns.list_running(tx, person.scope, day),
            visits.list_visits(tx, person.scope, wanted, limit=10, offset=0),
        )


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What the form of a visit is filled with."""

    place: PageRow
    is_premises: bool
    checklists: list[Checklist]
    checklist: Checklist | None  # the one that is worked through
    campaign: PageRow | None


def read_form(
    app: App, person: User, uscc: str, premises_no: str, checklist: str, campaign: str
) -> VisitForm:
    """The form of a visit to an institution or to premises.

    Raises: NotFoundError, also for an institution that is not the inspector's; ForbiddenError.
    """
    day = today()
    with app.database.reading() as tx:
        row = campaigns.find(tx, person.scope, campaign) if campaign else None
        place = _place_of(tx, person, uscc, premises_no, campaign)
    at = "premises" if premises_no else "institution"
    in_use = list_checklists(app, day, at)
    wanted = checklist or (row.checklist if row is not None else "")
    chosen = next((each for each in in_use if each.id == wanted), None)
    return VisitForm(place, bool(premises_no), in_use, chosen, row)


def _place_of(tx: Transaction, person: User, uscc: str, premises_no: str, campaign: str) -> PageRow:
    day = today()
    if premises_no:
        premises = visits.find_premises(tx, premises_no)
        if premises is None or not person.scope.sees(premises.district, premises.institution_id):
            raise NotFoundError("PREMISES-UNKNOWN", f"没有场所 {premises_no}", f"no {premises_no}")
        is_member = campaigns.is_member(tx, campaign, premises_id=premises.id)
        if person.role == "inspector" and not is_member:
            raise ForbiddenError(
                "VISIT-PREMISES",
                "责任督学只走访专项督导中的场所",
                "an inspector visits premises of a campaign alone",
            )
        return premises
    row = visits.find_institution(tx, uscc, day)
    if row is None or not person.scope.sees(row.district, row.id):
        raise unknown_institution(uscc)
    if person.role == "inspector" and not assignments.may_visit(tx, person.name, row.id, day):
        raise unknown_institution(uscc)
    return row
