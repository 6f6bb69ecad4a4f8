"""``feewatch key``: signing keys, their days, what was revoked."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.publication.suites import ED25519_SUITE, SUITES
from feewatch.sealing.suites import AES_SUITE
from feewatch.sealing.suites import SUITES as FILE_SUITES
from feewatch.services.intake import file_keys
from feewatch.services.lists import keys as service
from feewatch.services.lists.publication import refresh_timestamps
from feewatch.services.lists.revocation import revoke_key


@click.group()
def key() -> None:
    """签名密钥 / signing keys."""


@key.command()
@click.option("--lost", is_flag=True, help="原密钥已丢失且无备份 / the old one is lost for good")
@pass_session
def init(session: Session, lost: bool) -> None:
    """建立签名密钥；已有公示版次时拒绝 / make the signing key; refused where editions exist."""
    service.require_keeper(session.app, session.named)
    click.echo(service.init_key(session.app, actor=session.actor, lost=lost))


@key.command()
@click.option(
    "--suite", type=click.Choice([*SUITES, *FILE_SUITES]),
    help="算法；签名算法首次使用即增设 / suite; the first of a suite of signature is added",
)  # fmt: skip
@click.option("--files", is_flag=True, help="文件密钥而非签名密钥 / the key of files instead")
@pass_session
def rotate(session: Session, suite: str | None, files: bool) -> None:
    """更换签名密钥或文件密钥 / replace the signing key, or the key by which files are encrypted."""
    service.require_keeper(session.app, session.named)
    suite = suite or (AES_SUITE if files else ED25519_SUITE)
    if suite not in (FILE_SUITES if files else SUITES):
        raise click.UsageError(f"--suite {suite} 不适用 / is of the other kind of key")
    if not files:
        click.echo(service.rotate_key(session.app, actor=session.actor, suite=suite))
        return
    click.echo(file_keys.rotate(session.app, actor=session.actor, suite=suite))
    click.echo(
        "请另存 files.key；旧文件用 feewatch files seal 重新加密 / keep a copy of files.key "
        "elsewhere; feewatch files seal encrypts older files anew",
        err=True,
    )


@key.command("list")
@AS_JSON
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """列出密钥、起止日期与吊销 / keys with their days and what was revoked."""
    signing = service.current_ids(session.app)
    for known in service.list_keys(session.app):
        row = service.key_json(known, signing)
        if as_json:
            print_json(row)
            continue
        state = "签名中 / signs" if row["signs"] else "已停用 / retired"
        if row["revoked_on"]:
            state = f"已吊销 / revoked {row['revoked_on']}: {row['reason']}"
        days = f"{row['valid_from'] or '…'} – {row['valid_until'] or '…'}"
        click.echo(f"{known.id}  {known.suite}  {days}  {state}")


@key.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="理由 / reason")
@click.option("--on", type=DayParam(), help="自该日起其签名不作数 / from this day it counts not")
@click.option(
    "--confirm", "confirmed", multiple=True, metavar="DISTRICT/NUMBER",
    help="核对无误、仍予确认的版次 / an edition that was checked and is stood by",
)  # fmt: skip
@pass_session
def revoke(
    session: Session, key_id: str, reason: str, on: Day | None, confirmed: tuple[str, ...]
) -> None:
    """吊销密钥 / trust a key no more; what is on record before that day stays good."""
    revoked = revoke_key(
        session.app, key_id, reason=reason, actor=session.user, on=on, confirmed=confirmed
    )
    refresh_timestamps(session.app, today())
    click.echo(
        f"已吊销 / revoked: {key_id} {format_day(revoked.on)}；"
        f"仍予确认的文件 / documents stood by: {revoked.stands_by}"
    )
    for edition in revoked.left_out:
        click.echo(f"KEY-LEFT-OUT: 不再确认的版次 / no longer stood by: {edition}", err=True)


@key.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--list", "as_list", is_flag=True, help="带日期的签名清单 / the signed list with days"
)
@click.option(
    "--suite", type=click.Choice(list(SUITES)), help="仅此算法（PEM）/ of this suite alone (PEM)"
)
@pass_session
def export(session: Session, file: Path | None, as_list: bool, suite: str | None) -> None:
    """导出公钥 / write the public keys (PEM, or the signed list) to FILE or stdout."""
    app = session.app
    content = service.export_list(app) if as_list else service.export_keys(app, suite)
    if file is None:
        click.echo(content.decode(), nl=False)
    else:
        file.write_bytes(content)


COMMANDS: tuple[click.Command, ...] = (key,)
