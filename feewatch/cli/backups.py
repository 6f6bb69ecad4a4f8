"""Commands of safety copies: taking one, looking at one, putting one back."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.services.backup.container import Manifest
from feewatch.services.backup.restoring import Restored
from feewatch.services.backup.restoring import restore as put_back
from feewatch.services.backup.taking import back_up, verify_copy


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-keys", is_flag=True, help="连同密钥，文件须严加保管 / keys too: guard the file well"
)
@click.option("--verify", is_flag=True, help="只核对已有备份 / only look at a copy that is there")
@AS_JSON
@pass_session
def backup(session: Session, file: Path, with_keys: bool, verify: bool, as_json: bool) -> None:
    """备份为一个文件，运行中即可 / a safety copy in one file, while everything runs."""
    if verify:
        _show_copy(file, verify_copy(GivenFile().convert(file, None, None)), as_json)
        return
    taken = back_up(session.app, file, actor=session.actor, with_keys=with_keys)
    if with_keys:
        click.echo(
            f"注意：{taken.path} 内含签名密钥与登录密钥，得到它的人可以冒名发布；仅属主可读，"
            "请离线保管 / MIND: it holds the signing and log-in keys; whoever has it can publish "
            "in the office's name. Only its owner can read it: keep it offline",
            err=True,
        )
    for link in taken.links_left_out:
        click.echo(f"! 链接未备份 / a link is not in the copy: {link}", err=True)
    if as_json:
        print_json(taken.as_json())
        return
    _show_copy(file, taken.manifest, as_json)
    click.echo(f"{taken.size} bytes, SHA-256 {taken.sha256}")
    if not with_keys:
        click.echo(
            "密钥不在其中，请另存 var/keys / keys are not in it: keep var/keys apart "
            f"({len(taken.manifest.keys)})"
        )


@click.command()
@click.argument("file", type=GivenFile())
@click.option(
    "--force", is_flag=True, help="移开现有数据 / move aside what stands here, and say where"
)
@click.option(
    "--erasures", type=GivenFile(), help="另存的清除记录 / the file of erasures, kept elsewhere"
)
@AS_JSON
@pass_session
def restore(
    session: Session, file: Path, force: bool, erasures: Path | None, as_json: bool
) -> None:
    """恢复备份到空的安装 / put a safety copy into an empty installation, verified first."""
    session.close()  # nothing of what is replaced stays open
    restored = put_back(session.config, file, actor=session.actor, force=force, erasures=erasures)
    if as_json:
        print_json(restored.as_json())
    else:
        _show_restored(session, restored)


def _show_copy(file: Path, manifest: Manifest, as_json: bool) -> None:
    rows, places = sum(manifest.counts.values()), len(manifest.editions)
    if as_json:
        facts = manifest._asdict() | {"members": len(manifest.members), "file": str(file)}
        print_json(facts)
        return
    click.echo(
        f"完好 / whole: {file}  {manifest.made_at}  {manifest.kind} {manifest.revision}  "
        f"{rows} 行 / rows, {len(manifest.members)} 个文件 / files, "
        f"{places} 个地区的版次 / districts with editions"
    )


def _show_restored(session: Session, restored: Restored) -> None:
    said = restored.manifest
    click.echo(f"已恢复 / restored: {session.config.var}  ({said.made_at})")
    click.echo(
        f"{sum(restored.counts.values())} 行 / rows；{restored.good} 期与记录一致 / editions as on "
        f"record, {restored.signed} 个地区最新一期验签通过 / districts verified"
    )
    if restored.migrated:
        click.echo(f"已升级数据库 / migrated from {said.revision}")
    if restored.erased_again:
        click.echo(
            "备份之后清除过的数据随备份恢复，已再次清除 / what was erased after the copy was taken "
            f"came back with it and was erased again: {', '.join(restored.erased_again)}"
        )
    if restored.aside:
        click.echo(f"原有数据移至 / what stood here lies in {restored.aside}")
    for fault in restored.proof.faults[:10]:
        click.echo(f"! 审计 / audit: {fault.text.both()}", err=True)
    if restored.absent:
        click.echo(f"未在磁盘上的版次 / editions not on disk yet: {', '.join(restored.absent)}")
    if restored.missing:
        click.echo(
            f"! 缺少密钥 / keys missing: {', '.join(restored.missing)} → 放回 {session.config.var}"
            "/keys 的另存副本；确已丢失的：feewatch init 另建登录密钥，feewatch key init --lost "
            "另建签名密钥 / put your copy of var/keys back; where it is lost: feewatch init makes "
            "log-in keys, feewatch key init --lost a signing key",
            err=True,
        )
    click.echo("下一步 / next: feewatch doctor；feewatch audit verify")


COMMANDS: tuple[click.Command, ...] = (backup, restore)
