"""Visits: handed in once with results and photos; what is not in order becomes a matter.

A page that lost its connection may hand the same visit in again and again: it goes by its token.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import VISITORS, User
from feewatch.kernel.text import Text
from feewatch.registry.personal import has_number_of_a_person
from feewatch.rounds.checklists import FAIL, RESULTS, UNSEEN, Checklist
from feewatch.services.intake.proofs import KindTaken, Proof, keep_proof, read_proof
from feewatch.services.people.acting import get_acting
from feewatch.services.rounds.files import find_version
from feewatch.services.rounds.found import ToPut, VisitPlace, alerts_of, put_on_record
from feewatch.services.rounds.inspectors import unknown_institution
from feewatch.services.rounds.photos import stripped
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.rounds import assignments, campaigns, draws, visits

KINDS: dict[str, Text] = {
    "monthly": Text("月度走访", "monthly visit"),
    "unannounced": Text("四不两直", "unannounced visit"),
    "campaign": Text("专项督导", "visit of a campaign"),
    "recheck": Text("回头看", "looking again"),
}
MOST_PHOTOS = 12
MOST_MB = 8
NOTE_MAX = 2000
ITEM_NOTE_MAX = 500
#: How late a visit may be handed in that a phone kept, in days.
_LATEST_DAYS = 31
_TOKEN = re.compile(r"[A-Za-z0-9-]{16,64}", re.ASCII)
_TAKEN = KindTaken(
    "PHOTO", Text("照片", "a photo"), {"image/jpeg", "image/png"}, "JPEG or PNG", MOST_MB
)


class ItemSaid(NamedTuple):
    """What was said of an item."""

    result: str
    note: str = ""


class Photo(NamedTuple):
    """A photo of an item, or of the visit as a whole."""

    item: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class VisitGiven:
    """A visit as it is handed in."""

    token: str
    on: Day
    kind: str = "monthly"
    uscc: str = ""
    premises_no: str = ""
    checklist: str = ""
    version: str = ""
    results: Mapping[str, ItemSaid] = field(default_factory=dict)
    note: str = ""
    photos: Sequence[Photo] = ()
    campaign: str = ""


class VisitKept(NamedTuple):
    """A visit on record; ``is_new`` is False where it was handed in before."""

    number: str
    is_new: bool
    alerts: tuple[str, ...]  # of what was not in order


def read_photo(item: str, name: str, content: bytes) -> Photo:
    """A photo looked at, without what its camera wrote beside it.

    Raises: InvalidInputError.
    """
    return Photo(item, stripped(read_proof(_TAKEN, name, content)))


def record_visit(app: App, given: VisitGiven, *, actor: str) -> VisitKept:
    """Put a visit on record, once however often it is handed in.

    Raises: ForbiddenError, NotFoundError, InvalidInputError; ConflictError where the token is of
    another visit.
    """
    with app.database.reading() as tx:
        person = get_acting(tx, actor, VISITORS)
        if earlier := _earlier(tx, given, person):
            return earlier
    checklist = _check(app, given)
    for photo in given.photos:
        keep_proof(app, photo.proof)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, VISITORS)
        place = _get_place(tx, person, given)
        visits.hold_others(tx)
        if earlier := _earlier(tx, given, person):
            return earlier
        return _record(tx, person, place, given, checklist)


def _earlier(tx: Transaction, given: VisitGiven, person: User) -> VisitKept | None:
    """The visit that was handed in under the token.

    Raises: ConflictError where it is another's, or of another place.
    """
    if not _TOKEN.fullmatch(given.token):
        raise InvalidInputError(
            "VISIT-TOKEN", "走访标识无效", "the token of the visit is none", field="token"
        )
    row = visits.find_by_token(tx, given.token)
    if row is None:
        return None
    shown = visits.find_visit(tx, person.scope, row.number)
    is_same = shown is not None and (
        (shown.uscc or "") == given.uscc and (shown.premises_no or "") == given.premises_no
    )
    if row.inspector != person.name or row.visited_on != given.on or not is_same:
        raise ConflictError(
            "VISIT-TOKEN-TAKEN",
            "该走访标识已用于另一次走访",
            "the token is that of another visit",
            field="token",
        )
    alerts = tuple(each.alert_id for each in visits.list_results(tx, row.id) if each.alert_id)
    return VisitKept(row.number, is_new=False, alerts=alerts)


def _check(app: App, given: VisitGiven) -> Checklist | None:
    """The checklist that was worked through; everything that needs no database is looked at.

    Raises: InvalidInputError.
    """
    if given.kind not in KINDS:
        raise _invalid("VISIT-KIND", "没有这种走访", "there is no such kind of visit", "kind")
    if not today() - _LATEST_DAYS <= given.on <= today():
        raise _invalid(
            "VISIT-DAY",
            f"走访日期应在今天及之前 {_LATEST_DAYS} 天内",
            f"a visit lies on one of the last {_LATEST_DAYS} days",
            "on",
        )
    if bool(given.uscc) == bool(given.premises_no):
        raise _invalid(
            "VISIT-PLACE", "机构与场所二者填一", "name an institution or premises", "uscc"
        )
    _check_texts(given)
    if len(given.photos) > MOST_PHOTOS:
        raise _invalid(
            "PHOTO-MANY", f"照片至多 {MOST_PHOTOS} 张", f"at most {MOST_PHOTOS} photos", "photo"
        )
    if not given.checklist:
        if given.results or not given.note.strip():
            raise _invalid("VISIT-EMPTY", "请填写走访情况", "say what the visit was about", "note")
        return None
    checklist = find_version(app, given.checklist, given.version)
    if checklist is None or checklist.begins > given.on:
        raise _invalid(
            "CHECKLIST-UNKNOWN",
            f"没有检查单 {given.checklist} {given.version}",
            f"no checklist {given.checklist} {given.version}",
            "checklist",
        )
    _check_results(checklist, given)
    return checklist


def _check_texts(given: VisitGiven) -> None:
    for name, text, most in (
        ("note", given.note, NOTE_MAX),
        *((f"note_{item}", said.note, ITEM_NOTE_MAX) for item, said in given.results.items()),
    ):
        if len(text) > most:
            raise _invalid("TOO-LONG", f"过长（至多 {most} 字）", f"longer than {most}", name)
        if has_number_of_a_person(text):
            raise _invalid(
                "VISIT-PERSONAL",
                "说明中不得有电话或证件号码",
                "a note holds no phone and no identity number",
                name,
            )


def _check_results(checklist: Checklist, given: VisitGiven) -> None:
    is_at = "institution" if given.uscc else "premises"
    if checklist.at != is_at:
        raise _invalid(
            "CHECKLIST-PLACE",
            "该检查单不用于此类对象",
            "this checklist is for another kind of place",
            "checklist",
        )
    for item, said in given.results.items():
        if checklist.find_item(item) is None or said.result not in RESULTS:
            raise _invalid(
                "ITEM-UNKNOWN", f"检查单没有 {item}", f"no item {item}", f"result_{item}"
            )
        if said.result == FAIL and not said.note.strip():
            raise _invalid(
                "ITEM-NOTE",
                f"第 {item} 项不符合，请写明情况",
                f"item {item} is not in order: say what was seen",
                f"note_{item}",
            )
    if all(said.result == UNSEEN for said in given.results.values()) and not given.note.strip():
        raise _invalid("VISIT-EMPTY", "请填写走访情况", "say what the visit was about", "note")
    for photo in given.photos:
        if photo.item and checklist.find_item(photo.item) is None:
            raise _invalid("ITEM-UNKNOWN", f"检查单没有 {photo.item}", "no such item", "photo")


def _invalid(code: str, zh: str, en: str, name: str) -> InvalidInputError:
    return InvalidInputError(code, zh, en, field=name)


def _get_place(tx: Transaction, person: User, given: VisitGiven) -> VisitPlace:
    """Where the visit was made, of which the person may tell.

    Raises: NotFoundError, ForbiddenError.
    """
    if given.premises_no:
        premises = visits.find_premises(tx, given.premises_no)
        is_seen = premises is not None and person.scope.sees(
            premises.district, premises.institution_id
        )
        if premises is None or not is_seen:
            raise NotFoundError(
                "PREMISES-UNKNOWN", f"没有场所 {given.premises_no}", f"no {given.premises_no}"
            )
        if person.role == "inspector" and not campaigns.is_member(
            tx, given.campaign, premises_id=premises.id
        ):
            raise ForbiddenError(
                "VISIT-PREMISES",
                "责任督学只走访专项督导中的场所",
                "an inspector visits premises of a campaign alone",
            )
        return VisitPlace(
            None, premises.id, premises.district, "", premises.name or premises.address
        )
    row = visits.find_institution(tx, given.uscc, given.on)
    if row is None or not person.scope.sees(row.district, row.id):
        raise unknown_institution(given.uscc)
    if person.role == "inspector" and not assignments.may_visit(tx, person.name, row.id, given.on):
        raise unknown_institution(given.uscc)
    return VisitPlace(row.id, None, row.district, row.uscc, row.name)


def _record(
    tx: Transaction, person: User, place: VisitPlace, given: VisitGiven, checklist: Checklist | None
) -> VisitKept:
    campaign_id = _campaign_of(tx, place, given)
    draw_id = None
    if given.kind == "unannounced" and place.institution_id is not None:
        draw_id = draws.find_waiting(tx, place.institution_id, place.uscc, given.on)
    key, number = visits.add(
        tx, token=given.token, institution_id=place.institution_id, premises_id=place.premises_id,
        district=place.district, inspector=person.name, kind=given.kind, on=given.on,
        checklist=checklist, campaign_id=campaign_id, draw_id=draw_id, note=given.note.strip(),
    )  # fmt: skip
    said = {item: each for item, each in given.results.items() if each.result != UNSEEN}
    told = {item: (each.result, each.note.strip()) for item, each in said.items()}
    finder = None
    if checklist is not None and place.institution_id is not None:
        finder = ToPut(number, given.on, person.name, checklist)
    alerts = alerts_of(place, finder, told) if finder else {}
    visits.add_results(
        tx,
        key,
        [
            {"item": item, "result": result, "note": note, "alert_id": alerts.get(item)}
            for item, (result, note) in told.items()
        ],
    )
    visits.add_photos(
        tx,
        key,
        [
            {"item": photo.item, "name": photo.proof.name, "media_type": photo.proof.media_type}
            | {"size": len(photo.proof.content), "sha256": photo.proof.sha256}
            for photo in given.photos
        ],
    )
    if finder:
        put_on_record(tx, place, finder, told)
    audit.record(
        tx, person.name, "visit.record", number, place=place.uscc or given.premises_no,
        kind=given.kind, on=format_day(given.on), failed=len(alerts), photos=len(given.photos),
        checklist=f"{checklist.id} {checklist.version}" if checklist else None,
    )  # fmt: skip
    return VisitKept(number, is_new=True, alerts=tuple(alerts.values()))


def _campaign_of(tx: Transaction, place: VisitPlace, given: VisitGiven) -> int | None:
    """The campaign that the visit belongs to.

    Raises: InvalidInputError where the place or the day is none of it.
    """
    if not given.campaign:
        return None
    row = campaigns.find_member(
        tx, given.campaign, institution_id=place.institution_id, premises_id=place.premises_id
    )
    if row is None or not row.from_day <= given.on <= row.to_day:
        raise _invalid(
            "CAMPAIGN-MEMBER",
            f"专项督导 {given.campaign} 不含该对象或日期",
            f"the campaign {given.campaign} has no such member or day",
            "campaign",
        )
    return int(row.id)
