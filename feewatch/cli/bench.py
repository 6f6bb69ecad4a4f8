"""The command that runs benchmarks."""

from pathlib import Path

import click

from feewatch.bench import growth, record
from feewatch.bench import scale as scale_page
from feewatch.bench.catalogue import BENCHES, get_bench, result_of
from feewatch.bench.figures import Figure, rounded
from feewatch.cli.session import AS_JSON, print_json
from feewatch.kernel.errors import InvalidInputError

_REACHED = {None: "", True: "达标 reached", False: "未达标 NOT reached"}


@click.command()
@click.argument("name", required=False)
@click.option(
    "--scale", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True,
    help="规模，1 为全量 / fraction of the full size",
)  # fmt: skip
@click.option("--write", is_flag=True, help="记入 / record in benchmarks/ and docs/benchmarks.md")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False),
    help="存放测试数据，可再次使用 / keeps the world of the benchmark, to be used again",
)  # fmt: skip
@AS_JSON
def bench(name: str | None, scale: float, write: bool, folder: Path | None, as_json: bool) -> None:
    """可重复的基准测试 / reproducible benchmarks; without NAME, which there are."""
    if name is None:
        _list(as_json=as_json)
        return
    chosen = get_bench(name)
    if write:
        record.check_clone(Path.cwd())
    if folder is not None and not chosen.keeps_world:
        raise InvalidInputError(
            "BENCH-FOLDER", f"基准 {name} 不保存数据", f"the benchmark {name} keeps no world"
        )
    figures: list[Figure] = []
    is_broken_off = False
    try:
        for figure in chosen.run(scale, folder) if folder else chosen.run(scale):
            figures.append(figure)
            if not as_json:
                _print_figure(figure)
    except KeyboardInterrupt:  # some take hours: what was measured stands, and says so
        if not figures:
            raise
        is_broken_off = True
        click.echo("已中断，余下未测 / broken off, the rest was not measured", err=True)
    result = result_of(name, scale, figures, is_broken_off=is_broken_off)
    if as_json:
        print_json(result)
    else:
        click.echo("  ".join(f"{key}: {value}" for key, value in result["machine"].items()))
    if write:
        record.write(Path.cwd(), result)
        scale_page.write(Path.cwd())
        growth.write(Path.cwd())


def _list(*, as_json: bool) -> None:
    for name, bench in BENCHES.items():
        if as_json:
            print_json({"bench": name, "title": bench.title._asdict()})
        else:
            click.echo(f"{name:12} {bench.title.both()}")


def _print_figure(figure: Figure) -> None:
    target = "" if figure.target is None else f"  ({figure.target.side} {figure.target.value:g})"
    compared = ", ".join(f"{name} {rounded(value):,g}" for name, value in figure.of.items())
    if figure.value is None:
        click.echo(figure.name.both())
        return
    measured = f"{rounded(figure.value):,g} {figure.unit}".strip()
    reached = _REACHED[figure.is_reached]
    click.echo(f"{figure.name.both()}: {measured}{target}  {reached}\n    {compared}")


COMMANDS: tuple[click.Command, ...] = (bench,)
