"""Commands to see accounts, payers and memos whole for an open matter, and who asked."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.audit import unmasking as service


@click.group()
def unmask() -> None:
    """查看完整信息 / accounts, payers and memos shown whole."""


@unmask.command("ask")
@click.argument("kind", type=click.Choice(list(service.GROUNDS)))
@click.argument("ground")
@click.option(
    "--field", "fields", multiple=True, required=True, type=click.Choice(list(service.FIELDS)),
    help="查看内容，可多次 / what to see, more than once",
)  # fmt: skip
@click.option("--reason", required=True, help="理由 / why")
@AS_JSON
@pass_session
def ask(
    session: Session, kind: str, ground: str, fields: tuple[str, ...], reason: str, as_json: bool
) -> None:
    """申请查看 / see whole for a while, for an open case, proposal, HASH#N or unmatched USCC."""
    row = service.ask(session.app, kind, ground, actor=session.user, reason=reason, fields=fields)
    if as_json:
        print_json(dict(row))
    else:
        click.echo(
            f"{row['ends_at'][:16]} 前可查看，每次均记录 / shown until then, each look on record"
        )


@unmask.command("list")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1), help="页 / page")
@AS_JSON
@pass_session
def list_asked(session: Session, page: int, as_json: bool) -> None:
    """谁因何查看 / who asked, for what and why: one's own, or all to those who audit."""
    for row in service.list_within(session.app, session.user, page).rows:
        if as_json:
            print_json(dict(row))
        else:
            fields = ("at", "actor", "kind", "ground", "uscc", "fields", "reason")
            click.echo("  ".join(str(row[name] or "-") for name in fields))


COMMANDS: tuple[click.Command, ...] = (unmask,)
