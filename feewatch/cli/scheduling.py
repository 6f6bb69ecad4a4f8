"""Commands of the scheduler: the process, its state, pauses of its jobs; and what is wrong."""

import sys
from collections.abc import Sequence

import click

from feewatch.bootstrap import App
from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.complaints import Complaint
from feewatch.logs import logging_to
from feewatch.scheduler import run
from feewatch.services import timetable as service
from feewatch.services.cases.paper_register import list_spoilt
from feewatch.services.health.doctor import ExaminedPart, examine
from feewatch.services.jobs import JOB_TITLES
from feewatch.services.lists.overdue import list_overdue
from feewatch.services.machine import list_machine_complaints

_JOB = click.argument("job", required=False, default="", type=click.Choice(["", *JOB_TITLES]))
_REASON = click.option("--reason", required=True, help="理由，记录在案 / reason, goes on record")


@click.group(invoke_without_command=True)
@click.pass_context
def scheduler(ctx: click.Context) -> None:
    """定时任务进程 / the scheduler process: checks, editions, deadlines, pushes.

    任意多个进程可同时运行，持有租约者工作 / any number may run, the one with the lease works.
    """
    if ctx.invoked_subcommand is None:
        app = ctx.obj.app
        click.echo("定时任务已启动，Ctrl-C 结束 / scheduler running, Ctrl-C ends it", err=True)
        with logging_to(ctx.obj.config, "scheduler"):
            run(app)


@scheduler.command()
@_JOB
@_REASON
@pass_session
def pause(session: Session, job: str, reason: str) -> None:
    """暂停一项或全部任务 / begin a job, or all, no more until it is resumed."""
    service.pause(session.app, job, actor=session.user, reason=reason)
    click.echo(f"已暂停 / paused: {job or '全部 / all'}")


@scheduler.command()
@_JOB
@_REASON
@pass_session
def resume(session: Session, job: str, reason: str) -> None:
    """恢复 / begin it again; publications that were due meanwhile are made up in order."""
    service.resume(session.app, job, actor=session.user, reason=reason)
    click.echo(f"已恢复 / resumed: {job or '全部 / all'}")


@scheduler.command()
@AS_JSON
@pass_session
def status(session: Session, as_json: bool) -> None:
    """各项任务最近与下次运行 / what works, the last and next runs of each job."""
    timetable = service.read_timetable(session.app)
    if as_json:
        print_json(service.timetable_json(timetable))
        return
    click.echo(_lease_line(timetable))
    for state in timetable.jobs:
        last = f"{state.latest.due_at} {state.latest.status}" if state.latest else "—"
        following = f"{state.next[0]:%Y-%m-%d %H:%M:%S}" if state.next else "—"
        marks = "  已暂停 / paused" if state.pause else ""
        marks += f"  逾期 / overdue {state.overdue:%Y-%m-%d %H:%M}" if state.overdue else ""
        click.echo(f"{state.job:12} {state.line:16} {last:36} → {following}{marks}")
    _show(service.list_complaints(timetable))


@click.command()
@AS_JSON
@pass_session
def doctor(session: Session, as_json: bool) -> None:
    """有何不妥，如何处理 / what is wrong and how to mend it; exit 1 if anything is."""
    app = session.app
    parts = examine(app)
    is_well = all(part.is_well for part in parts)
    timetable = service.read_timetable(app)
    if as_json:
        print_json(
            {
                "scheduler": service.timetable_json(timetable),
                "papers": _papers_json(app),
                "decisions": {each.name: each.number for each in list_overdue(app)},
                "editions": _complaints_json(parts, "editions"),
                "machine": [each.as_json() for each in list_machine_complaints(app)],
                "checks": {part.name: _complaints_json(parts, part.name) for part in parts},
                "well": is_well,
            }
        )
    else:
        click.echo(_lease_line(timetable))
        last = [state.latest.due_at for state in timetable.jobs if state.latest]
        following = [state.next[0] for state in timetable.jobs if state.next]
        shown = f"{min(following):%Y-%m-%d %H:%M:%S}" if following else "—"
        click.echo(f"最近 / last {max(last, default='—')}，下次 / next {shown}")
        for part in parts:
            click.echo(f"{'✓' if part.is_well else '✗'} {part.title.both()}")
            _show(part.complaints)
    if not is_well:
        sys.exit(1)


def _papers_json(app: App) -> dict[str, object]:
    kept, spoilt = list_spoilt(app)
    return {"kept": kept, "spoilt": [number for number, _ in spoilt]}


def _complaints_json(parts: Sequence[ExaminedPart], name: str) -> list[dict[str, object]]:
    return [
        complaint.as_json() for part in parts if part.name == name for complaint in part.complaints
    ]


def _lease_line(timetable: service.Timetable) -> str:
    lease = timetable.lease
    if lease is None:
        return "定时任务从未运行 / the scheduler never ran"
    word = "运行中 / running" if timetable.is_alive else "已停 / stopped"
    beat = lease.beat_at or "—"
    return f"{word}: {lease.holder}, 租约 / lease {lease.number}, 心跳 / beat {beat}"


def _show(complaints: Sequence[Complaint]) -> None:
    for complaint in complaints:
        click.echo(f"! {complaint.text.both()} → {complaint.cure.both()}")


COMMANDS: tuple[click.Command, ...] = (scheduler, doctor)
