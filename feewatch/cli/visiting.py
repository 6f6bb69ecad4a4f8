"""``feewatch plan``, ``visit``: which visits a month asks for, and a visit handed in as a file."""

from pathlib import Path

import click

from feewatch.cli.rounds import month_of
from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.rounds.scheme import GROUPS
from feewatch.rounds.visit_file import EXAMPLE
from feewatch.services.rounds.handed_files import record_visit_file
from feewatch.services.rounds.plan import list_plan, plan_json

_EPILOG = "\b\nFILE 示例 / an example:\n" + "\n".join(f"  {line}" for line in EXAMPLE.split("\n"))


@click.command("plan")
@click.option("--month", help="月份 / month, YYYY-MM")
@AS_JSON
@pass_session
def plan(session: Session, month: str | None, as_json: bool) -> None:
    """走访计划：分组、督学、尚缺走访与到期检查 / visits of a month: what is owed, by whom."""
    places = list_plan(session.app, session.scope, *month_of(month))
    for place in places:
        if as_json:
            print_json(plan_json(place))
            continue
        who = "、".join([*place.inspectors, *(f"{name}（代岗）" for name in place.substitutes)])
        check = f"  评价 {place.grade}，检查至 {format_day(place.check.due)}" if place.check else ""
        click.echo(
            f"{place.standing.uscc}  {place.standing.name}  "
            f"{GROUPS[place.standing.group].zh}  {who or '未分配'}  "
            f"已走访 made {place.made}  尚缺 missing {place.missing}{check}"
        )
    if not as_json:
        missing = sum(place.missing for place in places)
        due = sum(place.is_check_due for place in places)
        click.echo(f"合计 {len(places)} 家，尚缺 missing {missing}，到期检查 checks due {due}")


@click.group("visit")
def visit() -> None:
    """走访 / a visit on site."""


@visit.command("add", epilog=_EPILOG)
@click.argument("file", type=GivenFile())
@AS_JSON
@pass_session
def add(session: Session, file: Path, as_json: bool) -> None:
    """以文件记录一次走访；同一文件只记一次 / a visit written in FILE; the same file counts once."""
    kept = record_visit_file(session.app, file, actor=session.user)
    if as_json:
        print_json({"number": kept.number, "new": kept.is_new, "alerts": [*kept.alerts]})
    else:
        click.echo(" ".join([kept.number, *kept.alerts]))


COMMANDS: tuple[click.Command, ...] = (plan, visit)
