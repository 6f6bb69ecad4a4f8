"""Visits in the database: put on record once, with results and photos, and never changed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, date_of
from feewatch.kernel.people import Scope
from feewatch.rounds.checklists import Checklist
from feewatch.store.pages.scope import in_force, within
from feewatch.store.rounds.numbers import hold, next_number
from feewatch.store.scope import among
from feewatch.store.tables.places import premises
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import (
    campaign,
    checklist_version,
    visit,
    visit_draw,
    visit_photo,
    visit_result,
)


@dataclass(frozen=True, slots=True)
class WantedVisits:
    """What a person asked the list of visits for; empty means all."""

    inspector: str = ""
    kind: str = ""
    uscc: str = ""
    days: tuple[Day, Day] | None = None
    campaign: str = ""
    own: str = ""  # of this inspector alone, whoever asks


def hold_others(tx: Connection) -> None:
    """Let others who hand in visits wait: the same one may come twice at once."""
    hold(tx, visit)


def find_by_token(tx: Connection, token: str) -> Row[Any] | None:
    """The visit that was handed in under a token."""
    return tx.execute(select(visit).where(visit.c.token == token)).one_or_none()


def keep_checklist(tx: Connection, checklist: Checklist) -> None:
    """Keep a version of a checklist as it is, once."""
    c = checklist_version.c
    if tx.scalar(select(c.id).where(c.sha256 == checklist.sha256)) is None:
        tx.execute(
            insert(checklist_version).values(
                sha256=checklist.sha256,
                checklist=checklist.id,
                version=checklist.version,
                content=checklist.as_json(),
                kept_at=timestamp(),
            )
        )


def add(
    tx: Connection,
    *,
    token: str,
    institution_id: int | None,
    premises_id: int | None,
    district: str,
    inspector: str,
    kind: str,
    on: Day,
    checklist: Checklist | None,
    campaign_id: int | None,
    draw_id: int | None,
    note: str,
) -> tuple[int, str]:
    """Key and number of a new visit."""
    number = next_number(tx, visit, district, date_of(on).year)
    if checklist is not None:
        keep_checklist(tx, checklist)
    row = {
        "number": number,
        "token": token,
        "institution_id": institution_id,
        "premises_id": premises_id,
        "district": district,
        "inspector": inspector,
        "kind": kind,
        "visited_on": on,
        "checklist_sha256": checklist.sha256 if checklist else None,
        "campaign_id": campaign_id,
        "visit_draw_id": draw_id,
        "note": note,
        "received_at": timestamp(),
    }
    key: int = tx.execute(insert(visit).returning(visit.c.id), row).scalar_one()
    return key, number


def add_results(tx: Connection, key: int, results: Collection[Mapping[str, Any]]) -> None:
    """What was said of each item: item, result, note, alert_id."""
    if results:
        tx.execute(insert(visit_result), [{"visit_id": key, **result} for result in results])


def add_photos(tx: Connection, key: int, photos: Collection[Mapping[str, Any]]) -> None:
    """The photos of a visit: item, name, media_type, size, sha256."""
    if photos:
        tx.execute(insert(visit_photo), [{"visit_id": key, **photo} for photo in photos])


def _shown() -> Select[Any]:
    named = (institution_fact.c.institution_id == visit.c.institution_id) & (
        (institution_fact.c.valid_from <= visit.c.visited_on)
        & (institution_fact.c.valid_to >= visit.c.visited_on)
    )
    failed = (
        select(func.count())
        .where(visit_result.c.visit_id == visit.c.id, visit_result.c.result == "fail")
        .correlate(visit)
        .scalar_subquery()
    )
    return (
        select(
            visit, institution.c.uscc, institution_fact.c.name, premises.c.premises_no,
            premises.c.address, campaign.c.number.label("campaign_number"),
            visit_draw.c.number.label("draw_number"), failed.label("failed"),
        )
        .outerjoin(institution, institution.c.id == visit.c.institution_id)
        .outerjoin(institution_fact, named)
        .outerjoin(premises, premises.c.id == visit.c.premises_id)
        .outerjoin(campaign, campaign.c.id == visit.c.campaign_id)
        .outerjoin(visit_draw, visit_draw.c.id == visit.c.visit_draw_id)
    )  # fmt: skip


def _conditions(scope: Scope, wanted: WantedVisits) -> list[ColumnElement[bool]]:
    conditions = [within(scope, visit.c.district, visit.c.institution_id)]
    named = [name for name in (wanted.inspector, wanted.own) if name]
    conditions += [visit.c.inspector == name for name in named]
    if wanted.kind:
        conditions.append(visit.c.kind == wanted.kind)
    if wanted.uscc:
        conditions.append(institution.c.uscc == wanted.uscc)
    if wanted.campaign:
        conditions.append(campaign.c.number == wanted.campaign)
    if wanted.days:
        conditions.append(visit.c.visited_on.between(*wanted.days))
    return conditions


def list_visits(
    tx: Connection, scope: Scope, wanted: WantedVisits, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Visits, the last first, with whom they were made to."""
    query = _shown().where(*_conditions(scope, wanted))
    query = query.order_by(visit.c.visited_on.desc(), visit.c.id.desc())
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_visits(tx: Connection, scope: Scope, wanted: WantedVisits) -> int:
    """How many there are."""
    rows = _shown().where(*_conditions(scope, wanted)).subquery()
    return tx.scalars(select(func.count()).select_from(rows)).one()


def find_visit(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """A visit by its number."""
    query = _shown().where(visit.c.number == number, *_conditions(scope, WantedVisits()))
    return tx.execute(query).one_or_none()


def list_results(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """What was said of the items of a visit."""
    c = visit_result.c
    return tx.execute(select(visit_result).where(c.visit_id == key).order_by(c.id)).all()


def list_photos(tx: Connection, key: int) -> Sequence[Row[Any]]:
    """The photos of a visit."""
    c = visit_photo.c
    return tx.execute(select(visit_photo).where(c.visit_id == key).order_by(c.id)).all()


def find_checklist(tx: Connection, sha256: str) -> Any:
    """The content of a version that is kept."""
    c = checklist_version.c
    return tx.scalar(select(c.content).where(c.sha256 == sha256))


def count_by_month(tx: Connection, first: Day, last: Day) -> Counter[tuple[int, Day]]:
    """How many visits were made to an institution in the month that begins on a day."""
    query = select(visit.c.institution_id, visit.c.visited_on).where(
        visit.c.institution_id.is_not(None), visit.c.visited_on.between(first, last)
    )
    return Counter(
        (institution_id, on - date_of(on).day + 1) for institution_id, on in tx.execute(query)
    )


def find_institution(tx: Connection, uscc: str, day: Day) -> Row[Any] | None:
    """Key, name and district of an institution on a day."""
    query = (
        select(institution.c.id, institution.c.uscc, institution_fact.c.name)
        .add_columns(institution_fact.c.district)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(institution.c.uscc == uscc, in_force(day))
    )
    return tx.execute(query).one_or_none()


def find_premises(tx: Connection, number: str) -> Row[Any] | None:
    """Premises by their number."""
    return tx.execute(select(premises).where(premises.c.premises_no == number)).one_or_none()


def name_institutions(
    tx: Connection, keys: Collection[int], day: Day
) -> dict[int, tuple[str, str, str]]:
    """Code, name and district of institutions on a day, by key."""
    query = (
        select(institution.c.id, institution.c.uscc, institution_fact.c.name)
        .add_columns(institution_fact.c.district)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(among(institution.c.id, keys), in_force(day))
    )
    return {key: (uscc, name, district) for key, uscc, name, district in tx.execute(query)}


def names_by_code(tx: Connection, codes: Collection[str], day: Day) -> dict[str, str]:
    """The names of institutions on a day, by credit code."""
    query = (
        select(institution.c.uscc, institution_fact.c.name)
        .join(institution_fact, institution_fact.c.institution_id == institution.c.id)
        .where(institution.c.uscc.in_(codes), in_force(day))
    )
    return {row.uscc: row.name for row in tx.execute(query)}


def last_visits(tx: Connection, day: Day) -> dict[int, Day]:
    """The last day on which each institution was visited by a day."""
    query = (
        select(visit.c.institution_id, func.max(visit.c.visited_on).label("last_on"))
        .where(visit.c.institution_id.is_not(None), visit.c.visited_on <= day)
        .group_by(visit.c.institution_id)
    )
    return {row.institution_id: row.last_on for row in tx.execute(query)}
