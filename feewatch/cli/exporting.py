"""``feewatch export`` and ``feewatch recheck``: the same rule book over Parquet, at any size."""

import os
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, AS_OF, DayParam, Session, pass_session, print_json
from feewatch.kernel.days import Day
from feewatch.services.check import exporting
from feewatch.services.check.recheck import (
    ENGINES,
    compare,
    open_export,
    require_comparable,
    start,
)
from feewatch.services.check.recheck import recheck as judge_again

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def export() -> None:
    """导出规则所用数据或判定 / what rules read, or what they find, as Parquet."""


@export.command()
@click.argument("folder", type=_FOLDER)
@AS_OF
@AS_JSON
@pass_session
def parquet(session: Session, folder: Path, as_of: Day, as_json: bool) -> None:
    """规则所用各表，含付款人明文，须严加保管 / the tables, payers in clear: guard them well."""
    done = exporting.export_tables(session.app, folder, as_of, actor=session.actor)
    if as_json:
        print_json(done.as_json())
        return
    click.echo(
        f"{done.folder}：{done.rows} 行，{done.parts} 个文件，其中新写 {done.written} 个 / "
        f"{done.rows} rows in {done.parts} files, {done.written} of them new"
    )


@export.command()
@click.argument("folder", type=_FOLDER)
@AS_OF
@AS_JSON
@pass_session
def findings(session: Session, folder: Path, as_of: Day, as_json: bool) -> None:
    """本机构数据库的逐项判定 / every outcome, judged in the office's own database."""
    found = exporting.export_findings(session.app, folder, as_of, actor=session.actor)
    _show(found, folder, as_json=as_json)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", "name", type=click.Choice(ENGINES), required=True, help="引擎 / engine")
@click.option("--out", type=_FOLDER, help="判定存放处 / where findings go (FOLDER/findings-ENGINE)")
@click.option(
    "--as-of", type=DayParam(), help="截止日，默认导出所载 / by default that of the export"
)
@click.option(
    "--compare", "other", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="与另一处判定逐行比对 / findings to compare with, row for row",
)  # fmt: skip
@click.option("--master", default="local[*]", show_default=True, help="Spark 主节点 / master")
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    help="DuckDB 线程 / threads",
)
@click.option(
    "--memory", "memory_mb", type=click.IntRange(100), metavar="MB",
    help="DuckDB 内存上限，其余存于磁盘 / the most it holds in memory, the rest on disk",
)  # fmt: skip
@AS_JSON
def recheck(
    folder: Path,
    name: str,
    out: Path | None,
    as_of: Day | None,
    other: Path | None,
    master: str,
    threads: int,
    memory_mb: int | None,
    as_json: bool,
) -> None:
    """以同一规则库重判导出的数据 / judge an export again, by the same rule book."""
    opened = open_export(folder)
    day = opened.as_of if as_of is None else as_of
    if other is not None:  # known before minutes of judging, not after
        require_comparable(other, opened.book, day)
    written = out or folder / f"findings-{name}"
    exporting.require_empty(written)
    # beside what it finds: where several machines work, all of them see it
    scratch = written.with_name(f".{written.name}.scratch")
    exporting.require_empty(scratch)
    engine = start(name, scratch, threads=threads, master=master, memory_mb=memory_mb)
    try:
        found = judge_again(opened, engine, written, day)
    finally:
        engine.close()
    _show(found, written, as_json=as_json)
    if other is not None:
        _compare(written, other, as_json=as_json)


def _show(found: dict[str, int], folder: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder), "findings": sum(found.values()), "rules": found})
        return
    total = sum(found.values())
    click.echo(f"{folder}：{len(found)} 条规则，{total} 项判定 / {total} outcomes")


def _compare(here: Path, there: Path, *, as_json: bool) -> None:
    differences = compare(here, there)
    if as_json:
        print_json({"equal": not differences, "rules": [each._asdict() for each in differences]})
    for each in differences if not as_json else ():
        click.echo(f"{each.rule}：仅此处 {each.here}，仅彼处 {each.there} / only here, only there")
        for row in each.shown:
            click.echo(f"  {row}")
    if not differences and not as_json:
        click.echo("逐行一致 / equal, row for row")
    if differences:
        raise SystemExit(1)


COMMANDS: tuple[click.Command, ...] = (export, recheck)
