"""``feewatch rules pack|install|packs|rollback``: rule data that one office signs for others."""

from pathlib import Path

import click

from feewatch.cli.rules.lines import difference_json, difference_lines
from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.kernel.text import Text
from feewatch.publication.rule_pack import MOST_BYTES, too_large
from feewatch.services.packs import installing, making, standing
from feewatch.services.packs.trust import GivenKeys

_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")
_NAME = click.argument("name", metavar="NAME")
_STATES = {
    "tried": Text("仅预览，未安装", "only looked at, not installed"),
    "waiting": Text(
        "待另一人确认（rules confirm）后生效", "waits for a second person (rules confirm)"
    ),
    "installed": Text("已安装，下次检查起适用", "installed, in force from the next check on"),
}


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", required=True, help="名称，小写字母、数字、连字符 / small letters, digits")
@click.option("--version", required=True, help="版本，如 2026.12.1 / as 2026.12.1")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    help="存为，默认 NAME-VERSION.zip / by default NAME-VERSION.zip",
)  # fmt: skip
@AS_JSON
@pass_session
def pack(
    session: Session, folder: Path, name: str, version: str, out: Path | None, as_json: bool
) -> None:
    """把规则文件夹签成规则包 / a folder of rule data as one signed file, reviewed and tried."""
    made = making.make_pack(session.app, folder, name, version, actor=session.user)
    target = out or Path(f"{name}-{version}.zip")
    target.write_bytes(made.content)
    if as_json:
        told = {"file": str(target), "files": made.files, "scenarios": made.scenarios}
        print_json(made.head._asdict() | told)
        return
    click.echo(
        f"{target}：{made.files} 个文件，情形 {made.scenarios} 个均符合 / "
        f"{made.files} files, all of {made.scenarios} scenarios as they should be"
    )


@click.command()
@click.argument("file", type=GivenFile())
@click.option("--key", type=GivenFile(), help="签发机关的公钥，首次必须 / its issuer's public keys")
@click.option("--replace-key", is_flag=True, help="以此替换已记住的公钥 / in place of those kept")
@click.option("--revoked", type=GivenFile(), help="签发机关的吊销名单 / its list of revoked keys")
@click.option("--dry-run", is_flag=True, help="只看差异，不安装 / show what it changes, no more")
@AS_JSON
@pass_session
def install(
    session: Session,
    file: Path,
    key: Path | None,
    replace_key: bool,
    revoked: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """核验并安装规则包 / verify a pack, show what it changes, let it be in force."""
    if replace_key and key is None:
        raise click.UsageError("--replace-key 须与 --key 一起 / goes with --key")
    if file.stat().st_size > MOST_BYTES:
        raise too_large()
    given = GivenKeys(
        key.read_bytes() if key else None, revoked.read_bytes() if revoked else None, replace_key
    )
    done = installing.install(
        session.app, file.read_bytes(), given, actor=session.user, dry_run=dry_run
    )
    outlook = done.outlook
    if as_json:
        print_json(
            done.pack._asdict()
            | {
                "state": done.state,
                "replaced": done.replaced,
                "differences": [difference_json(each) for each in outlook.differences],
                "overridden": [difference_json(each) for each in outlook.overridden],
                "notes": [each._asdict() for each in outlook.notes],
            }
        )
        return
    click.echo("与现行规则相比 / against what is in force:")
    for each in outlook.differences:
        click.echo("\n".join(difference_lines(each)))
    if not outlook.differences:
        click.echo("没有差异 / no difference")
    if outlook.overridden:
        click.echo(
            "本机关（或其后的规则包）另有规定，包内以下内容不适用（包 → 现行）/ said otherwise by "
            "own folders or a later pack, which stay in force (pack → in force):"
        )
    for each in outlook.overridden:
        click.echo("\n".join(difference_lines(each)))
    for note in outlook.notes:
        click.echo(f"说明 / note: {note.both()}")
    click.echo(
        f"{done.pack.name} {done.replaced or '-'} → {done.pack.version}，{done.pack.office}"
        f"（{done.pack.key_id}）：{_STATES[done.state].both()}"
    )


@click.command()
@AS_JSON
@pass_session
def packs(session: Session, as_json: bool) -> None:
    """列出已安装的规则包 / packs in force, who issued them, what each replaced, what waits."""
    listed = standing.list_packs(session.config)
    for each in listed:
        if as_json:
            print_json(each.as_json())
        else:
            click.echo("\n".join(_lines(each)))
    if not listed and not as_json:
        click.echo("没有安装规则包 / no packs are installed")


def _lines(each: standing.PackStanding) -> list[str]:
    lines = []
    if each.pack is not None:
        one = each.pack
        lines.append(
            f"{one.name} {one.version}  {one.office} {one.district}  {one.issued_on}  "
            f"{one.key_id}  {one.since} {one.by}  （此前 / before: {each.replaced or '-'}）"
        )
    if not each.is_whole:
        lines.append("  磁盘上缺失或被改动 / missing on disk, or changed there")
    if each.is_key_revoked:
        lines.append("  签名密钥其后已吊销 / its key has been revoked since")
    if each.waiting is not None:
        act, version = each.waiting.act, each.waiting.pack.version
        lines.append(
            f"{each.name}  待确认 / waits: {act} {version}（{each.waiting.pack.by}）"
            f"{each.waiting.reason}"
        )
    return lines


@click.command()
@_NAME
@_REASON
@pass_session
def rollback(session: Session, name: str, reason: str) -> None:
    """退回规则包的上一版本 / go back to the version of before, or to none."""
    state, version = installing.roll_back(session.app, name, actor=session.user, reason=reason)
    if state == "waiting":
        click.echo(f"{name} → {version or '-'}：{_STATES['waiting'].both()}")
        return
    click.echo(f"{name}：已退回至 / back at {version or '（不再安装 / none）'}")


@click.command()
@_NAME
@_REASON
@pass_session
def confirm(session: Session, name: str, reason: str) -> None:
    """确认另一人提请的安装或退回 / confirm what another person asked for of a pack."""
    done = installing.confirm(session.app, name, actor=session.user, reason=reason)
    click.echo(f"{name} {done.pack.version} {done.act}：已确认 / confirmed")


@click.command()
@_NAME
@_REASON
@pass_session
def refuse(session: Session, name: str, reason: str) -> None:
    """不予安装或退回，或撤回自己的提请 / refuse it, or take back one's own."""
    done = installing.refuse(session.app, name, actor=session.user, reason=reason)
    click.echo(f"{name} {done.pack.version} {done.act}：未通过 / refused")


COMMANDS: tuple[click.Command, ...] = (pack, install, packs, rollback, confirm, refuse)
