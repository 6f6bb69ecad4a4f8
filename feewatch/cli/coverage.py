"""Commands of the days for which registers are whole."""

import click

from feewatch.cli.session import AS_JSON, DaysParam, Session, pass_session, print_json
from feewatch.kernel.days import Day, format_day
from feewatch.services.people.countersigning import waits
from feewatch.services.registers import coverage_desk as desk
from feewatch.store.registers.coverage import REGISTERS


@click.group("coverage")
def coverage() -> None:
    """登记完整的日期 / days for which registers are whole, and by whose word."""


@coverage.command("list")
@click.argument("uscc")
@AS_JSON
@pass_session
def list_all(session: Session, uscc: str, as_json: bool) -> None:
    """一家机构的合同、消课登记覆盖的日期 / the days of an institution's registers."""
    for register in desk.list_coverage(session.app, session.scope, uscc):
        if as_json:
            print_json(register.as_json())
            continue
        click.echo(f"{register.register}  已核实 proven {_days(register.proven)}")
        click.echo(f"{register.register}  机构自报 institution alone {_days(register.own)}")
        for row in register.vouched:
            days = _days(((row.from_day, row.to_day),))
            click.echo(f"  {days}  {row.actor}  {row.reason}")


@coverage.command("confirm")
@click.argument("uscc")
@click.argument("register", type=click.Choice(REGISTERS))
@click.option("--days", type=DaysParam(), help="仅这些日期 / only these days")
@click.option("--reason", required=True, help="理由 / why, kept on record")
@AS_JSON
@pass_session
def confirm(
    session: Session,
    uscc: str,
    register: str,
    days: tuple[Day, Day] | None,
    reason: str,
    as_json: bool,
) -> None:
    """核实机构自报的登记覆盖 / let days that an institution declared count."""
    chosen, number = desk.vouch(
        session.app, uscc, register, actor=session.user, reason=reason, days=days
    )
    if as_json:
        told = [[format_day(day) for day in each] for each in chosen]
        print_json({"uscc": uscc, "register": register, "days": told, "waits": number})
    else:
        click.echo(_days(tuple(chosen)) + ("" if number is None else f"  {waits(number).both()}"))


def _days(ranges: tuple[tuple[Day, Day], ...]) -> str:
    return ", ".join("..".join(format_day(day) for day in each) for each in ranges) or "—"


COMMANDS: tuple[click.Command, ...] = (coverage,)
