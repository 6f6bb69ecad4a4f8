"""Commands of 双公示: decisions as the form in which they are handed in, and that they were."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, DayParam, DaysParam, Session, pass_session, print_json
from feewatch.credit.publicity import in_words
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.services.lists import decision_reports as service


@click.command()
@click.option("--period", type=DaysParam(), required=True, help="文书日期 / days of the documents")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="NAME.csv 或 NAME.xlsx / or NAME.xlsx")  # fmt: skip
@click.option("--unreported", is_flag=True, help="只含未报送的 / only what was not handed in")
@pass_session
def export(session: Session, period: tuple[Day, Day], out: Path, unreported: bool) -> None:
    """双公示：按期导出处罚决定 / decisions of a period in the form of publicity, CSV or XLSX."""
    wanted = service.WantedReports(*period, only_open=unreported)
    form = out.suffix.lstrip(".").lower()
    rows, parts = service.take_out(session.app, session.scope, wanted, form, actor=session.user)
    out.write_bytes(b"".join(parts))
    click.echo(f"{out}: {len(rows)}")
    for each in rows:
        if each.row.missing:
            click.echo(in_words(each.row).both(), err=True)


@click.command()
@click.argument("documents", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--on", type=DayParam(), default=today, show_default="today", help="报送日 / day")
@pass_session
def reported(session: Session, documents: tuple[str, ...], on: Day) -> None:
    """登记已报送 / say that decisions were handed in."""
    marked = service.mark_reported(session.app, documents, on, actor=session.user)
    click.echo(f"已登记报送 / on record as handed in: {marked} ({format_day(on)})")


@click.command()
@AS_JSON
@pass_session
def owed(session: Session, as_json: bool) -> None:
    """列出待报送的决定，先到期的在前 / decisions still to be handed in, the first due first."""
    for each in service.list_owed(session.app, session.scope):
        if as_json:
            print_json(service.report_json(each))
            continue
        late = "已逾期/overdue" if each.is_overdue else ""
        click.echo(
            f"{format_day(each.due or 0)}  {each.row.document}  {each.decision['name']}  {late}"
        )


COMMANDS: tuple[click.Command, ...] = (export, reported, owed)
