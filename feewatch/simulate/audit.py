"""What the published files hold, against what the plan says they ought to: counts of both.

Reads the files on disk as anybody may, the moments at which editions went out, and the plan. It
asks no service what is right.
"""

import datetime as dt
import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any

from feewatch.kernel.days import date_of, parse_day
from feewatch.kernel.people import Scope
from feewatch.publication.signing import read_signed
from feewatch.services.lists.keys import find_own_keys
from feewatch.services.lists.procedure import list_all_objections
from feewatch.services.lists.verification import verify
from feewatch.simulate.acts import CORRECTED
from feewatch.simulate.invariants import Audit, PublishedEdition
from feewatch.simulate.places import BLACK, Red, White
from feewatch.simulate.plan import (
    DISTRICTS,
    START,
    Matter,
    Plan,
    at_hour,
)
from feewatch.simulate.run import Ran
from feewatch.store.pages.editions import list_editions

#: More editions than any simulation has.
_ALL = 100_000
_DECIDED = ("black", "credit_black", "notice")
_RED = ("white", "credit_red")


def audit(ran: Ran, plan: Plan) -> Audit:
    """Every invariant over everything that was published."""
    result = Audit()
    by_district = {place: _read(ran, place) for place in DISTRICTS}
    matters: dict[str, list[Matter]] = {place: [] for place in DISTRICTS}
    for matter in plan.matters:
        matters[matter.school.district].append(matter)
    for place, editions in by_district.items():
        white = White(result, ran, plan, place)
        red = Red(result, ran, plan, place)
        previous: PublishedEdition | None = None
        for edition in editions:
            _entries(result, edition, matters[place], plan, ran.desk.parties.heard)
            _changes(result, previous, edition)
            white.follow(edition, matters[place])
            red.follow(edition, matters[place])
            previous = edition
        _due(result, plan, editions)
        _removals(result, ran, editions, matters[place])
        _verify(result, ran, plan, place, len(editions))
        _forge(result, ran, editions)
    _lateness(result, ran)
    result.looked["stale_writes"] += ran.stale_rounds
    result.broken["stale_writes"] += ran.stale_writes
    result.looked["acts_astray"] = ran.desk.done.total() + ran.desk.refused.total()
    result.broken["acts_astray"] += len(ran.desk.unexpected)
    result.examples += ran.desk.unexpected[:5]
    return result


def _read(ran: Ran, place: str) -> list[PublishedEdition]:
    """The editions of a district from their files; the record tells when each went out."""
    with ran.app.database.reading() as tx:
        rows = list_editions(tx, place, limit=_ALL)
    editions = []
    for row in reversed(rows):
        file = ran.app.editions / place / str(row.number) / "edition.json"
        content = json.loads(file.read_bytes())
        cut_off = parse_day(content["cut_off"])
        assert cut_off is not None
        moment = dt.datetime.fromisoformat(row.published_at)
        editions.append(PublishedEdition(place, row.number, cut_off, moment, content))
    return editions


def _entries(
    result: Audit,
    edition: PublishedEdition,
    matters: Iterable[Matter],
    plan: Plan,
    heard: Mapping[int, dt.datetime],
) -> None:
    """Each entry of a decided list rests on a matter of the plan, and each matter has its entry."""
    by_document: dict[str, Matter] = {matter.document: matter for matter in matters}
    cut_off, at, lists = edition.cut_off, edition.at, edition.content["lists"]
    shown: set[tuple[str, str]] = set()
    names: dict[str, set[str]] = {name: {row["uscc"] for row in lists[name]} for name in lists}
    for name in _DECIDED:
        for row in lists.get(name, ()):
            where = f"{edition.district}/{edition.number} {name} {row.get('document')}"
            found = by_document.get(row.get("document", ""))
            result.hold(
                "without_document",
                found is not None and found.list == name and found.school.uscc == row["uscc"],
                where,
            )
            school = plan.by_uscc.get(row["uscc"])
            result.hold("natural_persons", school is not None and school.name == row["name"], where)
            if found is None:
                continue
            shown.add((name, found.document))
            result.hold("past_term", cut_off <= found.last_day, where)
            result.hold("open_window", cut_off > found.until, where)
            has_ended = found.ended is not None and found.ended < at
            result.hold("ended", not has_ended or found.is_public(cut_off, at), where)
            result.hold("fewer_persons", found.approved is not None and found.approved < at, where)
            if any(not said.is_late for said in found.course.said):
                answered = heard.get(found.number)
                is_heard = answered is not None and answered < (found.approved or answered)
                result.hold("unheard", is_heard, where)
            is_right = (
                row["decided_on"] == date_of(found.decided_on).isoformat()
                and row["last_day"] == date_of(found.last_day).isoformat()
                and row["earliest_repair"] == date_of(found.repairable).isoformat()
                and (row["basis"]["clause"] == CORRECTED) == _is_corrected(found, at)
            )
            result.hold("wrong_content", is_right or edition.content["kind"] == "correction", where)
    for red in _RED:
        for black in BLACK:
            both = names.get(red, set()) & names.get(black, set())
            result.hold("two_lists", not both, f"{edition.district}/{edition.number} {both}")
    if edition.content["kind"] != "correction":
        for matter in matters:
            if matter.is_public(cut_off, at):
                where = f"{edition.district}/{edition.number} lacks {matter.document}"
                result.hold("entries_missing", (matter.list, matter.document) in shown, where)


def _is_corrected(matter: Matter, at: dt.datetime) -> bool:
    if matter.corrected is None or matter.approved is None:
        return False
    done = matter.ended is None or matter.corrected < matter.ended
    return done and matter.corrected < at


def _changes(result: Audit, previous: PublishedEdition | None, edition: PublishedEdition) -> None:
    """What an edition adds and removes is told in it, and it names the one before by its hash."""
    where = f"{edition.district}/{edition.number}"
    before = {} if previous is None else _keys(previous.content["lists"])
    after = _keys(edition.content["lists"])
    told = {
        (row["change"], row["list"], row["uscc"], row.get("document", ""))
        for row in edition.content["delta"]
    }
    for gone in sorted(before.keys() - after.keys()):
        result.hold("removals_unpublished", ("removed", *gone) in told, f"{where} {gone}")
    if previous is not None:
        result.hold("chain_broken", edition.number == previous.number + 1, where)


def _keys(lists: Mapping[str, list[dict[str, Any]]]) -> dict[tuple[str, str, str], None]:
    return {
        (name, row["uscc"], row.get("document", "")): None for name in lists for row in lists[name]
    }


def _lateness(result: Audit, ran: Ran) -> None:
    """What is on record as late came after its window, as the calendar of the plan has it."""
    for row in list_all_objections(ran.app, Scope(), ""):
        said = ran.desk.parties.said.get(row["id"])
        is_right = said is not None and bool(row["is_late"]) == said.is_late
        result.hold("lateness", is_right, f"{row['kind']} {row['id']}")


def _due(result: Audit, plan: Plan, editions: list[PublishedEdition]) -> None:
    """Every day on which an edition is due has one, whatever was down, but those at the end."""
    cut_offs = {edition.cut_off for edition in editions}
    last = next(day for day in range(plan.last_day, START, -1) if not plan.is_down(day))
    for day in plan.due_days():
        if day <= last:
            name = f"{editions[0].district} {date_of(day)}" if editions else str(day)
            result.hold("editions_missing", day in cut_offs, name)


def _removals(
    result: Audit, ran: Ran, editions: list[PublishedEdition], matters: list[Matter]
) -> None:
    """A name leaves with the first look of a scheduler after its decision ended or ran out."""
    for matter in matters:
        key = (matter.list, matter.school.uscc, matter.document)
        ends = at_hour(matter.last_day + 1, 0)
        if matter.ended is not None and matter.ended < ends:
            ends = matter.ended
        place = bisect_left(ran.rounds, ends)
        if place >= len(ran.rounds):
            continue
        deadline = ran.rounds[place] + dt.timedelta(minutes=1)
        before = [each for each in editions if each.at < ends]
        if not before or key not in _keys(before[-1].content["lists"]):
            continue
        later = [each for each in editions if each.at <= deadline]
        is_gone = key not in _keys(later[-1].content["lists"])
        result.hold("late_removals", is_gone, f"{matter.document} by {deadline}")


def _verify(result: Audit, ran: Ran, plan: Plan, place: str, count: int) -> None:
    """The files of each edition by their own hash, and the chain from the latest with the keys."""
    report = verify(
        ran.app.config, str(ran.app.editions / place), key_file=None,
        as_of=max(day for day in plan.days() if not plan.is_down(day)),
    )  # fmt: skip
    faulty = {fault.file for fault in report.faults}
    for _ in range(count - len(faulty)):
        result.hold("not_verifying", True, "")
    for fault in report.faults:
        result.hold("not_verifying", False, f"{place} {fault.file}: {fault.text.en}")
    previous = None
    for number in range(1, count + 1):
        content = (ran.app.editions / place / str(number) / "edition.json").read_bytes()
        named = json.loads(content)["previous_sha256"]
        result.hold("chain_broken", named == previous, f"{place}/{number}")
        previous = hashlib.sha256(content).hexdigest()


def _forge(result: Audit, ran: Ran, editions: list[PublishedEdition]) -> None:
    """What a thief signs with the key that was stolen counts nowhere once it is revoked."""
    thief = ran.desk.thief
    if thief is None:
        return
    keys = find_own_keys(ran.app.config) or {}
    for edition in editions:
        bare = {name: value for name, value in edition.content.items() if name != "signatures"}
        forged = thief.sign(bare | {"lists": {name: [] for name in bare["lists"]}})
        document, _ = read_signed(forged, keys)
        result.hold("forgeries", document is None, f"{edition.district}/{edition.number}")


def digest(ran: Ran) -> str:
    """A hash over all that was published, but for signatures and hashes made with new keys."""
    total = hashlib.sha256()
    for place in DISTRICTS:
        for edition in _read(ran, place):
            bare = {
                key: value
                for key, value in edition.content.items()
                if key not in ("signatures", "previous_sha256")
            }
            line = json.dumps([edition.at.isoformat(), bare], sort_keys=True, ensure_ascii=False)
            total.update(line.encode())
    return total.hexdigest()
