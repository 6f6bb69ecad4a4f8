"""三员分立: how far the office is with it; asked for by one administrator, confirmed by another."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.people import ROLES
from feewatch.services.people import separation as service

_REASON = click.option("--reason", required=True, help="理由 / reason")


@click.group()
def separation() -> None:
    """三员分立 / system, security and audit administrators, separate from each other."""


@separation.command("show")
@AS_JSON
@pass_session
def show_state(session: Session, as_json: bool) -> None:
    """现在的状态，尚缺何人 / how far it is, and who is lacking."""
    now = service.read(session.app)
    if as_json:
        row = now.row
        print_json(
            {
                "state": now.state,
                "lacking": list(now.lacking),
                "asked_by": row and row.asked_by,
                "confirmed_by": row and row.confirmed_by,
                "begun_at": row and row.begun_at,
            }
        )
        return
    click.echo(service.STATES[now.state].both())
    for role in now.lacking:
        click.echo(f"缺 / lacking: {role}  {ROLES[role].both()}")


@separation.command("ask")
@_REASON
@pass_session
def ask_for(session: Session, reason: str) -> None:
    """提请启用 / ask for it; another administrator confirms."""
    service.ask(session.app, actor=session.user, reason=reason)
    click.echo("已提请，须另一名管理员确认 / asked: another administrator confirms")


@separation.command("confirm")
@pass_session
def confirm_it(session: Session) -> None:
    """另一名管理员确认 / a second administrator confirms; it begins once all three are on file."""
    click.echo(service.STATES[service.confirm(session.app, actor=session.user).state].both())


@separation.command("refuse")
@_REASON
@pass_session
def refuse_it(session: Session, reason: str) -> None:
    """不同意，或撤回提请 / refuse what was asked, or take it back."""
    service.refuse(session.app, actor=session.user, reason=reason)
    click.echo("未启用 / not begun")


COMMANDS: tuple[click.Command, ...] = (separation,)
