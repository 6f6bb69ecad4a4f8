"""``feewatch bundle``: all that an office without network installs, in one folder."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, print_json
from feewatch.services.kit import make_kit


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--source", type=click.Path(exists=True, path_type=Path, file_okay=False),
    help="feewatch 源码文件夹，默认为运行中的 / source tree, by default the one that runs",
)  # fmt: skip
@AS_JSON
def bundle(folder: Path, source: Path | None, as_json: bool) -> None:
    """离线安装包：全部安装包及哈希 / wheels of everything with hashes, installed offline."""
    kit = make_kit(folder, source)
    if as_json:
        print_json(kit._asdict() | {"folder": str(kit.folder)})
        return
    click.echo(
        f"{kit.folder}：{kit.wheels} 个安装包，{kit.size / 1e6:.1f} MB / {kit.wheels} wheels\n"
        f"SHA256SUMS 的哈希，请另行告知 / its hash, to be given on another way: {kit.sums}"
    )


COMMANDS: tuple[click.Command, ...] = (bundle,)
