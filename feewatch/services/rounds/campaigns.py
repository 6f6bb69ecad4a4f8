"""Campaigns (专项督导): institutions or premises, a checklist, days; and what came of them."""

import csv
import io
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.services.cases.places import DISPOSALS
from feewatch.services.people.acting import get_acting, place_outside, require_reason
from feewatch.services.registers.importing import import_content
from feewatch.services.rounds.files import get_checklist
from feewatch.store import audit
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.rounds import campaigns, visits

ABOUT = ("institutions", "premises")
_LONGEST = 366


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A campaign with its members."""

    campaign: PageRow
    members: PageRows

    @property
    def totals(self) -> dict[str, int]:
        """Members, visited ones, visits, what was not in order, what of it is over, disposals."""
        disposals = Counter(row.disposal for row in self.members if row.premises_no)
        return {
            "members": len(self.members),
            "visited": sum(bool(row.visits) for row in self.members),
            "visits": sum(row.visits for row in self.members),
            "faults": sum(row.faults for row in self.members),
            "over": sum(row.over for row in self.members),
            **{f"disposal_{name}": disposals[name] for name in DISPOSALS},
        }

    def as_json(self) -> dict[str, Any]:
        """The campaign for terminals."""
        row = self.campaign
        return {
            "number": row.number, "title": row.title, "district": row.district,
            "about": row.about, "checklist": row.checklist, "from": format_day(row.from_day),
            "to": format_day(row.to_day), "opened_by": row.opened_by, "reason": row.reason,
            "totals": self.totals,
            "members": [
                {
                    "uscc": each.uscc, "premises": each.premises_no, "visits": each.visits,
                    "last_on": iso_or_none(each.last_on), "faults": each.faults,
                    "over": each.over, "disposal": each.disposal,
                }
                for each in self.members
            ],
        }  # fmt: skip


def open_campaign(
    app: App,
    title: str,
    about: str,
    checklist: str,
    days: tuple[Day, Day],
    *,
    actor: str,
    reason: str,
    members: Collection[str] = (),
    subject: str = "",
    district: str | None = None,
) -> str:
    """The number of a new campaign; without members: all of a subject, or all open premises.

    Raises: ForbiddenError, InvalidInputError, NotFoundError for a member that is not there.
    """
    require_reason(reason)
    first, last = days
    if not title.strip() or len(title) > 200:
        raise InvalidInputError("FIELD", "请填写名称", "give it a title", field="title")
    if about not in ABOUT:
        raise InvalidInputError("CAMPAIGN-ABOUT", "没有这类对象", "no such kind", field="about")
    if last < first or last - first > _LONGEST:
        raise InvalidInputError("DAYS", "起止日期有误", "the days are wrong", field="to")
    chosen = get_checklist(app, checklist, first)
    if chosen.at != ("institution" if about == "institutions" else "premises"):
        raise InvalidInputError(
            "CHECKLIST-PLACE", "检查单不用于此类对象", "the checklist is for others",
            field="checklist",
        )  # fmt: skip
    place = district or app.config.office.district
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        if not person.scope.sees(place, None):
            raise place_outside(place, person.name)
        within = Scope(place)
        found = (
            campaigns.find_institutions(tx, within, today(), members, subject)
            if about == "institutions"
            else campaigns.find_premises(tx, within, members, only_open=True)
        )
        missing = sorted(set(members) - set(found))
        if missing or not found:
            name = missing[0] if missing else ""
            raise NotFoundError(
                "CAMPAIGN-MEMBERS", f"没有可列入的对象 {name}", f"nothing to take in {name}"
            )
        key, number = campaigns.add(
            tx, title=title.strip(), district=place, about=about, checklist=checklist,
            first=first, last=last, actor=person.name, reason=reason,
        )  # fmt: skip
        campaigns.add_members(tx, key, about, list(found.values()))
        audit.record(
            tx, person.name, "campaign.open", number, about=about, members=len(found),
            checklist=checklist, reason=reason,
first=format_day(first), last=format_day(last),
        )  # fmt: skip
    return number


def list_campaigns(app: App, scope: Scope) -> PageRows:
    """The campaigns within a scope, the last first."""
    with app.database.reading() as tx:
        return campaigns.list_campaigns(tx, scope)


def get_campaign(app: App, scope: Scope, number: str) -> CampaignFile:
    """A campaign with its members.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = campaigns.find(tx, scope, number)
        if row is None:
            raise NotFoundError(
                "CAMPAIGN-UNKNOWN", f"没有专项督导 {number}", f"no campaign {number}"
            )
        return CampaignFile(row, campaigns.list_members(tx, row.id, today()))


def dispose(app: App, number: str, disposal: str, on: Day, *, actor: str, reason: str) -> None:
    """Premises are disposed of: closed down, papers completed, or handed to another department.

    The register is changed as by a file of one row, with its history and the person's name.

    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError where they were.
    """
    require_reason(reason)
    if disposal not in DISPOSALS or disposal == "open":
        raise InvalidInputError("DISPOSAL", "没有这种处置", "no such disposal", field="disposal")
    with app.database.reading() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = visits.find_premises(tx, number)
        if row is None or not person.scope.sees(row.district, row.institution_id):
            raise NotFoundError("PREMISES-UNKNOWN", f"没有场所 {number}", f"no premises {number}")
        uscc = (
            visits.name_institutions(tx, {row.institution_id}, today())
            if (row.institution_id)
            else {}
        )
    if row.disposal != "open":
        raise ConflictError("PREMISES-DISPOSED", f"{number} 已处置", f"{number} is disposed of")
    if not row.found_on <= on <= today():
        raise InvalidInputError(
            "DISPOSED-ON", "处置日应在发现日与今天之间", "between found and today", field="on"
        )
    cells = {
        "premises_no": number, "district": row.district, "address": row.address,
        "found_on": format_day(row.found_on), "found_by": row.found_by or "",
        "name": row.name or "", "state": row.state, "disposal": disposal,
        "disposed_on": format_day(on),
        "uscc": uscc[row.institution_id][0] if row.institution_id else "",
    }  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([list(cells), list(cells.values())])
    report = import_content(
        app, "premises", f"{number}.csv", text.getvalue().encode(), actor=person.name,
        scope=person.scope,
    )  # fmt: skip
    if report.refused or report.changed != 1:
        zh, en = report.problems[0].message if report.problems else ("未能登记", "not changed")
        raise InvalidInputError("DISPOSAL-REFUSED", zh, en)
    with app.database.transaction() as tx:
        audit.record(
            tx, person.name, "premises.dispose", number, before={"disposal": "open"},
            after={"disposal": disposal, "on": format_day(on)}, reason=reason,
        )  # fmt: skip
