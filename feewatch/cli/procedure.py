"""Commands of the procedure around decisions: notices, what is said of them, what is answered."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, DayParam, GivenFile, Session, pass_session, print_json
from feewatch.credit.advance_notice import STATES as NOTICE_STATES
from feewatch.credit.notice_form import EXAMPLE
from feewatch.credit.objections import KINDS, OUTCOMES, STATES
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.intake.proofs import Proof
from feewatch.services.lists import advance_notices, decision_objections, procedure
from feewatch.services.lists.decision_pages import find_key, find_last_correction
from feewatch.store.lists.objections import About
from feewatch.store.pages.scope import MAX_KEY

_KEY = click.argument("key", metavar="ID", type=click.IntRange(1, MAX_KEY))
_REASON = click.option("--reason", required=True, help="理由或内容 / reason, or what is said")
_FILES = click.option(
    "--file", "paths", multiple=True, type=GivenFile(),
    help="附件，可重复 / a file, may be repeated",
)  # fmt: skip
_EPILOG = "\b\nFILE 示例 / an example:\n" + "\n".join(f"  {line}" for line in EXAMPLE.split("\n"))


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@AS_JSON
@pass_session
def notice(session: Session, file: Path, as_json: bool) -> None:
    """登记已送达的事先告知书，机构即可陈述申辩 / put a served notice before a decision on file."""
    form, papers = advance_notices.read_notice_file(file)
    key = advance_notices.put_on_file(session.app, form, papers, actor=session.user, file=file.name)
    row = procedure.get_notice_procedure(session.app, session.scope, key).notice
    shown = procedure.notice_json(row)
    if as_json:
        print_json(shown)
    else:
        click.echo(
            f"已登记 / on file: {key}  {shown['number']}  {shown['name']}  "
            f"陈述申辩至 / until {shown['defend_until']}"
        )


@click.command()
@click.option("--state", type=click.Choice(list(NOTICE_STATES)), help="状态 / state")
@AS_JSON
@pass_session
def notices(session: Session, state: str | None, as_json: bool) -> None:
    """列出事先告知 / list notices before decisions."""
    for row in procedure.list_all_notices(session.app, session.scope, state or ""):
        if as_json:
            print_json(row)
        else:
            fields = ("id", "state", "defend_until", "number", "name")
            click.echo("  ".join(str(row[name]) for name in fields))


@click.command()
@_KEY
@_REASON
@pass_session
def drop(session: Session, key: int, reason: str) -> None:
    """不再处理一份事先告知 / end a notice without a decision."""
    advance_notices.drop(session.app, key, actor=session.user, reason=reason)
    click.echo(f"{key}: {NOTICE_STATES['dropped'].both()}")


@click.command("object")
@click.argument("number", metavar="NUMBER")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="种类 / kind")
@click.option("--correction", is_flag=True, help="针对最近一次更正 / against the last correction")
@click.option("--on", "received_on", type=DayParam(), help="收到日（书面）/ received on paper on")
@_REASON
@_FILES
@pass_session
def object_(
    session: Session,
    number: str,
    kind: str,
    correction: bool,
    received_on: Day | None,
    reason: str,
    paths: tuple[Path, ...],
) -> None:
    """对事先告知或决定提出申辩、听证申请、异议 / speak against a notice or a decision.

    NUMBER: 事先告知书或决定书的文号 / of the notice or of the document.
    """
    key = decision_objections.object_to(
        session.app, _about(session, number, correction=correction), kind, reason, _read(paths),
        actor=session.user, received_on=received_on,
    )  # fmt: skip
    click.echo(f"已登记 / on record: {key}")


@click.command()
@_KEY
@_REASON
@pass_session
def withdraw(session: Session, key: int, reason: str) -> None:
    """撤回尚未答复的申辩或异议 / take back what is not answered yet."""
    decision_objections.withdraw(session.app, key, actor=session.user, reason=reason)
    click.echo(f"{key}: {STATES['withdrawn'].both()}")


@click.command()
@click.option("--state", type=click.Choice(list(STATES)), help="状态 / state")
@AS_JSON
@pass_session
def objections(session: Session, state: str | None, as_json: bool) -> None:
    """列出陈述申辩、听证申请和异议 / list what was said, what waits first."""
    for row in procedure.list_all_objections(session.app, session.scope, state or ""):
        if as_json:
            print_json(row)
        else:
            late = "逾期提出/late" if row["is_late"] else "按期/in time"
            about = row["number"] or row["document"]
            fields = (row["id"], row["state"], row["kind"], late, row["answer_due"], about)
            click.echo("  ".join(str(field) for field in (*fields, row["name"])))


@click.command()
@_KEY
@click.argument("outcome", type=click.Choice(list(OUTCOMES)))
@_REASON
@click.option("--on", "hearing_on", type=DayParam(), help="听证日（准予听证）/ day of the hearing")
@_FILES
@pass_session
def answer(
    session: Session,
    key: int,
    outcome: str,
    reason: str,
    hearing_on: Day | None,
    paths: tuple[Path, ...],
) -> None:
    """答复一项申辩、听证申请或异议 / answer what was said."""
    decision_objections.answer(
        session.app, key, outcome, reason, _read(paths), actor=session.user, hearing_on=hearing_on
    )
    click.echo(f"{key}: {OUTCOMES[outcome].both()}")


def _about(session: Session, number: str, *, correction: bool) -> About:
    """The open notice of a number, else the latest decision of it.

    Raises: NotFoundError, InvalidInputError.
    """
    rows = procedure.list_all_notices(session.app, session.scope, "open")
    keys = [row["id"] for row in rows if row["number"] == number]
    if keys and correction:
        raise InvalidInputError("OBJECTION-KIND", "事先告知没有更正", "a notice has no corrections")
    if keys:
        return About(keys[0])
    key = find_key(session.app, number)
    if key is None:
        raise NotFoundError("DECISION-UNKNOWN", f"没有 {number}", f"there is no {number}")
    if not correction:
        return About(decision_id=key)
    return About(decision_id=key, decision_correction_id=find_last_correction(session.app, key))


def _read(paths: tuple[Path, ...]) -> list[Proof]:
    return read_attachments((path.name, path.read_bytes()) for path in paths)


COMMANDS: tuple[click.Command, ...] = (
    notice, notices, drop, object_, withdraw, objections, answer,
)  # fmt: skip
