"""Commands of registers."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.services.registers import ImportReport, import_registers
from feewatch.store.coverage import REGISTERS


class DaysParam(click.ParamType[tuple[Day, Day]]):
    """``FROM..TO`` as a pair of day numbers."""

    name = "FROM..TO"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Day, Day]:
        """Both days, or a usage fault that says what was expected."""
        if isinstance(value, tuple):
            return value
        days = [parse_day(part) for part in value.split("..")]
        if len(days) != 2 or days[0] is None or days[1] is None or days[1] < days[0]:
            self.fail(
                f"{value!r} 不是起止日期 / is not YYYY-MM-DD..YYYY-MM-DD, first day first",
                param,
                ctx,
            )
        return days[0], days[1]


@click.command("import")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--covers", type=DaysParam(), help="完整覆盖的日期 / days the file is complete for")
@click.option("--skip-bad", is_flag=True, help="跳过错误行 / import the good rows")
@click.option(
    "--rejects", type=click.Path(file_okay=False, path_type=Path), help="错误行目录 / folder"
)
@AS_JSON
@pass_session
def import_command(
    session: Session,
    kind: str,
    files: tuple[Path, ...],
    covers: tuple[Day, Day] | None,
    skip_bad: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """导入登记册 / import register files."""
    if covers and kind not in REGISTERS:
        raise click.UsageError("--covers: 仅用于合同与消课 / only for contracts and lessons")
    refused = []
    for file in files:
        report = import_registers(
            session.app,
            kind,
            file,
            actor=session.actor,
            covers=covers,
            skip_bad=skip_bad,
            rejects=rejects,
        )
        if report.refused:
            refused.append(file.name)
        if as_json:
            print_json(report.as_json())
        else:
            _print(report)
    if refused:
        _fail(refused, as_json=as_json)


def _print(report: ImportReport) -> None:
    for problem in report.problems:
        click.echo(_line(problem))
    counts = Text(
        f"新增 {report.new},更改 {report.changed},未变 {report.unchanged},错误 {report.bad}",
        f"new {report.new}, changed {report.changed}, unchanged {report.unchanged}, "
        f"bad {report.bad}",
    )
    click.echo(f"{report.file}: {counts.both()}")
    if report.reject_file:
        click.echo(f"错误行 / bad rows: {report.reject_file}")


def _line(problem: Problem) -> str:
    place = [problem.file, problem.line, problem.column]
    shown = ":".join(str(each) for each in place if each is not None)
    value = "" if problem.value is None else f" [{problem.value}]"
    return f"{shown} {problem.code} {problem.message.both()}{value}"


def _fail(refused: list[str], *, as_json: bool) -> None:
    names = ", ".join(refused)
    message = Text(f"有错误行,未导入:{names}", f"bad rows, not imported: {names}").both()
    fault = {"code": "IMPORT-REFUSED", "message": message}
    line = json.dumps(fault, ensure_ascii=False) if as_json else f"IMPORT-REFUSED: {message}"
    click.echo(line, err=True)
    sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (import_command,)
