"""Commands of bank feeds."""

import sys

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.ways_in.bank_feeds import pull_feeds


@click.group()
def feed() -> None:
    """银行直连 / bank feeds, as configured under [[feeds]]."""


@feed.command()
@click.argument("name", required=False)
@AS_JSON
@pass_session
def pull(session: Session, name: str | None, as_json: bool) -> None:
    """读取新的对账单文件 / fetch what is new, from one feed or all."""
    failed = False
    for pulled in pull_feeds(session.app, name):
        failed = failed or pulled.refusal is not None
        if as_json:
            print_json(pulled.as_json())
        else:
            files = ", ".join(f"{status} {count}" for status, count in sorted(pulled.files.items()))
            click.echo(f"{pulled.feed}: {files or '无新文件 / nothing new'}")
        if pulled.refusal:
            click.echo(f"{pulled.refusal.code}: {pulled.refusal.text.both()}", err=True)
    if failed:
        sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (feed,)
