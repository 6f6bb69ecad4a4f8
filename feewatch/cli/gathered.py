"""Commands of offices above and below each other: gathering editions, sending entries back."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.credit.lists import LISTS
from feewatch.publication.correction_notes import MOST_BYTES, OUTCOMES
from feewatch.services.province import answering, asking
from feewatch.services.province.visiting import Visit, take, visit
from feewatch.store.pages.scope import MAX_KEY

_KEY = click.argument("key", type=click.IntRange(1, MAX_KEY))
_REASON = click.option(
    "--reason", required=True, help="理由，随文送达 / why, as the other reads it"
)


@click.command()
@click.option("--district", default="", metavar="CODE", help="只此区划 / this district alone")
@AS_JSON
@pass_session
def gather(session: Session, district: str, as_json: bool) -> None:
    """汇集各区划已签名的版次；有未予接收的，退出码为 1 / gather the editions of districts.

    配置见 [[gathering.sources]] / as configured under [[gathering.sources]].
    """
    is_wrong = False
    if not session.app.config.gathering.sources and not as_json:
        click.echo("未配置来源，见 [[gathering.sources]] / no sources are configured")
    for done in visit(session.app, district, actor=session.actor):
        is_wrong = is_wrong or done.run.refused is not None or done.exchange.fault is not None
        if as_json:
            print_json(done.as_json())
        else:
            _show(done)
    if is_wrong:
        sys.exit(1)


def _show(done: Visit) -> None:
    run, exchange = done
    new = "、".join(str(number) for number in run.new) or "—"
    click.echo(f"{run.district}  新 / new: {new}  至第 {run.last} 期 / up to {run.last}")
    for number in exchange.pushed:
        click.echo(f"  已送达 / handed over: {number}")
    for number in exchange.answered:
        click.echo(f"  已答复 / answered: {number}")
    if run.refused is not None:
        where = f" {run.refused.number}" if run.refused.number else ""
        text = run.refused.fault.both()
        click.echo(f"{run.refused.code}: {run.district}{where} {run.refused.file} {text}", err=True)
    if exchange.fault is not None:
        click.echo(f"{run.district}: {exchange.fault.both()}", err=True)


@click.group("sent-back")
def sent_back() -> None:
    """退回更正 / entries of a district's lists that the office above asks it to correct."""


@sent_back.command("list")
@AS_JSON
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """提出和收到的更正请求 / requests made and received."""
    for row in asking.list_requests(session.app, session.scope):
        if as_json:
            print_json(answering.describe(row))
            continue
        outcome = OUTCOMES[row.outcome].both() if row.outcome else "待答复 / open"
        click.echo(
            f"{row.id}  {row.direction}  {row.number}  {row.district} "
            f"{LISTS[row.list].both()} {row.name}  {outcome}"
        )


@sent_back.command("ask")
@click.argument("district")
@click.argument("list_name", metavar="LIST", type=click.Choice(tuple(LISTS)))
@click.argument("who", metavar="USCC|NAME")
@click.option("--document", default="", help="决定的文号 / number of the decision")
@_REASON
@pass_session
def send(
    session: Session, district: str, list_name: str, who: str, document: str, reason: str
) -> None:
    """将已汇集的条目退回该区划核实更正 / send an entry back to the district that listed it."""
    entry = asking.find_entry_key(session.app, session.scope, district, list_name, who, document)
    key = asking.ask(session.app, entry, actor=session.user, reason=reason)
    row = asking.get_request(session.app, session.scope, key)
    click.echo(f"已提出 / made: {key}  {row.number}")


@sent_back.command("save")
@_KEY
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@pass_session
def save(session: Session, key: int, out: Path) -> None:
    """存为文件：提出的请求，或对收到的请求的答复 / the signed request, or the answer given."""
    row = asking.get_request(session.app, session.scope, key)
    out.write_bytes(asking.own_message(row))
    click.echo(f"{out}")


@sent_back.command("take")
@click.argument("file", type=GivenFile())
@pass_session
def take_file(session: Session, file: Path) -> None:
    """收取文件：请求或答复 / take in a signed request or answer that came as a file."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    number = take(session.app, content, actor=session.actor, scope=session.scope)
    click.echo(f"已收 / taken in: {number}")


@sent_back.command("answer")
@_KEY
@click.argument("outcome", type=click.Choice(tuple(OUTCOMES)))
@click.option("--edition", type=click.IntRange(1, MAX_KEY), help="更正的期号 / edition; the latest")
@_REASON
@pass_session
def give_answer(session: Session, key: int, outcome: str, edition: int | None, reason: str) -> None:
    """答复收到的请求 / answer a request: corrected in an edition, or it stands."""
    number = answering.answer(
        session.app, key, outcome, actor=session.user, reason=reason, edition=edition
    )
    click.echo(f"已答复 / answered: {number}")


COMMANDS: tuple[click.Command, ...] = (gather, sent_back)
