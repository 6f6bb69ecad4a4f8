"""Commands of holds: white places whose proof fails, kept or removed by an officer's word."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.credit.holds import OUTCOMES
from feewatch.kernel.days import format_day
from feewatch.services.lists import holds as service
from feewatch.services.people.countersigning import waits


@click.group()
def holds() -> None:
    """暂缓：白名单条件暂未得到证明的机构 / white places on hold until an officer decides."""


@holds.command("list")
@AS_JSON
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """列出暂缓 / list holds."""
    for row in service.list_holds(session.app, session.scope):
        if as_json:
            print_json(service.hold_json(row))
            continue
        said = OUTCOMES[row["outcome"]].both() if row["outcome"] else "待决定 / undecided"
        click.echo(f"{row['uscc']}  {row['name']}  ≤ {format_day(row['due'])}  {said}")
        for line in row["lines"]:
            click.echo(f"  {line['zh']} / {line['en']}")


@holds.command()
@click.argument("uscc")
@click.argument("outcome", type=click.Choice(list(OUTCOMES)))
@click.option("--reason", required=True, help="理由 / reason")
@pass_session
def decide(session: Session, uscc: str, outcome: str, reason: str) -> None:
    """保留或移出 / keep it on the list, or let it leave with the next edition."""
    row, number = service.decide_hold(session.app, uscc, outcome, actor=session.user, reason=reason)
    done = OUTCOMES[outcome] if number is None else waits(number)
    click.echo(f"{done.both()}: {row['name']} {uscc}")


COMMANDS: tuple[click.Command, ...] = (holds,)
