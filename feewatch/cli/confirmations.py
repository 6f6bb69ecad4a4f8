"""Commands of confirmations: what no bank stands by, samples, letters, answers."""

from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    DaysParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
)
from feewatch.kernel.days import Day, format_day
from feewatch.services.cases import confirmation_papers
from feewatch.services.intake import confirmations as desk
from feewatch.store.pages.scope import MAX_KEY

_FILE = GivenFile()
_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")


@click.group("confirmations")
def confirmations() -> None:
    """对账函 / letters that ask a bank to confirm what an institution handed in."""


@confirmations.command("list")
@AS_JSON
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """未核对的机构自报对账单和已发的对账函 / what no bank stands by yet, and the letters."""
    found = desk.read_desk(session.app, session.scope)
    for statement in found.unconfirmed:
        row, left = statement.row, [[format_day(day) for day in days] for days in statement.left]
        facts = {
            "id": row.id, "statement": statement.name, "uscc": row.uscc, "bank": row.bank,
            "account": row.account_no,
            "period": [format_day(row.from_day), format_day(row.to_day)],
            "unconfirmed": left,
        }  # fmt: skip
        if as_json:
            print_json(facts)
        else:
            days = ", ".join("..".join(each) for each in left)
            click.echo(f"{row.id}  {row.account_no}  {days}  {row.name}")
    for row in found.letters:
        if as_json:
            print_json(desk.get_letter(session.app, session.scope, row.number).as_json())
        else:
            click.echo(
                f"{row.number}  {row.bank}  {row.name}  待回函 asked {row.asked}  "
                f"待确认 proposed {row.proposed}  相符 agrees {row.agrees}  "
                f"不符 differs {row.differs}"
            )


@confirmations.command("draw")
@click.option(
    "--size", type=click.IntRange(1, MAX_KEY), required=True, help="抽取份数 / statements to draw"
)
@click.option("--seed", help="随机种子，缺省自动生成 / seed, made where none is given")
@_REASON
@AS_JSON
@pass_session
def draw(session: Session, size: int, seed: str | None, reason: str, as_json: bool) -> None:
    """随机抽取并生成对账函 / draw by chance and write the letters."""
    numbers = desk.draw(session.app, size, actor=session.user, reason=reason, seed=seed)
    confirmation_papers.make_letters(session.app, numbers, actor=session.user)
    _tell(session, numbers, as_json)


@confirmations.command("ask")
@click.argument("statements", nargs=-1, type=click.IntRange(1, MAX_KEY))
@click.option("--account", default="", help="账号，代替编号 / an account instead of ids")
@click.option("--days", type=DaysParam(), help="仅就这些日期 / only what they tell of these days")
@_REASON
@AS_JSON
@pass_session
def ask(
    session: Session,
    statements: tuple[int, ...],
    account: str,
    days: tuple[Day, Day] | None,
    reason: str,
    as_json: bool,
) -> None:
    """就选定的对账单或日期生成对账函 / letters about statements by id, or days."""
    if bool(statements) == bool(account):
        raise click.UsageError("STATEMENTS 或 --account，二者选一 / either ids or --account")
    numbers = desk.ask(
        session.app, statements, actor=session.user, reason=reason, account_no=account, days=days
    )
    confirmation_papers.make_letters(session.app, numbers, actor=session.user)
    _tell(session, numbers, as_json)


@confirmations.command("letter")
@click.argument("number")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@pass_session
def letter(session: Session, number: str, out: Path) -> None:
    """写出 DOCX，尚未制作的先制作 / write the letter as DOCX, made first where none stands."""
    person = session.person
    assert person is not None  # a deciding command
    if confirmation_papers.find_paper(session.app, person.scope, number) is None:
        confirmation_papers.make_letter(session.app, number, actor=session.user)
    out.write_bytes(confirmation_papers.load_document(session.app, person, number))
    click.echo(str(out))


@confirmations.command("answer")
@click.argument("number")
@click.argument("outcome", type=click.Choice(desk.OUTCOMES))
@click.argument("file", type=_FILE)
@click.option("--on", type=DayParam(), required=True, help="回函日 / day of the answer")
@click.option("--note", default="", help="说明 / what differs")
@click.option(
    "--item",
    "items",
    type=click.IntRange(1, MAX_KEY),
    multiple=True,
    help="第几项 / place in the letter",
)
@click.option("--days", type=DaysParam(), help="仅涉及这些日期 / the answer is about these days")
@AS_JSON
@pass_session
def answer(
    session: Session,
    number: str,
    outcome: str,
    file: Path,
    on: Day,
    note: str,
    items: tuple[int, ...],
    days: tuple[Day, Day] | None,
    as_json: bool,
) -> None:
    """登记银行回函 / put the bank's answer FILE on record."""
    status = desk.answer(
        session.app, number, outcome, actor=session.user, on=on, content=file.read_bytes(),
        note=note, items=items, days=days,
    )  # fmt: skip
    waiting = "，待另一名经办人确认 / waiting for a second officer" if status == "proposed" else ""
    if as_json:
        print_json({"number": number, "status": status})
    else:
        click.echo(status + waiting)


@confirmations.command("confirm")
@click.argument("number")
@AS_JSON
@pass_session
def confirm(session: Session, number: str, as_json: bool) -> None:
    """第二名经办人确认相符 / a second officer confirms that the bank agrees."""
    count = desk.confirm(session.app, number, actor=session.user)
    if as_json:
        print_json({"number": number, "status": "agrees", "statements": count})
    else:
        click.echo(f"agrees {count}")


def _tell(session: Session, numbers: list[str], as_json: bool) -> None:
    for number in numbers:
        if as_json:
            print_json(desk.get_letter(session.app, session.scope, number).as_json())
        else:
            click.echo(number)


COMMANDS: tuple[click.Command, ...] = (confirmations,)
