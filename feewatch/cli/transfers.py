"""Commands of 移送: a case handed to another department, its bundle, the receipt."""

from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
)
from feewatch.kernel.days import Day
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.transfers import answering, reading, sending
from feewatch.store.pages.scope import MAX_KEY

_KEY = click.argument("key", type=click.IntRange(1, MAX_KEY))
_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")


@click.group("transfers")
def transfers() -> None:
    """移送 / cases handed to another department, with evidence and receipt."""


@transfers.command("list")
@click.option("--state", type=click.Choice(tuple(reading.STATES)), default=None)
@AS_JSON
@pass_session
def list_all(session: Session, state: str | None, as_json: bool) -> None:
    """移送登记簿 / the register of transfers."""
    for row in reading.list_transfers(session.app, session.scope, state or ""):
        if as_json:
            print_json(reading.describe(row))
            continue
        click.echo(
            f"{row.id}  {row.number}  {row.case_number}  {row.from_department} → {row.unit}  "
            f"{reading.STATES[row.state].both()}"
        )


@transfers.command("send")
@click.argument("case")
@click.option("--to", type=click.Choice(tuple(DEPARTMENTS)), help="部门 / department")
@click.option("--unit", default="", help="受移送单位 / the unit, as the letter names it")
@_REASON
@pass_session
def send_case(session: Session, case: str, to: str | None, unit: str, reason: str) -> None:
    """移送案件 / hand a case to a department, or with --unit alone to one outside."""
    key = sending.send(session.app, case, to, actor=session.user, reason=reason, unit=unit)
    row = reading.get_transfer(session.app, session.scope, key)
    click.echo(f"已移送 / handed over: {key}  {row.number}  {row.unit}")


@transfers.command("bundle")
@_KEY
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@pass_session
def save_bundle(session: Session, key: int, out: Path) -> None:
    """证据包（ZIP）/ the signed evidence; feewatch verify FILE --key KEY checks it anywhere."""
    _, content = reading.load_bundle(session.app, session.scope, key)
    out.write_bytes(content)
    click.echo(f"{out}")


@transfers.command("receive")
@_KEY
@_REASON
@pass_session
def receive_case(session: Session, key: int, reason: str) -> None:
    """接收移送 / take a case over for your department."""
    number = answering.receive(session.app, key, actor=session.user, note=reason)
    click.echo(f"已接收 / taken over: {number}")


@transfers.command("return")
@_KEY
@_REASON
@pass_session
def return_case(session: Session, key: int, reason: str) -> None:
    """退回移送 / send a case back."""
    number = answering.send_back(session.app, key, actor=session.user, reason=reason)
    click.echo(f"已退回 / sent back: {number}")


@transfers.command("withdraw")
@_KEY
@_REASON
@pass_session
def withdraw_case(session: Session, key: int, reason: str) -> None:
    """撤回移送 / take a transfer back that waits."""
    number = answering.withdraw(session.app, key, actor=session.user, reason=reason)
    click.echo(f"已撤回 / taken back: {number}")


@transfers.command("receipt")
@_KEY
@click.argument("file", type=GivenFile())
@click.option("--by", required=True, help="签收单位和签收人 / who signed it, of which unit")
@click.option("--on", "day", type=DayParam(), required=True, help="签收日期 / day")
@click.option("--number", default="", help="回执文号 / its number")
@click.option("--returned", is_flag=True, help="退回 / it says that the case is sent back")
@_REASON
@pass_session
def record(
    session: Session,
    key: int,
    file: Path,
    by: str,
    day: Day,
    number: str,
    returned: bool,
    reason: str,
) -> None:
    """登记纸质回执 / record a receipt that came on paper."""
    try:
        proof = read_attachments([(file.name, file.read_bytes())])[0]
    except OSError as fault:
        raise InvalidInputError("FILE", f"无法读取 {file}", f"cannot read {file}") from fault
    receipt = answering.Receipt(by, day, number, proof, is_taken=not returned)
    case = answering.record_receipt(session.app, key, receipt, actor=session.user, reason=reason)
    click.echo(f"已登记 / on record: {case}")


COMMANDS: tuple[click.Command, ...] = (transfers,)
