"""``feewatch selfreport``: what institutions confirm each quarter of what the office holds."""

import json
from pathlib import Path
from typing import Any

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.rounds import self_reports as service
from feewatch.store.pages.scope import MAX_KEY


@click.group("selfreport")
def selfreport() -> None:
    """季度核对 / institutions confirm what is held of them."""


@selfreport.command("list")
@click.option("--quarter", default="", help="季度，缺省上季度 / 2026Q2, by default the last one")
@click.option("--state", type=click.Choice(list(service.STATES)), help="状态 / state")
@AS_JSON
@pass_session
def list_asked(session: Session, quarter: str, state: str | None, as_json: bool) -> None:
    """各机构的核对状态 / who confirmed, who did not, and whose answers differ."""
    for each in service.list_asked(session.app, session.scope, quarter, state or ""):
        if as_json:
            print_json(service.asked_json(each))
        else:
            differs = f"  不符 {each.differs}" if each.differs else ""
            click.echo(f"{each.uscc}  {each.name}  {service.STATES[each.state].both()}{differs}")


@selfreport.command("show")
@click.argument("key", type=click.IntRange(1, MAX_KEY))
@pass_session
def show(session: Session, key: int) -> None:
    """一份核对，逐项（JSON）/ an answer line by line."""
    print_json(service.report_json(service.get_report(session.app, session.scope, key)))


@selfreport.command("form")
@pass_session
def form(session: Session) -> None:
    """本机构待核对的内容（JSON）/ what the own institution is asked to confirm."""
    print_json(service.own_json(service.read_own(session.app, session.scope)))


@selfreport.command("answer")
@click.argument("file", type=GivenFile())
@pass_session
def answer(session: Session, file: Path) -> None:
    """提交核对结果：{"seen": …, "lines": {"行": {"answer": …}}} / hand an answer in."""
    try:
        given: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise InvalidInputError("FILE", f"{file} 不是 JSON", f"{file} is no JSON") from fault
    key = service.respond(session.app, *service.read_answer(given), actor=session.user)
    click.echo(f"{key}")


COMMANDS: tuple[click.Command, ...] = (selfreport,)
