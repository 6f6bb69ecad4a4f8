"""Commands of decisions that put names on public lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from feewatch.cli import decision_reports, procedure
from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.credit.decision_form import EXAMPLE
from feewatch.credit.decisions import STATUSES, Decision
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.lists import decision_corrections as corrections
from feewatch.services.lists import decision_pages as reading
from feewatch.services.lists import decisions
from feewatch.services.lists.decision_papers import read_form
from feewatch.services.lists.recalls import end_and_correct

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_NUMBER = click.argument("document", metavar="NUMBER")
_REASON = click.option("--reason", required=True, help="理由 / reason")
_EPILOG = "\b\nFILE 示例 / an example:\n" + "\n".join(f"  {line}" for line in EXAMPLE.split("\n"))


@click.group()
def decision() -> None:
    """行政决定：列入黑名单、信用黑名单或监管提示的依据 / decisions behind public list entries."""


@decision.command(epilog=_EPILOG)
@_FILE
@pass_session
def propose(session: Session, file: Path) -> None:
    """拟定一份决定的登记，待法制审核和批准 / propose a decision from a TOML file."""
    _propose(session, file, imported=False)


@decision.command(epilog=_EPILOG)
@_FILE
@click.option("--imported", is_flag=True, help="启用本系统之前已生效 / in force before feewatch")
@pass_session
def add(session: Session, file: Path, imported: bool) -> None:
    """登记启用本系统之前已生效的决定 / record a decision of before, reviewed and approved alike."""
    if not imported:
        raise InvalidInputError(
            "DECISION-IMPORTED",
            "新的决定用 decision propose；decision add 只登记启用前已生效的决定（--imported）",
            "new decisions: decision propose; decision add is for those of before (--imported)",
        )
    _propose(session, file, imported=True)


def _propose(session: Session, file: Path, *, imported: bool) -> None:
    form, papers = read_form(file)
    proposed = decisions.propose(
        session.app, form, papers, actor=session.user, imported=imported, file=file.name
    )
    click.echo(
        f"已拟定，待法制审核 / proposed, waits for legal review: {proposed.document} "
        f"{proposed.name} → {proposed.list} ({proposed.gravity})"
    )


def _step(name: str, take: Callable[..., list[Decision]], help_text: str) -> click.Command:
    """A command that takes one step with the decisions of a document."""

    def run(session: Session, document: str, reason: str) -> None:
        _show(take(session.app, document, actor=session.user, reason=reason))

    return _command(name, run, help_text, [pass_session, _NUMBER, _REASON])


def _ending(name: str, status: str, help_text: str) -> click.Command:
    """A command that ends the decisions of a document."""

    def end(session: Session, document: str, reason: str, on: Day, acceptance: str = "") -> None:
        ended, corrected = end_and_correct(
            session.app, document, status, on=on, reason=reason, actor=session.user,
            repair_number=acceptance,
        )  # fmt: skip
        for each in ended:
            click.echo(f"{status}: {each.document} {each.name} ({each.list})")
        for edition in corrected.published:
            if edition.document is not None:
                number = edition.document["number"]
                click.echo(f"{edition.district}: 更正版次 / correction edition {number}")
        if corrected.delayed is not None:
            click.echo(f"更正待发布 / the correction waits: {corrected.delayed.both()}", err=True)

    options: list[Callable[[Any], Any]] = [
        pass_session,
        _NUMBER,
        _REASON,
        click.option(
            "--on", type=DayParam(), default=today, show_default="today", help="生效日 / from"
        ),
    ]
    if status == "repaired":
        options.append(
            click.option(
                "--acceptance",
                metavar="TEXT",
                required=True,
                help="信用中国受理编号 / acceptance number of 信用中国",
            )
        )
    return _command(name, end, help_text, options)


def _command(
    name: str, run: Callable[..., None], help_text: str, options: list[Callable[[Any], Any]]
) -> click.Command:
    callback: Any = run
    for option in reversed(options):
        callback = option(callback)
    return click.command(name, help=help_text)(callback)


@decision.command()
@_NUMBER
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="更正后的值 / as it should read"
)
@click.option("--confirm", is_flag=True, help="第二人确认 / the second person confirms")
@click.option("--refuse", is_flag=True, help="第二人不予更正 / the second person refuses")
@_REASON
@pass_session
def correct(
    session: Session,
    document: str,
    changes: tuple[str, ...],
    confirm: bool,
    refuse: bool,
    reason: str,
) -> None:
    """笔误更正，须另一人确认 / correct a clerical error; another person confirms."""
    if confirm + refuse + bool(changes) != 1:
        raise InvalidInputError(
            "CORRECTION-KEYS",
            "--set、--confirm、--refuse 三者取一",
            "use one of --set, --confirm, --refuse",
        )
    app, user = session.app, session.user
    if changes:
        values = dict(_pair(each) for each in changes)
        done = corrections.ask_correction(app, document, values, actor=user, reason=reason)
        click.echo(f"待另一人确认 / waits for another person: {done.document} {done.name}")
        return
    done = corrections.confirm_correction(app, document, actor=user, reason=reason, accept=confirm)
    words = "已更正 / corrected" if confirm else "未予更正 / not corrected"
    click.echo(f"{words}: {done.document} {done.name}")


@decision.command("list")
@click.option("--status", type=click.Choice(list(STATUSES)), help="状态 / status")
@AS_JSON
@pass_session
def list_(session: Session, status: str | None, as_json: bool) -> None:
    """列出决定 / list decisions."""
    for row in reading.list_decisions(session.app, session.scope, status=status or ""):
        if as_json:
            print_json(row)
        else:
            fields = ("status", "class", "list", "document", "name", "publish_from", "last_day")
            click.echo("  ".join(str(row[name] or "—") for name in fields))


@decision.command()
@_NUMBER
@AS_JSON
@pass_session
def show(session: Session, document: str, as_json: bool) -> None:
    """一份决定及其经过 / a decision with its history."""
    for row in reading.get_decisions(session.app, session.scope, document):
        if as_json:
            print_json(row)
            continue
        for name, value in row.items():
            if name != "history":
                click.echo(f"{name}: {value if value not in (None, '') else '—'}")
        for event in row["history"]:
            click.echo(f"  {event['at']}  {event['actor']}  {event['change']}  {event['reason']}")


def _show(moved: list[Decision]) -> None:
    for each in moved:
        click.echo(f"{STATUSES[each.status].both()}: {each.document} {each.name} ({each.list})")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InvalidInputError(
            "CORRECTION-KEYS", f"{text} 应写作 KEY=VALUE", f"{text} must be KEY=VALUE"
        )
    return key.strip(), value.strip()


decision.add_command(_step("review", decisions.review, "法制审核通过 / legal review passed"))
decision.add_command(_step("approve", decisions.approve, "批准 / approve"))
decision.add_command(_step("refuse", decisions.refuse, "不予通过 / refuse a proposal"))
decision.add_command(_ending("change", "changed", "决定已变更 / the decision was changed"))
decision.add_command(_ending("revoke", "revoked", "决定已撤销 / the decision was revoked"))
decision.add_command(_ending("void", "void", "决定已确认无效 / the decision was found void"))
decision.add_command(_ending("repair", "repaired", "准予信用修复 / credit repair was granted"))
for _further in (*procedure.COMMANDS, *decision_reports.COMMANDS):
    decision.add_command(_further)

COMMANDS: tuple[click.Command, ...] = (decision,)
