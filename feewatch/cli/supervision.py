"""``feewatch groups``, ``draws``, ``campaigns``, ``meetings``, ``pressing``: the office's own acts.

Reading without a name is the operator's; whatever decides something needs ``--as``.
"""

import click

from feewatch.cli.session import AS_JSON, DayParam, DaysParam, Session, pass_session, print_json
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none, parse_day
from feewatch.rounds.scheme import GROUPS, NO_GROUP
from feewatch.services.cases.places import DISPOSALS
from feewatch.services.rounds import campaigns as campaigning
from feewatch.services.rounds import drawing, forms, pressing
from feewatch.services.rounds import groups as grouping
from feewatch.services.rounds import meetings as meeting
from feewatch.store.pages.scope import MAX_KEY
from feewatch.store.rounds.meetings import MeetingItem

_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")
_DISTRICT = click.option("--district", help="区划，缺省本机关 / place, by default the office's own")
_MOVABLE = [name for name in GROUPS if name != NO_GROUP]


@click.group("groups")
def groups() -> None:
    """重点难点、存在问题、落实到位 / institutions by group."""


@groups.command("list")
@click.option("--group", type=click.Choice(list(GROUPS)), help="只列一组 / one group")
@AS_JSON
@pass_session
def list_groups(session: Session, group: str | None, as_json: bool) -> None:
    """各机构的分组及依据的事实 / the group of each, and the facts that put it there."""
    for each in grouping.list_groups(session.app, session.scope, group or ""):
        if as_json:
            print_json(forms.group_json(each))
            continue
        reasons = "；".join(reason.text.zh for reason in each.computed.reasons)
        by_hand = f"  人工至 {format_day(each.move.to_day)}" if each.move else ""
        click.echo(f"{GROUPS[each.group].both()}  {each.uscc}  {each.name}  {reasons}{by_hand}")


@groups.command("move")
@click.argument("uscc")
@click.argument("group", type=click.Choice([*_MOVABLE, "computed"]))
@click.option("--until", type=DayParam(), help="截止日 / the last day")
@_REASON
@pass_session
def move_group(session: Session, uscc: str, group: str, until: Day | None, reason: str) -> None:
    """人工调整分组 / put an institution into a group until a day; computed: as the facts say."""
    wanted = "" if group == "computed" else group
    grouping.move(session.app, uscc, wanted, until=until, actor=session.user, reason=reason)
    click.echo(f"{uscc} {group}")


@click.group("draws")
def draws() -> None:
    """四不两直 / visits drawn by a seed that is on record."""


@draws.command("list")
@AS_JSON
@pass_session
def list_draws(session: Session, as_json: bool) -> None:
    """抽取记录 / draws, the last first."""
    for row in drawing.list_draws(session.app, session.scope):
        if as_json:
            print_json(forms.draw_row_json(row))
        else:
            click.echo(
                f"{row.number}  {format_day(row.on_day)}  {row.actor}  "
                f"{len(row.drawn)}/{len(row.pool)}"
            )


@draws.command("show")
@click.argument("number")
@AS_JSON
@pass_session
def show_draw(session: Session, number: str, as_json: bool) -> None:
    """一次抽取，并据种子重新抽取核对 / a draw, drawn again from its seed."""
    found = drawing.get_draw(session.app, session.scope, number)
    if as_json:
        print_json(forms.draw_json(found))
        return
    same = "与记录一致 same" if found.is_replayed else "与记录不一致 NOT the same"
    click.echo(f"{number}  种子 seed {found.draw.seed}  重新抽取 drawn again: {same}")
    for uscc in found.draw.drawn:
        click.echo(f"{uscc}  {found.names.get(uscc, '')}  {found.made.get(uscc, '—')}")


@draws.command("make")
@click.option("--size", type=int, required=True, help="家数 / how many")
@click.option("--seed", help="种子，缺省随机 / seed, by default made up")
@_DISTRICT
@_REASON
@pass_session
def make_draw(
    session: Session, size: int, seed: str | None, district: str | None, reason: str
) -> None:
    """抽取机构 / draw institutions; nobody is told."""
    number = drawing.draw_visits(
        session.app, size, actor=session.user, reason=reason, seed=seed, district=district
    )
    click.echo(number)


@click.group("campaigns")
def campaigns() -> None:
    """专项督导 / institutions or premises, a checklist, days."""


@campaigns.command("list")
@AS_JSON
@pass_session
def list_campaigns(session: Session, as_json: bool) -> None:
    """各次专项督导 / campaigns, the last first."""
    for row in campaigning.list_campaigns(session.app, session.scope):
        if as_json:
            print_json(forms.campaign_row_json(row))
        else:
            click.echo(
                f"{row.number}  {format_day(row.from_day)}..{format_day(row.to_day)}  {row.title}  "
                f"对象 members {row.members}  走访 visits {row.visits}"
            )


@campaigns.command("show")
@click.argument("number")
@AS_JSON
@pass_session
def show_campaign(session: Session, number: str, as_json: bool) -> None:
    """一次专项督导及合计 / a campaign with its totals, member by member."""
    found = campaigning.get_campaign(session.app, session.scope, number)
    if as_json:
        print_json(found.as_json())
        return
    click.echo(f"{number}  {found.campaign.title}")
    click.echo("  ".join(f"{name} {count}" for name, count in found.totals.items()))
    for each in found.members:
        place = each.premises_no or f"{each.uscc}  {each.name}"
        disposal = f"  {DISPOSALS[each.disposal].both()}" if each.premises_no else ""
        last = iso_or_none(each.last_on) or "—"
        click.echo(f"{place}  {each.visits}  {last}  不符合 {each.faults}{disposal}")


@campaigns.command("open")
@click.argument("title")
@click.argument("about", type=click.Choice(campaigning.ABOUT))
@click.argument("checklist")
@click.option("--days", type=DaysParam(), required=True, help="起止日 / first and last day")
@click.option("--member", "members", multiple=True, help="信用代码或场所编号 / of whom; else all")
@click.option("--subject", default="", help="只列一类机构 / institutions of one subject")
@_DISTRICT
@_REASON
@pass_session
def open_campaign(
    session: Session,
    title: str,
    about: str,
    checklist: str,
    days: tuple[Day, Day],
    members: tuple[str, ...],
    subject: str,
    district: str | None,
    reason: str,
) -> None:
    """开展专项督导 / begin a campaign over institutions or premises."""
    number = campaigning.open_campaign(
        session.app, title, about, checklist, days, actor=session.user, reason=reason,
        members=members, subject=subject, district=district,
    )  # fmt: skip
    click.echo(number)


@campaigns.command("dispose")
@click.argument("premises")
@click.argument("disposal", type=click.Choice([name for name in DISPOSALS if name != "open"]))
@click.option("--on", type=DayParam(), help="处置日，缺省今天 / day, by default today")
@_REASON
@pass_session
def dispose_premises(
    session: Session, premises: str, disposal: str, on: Day | None, reason: str
) -> None:
    """场所处置：取缔、补办、移交 / premises closed down, completed, handed over."""
    day = today() if on is None else on
    campaigning.dispose(session.app, premises, disposal, day, actor=session.user, reason=reason)
    click.echo(f"{premises} {disposal}")


@click.group("meetings")
def meetings() -> None:
    """双减协调会议 / meetings of the departments."""


@meetings.command("list")
@AS_JSON
@pass_session
def list_meetings(session: Session, as_json: bool) -> None:
    """会议记录 / meetings, the last first."""
    for row in meeting.list_meetings(session.app, session.scope):
        facts = forms.meeting_row_json(row)
        if as_json:
            print_json(facts)
        else:
            click.echo(
                f"{row.number}  {facts['held_on']}  {row.title}  {row.closed}/{facts['items']}"
            )


@meetings.command("show")
@click.argument("number")
@AS_JSON
@pass_session
def show_meeting(session: Session, number: str, as_json: bool) -> None:
    """一次会议及议定事项 / a meeting with what it asked for."""
    found = meeting.get_meeting(session.app, session.scope, number)
    if as_json:
        print_json(forms.meeting_json(found))
        return
    click.echo(f"{number}  {format_day(found.meeting.held_on)}  {found.meeting.title}")
    for item in found.items:
        done = f"{format_day(item.closed_on)} {item.result}" if item.closed_on else "未办结 open"
        click.echo(f"{item.n}  {format_day(item.due_on)}  {item.department}  {item.text}  {done}")


class _ItemParam(click.ParamType[MeetingItem]):
    """``DAY DEPARTMENT TEXT`` as an item of a meeting."""

    name = "DAY DEPARTMENT TEXT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> MeetingItem:
        """An item, or a usage fault that says what was expected."""
        if isinstance(value, MeetingItem):
            return value
        first, _, rest = str(value).strip().partition(" ")
        department, _, text = rest.strip().partition(" ")
        day = parse_day(first)
        if day is None or not text.strip():
            self.fail(f"{value!r}: 期限 部门 内容 / day, department, text", param, ctx)
        return MeetingItem(text.strip(), department, day)


@meetings.command("hold")
@click.argument("title")
@click.option("--on", type=DayParam(), required=True, help="召开日期 / held on")
@click.option("--chair", required=True, help="召集部门 / chaired by")
@click.option("--department", "departments", multiple=True, required=True, help="参会部门 / there")
@click.option("--item", "items", multiple=True, type=_ItemParam(), help="议定事项 / agreed")
@click.option("--note", default="", help="纪要 / note")
@_DISTRICT
@pass_session
def hold_meeting(
    session: Session,
    title: str,
    on: Day,
    chair: str,
    departments: tuple[str, ...],
    items: tuple[MeetingItem, ...],
    note: str,
    district: str | None,
) -> None:
    """记录会议 / put a meeting that was held on record."""
    number = meeting.hold_meeting(
        session.app, title, on, chair=chair, departments=departments, items=items,
        actor=session.user, note=note, district=district,
    )  # fmt: skip
    click.echo(number)


@meetings.command("close")
@click.argument("number")
@click.argument("n", type=click.IntRange(1, meeting.MOST_ITEMS))
@click.option("--result", required=True, help="办理结果 / what came of it")
@pass_session
def close_item(session: Session, number: str, n: int, result: str) -> None:
    """办结议定事项 / an item is done, or given up."""
    meeting.close_item(session.app, number, n, result=result, actor=session.user)
    click.echo(f"{number}/{n}")


@click.group("pressing")
def pressing_group() -> None:
    """通报、挂牌督办、问责建议 / circulars, listings, proposals to hold answerable."""


@pressing_group.command("list")
@AS_JSON
@pass_session
def list_pressures(session: Session, as_json: bool) -> None:
    """已作出的，和可提出问责建议的 / what was decided, and where 问责 may be proposed."""
    desk = pressing.read_desk(session.app, session.scope)
    for row in desk.rows:
        if as_json:
            print_json(forms.pressure_json(row))
            continue
        lifted = f"  解除 lifted {format_day(row.lifted_on)}" if row.lifted_on else ""
        click.echo(
            f"{row.id}  {format_day(row.on_day)}  {pressing.KINDS[row.kind].both()}  {row.uscc}  "
            f"{row.name}  {row.document}{lifted}"
        )
    for each in desk.repeated:
        if as_json:
            print_json({"kind": "may_be_proposed"} | forms.repeated_json(each))
        else:
            click.echo(
                f"可提出问责建议 may be proposed  {each.uscc}  {each.name}  {each.rule}  "
                f"{len(each.problems)}/{desk.wanted}"
            )


@pressing_group.command("press")
@click.argument("uscc")
@click.argument("kind", type=click.Choice(list(pressing.KINDS)))
@click.option("--document", required=True, help="文号 / number of its paper")
@click.option("--on", type=DayParam(), help="日期，缺省今天 / day, by default today")
@click.option("--addressee", default="", help="送交机关 / organ that a proposal goes to")
@_REASON
@pass_session
def press(
    session: Session,
    uscc: str,
    kind: str,
    document: str,
    on: Day | None,
    addressee: str,
    reason: str,
) -> None:
    """作出通报、挂牌督办或问责建议 / decide one of them."""
    key = pressing.press(
        session.app, uscc, kind, document, actor=session.user, reason=reason, on=on,
        addressee=addressee,
    )  # fmt: skip
    click.echo(f"{key}")


@pressing_group.command("lift")
@click.argument("key", type=click.IntRange(1, MAX_KEY))
@click.option("--document", required=True, help="文号 / number of its paper")
@_REASON
@pass_session
def lift(session: Session, key: int, document: str, reason: str) -> None:
    """解除挂牌督办 / lift a listing."""
    pressing.lift(session.app, key, document, actor=session.user, reason=reason)
    click.echo(f"{key}")


COMMANDS: tuple[click.Command, ...] = (groups, draws, campaigns, meetings, pressing_group)
