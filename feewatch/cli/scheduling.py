"""The command of the scheduler process."""

import click

from feewatch.cli.session import Session, pass_session
from feewatch.scheduler import run


@click.command()
@pass_session
def scheduler(session: Session) -> None:
    """定时任务进程 / the scheduler process: checks, editions, deadlines, pushes.

    任意多个进程可同时运行,持有租约者工作 / any number may run, the one with the lease works.
    """
    app = session.app
    click.echo("定时任务已启动，Ctrl-C 结束 / scheduler running, Ctrl-C ends it", err=True)
    run(app)


COMMANDS: tuple[click.Command, ...] = (scheduler,)
