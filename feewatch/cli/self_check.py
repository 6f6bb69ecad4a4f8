"""The command that says what the rules would say of a file, and stores nothing."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json, problem_line
from feewatch.kernel.days import format_day
from feewatch.services.registers.importing import bytes_of
from feewatch.services.trials.self_check import KINDS, SelfCheck, check_file


@click.command("selfcheck")
@click.argument("uscc")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument("file", type=GivenFile())
@AS_JSON
@pass_session
def self_check(session: Session, uscc: str, kind: str, file: Path, as_json: bool) -> None:
    """自查文件，不保存任何内容 / what the rules would say of FILE; nothing of it is stored."""
    person = session.person
    checked = check_file(session.app, person, uscc, kind, file.name, bytes_of(file))
    if as_json:
        print_json(checked.as_json())
    else:
        _print(checked)
    if checked.laid.is_refused or checked.laid.bad:
        sys.exit(1)


def _print(checked: SelfCheck) -> None:
    for problem in checked.laid.problems:
        click.echo(problem_line(problem))
    for line in checked.lines:
        place = ", ".join(map(str, line.lines)) or "—"
        click.echo(
            f"{line.outcome}  {line.rule.id} {line.rule.title.both()}  "
            f"{line.subject_id}  {format_day(line.on_day)}  行 line {place}"
        )
        if line.breach is not None:
            click.echo(f"    {line.breach.calculation.both()}")
            for law in line.breach.basis:
                click.echo(f"    {law.document} {law.number} {law.article}".rstrip())
            click.echo(f"    {line.breach.cure.both()}")
        elif line.reason is not None:
            click.echo(f"    {line.reason.both()}")
    click.echo(
        f"违反 breaches {checked.breaches}  不能判定 undetermined {checked.undetermined}  "
        f"合规 compliant {checked.compliant}  错误 bad {checked.laid.bad}  "
        f"截止 as of {format_day(checked.laid.as_of)}  未保存任何内容 nothing was stored"
    )


COMMANDS: tuple[click.Command, ...] = (self_check,)
