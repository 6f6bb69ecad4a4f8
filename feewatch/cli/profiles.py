"""``feewatch profiles``: how other systems' exports are read as registers, and made-up samples."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.registers.importing import list_profiles
from feewatch.services.registers.templates import write_samples


@click.group()
def profiles() -> None:
    """列方案：怎样读其他系统的导出 / column profiles of other systems' exports."""


@profiles.command("list")
@AS_JSON
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """列出列方案，及是否经真实文件验证 / each profile, and whether a real file was tried."""
    for profile in list_profiles(session.config):
        if as_json:
            print_json(
                {"profile": profile.id, "kind": profile.kind, "title": profile.title.both(),
                 "proven": profile.proven, "source": profile.source.both()}
            )  # fmt: skip
        else:
            word = "已证实 proven  " if profile.proven else "未证实 unproven"
            click.echo(f"{profile.id:22} {profile.kind:13} {word}  {profile.title.both()}")


@profiles.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="覆盖同名文件 / overwrite files of the same name")
def samples(folder: Path, force: bool) -> None:
    """写出自制的样例文件 / write sample files, made by feewatch and marked so."""
    for path in write_samples(folder, overwrite=force):
        click.echo(str(path))


COMMANDS: tuple[click.Command, ...] = (profiles,)
