"""``feewatch clues``: clues on file, what officers make of them, answers for a hotline."""

from pathlib import Path

import click

from feewatch.cli.handed import print_handed
from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    DaysParam,
    Session,
    pass_session,
    print_json,
)
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.services.cases import clues as desk
from feewatch.services.cases import places
from feewatch.services.reports.handing_back import HOTLINE, days_late, write_answers
from feewatch.store.pages.places import WantedClues


@click.group("clues")
def clues() -> None:
    """线索 / clues: who is late, what became of them, answers to the hotline."""


@clues.command("list")
@click.option("--source", type=click.Choice(tuple(places.SOURCES)), help="来源 / source")
@click.option("--state", type=click.Choice(tuple(places.CLUE_STATES)), help="状态 / state")
@click.option("--overdue", is_flag=True, help="仅逾期未答复 / overdue without an answer alone")
@AS_JSON
@pass_session
def list_clues(
    session: Session, source: str | None, state: str | None, overdue: bool, as_json: bool
) -> None:
    """列出线索及逾期天数 / clues, with how many days each is late."""
    wanted = WantedClues(state or "", source or "", overdue_on=today() if overdue else None)
    number = 1
    while True:
        page = places.list_clues(session.app, session.scope, wanted, number).page
        for row in page.rows:
            late = days_late(row)
            if as_json:
                print_json(
                    {"clue": row.clue_no, "source": row.source, "district": row.district,
                     "state": row.state, "received_on": format_day(row.received_on),
                     "due_on": iso_or_none(row.due_on), "answered_on": iso_or_none(row.answered_on),
                     "days_late": late}
                )  # fmt: skip
            else:
                mark = f"  逾期 late {late}" if late else ""
                click.echo(
                    f"{row.clue_no}  {format_day(row.received_on)}  "
                    f"{places.CLUE_STATES[row.state].both()}{mark}"
                )
        if number >= page.last:
            return
        number += 1


@clues.command("act")
@click.argument("number")
@click.argument("act", type=click.Choice(desk.ACTS))
@click.option("--matter", type=int, help="事项号 / matter, for link and case")
@click.option("--answer", default="", help="答复内容，可回传 / what the sender is told")
@click.option("--on", "answered_on", type=DayParam(), help="答复日期 / day of the answer")
@click.option("--reason", required=True, help="理由 / why, kept on record")
@pass_session
def act(
    session: Session,
    number: str,
    act: desk.Act,
    matter: int | None,
    answer: str,
    answered_on: Day | None,
    reason: str,
) -> None:
    """并入、立案、不实、办结、重新核查 / link, case, unfounded, close, reopen."""
    case_number = desk.act_on_clue(
        session.app, number, act, actor=session.user, reason=reason, matter_id=matter,
        answered_on=answered_on, answer=answer,
    )  # fmt: skip
    click.echo(f"{number} {act} {case_number or ''}".rstrip())


@clues.command("answers")
@click.option("--days", type=DaysParam(), help="答复日期 / answered on these days")
@click.option(
    "--source", type=click.Choice(tuple(places.SOURCES)), default=HOTLINE, show_default=True
)
@click.option("--form", default="hotline-answers", show_default=True, help="回传格式 / form")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="输出 CSV，或以 .xlsx 结尾的工作簿 / CSV, or a workbook by its name",
)  # fmt: skip
@pass_session
def answers(
    session: Session, days: tuple[Day, Day] | None, source: str, form: str, out: Path
) -> None:
    """写出工单办理结果 / write the file of answers: number, result, day."""
    file = "xlsx" if out.suffix.lower() == ".xlsx" else "csv"
    done = write_answers(
        session.app, session.scope, days, actor=session.actor, file=file, form=form, source=source
    )
    print_handed(out, done)


COMMANDS: tuple[click.Command, ...] = (clues,)
