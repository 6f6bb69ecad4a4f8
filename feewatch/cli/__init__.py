"""The command line: reads arguments, calls one service, prints. Exit 0 done, 1 refused, 2 usage."""

import errno
import json
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from feewatch import __version__
from feewatch.bootstrap import keep_to_owner
from feewatch.cli.catalogue import MODULE_OF
from feewatch.cli.permissions import PERMISSIONS, act_of
from feewatch.cli.session import Session, operator
from feewatch.kernel.errors import ForbiddenError, Refusal
from feewatch.store.audit import come_from
from feewatch.store.faults import explain


class Commands(click.Group):
    """A group that turns refusals into one clear line on stderr and exit code 1.

    A command's module is imported when the command is asked for: each run of the program would
    otherwise load the site, the benchmarks and all else that it does not use.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """The names of all commands."""
        return sorted(MODULE_OF)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, guarded; None where there is none."""
        if cmd_name not in self.commands and cmd_name in MODULE_OF:
            for command in import_module(f"{__name__}.{MODULE_OF[cmd_name]}").COMMANDS:
                self.add_command(command)
                for words, leaf in list_leaves(command, command.name):
                    assert leaf.callback is not None
                    leaf.callback = _guarded(words, leaf.callback)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal ends it with exit code 1."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            if isinstance(refusal, ForbiddenError) and isinstance(ctx.obj, Session):
                ctx.obj.note_refusal(refusal.code)
            refuse(refusal, as_json="--json" in sys.argv)
        except Exception as fault:
            # what is no fault of the machine comes out as it is
            told = explain(fault, _place_of(ctx))
            if told is None or getattr(fault, "errno", None) == errno.EPIPE:
                raise
            refuse(told, as_json="--json" in sys.argv)


def _place_of(ctx: click.Context) -> str:
    """Where the database of this invocation lies."""
    return ctx.obj.place if isinstance(ctx.obj, Session) else "var"


def refuse(refusal: Refusal, *, as_json: bool) -> NoReturn:
    """Print a refusal and exit 1."""
    if as_json:
        fault = {"code": refusal.code, "message": refusal.text.both()}
        click.echo(json.dumps(fault, ensure_ascii=False))
    click.echo(f"{refusal.code}: {refusal.text.both()}", err=True)
    sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feewatch")
@click.option(
    "--config", "config_file", envvar="FEEWATCH_CONFIG", help="配置文件 / configuration file",
    type=click.Path(dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--as", "user", envvar="FEEWATCH_USER", help="经办人 / who decides (a feewatch user)")
@click.pass_context
def main(ctx: click.Context, config_file: Path | None, user: str | None) -> None:
    """feewatch: 校外培训机构预收费监管 / prepaid-fee escrow monitor."""
    keep_to_owner()
    come_from("shell", operator())
    ctx.obj = Session(config_file, user)
    ctx.call_on_close(ctx.obj.close)


def list_commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its words."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield from list_leaves(command, name)


def list_leaves(command: click.Command, words: str | None) -> Iterator[tuple[str, click.Command]]:
    """What a command does by itself and what its own commands do, with their words."""
    assert words is not None
    if not isinstance(command, click.Group):
        yield words, command
        return
    if command.invoke_without_command:
        yield words, command
    for name, further in command.commands.items():
        yield from list_leaves(further, f"{words} {name}")


def _guarded(words: str, run: Callable[..., Any]) -> Callable[..., Any]:
    """What a command does, once who is named was found to be permitted to."""

    @wraps(run)
    def guarded(*args: Any, **given: Any) -> Any:
        context = click.get_current_context()
        if context.invoked_subcommand is None:
            act = act_of(words, context.params)
            session = context.find_object(Session)
            assert session is not None
            session.admit(act, PERMISSIONS.get(act))
        return run(*args, **given)

    return guarded
