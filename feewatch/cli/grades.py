"""Commands of 信用评价: computed, told, objected to, set by a person."""

from pathlib import Path
from typing import Any

import click

from feewatch.casework.answers import OUTCOMES
from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.credit.grades import NOT_GRADED, STATUSES, format_points
from feewatch.kernel.days import format_day
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists import (
    grade_files,
    grade_objections,
    grade_pages,
    grade_steps,
    grade_trial,
    grading,
)
from feewatch.store.pages.scope import MAX_KEY

_USCC = click.argument("uscc")
_PERIOD = click.option(
    "--period", metavar="2025", help="评价期 / period; default: the last one over"
)
_FILE = GivenFile()
_REASON = click.option("--reason", required=True, help="理由 / reason")
_SCHEME = click.option(
    "--scheme", "file", type=GivenFile(),
    help="试用的方案文件 / scheme to try",
)  # fmt: skip


@click.group("grades")
def grades() -> None:
    """信用评价 / grades of institutions."""


@grades.command()
@_PERIOD
@_SCHEME
@click.option("--dry-run", is_flag=True, help="只看，不留 / keep nothing")
@AS_JSON
@pass_session
def compute(
    session: Session, period: str | None, file: Path | None, dry_run: bool, as_json: bool
) -> None:
    """计算草稿，不告知、不公开 / drafts from decided and proven facts; tells nobody."""
    app = session.app
    if file is not None and not dry_run:
        raise click.UsageError("--scheme 只与 --dry-run 同用 / --scheme goes with --dry-run")
    if dry_run:
        scheme = grading.load_scheme(app, file) if file else grading.scheme_in_force(app)
        scope = session.scope
        done = grading.try_scheme(app, period, scheme=scheme, scope=scope)
    else:
        done = grading.compute(app, period, actor=session.user)
    for graded in done.graded:
        if as_json:
            print_json(grading.sheet_json(done, graded))
        else:
            standing, sheet = graded
            grade = sheet.grade or NOT_GRADED.both()
            points = format_points(sheet.points)
            click.echo(f"{standing.uscc}  {standing.name}  {points}  {grade}")
    if not as_json:
        kept = "  ".join(f"{name} {count}" for name, count in done.counts.items())
        click.echo(f"{done.period.name}  {done.scheme.id}  {len(done.graded)}  {kept}".rstrip())


@grades.command()
@click.argument("file", type=GivenFile())
@_PERIOD
@AS_JSON
@pass_session
def compare(session: Session, file: Path, period: str | None, as_json: bool) -> None:
    """另一方案会改变谁的等级 / whose grade the scheme of FILE would change, and why."""
    app = session.app
    other = grading.load_scheme(app, file)
    scope = session.scope
    trial = grade_trial.compare_schemes(app, other, period, scope=scope)
    if as_json:
        print_json(grade_trial.trial_json(trial))
        return
    for change in trial.changes:
        before, after = (
            (sheet.grade or NOT_GRADED.both()) if sheet else "—"
            for sheet in (change.before, change.after)
        )
        click.echo(f"{change.uscc}  {change.name}  {before} → {after}")
        for _, title, first, second in change.why:
            click.echo(f"  {title}: {format_points(first)} → {format_points(second)}")
    click.echo(
        f"{trial.period.name}: {trial.institutions} 家机构，{len(trial.changes)} 家等级不同 / "
        f"{len(trial.changes)} of {trial.institutions} institutions change"
    )


@grades.command()
@click.argument("uscc", required=False)
@_PERIOD
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="输出 XLSX，或以 .csv 结尾的 CSV / workbook to write, or a CSV by its name",
)  # fmt: skip
@AS_JSON
@pass_session
def show(
    session: Session, uscc: str | None, period: str | None, out: Path | None, as_json: bool
) -> None:
    """评价及下次检查日 / grades line by line, and when the next check is due."""
    app, scope = session.app, session.scope
    rows = grade_pages.list_grades(app, scope, period=period or "", uscc=uscc or "")
    if uscc and not rows:
        raise grade_pages.no_grade(uscc, period or "")
    if out is not None:
        grade_files.write_grades(out, rows, session.config.office.name)
    for row in rows:
        if uscc:
            file = grade_pages.get_grade_file(app, scope, uscc, row.grade["period"])
            if as_json:
                print_json(grade_pages.file_json(file))
            else:
                _echo_file(file)
        elif as_json:
            print_json(grade_pages.row_json(row))
        elif out is None:
            click.echo(_line(row))


@grades.command("red")
@AS_JSON
@pass_session
def red_(session: Session, as_json: bool) -> None:
    """信用红名单条件：谁符合，差哪一项 / who meets the conditions of credit_red."""
    scope = session.scope
    for standing in grade_pages.list_red(session.app, scope):
        if as_json:
            print_json(grade_pages.red_json(standing))
            continue
        lacking = [line.text.both() for line in standing.lines if not line.is_met]
        met = "符合 / met" if standing.is_red else "；".join(lacking)
        click.echo(f"{standing.uscc}  {standing.name}  {standing.grade}  {met}")


def _line(row: grade_pages.GradeRow) -> str:
    grade = row.grade
    shown = grade_pages.grade_of(grade) or NOT_GRADED.both()
    due = format_day(row.next_check.due) if row.next_check else "—"
    status = STATUSES[grade["status"]].both()
    points = format_points(grade["points"])
    waits = "  异议待答复 / objection" if row.is_waiting else ""
    fields = (grade["period"], grade["uscc"], grade["name"], points, shown, status, due)
    return "  ".join(fields) + waits


def _echo_file(file: grade_pages.GradeFile) -> None:
    click.echo(_line(file.row))
    for line in file.row.grade["lines"]:
        share = "" if line["percent"] == 100 else f" × {line['percent']}%"
        capped = "  (cap)" if line["capped"] else ""
        click.echo(
            f"  {line['on']}  {_both(line['title'])}  {_both(line['fact'])}  "
            f"{line['points']}{share} → {line['counted']}{capped}"
        )
    for missing in file.row.grade["missing"]:
        click.echo(f"  {_both(missing)}")
    for objection in file.objections:
        answer = objection["outcome"] and OUTCOMES[objection["outcome"]].both()
        click.echo(f"  异议 / objection {objection['id']}: {objection['text']} → {answer or '—'}")
    for event in file.events:
        change = f"{event['before']} → {event['after']}" if event["after"] else ""
        words = (event["at"], event["actor"], event["change"], change, event["reason"])
        click.echo("  " + "  ".join(word for word in words if word))


def _both(text: dict[str, str]) -> str:
    return f"{text['zh']} / {text['en']}"


@grades.command()
@click.argument("usccs", nargs=-1, metavar="[USCC]...")
@_PERIOD
@pass_session
def tell(session: Session, usccs: tuple[str, ...], period: str | None) -> None:
    """告知机构草稿，开始异议期 / tell institutions their drafts; the time to object begins."""
    told = grade_steps.tell_drafts(
        session.app, _name(session, period), usccs or None, actor=session.user
    )
    click.echo(f"已告知 / told: {len(told)}")


@grades.command("object")
@_USCC
@click.argument("files", nargs=-1, type=_FILE)
@_PERIOD
@click.option("--text", required=True, help="异议 / what is objected")
@pass_session
def object_(
    session: Session, uscc: str, files: tuple[Path, ...], period: str | None, text: str
) -> None:
    """登记机构书面提出的异议 / put an objection on record that came on paper."""
    key = grade_objections.record_grade_objection(
        session.app, uscc, _name(session, period), text, _read(files), actor=session.user
    )
    click.echo(f"异议 / objection {key}")


@grades.command()
@_USCC
@click.argument("objection", type=click.IntRange(1, MAX_KEY))
@click.argument("outcome", type=click.Choice(list(OUTCOMES)))
@click.argument("files", nargs=-1, type=_FILE)
@_PERIOD
@_REASON
@pass_session
def answer(
    session: Session,
    uscc: str,
    objection: int,
    outcome: str,
    files: tuple[Path, ...],
    period: str | None,
    reason: str,
) -> None:
    """答复异议 / answer an objection."""
    grade_objections.answer_grade_objection(
        session.app, uscc, _name(session, period), objection, outcome, reason, _read(files),
        actor=session.user,
    )  # fmt: skip
    click.echo(OUTCOMES[outcome].both())


@grades.command("set")
@_USCC
@click.argument("grade")
@_PERIOD
@click.option("--reason", default="", help="与计算结果不同的理由 / why other than computed")
@pass_session
def set_(session: Session, uscc: str, grade: str, period: str | None, reason: str) -> None:
    """评定等级 / set a grade; one that leads to a list waits for a second person."""
    status = grade_steps.set_grade(
        session.app, uscc, _name(session, period), grade, reason, actor=session.user
    )
    click.echo(f"{STATUSES[status].both()}: {uscc} {grade}")


@grades.command()
@_USCC
@click.argument("grade")
@_PERIOD
@_REASON
@pass_session
def correct(session: Session, uscc: str, grade: str, period: str | None, reason: str) -> None:
    """更正已评定的等级，须另一人复核 / correct a grade; a second person confirms."""
    name = _name(session, period)
    grade_steps.correct_grade(session.app, uscc, name, grade, reason, actor=session.user)
    click.echo(f"{STATUSES['proposed'].both()}: {uscc} {grade}")


@grades.command()
@_USCC
@_PERIOD
@click.option("--refuse", is_flag=True, help="不予同意 / refuse it")
@_REASON
@pass_session
def confirm(session: Session, uscc: str, period: str | None, refuse: bool, reason: str) -> None:
    """复核（另一人） / the second person confirms, or refuses."""
    status = grade_steps.confirm_grade(
        session.app, uscc, _name(session, period), reason, accept=not refuse, actor=session.user
    )
    click.echo(f"{STATUSES[status].both()}: {uscc}")


@grades.command()
@_USCC
@_PERIOD
@_REASON
@pass_session
def redraw(session: Session, uscc: str, period: str | None, reason: str) -> None:
    """退回草稿，重新计算和告知 / a draft again: to be computed and told anew."""
    name = _name(session, period)
    grade_steps.redraw(session.app, uscc, name, reason, actor=session.user)
    click.echo(f"{STATUSES['draft'].both()}: {uscc}")


def _name(session: Session, period: str | None) -> str:
    return grading.find_period(grading.scheme_in_force(session.app), period).name


def _read(files: tuple[Path, ...]) -> Any:
    return read_attachments((path.name, path.read_bytes()) for path in files)


COMMANDS: tuple[click.Command, ...] = (grades,)
