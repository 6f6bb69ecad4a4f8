"""Commands of an office above others: gathering what its districts published."""

import sys

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.province.gathering import SourceRun
from feewatch.services.province.gathering import gather as gather_all


@click.command()
@click.option("--district", default="", metavar="CODE", help="只此区划 / this district alone")
@AS_JSON
@pass_session
def gather(session: Session, district: str, as_json: bool) -> None:
    """汇集各区划已签名的版次；有未予接收的，退出码为 1 / gather the editions of districts.

    配置见 [[gathering.sources]] / as configured under [[gathering.sources]].
    """
    is_refused = False
    for run in gather_all(session.app, district, actor=session.actor):
        is_refused = is_refused or run.refused is not None
        if as_json:
            print_json(run.as_json())
        else:
            _show(run)
    if is_refused:
        sys.exit(1)


def _show(run: SourceRun) -> None:
    new = "、".join(str(number) for number in run.new) or "—"
    click.echo(f"{run.district}  新 / new: {new}  至第 {run.last} 期 / up to {run.last}")
    if run.refused is not None:
        where = f" {run.refused.number}" if run.refused.number else ""
        text = run.refused.fault.both()
        click.echo(f"{run.refused.code}: {run.district}{where} {run.refused.file} {text}", err=True)


COMMANDS: tuple[click.Command, ...] = (gather,)
