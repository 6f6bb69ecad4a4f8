"""Commands of decisions that put names on public lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from feewatch.cli.session import DayParam, Session, pass_session
from feewatch.credit.decision_form import EXAMPLE
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.services.lists import decisions


@click.group()
def decision() -> None:
    """行政决定:列入黑名单、信用黑名单或监管提示的依据 / decisions behind public list entries."""


@decision.command(
    epilog="\b\nFILE 示例 / an example:\n" + "\n".join(f"  {line}" for line in EXAMPLE.split("\n"))
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_session
def add(session: Session, file: Path) -> None:
    """登记一份决定 / record a decision from a TOML file."""
    user = session.user
    added = decisions.add_decision(session.app, file, actor=user)
    click.echo(f"已登记 / recorded: {added.document} {added.name} → {added.list}")


def _ending(name: str, status: str, help_text: str) -> click.Command:
    """A command that ends the decisions of a document."""

    def end(session: Session, document: str, reason: str, on: Day) -> None:
        user = session.user
        ended = decisions.end_decision(
            session.app, document, status, on=on, reason=reason, actor=user
        )
        for decision in ended:
            click.echo(f"{status}: {decision.document} {decision.name} ({decision.list})")
        click.echo(
            "下一次 feewatch publish 或定时更正任务将移出名单 / "
            "leaves its list with the next feewatch publish or the scheduler's correction"
        )

    options: list[Callable[[Any], Any]] = [
        pass_session,
        click.argument("document"),
        click.option("--reason", required=True, help="理由 / reason"),
        click.option(
            "--on", type=DayParam(), default=today, show_default="today", help="生效日 / from"
        ),
    ]
    callback: Any = end
    for option in reversed(options):
        callback = option(callback)
    return click.command(name, help=help_text)(callback)


decision.add_command(_ending("change", "changed", "决定已变更 / the decision was changed"))
decision.add_command(_ending("revoke", "revoked", "决定已撤销 / the decision was revoked"))
decision.add_command(_ending("void", "void", "决定已确认无效 / the decision was found void"))
decision.add_command(_ending("repair", "repaired", "准予信用修复 / credit repair was granted"))

COMMANDS: tuple[click.Command, ...] = (decision,)
