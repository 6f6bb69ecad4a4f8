"""Commands of subscribers: what they took, their secrets, pause and replay."""

import sys

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.lists import subscribers as service

_NAME = click.argument("name")
_REASON = click.option("--reason", required=True, help="理由 / reason")


@click.group()
def subscribers() -> None:
    """订阅方：版次推送给谁、取走了什么 / who editions are pushed to, and what they took."""


@subscribers.command("list")
@AS_JSON
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """列出订阅方；有未成功的推送时退出码为 1 / list subscribers; exit 1 if anything is wrong."""
    for state in service.list_subscribers(session.app):
        if as_json:
            print_json(state.as_json())
        else:
            click.echo(
                f"{state.name}  {state.address}  已取 / taken {state.taken}  待推 / waiting "
                f"{state.waiting}  失败 / failed {state.failed}  {state.last_error or ''}".rstrip()
            )
    faults = service.list_push_faults(session.app)
    for text in faults:
        click.echo(text.both(), err=True)
    if faults:
        sys.exit(1)


@subscribers.command()
@_NAME
@click.option("--asymmetric", is_flag=True, help="Ed25519（v1a），给出公钥 / tells a public key")
@click.option("--rotate", is_flag=True, help="更换，旧密钥并用到下次更换 / replace the present one")
@pass_session
def secret(session: Session, name: str, asymmetric: bool, rotate: bool) -> None:
    """生成签名密钥，只显示这一次 / make the secret; what it is verified by is shown this once."""
    told = service.renew_secret(
        session.app, name, actor=session.user, scheme="v1a" if asymmetric else "v1", rotate=rotate
    )
    click.echo(told)


@subscribers.command()
@_NAME
@_REASON
@pass_session
def pause(session: Session, name: str, reason: str) -> None:
    """暂停推送 / send nothing for now; what is owed waits."""
    service.pause(session.app, name, actor=session.user, reason=reason)
    click.echo(f"已暂停 / paused: {name}")


@subscribers.command()
@_NAME
@_REASON
@pass_session
def resume(session: Session, name: str, reason: str) -> None:
    """恢复推送 / send again."""
    service.resume(session.app, name, actor=session.user, reason=reason)
    click.echo(f"已恢复 / resumed: {name}")


@subscribers.command()
@_NAME
@click.option("--district", help="只此区划 / this district alone")
@click.option("--from", "first", type=click.IntRange(1), default=1, help="自第几期 / from no.")
@click.option("--to", "last", type=click.IntRange(1), help="到第几期 / up to no.")
@_REASON
@pass_session
def replay(
    session: Session, name: str, district: str | None, first: int, last: int | None, reason: str
) -> None:
    """重新推送，标识与首次相同 / send editions again, with the ids of the first time."""
    count = service.replay(
        session.app, name, actor=session.user, reason=reason, district=district, first=first,
        last=last,
    )  # fmt: skip
    click.echo(f"将重新推送 / sent again: {count}")


COMMANDS: tuple[click.Command, ...] = (subscribers,)
