"""``feewatch dialects``: the bank layouts, a file tried against them, a new one from a sample."""

import sys
from pathlib import Path
from typing import Any

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.masking import mask_account
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.services.intake.receiving import list_files
from feewatch.statements.dialects import Dialect, load_dialects
from feewatch.statements.model import FileReading, Statement
from feewatch.statements.proposal import propose
from feewatch.statements.reading import read
from feewatch.statements.trial import as_table, trial_of

_FILE = click.argument("file", type=GivenFile())


@click.group()
def dialects() -> None:
    """银行版式 / bank layouts: list them, try a file, propose a new one."""


@dialects.command("list")
@AS_JSON
@pass_session
def list_layouts(session: Session, as_json: bool) -> None:
    """列出全部版式 / every layout, and whether a whole header of the bank was seen."""
    for layout in _layouts(session):
        if as_json:
            print_json(
                {
                    "dialect": layout.id,
                    "title": layout.title.both(),
                    "proven": layout.proven,
                    "source": layout.source,
                }
            )
        else:
            click.echo(f"{layout.id:14} {_proven(layout)}  {layout.title.both()}")


@dialects.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--dialect", help="指定版式 / this layout instead of the likeliest one")
@AS_JSON
@pass_session
def test(session: Session, file: Path, dialect: str | None, as_json: bool) -> None:
    """试读文件，不入库 / which layout fits a file and what comes out; stores nothing.

    FILE 为文件夹时逐个试读并列表 / of a folder, a table of what each file would come to.
    """
    layouts = _layouts(session)
    if file.is_dir():
        _test_folder(file, layouts, dialect, as_json)
        return
    reading = read(file.read_bytes(), file.name, layouts, dialect)
    if as_json:
        print_json(_as_json(reading))
    else:
        _print_reading(reading, {each.id: each for each in layouts})
    if reading.problems or any(each.faults for each in reading.statements):
        sys.exit(1)


def _test_folder(folder: Path, layouts: list[Dialect], dialect: str | None, as_json: bool) -> None:
    trials = [
        trial_of(name, read(path.read_bytes(), name, layouts, dialect))
        for path, name in list_files([folder])
    ]
    if as_json:
        for trial in trials:
            print_json(trial.as_json())
    else:
        click.echo(as_table(trials))
    if any(trial.quarantined or trial.rejected for trial in trials):
        sys.exit(1)


@dialects.command()
@_FILE
@click.option("--id", "dialect_id", default="my-bank", show_default=True, help="版式名 / its id")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写入 / write here")
def new(file: Path, dialect_id: str, out: Path | None) -> None:
    """由样本建议版式文件 / propose a layout file from a sample's header."""
    proposed = propose(file.read_bytes(), dialect_id)
    if isinstance(proposed, Problem):
        raise InvalidInputError(proposed.code, proposed.message.zh, proposed.message.en)
    if out is None:
        click.echo(proposed, nl=False)
        return
    if out.exists():
        raise ConflictError("FILE-EXISTS", f"{out} 已存在", f"{out} exists already")
    out.write_text(proposed, encoding="utf-8")
    click.echo(f"已写入 / written: {out}")


def _layouts(session: Session) -> list[Dialect]:
    config = session.config
    return load_dialects([config.resolve(each) for each in config.dialects.folders])


def _proven(dialect: Dialect) -> str:
    return "已证实 proven  " if dialect.proven else "未证实 unproven"


def _as_json(reading: FileReading) -> dict[str, Any]:
    return {
        "dialect": reading.dialect,
        "header": reading.header,
        "statements": [
            {
                "n": statement.n,
                "account": mask_account(statement.account_no),
                "currency": statement.currency,
                "period": [format_day(statement.from_day), format_day(statement.to_day)],
                "entries": len(statement.rows),
                "opening_fen": statement.opening_fen,
                "closing_fen": statement.closing_fen,
                "faults": [fault.problem.as_json() for fault in statement.faults],
                "notes": [note.as_json() for note in statement.notes],
            }
            for statement in reading.statements
        ],
        "problems": [problem.as_json() for problem in reading.problems],
    }


def _print_reading(reading: FileReading, layouts: dict[str, Dialect]) -> None:
    if reading.dialect is None:
        click.echo("没有相符的版式 / no layout fits")
    elif reading.dialect in layouts:
        layout = layouts[reading.dialect]
        click.echo(f"{layout.id}  {_proven(layout).rstrip()}  {layout.title.both()}")
        click.echo(f"表头 header {reading.header}")
    else:
        click.echo(reading.dialect)
    for problem in reading.problems:
        _print_problem(problem)
    for statement in reading.statements:
        _print_statement(statement)


def _print_statement(statement: Statement) -> None:
    click.echo(
        f"{mask_account(statement.account_no)}  {statement.currency}  "
        f"{format_day(statement.from_day)}..{format_day(statement.to_day)}  "
        f"{len(statement.rows)} 笔 entries  "
        f"{_yuan(statement.opening_fen)} → {_yuan(statement.closing_fen)}  {_verdict(statement)}"
    )
    for fault in statement.faults:
        _print_problem(fault.problem)
    for note in statement.notes:
        _print_problem(note)


def _verdict(statement: Statement) -> str:
    if statement.faults:
        return "不符 does not tie"
    if statement.opening_fen is None:
        return "无余额，不能核对 no balance to prove it by"
    return "相符 ties"


def _print_problem(problem: Problem) -> None:
    place = "" if problem.line is None else f"第 {problem.line} 行 line {problem.line}: "
    click.echo(f"    {place}{problem.code}: {problem.message.both()}")


def _yuan(fen: int | None) -> str:
    return "-" if fen is None else format_yuan(fen)


COMMANDS: tuple[click.Command, ...] = (dialects,)
