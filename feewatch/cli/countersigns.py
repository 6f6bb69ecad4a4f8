"""Commands of 双人复核: what waits for a second officer, who confirms or refuses it."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.corrections import countersigned
from feewatch.services.people.countersigning import STATES
from feewatch.store.pages.scope import MAX_KEY

_KEY = click.argument("key", metavar="ID", type=click.IntRange(1, MAX_KEY))
_REASON = click.option("--reason", required=True, help="理由 / reason")


@click.group("countersign")
def countersign() -> None:
    """双人复核 / what may excuse a breach and waits for a second officer."""


@countersign.command("list")
@click.option("--state", type=click.Choice(list(STATES)), help="状态 / state")
@AS_JSON
@pass_session
def list_command(session: Session, state: str | None, as_json: bool) -> None:
    """列出待复核及已办结的事项 / list them, those that wait first."""
    for act in countersigned.list_acts(session.app, session.scope, state or ""):
        if as_json:
            print_json(act.as_json())
            continue
        row = act.row
        click.echo(f"{row.id}  {act.state.both()}  {act.kind.both()}  {row.uscc}  {row.name}")
        for line in act.lines:
            click.echo(f"  {line.both()}")


@countersign.command("confirm")
@_KEY
@_REASON
@pass_session
def confirm(session: Session, key: int, reason: str) -> None:
    """复核通过 / confirm what another officer asked for."""
    countersigned.confirm(session.app, key, actor=session.user, reason=reason)
    click.echo(f"{key}: {STATES['confirmed'].both()}")


@countersign.command("refuse")
@_KEY
@_REASON
@pass_session
def refuse(session: Session, key: int, reason: str) -> None:
    """不予通过，或撤回自己的提请 / refuse it, or take back one's own."""
    countersigned.refuse(session.app, key, actor=session.user, reason=reason)
    click.echo(f"{key}: {STATES['refused'].both()}")


COMMANDS: tuple[click.Command, ...] = (countersign,)
