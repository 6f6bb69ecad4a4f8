"""``feewatch inspectors``, ``visits``, ``checklists``: supervision on site."""

from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
)
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none, parse_month
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import User
from feewatch.rounds.checklists import RESULTS
from feewatch.services.rounds import inspectors as desk
from feewatch.services.rounds import pages
from feewatch.services.rounds.files import get_checklist, list_checklists
from feewatch.services.rounds.visiting import (
    KINDS,
    ItemSaid,
    VisitGiven,
    read_photo,
    record_visit,
)
from feewatch.store.pages import PageRow
from feewatch.store.rounds.visits import WantedVisits

_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")
_MONTH = click.option("--month", help="月份 / month, YYYY-MM")


def reader_of(session: Session) -> User:
    """The person who reads; the operator, who names nobody, reads as the office does."""
    if session.person is not None:
        return session.person
    return User(0, "", "viewer", None, None, "", disabled=False, session_epoch=0)


def month_of(text: str | None) -> tuple[Day, Day]:
    """The days of a month; the present one where none is named.

    Raises: InvalidInputError.
    """
    days = parse_month(text or format_day(today())[:7])
    if days is None:
        raise InvalidInputError("MONTH", f"{text} 不是月份", f"{text} is no month YYYY-MM")
    return days


@click.group("inspectors")
def inspectors() -> None:
    """责任督学 / inspectors and the institutions that are theirs."""


@inspectors.command("list")
@AS_JSON
@pass_session
def list_assignments(session: Session, as_json: bool) -> None:
    """各督学负责的机构 / whose institutions are."""
    found = desk.read_desk(session.app, session.scope)
    for row in found.assignments:
        if as_json:
            print_json(
                {"inspector": row.inspector, "uscc": row.uscc, "institution": row.name,
                 "district": row.district, "substitute": row.is_substitute,
                 "from": format_day(row.from_day), "to": iso_or_none(row.to_day),
                 "reason": row.reason}
            )  # fmt: skip
        else:
            mark = " 代岗" if row.is_substitute else ""
            click.echo(f"{row.inspector}{mark}  {row.uscc}  {row.name}")
    if not as_json:
        click.echo(f"未分配 unassigned {len(found.unassigned)}")


@inspectors.command("assign")
@click.argument("inspector")
@click.argument("usccs", nargs=-1, required=True)
@click.option("--from", "first", type=DayParam(), help="起始日，缺省今天 / from, by default today")
@click.option("--to", "last", type=DayParam(), help="截止日 / the last day")
@click.option("--substitute", is_flag=True, help="代岗 / stands in for another")
@_REASON
@pass_session
def assign(
    session: Session,
    inspector: str,
    usccs: tuple[str, ...],
    first: Day | None,
    last: Day | None,
    substitute: bool,
    reason: str,
) -> None:
    """分配机构 / institutions become an inspector's."""
    number = desk.assign(
        session.app, inspector, usccs, actor=session.user, reason=reason, first=first, last=last,
        is_substitute=substitute,
    )  # fmt: skip
    click.echo(f"{inspector} {number}")


@inspectors.command("release")
@click.argument("inspector")
@click.argument("uscc")
@_REASON
@pass_session
def release(session: Session, inspector: str, uscc: str, reason: str) -> None:
    """解除分工 / an institution is an inspector's no more."""
    desk.release(session.app, inspector, uscc, actor=session.user, reason=reason)
    click.echo(f"{inspector} {uscc}")


@inspectors.command("missing")
@_MONTH
@AS_JSON
@pass_session
def missing(session: Session, month: str | None, as_json: bool) -> None:
    """某月缺少的走访 / the visits of a month that are missing."""
    for miss in desk.list_missing(session.app, session.scope, *month_of(month)):
        facts = {
            "month": format_day(miss.owed.month)[:7], "inspector": miss.owed.inspector,
            "uscc": miss.uscc, "institution": miss.name, "made": miss.owed.made,
            "wanted": miss.owed.wanted, "running": miss.is_running,
        }  # fmt: skip
        if as_json:
            print_json(facts)
        else:
            click.echo(
                f"{facts['month']}  {miss.owed.inspector}  {miss.uscc}  {miss.name}  "
                f"{miss.owed.made}/{miss.owed.wanted}"
            )


@click.group("visits")
def visits() -> None:
    """走访 / visits on site."""


def _visit_json(row: PageRow) -> dict[str, object]:
    return {
        "number": row.number, "on": format_day(row.visited_on), "kind": row.kind,
        "inspector": row.inspector, "uscc": row.uscc, "institution": row.name,
        "premises": row.premises_no, "district": row.district, "draw": row.draw_number,
        "campaign": row.campaign_number, "failed": row.failed, "received_at": row.received_at,
    }  # fmt: skip


@visits.command("list")
@_MONTH
@click.option("--inspector", default="", help="走访人 / by whom")
@click.option("--kind", type=click.Choice(list(KINDS)), help="类别 / kind")
@AS_JSON
@pass_session
def list_all(
    session: Session, month: str | None, inspector: str, kind: str | None, as_json: bool
) -> None:
    """走访记录 / visits on record, the last first."""
    reader = reader_of(session)
    wanted = WantedVisits(
        inspector, kind or "", days=month_of(month) if month else None, own=pages.own_only(reader)
    )
    number, last = 1, 1
    while number <= last:
        page = pages.list_visits(session.app, reader, wanted, number)
        for row in page.rows:
            if as_json:
                print_json(_visit_json(row))
            else:
                click.echo(
                    f"{row.number}  {format_day(row.visited_on)}  {row.inspector}  "
                    f"{row.name or row.address}  不符合 {row.failed}"
                )
        number, last = number + 1, page.last


@visits.command("show")
@click.argument("number")
@AS_JSON
@pass_session
def show(session: Session, number: str, as_json: bool) -> None:
    """一次走访 / one visit with its results."""
    found = pages.get_visit(session.app, reader_of(session), number)
    facts = _visit_json(found.visit) | {
        "note": found.visit.note,
        "results": [
            {"item": row.item, "result": row.result, "note": row.note, "alert": row.alert_id}
            for row in found.results.values()
        ],
        "photos": [{"item": row.item, "sha256": row.sha256} for row in found.photos],
    }
    if as_json:
        print_json(facts)
        return
    click.echo(f"{number}  {format_day(found.visit.visited_on)}  {found.visit.inspector}")
    for row in found.results.values():
        alert = f"  {row.alert_id}" if row.alert_id else ""
        click.echo(f"{row.item}  {RESULTS[row.result].both()}  {row.note}{alert}")


@visits.command("record")
@click.argument("uscc")
@click.option("--token", required=True, help="本次走访的标识，重复提交只记一次 / sent once only")
@click.option("--on", type=DayParam(), help="走访日 / day, by default today")
@click.option("--kind", type=click.Choice(list(KINDS)), default="monthly", show_default=True)
@click.option("--note", default="", help="走访情况 / what it was about")
@click.option("--checklist", default="", help="检查单 / checklist")
@click.option(
    "--item", "items", multiple=True, metavar="ID=RESULT[:NOTE]",
    help="检查项结果 / result of an item: ok, fail, none",
)  # fmt: skip
@click.option("--photo", "photos", multiple=True, type=GivenFile(), help="照片 / JPEG or PNG")
@AS_JSON
@pass_session
def record(
    session: Session,
    uscc: str,
    token: str,
    on: Day | None,
    kind: str,
    note: str,
    checklist: str,
    items: tuple[str, ...],
    photos: tuple[Path, ...],
    as_json: bool,
) -> None:
    """记录一次走访 / put a visit to an institution on record."""
    day = today() if on is None else on
    chosen = get_checklist(session.app, checklist, day) if checklist else None
    given = VisitGiven(
        token, day, kind, uscc, checklist=checklist, version=chosen.version if chosen else "",
        results=dict(_item(each) for each in items), note=note,
        photos=[read_photo("", path.name, path.read_bytes()) for path in photos],
    )  # fmt: skip
    kept = record_visit(session.app, given, actor=session.user)
    if as_json:
        print_json({"number": kept.number, "new": kept.is_new, "alerts": list(kept.alerts)})
    else:
        click.echo(" ".join([kept.number, *kept.alerts]))


def _item(text: str) -> tuple[str, ItemSaid]:
    item, equals, said = text.partition("=")
    result, _, note = said.partition(":")
    if not equals:
        raise click.UsageError(f"--item {text}: ID=RESULT[:NOTE]")
    return item, ItemSaid(result, note)


@click.group("checklists")
def checklists() -> None:
    """检查单 / checklists of visits."""


@checklists.command("list")
@AS_JSON
@pass_session
def list_in_use(session: Session, as_json: bool) -> None:
    """在用的检查单 / the checklists in use."""
    for checklist in list_checklists(session.app, today()):
        items = len(list(checklist.items))
        if as_json:
            print_json(
                {"id": checklist.id, "version": checklist.version, "at": checklist.at,
                 "title": checklist.title._asdict(), "example": checklist.is_example,
                 "tasks": len(checklist.tasks), "indicators": checklist.indicators,
                 "items": items, "sha256": checklist.sha256}
            )  # fmt: skip
        else:
            click.echo(
                f"{checklist.id}  {checklist.version}  {checklist.title.both()}  "
                f"{len(checklist.tasks)}/{checklist.indicators}/{items}"
            )


@checklists.command("show")
@click.argument("name")
@AS_JSON
@pass_session
def show_checklist(session: Session, name: str, as_json: bool) -> None:
    """一份检查单 / one checklist, item by item."""
    checklist = get_checklist(session.app, name, today())
    if as_json:
        print_json(checklist.as_json())
        return
    for item in checklist.items:
        click.echo(f"{item.id}  {item.severity}  {item.text.both()}")


COMMANDS: tuple[click.Command, ...] = (inspectors, visits, checklists)
