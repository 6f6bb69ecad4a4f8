"""``feewatch white``: the conditions of the white list, met or lacking, by institution."""

import click

from feewatch.cli.session import AS_JSON, AS_OF, Session, pass_session, print_json
from feewatch.credit.conditions import TITLES
from feewatch.kernel.days import Day, format_day
from feewatch.services.lists import white as service
from feewatch.services.lists.white import STATES, SUPPLIERS, WhitePlace

_STATUSES = {"met": "√", "lacking": "×", "hold": "…"}


@click.group()
def white() -> None:
    """白名单条件 / the conditions of the white list."""


@white.command("list")
@AS_OF
@click.option("--district", default="", metavar="CODE", help="行政区划 / district")
@click.option("--lacking", type=click.Choice(list(TITLES)), help="所缺条件 / condition that lacks")
@click.option("--state", type=click.Choice(list(STATES)), help="状态 / state")
@AS_JSON
@pass_session
def list_(
    session: Session, as_of: Day, district: str, lacking: str | None, state: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """列出机构及所缺条件 / institutions and what each lacks."""
    view = service.read_white(session.app, session.scope, as_of)
    for place in service.choose_places(
        view, lacking=lacking or "", state=state or "", district=district
    ):
        if as_json:
            print_json(service.white_json(place, as_of))
            continue
        standing = place.assessment.standing
        lacks = ", ".join(place.codes) or "—"
        click.echo(f"{standing.uscc}  {standing.name}  {STATES[place.state].both()}  {lacks}")


@white.command()
@click.argument("uscc")
@AS_OF
@AS_JSON
@pass_session
def show(session: Session, uscc: str, as_of: Day, as_json: bool) -> None:
    """一家机构的每项条件 / every condition of an institution."""
    place = service.get_white(session.app, session.scope, uscc, as_of)
    if as_json:
        print_json(service.white_json(place, as_of))
    else:
        _print(place, as_of)


def _print(place: WhitePlace, as_of: Day) -> None:
    standing = place.assessment.standing
    state = STATES[place.state].both()
    click.echo(f"{standing.uscc}  {standing.name}  {format_day(as_of)}  {state}")
    for line in place.assessment.lines:
        parts = [_STATUSES[place.status_of(line)], TITLES[line.code].both(), line.text.both()]
        if line.figure is not None:
            parts.append(line.figure.both())
        if line.since is not None:
            parts.append(f"自 / since {format_day(line.since)}")
        if line.words:
            parts.append(
                "来源 / told by " + ", ".join(SUPPLIERS[each].both() for each in line.words)
            )
        if line.suppliers:
            supply = ", ".join(SUPPLIERS[each].both() for each in line.suppliers)
            parts.append(f"可提供 / supplied by {supply}")
        click.echo("  " + "  ".join(parts))
    if place.due is not None:
        click.echo(f"暂缓至 / on hold until {format_day(place.due)}")


COMMANDS: tuple[click.Command, ...] = (white,)
