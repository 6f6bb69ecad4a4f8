"""The command that shows the product on a made-up district."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from feewatch.kernel.clock import start_at
from feewatch.logs import logging_to
from feewatch.services.demo import Demo, at_fault, run_demo, shown_at, silent
from feewatch.web.server import Server, open_doors
from feewatch.web.site import create_app

FOLDER = Path("var") / "demo"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True,
              help="端口 / port")  # fmt: skip
@click.option("--no-serve", is_flag=True, help="只汇报，不启动网站 / report only, serve nothing")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子 / seed")
def demo(port: int, no_serve: bool, seed: int) -> None:
    """演示：造一个地区，入库、检查、办案、发布 / a whole made-up district, from files to lists."""
    doors = [] if no_serve else open_doors("127.0.0.1", port)  # told at once where it is taken
    done = run_demo(Path.cwd() / FOLDER, seed, _progress if sys.stderr.isatty() else silent)
    _report(done)
    if not done.is_exact:
        sys.exit(1)
    if not no_serve:
        _show_log_ins(done, port)
        start_at(shown_at())
        with logging_to(done.app.config, "web"):
            Server(create_app(done.app), done.app.config.web, doors).run()


def _progress(label: str, items: Iterable[Any], length: int) -> Iterator[Any]:
    with click.progressbar(items, length=length, label=label, file=sys.stderr) as bar:
        yield from bar


def _report(done: Demo) -> None:
    world = done.world
    click.echo(
        f"{len(world.schools)} 家机构 / institutions, {world.contracts} 份合同 / contracts, "
        f"{world.entries} 笔流水 / bank entries"
    )
    files = ", ".join(f"{status} {count}" for status, count in sorted(done.files.items()))
    click.echo(f"对账单文件 / bank files: {files}")
    click.echo(f"案件 / cases: {', '.join(done.cases)}；名单期次 / editions: {done.editions}")
    click.echo(f"\n{'规则 / rule':<16}{'planted':>9}{'found':>9}{'missed':>9}{'spurious':>9}")
    for line in done.tallies:
        name = line.rule or "合计 / all"
        width = 16 - sum(ord(character) > 0x2E80 for character in name)
        click.echo(f"{name:<{width}}" + "".join(f"{count:>9}" for count in line[1:]))
    click.echo(
        f"\n每家有待办机构的待办事项中位数 / median open matters an institution with any: "
        f"{done.open_matters:g}"
    )
    for kind, identity in at_fault(done):
        click.echo(
            f"{kind}: {identity.rule} {identity.uscc} {identity.kind} {identity.id} {identity.on}",
            err=True,
        )


def _show_log_ins(done: Demo, port: int) -> None:
    click.echo(f"\nhttp://127.0.0.1:{port}/  用户与密码（仅显示一次）/ log-ins, shown once:")
    for person in done.log_ins:
        click.echo(f"  {person.name:<12}{person.role:<16}{person.password}")


COMMANDS: tuple[click.Command, ...] = (demo,)
