"""``feewatch files``: how kept files are encrypted, and encrypting those that are not."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.services.intake import sealing


@click.group()
def files() -> None:
    """存档文件 / kept files: raw bank files, vouchers, attachments, papers."""


@files.command()
@AS_JSON
@pass_session
def status(session: Session, as_json: bool) -> None:
    """各密钥加密了多少文件、多少尚未加密 / how many files each key encrypts, how many are clear."""
    state = sealing.read_state(session.app)
    if as_json:
        print_json({"keys": state.by_key, "clear": state.clear, "unknown": state.unknown})
        return
    for number, (key, count) in enumerate(state.by_key.items()):
        use = "现用 / in use" if number == 0 else "旧 / earlier"
        click.echo(f"{key}  {count}  {use}")
    click.echo(f"未加密 / in clear: {state.clear}")
    click.echo(f"无法识别密钥 / key not known: {state.unknown}")


@files.command()
@click.option("--limit", type=click.IntRange(1), help="至多处理这么多 / at most so many")
@AS_JSON
@pass_session
def seal(session: Session, limit: int | None, as_json: bool) -> None:
    """用现用密钥加密尚未加密和旧密钥加密的文件 / encrypt clear files and those of earlier keys."""
    done = sealing.seal_kept(session.app, actor=session.actor, limit=limit)
    if as_json:
        print_json({"done": done.done, "left": done.left, "spoilt": list(done.spoilt)})
    else:
        click.echo(f"已加密 / encrypted: {done.done}；剩余 / left: {done.left}")
    for sha256 in done.spoilt:
        click.echo(f"RAW-FILE-CHANGED: 内容与收到时不同 / no longer what was received: {sha256}",
                   err=True)  # fmt: skip
    if done.spoilt:
        raise SystemExit(1)


COMMANDS: tuple[click.Command, ...] = (files,)
