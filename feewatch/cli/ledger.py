"""``feewatch ledger``: the monthly ledger (科目余额表) of an institution."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.masking import mask_account
from feewatch.kernel.money import group_yuan
from feewatch.services.check.month_ledger import MonthLedger, read_month_ledger
from feewatch.services.check.month_ledger_json import ledger_json
from feewatch.services.check.month_ledger_workbook import (
    ACCOUNT_KINDS,
    UNKNOWN,
    days_in_words,
    ledger_workbook,
)

_TABLE = ("opening_fen", "received_fen", "recognised_fen", "refunded_fen", "closing_fen")


@click.command("ledger")
@click.argument("uscc")
@click.option("--month", required=True, metavar="YYYY-MM", help="月份 / month")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="输出 XLSX / workbook to write"
)
@AS_JSON
@pass_session
def show_ledger(session: Session, uscc: str, month: str, out: Path | None, as_json: bool) -> None:
    """科目余额表 / opening + received - recognised - refunded = closing, beside the bank."""
    ledger = read_month_ledger(session.app, session.scope, uscc, month)
    if out is not None:
        _write(
            out,
            ledger_workbook(ledger, sees_accounts=session.sees("accounts", uscc=ledger.facts.uscc)),
        )
    if as_json:
        print_json(ledger_json(ledger))
    else:
        click.echo("\n".join(_lines(ledger)))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {path}", f"cannot write {path}: {fault.strerror}"
        ) from None


def _lines(ledger: MonthLedger) -> list[str]:
    lines = [f"{ledger.facts.name} {ledger.facts.uscc} {ledger.month}"]
    lines.append("合同 / contract: 期初 + 增加 - 确认 - 退费 = 期末 / opening … closing")
    lines += [
        f"  {contract.contract_no}  {_equation([getattr(contract, name) for name in _TABLE])}"
        for contract in ledger.contracts
    ]
    lines.append(f"  合计 / total  {_equation([ledger.sum_of(name) for name in _TABLE])}")
    if ledger.unknown:
        lines.append(
            f"  其中消课金额未知，按未消课计 / consumption unknown, not consumed: {ledger.unknown}"
        )
    lines.append("账户 / account: 期初 + 收入 - 支出 = 期末 / opening + in - out = closing")
    for account in ledger.accounts:
        figures = account.opening_fen, account.in_fen, account.out_fen, account.closing_fen
        name = f"{ACCOUNT_KINDS[account.kind].both()} {mask_account(account.account_no)}"
        lines.append("  {}  {} + {} - {} = {}".format(name, *map(_yuan, figures)))
        if account.missing:
            lines.append(f"    未覆盖 / not covered: {days_in_words(account.missing)}")
        if account.difference_fen:
            lines.append(f"    差额 / difference {_yuan(account.difference_fen)}")
    share = f"  {ledger.outside_share}" if ledger.outside_share else ""
    lines.append(f"未进收费专用账户 / outside the fee accounts: {_yuan(ledger.outside_fen)}{share}")
    return lines


def _equation(figures: list[int]) -> str:
    return "{} + {} - {} - {} = {}".format(*map(group_yuan, figures))


def _yuan(fen: int | None) -> str:
    return UNKNOWN.both() if fen is None else group_yuan(fen)


COMMANDS: tuple[click.Command, ...] = (show_ledger,)
