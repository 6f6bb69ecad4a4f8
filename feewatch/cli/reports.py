"""``feewatch report``: what an office hands in."""

from collections.abc import Callable
from pathlib import Path

import click

from feewatch.casework.cases import STATES
from feewatch.cli.handed import print_handed
from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.money import group_yuan
from feewatch.services.reports import rectification
from feewatch.services.reports.handing_back import push_results, write_results
from feewatch.services.reports.issuing import issue_report
from feewatch.services.reports.period import (
    ReportPeriod,
    list_traced,
    period_of_days,
    period_of_month,
    read_report,
)
from feewatch.services.reports.period_document import report_document
from feewatch.services.reports.period_json import report_json, row_json
from feewatch.services.reports.rectification_files import (
    rectification_csv,
    rectification_workbook,
)
from feewatch.services.reports.wording import write_report
from feewatch.store.pages.rectification import WantedRows

_FROM = click.option("--from", "first", type=DayParam(), help="起始日 / first day")
_TO = click.option("--to", "last", type=DayParam(), help="截止日 / last day")
_STEP = click.option(
    "--step", type=click.Choice(rectification.STEPS_WITH_DAYS), default="open",
    show_default=True, help="以哪一步的日期计 / of which step the days are",
)  # fmt: skip
_DISTRICT = click.option("--district", default="", metavar="CODE", help="行政区划 / district")


@click.group("report")
def report() -> None:
    """整改台账、督导通报 / the ledger of rectification, the report of a period."""


@report.command("ledger")
@_FROM
@_TO
@_STEP
@_DISTRICT
@click.option("--state", type=click.Choice(list(STATES)), help="状态 / state")
@click.option("--overdue", is_flag=True, help="仅逾期 / overdue alone")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="输出 XLSX，或以 .csv 结尾的 CSV / workbook to write, or a CSV by its name",
)  # fmt: skip
@AS_JSON
@pass_session
def show_ledger(
    session: Session,
    first: Day | None,
    last: Day | None,
    step: str,
    district: str,
    state: str | None,
    overdue: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """整改台账 / the ledger of rectification, a matter a row."""
    days = rectification.period(first, last)
    wanted = WantedRows(days, step, district, state or "", overdue)
    scope = session.scope
    rows = rectification.list_rectification(session.app, scope, wanted)
    if out is not None:
        is_csv = out.suffix.lower() == ".csv"
        office = session.config.office.name
        _write(out, rectification_csv(rows) if is_csv else rectification_workbook(rows, office))
    for row in rows:
        if as_json:
            print_json(rectification.row_json(row))
        elif out is None:
            click.echo(_line(row))


@report.command("results")
@_FROM
@_TO
@_STEP
@_DISTRICT
@click.option("--form", default="platform-results", show_default=True, help="回传格式 / form")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="输出 CSV，或以 .xlsx 结尾的工作簿 / CSV, or a workbook by its name",
)  # fmt: skip
@pass_session
def write_results_file(
    session: Session,
    first: Day | None,
    last: Day | None,
    step: str,
    district: str,
    form: str,
    out: Path,
) -> None:
    """向平台回传：已下发督办的事项及结果 / what became of matters that were served."""
    wanted = WantedRows(rectification.period(first, last), step, district)
    file = "xlsx" if out.suffix.lower() == ".xlsx" else "csv"
    done = write_results(
        session.app, session.scope, wanted, actor=session.actor, file=file, form=form
    )
    print_handed(out, done)


@report.command("push")
@click.option("--district", required=True, metavar="CODE", help="行政区划 / district")
@click.option("--form", default="platform-results", show_default=True, help="回传格式 / form")
@pass_session
def push(session: Session, district: str, form: str) -> None:
    """推送处置结果给接收的订阅方 / owe the results to subscribers that take them."""
    number = push_results(session.app, district, actor=session.user, form=form)
    click.echo(f"{district} 第 {number} 次，待推送 / no. {number}, sent by the scheduler")


def _of_period(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say of which days and of which district a report is."""
    month = click.option("--month", metavar="YYYY-MM", help="月份 / month")
    for option in (_DISTRICT, _TO, _FROM, month):
        command = option(command)
    return command


def _period(
    session: Session, month: str | None, first: Day | None, last: Day | None, district: str
) -> ReportPeriod:
    if (month is None) == (first is None or last is None):
        raise click.UsageError("--month, 或 / or --from --to")
    scope = session.scope
    if month is not None:
        return period_of_month(scope, month, district)
    assert first is not None  # checked
    assert last is not None
    return period_of_days(scope, first, last, district)


@report.command("monthly")
@_of_period
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="输出 DOCX / document to write"
)
@AS_JSON
@pass_session
def show_report(
    session: Session,
    month: str | None,
    first: Day | None,
    last: Day | None,
    district: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """督导通报 / the report of a month, or of the days --from --to."""
    period = _period(session, month, first, last, district)
    found = read_report(session.app, period)
    office, places = session.config.office.name, session.config.places
    if out is not None:
        _write(out, report_document(found, office, places, today()))
    if as_json:
        print_json(report_json(found, office, places))
    if as_json or out is not None:
        return
    for section in write_report(found, places):
        click.echo(f"【{section.title.both()}】")
        click.echo(f"{section.text.zh}\n{section.text.en}")


@report.command("issue")
@_of_period
@AS_JSON
@pass_session
def issue(
    session: Session,
    month: str | None,
    first: Day | None,
    last: Day | None,
    district: str,
    as_json: bool,
) -> None:
    """出具并存档通报 / issue the report of a period and keep it as it is."""
    actor = session.user
    key = issue_report(session.app, _period(session, month, first, last, district), actor=actor)
    if as_json:
        print_json({"report": key})
    else:
        click.echo(f"通报 {key} 已出具 / report {key} issued")


@report.command("trace")
@click.argument("figure")
@_of_period
@AS_JSON
@pass_session
def trace(
    session: Session,
    figure: str,
    month: str | None,
    first: Day | None,
    last: Day | None,
    district: str,
    as_json: bool,
) -> None:
    """一个指标所计的各行 / the rows that a figure counts."""
    period = _period(session, month, first, last, district)
    for row in list_traced(session.app, period, figure):
        if as_json:
            print_json(row_json(row))
        else:
            words = [row.kind, row.key, row.district, row.on or "—", row.name or "—"]
            click.echo("  ".join([*words, *row.words.values(), str(row.amount or "")]).rstrip())


def _line(row: rectification.RectificationRow) -> str:
    amount = "" if row.sum_fen is None else f"  {group_yuan(row.sum_fen)} 元 / yuan"
    head = f"{row.number}  M{row.matter_id}  {row.institution.zh}  {row.title.zh}{amount}"
    deadline = f"  期限 / deadline {iso_or_none(row.deadline)}" if row.deadline else ""
    return f"{head}  {rectification.progress(row).both()}{deadline}"


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {path}", f"cannot write {path}: {fault.strerror}"
        ) from None


COMMANDS: tuple[click.Command, ...] = (report,)
